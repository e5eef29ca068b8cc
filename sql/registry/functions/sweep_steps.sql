-- sweep_steps.sql - the steps of a sweep, each in parts, each part a transaction of its own when the caller commits between
-- them. What a part makes stands in schema sweep together with its mark: both survive a killed client and both are gone
-- after a crash of the server, so a sweep is gone on with or begun anew and never half believed.

CREATE OR REPLACE FUNCTION registry.sweep_steps() RETURNS TABLE (step smallint, title text, parts smallint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    VALUES (1::smallint, 'sounding keys', 16::smallint), (2::smallint, 'pairs', 2::smallint), (3::smallint, 'records', 4::smallint),
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
SET search_path = pg_catalog, pg_temp AS $$
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
SET search_path = pg_catalog, pg_temp AS $$
    SELECT registry.make_part('sweep.candidate', part, CASE part
        WHEN 1 THEN registry.pairs_query('registry.evidence', 'registry.evidence_key_idx')
        ELSE registry.pairs_query('registry.blocking', 'registry.blocking_key_idx') END);
$$;
COMMENT ON FUNCTION registry.sweep_candidates(int) IS 'Step 2: pairs that share a number (part 1) or a sounding key (part 2).';

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
