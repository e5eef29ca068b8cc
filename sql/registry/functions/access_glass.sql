-- access_glass.sql - the break-glass: whoever holds it for its hour reads persons by this function and no other way, and each row is
-- recorded, in a transaction apart, before it is shown.

CREATE OR REPLACE FUNCTION access.read_glass(programme text DEFAULT NULL, geo text DEFAULT NULL, record_id text DEFAULT NULL, most int DEFAULT 100)
RETURNS TABLE (enrolment_id uuid, source text, record text, programme_code text, status text, name_bn text, name_en text, father_name text,
    mother_name text, sex text, birth_date date, place text, household text, amount_paisa bigint, enrolled_on date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held access.scope;
    ids uuid[];
BEGIN
    PERFORM access.must_hold('break glass');
    SELECT s.* INTO held FROM access.scope s WHERE s.login = session_user AND s.duty = 'break glass' AND s.revoked_at IS NULL
        AND s.expires_at > clock_timestamp() ORDER BY s.id DESC LIMIT 1;
    IF most IS NULL OR most NOT BETWEEN 1 AND 1000 OR num_nonnulls(read_glass.programme, read_glass.geo, read_glass.record_id) = 0 THEN
        RAISE 'a programme, a place or a record is named, and at most 1000 rows' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    ids := ARRAY(SELECT e.id FROM registry.enrolment e WHERE (read_glass.programme IS NULL OR e.programme = read_glass.programme)
        AND (read_glass.geo IS NULL OR e.geo >= read_glass.geo AND e.geo < read_glass.geo || ':') AND (read_glass.record_id IS NULL OR e.record_id = read_glass.record_id)
        ORDER BY e.id LIMIT most);
    IF cardinality(ids) > 0 THEN
        PERFORM ekok.apart('readings', ARRAY['registry.enrolment', '*', format('break glass %s: %s', held.id, held.purpose)] || ids::text[]);
    END IF;
    RETURN QUERY SELECT e.id, e.source, e.record_id, e.programme, e.status, e.name_bn, e.name_en, e.father_name, e.mother_name, e.sex, e.birth_date,
        e.geo, e.household, e.amount_paisa, e.enrolled_on FROM registry.enrolment e WHERE e.id = ANY (ids) ORDER BY e.id;
END $$;
COMMENT ON FUNCTION access.read_glass(text, text, text, int) IS 'Enrolments of any ministry, for whoever the break-glass is open for: by programme, place or record, at most 1000 at once, without sealed values. Each stands in audit.reading before it is shown, whatever becomes of the transaction. Errors: 42501 not open, 22023 nothing named.';

CREATE OR REPLACE FUNCTION access.review_glass(scope_id bigint, finding text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_hold('auditor');
    IF EXISTS (SELECT FROM access.scope s WHERE s.id = scope_id AND s.login = session_user) THEN
        RAISE 'nobody reviews their own breaking of the glass' USING ERRCODE = 'insufficient_privilege';
    ELSIF EXISTS (SELECT FROM access.scope s WHERE s.id = scope_id AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()) THEN
        RAISE 'the glass is still open' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'It ends within the hour; access.revoke ends it now.';
    END IF;
    UPDATE access.glass g SET reviewed_by = session_user, reviewed_at = clock_timestamp(), finding = review_glass.finding
    WHERE g.scope_id = review_glass.scope_id AND g.reviewed_at IS NULL;
    IF NOT FOUND THEN
        RAISE 'no breaking % waits for a review', scope_id USING ERRCODE = 'no_data_found', HINT = 'access.glasses lists them.';
    END IF;
END $$;
COMMENT ON FUNCTION access.review_glass(bigint, text) IS 'An auditor writes what a breaking of the glass was, after it ended; until then no other is opened. Errors: 42501 one''s own or no auditor, 55000 still open, P0002 none waits, 23514 no finding.';
