-- ext_types.sql - all identifier types, driven by tables: what each reads and writes, what it refuses and in which words,
-- order, indexes, casts, binary form; and what is promised of every object of the extension.
-- All numbers are synthetic, but for the routing numbers of published lists.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT * FROM no_plan();

\ir helper/error.psql
CREATE FUNCTION pg_temp.value_of(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    EXECUTE command INTO answer;
    RETURN answer;
END $$;

-- What is read, how it is written, how it is masked
CREATE TEMP TABLE given (type text, input text, canonical text, masked text) ON COMMIT DROP;
INSERT INTO given VALUES
    ('nid', '700-071 2344', '7000712344', '******2344'),
    ('nid', '৫৫২৫৭৯৯০০০০০১', '5525799000001', '*********0001'),
    ('nid', U&'1979\00A05525799\200D000001', '19795525799000001', '*************0001'),
    ('brn', '1979-0912166-999999', '19790912166999999', '*************9999'),
    ('brn', '1979091216699999', '19790912166099999', '*************9999'),
    ('brn', '১৯৭৯০৯১২১৬৬৯৯৯৯৯', '19790912166099999', '*************9999'),
    ('msisdn', '01712345678', '8801712345678', '*********5678'),
    ('msisdn', '+880 1712-345678', '8801712345678', '*********5678'),
    ('msisdn', '1912345678', '8801912345678', '*********5678'),
    ('msisdn', '০১৩১২৩৪৫৬৭৮', '8801312345678', '*********5678'),
    ('wallet', 'bKash:01712345678', 'BKASH:01712345678', 'BKASH:*******5678'),
    ('wallet', ' nagad 1712345678 ', 'NAGAD:01712345678', 'NAGAD:*******5678'),
    ('wallet', 'Upay-+8801712345678', 'UPAY:01712345678', 'UPAY:*******5678'),
    ('wallet', 'ROCKET/01712345678 0', 'ROCKET:017123456780', 'ROCKET:********6780'),
    ('wallet', 'rocket : ০১৭১২৩৪৫৬৭৮৯', 'ROCKET:017123456789', 'ROCKET:********6789'),
    ('bank_routing', '020060288', '020060288', '*****0288'),
    ('bank_routing', '০৯০ ১০ ০৩৭৮', '090100378', '*****0378'),
    ('bank_account', '00000001', '00000001', '****0001'),
    ('bank_account', '1234-5678-90123', '1234567890123', '*********0123'),
    ('bank_account', '99999999999999999', '99999999999999999', '*************9999'),
    ('tin', '000123456789', '000123456789', '********6789'),
    ('tin', '১২৩৪ ৫৬৭৮ ৯০১২', '123456789012', '********9012'),
    ('geocode', '30', '30', '30'),
    ('geocode', '30-26', '3026', '3026'),
    ('geocode', '302612', '302612', '**2612'),
    ('geocode', '৩০২৬১২৫৪', '30261254', '****1254');
SELECT is(pg_temp.value_of(format('SELECT %L::%I::text', input, type)), canonical, format('%s reads "%s"', type, input))
    FROM given;
SELECT is(pg_temp.value_of(format('SELECT %1$L::%2$I = %3$L::%2$I AND %1$L::%2$I = (%1$L::%2$I)::text::%2$I',
    input, type, canonical)), 'true', format('%s "%s": in(out(x)) = x', type, input)) FROM given;
SELECT is(pg_temp.value_of(format('SELECT mask(%L::%I)', input, type)), masked, format('%s "%s" masked', type, input))
    FROM given;
SELECT is(pg_temp.value_of(format('SELECT pg_column_size(%L::%I)', canonical, type)), '8', type || ': eight bytes')
    FROM (SELECT DISTINCT ON (type) * FROM given) one;
SELECT is(pg_temp.value_of(format('SELECT NULL::text::%I', type)), NULL, type || ': NULL stays NULL')
    FROM (SELECT DISTINCT type FROM given) one;

-- What is refused: the whole error
CREATE TEMP TABLE usual (type text, sentence text) ON COMMIT DROP;
INSERT INTO usual VALUES
    ('nid', 'A national identity number has 10, 13 or 17 digits.'),
    ('brn', 'A birth registration number has 17 digits (16 before 2013) and begins with the birth year.'),
    ('msisdn', 'A mobile number has 11 digits from 013 to 019, or 880 in place of the first 0.'),
    ('wallet', 'A wallet is a provider and its number: BKASH:01712345678, or with 12 digits ROCKET:017123456780.'),
    ('bank_routing', 'A routing number has 9 digits; pad_routing() puts back zeros lost in front.'),
    ('bank_account', 'A bank account has 8 to 17 digits, zeros in front included.'),
    ('tin', 'A taxpayer''s number has 12 digits.'),
    ('geocode', 'A place has 2, 4, 6 or 8 digits: division, district, upazila, union, each below the one before it.');
CREATE TEMP TABLE rule (code text, message text, detail text, hint text) ON COMMIT DROP;
INSERT INTO rule VALUES
    ('empty', 'value is empty', 'No digit was found.', 'Write the number as it stands on the card or certificate.'),
    ('long', 'value is too long', 'The text is longer than any way of writing this identifier.', 'Give one number at a time.'),
    ('character', 'value contains a character that is not a digit',
     'Only ASCII and Bengali digits, spaces and hyphens are accepted.', 'Remove letters and punctuation, and try again.'),
    ('length', 'value has the wrong number of digits', 'The count of digits fits no form of this identifier.',
     'Check for a digit lost or typed twice.'),
    ('prefix', 'value does not begin as this identifier does', 'The leading digits are not in use.',
     'Compare the first digits with the documented forms.'),
    ('year', 'value carries an impossible birth year', 'The first four digits are a birth year from 1850 to 2199.',
     'Check the first four digits.'),
    ('check', 'value fails its check digit',
     'The check digit rule is inferred from published numbers, not stated by an official source.',
     'One digit is probably mistyped, or two are swapped.'),
    ('provider', 'wallet provider is not known', 'Known providers: BKASH, NAGAD, ROCKET, UPAY.',
     'Use the provider code of the reference table.'),
    ('no provider', 'value names no wallet provider', 'A wallet is the provider''s name and the number.',
     'Write the provider in front: BKASH:01712345678.');
CREATE TEMP TABLE refused (type text, input text, code text, at int) ON COMMIT DROP;
INSERT INTO refused SELECT type, '', 'empty', NULL FROM usual;
INSERT INTO refused SELECT type, repeat('7', 97), 'long', NULL FROM usual;
INSERT INTO refused SELECT type, repeat('7', 10000000), 'long', NULL FROM usual;
INSERT INTO refused SELECT type, '12a4', 'character', 3 FROM usual WHERE type <> 'wallet';
INSERT INTO refused SELECT type, '১২ ३४', 'character', 4 FROM usual WHERE type <> 'wallet';
INSERT INTO refused SELECT type, U&'12\FF13', 'character', 3 FROM usual WHERE type <> 'wallet';
INSERT INTO refused SELECT type, '12345', 'length', NULL FROM usual WHERE type <> 'wallet';
INSERT INTO refused VALUES
    ('nid', ' 22005525799000001', 'year', 2), ('nid', '18495525799000001', 'year', 1),
    ('brn', '18490912166999999', 'year', 1), ('brn', '2200091216699999', 'year', 1),
    ('brn', '197909121669999', 'length', NULL), ('brn', '197909121669999990', 'length', NULL),
    ('msisdn', '01112345678', 'prefix', 1), ('msisdn', '+01712345678', 'prefix', 2), ('msisdn', '008801712345678', 'length', NULL),
    ('wallet', '01812345679', 'no provider', NULL), ('wallet', 'MCash 01712345678', 'provider', 1),
    ('wallet', ' bkash01712345678', 'provider', 2), ('wallet', 'bkash: 0171234567x', 'character', 18),
    ('wallet', 'bkash', 'provider', 1), ('wallet', 'bkash:', 'empty', NULL), ('wallet', 'rocket 01712345678', 'length', NULL),
    ('wallet', 'nagad 01112345678', 'prefix', 7),
    ('bank_routing', '020060289', 'check', NULL), ('bank_routing', '20060288', 'length', NULL),
    ('bank_account', '1234567', 'length', NULL), ('bank_account', '123456789012345678', 'length', NULL),
    ('tin', '1234567890123', 'length', NULL),
    ('geocode', '0912', 'prefix', 1), ('geocode', '302', 'length', NULL), ('geocode', '3026125401', 'length', NULL);
SELECT is(pg_temp.error_of(format('SELECT %L::%I', input, type)),
    concat_ws(E'\n', '22P02', format('invalid %s: %s', type, message) || coalesce(', at character ' || at, ''), detail,
        hint || ' ' || sentence), format('%s refuses "%s": %s', type, left(input, 20), code))
    FROM refused JOIN rule USING (code) JOIN usual USING (type);
SELECT is(count(*), 0::bigint, 'no error repeats a value') FROM refused
    WHERE length(input) > 5 AND strpos(pg_temp.error_of(format('SELECT %L::%I', input, type)), input) > 0;

-- Order: that of the canonical texts, each type in its way
CREATE TEMP TABLE many (type text, query text, ordering text) ON COMMIT DROP;
INSERT INTO many VALUES
    ('nid', $$SELECT lpad((i * 7919)::text, CASE WHEN i % 2 = 0 THEN 10 ELSE 13 END, '9')$$, 'length(t), t'),
    ('brn', $$SELECT '1979' || lpad((i * 7919)::text, CASE WHEN i % 2 = 0 THEN 13 ELSE 12 END, '1')$$, 't'),
    ('msisdn', $$SELECT '8801' || (3 + i % 7) || lpad((i * 7919)::text, 8, '0')$$, 't'),
    ('wallet', $$SELECT (ARRAY['BKASH', 'NAGAD', 'UPAY'])[1 + i % 3] || ':01' || (3 + i % 7) || lpad((i * 7919)::text, 8, '0')$$, 't'),
    ('bank_account', $$SELECT lpad((i * 7919)::text, 8 + i % 10, '0')$$, 'length(t), t'),
    ('tin', $$SELECT lpad((i * 7919)::text, 12, '0')$$, 't'),
    ('geocode', $$SELECT left((10000000 + i * 7919 % 90000000)::text, 2 + 2 * (i % 4))$$, 'rpad(t, 8, ''0''), length(t)'),
    ('bank_routing', $$SELECT pg_temp.routing(lpad((i * 33331)::text, 8, '0'))$$, 't');
-- Eight digits and the check digit that they ask for.
CREATE FUNCTION pg_temp.routing(eight text) RETURNS text LANGUAGE sql AS $$
    SELECT eight || (10 - sum(substr(eight, n, 1)::int * (ARRAY[5, 7, 1])[1 + (n - 1) % 3]) % 10) % 10 FROM generate_series(1, 8) n
$$;
CREATE FUNCTION pg_temp.fill(type text, query text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS held;
    EXECUTE format('CREATE TEMP TABLE held (v %I, t text) ON COMMIT DROP', type);
    EXECUTE format('INSERT INTO held SELECT q.v::%I, q.v::%I::text FROM generate_series(1, 3000) i, LATERAL (%s) q(v)',
        type, type, query);
    CREATE INDEX held_btree ON held (v);
    CREATE INDEX held_hash ON held USING hash (v);
    ANALYZE held;
END $$;
CREATE FUNCTION pg_temp.holds(type text, query text, ordering text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE value text; sorted text[]; by_index text[]; found bigint;
BEGIN
    PERFORM pg_temp.fill(type, query);
    SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off;
    EXECUTE format('SELECT array_agg(t ORDER BY %s) FROM (SELECT t COLLATE "C" AS t FROM held) h', ordering) INTO sorted;
    EXECUTE 'SELECT array_agg(t) FROM (SELECT t FROM held ORDER BY v) h' INTO by_index;
    RETURN NEXT is(by_index, sorted, type || ': sorted');
    RETURN NEXT cmp_ok(cardinality(sorted), '>=', 300, type || ': over many values');
    RETURN NEXT is((SELECT min(v)::text FROM held), sorted[1], type || ': min');
    RETURN NEXT is((SELECT max(v)::text FROM held), sorted[cardinality(sorted)], type || ': max');
    SET LOCAL enable_indexscan = on; SET LOCAL enable_seqscan = off;
    EXECUTE 'SELECT array_agg(t) FROM (SELECT t FROM held ORDER BY v) h' INTO by_index;
    RETURN NEXT is(by_index, sorted, type || ': in the order of the index');
    value := sorted[cardinality(sorted) / 2];
    EXECUTE format('SELECT count(*) FROM held WHERE v <= %L::%I', value, type) INTO found;
    RETURN NEXT is(found, (SELECT max(n) FROM unnest(sorted) WITH ORDINALITY s(x, n) WHERE x = value), type || ': <= by index');
    EXECUTE format('SELECT count(*) FROM held WHERE v > %1$L::%2$I OR v < %1$L::%2$I', value, type) INTO found;
    RETURN NEXT is(found, (SELECT count(*) FROM unnest(sorted) x WHERE x <> value), type || ': < and >');
    EXECUTE format('SELECT count(*) FROM held WHERE v <> %L::%I AND v >= %L::%I', value, type, sorted[1], type) INTO found;
    RETURN NEXT is(found, (SELECT count(*) FROM unnest(sorted) x WHERE x <> value), type || ': <> and >=');
    DROP INDEX held_btree;
    EXECUTE format('SELECT count(*) FROM held WHERE v = %L::%I', value, type) INTO found;
    RETURN NEXT is(found, (SELECT count(*) FROM unnest(sorted) x WHERE x = value), type || ': found by hash index');
    SET LOCAL enable_seqscan = on; SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off;
    RETURN NEXT is((SELECT count(*) FROM (SELECT DISTINCT v FROM held) a JOIN held b USING (v)),
        cardinality(sorted)::bigint, type || ': hash join');
    SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = on;
    RETURN NEXT is((SELECT count(*) FROM (SELECT DISTINCT v FROM held) a JOIN held b USING (v)),
        cardinality(sorted)::bigint, type || ': merge join');
    SET LOCAL enable_hashjoin = on; SET LOCAL enable_nestloop = on; SET LOCAL enable_bitmapscan = on;
    SET LOCAL enable_indexonlyscan = on;
END $$;
SELECT h.line FROM many, LATERAL pg_temp.holds(type, query, ordering) h(line);

-- Casts: text on assignment, bigint and integer only where it is asked for, and where no zero can be lost
CREATE TEMP TABLE assigned (b brn, t text) ON COMMIT DROP;
SELECT lives_ok($$INSERT INTO assigned SELECT '1979091216699999'::text, '19790912166099999'::brn$$, 'text by assignment');
SELECT throws_ok($$INSERT INTO assigned (b) VALUES (19790912166999999)$$, '42804', NULL, 'bigint not by assignment');
SELECT is(pg_temp.value_of(format('SELECT (%s)::%I', number, type)), answer, format('%s of number %s', type, number))
    FROM (VALUES ('nid', '7000712344', '7000712344'), ('nid', '1000987659', '1000987659'),
        ('nid', '19795525799000001', '19795525799000001'), ('brn', '1979091216699999', '19790912166099999'),
        ('msisdn', '1712345678', '8801712345678'), ('msisdn', '8801712345678', '8801712345678'),
        ('bank_routing', '200010074', '200010074'), ('tin', '123456789012', '123456789012'),
        ('geocode', '30261254', '30261254'), ('geocode', '30::bigint', '30')) v(type, number, answer);
SELECT throws_ok(format('SELECT (%s)::%I', number, type), '22P02', NULL, format('%s refuses number %s', type, number))
    FROM (VALUES ('nid', '123456'), ('nid', '-7000712344'), ('bank_routing', '20060288'), ('tin', '12345678901'),
        ('geocode', '926'), ('msisdn', '-1712345678'), ('brn', '9223372036854775807')) v(type, number);
SELECT throws_ok(format('SELECT 12345678901::bigint::%I', type), '42846', NULL, type || ' is not made of bigint')
    FROM unnest(ARRAY['bank_account', 'wallet']) type;

-- Parts
SELECT is(pg_temp.value_of('SELECT ' || expression), answer, expression) FROM (VALUES
    ($$was_converted('1979091216699999'::brn)$$, 'true'), ($$was_converted('19790912166099999'::brn)$$, 'false'),
    ($$'1979091216699999'::brn = '19790912166099999'::brn$$, 'true'),
    ($$brn_hash('1979091216699999') = brn_hash('19790912166099999')$$, 'true'),
    ($$brn_hash_extended('1979091216699999', 7) = brn_hash_extended('19790912166099999', 7)$$, 'true'),
    ($$birth_year('1979091216699999'::brn)$$, '1979'), ($$district('19790912166999999'::brn)$$, '09'),
    ($$rmo('19790912166999999'::brn)$$, '1'), ($$upazila('19790912166999999'::brn)$$, '21'),
    ($$"union"('19790912166999999'::brn)$$, '66'), ($$serial('1979091216699999'::brn)$$, '099999'),
    ($$operator_prefix('+8801712345678')$$, '017'), ($$operator_prefix('01312345678')$$, '013'),
    ($$wallet('bKash', '1712345678')$$, 'BKASH:01712345678'), ($$wallet('rocket', '০১৭১২৩৪৫৬৭৮০')$$, 'ROCKET:017123456780'),
    ($$provider('rocket 017123456780')$$, 'ROCKET'), ($$number('rocket 017123456780')$$, '017123456780'),
    ($$msisdn('rocket 017123456780'::wallet)$$, '8801712345678'), ($$number('upay 8801712345678')$$, '01712345678'),
    ($$'rocket 017123456780'::wallet ~= 'bkash 01712345678'$$, 'true'),
    ($$'rocket 017123456780'::wallet = 'rocket 017123456781'$$, 'false'),
    ($$'rocket 017123456780'::wallet ~= 'rocket 017123456781'$$, 'true'),
    ($$'nagad 01712345678'::wallet ~= 'nagad 01712345679'$$, 'false'),
    ($$bank('020060288')$$, '020'), ($$district('020060288'::bank_routing)$$, '06'), ($$branch('020060288')$$, '028'),
    ($$pad_routing('20060288')$$, '020060288'), ($$pad_routing('020060288')$$, '020060288'),
    ($$length('00000001'::bank_account)$$, '8'), ($$'00000001'::bank_account = '000000001'$$, 'false'),
    ($$level('30')$$, '1'), ($$level('30261254')$$, '4'), ($$parent('30261254')$$, '302612'), ($$parent('30')$$, NULL),
    ($$division('30261254')$$, '30'), ($$district('30261254'::geocode)$$, '3026'), ($$upazila('30261254'::geocode)$$, '302612'),
    ($$"union"('30261254'::geocode)$$, '30261254'), ($$"union"('302612'::geocode)$$, NULL), ($$district('30'::geocode)$$, NULL),
    ($$evidence('1979091216699999'::brn, 3) = evidence('brn', '19790912166099999', 3)$$, 'true'),
    ($$evidence('01712345678'::msisdn, 3) = evidence('mobile', '8801712345678', 3)$$, 'true'),
    ($$evidence('rocket 017123456780'::wallet, 3) = evidence('wallet', 'ROCKET:8801712345678', 3)$$, 'true'),
    ($$evidence('00000001'::bank_account, 3) = evidence('account', ':00000001', 3)$$, 'true'),
    ($$evidence('020060288'::bank_routing, '00000001'::bank_account, 3) = evidence('account', '020060288:00000001', 3)$$, 'true'),
    ($$evidence('123456789012'::tin, 3) = evidence('tin', '123456789012', 3)$$, 'true'),
    ($$min(evidence('nid', i::text, 1)) < max(evidence('nid', i::text, 1)) FROM generate_series(1, 9) i$$, 'true')
    ) v(expression, answer);
SELECT is(pg_temp.error_of($$SELECT pad_routing('200602')$$), E'22P02\ninvalid bank_routing: value has the wrong number of '
    'digits\nThe count of digits fits no form of this identifier.\nCheck for a digit lost or typed twice. A routing number '
    'has 9 digits; pad_routing() puts back zeros lost in front.', 'six digits are not padded');
SELECT throws_ok($$SELECT wallet('', '01712345678')$$, '22P02', 'invalid wallet: value names no wallet provider', 'no provider');
SELECT throws_ok($$SELECT wallet('bkash', '0171234567')$$, '22P02', NULL, 'a bad number');
SELECT throws_ok($$SELECT evidence('00000001'::bank_account, 4096)$$, '22003', NULL, 'programme 4096');

-- Binary form: what COPY writes it reads, marks included, and it reads nothing else
CREATE TEMP TABLE kept (n nid, b brn, m msisdn, w wallet, r bank_routing, a bank_account, i tin, g geocode) ON COMMIT DROP;
INSERT INTO kept VALUES ('19795525799000001', '1979091216699999', '01712345678', 'rocket 017123456780', '020060288',
    '00000001', '000123456789', '3026'), ('7000712344', '19790912166099999', '01912345678', 'upay 01712345678', '090100378',
    '99999999999999999', '123456789012', '30261254');
CREATE TEMP TABLE again (LIKE kept) ON COMMIT DROP;
COPY kept TO PROGRAM 'cat >ext_types.bin' (FORMAT binary);
COPY again FROM PROGRAM 'cat ext_types.bin; rm ext_types.bin' (FORMAT binary);
SELECT results_eq('SELECT k::text, was_converted(b) FROM again k', 'SELECT k::text, was_converted(b) FROM kept k', 'binary COPY');
-- One row in binary COPY format, from the eight bytes of the only column.
CREATE FUNCTION pg_temp.receive(type text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE printed text;
BEGIN
    SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY i) INTO printed
        FROM generate_series(0, 7) i, LATERAL (SELECT get_byte(bytes, i)) g(b);
    DROP TABLE IF EXISTS one;
    EXECUTE format('CREATE TEMP TABLE one (v %I) ON COMMIT DROP', type);
    RETURN pg_temp.error_of(format('COPY one FROM PROGRAM %L (FORMAT binary)',
        'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1\0\0\0\10' || printed || '\377\377"'));
END $$;
SELECT is(pg_temp.receive(type, pg_temp.value_of(format('SELECT %s_send(%L)', type, input))::bytea), 'no error',
    format('%s "%s" is received', type, input)) FROM given;
SELECT is(pg_temp.receive(type, bytes::bytea), E'22P03\ninvalid binary value of type ' || type ||
    E'\nThe eight bytes are not a value that this type sends.\n'
    'Check that sender and receiver use the same version of the extension.', format('%s refuses %s', type, bytes))
    FROM (SELECT type, unnest(ARRAY['\x0000000000000000', '\xffffffffffffffff', '\x7fffffffffffffff']) FROM usual
        WHERE type NOT IN ('bank_routing', 'tin')
        UNION ALL SELECT type, unnest(ARRAY['\xffffffffffffffff', '\x7fffffffffffffff']) FROM usual
        UNION ALL VALUES ('brn', '\x80464f7e7ca41d1f'), ('bank_routing', '\x0000000000000001'),
            ('tin', '\x000000e8d4a51000'), ('bank_account', '\x7c00000000000001'), ('bank_account', '\x1c00000000000001'),
            ('bank_account', '\x2000000005f5e100'), ('wallet', '\x0000050000000000'), ('geocode', '\x0000000000000001')
    ) v(type, bytes);

-- Declared as promised
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'ekok'::regnamespace AND prokind = 'f'
      AND prorettype <> 'trigger'::regtype
      AND proname !~ '^double_dips?_|^holders$'
       AND NOT (proisstrict AND provolatile = 'i' AND proparallel = 's') AND proname NOT IN ('double_dips', 'sound_alike', 'sound_sel', 'sound_joinsel', 'evidence_from_sel', 'evidence_to_sel',
          'lock_evidence', 'evidence_held', 'enforce_at_most', 'table_digest', 'reseal', 'trace_rows', 'agent_token', 'agent_tokens', 'agent_code',
          'match_score', 'match_bits', 'match_state', 'match_twins', 'match_explain', 'match_fit', 'dedupe', 'dedupe_pairs',
          'stepped_up', 'step_up', 'create_login', 'alter_login', 'scram_verifier', 'scram_fits', 'is_exposed', 'guards_roles', 'take_logins', 'take_named', 'apart',
          'in_block', 'began_as_superuser', 'sees', 'sees_all', 'ranged_by', 'sees_support', 'sees_all_support', 'ranged_by_support', 'scope_programmes',
          'scope_low', 'scope_high')$$,
    'every function but the sweeps, the look-ups, what reads tables, the threshold or statistics, what governs access and what takes NULL for a default is STRICT IMMUTABLE PARALLEL SAFE');
SELECT is_empty($$SELECT oprcode FROM pg_operator o JOIN pg_proc p ON p.oid = oprcode
    WHERE oprnamespace = 'ekok'::regnamespace AND NOT proleakproof AND proname NOT LIKE 'gin_sound_%' AND oprleft <> 'text'::regtype$$, 'every operator of a type is LEAKPROOF');
SELECT is_empty($$SELECT amproc FROM pg_amproc a JOIN pg_proc p ON p.oid = amproc
    WHERE pronamespace = 'ekok'::regnamespace AND NOT proleakproof AND proname NOT LIKE 'gin_sound_%' AND proname !~ 'sortsupport|equalimage'$$,
    'every support function of a type''s operator class is LEAKPROOF');
SELECT is_empty($$SELECT typname FROM pg_type t WHERE typnamespace = 'ekok'::regnamespace AND typtype = 'b' AND typelem = 0
    AND typname <> 'evidence_bound' -- the planner's alone
    AND (NOT typbyval OR typlen <> 8 OR typalign <> 'd' OR typreceive = 0 OR typsend = 0
      OR (SELECT count(*) FROM pg_opclass WHERE opcintype = t.oid AND opcdefault) <> 2
      OR (SELECT count(*) FROM pg_cast WHERE castcontext = 'a' AND castmethod = 'i'
          AND ((castsource = t.oid AND casttarget = 'text'::regtype) OR (castsource = 'text'::regtype AND casttarget = t.oid))) <> 2
      OR (SELECT count(*) FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE proargtypes[0] = t.oid
          AND proname IN ('min', 'max') AND aggcombinefn <> 0 AND aggsortop <> 0) <> 2)$$,
    'every type: 8 bytes by value, binary form, btree and hash, casts with text, min and max');
SELECT is_empty($$SELECT classid::regclass, objid, pg_describe_object(classid, objid, objsubid) FROM pg_depend d
    WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ekok')
      AND deptype = 'e' AND classid IN ('pg_type'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass,
          'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_cast'::regclass)
      AND obj_description(objid, classid::regclass::text) IS NULL
      AND pg_describe_object(classid, objid, objsubid) NOT LIKE 'type %[]'$$, 'every object has a comment');
SELECT is_empty($$SELECT a.oid::regprocedure FROM pg_proc a JOIN pg_proc b ON a.oid < b.oid AND a.pronamespace = b.pronamespace
    AND a.probin = b.probin AND a.prosrc = b.prosrc AND a.proleakproof <> b.proleakproof AND a.pronamespace = 'ekok'::regnamespace
    $$, 'one C function is declared in one way');

SELECT * FROM finish();
ROLLBACK;
