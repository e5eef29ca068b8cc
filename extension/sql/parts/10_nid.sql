--: type.sql cast.sql mask.sql
--:   TYPE = nid
--:   IN = cstring, oid, integer
--:   RECV = internal, oid, integer
--:   WORD = word
--:   IMAGE = pg_catalog.btequalimage
--:   COMMENT = national identity number of 10, 13 or 17 ASCII or Bengali digits; spaces and hyphens are skipped
--:   ORDER = by count of digits, then by value

-- What a card tells.
CREATE FUNCTION nid_length(nid) RETURNS integer AS 'MODULE_PATHNAME', 'nid_length'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_length(nid) IS 'count of digits: 10, 13 or 17';
CREATE FUNCTION check_digit_ok(nid) RETURNS boolean AS 'MODULE_PATHNAME', 'nid_check_digit_ok'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION check_digit_ok(nid) IS
    'does the Luhn check digit (inferred rule) of a 10-digit number hold; NULL for 13 and 17 digits';
CREATE FUNCTION birth_year(nid) RETURNS integer AS 'MODULE_PATHNAME', 'nid_birth_year'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION birth_year(nid) IS 'birth year inside a 17-digit number; NULL for 10 and 13 digits';
CREATE FUNCTION same_card(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'nid_same_card'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION same_card(nid, nid) IS 'can be the same card: equal, or 13 digits inside 17';
CREATE OPERATOR ~= (LEFTARG = nid, RIGHTARG = nid, FUNCTION = same_card,
    COMMUTATOR = ~=,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR ~= (nid, nid) IS 'can be the same card: equal, or 13 digits inside 17; not transitive';

