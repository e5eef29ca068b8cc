-- find_person.sql - one newcomer held against the registry, before anybody is enrolled. Judges by the levels and weights of
-- registry.assess; reads no more of a candidate than the newcomer can be compared with, in plans made once a session.

-- Common keys are told by the first holders of their range, so a range is read in its order and no further than that.
CREATE OR REPLACE FUNCTION registry.candidates(p ekok.person) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT u.id FROM (
            SELECT ARRAY(SELECT v.enrolment_id FROM registry.blocking v WHERE v.key OPERATOR(ekok.~) k.key LIMIT c.most + 1) AS holders, c.most
            FROM ekok.blocking_keys(p, 0) k JOIN registry.evidence_kind c ON c.code = k.kind AND c.class = 'sound'
            UNION ALL
            SELECT ARRAY(SELECT v.enrolment_id FROM registry.evidence v WHERE v.key OPERATOR(ekok.~) g.key LIMIT 51), 50
            FROM unnest((p).evidence) AS g
            OFFSET 0) h
        CROSS JOIN LATERAL unnest(h.holders) AS u(id) WHERE cardinality(h.holders) <= h.most);
END $$;
COMMENT ON FUNCTION registry.candidates(ekok.person) IS 'Enrolments that share with this person a key, sounding or of a number, that is not too common to say anything.';

CREATE OR REPLACE FUNCTION registry.find_person(p ekok.person, "limit" int DEFAULT 20)
RETURNS TABLE (enrolment_id uuid, person_id uuid, state text, score real, chance double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    ids uuid[] := registry.candidates(p);
    kinds text[] := ARRAY(SELECT DISTINCT g.kind FROM unnest((p).evidence) AS g);
    numbered boolean := kinds && '{nid,nid10,nid13,brn}';
    used registry.weights := registry.active_weights();
    cells text[] := access.cells();
BEGIN
    RETURN QUERY
    WITH compared AS MATERIALIZED (
        -- Of a candidate's evidence only the kinds that the newcomer has are compared. More than 20 holders are one class.
        SELECT e.id, ekok.match_levels(p, registry.person_of(e, CASE WHEN kinds <> '{}' THEN (
                   SELECT array_agg(ROW(registry.held_kind(v.kind, e.nid_digits), v.key,
                                        (SELECT count(*) FROM (SELECT FROM registry.evidence h WHERE h.key OPERATOR(ekok.~) v.key LIMIT 21) n)
                                       )::ekok.shared_evidence)
                   FROM registry.evidence v WHERE v.enrolment_id = e.id AND registry.held_kind(v.kind, e.nid_digits) = ANY (kinds)) END)) AS levels,
               CASE WHEN num_nulls(e.nid_token, e.brn_token) = 2 THEN 'lacking' ELSE 'apart' END AS numbers
        FROM unnest(ids) AS u(id) JOIN registry.enrolment e ON e.id = u.id WHERE access.covers(cells, e.programme, e.geo)
    ), scored AS MATERIALIZED (
        SELECT c.id, c.levels, CASE WHEN numbered THEN c.numbers END AS numbers, ekok.match_bits(c.levels, used.weights) AS score FROM compared c)
    SELECT s.id, m.person_id, ekok.match_state(s.levels, s.score, used.prior, s.numbers), s.score, ekok.match_probability(s.score, used.prior)
    FROM scored s LEFT JOIN registry.membership m ON m.enrolment_id = s.id
    WHERE s.score + used.prior >= 0 ORDER BY s.score DESC, s.id LIMIT "limit";
END $$;
COMMENT ON FUNCTION registry.find_person(ekok.person, int) IS 'Who in the registry may be this person: enrolments in the caller''s scope that share a key with it and are more likely the same than not, the likeliest first. state: certain, probable or apart (something contradicts); score in bits; chance 0 to 1.';
