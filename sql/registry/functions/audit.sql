-- audit.sql - the trace of readings. Whoever opens a sealed value calls this first and opens nothing when it fails.

-- A person's reading is recorded in a transaction apart, which no rollback undoes. The daemon records its own where it commits before
-- anything is opened: as a statement of its own, not within a transaction block. A superuser's session needs no way around.
CREATE OR REPLACE FUNCTION audit.record_reading(table_name text, column_name text, row_id text, purpose text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_has_role(session_user, 'ekok_etl', 'MEMBER') AND NOT ekok.in_block() OR ekok.began_as_superuser() THEN
        INSERT INTO audit.reading (table_name, column_name, row_id, purpose)
        VALUES (record_reading.table_name, record_reading.column_name, record_reading.row_id, record_reading.purpose);
    ELSE
        PERFORM ekok.apart('readings', ARRAY[record_reading.table_name, record_reading.column_name, record_reading.purpose, record_reading.row_id]);
    END IF;
END $$;
COMMENT ON FUNCTION audit.record_reading(text, text, text, text) IS 'Writes one audit.reading: who (session_user), when, which cell, why; it stays though the caller rolls back. Error 23514 when the purpose is empty, 23502 when something is missing, 53000 when it cannot be recorded now.';

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
