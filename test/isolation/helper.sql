-- helper.sql - what the specs call, in schema spec. check_isolation.sh puts the helpers of test/pgtap beside it.
CREATE FUNCTION spec.reset() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM registry.hold;
    DELETE FROM registry.rule_exception;
    DELETE FROM registry.rule_hit;
    DELETE FROM registry.match;
    DELETE FROM registry.membership;
    DELETE FROM registry.person;
    DELETE FROM registry.evidence;
    DELETE FROM registry.enrolment;
    UPDATE registry.rule SET replaces = NULL WHERE replaces IS NOT NULL;
    DELETE FROM registry.rule WHERE code <> 'max-cash-programmes';
END $$;

-- What stands: records and, where they are on hold, a star.
CREATE FUNCTION spec.standing() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(e.record_id || CASE WHEN registry.draws(e) THEN '' ELSE '*' END, ' ' ORDER BY e.record_id COLLATE "C")
    FROM registry.enrolment e $$;

-- Many enrolments by one statement, each with an NID of its own but the last, whose NID is the word given.
CREATE FUNCTION spec.enrol_many(prefix text, programme text, rows int, nid text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registry.enrolment (id, source, record_id, programme, name_en, birth_date, nid_digits, nid_sealed, nid_token,
                                    row_mac, first_run, last_run)
    SELECT spec.id_of('dss', prefix || n), 'dss', prefix || n, enrol_many.programme, 'X', '1970-01-01', 10, '\x01',
           decode(md5('nid' || CASE WHEN n = rows THEN nid ELSE prefix || n END), 'hex'), decode(md5('x'), 'hex'), 1, 1
    FROM generate_series(1, rows) n;
    PERFORM registry.add_evidence(ARRAY(SELECT spec.id_of('dss', prefix || n) FROM generate_series(1, rows) n));
END $$;

-- spec.enrol and spec.rule without braces, which end a step: 'nid', 'a', 'brn', 'b'; lists of programmes with a comma.
CREATE FUNCTION spec.put(record text, programme text, VARIADIC told text[]) RETURNS void LANGUAGE sql AS $$
    SELECT spec.enrol(record, programme, jsonb_object(told)) $$;
CREATE FUNCTION spec.bind(VARIADIC told text[]) RETURNS void LANGUAGE sql AS $$
    SELECT spec.rule('raced', (SELECT jsonb_object_agg(k, CASE WHEN k IN ('programmes', 'not_with')
                                                               THEN to_jsonb(string_to_array(v #>> '{}', ',')) ELSE v END)
                               FROM jsonb_each(jsonb_object(told)) AS t(k, v))) $$;

-- A list of evidence to be swept, of its own: 20 000 rows on some sixty leaves; half the keys are held by more than one programme.
CREATE TABLE spec.held (id int, e ekok.evidence) WITH (autovacuum_enabled = off);
CREATE INDEX held_e ON spec.held (e);
CREATE FUNCTION spec.some_evidence(n int) RETURNS ekok.evidence LANGUAGE sql AS $$ SELECT ekok.evidence('nid', (n % 13000)::text, n % 11) $$;
CREATE FUNCTION spec.fill() RETURNS void LANGUAGE sql AS $$
    TRUNCATE spec.held;
    INSERT INTO spec.held SELECT n, spec.some_evidence(n) FROM generate_series(1, 20000) n $$;

-- What is left of a cursor over ekok.double_dips, beside the same rows by the plain query: how many, and whether they agree.
CREATE FUNCTION spec.rest(swept refcursor) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    d record;
    told text[] := '{}';
    keys bigint[] := '{}';
BEGIN
    LOOP
        FETCH swept INTO d;
        EXIT WHEN NOT FOUND;
        told := told || format('%s %s %s', d.evidence_key, d.programmes, d.rows);
        keys := keys || d.evidence_key;
    END LOOP;
    RETURN format('%s keys, %s', cardinality(told), CASE WHEN told = ARRAY(
        SELECT format('%s %s %s', p.evidence_key, p.programmes, p.rows) FROM ekok.double_dips_plain('spec.held_e') p
        WHERE p.evidence_key >= keys[1] ORDER BY p.evidence_key) THEN 'as the plain query' ELSE 'not as the plain query' END);
END $$;
CREATE FUNCTION spec.sweep() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    swept refcursor;
BEGIN
    OPEN swept FOR SELECT (d).* FROM (SELECT ekok.double_dips('spec.held_e') AS d OFFSET 0) s;
    RETURN spec.rest(swept);
END $$;

-- Two access officers and one who asks; no codes, since a session of the tester has none.
CREATE FUNCTION spec.officers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    l name;
BEGIN
    UPDATE access.duty SET step_up = false;
    FOREACH l IN ARRAY ARRAY['spec_o1', 'spec_o2', 'spec_clerk'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = l) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', l);
            INSERT INTO access.account (login, holder, kind) VALUES (l, l, 'person');
        END IF;
        IF l <> 'spec_clerk' THEN
            INSERT INTO access.scope (login, duty, purpose, expires_at) VALUES (l, 'access officer', 'spec', now() + interval '1 day');
        END IF;
        PERFORM access.fit_roles(l);
    END LOOP;
    INSERT INTO access.grant_request (requester, role, purpose, expires_at) VALUES ('spec_clerk', 'analyst', 'spec', now() + interval '1 day');
END $$;
CREATE FUNCTION spec.no_officers() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM access.scope WHERE login LIKE 'spec\_%';
    DELETE FROM access.session s USING access.grant_request r WHERE r.id = s.request_id AND r.requester LIKE 'spec\_%';
    DELETE FROM access.approval WHERE requester LIKE 'spec\_%';
    DELETE FROM access.grant_request WHERE requester LIKE 'spec\_%';
    PERFORM access.fit_roles(l) FROM unnest(ARRAY['spec_o1', 'spec_o2', 'spec_clerk']::name[]) l;
    UPDATE access.duty SET step_up = true WHERE code IN ('access officer', 'keeper', 'break glass');
END $$;

-- Two enrolments, and a reader of the division that holds one of them.
CREATE FUNCTION spec.scoped() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM spec.put('near', 'OAA', 'geo', '3026'), spec.put('far', 'OAA', 'geo', '10');
    UPDATE registry.enrolment SET geo = CASE record_id WHEN 'near' THEN '3026' ELSE '10' END;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'spec_reader') THEN
        CREATE ROLE spec_reader LOGIN;
        INSERT INTO access.account (login, holder, kind) VALUES ('spec_reader', 'spec_reader', 'person');
    END IF;
    INSERT INTO access.scope (login, duty, geo, purpose, expires_at) VALUES ('spec_reader', 'analyst', '30', 'spec', now() + interval '1 day');
    PERFORM access.fit_roles('spec_reader');
END $$;
CREATE FUNCTION spec.not_scoped() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM access.end_scope(id, 'spec', 'spec') FROM access.scope WHERE login = 'spec_reader' AND revoked_at IS NULL;
END $$;
