-- verification_need.sql - what is to be asked of a system, and in which order: the stated policy. A pure reading of the
-- registry; who asks, and within which quota, stands in verification_ask.sql; it reads verification_due.sql, which follows what
-- happens: verification_needed here reads every enrolment, for people who look, and as the model of the other.

CREATE OR REPLACE FUNCTION registry.verification_basis(e registry.enrolment, asks text[]) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN 'nid' = ANY (asks) AND e.nid_token IS NULL OR 'brn' = ANY (asks) AND e.brn_token IS NULL
                  OR 'mobile' = ANY (asks) AND e.mobile_token IS NULL OR 'wallet' = ANY (asks) AND e.wallet_token IS NULL
                  OR 'account' = ANY (asks) AND e.account_token IS NULL THEN NULL
           ELSE sha256(CASE WHEN 'nid' = ANY (asks) THEN '\x01'::bytea || e.nid_token ELSE '' END
                    || CASE WHEN 'brn' = ANY (asks) THEN '\x02'::bytea || e.brn_token ELSE '' END
                    || CASE WHEN 'mobile' = ANY (asks) THEN '\x03'::bytea || e.mobile_token ELSE '' END
                    || CASE WHEN 'wallet' = ANY (asks) THEN '\x04'::bytea || e.wallet_token ELSE '' END
                    || CASE WHEN 'account' = ANY (asks) THEN '\x05'::bytea || e.account_token ELSE '' END
                    || CASE WHEN 'birth_date' = ANY (asks) THEN '\x06'::bytea || int4send(e.birth_date - '1850-01-01'::date) ELSE '' END) END;
$$;
COMMENT ON FUNCTION registry.verification_basis(registry.enrolment, text[]) IS 'SHA-256, 32 bytes, over the tokens and the birth date that a question rests on; null when the enrolment lacks one of the fields. Two enrolments with the same basis need one question.';

CREATE OR REPLACE FUNCTION registry.verification_risk() RETURNS TABLE (enrolment_id uuid, risk smallint, under_review boolean) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, max(r.risk)::smallint, bool_or(r.review) FROM (
        SELECT m.enrolment_id, 2, false FROM registry.rule_hit h JOIN registry.membership m ON m.person_id = h.person_id
        UNION ALL SELECT h.enrolment_id, 2, false FROM registry.hold h WHERE h.released_at IS NULL
        UNION ALL SELECT u.id, 1, true FROM registry.whole_queue() q CROSS JOIN LATERAL (VALUES (q.a), (q.b)) AS u(id)) AS r(id, risk, review)
    GROUP BY r.id;
$$;
COMMENT ON FUNCTION registry.verification_risk() IS 'Risk of enrolments, 2: its person breaks a rule or it stands under a hold; 1: one of its matches waits for a human. Whoever is not returned has risk 0.';

CREATE OR REPLACE FUNCTION registry.verification_needed(system text) RETURNS TABLE (
    enrolment_id uuid, basis bytea, rank int, reason text, risk smallint, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$
    WITH asked AS MATERIALIZED (
        SELECT DISTINCT ON (v.basis) v.basis, v.asked_at, v.valid_until FROM registry.verification v
        WHERE v.system = $1 AND v.basis IS NOT NULL ORDER BY v.basis, v.asked_at DESC
    ), before AS MATERIALIZED (
        SELECT DISTINCT v.enrolment_id FROM registry.verification v WHERE v.system = $1
    ), risk AS MATERIALIZED (SELECT * FROM registry.verification_risk()
    ), due AS (
        SELECT e.id, b.basis, s.before_payment, e.programme, e.changed_at, a.asked_at, a.valid_until, coalesce(r.risk, 0::smallint) AS risk,
               coalesce(r.under_review, false) AS under_review
        FROM registry.verification_system s
        JOIN registry.enrolment e ON coalesce(e.status, 'active') <> 'inactive' AND (s.wallet_provider IS NULL OR e.wallet_provider = s.wallet_provider)
        CROSS JOIN LATERAL registry.verification_basis(e, s.asks) AS b(basis)
        LEFT JOIN asked a ON a.basis = b.basis
        LEFT JOIN risk r ON r.enrolment_id = e.id
        WHERE s.code = $1 AND s.state = 'active' AND b.basis IS NOT NULL AND (a.basis IS NULL OR a.valid_until <= now())
          AND ((SELECT access.sees_all()) OR access.covers((SELECT access.cells()), e.programme, e.geo))
    ), why AS (
        SELECT d.*, coalesce(d.valid_until, d.changed_at) AS since, CASE
            WHEN d.before_payment AND EXISTS (SELECT FROM registry.payment_list l WHERE l.programme = d.programme
                 AND l.pay_on BETWEEN (now() AT TIME ZONE 'Asia/Dhaka')::date AND (now() AT TIME ZONE 'Asia/Dhaka')::date + 14) THEN 'payment list'
            WHEN d.under_review THEN 'under review'
            WHEN d.asked_at IS NULL AND d.id IN (SELECT k.enrolment_id FROM before k) THEN 'changed'
            WHEN d.asked_at IS NULL THEN 'never asked'
            ELSE 'expired' END AS reason
        FROM due d
    ), once AS (
        SELECT DISTINCT ON (w.basis) w.id, w.basis, p.rank, w.reason, w.risk, w.since
        FROM why w JOIN registry.verification_policy p ON p.reason = w.reason
        ORDER BY w.basis, p.rank, w.risk DESC, w.since, w.id)
    SELECT o.id, o.basis, o.rank, o.reason, o.risk, o.since FROM once o ORDER BY o.rank, o.risk DESC, o.since, o.id;
$$;
COMMENT ON FUNCTION registry.verification_needed(text) IS 'What is to be asked of one system, in order: rank of the policy, then the higher risk, then what waits longest. One row for all enrolments with the same values; nothing whose verdict is still valid; nothing of a system that is off or not known.';
