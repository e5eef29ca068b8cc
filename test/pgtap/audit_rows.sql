-- audit_rows.sql - ekok.trace_rows against what COPY in binary form writes: the same bytes in the order (xact, id), whatever partition an entry
-- lies in and however long it is; its bounds; and whom it refuses, which is who could not SELECT the same rows.
BEGIN;
\ir helper/tap.psql
SELECT plan(27);

CREATE TABLE public.trace (LIKE audit.entry INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (xact, id, at)) PARTITION BY RANGE (at);
CREATE TABLE public.early PARTITION OF public.trace FOR VALUES FROM (MINVALUE) TO ('2020-01-01Z');
CREATE TABLE public.late PARTITION OF public.trace FOR VALUES FROM ('2020-01-01Z') TO (MAXVALUE);
CREATE TABLE public.none PARTITION OF public.trace DEFAULT;
-- Transactions and months mixed; some without images, salt, commitment or anything that may be missing.
INSERT INTO public.trace (id, at, xact, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, old, new, salt, commitment)
    OVERRIDING SYSTEM VALUE
SELECT 1000 - g, timestamptz '2019-12-01Z' + g % 3 * interval '1 month', (100 + g % 7)::text::xid8, 'me', CASE g % 4 WHEN 0 THEN 'dss' END, nullif(g % 5, 0),
       CASE g % 3 WHEN 0 THEN sha256(g::text::bytea) END, CASE g % 2 WHEN 0 THEN 'কারণ ' || g END, 's.t', 'UPDATE', CASE g % 11 WHEN 0 THEN NULL ELSE g::text END,
       CASE g % 3 WHEN 1 THEN json_build_object('a', g) END, CASE WHEN g % 6 < 5 THEN json_build_object('a', g, 'long', repeat('কখ', g)) END,
       CASE WHEN g % 8 > 1 THEN substr(sha256(g::text::bytea), 1, 16) END, CASE WHEN g % 8 > 0 THEN sha256(g::text::bytea) END
FROM generate_series(1, 300) g;
-- Stored outside its row, compressed and not; an old version that nobody sees any more.
UPDATE public.trace SET new = json_build_object('much', (SELECT string_agg(encode(sha256(x::text::bytea), 'hex'), '') FROM generate_series(1, 400) x)) WHERE id = 700;
UPDATE public.trace SET new = json_build_object('again', repeat('0123456789', 20000)) WHERE id = 701;
DELETE FROM public.trace WHERE id = 720;

