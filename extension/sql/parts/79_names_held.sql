
-- The index of names since 0.4.0 holds the names too, and answers by itself. What was gin_sound_ops keeps its indexes under
-- another name: smaller, and slower to search.
ALTER OPERATOR CLASS gin_sound_ops USING gin RENAME TO gin_sound_key_ops;
ALTER OPERATOR FAMILY gin_sound_ops USING gin RENAME TO gin_sound_key_ops;
COMMENT ON OPERATOR CLASS gin_sound_key_ops USING gin IS 'names that sound alike, by their keys alone: a small index, each row found is heard again';
COMMENT ON OPERATOR FAMILY gin_sound_key_ops USING gin IS 'names that sound alike, by their keys alone';
CREATE FUNCTION gin_sound_name_extract_value(text, internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'gin_sound_name_extract_value'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_name_extract_value(text, internal) IS 'GIN support: keys of a name stored, each with the name';
CREATE FUNCTION gin_sound_name_extract_query(text, internal, smallint, internal, internal, internal, internal)
    RETURNS internal AS 'MODULE_PATHNAME', 'gin_sound_name_extract_query'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_name_extract_query(text, internal, smallint, internal, internal, internal, internal) IS
    'GIN support: keys of a name asked for';
CREATE FUNCTION gin_sound_name_partial(bytea, bytea, smallint, internal) RETURNS integer
    AS 'MODULE_PATHNAME', 'gin_sound_name_partial'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_name_partial(bytea, bytea, smallint, internal) IS 'GIN support: whether a name held is alike';
CREATE FUNCTION gin_sound_name_consistent(internal, smallint, text, integer, internal, internal, internal, internal)
    RETURNS boolean AS 'MODULE_PATHNAME', 'gin_sound_name_consistent'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_name_consistent(internal, smallint, text, integer, internal, internal, internal, internal) IS
    'GIN support: a name alike under a key';
CREATE FUNCTION gin_sound_name_triconsistent(internal, smallint, text, integer, internal, internal, internal)
    RETURNS "char" AS 'MODULE_PATHNAME', 'gin_sound_name_triconsistent'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_name_triconsistent(internal, smallint, text, integer, internal, internal, internal) IS
    'GIN support: a name alike under a key, as far as is known';
CREATE OPERATOR CLASS gin_sound_ops FOR TYPE text USING gin AS
    OPERATOR 1 ~%,
    FUNCTION 1 byteacmp(bytea, bytea),
    FUNCTION 2 gin_sound_name_extract_value(text, internal),
    FUNCTION 3 gin_sound_name_extract_query(text, internal, smallint, internal, internal, internal, internal),
    FUNCTION 4 gin_sound_name_consistent(internal, smallint, text, integer, internal, internal, internal, internal),
    FUNCTION 5 gin_sound_name_partial(bytea, bytea, smallint, internal),
    FUNCTION 6 gin_sound_name_triconsistent(internal, smallint, text, integer, internal, internal, internal),
    STORAGE bytea;
COMMENT ON OPERATOR CLASS gin_sound_ops USING gin IS 'names that sound alike, by their keys and themselves: rows found are alike';
COMMENT ON OPERATOR FAMILY gin_sound_ops USING gin IS 'names that sound alike, by their keys and themselves';
