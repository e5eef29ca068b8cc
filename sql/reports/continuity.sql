-- continuity.sql - could the registry be had back, how quickly, and how much would be lost: from the book of drills.

CREATE OR REPLACE FUNCTION report.list_drills() RETURNS TABLE (
    id bigint, begun_at timestamptz, host text, outcome text, backup text, recovery_seconds int, verify_seconds int,
    archived_seconds int, recovery_point timestamptz, age_seconds int, rows bigint, entries bigint, next_due timestamptz, problem text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.id, d.begun_at, d.host, CASE WHEN r.passed THEN 'passed' WHEN NOT r.passed THEN 'failed'
               WHEN d.id = max(d.id) OVER () AND d.begun_at > now() - interval '1 day' THEN 'running' ELSE 'broken off' END,
           r.backup, r.recovery_seconds, r.verify_seconds, r.archived_seconds, r.recovery_point,
           extract(epoch FROM r.ended_at - r.recovery_point)::int, r.rows, r.entries, d.next_due, r.problem
    FROM audit.drill d LEFT JOIN audit.drill_result r ON r.drill = d.id;
$$;
COMMENT ON FUNCTION report.list_drills() IS 'Rows of report.drills.';

CREATE OR REPLACE VIEW report.drills WITH (security_invoker = true) AS SELECT * FROM report.list_drills();
COMMENT ON VIEW report.drills IS 'Every drill: the latest backup, restored beside the live server and held against it.';
COMMENT ON COLUMN report.drills.id IS 'Number of the drill.';
COMMENT ON COLUMN report.drills.begun_at IS 'When it began.';
COMMENT ON COLUMN report.drills.host IS 'Where the backup was restored.';
COMMENT ON COLUMN report.drills.outcome IS 'passed; failed; running: the newest, of the last day, without a result; broken off: it never wrote a result.';
COMMENT ON COLUMN report.drills.backup IS 'Label of the backup, as pgBackRest gives it.';
COMMENT ON COLUMN report.drills.recovery_seconds IS 'Seconds from the call to restore until the copy answered.';
COMMENT ON COLUMN report.drills.verify_seconds IS 'Seconds of holding it against witnesses and census.';
COMMENT ON COLUMN report.drills.archived_seconds IS 'Seconds until what was committed at its beginning lay in the repository: what a fire then would have lost.';
COMMENT ON COLUMN report.drills.recovery_point IS 'Time of the newest commit in the copy.';
COMMENT ON COLUMN report.drills.age_seconds IS 'Seconds from that commit to the end of the drill.';
COMMENT ON COLUMN report.drills.rows IS 'Rows that were compared.';
COMMENT ON COLUMN report.drills.entries IS 'Entries of the trace that were hashed again.';
COMMENT ON COLUMN report.drills.next_due IS 'When the next must have passed, if this one did.';
COMMENT ON COLUMN report.drills.problem IS 'What did not hold; null when it passed.';

CREATE OR REPLACE VIEW report.continuity WITH (security_invoker = true) AS
    SELECT CASE WHEN n.outcome IN ('failed', 'broken off') THEN n.outcome WHEN p.id IS NULL AND n.outcome = 'running' THEN 'running'
                WHEN p.id IS NULL THEN 'never drilled' WHEN p.next_due < now() THEN 'overdue' ELSE 'well' END AS condition,
           p.begun_at AS passed_at, extract(epoch FROM now() - p.begun_at)::bigint AS passed_age_seconds, p.next_due,
           p.recovery_seconds, p.archived_seconds, n.outcome AS newest, n.problem
    FROM (SELECT) one LEFT JOIN LATERAL (SELECT * FROM report.drills ORDER BY id DESC LIMIT 1) n ON true
    LEFT JOIN LATERAL (SELECT * FROM report.drills WHERE outcome = 'passed' ORDER BY id DESC LIMIT 1) p ON true;
COMMENT ON VIEW report.continuity IS 'One row: could the registry be had back, as far as drills have shown.';
COMMENT ON COLUMN report.continuity.condition IS 'well; overdue: the last that passed is too long ago; failed, broken off: how the newest ended; running: the first one; never drilled.';
COMMENT ON COLUMN report.continuity.passed_at IS 'When the last drill that passed began; null: none did.';
COMMENT ON COLUMN report.continuity.passed_age_seconds IS 'Seconds since then.';
COMMENT ON COLUMN report.continuity.next_due IS 'When the next must have passed.';
COMMENT ON COLUMN report.continuity.recovery_seconds IS 'How long it took to have the registry back.';
COMMENT ON COLUMN report.continuity.archived_seconds IS 'How many seconds of commits a fire would have lost.';
COMMENT ON COLUMN report.continuity.newest IS 'How the newest drill ended, as in report.drills.';
COMMENT ON COLUMN report.continuity.problem IS 'What did not hold in the newest; null when it passed.';
