-- scope_model.sql - the policies on enrolments, memberships and what hangs on them against the naive filter: random scopes of every
-- shape, changed at random within one session, over random enrolments that move; whatever way the planner takes to the rows.
BEGIN;
\ir helper/tap.psql
\ir helper/access.psql
SET LOCAL jit = off;
SELECT plan(12);
SELECT setseed(0.32);
INSERT INTO registry.programme (code, number, name_en, ministry, benefit, integrated, source, confidence)
SELECT c, 4000 + n, c, (SELECT max(code) FROM registry.ministry), 'cash', false, 'test', 'assumed'
FROM unnest(ARRAY['OAAX', 'ABCDEFGH', 'ABCDEFGHI', 'ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF', 'XY', 'XYZW12']) WITH ORDINALITY AS u(c, n);
CREATE TEMP TABLE code AS SELECT array_agg(code) AS programmes FROM registry.programme;
CREATE TEMP TABLE place AS SELECT array_agg(code) AS codes FROM registry.geo WHERE code ~ '^(10|30|3026|40)' OR level = 1;
CREATE FUNCTION pg_temp.some(of text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT of[1 + floor(random() * cardinality(of))::int] $$;
CREATE FUNCTION pg_temp.any_place() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.1 THEN NULL ELSE left(pg_temp.some((SELECT codes FROM place)), 2 * (1 + floor(random() * 4))::int) END $$;
INSERT INTO registry.enrolment (id, source, record_id, programme, name_en, birth_date, geo, row_mac, first_run, last_run)
SELECT md5('m' || i)::uuid, 'dss', 'm' || i, pg_temp.some((SELECT programmes FROM code)), 'Somebody', '1970-01-01', pg_temp.any_place(), decode(md5('x'), 'hex'), 1, 1
FROM generate_series(1, 900) i;
INSERT INTO registry.person (id) SELECT e.id FROM registry.enrolment e WHERE e.record_id ~ '[05]$';
-- Five to a person; without programme and place, which the trigger fills in.
INSERT INTO registry.membership (enrolment_id, person_id, basis)
SELECT md5('m' || i)::uuid, md5('m' || (i + 4) / 5 * 5)::uuid, 'decision' FROM generate_series(1, 900) i;
INSERT INTO registry.evidence SELECT e.id, 'nid', ekok.evidence('nid', e.record_id, 1) FROM registry.enrolment e;
ANALYZE registry.enrolment, registry.membership;

-- What every login may see, by the books alone.
CREATE FUNCTION pg_temp.model(who name) RETURNS SETOF uuid LANGUAGE sql AS $$
    SELECT e.id FROM registry.enrolment e JOIN registry.programme p ON p.code = e.programme
    WHERE EXISTS (SELECT FROM access.scope s JOIN access.duty d ON d.code = s.duty JOIN access.account a ON a.login = s.login
                  WHERE s.login = who AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND d.scoped AND NOT d.step_up
                    AND a.disabled_at IS NULL AND (s.ministry IS NULL OR s.ministry = p.ministry)
                    AND (s.geo IS NULL OR coalesce(starts_with(e.geo, s.geo), false))) $$;
CREATE TEMP TABLE way (name text, setting text);
INSERT INTO way VALUES ('as planned', 'enable_sort'), ('by index', 'enable_seqscan'), ('without index', 'enable_indexscan'), ('without bitmap', 'enable_bitmapscan');
CREATE TEMP TABLE found (round int, who name, fitted boolean, what text, rows bigint, wrong boolean);
-- Until its roles are fitted to its scopes, a login may see less, and never more.
CREATE FUNCTION pg_temp.wrong(seen uuid[], want uuid[], fitted boolean) RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE WHEN fitted THEN seen <> want ELSE NOT seen <@ want END $$;
CREATE FUNCTION pg_temp.compare(round int, who name, fitted boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    w way;
    seen uuid[];
    members uuid[];
    held uuid[];
    persons uuid[];
    want uuid[] := ARRAY(SELECT m FROM pg_temp.model(who) m ORDER BY 1);
    want_persons uuid[] := ARRAY(SELECT DISTINCT m.person_id FROM registry.membership m WHERE m.enrolment_id = ANY (want) ORDER BY 1);
BEGIN
    FOR w IN SELECT * FROM way LOOP
        PERFORM set_config(w.setting, 'off', true), set_config('enable_indexonlyscan', CASE w.name WHEN 'without index' THEN 'off' ELSE 'on' END, true);
        EXECUTE format('SET SESSION AUTHORIZATION %I', who);
        BEGIN
            seen := ARRAY(SELECT e.id FROM registry.enrolment e ORDER BY 1);
            members := ARRAY(SELECT m.enrolment_id FROM registry.enrolment e JOIN registry.membership m ON m.enrolment_id = e.id ORDER BY 1);
            held := ARRAY(SELECT m.enrolment_id FROM registry.membership m ORDER BY 1);
            persons := ARRAY(SELECT p.id FROM registry.person p ORDER BY 1);
        EXCEPTION WHEN insufficient_privilege THEN
            SELECT '{}', '{}', '{}', '{}' INTO seen, members, held, persons;
        END;
        RESET SESSION AUTHORIZATION;
        PERFORM set_config(w.setting, 'on', true);
        INSERT INTO found SELECT round, who, fitted, t.what, cardinality(t.got), pg_temp.wrong(t.got, t.wanted, fitted)
        FROM (VALUES ('enrolment', seen, want), ('join', members, want), ('membership', held, want), ('person', persons, want_persons)) t(what, got, wanted);
    END LOOP;
END $$;

CREATE FUNCTION pg_temp.some_scope(who name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO access.scope (login, duty, ministry, geo, purpose, granted_at, expires_at)
    SELECT who, CASE WHEN random() < 0.15 THEN 'access officer' ELSE 'analyst' END,
           CASE WHEN random() < 0.6 THEN pg_temp.some((SELECT array_agg(ministry) FROM registry.programme)) END,
           CASE WHEN random() < 0.8 THEN left(pg_temp.some((SELECT codes FROM place)), 2 * (1 + floor(random() * 3))::int) END, 'test', clock_timestamp() - interval '2 hours',
           clock_timestamp() + CASE WHEN random() < 0.1 THEN interval '-1 hour' ELSE interval '1 day' END;
END $$;
DO $$
DECLARE
    who name;
BEGIN
    FOR n IN 1 .. 12 LOOP
        who := 'model_' || n;
        EXECUTE format('CREATE ROLE %I LOGIN', who);
        INSERT INTO access.account (login, holder, kind) VALUES (who, who, 'person');
        FOR k IN 1 .. 1 + n % 3 LOOP PERFORM pg_temp.some_scope(who); END LOOP;
    END LOOP;
    FOR round IN 1 .. 5 LOOP
        FOR n IN 1 .. 12 LOOP
            who := 'model_' || n;
            PERFORM access.fit_roles(who);
            PERFORM pg_temp.compare(round, who, true);
            -- Then something behind the scopes changes, and in the same session counts at once.
            CASE floor(random() * 8)::int
                WHEN 0, 6, 7 THEN PERFORM pg_temp.some_scope(who);
                WHEN 1 THEN UPDATE access.scope SET revoked_at = clock_timestamp(), revoked_by = 'test', revoked_because = 'test'
                            WHERE id = (SELECT min(s.id) FROM access.scope s WHERE s.login = who AND s.revoked_at IS NULL);
                WHEN 2 THEN UPDATE registry.programme SET ministry = pg_temp.some((SELECT array_agg(code) FROM registry.ministry))
                            WHERE code = pg_temp.some((SELECT programmes FROM code));
                WHEN 3 THEN UPDATE access.account SET disabled_at = CASE WHEN disabled_at IS NULL THEN now() END, disabled_because = CASE WHEN disabled_at IS NULL THEN 'test' END
                            WHERE login = who;
                WHEN 4 THEN UPDATE registry.enrolment SET geo = pg_temp.any_place() WHERE id IN (SELECT md5('m' || 1 + floor(random() * 900))::uuid FROM generate_series(1, 20));
                ELSE UPDATE registry.enrolment SET programme = pg_temp.some((SELECT programmes FROM code)) WHERE id = md5('m' || 1 + floor(random() * 900))::uuid;
            END CASE;
            PERFORM pg_temp.compare(round, who, false);
        END LOOP;
    END LOOP;
END $$;
SELECT is((SELECT count(*) FROM found), 2 * 5 * 12 * 4 * 4::bigint, 'all was looked at');
SELECT is(count(*) FILTER (WHERE f.wrong), 0::bigint, 'as by the books alone: ' || f.what) FROM found f GROUP BY f.what ORDER BY f.what;
SELECT cmp_ok((SELECT count(*) FROM found WHERE what = 'enrolment' AND fitted AND rows BETWEEN 1 AND 899), '>=', 100::bigint, 'often some are seen');
SELECT cmp_ok((SELECT count(*) FROM found WHERE what = 'enrolment' AND fitted AND rows IN (0, 900)), '>=', 20::bigint, 'at times none or all');
SELECT is_empty('SELECT FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id WHERE (m.programme, m.geo) IS DISTINCT FROM (e.programme, e.geo)',
                'a membership follows its enrolment');
SELECT throws_ok($$ INSERT INTO registry.membership (enrolment_id, person_id, basis) VALUES ('00000000-0000-0000-0000-00000000000f', md5('m5')::uuid, 'alone') $$, '23503');

-- A plan that is kept: what it was made for has gone when it runs again.
SELECT pg_temp.let('kept', 'analyst', NULL, '30') AS narrow \gset
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE kept_plan AS SELECT count(*) FROM registry.enrolment;
CREATE FUNCTION pg_temp.run_kept() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    SET SESSION AUTHORIZATION kept;
    EXECUTE 'EXECUTE kept_plan' INTO n;
    RESET SESSION AUTHORIZATION;
    RETURN n;
END $$;
SELECT is(pg_temp.run_kept(), (SELECT count(*) FROM registry.enrolment WHERE geo LIKE '30%'), 'a kept plan runs');
UPDATE access.scope SET geo = '3026' WHERE id = :narrow;
SELECT is(pg_temp.run_kept(), (SELECT count(*) FROM registry.enrolment WHERE geo LIKE '3026%'), '  narrower as soon as the scope is');
UPDATE access.scope SET geo = '10' WHERE id = :narrow;
SELECT is(pg_temp.run_kept(), (SELECT count(*) FROM registry.enrolment WHERE geo LIKE '10%'), '  and elsewhere when that moves');

SELECT * FROM finish();
ROLLBACK;
