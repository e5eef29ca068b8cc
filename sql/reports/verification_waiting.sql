-- verification_waiting.sql - what other systems are still to be asked, by counts, and what a pass would ask now. Both go by what is
-- kept of it (etl.verification_due), as a pass does; registry.verification_queue, which reads every enrolment, is for those who want to
-- see whom.

CREATE OR REPLACE FUNCTION report.list_verification_waiting() RETURNS TABLE (system text, rank int, reason text, enrolments bigint,
                                                                            risk smallint, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    WITH system AS MATERIALIZED (SELECT s.code, s.before_payment FROM registry.verification_system s WHERE s.state = 'active'),
    paying AS MATERIALIZED (SELECT DISTINCT l.programme FROM registry.payment_list l
        WHERE l.pay_on BETWEEN (now() AT TIME ZONE 'Asia/Dhaka')::date AND (now() AT TIME ZONE 'Asia/Dhaka')::date + 14),
    risky AS MATERIALIZED (SELECT * FROM registry.verification_risk()),
    listed AS (
        SELECT d.system, CASE WHEN s.before_payment AND p.programme IS NOT NULL THEN 'payment list' WHEN r.under_review THEN 'under review'
                              ELSE d.reason END AS reason, count(*) AS enrolments, max(coalesce(r.risk, 0::smallint)) AS risk, min(d.since) AS since
        FROM etl.verification_due d JOIN system s ON s.code = d.system LEFT JOIN paying p ON p.programme = d.programme
        LEFT JOIN risky r ON r.enrolment_id = d.enrolment_id
        WHERE d.reason <> 'expired' OR d.since <= now() GROUP BY 1, 2),
    come AS ( -- Of an array of ids that lies apart its size alone is read: twenty bytes, and sixteen for each.
        SELECT s.code AS system, (sum((pg_column_size(a.ids) - 20) / 16))::bigint AS enrolments, min(a.since) AS since
        FROM system s CROSS JOIN registry.programme p LEFT JOIN etl.verification_position x ON x.system = s.code AND x.programme = p.code
        CROSS JOIN LATERAL (SELECT v.ids, v.since FROM etl.verification_arrival v WHERE v.programme = p.code AND v.place > coalesce(x.place, 0)
            UNION ALL SELECT n.ids, n.since FROM etl.verification_news n WHERE n.kind = 'arrived' AND n.programme = p.code) a
        GROUP BY 1)
    SELECT l.system, k.rank, l.reason, l.enrolments, l.risk, l.since FROM listed l JOIN registry.verification_policy k ON k.reason = l.reason
    UNION ALL SELECT c.system, NULL, 'not looked at', c.enrolments, NULL, c.since FROM come c ORDER BY 1, 2 NULLS LAST;
$$;
COMMENT ON FUNCTION report.list_verification_waiting() IS 'Rows of report.verification_waiting.';

CREATE OR REPLACE VIEW report.verification_waiting WITH (security_invoker = true) AS SELECT * FROM report.list_verification_waiting();
COMMENT ON VIEW report.verification_waiting IS 'What each active system is still to be asked about, counted from what is kept: no verdict is read, and of enrolments only what registry.verification_risk reads.';
COMMENT ON COLUMN report.verification_waiting.system IS 'As registry.verification_system.code.';
COMMENT ON COLUMN report.verification_waiting.rank IS 'As registry.verification_policy.rank; null for those not looked at.';
COMMENT ON COLUMN report.verification_waiting.reason IS 'As registry.verification_policy.reason; not looked at: they came, and no plan for this system has reached them, so that it is not known whether they have what it asks for.';
COMMENT ON COLUMN report.verification_waiting.enrolments IS 'How many enrolments; those with the same values need one question. Those not looked at are told at most: one may be gone, or be listed for another reason.';
COMMENT ON COLUMN report.verification_waiting.risk IS 'The highest risk among them, as registry.verification_risk; null for those not looked at.';
COMMENT ON COLUMN report.verification_waiting.since IS 'Since when the first of them waits.';

CREATE OR REPLACE FUNCTION registry.preview_verification(of_system text, most int) RETURNS TABLE (system text, rank int, reason text,
    questions bigint, risk smallint, since timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    code text;
    found jsonb;
BEGIN
    IF of_system IS NOT NULL THEN
        PERFORM etl.verification_left(of_system);
    END IF;
    FOR code IN SELECT s.code FROM registry.verification_system s WHERE s.code = coalesce(of_system, s.code) ORDER BY 1 LOOP
        BEGIN
            PERFORM etl.plan_verification(code, most);
            found := (SELECT jsonb_agg(x ORDER BY x.rank) FROM (SELECT r.system, r.rank, r.reason, count(*) AS questions, max(r.risk) AS risk, min(r.since) AS since
                      FROM etl.verification_request r WHERE r.system = code AND r.batch_id IS NULL GROUP BY 1, 2, 3) x);
            RAISE SQLSTATE 'EK900'; -- which undoes the plan
        EXCEPTION WHEN SQLSTATE 'EK900' THEN
            RETURN QUERY SELECT * FROM jsonb_to_recordset(found) AS p(system text, rank int, reason text, questions bigint, risk smallint, since timestamptz);
        END;
    END LOOP;
END $$;
COMMENT ON FUNCTION registry.preview_verification(text, int) IS 'What a pass would ask now of a system, or (null) of each, at most that many questions and never more than is left of today''s quota, counted by reason: the plan itself (etl.plan_verification), made and undone. Waits for a pass that is planning. Error P0002: no such system.';
