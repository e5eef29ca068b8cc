-- verification_due.sql - what is asked of a system next, read from what is due and not from every enrolment. The order is that
-- of registry.verification_needed, which reads everything and is the model that test/pgtap/verification_due.sql holds this to.

CREATE OR REPLACE FUNCTION etl.fill_verification(system text, programme text, wanted int) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part record;
    looked_at bigint := 0;
    short bigint := 0;
BEGIN
    LOOP
        SELECT p.code, a.place, a.since, a.ids INTO part
        FROM registry.programme p
        LEFT JOIN etl.verification_position x ON x.system = fill_verification.system AND x.programme = p.code
        CROSS JOIN LATERAL (SELECT v.place, v.since, v.ids FROM etl.verification_arrival v WHERE v.programme = p.code AND v.place > coalesce(x.place, 0)
                            ORDER BY v.place LIMIT 1) a
        WHERE p.code = coalesce(fill_verification.programme, p.code) ORDER BY a.place LIMIT 1;
        IF NOT FOUND THEN
            RETURN true;
        END IF;
        IF short <= 0 THEN      -- else a page more cannot be enough
            short := wanted - (SELECT count(*) FROM (SELECT FROM etl.verification_due d
                WHERE d.system = fill_verification.system AND d.reason = 'never asked' AND d.since < part.since
                  AND (fill_verification.programme IS NULL OR d.programme = fill_verification.programme) LIMIT wanted) x);
        END IF;
        EXIT WHEN short <= 0 OR looked_at >= 1000000;
        PERFORM etl.settle_verification(system, part.ids, true);
        INSERT INTO etl.verification_position AS x VALUES (fill_verification.system, part.code, part.place)
        ON CONFLICT ON CONSTRAINT verification_position_pkey DO UPDATE SET place = excluded.place;
        looked_at := looked_at + cardinality(part.ids);
        short := short - cardinality(part.ids);
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION etl.fill_verification(text, text, int) IS 'Lists those never asked about in the order of their coming, of one programme or (null) of all, until that many are listed who wait longer than whoever is not, a million was looked at in this call, or nobody is left, which is true.';

