-- load.sql - brings the reference tables in line with the CSV files beside it; may be repeated, writes only rows that are
-- new or different. A row that has left a file stays in its table: enrolments may point to it.
-- Run from the root of the project by a superuser: psql -f sql/reference/load.sql
\set ON_ERROR_STOP on
\set QUIET on

BEGIN;
SET LOCAL ROLE ekok_owner;
SELECT set_config('ekok.purpose', 'reference data', true) \g /dev/null

CREATE TEMP TABLE given_ministry (LIKE registry.ministry) ON COMMIT DROP;
\copy given_ministry (code, name_en, name_bn, source, confidence) FROM 'sql/reference/ministry.csv' (FORMAT csv, HEADER match)
INSERT INTO registry.ministry
SELECT g.* FROM given_ministry g
WHERE NOT EXISTS (SELECT FROM registry.ministry t WHERE ROW(t.*) IS NOT DISTINCT FROM ROW(g.*))
ON CONFLICT (code) DO UPDATE SET
    name_en = excluded.name_en, name_bn = excluded.name_bn, source = excluded.source,
    confidence = excluded.confidence;

CREATE TEMP TABLE given_geo (LIKE registry.geo) ON COMMIT DROP;
ALTER TABLE given_geo ALTER level DROP NOT NULL;
\copy given_geo (code, parent, name_en, name_bn, source, confidence) FROM 'sql/reference/geo_division.csv' (FORMAT csv, HEADER match)
\copy given_geo (code, parent, name_en, name_bn, source, confidence) FROM 'sql/reference/geo_district.csv' (FORMAT csv, HEADER match)
\copy given_geo (code, parent, name_en, name_bn, source, confidence) FROM 'sql/reference/geo_upazila.csv' (FORMAT csv, HEADER match)
\copy given_geo (code, parent, name_en, name_bn, source, confidence) FROM 'sql/reference/geo_union.csv' (FORMAT csv, HEADER match)
UPDATE given_geo SET level = octet_length(code) / 2;
INSERT INTO registry.geo
SELECT g.* FROM given_geo g
WHERE NOT EXISTS (SELECT FROM registry.geo t WHERE ROW(t.*) IS NOT DISTINCT FROM ROW(g.*))
ORDER BY g.code
ON CONFLICT (code) DO UPDATE SET
    level = excluded.level, parent = excluded.parent, name_en = excluded.name_en,
    name_bn = excluded.name_bn, source = excluded.source, confidence = excluded.confidence;

CREATE TEMP TABLE given_programme (LIKE registry.programme) ON COMMIT DROP;
\copy given_programme (code, number, name_en, name_bn, ministry, benefit, integrated, source, confidence) FROM 'sql/reference/programme.csv' (FORMAT csv, HEADER match)
INSERT INTO registry.programme
SELECT g.* FROM given_programme g
WHERE NOT EXISTS (SELECT FROM registry.programme t WHERE ROW(t.*) IS NOT DISTINCT FROM ROW(g.*))
ON CONFLICT (code) DO UPDATE SET
    number = excluded.number, name_en = excluded.name_en, name_bn = excluded.name_bn,
    ministry = excluded.ministry, benefit = excluded.benefit, integrated = excluded.integrated,
    source = excluded.source, confidence = excluded.confidence;

-- A rule of the file is in force once it is loaded, by whoever loads it; one that was retired stays so.
CREATE TEMP TABLE given_rule ON COMMIT DROP AS
SELECT code, kind, benefit, "limit", counted, evidence, programmes, not_with, mode, source, confidence, valid_from, valid_to
FROM registry.rule WITH NO DATA;
\copy given_rule FROM 'sql/reference/rule.csv' (FORMAT csv, HEADER match)
INSERT INTO registry.rule (code, kind, benefit, "limit", counted, evidence, programmes, not_with, mode, source, confidence,
                           valid_from, valid_to, state, activated_by, activated_at)
SELECT g.*, 'active', session_user, now() FROM given_rule g
WHERE NOT EXISTS (SELECT FROM registry.rule t
                  WHERE ROW(t.code, t.kind, t.benefit, t."limit", t.counted, t.evidence, t.programmes, t.not_with, t.mode,
                            t.source, t.confidence, t.valid_from, t.valid_to) IS NOT DISTINCT FROM ROW(g.*))
ON CONFLICT (code) DO UPDATE SET
    kind = excluded.kind, benefit = excluded.benefit, "limit" = excluded."limit", counted = excluded.counted,
    evidence = excluded.evidence, programmes = excluded.programmes, not_with = excluded.not_with, mode = excluded.mode,
    source = excluded.source, confidence = excluded.confidence, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to;

