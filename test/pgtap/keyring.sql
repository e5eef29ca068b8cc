-- keyring.sql - the right key is told from a wrong one.
BEGIN;
\ir helper/tap.psql
SELECT plan(8);

DELETE FROM keyring.key;
SELECT ok(keyring.check_key('data', 1, sha256('k')), 'a key seen for the first time is registered');
SELECT is((SELECT state FROM keyring.key WHERE purpose = 'data'), 'active', 'as active');
SELECT ok(keyring.check_key('data', 1, sha256('k')), 'the same key is right');
SELECT ok(NOT keyring.check_key('data', 1, sha256('other')), 'another is wrong');
SELECT is((SELECT commitment FROM keyring.key WHERE purpose = 'data'), sha256('k'), 'and changes nothing');
SELECT throws_ok($$ SELECT keyring.check_key('row', 1, '\x00') $$, '23514', NULL, 'a commitment has 32 bytes');
SELECT throws_ok($$ SELECT keyring.check_key('data', 2, sha256('k2')) $$, '23505', NULL, 'one version of a purpose is active');
UPDATE keyring.key SET state = 'destroyed' WHERE purpose = 'data';
SELECT ok(NOT keyring.check_key('data', 1, sha256('k')), 'a destroyed key is not used again');

SELECT * FROM finish();
ROLLBACK;
