-- verification.sql - what was asked, what was answered, what is left of the quotas. Counts only, nobody's row.

CREATE OR REPLACE FUNCTION report.list_verification() RETURNS TABLE (system text, title text, state text, confidence text, quota_day int,
    asked_today int, left_today int, matches bigint, mismatches bigint, unknowns bigint, expired bigint, planned bigint, problem text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    -- The latest of each enrolment and system, for all systems in one reading, in the order of the index verification_by_enrolment.
    WITH latest AS (SELECT DISTINCT ON (k.enrolment_id, k.system) k.system, k.verdict, k.valid_until > now() AS valid
                    FROM registry.verification k ORDER BY k.enrolment_id DESC, k.system DESC, k.asked_at DESC),
    v AS (SELECT n.system, count(*) FILTER (WHERE n.valid AND n.verdict = 'match') AS matches,
              count(*) FILTER (WHERE n.valid AND n.verdict = 'mismatch') AS mismatches,
              count(*) FILTER (WHERE n.valid AND n.verdict = 'unknown') AS unknowns, count(*) FILTER (WHERE NOT n.valid) AS expired
          FROM latest n GROUP BY n.system)
    SELECT s.code, s.title, s.state, s.confidence, s.quota_day, coalesce(x.asked, 0), l.day_left,
           coalesce(v.matches, 0), coalesce(v.mismatches, 0), coalesce(v.unknowns, 0), coalesce(v.expired, 0), l.planned::bigint, coalesce(l.closed_by, b.problem)
    FROM registry.verification_system s
    LEFT JOIN etl.verification_spent x ON x.system = s.code AND x.day = etl.verification_day()
    CROSS JOIN LATERAL etl.verification_left(s.code) l
    LEFT JOIN v ON v.system = s.code
    LEFT JOIN LATERAL (SELECT CASE WHEN k.state IN ('failed', 'lost') THEN k.problem END AS problem FROM etl.verification_batch k
                       WHERE k.system = s.code ORDER BY k.id DESC LIMIT 1) b ON true
    ORDER BY s.before_payment DESC, s.code;
$$;
COMMENT ON FUNCTION report.list_verification() IS 'Rows of report.verification.';

CREATE OR REPLACE VIEW report.verification WITH (security_invoker = true) AS SELECT * FROM report.list_verification();
COMMENT ON VIEW report.verification IS 'Each system that is asked: quota, and the latest verdict of each enrolment by outcome.';
COMMENT ON COLUMN report.verification.system IS 'As registry.verification_system.code.';
COMMENT ON COLUMN report.verification.title IS 'As registry.verification_system.title.';
COMMENT ON COLUMN report.verification.state IS 'active or off.';
COMMENT ON COLUMN report.verification.confidence IS 'How sure the shape of its messages is: documented, code, reported or guess.';
COMMENT ON COLUMN report.verification.quota_day IS 'Enrolments that may be asked about in a day.';
COMMENT ON COLUMN report.verification.asked_today IS 'Enrolments asked about today (Asia/Dhaka), answered or not.';
COMMENT ON COLUMN report.verification.left_today IS 'Enrolments that may still be asked about today.';
COMMENT ON COLUMN report.verification.matches IS 'Enrolments whose latest verdict is a match and valid.';
COMMENT ON COLUMN report.verification.mismatches IS 'Enrolments whose latest verdict is a mismatch and valid.';
COMMENT ON COLUMN report.verification.unknowns IS 'Enrolments whose latest verdict is unknown and not yet to be asked again.';
COMMENT ON COLUMN report.verification.expired IS 'Enrolments whose latest verdict is out of date.';
COMMENT ON COLUMN report.verification.planned IS 'Enrolments planned and not yet asked about.';
COMMENT ON COLUMN report.verification.problem IS 'Why nothing more is asked today, or why the last request failed; null when all is well.';

CREATE OR REPLACE FUNCTION report.list_verdicts() RETURNS TABLE (system text, verdict text, reason text, enrolments bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT n.system, n.verdict, n.reason, count(*) FROM (SELECT DISTINCT ON (k.system, k.enrolment_id) k.system, k.verdict, k.reason
        FROM registry.verification k ORDER BY k.system, k.enrolment_id, k.asked_at DESC) n
    GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3;
$$;
COMMENT ON FUNCTION report.list_verdicts() IS 'Rows of report.verdicts.';

CREATE OR REPLACE VIEW report.verdicts WITH (security_invoker = true) AS SELECT * FROM report.list_verdicts();
COMMENT ON VIEW report.verdicts IS 'The latest verdict of each enrolment by system, outcome and reason.';
COMMENT ON COLUMN report.verdicts.system IS 'As registry.verification_system.code.';
COMMENT ON COLUMN report.verdicts.verdict IS 'match, mismatch or unknown.';
COMMENT ON COLUMN report.verdicts.reason IS 'As registry.verification_answer.reason; answer not documented: ... where there is none.';
COMMENT ON COLUMN report.verdicts.enrolments IS 'How many enrolments.';
