-- rule_enforce.sql - what the triggers registry.hold_to_rules and etl.write_page call. Locks first, in one rising order,
-- then looks with a fresh snapshot, then holds or refuses. extension/src/rule/README.md says why that is enough.

CREATE OR REPLACE FUNCTION registry.rules_bind() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    isolation text := current_setting('transaction_isolation');
BEGIN
    IF isolation <> 'read committed' THEN
        -- Error 40001 when a rule has changed since the snapshot, which may not show it.
        PERFORM FROM registry.rule_epoch FOR SHARE;
    END IF;
    IF NOT EXISTS (SELECT FROM registry.rules_in_force() f WHERE f.mode <> 'report') THEN
        RETURN false;
    ELSIF isolation <> 'read committed' THEN
        RAISE 'rules are in force that do not hold at isolation level %', isolation
            USING ERRCODE = 'feature_not_supported', HINT = 'Enrol at READ COMMITTED: an older snapshot misses what others have enrolled since.';
    END IF;
    RETURN true;
END $$;
COMMENT ON FUNCTION registry.rules_bind() IS 'Whether a rule of mode hold or refuse is in force. Errors: 0A000 when one is and the isolation level is not READ COMMITTED, 40001 when a rule changed since the snapshot of such a transaction.';

CREATE OR REPLACE FUNCTION registry.rules_bind_alone() RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM registry.rules_in_force() f
                   WHERE f.mode <> 'report' AND (f."limit" = 0 OR f.kind = 'max per household'));
END $$;
COMMENT ON FUNCTION registry.rules_bind_alone() IS 'Whether a rule of mode hold or refuse is in force that an enrolment can break without evidence: a limit of 0, or one on households.';

CREATE OR REPLACE FUNCTION registry.binding_kinds() RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT array_agg(DISTINCT k)
            FROM registry.rules_in_force() f
            CROSS JOIN LATERAL unnest(CASE f.kind WHEN 'max per evidence' THEN ARRAY[f.evidence]
                                                  WHEN 'max per household' THEN ARRAY['household'] ELSE ARRAY['nid', 'brn'] END) k
            WHERE f.mode <> 'report');
END $$;
COMMENT ON FUNCTION registry.binding_kinds() IS 'Kinds of evidence, and household, that the rules of mode hold or refuse go by.';

CREATE OR REPLACE FUNCTION registry.keys_of(e registry.enrolment, kinds text[]) RETURNS TABLE (kind text, key ekok.evidence)
LANGUAGE sql IMMUTABLE AS $$
    SELECT t.kind, ekok.evidence(t.kind, t.token, 0)
    FROM (VALUES ('nid', e.nid_token), ('brn', e.brn_token), ('mobile', e.mobile_token), ('wallet', e.wallet_token),
                 ('account', e.account_token), ('household', convert_to(e.source || chr(1) || e.household, 'UTF8'))) AS t(kind, token)
    WHERE t.token IS NOT NULL AND t.kind = ANY (kinds);
$$;
COMMENT ON FUNCTION registry.keys_of(registry.enrolment, text[]) IS 'The keys of these kinds that an enrolment gives by its tokens, and its household as a key, all of programme 0.';

