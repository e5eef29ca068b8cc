-- audit_balance.sql - a table as one number: what it is the sum of, that order does not matter and every change does, whom it
-- refuses; and that the balance of the audited tables names those that it could not sum.
BEGIN;
\ir helper/tap.psql
SELECT plan(16);

CREATE TABLE public.summed (k int, word text, raw bytea, moment timestamptz, none text, PRIMARY KEY (k, word));
INSERT INTO public.summed VALUES (1, 'a "b" \ c', '\x00ff', '2026-01-02 06:00+06', NULL), (2, 'রহিমা', '', '2026-01-02 06:00+06', NULL);
-- The sum of two numbers of 128 bits in plain SQL: numeric holds them.
CREATE FUNCTION pg_temp.number(bytes bytea) RETURNS numeric LANGUAGE sql AS $$
    SELECT sum(get_byte(bytes, i) * power(256::numeric, 15 - i)) FROM generate_series(0, 15) i $$;
-- SipHash-2-4 of 128 bits, from its paper, in numbers of 64 bits as text of bits.
CREATE FUNCTION pg_temp.plus(a bit(64), b bit(64)) RETURNS bit(64) LANGUAGE plpgsql AS $$
DECLARE
    low bigint := (a & x'00000000ffffffff')::bigint + (b & x'00000000ffffffff')::bigint;
BEGIN
    RETURN ((((a >> 32)::bigint + (b >> 32)::bigint + (low >> 32)) % 4294967296)::bit(64) << 32) | (low::bit(64) & x'00000000ffffffff');
END $$;
CREATE FUNCTION pg_temp.turn(a bit(64), n int) RETURNS bit(64) LANGUAGE sql AS $$ SELECT (a << n) | (a >> (64 - n)) $$;
CREATE FUNCTION pg_temp.rounds(v bit(64)[], n int) RETURNS bit(64)[] LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..n LOOP
        v[1] := pg_temp.plus(v[1], v[2]); v[2] := pg_temp.turn(v[2], 13) # v[1]; v[1] := pg_temp.turn(v[1], 32);
        v[3] := pg_temp.plus(v[3], v[4]); v[4] := pg_temp.turn(v[4], 16) # v[3];
        v[1] := pg_temp.plus(v[1], v[4]); v[4] := pg_temp.turn(v[4], 21) # v[1];
        v[3] := pg_temp.plus(v[3], v[2]); v[2] := pg_temp.turn(v[2], 17) # v[3]; v[3] := pg_temp.turn(v[3], 32);
    END LOOP;
    RETURN v;
END $$;
CREATE FUNCTION pg_temp.word(bytes bytea, at int) RETURNS bit(64) LANGUAGE sql AS $$
    SELECT ('x' || string_agg(lpad(to_hex(get_byte(bytes, at + i)), 2, '0'), '' ORDER BY i DESC))::bit(64) FROM generate_series(0, 7) i $$;
