-- ext_identify.sql - identify() over a pasted list, and every vector of the project's reference table.
-- All numbers are synthetic, but for the routing numbers of published lists.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SELECT * FROM no_plan();

-- Seven rows in a fixed order, whatever is asked
SELECT results_eq(format('SELECT kind FROM identify(%L)', given),
    $$VALUES ('nid'), ('brn'), ('msisdn'), ('wallet'), ('bank_routing'), ('bank_account'), ('tin')$$,
    format('kinds for "%s"', left(given, 20))) FROM unnest(ARRAY['', 'x', '7000712344', repeat('7', 1000)]) given;
SELECT is_empty('SELECT * FROM identify(NULL)', 'NULL is nothing at all');

-- What is ok, as which value, and what is said of it
SELECT results_eq(format('SELECT kind, value, reason FROM identify(%L) WHERE ok', given),
    format('SELECT * FROM (VALUES %s) v(kind, value, reason)', answer), given) FROM (VALUES
    ('1979-0912166-99999', $$('brn', '19790912166099999', 'converted from 16 digits; also reads as bank_account'),
        ('bank_account', '1979091216699999', 'also reads as brn')$$),
    ('১৯৭৯০৯১২১৬৬৯৯৯৯৯৯', $$('nid', '19790912166999999', 'also reads as brn, bank_account'),
        ('brn', '19790912166999999', 'also reads as nid, bank_account'),
        ('bank_account', '19790912166999999', 'also reads as nid, brn')$$),
    ('+8801712345678', $$('msisdn', '8801712345678', NULL::text)$$),
    ('1712345675', $$('nid', '1712345675', 'also reads as msisdn, bank_account'), ('msisdn', '8801712345675', 'also reads as nid, bank_account'),
        ('bank_account', '1712345675', 'also reads as nid, msisdn')$$),
    ('bKash 01712-345678', $$('wallet', 'BKASH:01712345678', NULL::text)$$),
    ('020060288', $$('bank_routing', '020060288', 'also reads as bank_account'), ('bank_account', '020060288', 'also reads as bank_routing')$$),
    ('017123456780', $$('bank_account', '017123456780', 'also reads as tin'), ('tin', '017123456780', 'also reads as bank_account')$$)
    ) v(given, answer);

-- What is not, and why
SELECT results_eq($$SELECT kind, value, reason FROM identify('7000712347') WHERE NOT ok$$, $$VALUES
    ('nid', '7000712347', 'check digit fails (the rule is inferred); also reads as bank_account'),
    ('brn', NULL, 'value has the wrong number of digits'),
    ('msisdn', NULL, 'value does not begin as this identifier does, at character 1'),
    ('wallet', NULL, 'value names no wallet provider'),
    ('bank_routing', NULL, 'value has the wrong number of digits'),
    ('tin', NULL, 'value has the wrong number of digits')$$, 'a mistyped card');
SELECT results_eq($$SELECT DISTINCT ok, value, reason FROM identify('NID ৭০০০') WHERE kind <> 'wallet'$$,
    $$VALUES (false, NULL::text, 'value contains a character that is not a digit, at character 1')$$, 'a label in front');
SELECT results_eq($$SELECT DISTINCT ok, value, reason FROM identify(repeat('7', 97))$$,
    $$VALUES (false, NULL::text, 'value is too long')$$, 'too long for all');

-- Every vector of the reference table
CREATE TEMP TABLE vector (kind text, value text, expect text, note text) ON COMMIT DROP;
INSERT INTO vector VALUES
    ('routing', '020060288', 'valid', 'AB Bank / Barisal (published list)'),
    ('routing', '020060289', 'invalid', 'check digit +1'),
    ('routing', '090100378', 'valid', 'DBBL / Bogra (published list)'),
    ('routing', '090100379', 'invalid', 'check digit +1'),
    ('routing', '200010074', 'valid', 'Sonali / Bagerhat (published list)'),
    ('routing', '200010075', 'invalid', 'check digit +1'),
    ('routing', '025060009', 'valid', 'Bangladesh Bank / Barisal clearing house'),
    ('routing', '025060000', 'invalid', 'check digit +1'),
    ('routing', '405270006', 'valid', 'CGA office / Dhaka South truncation point'),
    ('routing', '405270007', 'invalid', 'check digit +1'),
    ('routing', '140581184', 'valid', 'Mercantile / Moulvibazar'),
    ('routing', '140581185', 'invalid', 'check digit +1'),
    ('routing', '205153236', 'invalid', 'synthetic'),
    ('nid10', '0001234566', 'valid-checksum', 'synthetic'),
    ('nid10', '0001234569', 'invalid', 'bad Luhn digit'),
    ('nid10', '1000987659', 'valid-checksum', 'synthetic'),
    ('nid10', '1000987652', 'invalid', 'bad Luhn digit'),
    ('nid10', '7000712344', 'valid-checksum', 'synthetic'),
    ('nid10', '7000712347', 'invalid', 'bad Luhn digit'),
    ('nid10', '2500055518', 'valid-checksum', 'synthetic'),
    ('nid10', '2500055511', 'invalid', 'bad Luhn digit'),
    ('nid10', '9111124682', 'valid-checksum', 'synthetic'),
    ('nid10', '9111124685', 'invalid', 'bad Luhn digit'),
    ('nid10', '1456782945', 'invalid', 'invented example in an npm README'),
    ('nid13', '5525799000001', 'valid-structure', 'Magura(55) RMO 2 upazila 57 ward 99: synthetic serial'),
    ('nid17', '19795525799000001', 'valid-structure', 'year + nid13'),
    ('brn17', '19790912166999999', 'valid-structure', 'synthetic'),
    ('brn16', '1979091216699999', 'valid-structure', 'pre-2013 form: serial 5 digits'),
    ('msisdn', '01712345678', 'valid', 'Grameenphone 017 (placeholder)'),
    ('msisdn', '8801712345678', 'valid', 'E.164 without +'),
    ('msisdn', '01112345678', 'invalid', '011 Citycell closed'),
    ('msisdn', '01212345678', 'invalid', '012 unassigned'),
    ('rocket', '017123456780', 'valid-structure', '12 digits; last digit not verifiable');
SELECT is(count(*), 33::bigint, 'all vectors are here') FROM vector;
SELECT is(ok, expect IN ('valid', 'valid-checksum', 'valid-structure'), format('%s %s: %s', v.kind, v.value, note))
    FROM vector v, LATERAL identify(CASE v.kind WHEN 'rocket' THEN 'ROCKET:' || v.value ELSE v.value END) i
    WHERE i.kind = CASE v.kind WHEN 'routing' THEN 'bank_routing' WHEN 'rocket' THEN 'wallet' ELSE rtrim(v.kind, '0123456789') END;

SELECT * FROM finish();
ROLLBACK;
