-- ext_evidence.sql - type ekok.evidence: text form, constructors, parts, order, whole texts of its errors.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT plan(47);

\ir helper/error.psql

-- Text form
SELECT is('0123456789abc/17'::evidence::text, '0123456789abc/17', 'text form goes in and out');
SELECT is('0123456789ABC/0017'::evidence::text, '0123456789abc/17', 'upper case and leading zeros are read');
SELECT is('fffffffffffff/4095'::evidence::text, 'fffffffffffff/4095', 'the greatest');
SELECT is('0000000000000/0'::evidence::text, '0000000000000/0', 'the least');
SELECT is(pg_column_size('0123456789abc/17'::evidence), 8, 'eight bytes');
SELECT is(pg_temp.error_of(format('SELECT %L::evidence', bad)),
    E'22P02\ninvalid evidence: value does not begin with 13 hexadecimal digits and a slash\n'
    'Make evidence from a kind, a value and a programme by ekok.evidence().', format('refused: "%s"', bad))
    FROM unnest(ARRAY['', '0', '0123456789ab/1', '0123456789abcd/1', '0123456789abg/1', ' 0123456789abc/1',
        '0123456789abc', '0123456789abc 1', '012345678/abc/1']) bad;
SELECT is(pg_temp.error_of(format('SELECT %L::evidence', bad)),
    E'22P02\ninvalid evidence: value does not end with a programme''s number from 0 to 4095\n'
    'Make evidence from a kind, a value and a programme by ekok.evidence().', format('refused: "%s"', bad))
    FROM unnest(ARRAY['0123456789abc/', '0123456789abc/4096', '0123456789abc/00001', '0123456789abc/-1',
        '0123456789abc/1 ', '0123456789abc/1a']) bad;

-- Constructors
SELECT is(evidence('nid', '10:7000712344', 5)::text, '24b8a72c6ed06/5', 'the key of a value never changes');
SELECT is(evidence('7000712344'::nid, 5), evidence('nid', '10:7000712344', 5), 'a nid of 10 digits');
SELECT is(evidence('5525799000001'::nid, 5), evidence('nid', '13:5525799000001', 5), 'a nid of 13 digits');
SELECT is(evidence('19795525799000001'::nid, 5), evidence('5525799000001'::nid, 5),
    '17 digits give the evidence of their 13');
SELECT is(evidence('mobile', '\x616263'::bytea, 1), evidence('mobile', 'abc', 1),
    'the same bytes give the same evidence');
SELECT isnt(evidence('mobile', 'abc', 1), evidence('wallet', 'abc', 1), 'the kind counts');
SELECT is(evidence(NULL, 'abc', 1), NULL, 'NULL kind');
SELECT is(evidence('nid', NULL::text, 1), NULL, 'NULL value');
SELECT is(evidence('nid', 'abc', NULL), NULL, 'NULL programme');
SELECT is(pg_temp.error_of($$SELECT evidence('nid', 'abc', 4096)$$),
    E'22003\nprogramme number 4096 is out of range\nAn evidence holds programme numbers from 0 to 4095.\n'
    'Use the number of the programme''s row, not its code.', 'programme 4096');
SELECT is(pg_temp.error_of($$SELECT evidence('7000712344'::nid, -1)$$),
    E'22003\nprogramme number -1 is out of range\nAn evidence holds programme numbers from 0 to 4095.\n'
    'Use the number of the programme''s row, not its code.', 'programme -1');
SELECT is(pg_temp.error_of($$SELECT evidence('', 'abc', 1)$$),
    E'22023\nkind of evidence has 0 bytes\nA kind has from 1 to 32 bytes.\nUse a short word, such as nid or mobile.',
    'no kind');
SELECT is(pg_temp.error_of($$SELECT evidence(repeat('k', 33), 'abc', 1)$$),
    E'22023\nkind of evidence has 33 bytes\nA kind has from 1 to 32 bytes.\nUse a short word, such as nid or mobile.',
    'a kind of 33 bytes');
SELECT is(pg_temp.error_of($$SELECT evidence('nid', ''::bytea, 1)$$),
    E'22023\nvalue of evidence is empty\nAll rows with an empty value would be held to be one person.\n'
    'Pass NULL where there is no value.', 'an empty token');

-- Parts, and "same evidence, any programme"
SELECT is(evidence_key('0123456789abc/17'), x'0123456789abc'::bigint, 'key');
SELECT is(evidence_key('fffffffffffff/0'), (1::bigint << 52) - 1, 'the greatest key is positive');
SELECT is(programme('0123456789abc/17'), 17, 'programme');
SELECT ok(evidence('nid', 'abc', 1) ~ evidence('nid', 'abc', 4095), 'same evidence in two programmes');
SELECT ok(NOT evidence('nid', 'abc', 1) ~ evidence('nid', 'abd', 1), 'another value');

-- Order is unsigned: a key with its highest bit set is above the others
CREATE TEMP TABLE held (e evidence) ON COMMIT DROP;
INSERT INTO held SELECT evidence('k', i::text, i % 7) FROM generate_series(1, 5000) i;
SELECT results_eq('SELECT e FROM held ORDER BY e', 'SELECT e FROM held ORDER BY evidence_key(e), programme(e)',
    'by key, then by programme');
SELECT ok('7ffffffffffff/4095'::evidence < '8000000000000/0'::evidence, 'unsigned');
CREATE INDEX held_btree ON held (e);
CREATE INDEX held_hash ON held USING hash (e);
ANALYZE held;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT results_eq('SELECT e FROM held ORDER BY e', 'SELECT e FROM held ORDER BY evidence_key(e), programme(e)',
    'the same order by index');
SELECT is((SELECT count(*) FROM held WHERE e = evidence('k', '77', 77 % 7)), 1::bigint, 'found by index');
DROP INDEX held_btree;
SELECT is((SELECT count(*) FROM held WHERE e = evidence('k', '77', 77 % 7)), 1::bigint, 'found by hash index');
SELECT is((SELECT count(*) FROM held a JOIN held b ON a.e = b.e), 5000::bigint, 'a join by equality');
SELECT is(evidence_send('0123456789abc/17'), '\x0123456789abc011'::bytea, 'binary form: 52 bits, then 12');

-- Comparison is leakproof, so that row-level security keeps indexes usable
SELECT is_empty($$SELECT oprcode FROM pg_operator WHERE oprleft IN ('nid'::regtype, 'evidence'::regtype)
    AND NOT (SELECT proleakproof FROM pg_proc WHERE oid = oprcode)$$, 'every operator is leakproof');

SELECT * FROM finish();
ROLLBACK;