-- long: one query, whose branches are read from their indexes each to its limit
CREATE OR REPLACE FUNCTION etl.due_verification(system text, most int) RETURNS TABLE (
    enrolment_id uuid, basis bytea, rank int, reason text, risk smallint, since timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Dhaka')::date;
    paying text[] := ARRAY(SELECT DISTINCT l.programme FROM registry.verification_system s CROSS JOIN registry.payment_list l
        WHERE s.code = due_verification.system AND s.before_payment AND l.pay_on BETWEEN today AND today + 14);
    code text;
    all_listed boolean;
    risky uuid[];
    risks smallint[];
    reviewed boolean[];
BEGIN
    FOREACH code IN ARRAY paying LOOP
        PERFORM etl.fill_verification(system, code, most);
    END LOOP;
    all_listed := etl.fill_verification(system, NULL, most);
    IF all_listed AND NOT EXISTS (SELECT FROM (VALUES ('changed', 'infinity'::timestamptz), ('never asked', 'infinity'), ('expired', now())) AS k(reason, until)
        CROSS JOIN LATERAL (SELECT d.since FROM etl.verification_due d WHERE d.system = due_verification.system AND d.reason = k.reason
                            ORDER BY d.since, d.enrolment_id LIMIT 1) f WHERE f.since <= k.until) THEN
        RETURN;
    END IF;
    SELECT array_agg(r.enrolment_id), array_agg(r.risk), array_agg(r.under_review) INTO risky, risks, reviewed FROM registry.verification_risk() r;
    IF NOT all_listed THEN
        PERFORM etl.settle_verification(system, ARRAY(SELECT u.id FROM unnest(risky) AS u(id)
            WHERE NOT EXISTS (SELECT FROM (SELECT d.system FROM etl.verification_due d WHERE d.enrolment_id = u.id OFFSET 0) d
                              WHERE d.system = due_verification.system)), true);
    END IF;
    RETURN QUERY
    WITH risk AS MATERIALIZED (SELECT * FROM unnest(risky, risks, reviewed) AS r(id, risk, review)),
    kind AS (SELECT p.reason, p.rank, CASE p.reason WHEN 'expired' THEN now() ELSE 'infinity' END AS until
             FROM registry.verification_policy p WHERE p.reason IN ('changed', 'never asked', 'expired')),
    near AS MATERIALIZED (
        SELECT k.rank AS rank_here, d.* FROM kind k CROSS JOIN LATERAL (
            SELECT n.*, row_number() OVER (ORDER BY n.since, n.enrolment_id) AS nth FROM etl.verification_due n
            WHERE n.system = due_verification.system AND n.reason = k.reason AND n.since <= k.until
              AND NOT EXISTS (SELECT FROM etl.verification_request o WHERE o.system = n.system AND o.basis = n.basis)
            ORDER BY n.since, n.enrolment_id LIMIT most) d
        UNION ALL SELECT p.rank, d.* FROM registry.verification_policy p CROSS JOIN unnest(paying) AS u(code) CROSS JOIN kind k CROSS JOIN LATERAL (
            SELECT n.*, row_number() OVER (ORDER BY n.since, n.enrolment_id) AS nth FROM etl.verification_due n
            WHERE n.system = due_verification.system AND n.programme = u.code AND n.reason = k.reason AND n.since <= k.until
              AND NOT EXISTS (SELECT FROM etl.verification_request o WHERE o.system = n.system AND o.basis = n.basis)
            ORDER BY n.since, n.enrolment_id LIMIT most) d
        WHERE p.reason = 'payment list'
        UNION ALL SELECT NULL, n.*, NULL FROM risk r CROSS JOIN LATERAL (SELECT d.* FROM etl.verification_due d WHERE d.enrolment_id = r.id OFFSET 0) n
        JOIN kind k ON k.reason = n.reason AND n.since <= k.until
        WHERE n.system = due_verification.system AND NOT EXISTS (SELECT FROM etl.verification_request o WHERE o.system = n.system AND o.basis = n.basis)
    ), horizon AS (      -- where a branch was read to its limit, what it holds beyond is not known: the order ends there
        SELECT n.rank_here, n.since, n.enrolment_id FROM near n WHERE n.nth = most ORDER BY 1, 2, 3 LIMIT 1
    ), why AS (
        SELECT n.enrolment_id, n.basis, n.since, coalesce(r.risk, 0::smallint) AS risk, CASE WHEN n.programme = ANY (paying) THEN 'payment list'
               WHEN r.review THEN 'under review' ELSE n.reason END AS reason
        FROM near n LEFT JOIN risk r ON r.id = n.enrolment_id
    ), once AS (
        SELECT DISTINCT ON (w.basis) w.enrolment_id, w.basis, p.rank, w.reason, w.risk, w.since
        FROM why w JOIN registry.verification_policy p ON p.reason = w.reason
        ORDER BY w.basis, p.rank, w.risk DESC, w.since, w.enrolment_id)
    SELECT o.enrolment_id, o.basis, o.rank, o.reason, o.risk, o.since FROM once o
    WHERE NOT EXISTS (SELECT FROM horizon h WHERE (o.rank, -o.risk::int, o.since, o.enrolment_id) > (h.rank_here, 0, h.since, h.enrolment_id))
    ORDER BY o.rank, o.risk DESC, o.since, o.enrolment_id LIMIT most;
END $$;
COMMENT ON FUNCTION etl.due_verification(text, int) IS 'The first of registry.verification_needed that no request asks about yet, at most that many and fewer where several have the same values, by what is listed. Pages that came at the same time are held to have come in the order in which they were committed.';
