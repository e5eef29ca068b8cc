-- sweep.sql - finds the enrolments that share evidence and says what each pair means. Set-based; the pairs come from the
-- double-dipping index. Works over temporary tables of its own (sweep_*), refuses to run when the caller has put tables
-- of those names there. A second sweep over an unchanged registry writes nothing.

CREATE OR REPLACE FUNCTION registry.token_of(e registry.enrolment, kind text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE kind WHEN 'nid' THEN e.nid_token WHEN 'brn' THEN e.brn_token WHEN 'mobile' THEN e.mobile_token
                     WHEN 'wallet' THEN e.wallet_token WHEN 'account' THEN e.account_token END;
COMMENT ON FUNCTION registry.token_of(registry.enrolment, text) IS 'The token of an enrolment for a kind of evidence, 16 bytes; null when it gives none.';

CREATE OR REPLACE FUNCTION registry.sexes_contradict(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(one <> other AND one <> 'unknown' AND other <> 'unknown', false);
COMMENT ON FUNCTION registry.sexes_contradict(text, text) IS 'True only when both are known and differ.';

CREATE OR REPLACE FUNCTION registry.same_birth_date(one date, other date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN one = other OR date_part('year', one) = date_part('year', other)
                      AND date_part('month', one) = date_part('day', other)
                      AND date_part('day', one) = date_part('month', other);
COMMENT ON FUNCTION registry.same_birth_date(date, date) IS 'True when the dates are equal, or equal once day and month are swapped.';

CREATE OR REPLACE FUNCTION registry.match_state(kind text, one_birth date, other_birth date, one_sex text, other_sex text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN registry.sexes_contradict(one_sex, other_sex) THEN 'shared'
                WHEN kind IN ('nid', 'brn') THEN
                    CASE WHEN abs(date_part('year', one_birth) - date_part('year', other_birth)) > 1
                         THEN 'shared' ELSE 'certain' END
                WHEN registry.same_birth_date(one_birth, other_birth) THEN 'probable' ELSE 'shared' END;
COMMENT ON FUNCTION registry.match_state(text, date, date, text, text) IS 'What sharing a piece of evidence means. NID and BRN: certain, unless birth years lie more than 1 apart or known sexes differ. Mobile, wallet, account: probable with the same birth date (or day and month swapped) and no contradiction of sex. Else shared.';

CREATE OR REPLACE FUNCTION registry.sweep_pairs() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on AS $$
BEGIN
    -- One statement, one snapshot: the TIDs are good only as long as it lasts.
    CREATE TEMP TABLE sweep_member ON COMMIT DROP AS
    WITH dip AS MATERIALIZED (
        SELECT d.evidence_key, d.rows FROM ekok.double_dips('registry.evidence_key_idx'::regclass, 2) d
    ), within_one AS (
        SELECT v.key FROM registry.evidence v GROUP BY v.key HAVING count(*) BETWEEN 2 AND 50
    ), sharing AS (
        SELECT v.enrolment_id, v.kind
        FROM dip d CROSS JOIN LATERAL unnest(d.rows) AS r(at) JOIN registry.evidence v ON v.ctid = r.at
        WHERE cardinality(d.rows) <= 50
        UNION ALL
        SELECT v.enrolment_id, v.kind FROM within_one w JOIN registry.evidence v ON v.key OPERATOR(ekok.=) w.key
        WHERE NOT EXISTS (SELECT FROM dip d WHERE d.evidence_key = ekok.evidence_key(w.key))
    )
    SELECT s.kind, registry.token_of(e, s.kind) AS token, e.id, e.birth_date, e.sex
    FROM sharing s JOIN registry.enrolment e ON e.id = s.enrolment_id;
    ANALYZE pg_temp.sweep_member;
    -- The tokens decide, not their hashes: two different tokens may share a key.
    CREATE TEMP TABLE sweep_pair ON COMMIT DROP AS
    SELECT x.id AS a, y.id AS b, x.kind, registry.match_state(x.kind, x.birth_date, y.birth_date, x.sex, y.sex) AS state
    FROM pg_temp.sweep_member x JOIN pg_temp.sweep_member y ON y.kind = x.kind AND y.token = x.token AND x.id < y.id;
    ANALYZE pg_temp.sweep_pair;
END $$;
COMMENT ON FUNCTION registry.sweep_pairs() IS 'Makes pg_temp.sweep_pair: every pair of enrolments that shares a token, in one programme or in two. A key held by more than 50 enrolments says nothing and is left out.';

CREATE OR REPLACE FUNCTION registry.sweep_matches() RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_new bigint;
BEGIN
    DELETE FROM registry.match m
    WHERE m.decision IS NULL
      AND NOT EXISTS (SELECT FROM pg_temp.sweep_pair p WHERE p.a = m.a AND p.b = m.b AND p.kind = m.kind);
    UPDATE registry.match m SET state = p.state FROM pg_temp.sweep_pair p
    WHERE p.a = m.a AND p.b = m.b AND p.kind = m.kind AND p.state <> m.state;
    INSERT INTO registry.match (a, b, kind, state)
    SELECT p.a, p.b, p.kind, p.state FROM pg_temp.sweep_pair p
    WHERE NOT EXISTS (SELECT FROM registry.match m WHERE m.a = p.a AND m.b = p.b AND m.kind = p.kind);
    GET DIAGNOSTICS found_new = ROW_COUNT;
    RETURN found_new;
END $$;
COMMENT ON FUNCTION registry.sweep_matches() IS 'Brings registry.match in line with pg_temp.sweep_pair and returns how many are new. A pair that a human decided is kept though the evidence goes.';

CREATE OR REPLACE FUNCTION registry.sweep(OUT matches_new bigint, OUT persons bigint, OUT rule_hits bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB'
    -- A table that is empty when a statement is planned may hold a million rows before it ends: never loop over it.
    SET enable_nestloop = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1701539691, hashtext('ekok sweep'));
    PERFORM set_config('ekok.purpose', 'sweep', true), set_config('ekok.source', '', true),
            set_config('ekok.run', '', true), set_config('ekok.page_sha256', '', true);
    PERFORM registry.sweep_pairs();
    matches_new := registry.sweep_matches();
    PERFORM registry.sweep_labels();
    PERFORM registry.sweep_members();
    rule_hits := registry.sweep_rules();
    DELETE FROM registry.person p WHERE NOT EXISTS (SELECT FROM registry.membership m WHERE m.person_id = p.id);
    SELECT count(*) INTO persons FROM registry.person;
    DROP TABLE pg_temp.sweep_member, pg_temp.sweep_pair, pg_temp.sweep_label, pg_temp.sweep_edge;
END $$;
COMMENT ON FUNCTION registry.sweep() IS 'Finds who is enrolled more than once: matches, persons, rule hits. matches_new: matches found by this sweep; persons and rule_hits: how many stand after it. One sweep at a time; a second one over an unchanged registry writes nothing. Error 42P07 when the session has temporary tables named sweep_*.';
