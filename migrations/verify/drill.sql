-- Verify ekok:drill on pg

BEGIN;

SELECT id, begun_at, actor, host, snapshot, next_due FROM audit.drill WHERE false;
SELECT drill, table_name, rows FROM audit.drill_census WHERE false;
SELECT drill, ended_at, passed, problem, backup, archived_seconds, recovery_seconds, verify_seconds, recovery_point, tables, rows, entries
FROM audit.drill_result WHERE false;
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_trigger WHERE tgname = 'insert_only' AND tgenabled = 'A'
        AND tgrelid IN ('audit.drill'::regclass, 'audit.drill_census'::regclass, 'audit.drill_result'::regclass)) <> 3 THEN
        RAISE 'the book of drills can be changed';
    ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ekok_drill' AND NOT rolcanlogin AND NOT rolsuper) THEN
        RAISE 'role ekok_drill is missing, or more than a duty';
    END IF;
END $$;

ROLLBACK;
