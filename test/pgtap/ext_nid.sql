-- ext_nid.sql - type ekok.nid: what it reads and writes, whole texts of its errors, order, casts, binary form.
-- All numbers are synthetic: they break the reported allocation rule, so nobody holds them.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT plan(82);

\ir helper/error.psql

-- Reading and writing
SELECT is('7000712344'::nid::text, '7000712344', '10 digits');
SELECT is('5525799000001'::nid::text, '5525799000001', '13 digits');
SELECT is('19795525799000001'::nid::text, '19795525799000001', '17 digits');
SELECT is('0001234566'::nid::text, '0001234566', 'leading zeros are kept');
SELECT is('৭০০০৭১২৩৪৪'::nid, '7000712344', 'Bengali digits');
SELECT is(' 700-071 2344 '::nid, '7000712344', 'spaces and hyphens');
SELECT is(U&'700\00A0071\200D2344'::nid, '7000712344', 'NBSP and ZWJ');
SELECT is('7000712347'::nid::text, '7000712347', 'a failing check digit is accepted');
SELECT is(NULL::text::nid, NULL, 'NULL stays NULL');
SELECT is(pg_column_size('7000712344'::nid), 8, 'eight bytes');

-- Errors: whole, and without the value
SELECT is(pg_temp.error_of($$SELECT ''::nid$$),
    E'22P02\ninvalid nid: value is empty\nNo digit was found.\n'
    'Write the number as it stands on the card or certificate. A national identity number has 10, 13 or 17 digits.', 'empty');
SELECT is(pg_temp.error_of($$SELECT '123456789'::nid$$),
    E'22P02\ninvalid nid: value has the wrong number of digits\n'
    'The count of digits fits no form of this identifier.\nCheck for a digit lost or typed twice. A national identity number has 10, 13 or 17 digits.', '9 digits');
SELECT is(pg_temp.error_of($$SELECT '70007a2344'::nid$$),
    E'22P02\ninvalid nid: value contains a character that is not a digit, at character 6\n'
    'Only ASCII and Bengali digits, spaces and hyphens are accepted.\n'
    'Remove letters and punctuation, and try again. A national identity number has 10, 13 or 17 digits.', 'a letter, with its position');
SELECT is(pg_temp.error_of($$SELECT '৭০০০৭ ১२৩৪৪'::nid$$),
    E'22P02\ninvalid nid: value contains a character that is not a digit, at character 8\n'
    'Only ASCII and Bengali digits, spaces and hyphens are accepted.\n'
    'Remove letters and punctuation, and try again. A national identity number has 10, 13 or 17 digits.', 'a Devanagari digit among Bengali ones');
SELECT is(pg_temp.error_of($$SELECT ' 18495525799000001'::nid$$),
    E'22P02\ninvalid nid: value carries an impossible birth year, at character 2\n'
    'The first four digits are a birth year from 1850 to 2199.\nCheck the first four digits. A national identity number has 10, 13 or 17 digits.', 'birth year 1849');
SELECT is(pg_temp.error_of($$SELECT repeat('7', 97)::nid$$),
    E'22P02\ninvalid nid: value is too long\nThe text is longer than any way of writing this identifier.\n'
    'Give one number at a time. A national identity number has 10, 13 or 17 digits.', '97 bytes');
SELECT is(pg_temp.error_of($$SELECT repeat('7', 10000000)::nid$$),
    E'22P02\ninvalid nid: value is too long\nThe text is longer than any way of writing this identifier.\n'
    'Give one number at a time. A national identity number has 10, 13 or 17 digits.', 'ten million bytes');
SELECT unalike(pg_temp.error_of($$SELECT '70007123441'::nid$$), '%7000712344%', 'no error repeats the value');

-- What a card tells
SELECT is(nid_length('7000712344'), 10, 'length 10');
SELECT is(nid_length('5525799000001'), 13, 'length 13');
SELECT is(nid_length('19795525799000001'), 17, 'length 17');
SELECT is(check_digit_ok('7000712344'), true, 'check digit holds');
SELECT is(check_digit_ok('7000712347'), false, 'check digit fails');
SELECT is(check_digit_ok('5525799000001'), NULL, '13 digits have no check digit to judge');
SELECT is(check_digit_ok('19795525799000001'), NULL, '17 digits have no check digit to judge');
SELECT is(birth_year('19795525799000001'::nid), 1979, 'birth year of 17 digits');
SELECT is(birth_year('5525799000001'::nid), NULL, 'no birth year in 13 digits');
SELECT is(mask('7000712344'::nid), '******2344', 'mask of 10');
SELECT is(mask('19795525799000001'::nid), '*************0001', 'mask of 17');
SELECT is(length(n::nid), nid_length(n::nid), 'length is the name since 0.2.0') FROM (VALUES ('7000712344')) v(n);
SELECT is(ROW(core13(n), district(n), rmo(n), upazila(n), "union"(n), serial(n))::text, parts, note)
    FROM (VALUES ('19795525799000001'::nid, '(5525799000001,55,2,57,99,000001)', 'parts of 17 digits'),
                 ('5525799000001', '(5525799000001,55,2,57,99,000001)', 'parts of 13 digits'),
                 ('0100000000000', '(0100000000000,01,0,00,00,000000)', 'zeros in front are kept'),
                 ('7000712344', '(,,,,,)', '10 digits have none')) v(n, parts, note);
