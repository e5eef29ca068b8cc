-- file.sql - a file of a source's folder is known by its content, and ends once.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(13);

SELECT pg_temp.open('dss') AS run \gset
SELECT is(etl.take_file(:run, sha256('a'), 1, 'a.csv'), 'taken', 'a new content is taken');
SELECT is(etl.take_file(:run, sha256('a'), 1, 'b.csv'), 'taken', 'again before it has ended: to be gone on with');
SELECT is((SELECT name FROM etl.file WHERE sha256 = sha256('a')), 'a.csv', 'under the name it was first seen by');
SELECT lives_ok(format('SELECT etl.end_file(%s, sha256(''a''), ''loaded'', NULL)', :run), 'it ends');
SELECT is(etl.take_file(:run, sha256('a'), 1, 'c.csv'), 'loaded', 'and is not taken again under another name');
SELECT lives_ok(format('SELECT etl.end_file(%s, sha256(''a''), ''refused'', ''late'')', :run), 'what has ended');
SELECT is((SELECT state FROM etl.file WHERE sha256 = sha256('a')), 'loaded', 'stays as it ended');
SELECT etl.take_file(:run, sha256('b'), 1, 'b.csv');
SELECT throws_ok(format('SELECT etl.end_file(%s, sha256(''b''), ''refused'', NULL)', :run), '23514', NULL, 'refused wants a problem');
SELECT throws_ok(format('SELECT etl.end_file(%s, sha256(''b''), ''lost'', NULL)', :run), '22023', NULL, 'no other end');
SELECT throws_ok(format('SELECT etl.take_file(%s, ''\x00'', 1, ''x'')', :run), '23514', NULL, 'a hash has 32 bytes');
SELECT throws_ok('SELECT etl.take_file(0, sha256(''c''), 1, ''x'')', '55000', NULL, 'no such run');
SELECT etl.close_run(:run, 'finished', NULL);
SELECT throws_ok(format('SELECT etl.take_file(%s, sha256(''c''), 1, ''x'')', :run), '55000', NULL, 'a closed run takes nothing');
SELECT throws_ok(format('SELECT etl.end_file(%s, sha256(''b''), ''loaded'', NULL)', :run), '55000', NULL, 'and ends nothing');

SELECT * FROM finish();
ROLLBACK;
