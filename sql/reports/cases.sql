-- cases.sql - the most striking cases, for the command line to print. Identifiers come sealed: whoever opens one calls
-- audit.record_reading first and shows it masked.

CREATE OR REPLACE FUNCTION report.striking_cases("limit" int DEFAULT 10) RETURNS TABLE (
    rank bigint, person_id uuid, programme_count int, cash_count int, enrolment_id uuid, source text, record_id text,
    programme text, programme_name text, benefit text, status text, name_bn text, name_en text, sex text,
    birth_date date, geo text, place_name text, amount_paisa bigint, nid_digits smallint, nid_sealed bytea,
    brn_sealed bytea, mobile_sealed bytea, wallet_provider text, wallet_sealed bytea, account_sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$
    WITH person AS (
        SELECT m.person_id, count(DISTINCT e.programme)::int AS programmes,
               (count(DISTINCT e.programme) FILTER (WHERE p.benefit = 'cash' AND coalesce(e.status, 'active') = 'active'))::int AS cash
        FROM registry.membership m
        JOIN registry.enrolment e ON e.id = m.enrolment_id JOIN registry.programme p ON p.code = e.programme
        WHERE m.basis <> 'alone'
        GROUP BY m.person_id HAVING count(DISTINCT e.programme) > 1
           AND ((SELECT access.sees_all()) OR bool_or(access.covers((SELECT access.cells()), e.programme, e.geo)))
    ), ranked AS (
        SELECT x.*, row_number() OVER (ORDER BY x.cash DESC, x.programmes DESC, x.person_id) AS rank FROM person x
        ORDER BY rank LIMIT greatest("limit", 0)
    )
    SELECT k.rank, k.person_id, k.programmes, k.cash, e.id, e.source, e.record_id, e.programme, p.name_en, p.benefit,
           e.status, e.name_bn, e.name_en, e.sex, e.birth_date, e.geo, g.name_en, e.amount_paisa, e.nid_digits,
           e.nid_sealed, e.brn_sealed, e.mobile_sealed, e.wallet_provider, e.wallet_sealed, e.account_sealed
    FROM ranked k
    JOIN registry.membership m ON m.person_id = k.person_id
    JOIN registry.enrolment e ON e.id = m.enrolment_id
    JOIN registry.programme p ON p.code = e.programme
    LEFT JOIN registry.geo g ON g.code = e.geo
    WHERE ((SELECT access.sees_all()) OR access.covers((SELECT access.cells()), e.programme, e.geo))
    ORDER BY k.rank, p.number, e.id;
$$;
COMMENT ON FUNCTION report.striking_cases(int) IS 'One row for each enrolment of the "limit" persons in the most active cash programmes, then in the most programmes; at least two programmes. To a caller whose scope is narrower, persons with an enrolment in it, and of these only such enrolments. rank: from 1; place in the seal''s associated data: table registry.enrolment, the column''s name, enrolment_id.';