CREATE OR REPLACE FUNCTION registry.rule_keys(touched uuid[], OUT strong ekok.evidence[], OUT others ekok.evidence[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    kinds text[] := registry.binding_kinds();
BEGIN
    SELECT array_agg(k.key) FILTER (WHERE k.kind IN ('nid', 'brn')), array_agg(k.key) FILTER (WHERE k.kind NOT IN ('nid', 'brn'))
    INTO strong, others
    FROM unnest(touched) u JOIN registry.enrolment e ON e.id = u CROSS JOIN LATERAL registry.keys_of(e, kinds) k;
    -- A person without NID and BRN is locked by its own name.
    others := others || ARRAY(SELECT ekok.evidence('person', x.person_id::text, 0)
                              FROM unnest(touched) u JOIN registry.membership x ON x.enrolment_id = u);
END $$;
COMMENT ON FUNCTION registry.rule_keys(uuid[]) IS 'What the rules in force go by for these enrolments, as keys of programme 0: NID and BRN; other evidence, households, persons.';

CREATE OR REPLACE FUNCTION registry.reach_of(strong ekok.evidence[]) RETURNS ekok.evidence[] LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    known ekok.evidence[] := strong;
    edge ekok.evidence[] := strong;
    reached uuid[];
BEGIN
    WHILE cardinality(edge) > 0 LOOP
        SELECT array_agg(v.enrolment_id) INTO reached
        FROM unnest(edge) f(key) CROSS JOIN LATERAL (
            SELECT i.enrolment_id FROM registry.evidence i
            WHERE i.key OPERATOR(ekok.>=) f.key AND i.key OPERATOR(ekok.<=) ekok.with_programme(f.key, 4095) LIMIT 500) v;
        EXIT WHEN reached IS NULL;
        SELECT array_agg(n.key) INTO edge
        FROM (SELECT ekok.with_programme(v.key, 0)
              FROM unnest(reached) u JOIN registry.evidence v ON v.enrolment_id = u AND v.kind IN ('nid', 'brn')
              UNION
              SELECT ekok.evidence('person', x.person_id::text, 0)
              FROM unnest(reached) u JOIN registry.membership x ON x.enrolment_id = u
              UNION
              SELECT ekok.with_programme(v.key, 0)
              FROM unnest(reached) u JOIN registry.membership x ON x.enrolment_id = u
              JOIN registry.membership y ON y.person_id = x.person_id AND y.enrolment_id <> u
              JOIN registry.evidence v ON v.enrolment_id = y.enrolment_id AND v.kind IN ('nid', 'brn')
              EXCEPT
              SELECT unnest(known)) n(key);
        known := known || edge;
    END LOOP;
    RETURN known;
END $$;
COMMENT ON FUNCTION registry.reach_of(ekok.evidence[]) IS 'These keys of NID and BRN with all that enrolments tie to them, and the persons found, as keys of programme 0: what has to be locked before counting.';

CREATE OR REPLACE FUNCTION registry.lock_persons(strong ekok.evidence[], others ekok.evidence[], at_least int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reached ekok.evidence[];
BEGIN
    LOOP
        reached := registry.reach_of(ekok.evidence_held('registry.evidence_key_idx', strong, at_least));
        BEGIN
            PERFORM ekok.lock_evidence(strong || others || reached);
            IF NOT EXISTS (SELECT unnest(registry.reach_of(ekok.evidence_held('registry.evidence_key_idx', strong, at_least)))
                           EXCEPT SELECT unnest(reached)) THEN
                RETURN;
            END IF;
            RAISE 'more evidence is tied to it now' USING ERRCODE = 'EK002';
        EXCEPTION WHEN SQLSTATE 'EK002' THEN
            NULL; -- The locks are gone with the subtransaction: look again, and take all of them in their order.
        END;
    END LOOP;
END $$;
COMMENT ON FUNCTION registry.lock_persons(ekok.evidence[], ekok.evidence[], int) IS 'Locks the buckets of these keys, and of all that reaches from the strong ones, in rising order, until the transaction ends. A strong key is followed where at least so many enrolments hold it: 1 before one''s own evidence is written, 2 after.';

-- Judging one enrolment exactly costs half a millisecond, and most that share evidence are far below every limit: one query
-- counts for all of them more than any rule could count. What it lets through, registry.judge decides.
CREATE OR REPLACE FUNCTION registry.could_break(ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    RETURN (WITH RECURSIVE rule AS MATERIALIZED (
        SELECT f.* FROM registry.rules_in_force() f WHERE f.mode <> 'report'
    ), on_persons AS MATERIALIZED (
        SELECT EXISTS (SELECT FROM rule r WHERE r.kind IN ('max programmes', 'excluded combination')) AS any
    ), reach (c, m) AS (        -- whoever could be one person with c; 21 holders of a key stand for any more
        SELECT u, u FROM unnest(ids) AS u
        UNION
        SELECT r.c, n.id FROM reach r CROSS JOIN LATERAL (
            SELECT h.enrolment_id FROM registry.evidence v CROSS JOIN LATERAL (
                SELECT i.enrolment_id FROM registry.evidence i
                WHERE i.key OPERATOR(ekok.>=) ekok.with_programme(v.key, 0) AND i.key OPERATOR(ekok.<=) ekok.with_programme(v.key, 4095) LIMIT 21) h
            WHERE v.enrolment_id = r.m AND v.kind IN ('nid', 'brn')
            UNION ALL
            SELECT y.enrolment_id FROM registry.membership x CROSS JOIN LATERAL (
                SELECT o.enrolment_id FROM registry.membership o WHERE o.person_id = x.person_id LIMIT 21) y
            WHERE x.enrolment_id = r.m) AS n(id)
        WHERE (SELECT p.any FROM on_persons p)
    ), person AS MATERIALIZED (
        SELECT r.c, count(*) AS size, array_agg(DISTINCT e.programme) FILTER (WHERE e.status = 'active' OR e.status IS NULL OR e.id = r.c) AS programmes
        FROM reach r JOIN registry.enrolment e ON e.id = r.m GROUP BY r.c)
    SELECT coalesce(array_agg(DISTINCT p.c), '{}')
    FROM person p JOIN registry.enrolment e ON e.id = p.c JOIN rule r ON CASE r.kind
        WHEN 'max programmes' THEN p.size > 20 OR r."limit" < (
            SELECT count(*) FROM unnest(p.programmes) AS d(code) JOIN registry.programme g ON g.code = d.code WHERE r.benefit IN (g.benefit, 'any'))
        WHEN 'excluded combination' THEN e.programme = ANY (r.programmes || r.not_with) AND (p.size > 20
            OR e.programme = ANY (r.programmes) AND array_remove(p.programmes, e.programme) && r.not_with
            OR e.programme = ANY (r.not_with) AND array_remove(p.programmes, e.programme) && r.programmes)
        WHEN 'max per evidence' THEN r."limit" < (
            SELECT count(*) FROM (SELECT FROM registry.evidence v JOIN registry.evidence i
                                      ON i.key OPERATOR(ekok.>=) ekok.with_programme(v.key, 0) AND i.key OPERATOR(ekok.<=) ekok.with_programme(v.key, 4095)
                                  WHERE v.enrolment_id = p.c AND v.kind = r.evidence LIMIT r."limit"::bigint + 1) h)
        ELSE r."limit" < (
            SELECT count(*) FROM (SELECT FROM registry.enrolment o WHERE o.source = e.source AND o.household = e.household LIMIT r."limit"::bigint + 1) h)
        END);
END $$;
COMMENT ON FUNCTION registry.could_break(uuid[]) IS 'Those of these enrolments, with their evidence written, for whom some rule in force of mode hold or refuse would count more than it allows if every hash were a number, every enrolment counted and no exception stood: a superset of those that registry.judge finds breaking one.';

CREATE OR REPLACE FUNCTION registry.suspects(touched uuid[], given ekok.evidence[], at_least int) RETURNS uuid[] LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    kinds text[] := registry.binding_kinds();
    shared ekok.evidence[];
    found uuid[];
BEGIN
    IF registry.rules_bind_alone() THEN
        found := touched;
    ELSE
        shared := ekok.evidence_held('registry.evidence_key_idx', given, at_least);
        found := ARRAY(SELECT v.enrolment_id FROM unnest(shared) s
                       JOIN registry.evidence v ON v.key OPERATOR(ekok.>=) s AND v.key OPERATOR(ekok.<=) ekok.with_programme(s, 4095)
                       WHERE v.enrolment_id = ANY (touched)
                       UNION
                       SELECT e.id FROM unnest(touched) u JOIN registry.enrolment e ON e.id = u
                       CROSS JOIN LATERAL registry.keys_of(e, kinds) k
                       WHERE at_least = 1 AND k.key OPERATOR(ekok.=) ANY (shared)
                       UNION
                       SELECT x.enrolment_id FROM unnest(touched) u JOIN registry.membership x ON x.enrolment_id = u
                       JOIN registry.membership y ON y.person_id = x.person_id AND y.enrolment_id <> u);
    END IF;
    RETURN ARRAY(SELECT e.id FROM unnest(CASE WHEN at_least = 2 THEN registry.could_break(found) ELSE found END) u JOIN registry.enrolment e ON e.id = u
                 WHERE e.status = 'active' OR e.status IS NULL ORDER BY e.enrolled_on, e.id);
END $$;
COMMENT ON FUNCTION registry.suspects(uuid[], ekok.evidence[], int) IS 'Those of these enrolments, which give this evidence, that could break a rule at all, since at least so many give it, as in registry.lock_persons, or they share a person with another one; first come first, by day of enrolment, then id.';

CREATE OR REPLACE FUNCTION registry.enforce(touched uuid[], strong ekok.evidence[] DEFAULT NULL,
                                            others ekok.evidence[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SET jit = off SET search_path = pg_catalog, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
    pending uuid[];
    -- Evidence that is given has been written, so what only one enrolment holds is its own.
    at_least int := CASE WHEN strong IS NULL AND others IS NULL THEN 1 ELSE 2 END;
    declined uuid[] := '{}';
    refused text[] := '{}';
    c registry.enrolment;
    told record;
BEGIN
    IF at_least = 1 THEN
        SELECT k.strong, k.others INTO strong, others FROM registry.rule_keys(touched) k;
    END IF;
    PERFORM registry.lock_persons(coalesce(strong, '{}'), coalesce(others, '{}'), at_least);
    pending := registry.suspects(touched, strong || others, at_least);
    WHILE cardinality(pending) > 0 LOOP
        SELECT e.* INTO c FROM registry.enrolment e WHERE e.id = pending[1];
        pending := pending[2:];
        CONTINUE WHEN NOT registry.draws(c);
        FOR told IN SELECT j.* FROM registry.judge(c, pending || declined) j LOOP
            IF told.mode = 'hold' THEN
                INSERT INTO registry.hold (enrolment_id, rule, counted) VALUES (c.id, told.rule, told.counted)
                ON CONFLICT DO NOTHING;
            ELSE
                refused := refused || format('Enrolment %s by rule %s: %s counted, %s allowed.', c.id, told.rule, told.counted, told.allowed);
                declined := declined || c.id;
                EXIT;
            END IF;
        END LOOP;
    END LOOP;
    IF cardinality(refused) > 0 THEN
        RAISE 'a rule refuses % of the enrolments written', cardinality(refused) USING ERRCODE = 'EK001',
            DETAIL = array_to_string(refused, E'\n'), TABLE = 'enrolment', SCHEMA = 'registry',
            HINT = 'End another enrolment first, or have an exception granted: registry.grant_exception.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.enforce(uuid[], ekok.evidence[], ekok.evidence[]) IS 'Holds these enrolments, by the evidence given or all that their tokens tell, to the rules of mode hold and refuse: puts them under registry.hold, or fails with error EK001, one line of detail for each that is refused.';
