-- rules.sql - what the rules did: hits, holds, refusals, by rule, programme and ministry. Counts, no persons.

CREATE OR REPLACE FUNCTION report.list_rule_hits() RETURNS TABLE (
    rule text, mode text, programme text, ministry text, persons bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.rule, r.mode, p.code, p.ministry, count(*)
    FROM registry.rule_hit h JOIN registry.rule r ON r.code = h.rule
    CROSS JOIN LATERAL unnest(h.programmes) u JOIN registry.programme p ON p.code = u
    GROUP BY h.rule, r.mode, p.code, p.ministry ORDER BY h.rule, count(*) DESC, p.code;
$$;
COMMENT ON FUNCTION report.list_rule_hits() IS 'Rows of report.rule_hits, by rule, the most persons first.';
CREATE OR REPLACE VIEW report.rule_hits WITH (security_invoker = true) AS SELECT * FROM report.list_rule_hits();
COMMENT ON VIEW report.rule_hits IS 'Persons that break a rule as of the last sweep, by rule and programme that counts. A person stands once in each of their programmes.';
COMMENT ON COLUMN report.rule_hits.rule IS 'The rule (registry.rule).';
COMMENT ON COLUMN report.rule_hits.mode IS 'report, hold or refuse.';
COMMENT ON COLUMN report.rule_hits.programme IS 'A programme that counts.';
COMMENT ON COLUMN report.rule_hits.ministry IS 'The ministry that runs it.';
COMMENT ON COLUMN report.rule_hits.persons IS 'Persons.';

CREATE OR REPLACE FUNCTION report.list_holds() RETURNS TABLE (
    rule text, programme text, ministry text, standing bigint, released bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.rule, p.code, p.ministry, count(*) FILTER (WHERE h.released_at IS NULL),
           count(*) FILTER (WHERE h.released_at IS NOT NULL), min(h.since) FILTER (WHERE h.released_at IS NULL)
    FROM registry.hold h JOIN registry.enrolment e ON e.id = h.enrolment_id JOIN registry.programme p ON p.code = e.programme
    GROUP BY h.rule, p.code, p.ministry ORDER BY h.rule, 4 DESC, p.code;
$$;
COMMENT ON FUNCTION report.list_holds() IS 'Rows of report.holds, by rule, the most standing holds first.';
CREATE OR REPLACE VIEW report.holds WITH (security_invoker = true) AS SELECT * FROM report.list_holds();
COMMENT ON VIEW report.holds IS 'Enrolments on hold, by rule and programme.';
COMMENT ON COLUMN report.holds.rule IS 'The rule (registry.rule).';
COMMENT ON COLUMN report.holds.programme IS 'The programme of the enrolments.';
COMMENT ON COLUMN report.holds.ministry IS 'The ministry that runs it.';
COMMENT ON COLUMN report.holds.standing IS 'Holds that stand.';
COMMENT ON COLUMN report.holds.released IS 'Holds that were released.';
COMMENT ON COLUMN report.holds.oldest IS 'Since when the oldest standing one stands; null when none does.';

CREATE OR REPLACE FUNCTION report.list_refusals() RETURNS TABLE (
    rule text, source text, ministry text, records bigint, latest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.code, q.source, s.ministry, count(*), max(q.at)
    FROM etl.quarantine q JOIN registry.rule r ON r.code = q.reasons -> 0 ->> 'reason' JOIN etl.source s ON s.code = q.source
    WHERE q.disposition = 'refused'
    GROUP BY r.code, q.source, s.ministry ORDER BY r.code, count(*) DESC, q.source;
$$;
COMMENT ON FUNCTION report.list_refusals() IS 'Rows of report.refusals, by rule, the most records first.';
CREATE OR REPLACE VIEW report.refusals WITH (security_invoker = true) AS SELECT * FROM report.list_refusals();
COMMENT ON VIEW report.refusals IS 'Records of sources that a rule refused (etl.quarantine), each content once.';
COMMENT ON COLUMN report.refusals.rule IS 'The rule (registry.rule).';
COMMENT ON COLUMN report.refusals.source IS 'The system that sent them.';
COMMENT ON COLUMN report.refusals.ministry IS 'The ministry that answers for it.';
COMMENT ON COLUMN report.refusals.records IS 'Records set aside.';
COMMENT ON COLUMN report.refusals.latest IS 'When the last one was.';
