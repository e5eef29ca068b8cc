-- sweep_steps.sql - the steps of a sweep, each in parts, each part a transaction of its own when the caller commits between
-- them. What a part makes stands in schema sweep together with its mark: both survive a killed client and both are gone
-- after a crash of the server, so a sweep is gone on with or begun anew and never half believed.

CREATE OR REPLACE FUNCTION registry.sweep_steps() RETURNS TABLE (step smallint, title text, parts smallint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    VALUES (1::smallint, 'sounding keys', 16::smallint), (2::smallint, 'pairs', 6::smallint), (3::smallint, 'records', 1::smallint),
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

-- Loads keys into an index-free table and builds its indexes after: a sixth of the time of keeping them up row by row.
CREATE OR REPLACE FUNCTION registry.load_keys(source text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    index record;
BEGIN
    CREATE TEMP TABLE sweep_index ON COMMIT DROP AS
    SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition, obj_description(i.indexrelid, 'pg_class') AS meaning
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'registry.blocking'::regclass;
    FOR index IN SELECT x.name FROM pg_temp.sweep_index x LOOP
        EXECUTE format('DROP INDEX registry.%I', index.name);
    END LOOP;
    EXECUTE format('INSERT INTO registry.blocking (enrolment_id, key, kind) %s', source);
    FOR index IN SELECT x.* FROM pg_temp.sweep_index x LOOP
        EXECUTE index.definition;
        EXECUTE format('COMMENT ON INDEX registry.%I IS %L', index.name, index.meaning);
    END LOOP;
    DROP TABLE pg_temp.sweep_index;
END $$;
COMMENT ON FUNCTION registry.load_keys(text) IS 'Fills registry.blocking, which is empty, from a query; who looks up keys meanwhile waits.';

CREATE OR REPLACE FUNCTION registry.store_keys(parts int) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on AS $$
DECLARE
    source text := (SELECT string_agg(format('SELECT k.* FROM sweep.key_%s k', n), ' UNION ALL ') FROM generate_series(1, parts) n);
BEGIN
    IF EXISTS (SELECT FROM sweep.taken) THEN
        DELETE FROM registry.blocking b USING sweep.taken t WHERE b.enrolment_id = t.enrolment_id;
        IF EXISTS (SELECT FROM registry.blocking) THEN
            EXECUTE format('INSERT INTO registry.blocking (enrolment_id, key, kind) SELECT k.* FROM (%s) k ORDER BY k.key', source);
        ELSE
            PERFORM registry.load_keys(source);
        END IF;
        ANALYZE registry.blocking;
    END IF;
    EXECUTE (SELECT 'DROP TABLE ' || string_agg(format('sweep.key_%s', n), ', ') FROM generate_series(1, parts) n);
END $$;
COMMENT ON FUNCTION registry.store_keys(int) IS 'Puts the keys that the parts of step 1 made into registry.blocking.';

CREATE OR REPLACE FUNCTION registry.sweep_keys(part int, parts int) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on AS $$
DECLARE
    slice record := registry.slice_of(part, parts);
    made bigint;
BEGIN
    INSERT INTO sweep.taken (enrolment_id, stamp)
    SELECT p.enrolment_id, p.stamp FROM registry.pending p WHERE p.enrolment_id BETWEEN slice.low AND slice.high;
    ANALYZE sweep.taken;
    EXECUTE format('CREATE UNLOGGED TABLE sweep.key_%s AS
        SELECT e.id AS enrolment_id, k.key, c.number AS kind
        FROM sweep.taken t
        JOIN registry.enrolment e ON e.id = t.enrolment_id
        JOIN registry.programme p ON p.code = e.programme
        CROSS JOIN LATERAL ekok.blocking_keys(registry.person_of(e), p.number) AS k
        JOIN registry.evidence_kind c ON c.code = k.kind AND c.class = %L
        WHERE t.enrolment_id BETWEEN %L AND %L AND e.id BETWEEN %3$L AND %4$L', part, 'sound', slice.low, slice.high);
    GET DIAGNOSTICS made = ROW_COUNT;
    IF part = parts THEN
        PERFORM registry.store_keys(parts);
    END IF;
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.sweep_keys(int, int) IS 'Step 1: makes the sounding keys of what came or changed; its last part stores them. Returns how many.';

CREATE OR REPLACE FUNCTION registry.sweep_candidates(part int) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on AS $$
DECLARE
    pairs bigint;
BEGIN
    IF part < 6 THEN
        RETURN registry.make_part('sweep.candidate', part, CASE part
            WHEN 1 THEN registry.number_pairs_query() ELSE registry.sound_pairs_query(part - 1, 4) END);
    END IF;
    -- Each pair once, and in the order in which ekok.match_levels need not read the first of the two again.
    CREATE UNLOGGED TABLE sweep.pair_1 AS SELECT DISTINCT c.a, c.b FROM sweep.candidate c ORDER BY c.a, c.b;
    GET DIAGNOSTICS pairs = ROW_COUNT;
    ANALYZE sweep.pair_1;
    RETURN pairs;
END $$;
COMMENT ON FUNCTION registry.sweep_candidates(int) IS 'Step 2: pairs that share a number (part 1) or a sounding key (parts 2 to 5); then each of them once (part 6).';

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
    UPDATE registry.match m SET state = s.state, kinds = s.kinds, score = s.score, twins = s.twins, held = m.held AND s.state = 'certain'
    FROM sweep.scored s
    WHERE s.a = m.a AND s.b = m.b AND (s.state <> m.state OR s.kinds <> m.kinds OR s.score <> m.score OR s.twins <> m.twins)
      AND NOT EXISTS (SELECT FROM pg_temp.sweep_late l WHERE l.id IN (m.a, m.b));
    INSERT INTO registry.match (a, b, state, kinds, score, twins)
    SELECT s.a, s.b, s.state, s.kinds, s.score, s.twins FROM sweep.scored s
    WHERE NOT EXISTS (SELECT FROM registry.match m WHERE m.a = s.a AND m.b = s.b)
      AND NOT EXISTS (SELECT FROM pg_temp.sweep_late l WHERE l.id IN (s.a, s.b));
    GET DIAGNOSTICS fresh = ROW_COUNT;
    DROP TABLE pg_temp.sweep_late;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION registry.sweep_matches(registry.sweep_run) IS 'Step 5: brings registry.match in line with sweep.scored; writes only what differs.';

DROP FUNCTION IF EXISTS registry.sweep_records(int, int);   -- as it was called before
CREATE OR REPLACE FUNCTION registry.sweep_records() RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM registry.make_part('sweep.holders', 1, $query$
        SELECT ekok.evidence_key(v.key) AS evidence_key, count(*)::int AS holders FROM registry.evidence v GROUP BY 1 HAVING count(*) > 1 $query$);
    made := registry.make_part('sweep.record', 1, $query$
        WITH met AS MATERIALIZED (SELECT c.a AS id FROM sweep.pair_1 c UNION SELECT c.b FROM sweep.pair_1 c),
        held AS (
            SELECT v.enrolment_id, array_agg(ROW(registry.held_kind(v.kind, x.nid_digits), v.key, coalesce(c.holders, 1))::ekok.shared_evidence) AS held
            FROM met m JOIN registry.evidence v ON v.enrolment_id = m.id JOIN registry.enrolment x ON x.id = m.id
            LEFT JOIN sweep.holders_1 c ON c.evidence_key = ekok.evidence_key(v.key)
            GROUP BY v.enrolment_id)
        SELECT e.id, registry.person_of(e, h.held) AS p, registry.tokens_of(e) AS tokens, e.source || ' ' || e.programme AS list
        FROM met m JOIN registry.enrolment e ON e.id = m.id LEFT JOIN held h ON h.enrolment_id = e.id $query$);
    CREATE UNIQUE INDEX ON sweep.record_1 (id);
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.sweep_records() IS 'Step 3: every enrolment of a pair as it is compared, with the holders of its evidence. Returns how many.';

CREATE OR REPLACE FUNCTION registry.sweep_scores(run registry.sweep_run, part int, parts int, OUT pairs bigint) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on AS $$
DECLARE
    slice record := registry.slice_of(part, parts);
    weights registry.weights;
BEGIN
    SELECT * INTO weights FROM registry.weights w WHERE w.version = run.weights_version;
    EXECUTE format('SELECT count(*) FROM sweep.pair_1 c WHERE c.a BETWEEN %L AND %L', slice.low, slice.high) INTO pairs;
    PERFORM registry.make_part('sweep.scored', part, format($query$
        SELECT j.a, j.b, j.kinds, j.state, j.score, registry.twins_of(j.levels, j.kinds, j.numbers) AS twins
        FROM (SELECT i.*, registry.state_of(i.levels, i.kinds, ARRAY[i.score, %4$L], i.one_list, i.numbers) AS state
              FROM (SELECT h.*, ekok.match_bits(h.levels, %3$L) AS score
                    FROM (SELECT c.a, c.b, registry.shared_kinds(x.tokens, y.tokens) AS kinds, ekok.match_levels(x.p, y.p) AS levels,
                                 x.list = y.list AS one_list, registry.numbers_of(x.tokens, y.tokens, x.list, y.list) AS numbers
                          FROM sweep.pair_1 c JOIN sweep.record_1 x ON x.id = c.a JOIN sweep.record_1 y ON y.id = c.b
                          WHERE c.a BETWEEN %1$L AND %2$L OFFSET 0) h OFFSET 0) i OFFSET 0) j
        WHERE j.state IS NOT NULL
        $query$, slice.low, slice.high, weights.weights, weights.prior));
END $$;
COMMENT ON FUNCTION registry.sweep_scores(registry.sweep_run, int, int) IS 'Step 4: what each pair of a slice is, into sweep.scored. Returns the pairs compared.';
