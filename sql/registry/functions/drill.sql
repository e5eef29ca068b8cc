-- drill.sql - the book of drills: what is counted before a backup is restored, what the copy must then hold, how it ended.
-- Counts only: no value of any row leaves these functions.

CREATE OR REPLACE FUNCTION audit.begin_drill(host text, every interval) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
    counted record;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('repeatable read', 'serializable') THEN
        RAISE 'a drill begins in a transaction that sees one moment' USING ERRCODE = 'invalid_transaction_state',
            HINT = 'BEGIN ISOLATION LEVEL REPEATABLE READ first.';
    ELSIF every IS NULL OR every NOT BETWEEN interval '1 hour' AND interval '400 days' THEN
        RAISE 'drills are due every hour to every 400 days' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO audit.drill (host, snapshot, next_due) VALUES (begin_drill.host, pg_current_snapshot(), clock_timestamp() + every)
        RETURNING id INTO made;
    FOR counted IN SELECT format('%s.%s', n.nspname, c.relname) AS name, c.oid::regclass AS counted
                   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname IN ('registry', 'etl', 'audit', 'keyring', 'access') AND c.relkind IN ('r', 'p')
                     AND NOT c.relispartition AND NOT (n.nspname = 'audit' AND c.relname LIKE 'drill%') ORDER BY 1 LOOP
        EXECUTE format('INSERT INTO audit.drill_census SELECT %L, %L, count(*) FROM %s', made, counted.name, counted.counted);
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION audit.begin_drill(text, interval) IS 'Begins a drill on the named machine: counts the rows of every table as one moment sees them, and says when the next is due (1 hour to 400 days; error 22023). Returns its number. Wants REPEATABLE READ (error 25000). Reads every table once.';

CREATE OR REPLACE FUNCTION audit.compare_drill(drill bigint) RETURNS TABLE (table_name text, kind text, counted bigint, expected bigint,
    standing bigint, holds boolean) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen pg_snapshot := (SELECT d.snapshot FROM audit.drill d WHERE d.id = compare_drill.drill);
    then_was record;
BEGIN
    IF seen IS NULL THEN
        RAISE 'drill % is not in this database', drill USING ERRCODE = 'no_data_found',
            HINT = 'The copy ends before the drill began: a piece of the WAL is missing, or it is another registry''s.';
    END IF;
    FOR then_was IN
        SELECT c.table_name, c.rows, to_regclass(c.table_name) AS counts,
               coalesce(w.whole, false) AS traced, c.table_name LIKE 'audit.%' AND c.table_name <> 'audit.edge' AND c.table_name <> 'audit.entry'
                   OR c.table_name IN ('etl.run', 'etl.page', 'etl.contract', 'etl.source_definition', 'keyring.key') AS grows
        FROM audit.drill_census c LEFT JOIN audit.watched() w ON w.audited = to_regclass(c.table_name)
        WHERE c.drill = compare_drill.drill ORDER BY 1 LOOP
        table_name := then_was.table_name;
        counted := then_was.rows;
        kind := CASE WHEN then_was.table_name = 'audit.entry' THEN 'trace' WHEN then_was.traced THEN 'traced'
                     WHEN then_was.grows THEN 'grows' ELSE 'free' END;
        standing := NULL;
        IF then_was.counts IS NOT NULL THEN
            EXECUTE format('SELECT count(*) FROM %s', then_was.counts) INTO standing;
        END IF;
        expected := CASE kind
            WHEN 'traced' THEN counted + (SELECT coalesce(sum(CASE e.op WHEN 'INSERT' THEN 1 WHEN 'DELETE' THEN -1 ELSE 0 END), 0)
                FROM audit.entry e WHERE e.table_name = then_was.table_name AND NOT pg_visible_in_snapshot(e.xact, seen)
                  AND e.purpose IS DISTINCT FROM 'stood before it was audited')
            WHEN 'trace' THEN counted + (SELECT count(*) FROM audit.entry e WHERE NOT pg_visible_in_snapshot(e.xact, seen))
            ELSE counted END;
        holds := CASE kind WHEN 'traced' THEN standing = expected WHEN 'trace' THEN standing = expected WHEN 'grows' THEN standing >= expected
                 ELSE standing IS NOT NULL END IS TRUE;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION audit.compare_drill(bigint) IS 'In a restored copy: each table that the drill counted, and whether it holds what it must. traced: exactly what was counted, plus what its trace says of transactions that the count did not see; trace: the trace itself, so too; grows: at least what was counted; free: rows come and go without a trace, the table must be there. Error P0002 where the drill is not in this database. Reads every table once and the trace once a table.';

CREATE OR REPLACE FUNCTION audit.end_drill(drill bigint, passed boolean, problem text, figures jsonb) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO audit.drill_result (drill, passed, problem, backup, archived_seconds, recovery_seconds, verify_seconds, recovery_point,
        tables, rows, entries)
    SELECT end_drill.drill, end_drill.passed, end_drill.problem, f.backup, f.archived_seconds, f.recovery_seconds, f.verify_seconds,
        f.recovery_point, f.tables, f.rows, f.entries
    FROM jsonb_to_record(figures) f (backup text, archived_seconds int, recovery_seconds int, verify_seconds int,
        recovery_point timestamptz, tables int, rows bigint, entries bigint);
$$;
COMMENT ON FUNCTION audit.end_drill(bigint, boolean, text, jsonb) IS 'Writes how a drill ended; figures is an object with the columns of audit.drill_result. Once a drill (error 23505); a failed one needs its problem, a passed one its figures (23514).';
