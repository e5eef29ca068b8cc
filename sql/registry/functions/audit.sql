-- audit.sql - the trace of readings. Whoever opens a sealed value calls this first and opens nothing when it fails.

-- A person's reading is recorded in a transaction apart, which no rollback undoes. The daemon records its own where it commits before
-- anything is opened: as a statement of its own, not within a transaction block. A superuser's session needs no way around.
CREATE OR REPLACE FUNCTION audit.record_readings(table_name text, column_name text, row_ids text[], purpose text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_has_role(session_user, 'ekok_etl', 'MEMBER') AND NOT ekok.in_block() OR ekok.began_as_superuser() THEN
        INSERT INTO audit.reading (table_name, column_name, row_id, purpose)
        SELECT record_readings.table_name, record_readings.column_name, r, record_readings.purpose FROM unnest(row_ids) r;
    ELSE
        PERFORM ekok.apart('readings', ARRAY[record_readings.table_name, record_readings.column_name, record_readings.purpose] || row_ids);
    END IF;
END $$;
COMMENT ON FUNCTION audit.record_readings(text, text, text[], text) IS 'Writes an audit.reading for each row: who (session_user), when, which cell, why; they stay though the caller rolls back. Error 23514 when the purpose is empty, 23502 when something is missing, 53000 when it cannot be recorded now.';

CREATE OR REPLACE FUNCTION audit.record_reading(table_name text, column_name text, row_id text, purpose text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT audit.record_readings(table_name, column_name, ARRAY[row_id], purpose);
$$;
COMMENT ON FUNCTION audit.record_reading(text, text, text, text) IS 'One row of audit.record_readings.';

CREATE OR REPLACE FUNCTION audit.who_saw(citizen uuid, since timestamptz DEFAULT '-infinity')
RETURNS TABLE (at timestamptz, actor name, holder text, seen text, enrolment_id uuid, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.at, r.actor, a.holder, r.table_name || '.' || r.column_name, c.id, r.purpose
    FROM (SELECT citizen AS id UNION SELECT m.enrolment_id FROM registry.membership m WHERE m.person_id = citizen) c
    JOIN audit.reading r ON r.row_id = c.id::text AND r.at >= since
    LEFT JOIN access.account a ON a.login = r.actor
    ORDER BY r.at, r.id;
$$;
COMMENT ON FUNCTION audit.who_saw(uuid, timestamptz) IS 'Who saw this citizen, when, for what: every recorded reading of a person''s enrolments, or of the one enrolment whose id is given. seen: the cell; a star for the whole record without sealed values.';

CREATE OR REPLACE FUNCTION audit.seen_by(login name, since timestamptz DEFAULT '-infinity')
RETURNS TABLE (at timestamptz, seen text, row_id text, person_id uuid, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.at, r.table_name || '.' || r.column_name, r.row_id, m.person_id, r.purpose
    FROM audit.reading r LEFT JOIN registry.membership m ON m.enrolment_id = CASE WHEN r.table_name = 'registry.enrolment' AND r.row_id ~ '^[0-9a-f-]{36}$' THEN r.row_id::uuid END
    WHERE r.actor = seen_by.login AND r.at >= since
    UNION ALL SELECT x.at, array_to_string(x.tables, ', '), 'rows so far: ' || x.shown, NULL, x.purpose FROM audit.export x
    WHERE x.actor = seen_by.login AND x.at >= since
    ORDER BY 1;
$$;
COMMENT ON FUNCTION audit.seen_by(name, timestamptz) IS 'What this user looked at, when, for what: every recorded reading by the login, with the person it belongs to, and every thousand rows of people that a session of it was shown.';

CREATE OR REPLACE FUNCTION audit.rows_of(citizen uuid) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT citizen::text UNION SELECT m.enrolment_id::text FROM registry.membership m WHERE m.person_id = citizen;
$$;
COMMENT ON FUNCTION audit.rows_of(uuid) IS 'The ids under which readings of a person stand: its own and those of its enrolments; of an enrolment, its own.';

-- Told row by row, so that whoever holds them against the agent's trace need not let this server compare them.
CREATE OR REPLACE FUNCTION audit.readings(rows text[], login name, since timestamptz, until timestamptz)
RETURNS TABLE (at timestamptz, actor name, holder text, seen text, cell_row text, person_id uuid, purpose text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first timestamptz := coalesce(readings.since, '-infinity');
    last timestamptz := coalesce(readings.until, 'infinity');
    -- The agent knows what was set aside by the MAC that seals it, not by its number.
    set_aside text[] := CASE WHEN rows IS NOT NULL THEN ARRAY(SELECT q.id::text FROM etl.quarantine q WHERE encode(q.row_mac, 'hex') = ANY (rows)) END;
BEGIN
    RETURN QUERY
    SELECT r.at, r.actor, a.holder, r.table_name || '.' || r.column_name, coalesce(encode(q.row_mac, 'hex'), r.row_id), m.person_id, r.purpose
    FROM (SELECT x.* FROM audit.reading x WHERE rows IS NOT NULL AND x.row_id = ANY (rows || set_aside) AND x.at >= first AND x.at < last
          UNION ALL SELECT x.* FROM audit.reading x WHERE rows IS NULL AND x.actor = readings.login AND x.at >= first AND x.at < last
          UNION ALL SELECT x.* FROM audit.reading x WHERE rows IS NULL AND readings.login IS NULL AND x.at >= first AND x.at < last) r
    LEFT JOIN access.account a ON a.login = r.actor
    LEFT JOIN etl.quarantine q ON q.id = CASE WHEN r.table_name = 'etl.quarantine' AND r.row_id ~ '^[0-9]{1,18}$' THEN r.row_id::bigint END
    LEFT JOIN registry.membership m ON m.enrolment_id = CASE WHEN r.table_name = 'registry.enrolment' AND r.row_id ~ '^[0-9a-f-]{36}$' THEN r.row_id::uuid END
    UNION ALL
    SELECT x.at, x.actor, a.holder, array_to_string(x.tables, ', '), NULL, NULL, format('rows so far: %s', x.shown) || coalesce('; ' || x.purpose, '')
    FROM audit.export x LEFT JOIN access.account a ON a.login = x.actor WHERE x.actor = readings.login AND x.at >= first AND x.at < last
    ORDER BY 1;
END $$;
COMMENT ON FUNCTION audit.readings(text[], name, timestamptz, timestamptz) IS 'Recorded readings from a moment on until another (null: all): of these rows; or of a login when rows is null, with the many rows it was shown (cell_row null); or all when both are null. cell_row: the row as the key agent''s trace names it.';
