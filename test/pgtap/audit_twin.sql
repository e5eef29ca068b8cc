-- audit_twin.sql - ekok.record_change against its plain twin: the same statements leave the same entries, whatever the types
-- of the table and the settings of the session; and the uses that it refuses.
BEGIN;
\ir helper/tap.psql
SELECT plan(25);

CREATE DOMAIN pg_temp.code AS text CHECK (VALUE <> '');
CREATE TABLE public.twin (
    place int, "Key" text, gone int, small smallint, large bigint, amount numeric, flag boolean, code pg_temp.code,
    letters char(5), label name, raw bytea, id uuid, born date, moment timestamptz, plain timestamp, ratio float8,
    parts text[], raws bytea[], told jsonb, plainly json, span interval, card ekok.nid, seen ekok.evidence, mood inet,
    "a longer name" text, PRIMARY KEY (place, "Key")
);
ALTER TABLE public.twin DROP COLUMN gone;
CREATE TABLE public.plain_entry (LIKE audit.entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY);
CREATE TABLE public.quick_entry (LIKE audit.entry INCLUDING ALL);

-- The twin writes to audit.entry alone; what it wrote for this table is what is compared.
CREATE TRIGGER plain_i AFTER INSERT ON public.twin REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_change('place', 'Key');
CREATE TRIGGER plain_u AFTER UPDATE ON public.twin REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_change('place', 'Key');
CREATE TRIGGER plain_d AFTER DELETE ON public.twin REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.record_change('place', 'Key');
CREATE TRIGGER quick_i AFTER INSERT ON public.twin REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.quick_entry', 'place', 'Key');
CREATE TRIGGER quick_u AFTER UPDATE ON public.twin REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.quick_entry', 'place', 'Key');
CREATE TRIGGER quick_d AFTER DELETE ON public.twin REFERENCING OLD TABLE AS o FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.quick_entry', 'place', 'Key');

