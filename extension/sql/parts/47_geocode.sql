--: type.sql cast.sql mask.sql extreme.sql bigint.sql integer.sql
--:   TYPE = geocode
--:   IN = cstring
--:   RECV = internal
--:   WORD = word
--:   IMAGE = pg_catalog.btequalimage
--:   COMMENT = place by its BBS code of 2, 4, 6 or 8 digits: division, district, upazila, union; not looked up
--:   ORDER = by place: each stands directly before what it contains
--:   BIGINT = 2, 4, 6 or 8 digits

-- The places above one.
CREATE FUNCTION level(geocode) RETURNS integer AS 'MODULE_PATHNAME', 'geocode_level'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION level(geocode) IS '1 division, 2 district, 3 upazila, 4 union';
CREATE FUNCTION parent(geocode) RETURNS geocode AS 'MODULE_PATHNAME', 'geocode_parent'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION parent(geocode) IS 'the place directly above; NULL for a division';
CREATE FUNCTION division(geocode) RETURNS geocode AS 'MODULE_PATHNAME', 'geocode_division'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION division(geocode) IS 'the division it lies in or is';
CREATE FUNCTION district(geocode) RETURNS geocode AS 'MODULE_PATHNAME', 'geocode_district'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION district(geocode) IS 'the district it lies in or is; NULL above that level';
CREATE FUNCTION upazila(geocode) RETURNS geocode AS 'MODULE_PATHNAME', 'geocode_upazila'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION upazila(geocode) IS 'the upazila it lies in or is; NULL above that level';
CREATE FUNCTION "union"(geocode) RETURNS geocode AS 'MODULE_PATHNAME', 'geocode_union'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION "union"(geocode) IS 'the union it lies in or is; NULL above that level';

-- Containment: column <@ place and place @> column become one range of a btree index.
CREATE FUNCTION geocode_last(geocode) RETURNS geocode AS 'MODULE_PATHNAME', 'geocode_last'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION geocode_last(geocode) IS
    'what stands from a place up to this value is that place and all it contains';
CREATE FUNCTION geocode_contains_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'geocode_contains_support'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION geocode_contains_support(internal) IS 'planner support';
CREATE FUNCTION geocode_contained_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'geocode_contained_support'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION geocode_contained_support(internal) IS 'planner support';
CREATE FUNCTION geocode_contains(geocode, geocode) RETURNS boolean AS 'MODULE_PATHNAME', 'geocode_contains'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT geocode_contains_support;
COMMENT ON FUNCTION geocode_contains(geocode, geocode) IS 'the first contains the second or is it';
CREATE FUNCTION geocode_contained(geocode, geocode) RETURNS boolean AS 'MODULE_PATHNAME', 'geocode_contained'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT geocode_contained_support;
COMMENT ON FUNCTION geocode_contained(geocode, geocode) IS 'the first lies in the second or is it';
CREATE OPERATOR @> (LEFTARG = geocode, RIGHTARG = geocode, FUNCTION = geocode_contains,
    COMMUTATOR = <@,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR @> (geocode, geocode) IS 'contains or is';
CREATE OPERATOR <@ (LEFTARG = geocode, RIGHTARG = geocode, FUNCTION = geocode_contained,
    COMMUTATOR = @>,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR <@ (geocode, geocode) IS 'lies in or is';
