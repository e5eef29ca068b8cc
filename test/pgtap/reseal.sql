-- reseal.sql - values sealed anew past the executor: what is written, what its entry says, and what is refused.
BEGIN;
\ir helper/tap.psql
SELECT no_plan();

CREATE TABLE public.trial (id int PRIMARY KEY, note text NOT NULL, a_sealed bytea CONSTRAINT a_size CHECK (octet_length(a_sealed) < 100), b_sealed bytea, c_sealed bytea);
CREATE INDEX trial_note ON public.trial (note);
CREATE INDEX trial_c ON public.trial (c_sealed);
SELECT audit.attach('public.trial');
GRANT SELECT ON public.trial TO ekok_owner;
INSERT INTO public.trial SELECT n, repeat('n', 300) || n, sha256('a'), CASE n % 2 WHEN 0 THEN sha256('b') END, sha256('c') FROM generate_series(1, 1200) n;

CREATE FUNCTION pg_temp.reseal(columns text, value text) RETURNS int LANGUAGE sql AS $$
    SELECT ekok.reseal('public.trial', columns::name[], array_agg(t.ctid), array_agg(t.xmin), array_agg(value::bytea)) FROM public.trial t WHERE t.id = 1;
$$;
SELECT throws_ok($$ SELECT pg_temp.reseal('{a_sealed}', 'x') $$, '55000', NULL, 'nothing is sealed anew but by a key rotation');
SELECT set_config('ekok.purpose', 'key rotation 7 of data', true);

-- Of every row the first value, of those that have one the second: rows move to other pages, and every index follows.
CREATE TEMP TABLE meant AS SELECT t.ctid AS at, t.xmin AS x, ARRAY[sha256('new a' || t.id::text::bytea), CASE WHEN t.b_sealed IS NOT NULL THEN sha256('new b') END] AS sealed
FROM public.trial t;
SELECT is((SELECT ekok.reseal('public.trial', '{a_sealed,b_sealed}', array_agg(at), array_agg(x), array_agg(sealed)) FROM meant), 1200, 'every row is written');
SELECT is((SELECT count(*) FROM public.trial WHERE a_sealed = sha256('new a' || id::text::bytea) AND c_sealed = sha256('c') AND note = repeat('n', 300) || id
           AND b_sealed IS NOT DISTINCT FROM CASE id % 2 WHEN 0 THEN sha256('new b') END), 1200::bigint, 'with the values that are new, and the others as they were');
SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
SELECT is((SELECT count(*) FROM public.trial WHERE id BETWEEN 1 AND 1200), 1200::bigint, 'the primary key finds them');
SELECT is((SELECT count(*) FROM public.trial WHERE note >= 'n'), 1200::bigint, 'another index too');
RESET enable_seqscan; RESET enable_bitmapscan;
SELECT results_eq($$ SELECT op, (new ->> 'rows')::int, purpose FROM audit.entry WHERE table_name = 'public.trial' AND op <> 'INSERT' ORDER BY id $$,
                  $$ VALUES ('REKEY', 1000, 'key rotation 7 of data'), ('REKEY', 200, 'key rotation 7 of data') $$, 'the trace has an entry for a thousand rows');
SELECT is((SELECT count(*) FROM audit.entry e CROSS JOIN jsonb_each_text(e.new::jsonb -> 'digests') d JOIN public.trial t ON t.id = d.key::int
           WHERE e.table_name = 'public.trial' AND e.op = 'REKEY' AND d.value = audit.key_made_digest(t.id::text, jsonb_strip_nulls(to_jsonb(t)))), 1200::bigint, 'with a digest of each row');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('public.trial') $$, 'rows are what the trace says');
SELECT is((SELECT ekok.reseal('public.trial', '{a_sealed,b_sealed}', array_agg(at), array_agg(x), array_agg(sealed)) FROM meant), 0, 'versions that are gone are passed over');
UPDATE public.trial SET note = 'moved' WHERE id = 2;
SELECT is((SELECT ekok.reseal('public.trial', '{a_sealed}', ARRAY[ctid], ARRAY['1'::xid], ARRAY['z'::bytea]) FROM public.trial WHERE id = 2), 0, 'so is another version');
SELECT 1 FROM public.trial WHERE id = 1 FOR KEY SHARE;
SELECT is(pg_temp.reseal('{a_sealed}', 'kept'), 1, 'a row that is only kept from being deleted is written');
SELECT is((SELECT a_sealed FROM public.trial WHERE id = 1), 'kept'::bytea, 'with the value');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('public.trial') $$, 'and accounted for');
SELECT is((SELECT ekok.reseal('public.trial', '{a_sealed}', '{}', '{}', '{}')), 0, 'no rows are no rows');

SELECT throws_ok($$ SELECT pg_temp.reseal('{note}', 'x') $$, '22023', NULL, 'another column is refused');
SELECT throws_ok($$ SELECT pg_temp.reseal('{nothing_sealed}', 'x') $$, '22023', NULL, 'so is one that is not there');
SELECT throws_ok($$ SELECT pg_temp.reseal('{c_sealed}', 'x') $$, '22023', NULL, 'and one that stands in an index');
SELECT throws_ok($$ SELECT pg_temp.reseal('{}', 'x') $$, '22023', NULL, 'and none');
SELECT throws_ok($$ SELECT pg_temp.reseal('{a_sealed,b_sealed}', 'x') $$, '2202E', NULL, 'too few values are refused');
SELECT throws_ok($$ SELECT pg_temp.reseal('{b_sealed}', 'x') $$, '22023', NULL, 'a value where none stood is refused');
SELECT throws_ok($$ SELECT pg_temp.reseal('{a_sealed}', repeat('x', 100)) $$, '23514', NULL, 'constraints hold');
SELECT throws_ok($$ SELECT ekok.reseal('keyring.rotation_progress', '{a_sealed}', '{}', '{}', '{}') $$, '42809', NULL, 'a view is refused');

SET LOCAL ROLE ekok_owner;
SELECT throws_ok($$ SELECT ekok.reseal('public.trial', '{a_sealed}', '{}', '{}', '{}') $$, '42501', NULL, 'who does not own the table is refused');
SET LOCAL ROLE ekok_etl;
SELECT throws_ok($$ SELECT ekok.reseal('registry.enrolment', '{nid_sealed}', '{}', '{}', '{}') $$, '42501', NULL, 'who rotates keys has the function of schema keyring alone');
RESET ROLE;
SELECT throws_ok($$ SELECT keyring.put_rows(7, 'registry.person', '{}', '{}', '{}') $$, '22023', NULL, 'which knows the tables with sealed values');

-- Without a trace that is always written nothing is changed past it.
ALTER TABLE public.trial ENABLE TRIGGER audit_update;
SELECT throws_ok($$ SELECT pg_temp.reseal('{a_sealed}', 'x') $$, '55000', NULL, 'an audit trigger that does not always fire is not enough');
ALTER TABLE public.trial DISABLE TRIGGER audit_update;
SELECT throws_ok($$ SELECT pg_temp.reseal('{a_sealed}', 'x') $$, '55000', NULL, 'one that is off is none');
ALTER TABLE public.trial ENABLE ALWAYS TRIGGER audit_update;
SELECT is(pg_temp.reseal('{a_sealed}', 'x'), 1, 'one that is on again is enough');
CREATE TRIGGER watches BEFORE UPDATE ON public.trial FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
SELECT throws_ok($$ SELECT pg_temp.reseal('{a_sealed}', 'x') $$, '55000', NULL, 'a table whose triggers may change its rows is refused');

SELECT * FROM finish();
ROLLBACK;
