-- audit.sql - the trace of readings. Whoever opens a sealed value calls this first and opens nothing when it fails.

CREATE OR REPLACE FUNCTION audit.record_reading(table_name text, column_name text, row_id text, purpose text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO audit.reading (table_name, column_name, row_id, purpose)
    VALUES (record_reading.table_name, record_reading.column_name, record_reading.row_id, record_reading.purpose);
$$;
COMMENT ON FUNCTION audit.record_reading(text, text, text, text) IS 'Writes one audit.reading: who (session_user), when, which cell, why. Error 23514 when the purpose is empty, 23502 when something is missing.';