-- A value as COPY writes it in binary form: its length and its bytes.
CREATE FUNCTION pg_temp.cell(bytes bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT coalesce(int4send(octet_length(bytes)) || bytes, '\xffffffff') $$;
CREATE FUNCTION pg_temp.plain(e public.trace, images boolean) RETURNS bytea LANGUAGE sql AS $$
    SELECT int2send(15::int2) || pg_temp.cell(int8send(e.xact::text::bigint)) || pg_temp.cell(int8send(e.id)) || pg_temp.cell(timestamptz_send(e.at))
        || pg_temp.cell(textsend(e.actor::text)) || pg_temp.cell(textsend(e.source)) || pg_temp.cell(int8send(e.run_id)) || pg_temp.cell(e.page_sha256)
        || pg_temp.cell(textsend(e.purpose)) || pg_temp.cell(textsend(e.table_name)) || pg_temp.cell(textsend(e.op)) || pg_temp.cell(textsend(e.row_id))
        || pg_temp.cell(e.commitment) || pg_temp.cell(CASE WHEN images THEN e.salt END)
        || pg_temp.cell(textsend(CASE WHEN images OR e.commitment IS NULL THEN e.old::text END))
        || pg_temp.cell(textsend(CASE WHEN images OR e.commitment IS NULL THEN e.new::text END)) $$;
CREATE FUNCTION pg_temp.all_of(condition text, images boolean) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    bytes bytea;
BEGIN
    EXECUTE format('SELECT coalesce(string_agg(pg_temp.plain(e, %L), '''' ORDER BY e.xact, e.id), '''') FROM (SELECT * FROM public.trace WHERE %s) e', images, condition) INTO bytes;
    RETURN bytes;
END $$;
CREATE FUNCTION pg_temp.got(after_xact xid8, after_id bigint, upto_xact xid8, upto_id bigint, below xid8, most bigint, images boolean) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    piece bytea;
    bytes bytea := '';
BEGIN
    FOR piece IN SELECT ekok.trace_rows('public.trace', after_xact, after_id, upto_xact, upto_id, below, most, images) LOOP
        bytes := bytes || piece;
    END LOOP;
    RETURN bytes;
END $$;

SELECT is(pg_temp.got(NULL, NULL, NULL, NULL, NULL, NULL, true), pg_temp.all_of('true', true), 'all entries, with images');
SELECT is(pg_temp.got(NULL, NULL, NULL, NULL, NULL, NULL, false), pg_temp.all_of('true', false), 'without: but for those that are sealed themselves');
SELECT is(pg_temp.got('103', 850, NULL, NULL, NULL, NULL, true), pg_temp.all_of($$(xact, id) > ('103'::xid8, 850)$$, true), 'behind an entry');
SELECT is(pg_temp.got('103', (SELECT max(id) FROM public.trace WHERE xact = '103'), NULL, NULL, NULL, NULL, true), pg_temp.all_of($$xact > '103'$$, true), 'behind the last of a transaction');
SELECT is(pg_temp.got('103', NULL, NULL, NULL, NULL, NULL, true), pg_temp.all_of($$xact >= '103'$$, true), 'from a transaction on');
SELECT is(pg_temp.got(NULL, NULL, '104', 850, NULL, NULL, true), pg_temp.all_of($$(xact, id) <= ('104'::xid8, 850)$$, true), 'up to an entry');
SELECT is(pg_temp.got(NULL, NULL, NULL, NULL, '104', NULL, true), pg_temp.all_of($$xact < '104'$$, true), 'below a transaction');
SELECT is(pg_temp.got('101', 800, '105', 900, '105', 70, false),
          pg_temp.all_of($$id IN (SELECT id FROM public.trace WHERE (xact, id) > ('101'::xid8, 800) AND xact < '105' ORDER BY xact, id LIMIT 70)$$, false), 'all bounds at once');
SELECT is(pg_temp.got(NULL, NULL, NULL, NULL, NULL, 0, true), '', 'none');
SELECT is(pg_temp.got('1000', 1, NULL, NULL, NULL, NULL, true), '', 'nothing behind the end');
SELECT is((SELECT count(*) FROM (SELECT ekok.trace_rows('public.trace', NULL, NULL, NULL, NULL, NULL, NULL, true) LIMIT 1) p)::int, 1, 'one piece, the rest left');
SELECT cmp_ok((SELECT count(*) FROM ekok.trace_rows('public.trace', NULL, NULL, NULL, NULL, NULL, NULL, true))::int, '>', 10, 'there is more than one');
DECLARE one CURSOR FOR SELECT ekok.trace_rows('public.trace', NULL, NULL, NULL, NULL, NULL, 5, true);
DECLARE other CURSOR FOR SELECT ekok.trace_rows('public.late', NULL, NULL, NULL, NULL, NULL, 5, true);
MOVE 1 FROM one;
FETCH 1 FROM other \gset
SELECT is(:'trace_rows'::bytea, (SELECT piece FROM ekok.trace_rows('public.late', NULL, NULL, NULL, NULL, NULL, 5, true) piece LIMIT 1), 'a part alone, beside another reader');
CLOSE one;
CLOSE other;
SELECT is_empty($$ SELECT ekok.trace_rows('audit.entry', NULL, NULL, NULL, NULL, '1', NULL, true) $$, 'the trace itself is one, with its months');

SELECT throws_ok($$ SELECT ekok.trace_rows(NULL, NULL, NULL, NULL, NULL, NULL, NULL, true) $$, '22023', NULL, 'no table');
SELECT throws_ok($$ SELECT ekok.trace_rows('public.trace', NULL, NULL, NULL, NULL, NULL, -1, true) $$, '22023', NULL, 'a negative number');
SELECT throws_ok($$ SELECT ekok.trace_rows('audit.tile', NULL, NULL, NULL, NULL, NULL, NULL, true) $$, '42809', NULL, 'another table');
CREATE TABLE public.keyless (LIKE audit.entry);
SELECT throws_ok($$ SELECT ekok.trace_rows('public.keyless', NULL, NULL, NULL, NULL, NULL, NULL, true) $$, '42809', NULL, 'entries without their key');
CREATE TABLE public.otherwise (LIKE audit.entry, PRIMARY KEY (id, xact));
SELECT throws_ok($$ SELECT ekok.trace_rows('public.otherwise', NULL, NULL, NULL, NULL, NULL, NULL, true) $$, '42809', NULL, 'or in another order');

-- Whoever may SELECT all rows, and nobody else.
SET LOCAL ROLE ekok_analyst;
SELECT throws_ok($$ SELECT ekok.trace_rows('audit.entry', NULL, NULL, NULL, NULL, NULL, 1, true) $$, '42501', NULL, 'an analyst');
SET LOCAL ROLE ekok_auditor;
SELECT lives_ok($$ SELECT ekok.trace_rows('audit.entry', NULL, NULL, NULL, NULL, NULL, 1, true) $$, 'not an auditor');
SET LOCAL ROLE ekok_sealer;
SELECT lives_ok($$ SELECT ekok.trace_rows('audit.entry', NULL, NULL, NULL, NULL, NULL, 1, false) $$, 'nor the sealer');
RESET ROLE;
GRANT SELECT ON public.trace TO ekok_analyst;
ALTER TABLE public.trace ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION pg_temp.as_analyst(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL ROLE ekok_analyst;
    RETURN NEXT throws_ok('SELECT ekok.trace_rows(''public.trace'', NULL, NULL, NULL, NULL, NULL, 1, true)', '42501', NULL, what);
    RESET ROLE;
END $$;
SELECT pg_temp.as_analyst('row-level security without a policy');
CREATE POLICY part ON public.trace FOR SELECT TO ekok_analyst USING (id > 0);
CREATE POLICY of_others ON public.trace FOR SELECT TO ekok_operator USING (true);
CREATE POLICY for_writing ON public.trace FOR INSERT TO ekok_analyst WITH CHECK (true);
SELECT pg_temp.as_analyst('a policy with a condition, of others, of another command');
CREATE POLICY everything ON public.trace TO ekok_analyst USING (true);
SET LOCAL ROLE ekok_analyst;
SELECT lives_ok($$ SELECT ekok.trace_rows('public.trace', NULL, NULL, NULL, NULL, NULL, 1, true) $$, 'not with one that shows everything');
RESET ROLE;
CREATE POLICY less ON public.trace AS RESTRICTIVE FOR SELECT USING (true);
SELECT pg_temp.as_analyst('but where another takes away');
ALTER POLICY less ON public.trace TO ekok_operator;
SET LOCAL ROLE ekok_analyst;
SELECT lives_ok($$ SELECT ekok.trace_rows('public.trace', NULL, NULL, NULL, NULL, NULL, 1, true) $$, 'from others');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
