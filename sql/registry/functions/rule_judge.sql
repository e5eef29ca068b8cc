-- rule_judge.sql - who is one person for a rule, and which rules one more enrolment would break. Reads, writes nothing.
-- A function in SQL that the planner does not inline is planned anew by every query that calls it, which costs more than what
-- it does: so what is called for each enrolment is either inlined (no SET of its own: callers set) or written in PL/pgSQL.
-- A person is what exact evidence ties (NID, BRN, over any number of steps, each rechecked by its token) together with
-- whoever registry.membership holds to be the same.

CREATE OR REPLACE FUNCTION registry.rules_in_force() RETURNS SETOF registry.rule LANGUAGE sql STABLE AS $$
    SELECT r.* FROM registry.rule r
    WHERE r.state = 'active' AND current_date >= r.valid_from AND (r.valid_to IS NULL OR current_date <= r.valid_to);
$$;
COMMENT ON FUNCTION registry.rules_in_force() IS 'The active rules that hold today.';

CREATE OR REPLACE FUNCTION registry.draws(e registry.enrolment) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (e.status = 'active' OR e.status IS NULL)
           AND NOT EXISTS (SELECT FROM registry.hold h WHERE h.enrolment_id = e.id AND h.released_at IS NULL);
END $$;
COMMENT ON FUNCTION registry.draws(registry.enrolment) IS 'Whether an enrolment counts for the rules and may be paid: active or without a status, and under no standing hold.';

CREATE OR REPLACE FUNCTION registry.strong_tokens(e registry.enrolment) RETURNS TABLE (kind text, token bytea)
LANGUAGE sql IMMUTABLE AS $$
    SELECT t.kind, t.token FROM (VALUES ('nid', e.nid_token), ('brn', e.brn_token)) AS t(kind, token) WHERE t.token IS NOT NULL;
$$;
COMMENT ON FUNCTION registry.strong_tokens(registry.enrolment) IS 'The evidence of an enrolment that names one human: NID and BRN.';

CREATE OR REPLACE FUNCTION registry.holders(kind text, token bytea, most int) RETURNS SETOF registry.enrolment
LANGUAGE sql STABLE AS $$
    SELECT e.* FROM registry.evidence v JOIN registry.enrolment e ON e.id = v.enrolment_id
    WHERE v.key OPERATOR(ekok.>=) ekok.evidence(holders.kind, holders.token, 0)
      AND v.key OPERATOR(ekok.<=) ekok.evidence(holders.kind, holders.token, 4095)
      AND v.kind = holders.kind AND registry.token_of(e, holders.kind) = holders.token
    LIMIT holders.most;
$$;
COMMENT ON FUNCTION registry.holders(text, bytea, int) IS 'Enrolments that give this evidence, at most "most" of them; equal hashes are rechecked by the token.';

CREATE OR REPLACE FUNCTION registry.same_person(c registry.enrolment) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    known uuid[] := ARRAY[c.id];
    edge uuid[];
BEGIN
    SELECT array_agg(DISTINCT o.id) INTO edge
    FROM registry.strong_tokens(c) t CROSS JOIN LATERAL registry.holders(t.kind, t.token, 500) o WHERE o.id <> c.id;
    edge := edge || ARRAY(SELECT y.enrolment_id FROM registry.membership x JOIN registry.membership y ON y.person_id = x.person_id
                          WHERE x.enrolment_id = c.id AND y.enrolment_id <> c.id AND y.enrolment_id <> ALL (coalesce(edge, '{}'))
                          LIMIT 500);
    WHILE cardinality(edge) > 0 AND cardinality(known) <= 500 LOOP
        known := known || edge;
        edge := ARRAY(
            SELECT o.id FROM unnest(edge) u JOIN registry.enrolment e ON e.id = u
            CROSS JOIN LATERAL registry.strong_tokens(e) t CROSS JOIN LATERAL registry.holders(t.kind, t.token, 500) o
            WHERE o.id <> ALL (known)
            UNION
            SELECT y.enrolment_id FROM unnest(edge) u JOIN registry.membership x ON x.enrolment_id = u
            JOIN registry.membership y ON y.person_id = x.person_id WHERE y.enrolment_id <> ALL (known));
    END LOOP;
    RETURN known;
END $$;
COMMENT ON FUNCTION registry.same_person(registry.enrolment) IS 'Ids of the enrolments that are one person with this one, itself first. Past 500 it stops looking: such evidence is a placeholder, and names nobody.';

CREATE OR REPLACE FUNCTION registry.is_excepted(rule text, id uuid, person uuid[]) RETURNS boolean LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM registry.rule_exception x
                   WHERE x.rule = is_excepted.rule AND x.revoked_at IS NULL AND x.expires_at > clock_timestamp()
                     AND (x.enrolment_id = is_excepted.id
                          OR x.person_id IN (SELECT m.person_id FROM registry.membership m
                                             WHERE m.enrolment_id = ANY (is_excepted.person))));
