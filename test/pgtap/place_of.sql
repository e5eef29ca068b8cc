-- place_of.sql - registry.place_of: names by the codes inside a number, and every warning. All numbers are synthetic.
BEGIN;
SET LOCAL search_path = registry, ekok, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT plan(32);

-- Cards
SELECT results_eq($$SELECT division_code, division_en, division_bn, district_code, district_en, district_bn, upazila_code,
        upazila_en, upazila_bn, union_code, union_en, union_bn, warning FROM place_of('0912166999999'::nid)$$,
    $$VALUES ('10', 'Barisal', 'বরিশাল', '1009', 'Bhola', 'ভোলা', '100921', 'Burhanuddin', 'বোরহান উদ্দিন', '10092166',
        'Pakshia', 'পক্ষিয়া', NULL)$$, '13 digits: names in both scripts');
SELECT results_eq($$SELECT * FROM place_of('19790912166999999'::nid)$$, $$SELECT * FROM place_of('0912166999999'::nid)$$,
    '17 digits: the same place as the 13 inside');
SELECT results_eq($$SELECT * FROM place_of('19790912166999999'::brn)$$, $$SELECT * FROM place_of('0912166999999'::nid)$$,
    'a birth registration: the same seven digits');
SELECT results_eq($$SELECT * FROM place_of('1979091216699999'::brn)$$, $$SELECT * FROM place_of('19790912166099999'::brn)$$,
    'its form of 16 digits too');
SELECT results_eq($$SELECT district_en, upazila_en, union_en, union_bn, warning FROM place_of('5525799000001'::nid)$$,
    $$VALUES ('Magura', 'Magura Sadar', 'Magura Paurashava', NULL::text, NULL::text)$$, 'a paurashava; no Bengali name is no warning');
SELECT results_eq($$SELECT division_code, district_code, upazila_code, union_code, union_en, warning FROM place_of('7000712344'::nid)$$,
    $$VALUES (NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, '10 digits tell no place')$$, '10 digits tell no place');
SELECT is((SELECT count(*) FROM place_of(NULL::nid)), 1::bigint, 'NULL: still one row');
SELECT is((SELECT warning FROM place_of(NULL::nid)), NULL, '  without a warning');

-- What the table does not know
SELECT results_eq($$SELECT district_en, upazila_code, upazila_en, union_code, union_en, warning FROM place_of('5515899000001'::nid)$$,
    $$VALUES ('Magura', '405558', NULL::text, '40555899', NULL::text, 'upazila 58 is not in the 2011 table: merged or newer')$$,
    'an unknown upazila keeps its code, without a name');
SELECT results_eq($$SELECT upazila_en, union_code, union_en, warning FROM place_of('5515722000001'::nid)$$,
    $$VALUES ('Magura Sadar', '40555722', NULL::text, 'union 22 is not in the 2011 table: merged or newer')$$, 'an unknown union');
SELECT is((SELECT warning FROM place_of('5525703000001'::nid)), 'ward 03 is not in the 2011 table, which has few wards',
    'an unknown ward of a paurashava');
SELECT results_eq($$SELECT division_code, district_code, upazila_code, union_code, warning FROM place_of('9915799000001'::nid)$$,
    $$VALUES (NULL::text, NULL::text, NULL::text, NULL::text, 'district 99 is not in the table: mistyped?')$$, 'an unknown district');
SELECT is((SELECT warning FROM place_of('5595799000001'::nid)),
    'city corporation: its codes may be split 3+2 or 2+3, not 2+2 as they are read here', 'a city corporation is warned about');
SELECT is((SELECT warning FROM place_of('5595801000001'::nid)), 'upazila 58 is not in the 2011 table: merged or newer; '
    'city corporation: its codes may be split 3+2 or 2+3, not 2+2 as they are read here', 'two warnings are both told');
SELECT is((SELECT warning FROM place_of('5575799000001'::nid)), 'area type 7 is not known', 'an unknown area type');
SELECT is((SELECT union_en FROM place_of('5575799000001'::nid)), 'Magura Paurashava', '  is looked up all the same');

-- Geocodes
SELECT results_eq($$SELECT division_en, district_en, upazila_en, union_en, warning FROM place_of('10092166'::geocode)$$,
    $$VALUES ('Barisal', 'Bhola', 'Burhanuddin', 'Pakshia', NULL::text)$$, 'a union');
SELECT results_eq($$SELECT district_en, upazila_en, union_code, union_en, warning FROM place_of('100921'::geocode)$$,
    $$VALUES ('Bhola', 'Burhanuddin', NULL::text, NULL::text, NULL::text)$$, 'an upazila');
SELECT results_eq($$SELECT district_en, upazila_code, upazila_en, warning FROM place_of('1009'::geocode)$$,
    $$VALUES ('Bhola', NULL::text, NULL::text, NULL::text)$$, 'a district');
SELECT results_eq($$SELECT division_code, division_en, district_code, warning FROM place_of('10'::geocode)$$,
    $$VALUES ('10', 'Barisal', NULL::text, NULL::text)$$, 'a division');
SELECT results_eq($$SELECT division_code, district_en, warning FROM place_of('3061'::geocode)$$,
    $$VALUES ('45', 'Mymensingh', 'district 61 lies in division 45, the code says 30')$$, 'a district that moved to another division');
SELECT is((SELECT warning FROM place_of('99'::geocode)), 'division 99 is not in the table: mistyped?', 'an unknown division');
SELECT is((SELECT warning FROM place_of('1098'::geocode)), 'district 98 is not in the table: mistyped?', 'an unknown district');

-- Each place of the table is found as itself
SELECT is_empty($$SELECT g.code FROM geo g CROSS JOIN place_of(g.code::geocode) p
    WHERE g.code <> coalesce(p.union_code, p.upazila_code, p.district_code, p.division_code)
       OR g.name_en <> coalesce(p.union_en, p.upazila_en, p.district_en, p.division_en) OR p.warning IS NOT NULL$$,
    'every place of the table, by its own code');
SELECT is_empty($$SELECT right(code, 2) FROM geo WHERE level = 2 GROUP BY 1 HAVING count(*) > 1$$,
    'a district is known by two digits alone');
SELECT is((SELECT count(*) FROM geo WHERE level = 2), 64::bigint, 'there are 64 of them');

-- As joins, and as whom
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_bitmapscan = off;
SELECT is_empty($$SELECT l FROM pg_temp.plan_of('SELECT p.* FROM geo g CROSS JOIN place_of(g.code::geocode) p') l
    WHERE l LIKE '%Function Scan on place%' OR l LIKE '%CTE%'$$, 'many numbers are not looked up call by call');
SELECT is((SELECT count(*) FROM pg_temp.plan_of('SELECT p.* FROM geo g CROSS JOIN place_of(g.code::geocode) p') l
    WHERE l LIKE '%Index% using geo_pkey on geo%'), 4::bigint, '  but by one index, a probe for each level');
-- A query of one text, run as another role; the error's code where it is refused.
CREATE FUNCTION pg_temp.told(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('role', role, true);
    EXECUTE query INTO answer;
    PERFORM set_config('role', session_user, true);
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT is(pg_temp.told(r, $$SELECT district_en FROM registry.place_of('5525799000001'::ekok.nid)$$), 'Magura', r || ' may ask')
    FROM unnest(ARRAY['ekok_analyst', 'ekok_auditor', 'ekok_operator']) r;
SELECT is(pg_temp.told('ekok_etl', $$SELECT district_en FROM registry.place_of('5525799000001'::ekok.nid)$$), '42501', 'the daemon may not');
SELECT * FROM finish();
ROLLBACK;
