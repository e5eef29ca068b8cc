-- ext_names.sql - names that sound alike: functions, operators, threshold, index. Names are the test's own.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SELECT * FROM no_plan();

-- Functions
SELECT is(bn_normalize(bn_normalize(n)), bn_normalize(n), 'normal form of the normal form of ' || n)
    FROM unnest(ARRAY['মোঃ রহিম উদ্দীন', 'Md. RAHIM-Uddin', U&'\09DC\09DF', U&'\09A1\09BC\09AF\09BC', '', '  ', '১২৩ abc']) n;
SELECT is(bn_normalize(U&'\09AC\09BE\09DC\09C0'), bn_normalize(U&'\09AC\09BE\09A1\09BC\09C0'), 'both forms of one letter are one');
SELECT throws_ok($$SELECT bn_normalize(repeat('a', 1025))$$, '22P02', 'invalid name: it is longer than 1024 bytes', 'a name has its length');
SELECT is(sound_key(n), NULL, format('no key of "%s"', left(n, 10))) FROM unnest(ARRAY['', '   ', '...', repeat('Rahim ', 2000)]) n;
SELECT is(sound_equal_key(n), NULL, format('no equal key of "%s"', left(n, 10))) FROM unnest(ARRAY['', '   ', repeat('Rahim ', 2000)]) n;
SELECT is(sound_index_keys(n), NULL, format('an index holds nothing of "%s"', left(n, 10))) FROM unnest(ARRAY['', '...', repeat('Rahim ', 2000)]) n;
SELECT ok(cardinality(sound_index_keys(n)) BETWEEN 1 AND 64, 'an index holds few keys of ' || left(n, 30))
    FROM unnest(ARRAY['Rahim', 'A K M', 'রহিম', 'মোঃ করিম উদ্দিন', repeat('Rahim ', 160)]) n;
SELECT ok(sound_index_keys('Gafur Sabuj') && sound_index_keys('সবুজ গফুর'), 'both orders and scripts of a name meet in an index');
SELECT is(sound_equal_key('রহিম উদ্দিন'), sound_equal_key('রহীম উদ্দীন'), 'long and short i are one sound');
SELECT is(sound_equal_key('করিম শেখ'), sound_equal_key('শেখ করিম'), 'the order of words does not matter');
SELECT isnt(sound_equal_key('করিম'), sound_equal_key('রহিম'), 'other sounds have another key');
SELECT is(sound_similarity(n, n), CASE WHEN n ~ '\w' AND length(n) < 1000 THEN 1 ELSE 0 END::real, format('"%s" and itself', left(n, 20)))
    FROM unnest(ARRAY['Rahim', 'রহিম', 'মোঃ করিম উদ্দিন', '', '  ', '!?', '😀', repeat('x', 10000)]) n;
SELECT is(sound_similarity(a, b), sound_similarity(b, a), a || ' both ways')
    FROM (VALUES ('Rahim Uddin', 'রহিম উদ্দিন'), ('করিম', 'Karim Sheikh'), ('a', 'b'), ('', 'x')) v(a, b);
SELECT is(a <~> b, 1::real - sound_similarity(a, b), 'distance of ' || a)
    FROM (VALUES ('Rahim Uddin', 'রহিম উদ্দিন'), ('করিম', 'Karim Sheikh'), ('', 'x')) v(a, b);
SELECT is(sound_similarity(NULL, 'x'), NULL, 'NULL is not known');

-- The threshold
SELECT is(current_setting('ekok.sound_threshold'), '0.75', 'the standard threshold');
SELECT is('রহিম উদ্দিন' ~% 'Rahim Uddin', true, 'one name in two scripts');
SELECT is('রহিম উদ্দিন' ~% 'Karim Sheikh', false, 'two names');
SELECT is('' ~% '', false, 'no name');
SET LOCAL ekok.sound_threshold = 1;
SELECT is(a ~% b, sound_similarity(a, b) >= 1, a || ' at 1') FROM (VALUES ('রহিম', 'Rohim'), ('রহিম', 'রহিম'), ('মোঃ করিম', 'Korim')) v(a, b);
RESET ekok.sound_threshold;
SELECT throws_ok('SET LOCAL ekok.sound_threshold = 0.5', '22023', NULL, 'no threshold that the index could not keep');

-- What the catalog says
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE pronamespace = 'ekok'::regnamespace
    AND (proname IN ('bn_normalize', 'is_bijoy', 'from_bijoy') OR proname LIKE '%sound%') AND (NOT proisstrict OR proparallel <> 's'
    OR provolatile <> CASE WHEN proname IN ('sound_alike', 'sound_sel', 'sound_joinsel') THEN 's' ELSE 'i' END
    OR obj_description(oid, 'pg_proc') IS NULL)$$, 'strict, parallel safe, immutable but for the threshold, explained');

