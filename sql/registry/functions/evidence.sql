-- evidence.sql - what follows from an enrolment: its evidence keys and its household. Both can be told again at any
-- time from registry.enrolment. Called by etl.merge_staged, inside its plan settings: nested loops over index look-ups.

CREATE OR REPLACE FUNCTION registry.household_id(source text, household_key text) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN overlay(overlay(left(encode(sha256(convert_to(
        'ekok household' || chr(1) || source || chr(1) || household_key, 'UTF8')), 'hex'), 32)
        PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;
COMMENT ON FUNCTION registry.household_id(text, text) IS 'Id of a household, the same every time: SHA-256 of "ekok household", 1, source, 1, key, cut to a UUID of version 8.';

CREATE OR REPLACE FUNCTION registry.evidence_of(ids uuid[]) RETURNS TABLE (enrolment_id uuid, kind text, key ekok.evidence)
LANGUAGE sql STABLE AS $$
    SELECT e.id, t.kind, ekok.evidence(t.kind, t.token, p.number)
    FROM unnest(ids) AS u(id)
    JOIN registry.enrolment e ON e.id = u.id
    JOIN registry.programme p ON p.code = e.programme
    CROSS JOIN LATERAL (VALUES ('nid', e.nid_token), ('brn', e.brn_token), ('mobile', e.mobile_token),
                               ('wallet', e.wallet_token), ('account', e.account_token)) AS t(kind, token)
    WHERE t.token IS NOT NULL;
$$;
COMMENT ON FUNCTION registry.evidence_of(uuid[]) IS 'The evidence that enrolments give, one row for each token: kind, token and programme hashed into one key.';

CREATE OR REPLACE FUNCTION registry.add_evidence(added uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cardinality(added) > 0 THEN
        INSERT INTO registry.evidence (enrolment_id, kind, key)
        SELECT n.enrolment_id, n.kind, n.key FROM registry.evidence_of(added) n;
        INSERT INTO registry.pending (enrolment_id) SELECT u.id FROM unnest(added) AS u(id) ON CONFLICT DO NOTHING;
    END IF;
END $$;
COMMENT ON FUNCTION registry.add_evidence(uuid[]) IS 'Writes the evidence of enrolments that have none yet, and leaves word that they are to be linked.';

CREATE OR REPLACE FUNCTION registry.mend_evidence(changed uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cardinality(changed) > 0 THEN
        WITH gone AS (
            DELETE FROM registry.evidence v USING unnest(changed) AS u(id)
            WHERE v.enrolment_id = u.id
              AND NOT EXISTS (SELECT FROM registry.evidence_of(ARRAY[v.enrolment_id]) n
                              WHERE n.kind = v.kind AND n.key OPERATOR(ekok.=) v.key)
            RETURNING v.enrolment_id, v.key)
        INSERT INTO registry.pending AS p (enrolment_id, keys)
        SELECT u.id, coalesce((SELECT array_agg(g.key) FROM gone g WHERE g.enrolment_id = u.id), '{}') FROM unnest(changed) AS u(id)
        ON CONFLICT (enrolment_id) DO UPDATE SET stamp = excluded.stamp, keys = p.keys || excluded.keys;
        WITH come AS (
            INSERT INTO registry.evidence (enrolment_id, kind, key)
            SELECT n.enrolment_id, n.kind, n.key FROM registry.evidence_of(changed) n
            WHERE NOT EXISTS (SELECT FROM registry.evidence v WHERE v.enrolment_id = n.enrolment_id AND v.kind = n.kind)
            RETURNING enrolment_id, key)
        UPDATE registry.pending p SET keys = p.keys || (SELECT array_agg(x.key) FROM come x WHERE x.enrolment_id = p.enrolment_id)
        WHERE p.enrolment_id IN (SELECT c.enrolment_id FROM come c);
    END IF;
END $$;
COMMENT ON FUNCTION registry.mend_evidence(uuid[]) IS 'Puts the evidence of changed enrolments right; evidence that stays as it was is not touched. Leaves word that they are to be linked, and of the keys that came or went.';

CREATE OR REPLACE FUNCTION registry.write_households(source text, households text[], places text[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO registry.household AS h (id, source, household_key, geo)
    SELECT registry.household_id(write_households.source, t.household), write_households.source, t.household, t.geo
    FROM unnest(households, places) AS t(household, geo)
    LEFT JOIN registry.household k ON k.source = write_households.source AND k.household_key = t.household
    WHERE k.id IS NULL OR t.geo IS NOT NULL AND k.geo IS DISTINCT FROM t.geo
    ON CONFLICT ON CONSTRAINT household_source_household_key_key DO UPDATE SET geo = excluded.geo;
END $$;
COMMENT ON FUNCTION registry.write_households(text, text[], text[]) IS 'Writes those of these households, each named once, that are new or have moved; a place that is null moves none.';

CREATE OR REPLACE FUNCTION registry.keep_households(source text, ids uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.write_households(source, array_agg(t.household), array_agg(t.geo))
    FROM (SELECT DISTINCT ON (e.household COLLATE "C") e.household, e.geo
          FROM unnest(ids) AS u(id) JOIN registry.enrolment e ON e.id = u.id
          WHERE e.household IS NOT NULL ORDER BY e.household COLLATE "C", e.geo IS NULL, e.record_id COLLATE "C" DESC) t;
END $$;
COMMENT ON FUNCTION registry.keep_households(text, uuid[]) IS 'Writes the households that these enrolments of a source name and that are new or have moved; no other is touched. Within one call the highest record id (by bytes) that gives a place decides it.';
