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

-- Runs apart alone (access.do_apart): what it takes is gone from the server's memory when that transaction is committed.
CREATE OR REPLACE FUNCTION audit.collect_named() RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    collected bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok named', 0));
    INSERT INTO audit.named (at, actor, statement, read, purpose, ids)
    SELECT t.at, coalesce(t.actor, 'a role that is gone'), t.statement, t.read, t.purpose, t.ids FROM ekok.take_named() t;
    GET DIAGNOSTICS collected = ROW_COUNT;
    RETURN collected;
END $$;
COMMENT ON FUNCTION audit.collect_named() IS 'Brings what the server has noted of statements that read people into audit.named; how many. For access.do_apart.';

CREATE OR REPLACE FUNCTION audit.rows_of(citizen uuid) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT citizen::text UNION SELECT m.enrolment_id::text FROM registry.membership m WHERE m.person_id = citizen;
$$;
COMMENT ON FUNCTION audit.rows_of(uuid) IS 'The ids under which readings of a person stand: its own and those of its enrolments; of an enrolment, its own.';

-- Told row by row, so that whoever holds them against the agent's trace need not let this server compare them.
CREATE OR REPLACE FUNCTION audit.readings(rows text[], login name, since timestamptz, until timestamptz)
RETURNS TABLE (at timestamptz, actor name, holder text, seen text, cell_row text, person_id uuid, purpose text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first timestamptz := coalesce(readings.since, '-infinity');
    last timestamptz := coalesce(readings.until, 'infinity');
    -- The agent knows what was set aside by the MAC that seals it, not by its number.
    set_aside text[] := CASE WHEN rows IS NOT NULL THEN ARRAY(SELECT q.id::text FROM etl.quarantine q WHERE encode(q.row_mac, 'hex') = ANY (rows)
        UNION SELECT f.quarantine_id::text FROM etl.former_mac f WHERE encode(f.row_mac, 'hex') = ANY (rows)) END;
    people uuid[] := ARRAY(SELECT r::uuid FROM unnest(rows) r WHERE r ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');
BEGIN
    PERFORM ekok.apart('named', '{}');
    RETURN QUERY
    SELECT r.at, r.actor, a.holder, r.seen, coalesce(encode(coalesce(f.row_mac, q.row_mac), 'hex'), r.row_id), m.person_id, r.purpose
    FROM (SELECT x.at, x.actor, x.table_name || '.' || x.column_name AS seen, x.row_id, x.purpose FROM audit.reading x
          WHERE rows IS NOT NULL AND x.row_id = ANY (rows || set_aside) AND x.at >= first AND x.at < last
          UNION ALL SELECT x.at, x.actor, x.table_name || '.' || x.column_name, x.row_id, x.purpose FROM audit.reading x
          WHERE rows IS NULL AND (readings.login IS NULL OR x.actor = readings.login) AND x.at >= first AND x.at < last
          UNION ALL SELECT x.at, x.actor, format('list of %s', x.read), i::text, coalesce(x.purpose, 'none was said') FROM audit.named x CROSS JOIN unnest(x.ids) i
          WHERE readings.login IS NULL AND x.ids && people AND i = ANY (people) AND x.at >= first AND x.at < last
          UNION ALL SELECT x.at, x.actor, format('list of %s', x.read), CASE WHEN cardinality(x.ids) = 1 THEN x.ids[1]::text END, coalesce(x.purpose, 'none was said')
          FROM audit.named x WHERE x.actor = readings.login AND x.at >= first AND x.at < last
          UNION ALL SELECT x.at, x.actor, array_to_string(x.tables, ', '), 'rows so far: ' || x.shown, coalesce(x.purpose, 'none was said')
          FROM audit.export x WHERE x.actor = readings.login AND x.at >= first AND x.at < last) r
    LEFT JOIN access.account a ON a.login = r.actor
    LEFT JOIN etl.quarantine q ON q.id = CASE WHEN r.seen = 'etl.quarantine.sealed' AND r.row_id ~ '^[0-9]{1,18}$' THEN r.row_id::bigint END
    LEFT JOIN LATERAL (SELECT x.row_mac FROM etl.former_mac x WHERE x.quarantine_id = q.id AND x.until > r.at ORDER BY x.until LIMIT 1) f ON true
    LEFT JOIN registry.membership m ON m.enrolment_id = CASE WHEN r.row_id ~ '^[0-9a-f-]{36}$' THEN r.row_id::uuid END
    ORDER BY 1;
END $$;
COMMENT ON FUNCTION audit.readings(text[], name, timestamptz, timestamptz) IS 'Recorded readings from a moment on until another (null: all): of these rows, with the lists that they are named in; or by a login when rows is null, with its lists and the many rows it was shown; or, when both are null, all readings of cells. seen: the cell, a star for a whole record without sealed values, or "list of" how many rows the statement read. cell_row: the row as the key agent''s trace names it, null for a list of several.';

CREATE OR REPLACE FUNCTION audit.who_saw(citizen uuid, since timestamptz DEFAULT '-infinity')
RETURNS TABLE (at timestamptz, actor name, holder text, seen text, enrolment_id uuid, purpose text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.at, r.actor, r.holder, r.seen, r.cell_row::uuid, r.purpose
    FROM audit.readings(ARRAY(SELECT audit.rows_of(citizen)), NULL, since, NULL) r;
$$;

CREATE OR REPLACE FUNCTION audit.seen_by(login name, since timestamptz DEFAULT '-infinity')
RETURNS TABLE (at timestamptz, seen text, row_id text, person_id uuid, purpose text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.at, r.seen, r.cell_row, r.person_id, r.purpose FROM audit.readings(NULL, login, since, NULL) r;
$$;

COMMENT ON FUNCTION audit.who_saw(uuid, timestamptz) IS 'Who saw this citizen, when, for what: every recorded reading of a person''s enrolments, or of the one enrolment whose id is given, and every list whose first hundred it is in. seen: as audit.readings.';
COMMENT ON FUNCTION audit.seen_by(name, timestamptz) IS 'What this user looked at, when, for what: every recorded reading by the login, with the person it belongs to, every statement that read people within the scope, and every thousand rows of people that a session of it was shown.';
