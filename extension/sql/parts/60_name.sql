
-- Names: their normal form, and Bijoy.
CREATE FUNCTION bn_normalize(name text) RETURNS text AS 'MODULE_PATHNAME', 'bn_normalize'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION bn_normalize(text) IS
    'one spelling of every character: small Latin letters, Bengali in one form, words parted by one space';
CREATE FUNCTION is_bijoy(given text) RETURNS boolean AS 'MODULE_PATHNAME', 'is_bijoy'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION is_bijoy(text) IS 'was this typed for SutonnyMJ by the Bijoy keyboard? A judgement by its letters';
CREATE FUNCTION from_bijoy(given text) RETURNS text AS 'MODULE_PATHNAME', 'from_bijoy'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION from_bijoy(text) IS
    'text typed for SutonnyMJ to Unicode; an unknown glyph is an error that tells its place';

-- Names that sound alike.
CREATE FUNCTION sound_key(name text) RETURNS text AS 'MODULE_PATHNAME', 'sound_key'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION sound_key(text) IS 'consonant classes of each word, in order; NULL for a text without words';
CREATE FUNCTION sound_equal_key(name text) RETURNS text AS 'MODULE_PATHNAME', 'sound_equal_key'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION sound_equal_key(text) IS
    'equal for names that sound exactly alike, whatever the order of their words; for joins and indexes';
CREATE FUNCTION sound_similarity(a text, b text) RETURNS real AS 'MODULE_PATHNAME', 'sound_similarity'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION sound_similarity(text, text) IS
    'how alike two names sound, in either script: 0 to 1; 0 for a text without words or longer than 1024 bytes';
CREATE FUNCTION sound_distance(a text, b text) RETURNS real AS 'MODULE_PATHNAME', 'sound_distance'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION sound_distance(text, text) IS 'implementation of <~> operator';
CREATE FUNCTION sound_alike(a text, b text) RETURNS boolean AS 'MODULE_PATHNAME', 'sound_alike'
    LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION sound_alike(text, text) IS 'implementation of ~% operator';
CREATE FUNCTION sound_explain(a text, b text)
    RETURNS TABLE (word_a text, word_b text, similarity real, weight real, note text)
    AS 'MODULE_PATHNAME', 'sound_explain'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 5;
COMMENT ON FUNCTION sound_explain(text, text) IS
    'which word met which, how alike they sound, and how much hangs on it; words as normalised';

CREATE FUNCTION sound_sel(internal, oid, internal, integer) RETURNS double precision
    AS 'MODULE_PATHNAME', 'sound_sel'
    LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sound_sel(internal, oid, internal, integer) IS 'restriction selectivity of ~%';
CREATE FUNCTION sound_joinsel(internal, oid, internal, smallint, internal) RETURNS double precision
    AS 'MODULE_PATHNAME', 'sound_joinsel'
    LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sound_joinsel(internal, oid, internal, smallint, internal) IS 'join selectivity of ~%';
CREATE OPERATOR ~% (LEFTARG = text, RIGHTARG = text, FUNCTION = sound_alike,
    COMMUTATOR = ~%,
    RESTRICT = sound_sel, JOIN = sound_joinsel);
COMMENT ON OPERATOR ~% (text, text) IS 'names sound alike: similarity is at least ekok.sound_threshold';
CREATE OPERATOR <~> (LEFTARG = text, RIGHTARG = text, FUNCTION = sound_distance,
    COMMUTATOR = <~>);
COMMENT ON OPERATOR <~> (text, text) IS 'how different two names sound: 1 less their similarity';

-- The index.
CREATE FUNCTION gin_sound_extract_value(text, internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'gin_sound_extract_value'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_extract_value(text, internal) IS 'GIN support: keys of a name stored';
CREATE FUNCTION gin_sound_extract_query(text, internal, smallint, internal, internal, internal, internal)
    RETURNS internal AS 'MODULE_PATHNAME', 'gin_sound_extract_query'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_extract_query(text, internal, smallint, internal, internal, internal, internal) IS
    'GIN support: keys of a name asked for';
CREATE FUNCTION gin_sound_consistent(internal, smallint, text, integer, internal, internal, internal, internal)
    RETURNS boolean AS 'MODULE_PATHNAME', 'gin_sound_consistent'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_consistent(internal, smallint, text, integer, internal, internal, internal, internal) IS
    'GIN support: a key in common';
CREATE FUNCTION gin_sound_triconsistent(internal, smallint, text, integer, internal, internal, internal)
    RETURNS "char" AS 'MODULE_PATHNAME', 'gin_sound_triconsistent'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION gin_sound_triconsistent(internal, smallint, text, integer, internal, internal, internal) IS
    'GIN support: perhaps a key in common';
CREATE OPERATOR CLASS gin_sound_ops FOR TYPE text USING gin AS
    OPERATOR 1 ~%,
    FUNCTION 1 btint4cmp(integer, integer),
    FUNCTION 2 gin_sound_extract_value(text, internal),
    FUNCTION 3 gin_sound_extract_query(text, internal, smallint, internal, internal, internal, internal),
    FUNCTION 4 gin_sound_consistent(internal, smallint, text, integer, internal, internal, internal, internal),
    FUNCTION 6 gin_sound_triconsistent(internal, smallint, text, integer, internal, internal, internal),
    STORAGE integer;
COMMENT ON OPERATOR CLASS gin_sound_ops USING gin IS 'names that sound alike, by their keys';
COMMENT ON OPERATOR FAMILY gin_sound_ops USING gin IS 'names that sound alike, by their keys';
