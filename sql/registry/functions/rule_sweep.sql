-- rule_sweep.sql - the rules over the whole registry, by person as the last sweep left them. Set-based; what
-- registry.judge says of one enrolment, said of all.

CREATE OR REPLACE FUNCTION registry.drawing() RETURNS TABLE (enrolment_id uuid, person_id uuid, programme text, benefit text)
LANGUAGE sql STABLE AS $$
    SELECT e.id, m.person_id, e.programme, p.benefit
    FROM registry.enrolment e JOIN registry.programme p ON p.code = e.programme
    JOIN registry.membership m ON m.enrolment_id = e.id
    WHERE (e.status = 'active' OR e.status IS NULL)
      AND NOT EXISTS (SELECT FROM registry.hold h WHERE h.enrolment_id = e.id AND h.released_at IS NULL);
$$;
COMMENT ON FUNCTION registry.drawing() IS 'Enrolments that draw (registry.draws), with their persons.';

CREATE OR REPLACE FUNCTION registry.rule_breaches(r registry.rule) RETURNS TABLE (person_id uuid, programmes text[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF r.kind = 'max programmes' THEN
        RETURN QUERY SELECT d.person_id, array_agg(DISTINCT d.programme ORDER BY d.programme) FROM registry.drawing() d
            WHERE r.benefit IN (d.benefit, 'any')
            GROUP BY d.person_id HAVING count(DISTINCT d.programme) > r."limit";
    ELSIF r.kind = 'excluded combination' THEN
        RETURN QUERY SELECT d.person_id, array_agg(DISTINCT d.programme ORDER BY d.programme) FROM registry.drawing() d
            WHERE d.programme = ANY (r.programmes || r.not_with)
            GROUP BY d.person_id
            HAVING count(DISTINCT d.programme) > 1 AND bool_or(d.programme = ANY (r.programmes)) AND bool_or(d.programme = ANY (r.not_with));
    ELSE
        RETURN QUERY
            WITH given AS MATERIALIZED (
                SELECT d.person_id, d.programme, d.enrolment_id, registry.name_sound(e) AS sound,
                       CASE r.kind WHEN 'max per household' THEN convert_to(e.source || chr(1) || e.household, 'UTF8')
                                   ELSE registry.token_of(e, r.evidence) END AS shared
                FROM registry.drawing() d JOIN registry.enrolment e ON e.id = d.enrolment_id
                WHERE r.benefit IN (d.benefit, 'any')
            ), over AS (
                SELECT g.shared FROM given g WHERE g.shared IS NOT NULL GROUP BY g.shared
                HAVING CASE r.counted WHEN 'enrolments' THEN count(*) WHEN 'names' THEN count(DISTINCT g.sound)
                                      ELSE count(DISTINCT g.programme) END > r."limit")
            SELECT g.person_id, array_agg(DISTINCT g.programme ORDER BY g.programme)
            FROM over o JOIN given g ON g.shared = o.shared GROUP BY g.person_id;
    END IF;
END $$;
COMMENT ON FUNCTION registry.rule_breaches(registry.rule) IS 'The persons that break this rule, whether it is in force or not, exceptions aside; with the programmes that count. Needs persons as a sweep leaves them.';

CREATE OR REPLACE FUNCTION registry.excepted_persons(rule text) RETURNS SETOF uuid LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(x.person_id, m.person_id) FROM registry.rule_exception x
    LEFT JOIN registry.membership m ON m.enrolment_id = x.enrolment_id
    WHERE x.rule = excepted_persons.rule AND x.revoked_at IS NULL AND x.expires_at > statement_timestamp()
      AND coalesce(x.person_id, m.person_id) IS NOT NULL;
$$;
COMMENT ON FUNCTION registry.excepted_persons(text) IS 'Persons for whom an exception from the rule stands now, for them or for one of their enrolments.';

CREATE OR REPLACE FUNCTION registry.broken_rules() RETURNS TABLE (rule text, person_id uuid, programmes text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.code, b.person_id, b.programmes
    FROM registry.rules_in_force() r CROSS JOIN LATERAL registry.rule_breaches(r) b
    WHERE b.person_id NOT IN (SELECT registry.excepted_persons(r.code));
$$;
COMMENT ON FUNCTION registry.broken_rules() IS 'Who breaks which rule in force today, whatever its mode, without an exception. An enrolment without a status counts as active, one on hold does not count. A rule on evidence or households is broken by every person that takes part.';

CREATE OR REPLACE FUNCTION registry.sweep_rules() RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CREATE TEMP TABLE sweep_hit ON COMMIT DROP AS SELECT * FROM registry.broken_rules();
    ANALYZE pg_temp.sweep_hit;
    DELETE FROM registry.rule_hit k
    WHERE NOT EXISTS (SELECT FROM pg_temp.sweep_hit h WHERE h.rule = k.rule AND h.person_id = k.person_id);
    UPDATE registry.rule_hit k SET programmes = h.programmes FROM pg_temp.sweep_hit h
    WHERE h.rule = k.rule AND h.person_id = k.person_id AND h.programmes <> k.programmes;
    INSERT INTO registry.rule_hit (rule, person_id, programmes)
    SELECT h.rule, h.person_id, h.programmes FROM pg_temp.sweep_hit h
    WHERE NOT EXISTS (SELECT FROM registry.rule_hit k WHERE k.rule = h.rule AND k.person_id = h.person_id);
    DROP TABLE pg_temp.sweep_hit;
    RETURN (SELECT count(*) FROM registry.rule_hit);
END $$;
COMMENT ON FUNCTION registry.sweep_rules() IS 'Brings registry.rule_hit in line with registry.broken_rules and returns how many stand.';
