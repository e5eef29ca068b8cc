-- find.sql - the enrolments that hold a number which an analyst has in hand. The key agent makes its tokens, within a quota and
-- with a trace outside of this database; the server compares tokens and shows what the caller may see anyway.

DROP FUNCTION IF EXISTS registry.token_holders(text, bytea);   -- as it was called before
CREATE OR REPLACE FUNCTION registry.token_holders(kind text, tokens bytea[]) RETURNS uuid[]
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (WITH asked AS (SELECT g.token FROM unnest(tokens) AS g(token)
                       UNION SELECT t.new FROM keyring.turned t WHERE t.kind = token_holders.kind AND t.old = ANY (tokens))
        SELECT array_agg(DISTINCT e.id)
        FROM asked a JOIN registry.evidence v ON v.key OPERATOR(ekok.~) ekok.evidence(token_holders.kind, a.token, 0) AND v.kind = token_holders.kind
        JOIN registry.enrolment e ON e.id = v.enrolment_id
        WHERE CASE token_holders.kind WHEN 'nid' THEN e.nid_token WHEN 'brn' THEN e.brn_token WHEN 'mobile' THEN e.mobile_token
                   WHEN 'wallet' THEN e.wallet_token WHEN 'account' THEN e.account_token END = a.token);
COMMENT ON FUNCTION registry.token_holders(text, bytea[]) IS 'Ids of the enrolments with one of these tokens of a kind of evidence (nid, brn, mobile, wallet, account), or with what a rotation has turned one of them into, of any programme and place; null: none. For registry.find: who has no token, which the key agent alone makes, learns nothing.';

CREATE OR REPLACE FUNCTION registry.find(nid ekok.nid, purpose text, case_reference text DEFAULT NULL)
RETURNS SETOF registry.beneficiary LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holders uuid[] := registry.token_holders('nid', ekok.agent_tokens(nid, purpose, case_reference));
BEGIN
    RETURN QUERY SELECT b.* FROM registry.beneficiary b WHERE b.enrolment_id = ANY (holders) ORDER BY b.enrolment_id;
END $$;
COMMENT ON FUNCTION registry.find(ekok.nid, text, text) IS 'Enrolments that hold this NID (the same card''s 13 and 17 digits are one), those of them that the caller may see. Asks the key agent for its tokens, under the session user''s quota and with a line in the agent''s trace that a rollback does not undo; purpose and case: 200 bytes each, without long numbers. Give the number as a parameter, so that no log and no statistics can hold it. Errors as of ekok.agent_tokens.';

CREATE OR REPLACE FUNCTION registry.find(brn ekok.brn, purpose text, case_reference text DEFAULT NULL)
RETURNS SETOF registry.beneficiary LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holders uuid[] := registry.token_holders('brn', ekok.agent_tokens(brn, purpose, case_reference));
BEGIN
    RETURN QUERY SELECT b.* FROM registry.beneficiary b WHERE b.enrolment_id = ANY (holders) ORDER BY b.enrolment_id;
END $$;
COMMENT ON FUNCTION registry.find(ekok.brn, text, text) IS 'Enrolments that hold this birth registration number, those of them that the caller may see. Asks the key agent for its tokens, under the session user''s quota and with a line in the agent''s trace that a rollback does not undo; purpose and case: 200 bytes each, without long numbers. Give the number as a parameter, so that no log and no statistics can hold it. Errors as of ekok.agent_tokens.';

CREATE OR REPLACE FUNCTION registry.find(msisdn ekok.msisdn, purpose text, case_reference text DEFAULT NULL)
RETURNS SETOF registry.beneficiary LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holders uuid[] := registry.token_holders('mobile', ekok.agent_tokens(msisdn, purpose, case_reference));
BEGIN
    RETURN QUERY SELECT b.* FROM registry.beneficiary b WHERE b.enrolment_id = ANY (holders) ORDER BY b.enrolment_id;
END $$;
COMMENT ON FUNCTION registry.find(ekok.msisdn, text, text) IS 'Enrolments that hold this mobile number, those of them that the caller may see. Asks the key agent for its tokens, under the session user''s quota and with a line in the agent''s trace that a rollback does not undo; purpose and case: 200 bytes each, without long numbers. Give the number as a parameter, so that no log and no statistics can hold it. Errors as of ekok.agent_tokens.';

CREATE OR REPLACE FUNCTION registry.find(wallet ekok.wallet, purpose text, case_reference text DEFAULT NULL)
RETURNS SETOF registry.beneficiary LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    holders uuid[] := registry.token_holders('wallet', ekok.agent_tokens(wallet, purpose, case_reference));
BEGIN
    RETURN QUERY SELECT b.* FROM registry.beneficiary b WHERE b.enrolment_id = ANY (holders) ORDER BY b.enrolment_id;
END $$;
COMMENT ON FUNCTION registry.find(ekok.wallet, text, text) IS 'Enrolments that hold this wallet, those of them that the caller may see. Asks the key agent for its tokens, under the session user''s quota and with a line in the agent''s trace that a rollback does not undo; purpose and case: 200 bytes each, without long numbers. Give the number as a parameter, so that no log and no statistics can hold it. Errors as of ekok.agent_tokens.';

CREATE OR REPLACE FUNCTION registry.sealed_value(enrolment uuid, kind text, purpose text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sealed bytea;
BEGIN
    IF kind NOT IN ('nid', 'brn', 'mobile', 'wallet', 'account') OR kind IS NULL THEN
        RAISE 'no such kind of identifier' USING ERRCODE = 'invalid_parameter_value', HINT = 'Kinds: nid, brn, mobile, wallet, account.';
    END IF;
    SELECT CASE kind WHEN 'nid' THEN e.nid_sealed WHEN 'brn' THEN e.brn_sealed WHEN 'mobile' THEN e.mobile_sealed
                     WHEN 'wallet' THEN e.wallet_sealed ELSE e.account_sealed END
    INTO sealed FROM registry.enrolment e WHERE e.id = enrolment AND access.covers(access.cells(), e.programme, e.geo);
    IF sealed IS NULL THEN
        RAISE 'no such enrolment, or the source gave no such identifier of it' USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM audit.record_reading('registry.enrolment', kind || '_sealed', enrolment::text, purpose);
    RETURN sealed;
END $$;
COMMENT ON FUNCTION registry.sealed_value(uuid, text, text) IS 'One sealed identifier (nid, brn, mobile, wallet, account) of one enrolment, for ekok open; leaves an audit.reading with the purpose. Only the key agent can open it, within the person''s quota and with a line in its own trace. Errors: 22023 unknown kind, P0002 nothing there, or not in the caller''s scope, 23514 no purpose.';