CREATE FUNCTION pg_temp.siphash(key bytea, message bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    n int := octet_length(message);
    padded bytea := message || decode(repeat('00', 7 - n % 8), 'hex') || substr(int4send(n % 256), 4);
    a bit(64) := pg_temp.word(key, 0);
    b bit(64) := pg_temp.word(key, 8);
    v bit(64)[] := ARRAY[a # x'736f6d6570736575', b # x'646f72616e646f6d' # x'00000000000000ee', a # x'6c7967656e657261', b # x'7465646279746573'];
    m bit(64);
    low bit(64);
BEGIN
    FOR i IN 0..octet_length(padded) / 8 - 1 LOOP
        m := pg_temp.word(padded, 8 * i);
        v[4] := v[4] # m; v := pg_temp.rounds(v, 2); v[1] := v[1] # m;
    END LOOP;
    v[3] := v[3] # x'00000000000000ee'; v := pg_temp.rounds(v, 4);
    low := v[1] # v[2] # v[3] # v[4];
    v[2] := v[2] # x'00000000000000dd'; v := pg_temp.rounds(v, 4);
    RETURN int8send((v[1] # v[2] # v[3] # v[4])::bigint) || int8send(low::bigint);
END $$;
CREATE FUNCTION pg_temp.plain_sum(secret bytea) RETURNS numeric LANGUAGE sql SET bytea_output = 'hex' SET "TimeZone" = 'UTC' AS $$
    SELECT mod(coalesce(sum(pg_temp.number(pg_temp.siphash(secret, set_byte(int8send(0), 0, octet_length(n)) || convert_to(n, 'UTF8')
        || decode(repeat('00', (8 - octet_length(n) % 8) % 8), 'hex') || convert_to(i, 'UTF8')))), 0), power(2::numeric, 128))
    FROM (SELECT k || ' ' || word AS n, jsonb_strip_nulls(to_jsonb(s))::text AS i FROM public.summed s) r $$;
SELECT substr(sha256('one'), 1, 16) AS secret, substr(sha256('other'), 1, 16) AS other \gset
SELECT is(pg_temp.number(digest), pg_temp.plain_sum(:'secret'), 'the sum is what it says, to the bit') FROM ekok.table_digest('public.summed', :'secret');
SELECT is(rows, 2::bigint, 'with the number of rows') FROM ekok.table_digest('public.summed', :'secret');
SELECT digest AS before FROM ekok.table_digest('public.summed', :'secret') \gset
SELECT isnt(digest, :'before'::bytea, 'another secret gives another sum') FROM ekok.table_digest('public.summed', :'other');
SET LOCAL bytea_output = 'escape';
SET LOCAL "TimeZone" = 'Asia/Dhaka';
SET LOCAL "DateStyle" = 'German';
SELECT is(digest, decode(substr(:'before', 3), 'hex'), 'it hangs on no setting') FROM ekok.table_digest('public.summed', :'secret');
RESET bytea_output; RESET "TimeZone"; RESET "DateStyle";
UPDATE public.summed SET word = word WHERE k = 1;
SELECT is(digest, :'before'::bytea, 'nor on the order of rows') FROM ekok.table_digest('public.summed', :'secret');
UPDATE public.summed SET raw = '\x00fe' WHERE k = 1;
SELECT isnt(digest, :'before'::bytea, 'one bit of one value changes it') FROM ekok.table_digest('public.summed', :'secret');
SELECT is(pg_temp.number(digest), pg_temp.plain_sum(:'secret'), 'to the right sum') FROM ekok.table_digest('public.summed', :'secret');
INSERT INTO public.summed SELECT g, 'w', sha256(g::text::bytea), now() FROM generate_series(10, 40) g;
SELECT is(pg_temp.number(digest), pg_temp.plain_sum(:'secret'), 'sums run over 2^128 and on') FROM ekok.table_digest('public.summed', :'secret');
DELETE FROM public.summed;
SELECT is(digest, decode(repeat('00', 16), 'hex'), 'an empty table sums up to nothing') FROM ekok.table_digest('public.summed', :'secret');

SELECT throws_ok($$ SELECT ekok.table_digest('public.summed', 'short') $$, '22023', NULL, 'a secret of another size');
CREATE VIEW public.seen AS SELECT * FROM public.summed;
SELECT throws_ok($$ SELECT ekok.table_digest('public.seen', substr(sha256('x'), 1, 16)) $$, '42809', NULL, 'a view is no table');
CREATE TABLE public.nameless (a int);
SELECT throws_ok($$ SELECT ekok.table_digest('public.nameless', substr(sha256('x'), 1, 16)) $$, '42P16', NULL, 'a table without primary key');
SELECT ok(NOT has_function_privilege(r, 'ekok.table_digest(regclass, bytea)', 'EXECUTE'), r || ' cannot sum tables')
FROM unnest(ARRAY['ekok_analyst', 'ekok_auditor']) r;
SELECT is((SELECT count(*) FROM audit.balance(:'secret', '{}') WHERE digest IS NULL)::int, 0, 'every audited table of the registry can be summed');
SELECT is((SELECT digest FROM audit.balance(:'secret', ARRAY['public.nameless', 'public.gone']) WHERE audited = 'public.nameless'::regclass), NULL,
          'one that cannot is named all the same');
SELECT * FROM finish();
ROLLBACK;
