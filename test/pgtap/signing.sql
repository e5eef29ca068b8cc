-- signing.sql - the books of the keys that sign the trace: what a public half is, which states they pass, who may call what.
BEGIN;
\ir helper/tap.psql
SELECT no_plan();

DELETE FROM keyring.signer;
DELETE FROM keyring.rotation;
DELETE FROM keyring.key;

-- NAME+FINGERPRINT+KEY of any 32 bytes: 0x01 before them, SHA-256 over name, line feed and both.
CREATE FUNCTION pg_temp.public_half(name text, seed text) RETURNS text LANGUAGE sql AS $$
    SELECT name || '+' || left(encode(sha256(convert_to(name || E'\n', 'UTF8') || k), 'hex'), 8) || '+' || encode(k, 'base64')
    FROM (SELECT '\x01'::bytea || sha256(convert_to(seed, 'UTF8'))) AS s(k) $$;
SELECT pg_temp.public_half('log', 'a') AS a, pg_temp.public_half('log', 'b') AS b, pg_temp.public_half('log', 'c') AS c,
       pg_temp.public_half('other', 'd') AS d \gset
CREATE FUNCTION pg_temp.states() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(k.version || ' ' || k.state, ', ' ORDER BY k.version) FROM keyring.key k WHERE k.purpose = 'audit' $$;

SELECT throws_ok(format('SELECT keyring.signer_commitment(%L)', bad), '22023', NULL, 'no public half: ' || coalesce(bad, 'null'))
FROM unnest(ARRAY[NULL, '', 'log', replace(:'a', 'log', 'lag'), :'a' || 'A', left(:'a', -1), replace(:'a', '+', ' ')]) bad;
SELECT is(left(encode(keyring.signer_commitment(:'a'), 'hex'), 8), split_part(:'a', '+', 2), 'a commitment begins with the fingerprint');

SELECT is(keyring.check_signer(:'a'), 'active', 'the first key is registered by asking');
SELECT is(keyring.check_signer(:'b'), 'unknown', 'another is not');
SELECT is(pg_temp.states(), '1 active', '  and nothing of it is kept');
SELECT is(keyring.add_signer(:'b'), 2, 'the next one is registered');
SELECT is(keyring.add_signer(:'b'), 2, 'once');
SELECT throws_ok(format('SELECT keyring.add_signer(%L)', :'d'), '22023', NULL, 'one of another name is not');
SELECT is(pg_temp.states(), '1 active, 2 pre-active', 'pre-active');

SELECT throws_ok(format('SELECT keyring.begin_signer(%L, 5)', :'b'), '55000', NULL, 'it may not begin');
SELECT throws_ok(format('SELECT keyring.hand_over_signer(%L, %L, ''x'')', :'b', :'a'), '55000', NULL, 'nor be followed');
SELECT lives_ok(format('SELECT keyring.hand_over_signer(%L, %L, ''x'')', :'a', :'b'), 'it follows');
SELECT is(pg_temp.states(), '1 decrypt-only, 2 active', 'both may sign');
SELECT lives_ok(format('SELECT keyring.hand_over_signer(%L, %L, ''y'')', :'a', :'b'), 'the same again changes nothing');
SELECT is((SELECT handover FROM keyring.signer WHERE version = 2), 'x', '  not even its text');
SELECT throws_ok($$ SELECT keyring.revoke_signer(1, 3, 'x') $$, '55000', NULL, 'one that may sign is not given up');

-- a third before the second has signed
SELECT is(keyring.add_signer(:'c'), 3, 'a third');
SELECT lives_ok(format('SELECT keyring.hand_over_signer(%L, %L, ''z'')', :'b', :'c'), 'may follow before the second has signed');
SELECT lives_ok(format('SELECT keyring.begin_signer(%L, 7)', :'b'), 'which does so late');
SELECT is(pg_temp.states(), '1 retired, 2 decrypt-only, 3 active', 'and retires the first alone');
SELECT lives_ok(format('SELECT keyring.begin_signer(%L, 9)', :'c'), 'then the third');
SELECT is(pg_temp.states(), '1 retired, 2 retired, 3 active', 'which retires the second');
SELECT is((SELECT string_agg(concat_ws(' ', version, follows IS NOT NULL, first_size), ', ' ORDER BY version) FROM keyring.signer), '1 f, 2 t 7, 3 t 9',
          'each with its first checkpoint, but for the first one of all');
SELECT throws_ok(format('SELECT keyring.begin_signer(%L, 10)', :'b'), '55000', NULL, 'a retired one signs no more');
SELECT lives_ok($$ SELECT keyring.revoke_signer(1, 3, 'x') $$, 'a retired one is given up');
SELECT lives_ok($$ SELECT keyring.revoke_signer(1, 5, 'y') $$, 'the same again changes nothing');
SELECT is((SELECT trusted_size FROM keyring.signer WHERE version = 1), 3::bigint, '  not even its size');
SELECT is((SELECT count(*) FROM audit.entry WHERE table_name = 'keyring.signer' AND purpose LIKE '%key that sign% the audit' AND op <> 'DELETE')::int, 8,
          'each change is in the trace, and says what it was');

-- what the functions for keys in a key file do with it
SELECT ok(NOT keyring.check_key('audit', 4, sha256('x')), 'the daemon cannot register one');
SELECT ok(NOT keyring.check_version('audit', 4, 'active', sha256('x')), '  in either way');
SELECT is(pg_temp.states(), '1 destroyed, 2 retired, 3 active', '  and none is there');
SELECT throws_ok($$ SELECT keyring.begin_rotation('audit', 3) $$, '23514', NULL, 'nor rotate it');
SELECT throws_ok($$ SELECT keyring.destroy_key('audit', 2) $$, '55000', NULL, 'nor destroy it');

SELECT set_eq($$ SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'keyring'::regnamespace
                 AND has_function_privilege('ekok_sealer', p.oid, 'EXECUTE') $$,
              ARRAY['keyring.check_signer(text)', 'keyring.add_signer(text)', 'keyring.hand_over_signer(text,text,text)',
                    'keyring.begin_signer(text,bigint)', 'keyring.revoke_signer(integer,bigint,text)'], 'the sealer calls these and no other');
SELECT is_empty($$ SELECT r, p.proname FROM unnest(ARRAY['ekok_etl', 'ekok_operator', 'ekok_analyst', 'ekok_auditor']) r, pg_proc p
                   WHERE p.pronamespace = 'keyring'::regnamespace AND p.proname ~ '_signer$' AND has_function_privilege(r, p.oid, 'EXECUTE') $$,
                'nobody else calls them');
SELECT ok(NOT has_table_privilege('ekok_sealer', t, 'INSERT, UPDATE, DELETE, TRUNCATE'), 'the sealer does not write ' || t)
FROM unnest(ARRAY['keyring.signer', 'keyring.key']) t;

SELECT * FROM finish();
ROLLBACK;
