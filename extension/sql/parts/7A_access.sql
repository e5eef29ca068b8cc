

-- Access: what only the server's memory, its hooks or a transaction apart can promise. Each is granted to nobody here.
CREATE FUNCTION stepped_up() RETURNS boolean AS 'MODULE_PATHNAME', 'stepped_up' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION stepped_up() IS 'Whether this session has shown a one-time code within the time that it is good for.';
CREATE FUNCTION step_up(seconds int) RETURNS void AS 'MODULE_PATHNAME', 'step_up' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION step_up(int) IS 'Takes this session for one that has shown a one-time code, for so many seconds; 0 ends it. Looks at no code itself: for access.step_up.';
CREATE FUNCTION hotp(secret bytea, counter bigint, digits int, hash text) RETURNS text AS 'MODULE_PATHNAME', 'hotp'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION hotp(bytea, bigint, int, text) IS 'One-time code of RFC 4226, and of RFC 6238 where counter is the number of the time step: 6 to 8 digits, hash sha1, sha256 or sha512, a secret of at least 16 bytes. Error 22023 otherwise.';
CREATE FUNCTION code_equal(text, text) RETURNS boolean AS 'MODULE_PATHNAME', 'code_equal' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION code_equal(text, text) IS 'Whether two codes are equal, in a time that does not tell where they differ.';
CREATE FUNCTION create_login(login name, verifier text, valid_until text) RETURNS void AS 'MODULE_PATHNAME', 'create_login'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION create_login(name, text, text) IS 'Makes a role that can log in and nothing else, with a SCRAM verifier and an end where given. For access.register. Errors: 42939 a name of duties, 42710 it exists.';
CREATE FUNCTION alter_login(login name, may_log_in boolean, verifier text, valid_until text) RETURNS void AS 'MODULE_PATHNAME', 'alter_login'
    LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION alter_login(name, boolean, text, text) IS 'Opens or shuts an ordinary login, sets its SCRAM verifier and the end of its password, each where not null. Error 42501 for a role with any attribute beside LOGIN, of PostgreSQL or of the registry.';
CREATE FUNCTION scram_verifier(password text) RETURNS text AS 'MODULE_PATHNAME', 'scram_verifier' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION scram_verifier(text) IS 'SCRAM-SHA-256 verifier of a password, with a new salt.';
CREATE FUNCTION scram_fits(verifier text, password text) RETURNS boolean AS 'MODULE_PATHNAME', 'scram_fits' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION scram_fits(text, text) IS 'Whether a password is the one of a SCRAM-SHA-256 verifier.';
CREATE FUNCTION is_exposed(value text) RETURNS boolean AS 'MODULE_PATHNAME', 'is_exposed' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION is_exposed(text) IS 'Whether a value stands in the text of the statement that the client sent, where logs keep it, or came over a network without TLS.';
CREATE FUNCTION guards_roles() RETURNS boolean AS 'MODULE_PATHNAME', 'guards_roles' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION guards_roles() IS 'Whether the hooks work that keep passwords and roles to schema access: ekok is in shared_preload_libraries, and ekok.guard_roles is on.';
CREATE FUNCTION take_logins(OUT login name, OUT at timestamptz, OUT address text, OUT certificate text, OUT pid int) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'take_logins' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION take_logins() IS 'Logins noted since the last call, each once; at most the last 4096 since the server started. address null: by the local socket; certificate: distinguished name, null: none.';
CREATE FUNCTION take_named(OUT at timestamptz, OUT actor name, OUT statement bigint, OUT read bigint, OUT purpose text, OUT ids uuid[]) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'take_named' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION take_named() IS 'Whom statements read since this was last called in a transaction that was committed: ids of the first 100 rows with names, and how many were read. statement: the query''s identifier, or a hash of its text. At most the last 1024 since the server started; collected by audit.collect_named.';
CREATE FUNCTION apart(what text, args text[]) RETURNS text AS 'MODULE_PATHNAME', 'apart' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION apart(text, text[]) IS 'What access.do_apart(what, args) answers, which runs in a transaction of its own that is committed whatever becomes of this one. Errors: 53000 no background worker is free; those of the function.';
CREATE FUNCTION in_block() RETURNS boolean AS 'MODULE_PATHNAME', 'in_block' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION in_block() IS 'Whether the caller is within a transaction block, and so may still roll back what it has seen.';
CREATE FUNCTION began_as_superuser() RETURNS boolean AS 'MODULE_PATHNAME', 'began_as_superuser' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION began_as_superuser() IS 'Whether this session logged in as a superuser, whoever it has become since.';
REVOKE EXECUTE ON FUNCTION stepped_up(), step_up(int), hotp(bytea, bigint, int, text), code_equal(text, text), create_login(name, text, text),
    alter_login(name, boolean, text, text), scram_verifier(text), scram_fits(text, text), is_exposed(text), take_logins(), take_named(), in_block(), began_as_superuser(), apart(text, text[]) FROM PUBLIC;
