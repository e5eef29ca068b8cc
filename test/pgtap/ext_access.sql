-- ext_access.sql - one-time codes by the vectors of their RFCs, verifiers, secrets as authenticators take them, logins made by the
-- extension, and what all of it refuses.
BEGIN;
\ir helper/tap.psql
\ir helper/error.psql
SELECT plan(54);

-- RFC 4226, appendix D.
SELECT is(ekok.hotp('12345678901234567890', c - 1, 6, 'sha1'), code, 'RFC 4226, counter ' || c - 1)
FROM unnest(ARRAY['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489']) WITH ORDINALITY v(code, c);
-- RFC 6238, appendix B, with the secrets of its erratum 2866.
SELECT is(ekok.hotp(k.secret::bytea, v.at / 30, 8, k.hash), CASE k.hash WHEN 'sha1' THEN v.a WHEN 'sha256' THEN v.b ELSE v.c END, format('RFC 6238, %s at %s', k.hash, v.at))
FROM (VALUES ('sha1', '12345678901234567890'), ('sha256', '12345678901234567890123456789012'),
      ('sha512', '1234567890123456789012345678901234567890123456789012345678901234')) k(hash, secret)
CROSS JOIN (VALUES (59::bigint, '94287082', '46119246', '90693936'), (1111111109, '07081804', '68084774', '25091201'), (1111111111, '14050471', '67062674', '99943326'),
      (1234567890, '89005924', '91819424', '93441116'), (2000000000, '69279037', '90698825', '38618901'), (20000000000, '65353130', '77737706', '47863826')) v(at, a, b, c);
SELECT is(pg_temp.error_of($$SELECT ekok.hotp('short', 1, 6, 'sha1')$$), E'22023\na one-time code has 6 to 8 digits and a secret of at least 16 bytes', 'a short secret');
SELECT matches(pg_temp.error_of($$SELECT ekok.hotp('12345678901234567890', 1, 9, 'sha1')$$), '^22023', 'nine digits');
SELECT matches(pg_temp.error_of($$SELECT ekok.hotp('12345678901234567890', 1, 6, 'md5')$$), E'^22023\n.*\nIt is sha1, sha256 or sha512', 'another hash');
SELECT ok(ekok.code_equal('123456', '123456') AND NOT ekok.code_equal('123456', '123457') AND NOT ekok.code_equal('123456', '12345') AND NOT ekok.code_equal('123456', ''), 'codes are equal or not');

-- RFC 4648, section 10: of whole groups.
SELECT is(access.base32(k.a::bytea), k.b, 'base 32 of ' || k.a) FROM (VALUES ('fooba', 'MZXW6YTB'), ('foobafooba', 'MZXW6YTBMZXW6YTB')) k(a, b);
SELECT is(length(access.base32(access.random_secret())), 32, 'a secret is 32 letters');
SELECT isnt(access.random_secret(), access.random_secret(), 'never the same');

-- Verifiers.
SELECT matches(ekok.scram_verifier('Nodi-Akash-27'), '^SCRAM-SHA-256\$4096:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$', 'a verifier');
SELECT isnt(ekok.scram_verifier('Nodi-Akash-27'), ekok.scram_verifier('Nodi-Akash-27'), 'has a salt of its own');
SELECT ok(ekok.scram_fits(v, 'Nodi-Akash-27') AND NOT ekok.scram_fits(v, 'Nodi-Akash-28') AND NOT ekok.scram_fits(v, ''), 'and fits its password alone') FROM ekok.scram_verifier('Nodi-Akash-27') v;
SELECT ok(NOT ekok.scram_fits('md5' || md5('xlogin'), 'x'), 'an MD5 fits none');
SELECT ok(ekok.is_exposed('in-this-text'), 'a value in the statement is exposed');
SELECT ok(NOT ekok.is_exposed(repeat('ab', 5) || 'cd'), 'one that is made is not');

-- Logins.
SELECT lives_ok($$SELECT ekok.create_login('ext_login', NULL, NULL)$$, 'a login is made');
SELECT is((SELECT rolcanlogin AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) FROM pg_roles WHERE rolname = 'ext_login'), true, 'that can log in and nothing else');
SELECT is(current_user, session_user, 'whoever made it is who he was');
SELECT throws_ok($$SELECT ekok.create_login('ext_login', NULL, NULL)$$, '42710', NULL, 'once');
SELECT throws_ok($$SELECT ekok.create_login('ekok_sly', NULL, NULL)$$, '42939', NULL, 'none that is named as a duty');
SELECT throws_ok(format('SELECT ekok.alter_login(%L, false, NULL, NULL)', r), '42501', NULL, 'not ' || r || '''s') FROM unnest(ARRAY['postgres', 'ekok_owner', 'pg_monitor']) r;
SELECT ok(NOT has_function_privilege(r, f, 'EXECUTE'), format('%s cannot call %s', r, f)) FROM unnest(ARRAY['ekok_analyst', 'ekok_access_officer']) r
CROSS JOIN unnest(ARRAY['ekok.create_login(name, text, text)', 'ekok.apart(text, text[])']) f;

SELECT * FROM finish();
ROLLBACK;
