

-- Access: what only the server's memory or its hooks can promise. Each is granted to nobody here.
CREATE FUNCTION stepped_up() RETURNS boolean AS 'MODULE_PATHNAME', 'stepped_up' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION stepped_up() IS 'Whether this session has shown a one-time code within the time that it is good for.';
REVOKE EXECUTE ON FUNCTION stepped_up() FROM PUBLIC;
