-- rule_check.sql - what would happen if somebody were enrolled. Writes nothing but the trace of having asked: whoever asks
-- about evidence leaves an audit.reading, and is told rules and modes only, never counts, programmes or persons.

CREATE OR REPLACE FUNCTION registry.check_enrolment(candidate jsonb, purpose text) RETURNS TABLE (rule text, mode text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    c registry.enrolment;
    unknown text;
BEGIN
    SELECT k INTO unknown FROM jsonb_object_keys(candidate) k
    WHERE k NOT IN ('id', 'source', 'programme', 'household', 'name_bn', 'name_en', 'nid_token', 'brn_token', 'mobile_token',
                    'wallet_token', 'account_token') LIMIT 1;
    IF FOUND THEN
        RAISE 'a candidate has no field "%"', unknown USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Fields: id, source, programme, household, name_bn, name_en and the five tokens as bytea (\x...).';
    END IF;
    c := jsonb_populate_record(NULL::registry.enrolment, candidate || '{"status": "active"}');
    c.id := coalesce(c.id, gen_random_uuid());
    IF NOT EXISTS (SELECT FROM registry.programme p WHERE p.code = c.programme) THEN
        RAISE 'no programme, or one that does not exist' USING ERRCODE = 'foreign_key_violation',
            HINT = 'Programmes stand in registry.programme.';
    END IF;
    PERFORM audit.record_reading('registry.rule', 'check_enrolment', c.id::text, purpose);
    RETURN QUERY SELECT j.rule, j.mode FROM registry.judge(c, '{}', false) j;
END $$;
COMMENT ON FUNCTION registry.check_enrolment(jsonb, text) IS 'The rules that one more enrolment would break now, the worst first, and their modes; no row: none. candidate: {"programme", "nid_token", "brn_token", "mobile_token", "wallet_token", "account_token", "source", "household", "name_bn", "name_en"}; with "id", an enrolment that stands is judged anew with these values. Leaves an audit.reading with the purpose. What others enrol meanwhile may change the answer: only enrolling decides. Errors: 22023 unknown field, 23503 no such programme, 23514 no purpose.';
