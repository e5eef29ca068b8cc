

-- The conditions of row-level security. Whoever calls them learns of the session's own scope, and no more.
CREATE FUNCTION scope_programmes() RETURNS text[] AS 'MODULE_PATHNAME', 'scope_programmes' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION scope_programmes() IS 'Programmes that this session''s login may see in some place.';
CREATE FUNCTION scope_low() RETURNS text AS 'MODULE_PATHNAME', 'scope_low' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION scope_low() IS 'Least code of a place that this session''s login may see; empty where part of its scope has no place.';
CREATE FUNCTION scope_high() RETURNS text AS 'MODULE_PATHNAME', 'scope_high' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION scope_high() IS 'What every code of a place that this session''s login may see lies below; "~" where part of its scope has no place.';
CREATE FUNCTION sees_support(internal) RETURNS internal AS 'MODULE_PATHNAME', 'sees_support' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sees_support(internal) IS 'planner support';
CREATE FUNCTION ranged_by_support(internal) RETURNS internal AS 'MODULE_PATHNAME', 'ranged_by_support' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ranged_by_support(internal) IS 'planner support';
CREATE FUNCTION sees_all_support(internal) RETURNS internal AS 'MODULE_PATHNAME', 'sees_all_support' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sees_all_support(internal) IS 'planner support';
CREATE FUNCTION sees(programme text, place text) RETURNS boolean AS 'MODULE_PATHNAME', 'sees'
    LANGUAGE C STABLE PARALLEL RESTRICTED SUPPORT sees_support;
COMMENT ON FUNCTION sees(text, text) IS 'Whether an enrolment in this programme and place lies in the scope of this session''s login, of schema access; without a place only where a scope has none. Never null. Error 42P01 where there is no schema access.';
CREATE FUNCTION ranged_by(programme text) RETURNS boolean AS 'MODULE_PATHNAME', 'ranged_by'
    LANGUAGE C STABLE PARALLEL RESTRICTED SUPPORT ranged_by_support;
COMMENT ON FUNCTION ranged_by(text) IS 'True. Stands beside ekok.sees in a policy: the planner then looks for the programmes of the scope in an index on programme and place as well as for the places.';
CREATE FUNCTION sees_all() RETURNS boolean AS 'MODULE_PATHNAME', 'sees_all' LANGUAGE C STABLE PARALLEL RESTRICTED SUPPORT sees_all_support;
COMMENT ON FUNCTION sees_all() IS 'Whether this session''s login may see every row: by its scope, or as a member of the daemon''s role or a superuser.';
CREATE FUNCTION tell_scopes() RETURNS trigger AS 'MODULE_PATHNAME', 'tell_scopes' LANGUAGE C;
COMMENT ON FUNCTION tell_scopes() IS 'Statement trigger of the tables behind a scope: every session reads its own anew once the change is committed.';
