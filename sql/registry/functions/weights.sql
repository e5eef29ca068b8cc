-- weights.sql - learns the weights of ekok.match_score from the registry's own pairs. A version is stored, compared with the
-- one in use, and used only when somebody asks for it.

-- Pairs that share a key agree in what the key is made of because they were chosen for it, not because they are one person. So
-- a kind of key teaches the other fields only (as Splink trains, one blocking rule after the other), and every field is taught
-- by the kinds that are not made of it.
CREATE OR REPLACE FUNCTION registry.key_fields(kind text) RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(ARRAY[CASE WHEN kind ~ '(name|word)' THEN 1 END, CASE WHEN kind ~ 'father' THEN 2 END,
        CASE WHEN kind ~ 'mother' THEN 3 END, CASE WHEN kind ~ '(date|year)' THEN 4 END, CASE WHEN kind ~ '(upazila|union)' THEN 6 END], NULL);
COMMENT ON FUNCTION registry.key_fields(text) IS 'The fields, by their place in ekok.match_levels, that a sounding key of this kind (registry.evidence_kind) is made of.';

DROP FUNCTION IF EXISTS registry.level_counts(uuid[], uuid[]);    -- as it was called before
CREATE OR REPLACE FUNCTION registry.level_counts(ones uuid[], others uuid[], kinds smallint[] DEFAULT NULL)
RETURNS TABLE (kind smallint, levels smallint[], pairs bigint) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
    WITH r AS MATERIALIZED (SELECT * FROM registry.records_of(ARRAY(SELECT DISTINCT u.id FROM unnest(ones || others) AS u(id))))
    SELECT p.kind, ekok.match_levels(x.p, y.p) AS levels, count(*)
    FROM (SELECT DISTINCT v.a, v.b, v.kind FROM unnest(ones, others, coalesce(kinds, array_fill(NULL::smallint, ARRAY[cardinality(ones)]))) AS v(a, b, kind)) p
    JOIN r x ON x.id = p.a JOIN r y ON y.id = p.b
    WHERE p.a <> p.b
    GROUP BY 1, 2 ORDER BY 1, 2;
$$;
COMMENT ON FUNCTION registry.level_counts(uuid[], uuid[], smallint[]) IS 'Patterns of agreement among pairs (ones[i], others[i]) of two enrolments found by a key of kinds[i], and how often each stands; a pair counts once for a kind.';

CREATE OR REPLACE FUNCTION registry.learn_kind(fields int[], levels smallint[], pairs bigint[], u real[],
                                               OUT matches double precision, OUT m real[], OUT rounds int, OUT settled boolean)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.prior * (SELECT sum(p) FROM unnest(pairs) p), f.m, f.rounds, f.settled
    FROM (SELECT array_agg((SELECT array_agg(CASE WHEN i.at = ANY (fields) THEN 0 ELSE levels[n][i.at] END::smallint ORDER BY i.at)
                            FROM generate_series(1, 12) AS i(at)) ORDER BY n) AS levels
          FROM generate_series(1, cardinality(pairs)) n) k
    CROSS JOIN LATERAL ekok.match_fit(k.levels, pairs, u, 1000) f;
$$;
COMMENT ON FUNCTION registry.learn_kind(int[], smallint[], bigint[], real[]) IS 'What pairs found by one kind of key teach: m of each level in the order of ekok.match_weights, by expectation and maximisation without the fields (places) the key is made of, u as it is; matches: how many of the pairs are one person.';

