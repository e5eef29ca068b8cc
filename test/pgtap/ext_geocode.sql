-- ext_geocode.sql - containment of places: what contains what, and that the planner makes one index range of it for
-- constants, parameters, generic plans and joins, with the same rows as without an index.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT * FROM no_plan();

SELECT is(outer_place::geocode @> inner_place::geocode, contains, format('%s @> %s', outer_place, inner_place))
    FROM (VALUES ('30', '30', true), ('30', '3026', true), ('30', '30261254', true), ('3026', '30', false),
        ('3000', '30', false), ('30', '3000', true), ('3000', '300000', true), ('300000', '3000', false),
        ('30', '31', false), ('30', '2999', false), ('302612', '302613', false), ('302612', '30261299', true),
        ('99', '99999999', true), ('30261254', '30261254', true), ('30261254', '302612', false)) v(outer_place, inner_place, contains);
SELECT is('30261254'::geocode <@ '3026', true, '<@ is @> from the other side');

CREATE TEMP TABLE place (g geocode, t text) ON COMMIT DROP;
INSERT INTO place SELECT c::geocode, c FROM (
    SELECT (10 + i)::text FROM generate_series(0, 9) i
    UNION ALL SELECT (1000 + i)::text FROM generate_series(0, 999) i
    UNION ALL SELECT (100000 + i * 7)::text FROM generate_series(0, 9999) i
    UNION ALL SELECT (10000000 + i * 331)::text FROM generate_series(0, 19999) i) s(c);
CREATE INDEX place_g ON place (g);
ANALYZE place;

-- The plan of a command as text, without costs.
CREATE FUNCTION pg_temp.plan_of(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; whole text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || command LOOP
        whole := whole || line || E'\n';
    END LOOP;
    RETURN whole;
END $$;
SET LOCAL enable_bitmapscan = off;
SELECT alike(pg_temp.plan_of(command), '%Index Cond: ((g >= ' || low || ') AND (g <= ' || high || '))%', command)
    FROM (VALUES
        ($$SELECT count(*) FROM place WHERE g <@ '1012'$$, $$'1012'::geocode$$, $$'10129999'::geocode$$),
        ($$SELECT count(*) FROM place WHERE '1012' @> g$$, $$'1012'::geocode$$, $$'10129999'::geocode$$),
        ($$SELECT count(*) FROM place WHERE geocode_contained(g, '10120101')$$, $$'10120101'::geocode$$, $$'10120101'::geocode$$)
    ) v(command, low, high);
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE below(geocode) AS SELECT count(*) FROM place WHERE g <@ $1;
PREPARE within(geocode) AS SELECT count(*) FROM place WHERE $1 @> g;
SELECT alike(pg_temp.plan_of(format('EXECUTE %s(''1012'')', name)), '%Index Cond: ((g >= $1) AND (g <= geocode_last($1)))%',
    'a generic plan of ' || name) FROM unnest(ARRAY['below', 'within']) name;
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
SELECT alike(pg_temp.plan_of($$SELECT count(*) FROM (VALUES ('1012'::geocode), ('15')) v(p) JOIN place ON g <@ p OFFSET 0$$),
    '%Index Cond: ((g >= "*VALUES*".column1) AND (g <= geocode_last("*VALUES*".column1)))%', 'a join');
-- Where the index says nothing: the column contains the constant, or both sides are of the table.
SELECT unalike(pg_temp.plan_of(command), '%Index Cond%', command) FROM unnest(ARRAY[
    $$SELECT count(*) FROM place WHERE g @> '10120101'$$, $$SELECT count(*) FROM place WHERE g <@ parent(g)$$,
    $$SELECT count(*) FROM place WHERE g <@ (random()::int + 10)::geocode$$]) command;
-- A hash index has no ranges.
CREATE TEMP TABLE hashed ON COMMIT DROP AS TABLE place;
CREATE INDEX ON hashed USING hash (g);
ANALYZE hashed;
SET LOCAL enable_seqscan = off;
SELECT unalike(pg_temp.plan_of($$SELECT count(*) FROM hashed WHERE g <@ '1012'$$), '%Index Cond%', 'a hash index is left alone');

-- The same rows by index and by text
CREATE FUNCTION pg_temp.below(place geocode) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; BEGIN EXECUTE 'SELECT count(*) FROM place WHERE g <@ $1' INTO n USING place; RETURN n; END $$;
SELECT is(pg_temp.below(p::geocode), (SELECT count(*) FROM place WHERE starts_with(t, p)), 'rows below ' || p)
    FROM unnest(ARRAY['10', '19', '1000', '1012', '1999', '100000', '101206', '10000000', '10120101', '99']) p;
SELECT is((SELECT count(*) FROM place WHERE g <@ NULL), 0::bigint, 'none below NULL');
SELECT is((SELECT count(*) FROM place a JOIN place b ON b.g <@ a.g WHERE level(a.g) = 2), (SELECT count(*) FROM place
    WHERE level(g) >= 2 AND district(g) IN (SELECT g FROM place)), 'a join over all districts');

-- A reader of a view who may not name the extension's schema, under row security
CREATE ROLE ext_geocode_reader;
CREATE TABLE public.ext_geocode_held AS TABLE place;
CREATE INDEX ON public.ext_geocode_held (g);
ANALYZE public.ext_geocode_held;
ALTER TABLE public.ext_geocode_held ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION public.ext_geocode_may(text) RETURNS boolean LANGUAGE plpgsql STABLE AS 'BEGIN RETURN $1 IS NOT NULL; END';
CREATE POLICY held ON public.ext_geocode_held USING (public.ext_geocode_may(t));
CREATE FUNCTION public.ext_geocode_plan(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; whole text := ''; BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || command LOOP whole := whole || line || E'\n'; END LOOP;
    RETURN whole; END $$;
CREATE VIEW public.ext_geocode_view WITH (security_invoker) AS
    SELECT h.* FROM public.ext_geocode_held h, (SELECT current_setting('ekok.test_place')::geocode AS p OFFSET 0) s WHERE g <@ p;
GRANT SELECT ON public.ext_geocode_held, public.ext_geocode_view TO ext_geocode_reader;
SET LOCAL ekok.test_place = '1012';
REVOKE USAGE ON SCHEMA ekok FROM PUBLIC;
SET LOCAL ROLE ext_geocode_reader;
SELECT alike(public.ext_geocode_plan('SELECT count(*) FROM public.ext_geocode_view'),
    '%Index Cond: ((g OPERATOR(ekok.>=) %) AND (g OPERATOR(ekok.<=) ekok.geocode_last(%Filter: ext_geocode_may(t)%', 'the index serves under row security');
SELECT is(count(*), (SELECT count(*) FROM public.ext_geocode_held WHERE starts_with(t, '1012')), 'and finds the same rows')
    FROM public.ext_geocode_view;
RESET ROLE;

-- Each place stands directly before what it contains
SELECT is_empty($$SELECT g FROM (SELECT g, lag(g) OVER (ORDER BY g) AS before FROM place) s
    WHERE parent(g) IN (SELECT g FROM place) AND NOT before <@ parent(g)$$, 'no stranger between a place and what it contains');

SELECT * FROM finish();
ROLLBACK;
