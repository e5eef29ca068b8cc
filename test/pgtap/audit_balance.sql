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
CREATE FUNCTION pg_temp.plain_sum(secret bytea) RETURNS numeric LANGUAGE sql SET bytea_output = 'hex' SET "TimeZone" = 'UTC' AS $$
    SELECT mod(coalesce(sum(pg_temp.number(substr(sha256(secret || int4send(octet_length(n)) || convert_to(n, 'UTF8') || int4send(octet_length(i))
        || convert_to(i, 'UTF8')), 1, 16))), 0), power(2::numeric, 128))
    FROM (SELECT k || ' ' || word AS n, jsonb_strip_nulls(to_jsonb(s))::text AS i FROM public.summed s) r $$;
SELECT sha256('one') AS secret, sha256('other') AS other \gset
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
INSERT INTO public.summed SELECT g, 'w', sha256(g::text::bytea), now() FROM generate_series(10, 400) g;
SELECT is(pg_temp.number(digest), pg_temp.plain_sum(:'secret'), 'sums run over 2^128 and on') FROM ekok.table_digest('public.summed', :'secret');
DELETE FROM public.summed;
SELECT is(digest, decode(repeat('00', 16), 'hex'), 'an empty table sums up to nothing') FROM ekok.table_digest('public.summed', :'secret');

SELECT throws_ok($$ SELECT ekok.table_digest('public.summed', 'short') $$, '22023', NULL, 'a secret of another size');
CREATE VIEW public.seen AS SELECT * FROM public.summed;
SELECT throws_ok($$ SELECT ekok.table_digest('public.seen', sha256('x')) $$, '42809', NULL, 'a view is no table');
CREATE TABLE public.nameless (a int);
SELECT throws_ok($$ SELECT ekok.table_digest('public.nameless', sha256('x')) $$, '42P16', NULL, 'a table without primary key');
SELECT ok(NOT has_function_privilege(r, 'ekok.table_digest(regclass, bytea)', 'EXECUTE'), r || ' cannot sum tables')
FROM unnest(ARRAY['ekok_analyst', 'ekok_auditor']) r;
SELECT is((SELECT count(*) FROM audit.balance(sha256('x'), '{}') WHERE digest IS NULL)::int, 0, 'every audited table of the registry can be summed');
SELECT is((SELECT digest FROM audit.balance(sha256('x'), ARRAY['public.nameless', 'public.gone']) WHERE audited = 'public.nameless'::regclass), NULL,
          'one that cannot is named all the same');
SELECT * FROM finish();
ROLLBACK;
