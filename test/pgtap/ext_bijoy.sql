-- ext_bijoy.sql - text typed for SutonnyMJ: told from Latin, converted, refused with its place.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SELECT plan(28);

SELECT is(from_bijoy(given), expected, given) FROM (VALUES
    ('†gvt iwng DwÏb', 'মোঃ রহিম উদ্দিন'),
    ('‡gvQvt Av‡qkv LvZzb', 'মোছাঃ আয়েশা খাতুন'),
    ('K…ò P›`ª ivq', 'কৃষ্ণ চন্দ্র রায়'),
    ('e‡›`¨vcva¨vq', 'বন্দ্যোপাধ্যায়'),
    ('Kg©, ag©', 'কর্ম, ধর্ম'),
    ('¯^vgx: kvšÍ', 'স্বামী: শান্ত'),
    ('12/3', '১২/৩'),
    ('', '')) v(given, expected);
SELECT is(from_bijoy(NULL), NULL, 'NULL is nothing');
SELECT is(normalize(u, NFC), u, 'Unicode comes in NFC') FROM from_bijoy('†PŠayix gyÝx Avãyjøvn cvov') u;
SELECT is(octet_length(from_bijoy(repeat('†gvt iwng DwÏb ', 100000))), 100000 * octet_length('মোঃ রহিম উদ্দিন '), 'long texts too');

SELECT is(is_bijoy(given), expected, format('is_bijoy(%L)', given)) FROM (VALUES
    ('†gvt iwng DwÏb', true), ('Avwgbyj Bmjvg', true), ('iwng DwÏb', true), ('dv‡Zgv †eMg', true),
    ('Md. Rahim Uddin', false), ('FATEMA BEGUM', false), ('মোঃ রহিম উদ্দিন', false), ('', false), ('José', false)) v(given, expected);
SELECT isnt(is_bijoy(from_bijoy('†gvt iwng')), true, 'what is converted is Bijoy no more');

SELECT throws_ok(format('SELECT from_bijoy(%L)', given), '22P02', message, message) FROM (VALUES
    ('Kwig w', 'invalid text in Bijoy: text holds a glyph of Bijoy where it cannot stand, at character 6'),
    ('Kš', 'invalid text in Bijoy: text holds a glyph of Bijoy where it cannot stand, at character 2'),
    ('Kwig রহিম', 'invalid text in Bijoy: text holds a character that is no known glyph of Bijoy, at character 6'),
    ('Kwig{', 'invalid text in Bijoy: text holds a character that is no known glyph of Bijoy, at character 5')) v(given, message);

-- A list that holds both: only what is Bijoy is converted.
CREATE TEMP TABLE list (name text) ON COMMIT DROP;
INSERT INTO list VALUES ('†gvt iwng DwÏb'), ('Md. Rahim Uddin'), ('মোঃ রহিম উদ্দিন');
SELECT results_eq('SELECT DISTINCT CASE WHEN is_bijoy(name) THEN from_bijoy(name) ELSE name END COLLATE "C" FROM list ORDER BY 1',
    $$VALUES ('Md. Rahim Uddin' COLLATE "C"), ('মোঃ রহিম উদ্দিন')$$, 'a mixed list');
SELECT cmp_ok(sound_similarity(from_bijoy('†gvt iwng DwÏb'), 'Md. Rahim Uddin'), '>', 0.75::real, 'converted names match');
SELECT cmp_ok(sound_similarity('†gvt iwng DwÏb', 'Md. Rahim Uddin'), '=', 0::real, 'unconverted names match nothing');

SELECT * FROM finish();
ROLLBACK;