CREATE OR REPLACE FUNCTION registry.learn_weights(kinds text[], levels smallint[], pairs bigint[], u real[],
                                                  OUT weights real[], OUT matches double precision, OUT rounds int, OUT settled boolean)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH taught AS MATERIALIZED (
        SELECT k.kind, l.* FROM (
            SELECT p.kind, array_agg((SELECT array_agg(levels[p.at][i] ORDER BY i) FROM generate_series(1, 12) i) ORDER BY p.at) AS levels,
                   array_agg(pairs[p.at] ORDER BY p.at) AS pairs
            FROM unnest(kinds) WITH ORDINALITY AS p(kind, at) GROUP BY p.kind) k
        CROSS JOIN LATERAL registry.learn_kind(registry.key_fields(k.kind), k.levels, k.pairs, u) l
    ), field AS (
        SELECT w.place, w.m, dense_rank() OVER (ORDER BY w.first)::int AS at
        FROM (SELECT v.*, min(v.place) OVER (PARTITION BY v.field) AS first FROM ekok.match_weights() v) w
    ), share AS (               -- as if a hundred more matches had been as estimated; a field that no kind teaches stays so
        SELECT f.place, (100 * f.m + coalesce(sum(t.matches * t.m[f.place]), 0)) / (100 + coalesce(sum(t.matches), 0)) AS m
        FROM field f LEFT JOIN taught t ON f.at <> ALL (registry.key_fields(t.kind))
        GROUP BY f.place, f.m)
    SELECT (SELECT array_agg(greatest(-20, least(30, log(2, (s.m / u[s.place])::numeric)))::real ORDER BY s.place) FROM share s),
           (SELECT sum(t.matches) FROM taught t), (SELECT max(t.rounds) FROM taught t), (SELECT bool_and(t.settled) FROM taught t);
$$;
COMMENT ON FUNCTION registry.learn_weights(text[], smallint[], bigint[], real[]) IS 'Weights in bits from patterns of agreement: kinds[i] of key found pairs[i] pairs of levels[i], u: shares among pairs at random. m of a field is the mean, by matches found, over the kinds of key that are not made of it.';

