-- Equal values of brn need not be identical: one may remember that it was converted.
CREATE FUNCTION brn_equalimage(oid) RETURNS boolean AS 'MODULE_PATHNAME', 'brn_equalimage'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION brn_equalimage(oid) IS 'no: equal values may differ in the mark of conversion';
--: type.sql cast.sql mask.sql extreme.sql bigint.sql
--:   TYPE = brn
--:   IN = cstring
--:   RECV = internal
--:   WORD = brn
--:   IMAGE = brn_equalimage
--:   COMMENT = birth registration number of 17 digits; 16 digits, as before 2013, are converted by a 0 before the last five
--:   ORDER = by the 17 digits; converted or not does not count
--:   BIGINT = 17 digits, or 16 to be converted

-- What a registration tells.
CREATE FUNCTION was_converted(brn) RETURNS boolean AS 'MODULE_PATHNAME', 'brn_was_converted'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION was_converted(brn) IS
    'was it given as 16 digits; the text form does not carry this, the binary form does';
CREATE FUNCTION birth_year(brn) RETURNS integer AS 'MODULE_PATHNAME', 'brn_birth_year'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION birth_year(brn) IS 'birth year: the first four digits';
CREATE FUNCTION district(brn) RETURNS text AS 'MODULE_PATHNAME', 'brn_district'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION district(brn) IS 'district, 2 digits';
CREATE FUNCTION rmo(brn) RETURNS text AS 'MODULE_PATHNAME', 'brn_rmo'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rmo(brn) IS
    'area type, 1 digit: 1 rural, 2 paurashava, 3 other urban, 4 other, 5 cantonment, 9 city corporation';
CREATE FUNCTION upazila(brn) RETURNS text AS 'MODULE_PATHNAME', 'brn_upazila'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION upazila(brn) IS 'upazila or thana within the district, 2 digits';
CREATE FUNCTION "union"(brn) RETURNS text AS 'MODULE_PATHNAME', 'brn_union'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION "union"(brn) IS 'union or ward within the upazila, 2 digits';
CREATE FUNCTION serial(brn) RETURNS text AS 'MODULE_PATHNAME', 'brn_serial'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION serial(brn) IS 'serial number, 6 digits';
