-- sweep_person.sql - from persons to broken rules.

CREATE OR REPLACE FUNCTION registry.broken_rules() RETURNS TABLE (rule text, person_id uuid, programmes text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.code, m.person_id, array_agg(DISTINCT e.programme ORDER BY e.programme)
    FROM registry.rule r
    JOIN registry.programme p ON p.benefit = r.benefit
    JOIN registry.enrolment e ON e.programme = p.code AND (e.status = 'active' OR e.status IS NULL)
    JOIN registry.membership m ON m.enrolment_id = e.id
    WHERE r.kind = 'max programmes' AND current_date >= r.valid_from AND (r.valid_to IS NULL OR current_date <= r.valid_to)
    GROUP BY r.code, r."limit", m.person_id
    HAVING count(DISTINCT e.programme) > r."limit";
$$;
COMMENT ON FUNCTION registry.broken_rules() IS 'Who breaks which rule today: persons in more active programmes of the rule''s benefit than its limit. An enrolment without a status counts as active.';

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