-- Shares of each level among pairs taken at random, smoothed by ten pairs as estimated; a field nobody fills keeps its estimate.
CREATE OR REPLACE FUNCTION registry.random_shares(sample int) RETURNS real[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    WITH drawn AS MATERIALIZED (
        SELECT array_agg(e.id ORDER BY hashtextextended(e.id::text, 1)) AS x, array_agg(e.id ORDER BY hashtextextended(e.id::text, 2)) AS y
        FROM (SELECT v.id FROM registry.enrolment v ORDER BY hashtextextended(v.id::text, 3) LIMIT sample) e
    ), seen AS MATERIALIZED (
        SELECT l.levels, l.pairs FROM drawn d CROSS JOIN LATERAL registry.level_counts(d.x, d.y) l
    ), field AS (
        SELECT w.*, dense_rank() OVER (ORDER BY f.first) AS at
        FROM ekok.match_weights() w JOIN (SELECT v.field, min(v.place) AS first FROM ekok.match_weights() v GROUP BY v.field) f USING (field)
    ), counted AS (
        SELECT f.place, f.at, f.u, coalesce((SELECT sum(s.pairs) FROM seen s WHERE s.levels[f.at] = f.level), 0) + 10 * f.u AS share FROM field f)
    SELECT array_agg((c.share / c.total)::real ORDER BY c.place)
    FROM (SELECT k.*, sum(k.share) OVER (PARTITION BY k.at) AS total FROM counted k) c;
$$;
COMMENT ON FUNCTION registry.random_shares(int) IS 'u of each level, in the order of ekok.match_weights: its share among `sample` pairs of enrolments drawn by hash, the same ones every time.';

DROP FUNCTION IF EXISTS registry.key_pairs(int);    -- as it was called before
-- Each key's look-up is one range of the index: never ordered by the planner's other idea, a walk through all enrolments.
CREATE OR REPLACE FUNCTION registry.pairs_of_keys(sample int) RETURNS TABLE (a uuid, b uuid, kind smallint) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
    SELECT least(x.enrolment_id, y.id), greatest(x.enrolment_id, y.id), x.kind
    FROM (SELECT v.* FROM registry.blocking v ORDER BY hashtextextended(v.enrolment_id::text, v.kind) LIMIT sample) x
    CROSS JOIN LATERAL (
        SELECT u.id FROM unnest(ARRAY(SELECT h.enrolment_id FROM registry.blocking h
                                      WHERE h.key OPERATOR(ekok.~) x.key LIMIT 1000)) AS u(id)
        WHERE u.id <> x.enrolment_id ORDER BY u.id LIMIT 3) y;
$$;
COMMENT ON FUNCTION registry.pairs_of_keys(int) IS 'Pairs of enrolments, with the kind of key, under `sample` sounding keys drawn by hash, at most three of a key, the same ones every time.';

CREATE OR REPLACE FUNCTION registry.estimate_weights(sample int DEFAULT 100000, OUT version int, OUT field text, OUT level text,
                                                     OUT old real, OUT new real) RETURNS SETOF record LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    was registry.weights := registry.active_weights();
    fit record;
    made int;
    ones uuid[];
    others uuid[];
    kinds smallint[];
BEGIN
    PERFORM registry.enter_decision();
    SELECT array_agg(c.a), array_agg(c.b), array_agg(c.kind) INTO ones, others, kinds FROM registry.pairs_of_keys(sample) c;
    IF ones IS NULL THEN
        RAISE 'no two enrolments share a sounding key: there is nothing to learn from' USING ERRCODE = 'no_data_found',
            HINT = 'Weights are learnt after a sweep.';
    END IF;
    SELECT f.* INTO fit
    FROM (SELECT array_agg(k.code) AS kinds, array_agg(c.levels) AS levels, array_agg(c.pairs) AS pairs
          FROM registry.level_counts(ones, others, kinds) c JOIN registry.evidence_kind k ON k.number = c.kind) n
    CROSS JOIN LATERAL registry.learn_weights(n.kinds, n.levels, n.pairs, registry.random_shares(sample)) f;
    INSERT INTO registry.weights (version, weights, prior, basis)
    SELECT max(w.version) + 1, fit.weights, ekok.match_prior((SELECT count(*) FROM registry.enrolment)),
           format('learnt from %s pairs that share a key, %s of them held to be one person, and %s at random; %s rounds%s', cardinality(ones),
                  round(fit.matches), sample, fit.rounds, CASE WHEN fit.settled THEN '' ELSE ', not settled' END)
    FROM registry.weights w RETURNING weights.version INTO made;
    RETURN QUERY SELECT made, w.field, w.name, was.weights[w.place], fit.weights[w.place]
                 FROM ekok.match_weights() w ORDER BY w.place;
END $$;
COMMENT ON FUNCTION registry.estimate_weights(int) IS 'Learns weights: how often records of one person agree, by expectation and maximisation from `sample` keys'' pairs, each kind of key by itself and without the fields it is made of; how often those of two do, from as many pairs at random. Stores them as a new version that is not active, and says in bits what changed: a row for each level of each field. registry.activate_weights puts a version in use. Error P0002 when there is nothing to learn from.';

CREATE OR REPLACE FUNCTION registry.activate_weights(version int) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.enter_decision();
    IF NOT EXISTS (SELECT FROM registry.weights w WHERE w.version = activate_weights.version) THEN
        RAISE 'there is no version % of the weights', version USING ERRCODE = 'no_data_found', HINT = 'registry.weights lists them.';
    END IF;
    UPDATE registry.weights w SET active = false WHERE w.active AND w.version <> activate_weights.version;
    UPDATE registry.weights w SET active = true WHERE w.version = activate_weights.version AND NOT w.active;
END $$;
COMMENT ON FUNCTION registry.activate_weights(int) IS 'Puts a version of the weights in use: for registry.find_person and what is linked at once, for the matches that stand from the next sweep on, which scores all anew; a sweep under way ends with the version it began with. Error P0002 when there is no such version.';