-- Explanations
SELECT isnt_empty($$SELECT * FROM sound_explain('মোঃ রহিম উদ্দীন', 'Rahim Uddin')$$, 'something is explained');
SELECT is_empty($$SELECT * FROM sound_explain('', 'Rahim')$$, 'nothing to explain');
SELECT bag_has($$SELECT word_a, word_b FROM sound_explain('রহিম শেখ', 'Sheikh Rahim')$$,
    $$VALUES ('রহিম', 'rahim'), ('শেখ', 'sheikh')$$, 'words meet across scripts and order');

-- The index: 12 000 names put together from words of the test's own, in both scripts
CREATE TEMP TABLE word (id serial, bn text, la text) ON COMMIT DROP;
INSERT INTO word (bn, la) VALUES ('রহিম', 'Rahim'), ('করিম', 'Karim'), ('সালমা', 'Salma'), ('নাসরিন', 'Nasrin'), ('জামাল', 'Jamal'),
    ('জালাল', 'Jalal'), ('ফাতেমা', 'Fatema'), ('রোকেয়া', 'Rokeya'), ('শাহানা', 'Shahana'), ('তাহমিনা', 'Tahmina'), ('বিলকিস', 'Bilkis'),
    ('মর্জিনা', 'Marjina'), ('দিলারা', 'Dilara'), ('পারুল', 'Parul'), ('গোলাপী', 'Golapi'), ('সুফিয়া', 'Sufia'), ('আনোয়ার', 'Anwar'),
    ('দেলোয়ার', 'Delwar'), ('মোশাররফ', 'Mosharraf'), ('বাবুল', 'Babul'), ('কামরুল', 'Kamrul'), ('শফিকুল', 'Shafiqul'), ('রফিকুল', 'Rafiqul'),
    ('নজরুল', 'Nazrul'), ('হাবিব', 'Habib'), ('মাহবুব', 'Mahbub'), ('তোফায়েল', 'Tofayel'), ('ইদ্রিস', 'Idris'), ('গফুর', 'Gafur'), ('সবুজ', 'Sabuj');
CREATE TABLE pg_temp.person (id integer PRIMARY KEY, name text);
INSERT INTO person SELECT row_number() OVER (), CASE WHEN (a.id + b.id + c.id) % 2 = 0 THEN concat_ws(' ', a.bn, b.bn, c.bn)
    ELSE concat_ws(' ', a.la, b.la, c.la) END
    FROM word a, word b, (SELECT * FROM word WHERE id <= 13 UNION ALL SELECT 0, NULL, NULL) c WHERE a.id <> b.id;
INSERT INTO person VALUES (0, NULL), (-1, ''), (-2, '...'), (-3, repeat('Rahim ', 500)), (-4, '১২৩');
CREATE INDEX person_sound ON person USING gin (name ekok.gin_sound_ops);
ANALYZE person;
CREATE FUNCTION pg_temp.found(asked text, by_index boolean) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    PERFORM set_config('enable_seqscan', (NOT by_index)::text, true), set_config('enable_bitmapscan', by_index::text, true);
    EXECUTE format('SELECT array_agg(id ORDER BY id) FROM person WHERE name ~%% %L', asked) INTO ids;
    PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_bitmapscan', 'on', true);
    RETURN ids;
END $$;
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP lines := lines || line || E'\n'; END LOOP;
    RETURN lines;
