-- sweep_steps.sql - the steps of a sweep, each in parts, each part a transaction of its own when the caller commits between
-- them. What a part makes stands in schema sweep together with its mark: both survive a killed client and both are gone
-- after a crash of the server, so a sweep is gone on with or begun anew and never half believed.

CREATE OR REPLACE FUNCTION registry.sweep_steps() RETURNS TABLE (step smallint, title text, parts smallint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    VALUES (1::smallint, 'sounding keys', 16::smallint), (2::smallint, 'pairs', 5::smallint), (3::smallint, 'records', 4::smallint),
           (4::smallint, 'scores', 8::smallint), (5::smallint, 'matches', 1::smallint), (6::smallint, 'persons', 1::smallint),
           (7::smallint, 'rules', 1::smallint), (8::smallint, 'books', 1::smallint);
$$;
COMMENT ON FUNCTION registry.sweep_steps() IS 'The steps of a sweep in order, and in how many parts each is done.';

-- One of `parts` slices of all ids, by their first byte.
CREATE OR REPLACE FUNCTION registry.slice_of(part int, parts int, OUT low uuid, OUT high uuid) LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT rpad(lpad(to_hex((part - 1) * 256 / parts), 2, '0'), 32, '0')::uuid,
           rpad(lpad(to_hex(part * 256 / parts - 1), 2, '0'), 32, 'f')::uuid;
$$;
COMMENT ON FUNCTION registry.slice_of(int, int) IS 'Smallest and greatest id of slice `part` (from 1) of `parts` (a power of two up to 256).';

CREATE OR REPLACE FUNCTION registry.sweep_keys(part int, parts int) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on AS $$
DECLARE
    slice record := registry.slice_of(part, parts);
    ids uuid[];
BEGIN
    WITH taken AS (
        INSERT INTO sweep.taken (enrolment_id, stamp)
        SELECT p.enrolment_id, p.stamp FROM registry.pending p WHERE p.enrolment_id BETWEEN slice.low AND slice.high
        RETURNING taken.enrolment_id)
    SELECT array_agg(t.enrolment_id ORDER BY t.enrolment_id) INTO ids FROM taken t;
    RETURN CASE WHEN ids IS NULL THEN 0 ELSE registry.make_blocking(ids) END;
END $$;
COMMENT ON FUNCTION registry.sweep_keys(int, int) IS 'Step 1: makes the sounding keys of what came or changed.';

CREATE OR REPLACE FUNCTION registry.sweep_candidates(part int) RETURNS bigint LANGUAGE sql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on AS $$
    SELECT registry.make_part('sweep.candidate', part, CASE part
        WHEN 1 THEN registry.number_pairs_query() ELSE registry.sound_pairs_query(part - 1, 4) END);
$$;
COMMENT ON FUNCTION registry.sweep_candidates(int) IS 'Step 2: pairs that share a number (part 1) or a sounding key (parts 2 to 5).';

CREATE OR REPLACE FUNCTION registry.sweep_matches(run registry.sweep_run) RETURNS TABLE (fresh bigint, gone bigint) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- What changed since its keys were made is left to registry.link_pending at the end.
    CREATE TEMP TABLE sweep_late ON COMMIT DROP AS
    SELECT p.enrolment_id AS id FROM registry.pending p
    WHERE NOT EXISTS (SELECT FROM sweep.taken t WHERE t.enrolment_id = p.enrolment_id AND t.stamp = p.stamp);
    ANALYZE pg_temp.sweep_late;
    DELETE FROM registry.match m
    WHERE NOT EXISTS (SELECT FROM sweep.scored s WHERE s.a = m.a AND s.b = m.b)
      AND NOT EXISTS (SELECT FROM pg_temp.sweep_late l WHERE l.id IN (m.a, m.b));
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE registry.match m SET state = s.state, kinds = s.kinds, score = s.score, held = m.held AND s.state = 'certain'
    FROM sweep.scored s
    WHERE s.a = m.a AND s.b = m.b AND (s.state <> m.state OR s.kinds <> m.kinds OR s.score <> m.score)
      AND NOT EXISTS (SELECT FROM pg_temp.sweep_late l WHERE l.id IN (m.a, m.b));
    INSERT INTO registry.match (a, b, state, kinds, score)
    SELECT s.a, s.b, s.state, s.kinds, s.score FROM sweep.scored s
    WHERE NOT EXISTS (SELECT FROM registry.match m WHERE m.a = s.a AND m.b = s.b)
      AND NOT EXISTS (SELECT FROM pg_temp.sweep_late l WHERE l.id IN (s.a, s.b));
    GET DIAGNOSTICS fresh = ROW_COUNT;
    DROP TABLE pg_temp.sweep_late;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION registry.sweep_matches(registry.sweep_run) IS 'Step 5: brings registry.match in line with sweep.scored; writes only what differs.';

CREATE OR REPLACE FUNCTION registry.sweep_records(part int, parts int) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    slice record := registry.slice_of(part, parts);
    made bigint;
BEGIN
    IF part = 1 THEN
        PERFORM registry.make_part('sweep.holders', 1, $query$
            SELECT ekok.evidence_key(v.key) AS evidence_key, count(*)::int AS holders FROM registry.evidence v GROUP BY 1 HAVING count(*) > 1 $query$);
    END IF;
    made := registry.make_part('sweep.record', part, format($query$
        SELECT e.id, registry.person_of(e, h.held) AS p, registry.tokens_of(e) AS tokens, e.source || ' ' || e.programme AS list
        FROM registry.enrolment e
        LEFT JOIN (SELECT v.enrolment_id, array_agg(ROW(registry.held_kind(v.kind, x.nid_digits), v.key, coalesce(c.holders, 1))::ekok.shared_evidence) AS held
                   FROM registry.evidence v JOIN registry.enrolment x ON x.id = v.enrolment_id
                   LEFT JOIN sweep.holders c ON c.evidence_key = ekok.evidence_key(v.key)
                   WHERE v.enrolment_id BETWEEN %1$L AND %2$L GROUP BY v.enrolment_id) h ON h.enrolment_id = e.id
        WHERE e.id BETWEEN %1$L AND %2$L ORDER BY e.id $query$, slice.low, slice.high));
    EXECUTE format('CREATE UNIQUE INDEX ON sweep.record_%s (id)', part);
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.sweep_records(int, int) IS 'Step 3: every enrolment of a slice as it is compared, with the holders of its evidence.';

CREATE OR REPLACE FUNCTION registry.sweep_scores(run registry.sweep_run, part int, parts int, OUT pairs bigint) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    slice record := registry.slice_of(part, parts);
    weights registry.weights;
BEGIN
    SELECT * INTO weights FROM registry.weights w WHERE w.version = run.weights_version;
    EXECUTE format('SELECT count(*) FROM (SELECT DISTINCT c.a, c.b FROM sweep.candidate c WHERE c.a BETWEEN %L AND %L) c', slice.low, slice.high)
    INTO pairs;
    PERFORM registry.make_part('sweep.scored', part, format($query$
        SELECT j.a, j.b, j.kinds, j.state, j.score
        FROM (SELECT i.a, i.b, i.kinds, i.score, registry.state_of(i.levels, i.kinds, i.score, %4$L, i.one_list) AS state
              FROM (SELECT h.*, ekok.match_bits(h.levels, %3$L) AS score
                    FROM (SELECT c.a, c.b, registry.shared_kinds(x.tokens, y.tokens) AS kinds, ekok.match_levels(x.p, y.p) AS levels,
                                 x.list = y.list AS one_list
                          FROM (SELECT DISTINCT c.a, c.b FROM sweep.candidate c WHERE c.a BETWEEN %1$L AND %2$L) c
                          JOIN sweep.record x ON x.id = c.a JOIN sweep.record y ON y.id = c.b OFFSET 0) h OFFSET 0) i OFFSET 0) j
        WHERE j.state IS NOT NULL
        $query$, slice.low, slice.high, weights.weights, weights.prior));
END $$;
COMMENT ON FUNCTION registry.sweep_scores(registry.sweep_run, int, int) IS 'Step 4: what each pair of a slice is, into sweep.scored. Returns the pairs compared.';
