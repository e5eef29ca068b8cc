-- payment_check.sql - the check before a payment list: which enrolments may be paid, which not, and why. Tri-state: what
-- was not asked, not found or is out of date is unknown, and never taken for a yes or a no.

CREATE OR REPLACE FUNCTION registry.announce_payment(programme text, pay_on date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM registry.programme p WHERE p.code = announce_payment.programme) THEN
        RAISE 'programme "%" is not known', programme USING ERRCODE = 'no_data_found', HINT = 'Programmes stand in registry.programme.';
    END IF;
    INSERT INTO registry.payment_list AS l (programme, pay_on) VALUES (announce_payment.programme, announce_payment.pay_on)
    ON CONFLICT ON CONSTRAINT payment_list_pkey DO NOTHING;
END $$;
COMMENT ON FUNCTION registry.announce_payment(text, date) IS 'Says that a programme pays on a day: its accounts are asked about first in the 14 days before. A second time does nothing. Error P0002: no such programme.';

CREATE OR REPLACE FUNCTION registry.payment_check(enrolments uuid[]) RETURNS TABLE (
    enrolment_id uuid, programme text, verdict text, why text, system text, asked_at timestamptz, valid_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH listed AS MATERIALIZED (
        SELECT e.id, e.programme, e.status, e.wallet_provider, e.wallet_token IS NOT NULL AS has_wallet, e.nid_token IS NOT NULL AS has_nid,
               e.account_token IS NOT NULL AS has_account, e AS whole
        FROM (SELECT DISTINCT u.id FROM unnest(enrolments) AS u(id)) u JOIN registry.enrolment e ON e.id = u.id
        WHERE ((SELECT access.sees_all()) OR access.covers((SELECT access.cells()), e.programme, e.geo))
    ), said AS MATERIALIZED (
        SELECT l.id, s.code, s.before_payment, s.speaks_against, v.verdict, v.reason, v.asked_at, v.valid_until, v.valid_until > now() AS valid
        FROM listed l CROSS JOIN registry.verification_system s
        CROSS JOIN LATERAL (SELECT k.* FROM registry.verification k WHERE k.enrolment_id = l.id AND k.system = s.code
            AND k.basis = registry.verification_basis(l.whole, s.asks) ORDER BY k.asked_at DESC LIMIT 1) v
        WHERE s.wallet_provider IS NULL OR s.wallet_provider = l.wallet_provider
    ), spoken AS (
        SELECT l.id, 1 AS place, 'mismatch' AS verdict, 'the enrolment is ' || l.status AS why, NULL AS code, NULL::timestamptz AS asked_at,
               NULL::timestamptz AS valid_until
        FROM listed l WHERE l.status IN ('inactive', 'suspended', 'waiting')
        UNION ALL SELECT l.id, 2, 'mismatch', 'it stands under a hold of rule ' || h.rule, NULL, h.since, NULL
        FROM listed l JOIN registry.hold h ON h.enrolment_id = l.id WHERE h.released_at IS NULL
        UNION ALL SELECT s.id, 3, 'mismatch', s.reason, s.code, s.asked_at, s.valid_until FROM said s
        WHERE s.valid AND (s.verdict = s.speaks_against OR s.before_payment AND s.verdict = 'mismatch')
        UNION ALL SELECT s.id, 4, s.verdict, s.reason, s.code, s.asked_at, s.valid_until FROM said s WHERE s.before_payment AND s.valid
        UNION ALL SELECT s.id, 5, 'unknown', 'the verdict is out of date: ' || s.verdict || ', ' || s.reason, s.code, s.asked_at, s.valid_until
        FROM said s WHERE s.before_payment AND NOT s.valid
        UNION ALL SELECT l.id, 6, 'unknown', CASE WHEN NOT l.has_wallet AND l.has_account THEN 'no system checks bank accounts'
            WHEN NOT l.has_wallet THEN 'neither wallet nor account is known' WHEN NOT l.has_nid THEN 'no NID to compare the wallet with'
            WHEN l.wallet_provider IN (SELECT s.wallet_provider FROM registry.verification_system s WHERE s.before_payment AND s.state = 'active')
            THEN 'not asked yet' ELSE 'no system checks wallets of ' || l.wallet_provider END, NULL, NULL, NULL
        FROM listed l
    ), judged AS (SELECT DISTINCT ON (k.id) k.* FROM spoken k ORDER BY k.id, k.place, k.code)
    SELECT j.id, l.programme, j.verdict, j.why, j.code, j.asked_at, j.valid_until
    FROM judged j JOIN listed l ON l.id = j.id ORDER BY l.programme, j.id;
$$;
COMMENT ON FUNCTION registry.payment_check(uuid[]) IS 'One row for each enrolment of a payment list that is in the caller''s scope. verdict: match, it may be paid; mismatch, something speaks against it; unknown, nothing valid says that the account is the person''s. why: in words; system, asked_at, valid_until: what it rests on, null where it rests on the registry alone.';

CREATE OR REPLACE FUNCTION registry.payment_check(programme text) RETURNS TABLE (
    enrolment_id uuid, programme_code text, verdict text, why text, system text, asked_at timestamptz, valid_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.* FROM registry.payment_check(ARRAY(SELECT e.id FROM registry.enrolment e WHERE e.programme = $1)) c;
$$;
COMMENT ON FUNCTION registry.payment_check(text) IS 'The check of all enrolments of a programme, as registry.payment_check(uuid[]).';
