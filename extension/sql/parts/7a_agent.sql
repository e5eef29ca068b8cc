-- The token of an identifier, made by the key agent: ekok-keyd, which this server asks over a Unix socket (ekok.agent_socket).
CREATE FUNCTION agent_token(nid, purpose text, case_reference text DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'agent_token_nid' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_token(nid, text, text) IS
    'The 16-byte token of a NID, as the daemon makes it; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_token(nid, text, text) FROM PUBLIC;
CREATE FUNCTION agent_token(brn, purpose text, case_reference text DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'agent_token_brn' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_token(brn, text, text) IS
    'The 16-byte token of a birth registration number, as the daemon makes it; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_token(brn, text, text) FROM PUBLIC;
CREATE FUNCTION agent_token(msisdn, purpose text, case_reference text DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'agent_token_msisdn' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_token(msisdn, text, text) IS
    'The 16-byte token of a mobile number, as the daemon makes it; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_token(msisdn, text, text) FROM PUBLIC;
CREATE FUNCTION agent_token(wallet, purpose text, case_reference text DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME', 'agent_token_wallet' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_token(wallet, text, text) IS
    'The 16-byte token of a wallet, as the daemon makes it; null for null. Asked of the key agent, which counts it within the session user''s quota and writes down who, when, for what (purpose and case, 200 bytes each, without long numbers), never the number. Errors: 55000 no agent configured, 08006 agent absent or too slow (ekok.agent_timeout), 42501 not allowed or locked, 53400 quota used up, 22023 no purpose, 58030 the agent''s trace cannot be written. Granted to nobody.';
REVOKE EXECUTE ON FUNCTION agent_token(wallet, text, text) FROM PUBLIC;
