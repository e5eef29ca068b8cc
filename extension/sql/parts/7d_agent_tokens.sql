-- The tokens under which an identifier may stand while the key of such tokens is rotated, made by the key agent (7a_agent.sql).
CREATE FUNCTION agent_tokens(nid, purpose text, case_reference text DEFAULT NULL) RETURNS bytea[]
    AS 'MODULE_PATHNAME', 'agent_tokens_nid' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_tokens(nid, text, text) IS
    'The 16-byte tokens of a NID, as the daemon makes them: by the active version of the key first and, while that key is rotated, by the others under which values may stand; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_tokens(nid, text, text) FROM PUBLIC;
CREATE FUNCTION agent_tokens(brn, purpose text, case_reference text DEFAULT NULL) RETURNS bytea[]
    AS 'MODULE_PATHNAME', 'agent_tokens_brn' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_tokens(brn, text, text) IS
    'The 16-byte tokens of a birth registration number, as the daemon makes them: by the active version of the key first and, while that key is rotated, by the others under which values may stand; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_tokens(brn, text, text) FROM PUBLIC;
CREATE FUNCTION agent_tokens(msisdn, purpose text, case_reference text DEFAULT NULL) RETURNS bytea[]
    AS 'MODULE_PATHNAME', 'agent_tokens_msisdn' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_tokens(msisdn, text, text) IS
    'The 16-byte tokens of a mobile number, as the daemon makes them: by the active version of the key first and, while that key is rotated, by the others under which values may stand; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_tokens(msisdn, text, text) FROM PUBLIC;
CREATE FUNCTION agent_tokens(wallet, purpose text, case_reference text DEFAULT NULL) RETURNS bytea[]
    AS 'MODULE_PATHNAME', 'agent_tokens_wallet' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_tokens(wallet, text, text) IS
    'The 16-byte tokens of a wallet, as the daemon makes them: by the active version of the key first and, while that key is rotated, by the others under which values may stand; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_tokens(wallet, text, text) FROM PUBLIC;
