-- One-time codes, looked at by the key agent (7a_agent.sql): the server holds second factors sealed, and cannot open them.
CREATE FUNCTION agent_code(login name, sealed bytea, code text, after bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'agent_code' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION agent_code(name, bytea, text, bigint) IS
    'The time step (of 30 seconds since 1970) of a one-time code of RFC 6238 that is right now, one step ago or one ahead, and later than step after (0 to 4294967295); null when it is not right. Asked of the key agent, which opens the sealed second factor of that login, writes each try down, and after too many wrong ones looks at none. Errors: 55000 no agent configured, 08006 agent not there, 42501 not permitted or locked, 53400 too many wrong codes, 22023 the factor does not open, 58030 the agent cannot write its trace.';
REVOKE EXECUTE ON FUNCTION agent_code(name, bytea, text, bigint) FROM PUBLIC;