END $$;
COMMENT ON FUNCTION registry.is_excepted(text, uuid, uuid[]) IS 'Whether an exception from the rule stands now for this enrolment, or for the person of any of these enrolments.';

CREATE OR REPLACE FUNCTION registry.name_sound(e registry.enrolment) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN coalesce(nullif(ekok.sound_equal_key(coalesce(e.name_bn, e.name_en)), ''), lower(coalesce(e.name_bn, e.name_en)));
COMMENT ON FUNCTION registry.name_sound(registry.enrolment) IS 'What tells two names apart for a rule that counts names: their sound, or the name itself when it has none.';

CREATE OR REPLACE FUNCTION registry.count_of(r registry.rule, c registry.enrolment, pool registry.enrolment[]) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE coalesce(r.counted, 'programmes') WHEN 'enrolments' THEN count(*)
               WHEN 'names' THEN count(DISTINCT registry.name_sound(x)) ELSE count(DISTINCT x.programme) END
    FROM (SELECT (p).* FROM unnest(pool) p WHERE p.id <> c.id UNION ALL SELECT (c).*) AS x
    JOIN registry.programme g ON g.code = x.programme
    WHERE r.benefit IN (g.benefit, 'any'));
END $$;
COMMENT ON FUNCTION registry.count_of(registry.rule, registry.enrolment, registry.enrolment[]) IS 'What a rule of a limit counts among these enrolments together with enrolment c.';

CREATE OR REPLACE FUNCTION registry.pool_of(r registry.rule, c registry.enrolment, person uuid[], pending uuid[])
RETURNS registry.enrolment[] LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    IF r.kind = 'max per evidence' THEN
        RETURN ARRAY(SELECT e FROM registry.holders(r.evidence, registry.token_of(c, r.evidence), 2000) e
                     WHERE registry.draws(e) AND e.id <> ALL (pending));
    ELSIF r.kind = 'max per household' THEN
        RETURN ARRAY(SELECT e FROM registry.enrolment e WHERE e.source = c.source AND e.household = c.household
                     AND registry.draws(e) AND e.id <> ALL (pending) LIMIT 2000);
    END IF;
    RETURN ARRAY(SELECT e FROM unnest(person) u JOIN registry.enrolment e ON e.id = u
                 WHERE registry.draws(e) AND e.id <> ALL (pending));
END $$;
COMMENT ON FUNCTION registry.pool_of(registry.rule, registry.enrolment, uuid[], uuid[]) IS 'The enrolments that a rule looks at together with enrolment c: of its person, its wallet, its household; only those that draw, and none of the pending.';

CREATE OR REPLACE FUNCTION registry.judge(c registry.enrolment, pending uuid[] DEFAULT '{}', only_binding boolean DEFAULT true)
RETURNS TABLE (rule text, mode text, counted bigint, allowed int) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person uuid[] := registry.same_person(c);
    own_benefit text := (SELECT p.benefit FROM registry.programme p WHERE p.code = c.programme);
    r registry.rule;
    pool registry.enrolment[];
BEGIN
    FOR r IN SELECT f.* FROM registry.rules_in_force() f
             WHERE (f.mode <> 'report' OR NOT only_binding)
               AND CASE f.kind WHEN 'excluded combination' THEN c.programme = ANY (f.programmes || f.not_with)
                        WHEN 'max per evidence' THEN registry.token_of(c, f.evidence) IS NOT NULL
                        WHEN 'max per household' THEN c.household IS NOT NULL ELSE true END
               AND (f.benefit IS NULL OR f.benefit IN (own_benefit, 'any'))
             ORDER BY array_position(ARRAY['refuse', 'hold', 'report'], f.mode), f.code COLLATE "C" LOOP
        pool := registry.pool_of(r, c, person, pending);
        IF r.kind = 'excluded combination' THEN
            counted := (SELECT count(DISTINCT p.programme) FROM unnest(pool) p WHERE p.id <> c.id AND p.programme <> c.programme
                        AND (c.programme = ANY (r.programmes) AND p.programme = ANY (r.not_with)
                             OR c.programme = ANY (r.not_with) AND p.programme = ANY (r.programmes)));
            allowed := 0;
        ELSE
            counted := registry.count_of(r, c, pool);
            allowed := r."limit";
        END IF;
        IF (counted > allowed OR cardinality(person) > 500 AND r.kind IN ('max programmes', 'excluded combination'))
           AND NOT registry.is_excepted(r.code, c.id, person) THEN
            rule := r.code;
            mode := r.mode;
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION registry.judge(registry.enrolment, uuid[], boolean) IS 'The rules that enrolment c breaks together with all that draw, the pending left out; refuse before hold before report. c need not stand in the registry; it is taken to draw. counted: what the rule counts with c (for an excluded combination: programmes that c''s excludes); allowed: its limit. A person of more than 500 enrolments is a placeholder: it breaks every rule on persons.';