SELECT is(explain('7000712344'), 'National identity number of 10 digits (smart card): its check digit holds by the Luhn '
    'rule, which is inferred, not official; nothing about the person or the place can be read from it.', 'explain 10');
SELECT is(explain('7000712347', 'en'), 'National identity number of 10 digits (smart card): its check digit fails by the '
    'Luhn rule, which is inferred, not official, so a digit is probably mistyped; nothing about the person or the place '
    'can be read from it.', 'explain 10 with a failing check digit');
SELECT is(explain('5525799000001'), 'National identity number of 13 digits: district 55, area type 2 (paurashava), upazila '
    'or thana 57, union or ward 99, serial 000001; it carries no birth year and no check digit.', 'explain 13');
SELECT is(explain('19795565799000001', 'bn'), '১৭ অঙ্কের জাতীয় পরিচয়পত্র নম্বর: জন্মসাল ১৯৭৯, জেলা ৫৫, এলাকার ধরন ৬ (অজানা), '
    'উপজেলা বা থানা ৫৭, ইউনিয়ন বা ওয়ার্ড ৯৯, ক্রমিক ০০০০০১; এতে যাচাই অঙ্ক নেই।', 'explain 17 in Bengali');
SELECT is(pg_temp.error_of($$SELECT explain('7000712344'::nid, 'fr')$$), E'22023\nlanguage of an explanation is not known\n'
    'Sentences are written in English and in Bengali.\nGive ''en'' or ''bn''.', 'explain in French');
SELECT ok('5525799000001'::nid ~= '19795525799000001', '13 is the same card as the 17 that ends in it');
SELECT ok('19795525799000001'::nid ~= '5525799000001', 'and the other way round');
SELECT ok('7000712344'::nid ~= '7000712344', 'equal numbers are the same card');
SELECT ok(NOT '19795525799000001'::nid ~= '19805525799000001', 'another birth year is another card');
SELECT ok(NOT '7000712344'::nid ~= '0007000712344', '10 digits are never 13');

-- Order, hash, indexes
CREATE TEMP TABLE card (n nid, t text) ON COMMIT DROP;
INSERT INTO card
    SELECT n, n FROM (
        SELECT '0' || lpad(i::text, 9, '0') AS n FROM generate_series(1, 2000) i
        UNION ALL SELECT '99' || lpad((i * 7919)::text, 11, '0') FROM generate_series(1, 2000) i
        UNION ALL SELECT '1979' || '99' || lpad((i * 7919)::text, 11, '0') FROM generate_series(1, 2000) i) s;
SELECT results_eq('SELECT t FROM card ORDER BY n', 'SELECT t FROM card ORDER BY length(t), t COLLATE "C"',
    'by length, then by value');
SELECT results_eq('SELECT t FROM card ORDER BY n DESC',
    'SELECT t FROM card ORDER BY length(t) DESC, t COLLATE "C" DESC',
    'descending');
SELECT is((SELECT count(*) FROM card a JOIN card b ON a.n = b.n), 6000::bigint, 'a join by equality');
SELECT is((SELECT count(DISTINCT n) FROM card), 6000::bigint, 'distinct');
CREATE INDEX card_btree ON card (n);
CREATE INDEX card_hash ON card USING hash (n);
ANALYZE card;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT is((SELECT t FROM card WHERE n = '9900000007919'), '9900000007919', 'found by index');
SELECT is((SELECT count(*) FROM card WHERE n BETWEEN '0000000100' AND '0000000200'), 101::bigint,
    'a range by index');
SELECT is((SELECT count(*) FROM card WHERE n < '9900000007919'), 2000::bigint,
    'all of 10 digits are below those of 13');