-- What is left of an image without its nulls; nulls deeper down stay.
CREATE FUNCTION pg_temp.told(image jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_object_agg(k, v) FROM jsonb_each(image) e(k, v) WHERE v <> 'null' $$;
CREATE FUNCTION pg_temp.same(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT results_eq(
        'SELECT xact, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, old::text, new::text FROM public.quick_entry ORDER BY row_id, old::text',
        $q$ SELECT xact, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, pg_temp.told(old::jsonb)::text, pg_temp.told(new::jsonb)::text
            FROM audit.entry WHERE table_name = 'public.twin' AND id > (SELECT coalesce(max(last), 0) FROM pg_temp.seen) ORDER BY row_id, pg_temp.told(old::jsonb)::text $q$, what);
    RETURN NEXT ok((SELECT count(*) > 0 FROM public.quick_entry), what || ': there is something to compare');
    DELETE FROM public.quick_entry;
    INSERT INTO pg_temp.seen SELECT max(id) FROM audit.entry;
END $$;
CREATE TEMP TABLE seen AS SELECT max(id) AS last FROM audit.entry;

SET LOCAL ekok.purpose = 'comparing';
SET LOCAL ekok.source = 'dss';
SET LOCAL ekok.run = '17';
SELECT set_config('ekok.page_sha256', encode(sha256('p'), 'hex'), true) \g /dev/null
SET LOCAL "TimeZone" = 'Asia/Dhaka';
INSERT INTO public.twin (place, "Key") VALUES (1, 'nothing else');
SELECT pg_temp.same('a row of nulls');
INSERT INTO public.twin SELECT g, 'রহিমা "q" \ ' || g, g, -g::bigint * 5000000000, g / 7.0, g % 2 = 0, 'c', 'ab', 'l', sha256(g::text::bytea),
    md5(g::text)::uuid, date '1950-01-01' + g, timestamptz '2026-01-01 00:00:00.5+06' + g * interval '1 hour', timestamp '2020-02-29 12:00',
    g / 3.0, ARRAY['a', NULL, 'বি'], ARRAY[sha256('x')], '{"z": [1, {"y": null}], "b": "c"}', '[1, 2]', '1 day', '7000712344',
    ekok.evidence('nid', 'x', g), '10.0.0.1', 'long'
FROM generate_series(2, 200) g;
SELECT pg_temp.same('every type');
SET LOCAL "TimeZone" = 'UTC';
INSERT INTO public.twin (place, "Key", amount, told, plainly) VALUES (500, 'odd', 'NaN', '"scalar"', '3'), (501, 'odd', 0, '"null"', 'true'), (502, '', 1e30, '[]', '{}');
SELECT pg_temp.same('odd values');
UPDATE public.twin SET small = 7, code = NULL WHERE place BETWEEN 50 AND 120;
SELECT pg_temp.same('a change of many rows');
UPDATE public.twin SET "Key" = "Key" || '!' WHERE place < 10;
SELECT pg_temp.same('a change of the key leaves two entries');
INSERT INTO public.twin (place, "Key", small) VALUES (1, 'nothing else!', 1), (600, 'new', 2) ON CONFLICT (place, "Key") DO UPDATE SET small = excluded.small;
SELECT pg_temp.same('ON CONFLICT DO UPDATE, which is two statements to the triggers');
DELETE FROM public.twin;
SELECT pg_temp.same('a deletion');
UPDATE public.twin SET small = 1;
SELECT is_empty('SELECT 1 FROM public.quick_entry', 'a statement without rows leaves nothing');

DROP TRIGGER plain_i ON public.twin;
-- A key whose text hangs on settings names its row the same in every session.
CREATE TABLE public.keyed (raw bytea, moment timestamptz, PRIMARY KEY (raw, moment));
CREATE TRIGGER quick_i AFTER INSERT ON public.keyed REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.quick_entry', 'raw', 'moment');
SET LOCAL bytea_output = 'escape';
SET LOCAL "TimeZone" = 'Asia/Dhaka';
SET LOCAL "DateStyle" = 'German';
INSERT INTO public.keyed VALUES ('\x00ff', '2026-01-02 06:00:00+06');
SELECT is((SELECT row_id FROM public.quick_entry), '\x00ff 2026-01-02 00:00:00+00', 'a key of bytes and time is written in hex and UTC');
SELECT is(current_setting('bytea_output') || ' ' || current_setting('TimeZone') || ' ' || current_setting('DateStyle'), 'escape Asia/Dhaka German, DMY',
          'and the session keeps its settings');
DELETE FROM public.quick_entry;
RESET bytea_output;
RESET "TimeZone";
RESET "DateStyle";

PREPARE refused AS INSERT INTO public.twin (place, "Key") VALUES (9, 'x');
SET LOCAL ekok.page_sha256 = 'abc';
SELECT throws_ok('EXECUTE refused', '22023', 'ekok.page_sha256 is no SHA-256 in hex', 'a page hash that is none');
RESET ekok.page_sha256;
ALTER TABLE public.quick_entry ADD CHECK (row_id <> '9 x');
SELECT throws_ok('EXECUTE refused', '23514', NULL, 'constraints of the table of entries hold');
CREATE OR REPLACE TRIGGER quick_i AFTER INSERT ON public.twin REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.twin', 'place');
SELECT throws_ok('EXECUTE refused', '42809', NULL, 'a table of another shape takes no entries');
CREATE OR REPLACE TRIGGER quick_i AFTER INSERT ON public.twin REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.quick_entry', 'gone');
SELECT throws_ok('EXECUTE refused', '39P01', NULL, 'a key column that is not there');
CREATE OR REPLACE TRIGGER quick_i AFTER INSERT ON public.twin FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.quick_entry', 'place');
SELECT throws_ok('EXECUTE refused', '39P01', NULL, 'no transition table');
ALTER TABLE public.quick_entry FORCE ROW LEVEL SECURITY;
CREATE OR REPLACE TRIGGER quick_i AFTER INSERT ON public.twin REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION ekok.record_change('public.quick_entry', 'place');
SELECT throws_ok('EXECUTE refused', '55000', NULL, 'row-level security on the entries is not passed over unseen');
SELECT ok(NOT has_function_privilege(r, 'ekok.record_change()', 'EXECUTE'), r || ' cannot make a trigger of it')
FROM unnest(ARRAY['ekok_etl', 'ekok_analyst']) r;
SELECT * FROM finish();
ROLLBACK;
