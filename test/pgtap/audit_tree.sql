-- audit_tree.sql - the trace in months: entries go where their time belongs, no month can be changed, the months to
-- come are made ahead; hashes and checkpoints only grow, and the sealer may do no more than add to them.
BEGIN;
\ir helper/tap.psql
SELECT plan(22);

SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass)::int, 14, 'months before, twelve ahead, the rest');
SELECT is_empty($$ SELECT i.inhrelid::regclass FROM pg_inherits i WHERE i.inhparent = 'audit.entry'::regclass AND NOT EXISTS (
                       SELECT FROM pg_trigger t WHERE t.tgrelid = i.inhrelid AND t.tgname = 'insert_only' AND t.tgenabled = 'A') $$,
                'each is insert-only by itself');
SELECT throws_ok(format('UPDATE %s SET actor = ''x''', part), '42501', NULL, 'not even by its own name: ' || part)
    FROM unnest(ARRAY['audit.entry_before', 'audit.entry_rest']) part;
SELECT throws_ok('DELETE FROM audit.entry_before', '42501', NULL, 'nor emptied');

CREATE TABLE public.watched (id int PRIMARY KEY, word text);
SELECT audit.attach('public.watched');
INSERT INTO public.watched VALUES (1, 'one');
SELECT is((SELECT array_agg(tableoid::regclass::text) FROM audit.entry WHERE table_name = 'public.watched'),
          ARRAY[CASE WHEN now() < (SELECT min(split_part(pg_get_expr(c.relpartbound, c.oid), '''', 2)::timestamptz) FROM pg_class c
                     WHERE c.relname ~ '^entry_\d') THEN 'audit.entry_before' ELSE 'audit.entry_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') END],
          'an entry goes to its month');

-- a trace of our own whose months are known
CREATE TABLE public.trace (LIKE audit.entry INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY RANGE (at);
CREATE TABLE public.past PARTITION OF public.trace FOR VALUES FROM (MINVALUE) TO ('2020-01-01Z');
CREATE TABLE public.other (id int PRIMARY KEY);
CREATE TRIGGER t AFTER INSERT ON public.other REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION ekok.record_change('public.trace', 'id');
SELECT throws_ok('INSERT INTO public.other VALUES (1)', '23514', NULL, 'without a partition of now nothing is written');
CREATE TABLE public.present PARTITION OF public.trace FOR VALUES FROM ('2020-01-01Z') TO ('2200-01-01Z');
INSERT INTO public.other SELECT * FROM generate_series(2, 300);
SELECT is((SELECT count(*) FROM public.present)::int, 299, 'with one, all of a statement');
SELECT is((SELECT count(DISTINCT id) FROM public.trace)::int, 299, 'numbered by the whole table');
DROP TABLE public.present;
CREATE TABLE public.rest PARTITION OF public.trace DEFAULT;
INSERT INTO public.other VALUES (301);
SELECT is((SELECT row_id FROM public.rest), '301', 'and what fits nowhere goes to the rest');
CREATE TABLE public.by_number (LIKE audit.entry INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY RANGE (id);
CREATE TABLE public.by_number_1 PARTITION OF public.by_number DEFAULT;
CREATE TABLE public.third (id int PRIMARY KEY);
CREATE TRIGGER t AFTER INSERT ON public.third REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION ekok.record_change('public.by_number', 'id');
SELECT throws_ok('INSERT INTO public.third VALUES (1)', '42809', NULL, 'a trace divided by something else is refused');

SELECT is(audit.prepare_months(12), 0, 'months that stand are not made again');
SELECT is(audit.prepare_months(14), 2, 'missing ones are');
SELECT throws_ok('SELECT audit.prepare_months(121)', '22023', NULL, 'a number of months out of range');
SELECT throws_ok('SELECT audit.prepare_months(NULL)', '22023', NULL, 'or none');

SELECT lives_ok($$ INSERT INTO audit.tile VALUES (0, 0, decode(repeat('00', 8192), 'hex'), '1', 1) $$, 'a tile is added');
SELECT throws_ok($$ INSERT INTO audit.tile VALUES (0, 0, decode(repeat('11', 8192), 'hex'), '1', 2) $$, '23505', NULL, 'once');
SELECT throws_ok('UPDATE audit.tile SET number = 1', '42501', NULL, 'and stays');
SELECT throws_ok('DELETE FROM audit.checkpoint', '42501', NULL, 'as a checkpoint does');

SET LOCAL ROLE ekok_sealer;
SELECT throws_ok(s, '42501', NULL, 'the sealer cannot: ' || s) FROM unnest(ARRAY['INSERT INTO audit.entry (table_name, op, new) VALUES (''x'', ''INSERT'', ''{}'')',
    'SELECT FROM registry.enrolment']) s;
SELECT lives_ok('SELECT FROM audit.entry LIMIT 1', 'it reads the trace');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