SELECT is((SELECT count(*) FROM card WHERE n <> '9900000007919'), 5999::bigint, 'all but one');
DROP INDEX card_btree;
SELECT is((SELECT t FROM card WHERE n = '9900000007919'), '9900000007919', 'found by hash index');
SELECT throws_ok($$CREATE TEMP TABLE twice AS SELECT '7000712344'::nid AS n UNION ALL SELECT '7000712344';
    CREATE UNIQUE INDEX ON twice (n)$$, '23505', NULL, 'a unique index refuses the second');
SELECT is(nid_cmp('7000712344', '5525799000001'), -1, 'cmp below');
SELECT is(nid_cmp('5525799000001', '7000712344'), 1, 'cmp above');
SELECT is(nid_hash_extended('7000712344', 0) = nid_hash_extended('7000712344', 1), false,
    'the seed changes the hash');

-- Casts on assignment
CREATE TEMP TABLE assigned (n nid, t text) ON COMMIT DROP;
SELECT lives_ok($$INSERT INTO assigned SELECT t, n FROM card LIMIT 10$$, 'text to nid and back on assignment');
SELECT is((SELECT count(*) FROM assigned WHERE n::text = t), 10::bigint, 'and the same number');

-- nid(strict): refused wherever it comes from, literal, expression, assignment or COPY
CREATE TEMP TABLE held (n nid(strict)) ON COMMIT DROP;
SELECT col_type_is('held', 'n', 'nid(strict)', 'the modifier is written back');
SELECT lives_ok($$INSERT INTO held VALUES ('7000712344'), ('5525799000001'), ('19795525799000001')$$,
    'what holds or has no check digit is accepted');
SELECT is(pg_temp.error_of(command),
    E'22P02\ninvalid nid: value fails its check digit\n'
    'The check digit rule is inferred from published numbers, not stated by an official source.\n'
    'One digit is probably mistyped, or two are swapped. A national identity number has 10, 13 or 17 digits.', command)
    FROM unnest(ARRAY[$$SELECT '7000712347'::nid(strict)$$, $$SELECT '7000712347'::nid::nid(strict)$$,
        $$SELECT '7000712347'::text::nid(strict)$$, $$INSERT INTO held VALUES ('7000712347')$$,
        $$INSERT INTO held SELECT '7000712347'::nid$$, $$UPDATE held SET n = '7000712347'::nid$$,
        $$COPY held FROM PROGRAM 'echo 7000712347'$$,
        $$COPY held FROM PROGRAM 'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1\0\0\0\10\020\0\0\1\241\106\144\233\377\377"' (FORMAT binary)$$,
        $$CREATE TEMP TABLE loose AS SELECT '7000712347'::nid AS n; ALTER TABLE loose ALTER n TYPE nid(strict)$$]) command;
SELECT is(pg_temp.error_of(command), E'22023\ninvalid type modifier for type nid\n'
    'The only modifier is strict, which refuses a failing check digit.\nWrite nid or nid(strict).', command)
    FROM unnest(ARRAY[$$SELECT '7000712344'::nid(loose)$$, $$SELECT '7000712344'::nid(strict, strict)$$,
        $$SELECT '7000712344'::nid(1)$$]) command;
SELECT is(count(*), 3::bigint, 'nothing came in by the way') FROM held;

-- Binary form: the 64 bits of the core, most significant byte first
SELECT is(nid_send('7000712344'), '\x10000001a1466498'::bytea, 'binary form is fixed');
SELECT is(nid_send('19795525799000001'), '\x304653ed036437c1'::bytea, 'binary form of 17 digits');
CREATE TEMP TABLE received (n nid) ON COMMIT DROP;
-- One row in binary COPY format, given the eight bytes as octal escapes of printf.
CREATE FUNCTION pg_temp.receive(bytes text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.error_of(format('COPY received FROM PROGRAM %L (FORMAT binary)',
        'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1\0\0\0\10' || bytes || '\377\377"'))
$$;
SELECT is(pg_temp.receive('\020\0\0\1\241\106\144\230'), 'no error', 'binary form is read');
SELECT is((SELECT n FROM received), '7000712344', 'and is the number that was sent');
SELECT is(pg_temp.receive(bad),
    E'22P03\ninvalid binary value of type nid\nThe eight bytes are not a value that this type sends.\n'
    'Check that sender and receiver use the same version of the extension.', note)
    FROM (VALUES ('\0\0\0\1\241\106\144\230', 'refused: no length'),
                 ('\220\0\0\1\241\106\144\230', 'refused: highest bit set'),
                 ('\020\0\0\2\124\013\344\0', 'refused: ten digits of value 10^10'),
                 ('\060\0\0\1\241\106\144\230', 'refused: 17 digits without a birth year')) v(bad, note);

SELECT * FROM finish();
ROLLBACK;
