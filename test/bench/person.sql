-- person.sql - fills an empty registry with simulated people's records as merges and a sweep would leave it, but quickly:
-- triggers and the trace are left out, every enrolment is a person of its own. Wants the file `records` of
-- `ekok-sim records`. Numbers are hashed where the daemon would ask the key agent for tokens.
\set ON_ERROR_STOP on
SET session_replication_role = replica;
SET search_path = pg_catalog;
CREATE TEMP TABLE list (id text, programme text, name_bn text, name_en text, father text, mother text, birth_date date, sex text,
    place text, nid text, brn text, mobile text, wallet text, account text, routing text, person bigint, overlap text, twin_of bigint,
    namesake_of bigint);
COPY list FROM :'records' WITH (FORMAT csv, DELIMITER E'\t', HEADER, NULL '');
CREATE FUNCTION pg_temp.token(kind text, value text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT
    RETURN decode(md5(kind || ' ' || value), 'hex');
INSERT INTO registry.enrolment (id, source, record_id, programme, status, name_bn, name_en, father_name, mother_name, sex, birth_date, geo,
    nid_digits, nid_sealed, nid_token, brn_sealed, brn_token, mobile_sealed, mobile_token, wallet_provider, wallet_sealed, wallet_token,
    account_sealed, account_token, row_mac, first_run, last_run)
SELECT md5(l.id)::uuid, split_part(l.id, '-', 1), substr(l.id, strpos(l.id, '-') + 1), l.programme, 'active', l.name_bn, l.name_en, l.father, l.mother,
    l.sex, l.birth_date, l.place, length(l.nid),
    -- As long as a sealed value is.
    pg_temp.token('a', l.nid) || pg_temp.token('b', l.nid) || pg_temp.token('c', l.nid), pg_temp.token('nid', right(l.nid, 13)),
    pg_temp.token('a', l.brn) || pg_temp.token('b', l.brn) || pg_temp.token('c', l.brn), pg_temp.token('brn', l.brn),
    pg_temp.token('a', l.mobile) || pg_temp.token('b', l.mobile) || pg_temp.token('c', l.mobile), pg_temp.token('mobile', l.mobile),
    split_part(l.wallet, ':', 1),
    pg_temp.token('a', l.wallet) || pg_temp.token('b', l.wallet) || pg_temp.token('c', l.wallet), pg_temp.token('wallet', l.wallet),
    pg_temp.token('a', l.account) || pg_temp.token('b', l.account) || pg_temp.token('c', l.account), pg_temp.token('account', l.account),
    decode(md5(l.id), 'hex'), 1, 1
FROM list l;
INSERT INTO registry.evidence (enrolment_id, kind, key)
SELECT e.id, t.kind, ekok.evidence(t.kind, t.token, p.number)
FROM registry.enrolment e JOIN registry.programme p ON p.code = e.programme
CROSS JOIN LATERAL (VALUES ('nid', e.nid_token), ('brn', e.brn_token), ('mobile', e.mobile_token), ('wallet', e.wallet_token),
    ('account', e.account_token)) AS t(kind, token)
WHERE t.token IS NOT NULL;
INSERT INTO registry.person (id) SELECT e.id FROM registry.enrolment e;
INSERT INTO registry.membership (enrolment_id, person_id, basis) SELECT e.id, e.id, 'alone' FROM registry.enrolment e;
DROP INDEX registry.blocking_by_enrolment, registry.blocking_key_idx;
INSERT INTO registry.blocking (enrolment_id, key, kind)
SELECT e.id, k.key, c.number
FROM registry.enrolment e JOIN registry.programme p ON p.code = e.programme
CROSS JOIN LATERAL ekok.blocking_keys(registry.person_of(e), p.number) AS k
JOIN registry.evidence_kind c ON c.code = k.kind AND c.class = 'sound';
CREATE INDEX blocking_by_enrolment ON registry.blocking (enrolment_id);
CREATE INDEX blocking_key_idx ON registry.blocking (key);
UPDATE registry.weights SET prior = ekok.match_prior((SELECT count(*) FROM list)) WHERE active;
VACUUM ANALYZE registry.enrolment, registry.evidence, registry.blocking, registry.membership, registry.person;
