-- person_queue.sql - what waits for a human, and why the registry asks. A pair that was decided is not asked again unless
-- what it was decided upon has changed.

CREATE OR REPLACE FUNCTION registry.whole_queue() RETURNS TABLE (
    a uuid, b uuid, question text, kinds text[], score real, programmes int, paisa bigint, decided text, found_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$
    WITH open AS MATERIALIZED (
        SELECT m.*, d.verdict, x.person_id AS person_a, y.person_id AS person_b
        FROM registry.match m
        JOIN registry.membership x ON x.enrolment_id = m.a JOIN registry.membership y ON y.enrolment_id = m.b
        LEFT JOIN registry.decision d ON d.a = m.a AND d.b = m.b
        WHERE (m.state IN ('probable', 'refuted') OR m.held) AND (x.person_id <> y.person_id OR d.a IS NOT NULL)
          AND (d.a IS NULL OR d.fingerprint <> registry.fingerprint(m.a, m.b))
    ), drawn AS MATERIALIZED (
        SELECT p.id, array_agg(DISTINCT e.programme) AS programmes, sum(e.amount_paisa)::bigint AS paisa
        FROM (SELECT o.person_a FROM open o UNION SELECT o.person_b FROM open o) p(id)
        JOIN registry.membership m ON m.person_id = p.id JOIN registry.enrolment e ON e.id = m.enrolment_id
        GROUP BY p.id)
    SELECT o.a, o.b, CASE WHEN o.verdict IS NOT NULL THEN 'changed' WHEN o.state = 'probable' THEN 'probable' ELSE 'contradiction' END,
           o.kinds, o.score, (SELECT count(DISTINCT c.code) FROM unnest(x.programmes || y.programmes) AS c(code))::int,
           coalesce(x.paisa, 0) + CASE WHEN o.person_a = o.person_b THEN 0 ELSE coalesce(y.paisa, 0) END, o.verdict, o.found_at
    FROM open o JOIN drawn x ON x.id = o.person_a JOIN drawn y ON y.id = o.person_b
    ORDER BY 6 DESC, 7 DESC, o.score DESC, o.a, o.b;
$$;
COMMENT ON FUNCTION registry.whole_queue() IS 'The queue over all ministries, what matters most first, for the books of sweeps.';

CREATE OR REPLACE FUNCTION registry.list_queue() RETURNS TABLE (
    a uuid, b uuid, question text, kinds text[], score real, programmes int, paisa bigint, decided text, found_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT q.* FROM registry.whole_queue() q WHERE (SELECT access.sees_all()) OR access.sees(ARRAY[q.a, q.b])
    ORDER BY q.programmes DESC, q.paisa DESC, q.score DESC, q.a, q.b;
$$;
COMMENT ON FUNCTION registry.list_queue() IS 'Rows of registry.queue whose both enrolments are in the caller''s scope, what matters most first.';

CREATE OR REPLACE VIEW registry.queue WITH (security_invoker = true) AS SELECT * FROM registry.list_queue();
COMMENT ON VIEW registry.queue IS 'Pairs that wait for a human: those in the most programmes together first, then the most money, then the likeliest. registry.explain_match says why, registry.decide answers.';
COMMENT ON COLUMN registry.queue.a IS 'The enrolment with the smaller id.';
COMMENT ON COLUMN registry.queue.b IS 'The enrolment with the greater id.';
COMMENT ON COLUMN registry.queue.question IS 'probable: are they one human; contradiction: much says so and something speaks against it; changed: it was decided, and what it was decided upon has changed since.';
COMMENT ON COLUMN registry.queue.kinds IS 'As registry.match.kinds.';
COMMENT ON COLUMN registry.queue.score IS 'As registry.match.score, bits.';
COMMENT ON COLUMN registry.queue.programmes IS 'Different programmes of both persons together.';
COMMENT ON COLUMN registry.queue.paisa IS 'Benefit of one payment in paisa of both persons together.';
COMMENT ON COLUMN registry.queue.decided IS 'same or different as decided before; null when it never was.';
COMMENT ON COLUMN registry.queue.found_at IS 'When the pair was found first.';

CREATE OR REPLACE FUNCTION registry.explain_match(a uuid, b uuid, language text DEFAULT 'en')
RETURNS TABLE (field text, bits real, explanation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT x.field, x.bits, x.explanation
    FROM registry.records_of(ARRAY[a]) p CROSS JOIN registry.records_of(ARRAY[b]) q CROSS JOIN registry.active_weights() w
    CROSS JOIN LATERAL ekok.match_explain(p.p, q.p, w.weights, language) x
    WHERE access.sees(ARRAY[explain_match.a, explain_match.b]);
$$;
COMMENT ON FUNCTION registry.explain_match(uuid, uuid, text) IS 'Why two enrolments are held to be one human, or not: a row for each field that both have, with its bits, in English (en) or Bengali (bn). Names and numbers are not repeated. No row when either does not exist or is not in the caller''s scope; error 22023 for another language.';