END $$;
CREATE FUNCTION pg_temp.same_answers(moment text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT is(pg_temp.found(asked, true), pg_temp.found(asked, false), format('%s: "%s"', moment, asked))
        FROM unnest(ARRAY['Rahim Karim', 'করিম রহিম', 'Salma Nasrin Begum', 'মোঃ জামাল', 'Shofiqul Nojrul', 'Anowar Delowar Rahim', '', 'zzzz',
            'ফাতিমা রোকেয়া', 'Tofael Gofur', 'Rahim']) asked
$$;
SELECT pg_temp.same_answers('as built');
SELECT cmp_ok(cardinality(pg_temp.found('Rahim Karim', true)), '>', 1, 'something is found');
SELECT matches(pg_temp.plan($$SELECT * FROM person WHERE name ~% 'Salma Nasrin'$$), 'EkokSoundScan.*Index: person_sound', 'the index is chosen by itself');
SELECT matches(pg_temp.plan($$SELECT * FROM person WHERE 'Salma Nasrin' ~% name$$), 'EkokSoundScan.*Index: person_sound', 'from either side');
SELECT matches(pg_temp.plan($$SELECT * FROM person a JOIN word w ON a.name ~% w.la$$), 'Bitmap Index Scan on person_sound', 'in a join');
SELECT matches(pg_temp.plan($$SELECT * FROM word w WHERE la ~% 'Salma'$$), 'Seq Scan', 'a small table is read as it stands');
REINDEX INDEX person_sound;
SELECT pg_temp.same_answers('made again');
UPDATE person SET name = name WHERE id % 7 = 0;
DELETE FROM person WHERE id % 11 = 0;
INSERT INTO person SELECT 100000 + id, la || ' ' || bn FROM word;
SELECT pg_temp.same_answers('changed');

-- What a call site and a backend remember changes no answer
CREATE FUNCTION pg_temp.misjudged(asked text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE one record; threshold real; wrong bigint := 0;
BEGIN
    FOR one IN SELECT name FROM person ORDER BY id DESC LIMIT 1500 LOOP
        FOREACH threshold IN ARRAY ARRAY[0.6, 0.75, 0.9, 0.75] LOOP
            PERFORM set_config('ekok.sound_threshold', threshold::text, true);
            IF (one.name ~% asked) IS DISTINCT FROM (sound_similarity(asked, one.name) >= threshold) THEN wrong := wrong + 1; END IF;
        END LOOP;
    END LOOP;
    PERFORM set_config('ekok.sound_threshold', '0.75', true);
    RETURN wrong;
END $$;
SELECT is(pg_temp.misjudged(asked), 0::bigint, format('"%s": each answer goes by the threshold of its moment', left(asked, 20)))
    FROM unnest(ARRAY['Salma Nasrin', 'করিম রহিম', 'Tofael Gofur Rahim', '', repeat('Rahim ', 30), NULL]) asked;
SELECT is((SELECT count(*) FROM generate_series(1, 3) again, person p, (VALUES ('Rahim ' || repeat('Karim ', 12)), (repeat('x', 2000)), ('Rahim Karim')) v(a)
    WHERE p.id BETWEEN 1 AND 500 AND (p.name || ' ' || repeat('Karim ', 12) ~% a) IS DISTINCT FROM (sound_similarity(p.name || ' ' || repeat('Karim ', 12), a) >= 0.75)),
    0::bigint, 'names too long to be remembered are heard each time');
SELECT is(NULL::text ~% 'Rahim', NULL, 'nobody knows whom NULL sounds like');
SELECT is((SELECT array_agg(id::bigint ORDER BY id) FROM person WHERE name COLLATE "C" ~% 'Salma Nasrin'), pg_temp.found('Salma Nasrin', true), 'no collation matters');

-- The index answers by itself, and a smaller one with another look at each row
CREATE FUNCTION pg_temp.run(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP lines := lines || line || E'\n'; END LOOP;
    RETURN lines;
END $$;
SET LOCAL ekok.sound_scan = off;
SELECT doesnt_match(pg_temp.run($$SELECT * FROM person WHERE name ~% 'Salma Nasrin Begum'$$), 'Removed by Index Recheck', 'rows that the index hands out are alike');
INSERT INTO person VALUES (200000, 'Salma Nasrin ' || repeat('Talukder ', 12)), (200001, 'Salma Nasrin' || E'\u200d'), (200002, E'Salma\u200c \x1b Nasrin');
SELECT pg_temp.same_answers('with a name too long for the index');
SELECT is(pg_temp.found(name, true), pg_temp.found(name, false), 'found by ' || left(name, 30)) FROM person WHERE id >= 200000;
RESET ekok.sound_scan;
SELECT is(pg_temp.found(name, true), pg_temp.found(name, false), '  by the scan of our own too') FROM person WHERE id >= 200000;
SET LOCAL ekok.sound_scan = off;
SELECT matches(pg_temp.run($$SELECT * FROM person WHERE name ~% 'Salma Nasrin Talukder'$$), 'Removed by Index Recheck', '  which is heard again');
RESET ekok.sound_scan;
DELETE FROM person WHERE id >= 200000;

-- The scan of our own finds the rows of the bitmap scan, however it is asked
CREATE FUNCTION pg_temp.both(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE by_scan text; by_bitmap text; what text := pg_temp.plan(query);
BEGIN
    EXECUTE 'SELECT coalesce(string_agg(q::text, $1 ORDER BY q::text), $2) FROM (' || query || ') q' INTO by_scan USING ' ', 'nothing';
    PERFORM set_config('ekok.sound_scan', 'off', true);
    EXECUTE 'SELECT coalesce(string_agg(q::text, $1 ORDER BY q::text), $2) FROM (' || query || ') q' INTO by_bitmap USING ' ', 'nothing';
    RETURN NEXT matches(what, 'EkokSoundScan', 'scanned: ' || query);
    RETURN NEXT doesnt_match(pg_temp.plan(query), 'EkokSoundScan', '  not so where that is off');
    PERFORM set_config('ekok.sound_scan', 'on', true);
    RETURN NEXT is(by_scan, by_bitmap, '  the same rows');
    RETURN NEXT isnt(by_scan, 'nothing', '  there are some');
END $$;
SET LOCAL enable_seqscan = off;
SELECT pg_temp.both(query) FROM unnest(ARRAY[
    $$SELECT count(*) FROM person WHERE name ~% 'Salma Nasrin'$$,
    $$SELECT id, ctid, tableoid, xmin, person FROM person WHERE name ~% 'Salma Nasrin'$$,
    $$SELECT 'x' FROM person WHERE name ~% 'Salma Nasrin'$$,
    $$SELECT name FROM person WHERE 'Salma Nasrin' ~% name AND id % 2 = 0$$,
    $$SELECT w.id, n FROM word w, LATERAL (SELECT count(*) AS n FROM person WHERE name ~% (w.la || ' Karim') OFFSET 0) p WHERE w.id < 9$$,
    $$SELECT w.id, (SELECT max(p.id) FROM person p WHERE p.name ~% (w.bn || ' ' || w.la)) FROM word w WHERE w.id < 9$$,
    $$SELECT a.id, b.id FROM (SELECT * FROM person WHERE name ~% 'Salma Nasrin') a FULL JOIN (SELECT * FROM person WHERE name ~% 'নাসরিন') b ON a.id = b.id$$]) query;
SELECT is((SELECT count(*) FROM person WHERE name ~% (SELECT NULL::text)), 0::bigint, 'NULL finds nothing');
SELECT is((SELECT count(*) FROM person WHERE name ~% (SELECT repeat('Salma ', 500))), 0::bigint, 'nor does what is too long for a name');
CREATE TEMP TABLE counted (at_threshold real, n bigint);
DO $$ DECLARE t real; BEGIN
    SET LOCAL plan_cache_mode = force_generic_plan;
    FOREACH t IN ARRAY ARRAY[0.75, 0.6, 0.75] LOOP
        PERFORM set_config('ekok.sound_threshold', t::text, true);
        INSERT INTO counted SELECT t, count(*) FROM person WHERE name ~% 'Salma Nasrin';
    END LOOP;
    PERFORM set_config('ekok.sound_threshold', '0.75', true);
    RESET plan_cache_mode;
END $$;
SELECT results_eq($$SELECT DISTINCT at_threshold, n FROM counted ORDER BY 1$$,
    $$SELECT t::real, count(*) FROM person, unnest(ARRAY[0.6, 0.75]) t WHERE sound_similarity(name, 'Salma Nasrin') >= t::real GROUP BY t ORDER BY t$$,
    'a plan of a higher threshold reads the table at a lower one');
CREATE TEMP TABLE gone AS SELECT id FROM person WHERE name ~% 'Salma Nasrin' ORDER BY ctid LIMIT 1;
DO $$ DECLARE c CURSOR FOR SELECT FROM person WHERE name ~% 'Salma Nasrin'; r record; BEGIN
    OPEN c; FETCH c INTO r; DELETE FROM person WHERE CURRENT OF c; CLOSE c;
END $$;
SELECT is_empty($$SELECT 1 FROM person JOIN gone USING (id)$$, 'WHERE CURRENT OF is the row that the cursor stands on');
SELECT is((SELECT count(*) FROM (SELECT 1 FROM person WHERE name ~% 'Salma Nasrin' FOR UPDATE) l), (SELECT count(*) FROM person WHERE name ~% 'Salma Nasrin'),
    'rows can be locked');
SET LOCAL enable_seqscan = on;
CREATE TEMP TABLE by_keys AS TABLE person;
CREATE INDEX by_keys_sound ON by_keys USING gin (name gin_sound_key_ops);
ANALYZE by_keys;
SELECT matches(pg_temp.run($$SELECT * FROM by_keys WHERE name ~% 'Salma Nasrin'$$), 'by_keys_sound.*Index Cond|Bitmap Index Scan on by_keys_sound', 'an index of keys alone is chosen too');
SELECT is((SELECT array_agg(id::bigint ORDER BY id) FROM by_keys WHERE name ~% asked), pg_temp.found(asked, true), format('  and finds the same: "%s"', asked))
    FROM unnest(ARRAY['Rahim Karim', 'করিম রহিম', 'Shofiqul Nojrul', 'Anowar Delowar Rahim']) asked;

CREATE INDEX person_equal ON person (sound_equal_key(name) COLLATE "C");
SELECT isnt_empty($$SELECT 1 FROM person WHERE sound_equal_key(name) COLLATE "C" = sound_equal_key('Karim Rahim')$$, 'sound_equal_key may be indexed');

SELECT * FROM finish();
ROLLBACK;
