-- Type nid since 0.2.0: the modifier strict, the parts of a card, smallest and largest, bigint.
--: extreme.sql bigint.sql integer.sql
--:   TYPE = nid
--:   WORD = word
--:   BIGINT = 10, 13 or 17 digits; a number that lost zeros in front is refused

-- nid(strict) refuses a failing check digit, wherever a value comes from.
CREATE FUNCTION nid_typmod_in(cstring[]) RETURNS integer AS 'MODULE_PATHNAME', 'nid_typmod_in'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_typmod_in(cstring[]) IS 'I/O, type modifier';
CREATE FUNCTION nid_typmod_out(integer) RETURNS cstring AS 'MODULE_PATHNAME', 'nid_typmod_out'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_typmod_out(integer) IS 'I/O, type modifier';
ALTER TYPE nid SET (TYPMOD_IN = nid_typmod_in, TYPMOD_OUT = nid_typmod_out);
CREATE FUNCTION nid(nid, integer) RETURNS nid AS 'MODULE_PATHNAME', 'nid_coerce'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid(nid, integer) IS 'holds a value to the type modifier';
CREATE CAST (nid AS nid) WITH FUNCTION nid(nid, integer) AS IMPLICIT;
COMMENT ON CAST (nid AS nid) IS 'holds a value to the type modifier';

-- What a card tells.
CREATE FUNCTION length(nid) RETURNS integer AS 'MODULE_PATHNAME', 'nid_length'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION length(nid) IS 'count of digits: 10, 13 or 17';
CREATE FUNCTION core13(nid) RETURNS text AS 'MODULE_PATHNAME', 'nid_core13'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION core13(nid) IS
    'the 13 digits that a 13- and a 17-digit number of one card share; NULL for 10 digits';
CREATE FUNCTION district(nid) RETURNS text AS 'MODULE_PATHNAME', 'nid_district'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION district(nid) IS 'district, 2 digits; NULL for 10 digits';
CREATE FUNCTION rmo(nid) RETURNS text AS 'MODULE_PATHNAME', 'nid_rmo'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rmo(nid) IS
    'area type, 1 digit: 1 rural, 2 paurashava, 3 other urban, 4 other, 5 cantonment, 9 city corporation; NULL for 10 digits';
CREATE FUNCTION upazila(nid) RETURNS text AS 'MODULE_PATHNAME', 'nid_upazila'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION upazila(nid) IS 'upazila or thana within the district, 2 digits; NULL for 10 digits';
CREATE FUNCTION "union"(nid) RETURNS text AS 'MODULE_PATHNAME', 'nid_union'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION "union"(nid) IS 'union or ward within the upazila, 2 digits; NULL for 10 digits';
CREATE FUNCTION serial(nid) RETURNS text AS 'MODULE_PATHNAME', 'nid_serial'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION serial(nid) IS 'serial number, 6 digits; NULL for 10 digits';
CREATE FUNCTION explain(number nid, lang text DEFAULT 'en') RETURNS text AS 'MODULE_PATHNAME', 'nid_explain'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION explain(nid, text) IS
    'one sentence on what the number tells, in English (en) or Bengali (bn)';