CREATE TEMP TABLE given_source (LIKE etl.source) ON COMMIT DROP;
\copy given_source (code, title, ministry, state, source, confidence) FROM 'sql/reference/source.csv' (FORMAT csv, HEADER match)
-- The state is the operator's: a file says only how a source begins.
UPDATE given_source g SET state = s.state FROM etl.source s WHERE s.code = g.code;
INSERT INTO etl.source
SELECT g.* FROM given_source g
WHERE NOT EXISTS (SELECT FROM etl.source t WHERE ROW(t.*) IS NOT DISTINCT FROM ROW(g.*))
ON CONFLICT (code) DO UPDATE SET
    title = excluded.title, ministry = excluded.ministry, state = excluded.state, source = excluded.source,
    confidence = excluded.confidence;

CREATE TEMP TABLE given_source_programme (LIKE etl.source_programme) ON COMMIT DROP;
\copy given_source_programme (source, programme, basis, confidence) FROM 'sql/reference/source_programme.csv' (FORMAT csv, HEADER match)
INSERT INTO etl.source_programme
SELECT g.* FROM given_source_programme g
WHERE NOT EXISTS (SELECT FROM etl.source_programme t WHERE ROW(t.*) IS NOT DISTINCT FROM ROW(g.*))
ON CONFLICT (source, programme) DO UPDATE SET
    basis = excluded.basis, confidence = excluded.confidence;

CREATE TEMP TABLE given_verification_system (LIKE registry.verification_system) ON COMMIT DROP;
\copy given_verification_system (code, title, question, asks, wallet_provider, before_payment, speaks_against, batch, quota_day, quota_minute, grants_hour, valid_match, valid_mismatch, valid_unknown, state, source, confidence) FROM 'sql/reference/verification_system.csv' (FORMAT csv, HEADER match)
-- Quotas, validities and the state are the operator's: a file says only how a system begins.
UPDATE given_verification_system g SET batch = s.batch, quota_day = s.quota_day, quota_minute = s.quota_minute, grants_hour = s.grants_hour,
    valid_match = s.valid_match, valid_mismatch = s.valid_mismatch, valid_unknown = s.valid_unknown, state = s.state
FROM registry.verification_system s WHERE s.code = g.code;
INSERT INTO registry.verification_system
SELECT g.* FROM given_verification_system g
WHERE NOT EXISTS (SELECT FROM registry.verification_system t WHERE ROW(t.*) IS NOT DISTINCT FROM ROW(g.*))
ON CONFLICT (code) DO UPDATE SET
    title = excluded.title, question = excluded.question, asks = excluded.asks, wallet_provider = excluded.wallet_provider,
    before_payment = excluded.before_payment, speaks_against = excluded.speaks_against, source = excluded.source,
    confidence = excluded.confidence;

CREATE TEMP TABLE given_verification_answer (LIKE registry.verification_answer) ON COMMIT DROP;
\copy given_verification_answer (system, answer, verdict, reason, confidence) FROM 'sql/reference/verification_answer.csv' (FORMAT csv, HEADER match)
INSERT INTO registry.verification_answer
SELECT g.* FROM given_verification_answer g
WHERE NOT EXISTS (SELECT FROM registry.verification_answer t WHERE ROW(t.*) IS NOT DISTINCT FROM ROW(g.*))
ON CONFLICT (system, answer) DO UPDATE SET
    verdict = excluded.verdict, reason = excluded.reason, confidence = excluded.confidence;

CREATE TEMP TABLE given_verification_policy (LIKE registry.verification_policy) ON COMMIT DROP;
\copy given_verification_policy (reason, rank, meaning) FROM 'sql/reference/verification_policy.csv' (FORMAT csv, HEADER match)
-- The order is the operator's, once it stands.
INSERT INTO registry.verification_policy SELECT g.* FROM given_verification_policy g ON CONFLICT (reason) DO NOTHING;

CREATE TEMP TABLE given_pmt_cutoff (LIKE registry.pmt_cutoff) ON COMMIT DROP;
\copy given_pmt_cutoff (programme, division, below, valid_years, source, confidence) FROM 'sql/reference/pmt_cutoff.csv' (FORMAT csv, HEADER match, FORCE_NOT_NULL (division))
INSERT INTO registry.pmt_cutoff
SELECT g.programme, g.division, g.below, g.valid_years, g.source, g.confidence FROM given_pmt_cutoff g
WHERE NOT EXISTS (SELECT FROM registry.pmt_cutoff t WHERE (t.programme, t.division) = (g.programme, g.division)
                  AND (t.below, t.valid_years, t.source, t.confidence) = (g.below, g.valid_years, g.source, g.confidence))
ON CONFLICT (programme, division) DO UPDATE SET
    below = excluded.below, valid_years = excluded.valid_years, source = excluded.source, confidence = excluded.confidence;

COMMIT;
