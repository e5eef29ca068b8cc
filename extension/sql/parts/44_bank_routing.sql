--: type.sql cast.sql mask.sql extreme.sql bigint.sql integer.sql
--:   TYPE = bank_routing
--:   IN = cstring
--:   RECV = internal
--:   WORD = word
--:   IMAGE = pg_catalog.btequalimage
--:   COMMENT = bank routing number of 9 digits that passes the 5-7-1 check, a rule inferred from published numbers
--:   ORDER = by number
--:   BIGINT = 9 digits; a number that lost zeros in front is refused: see pad_routing()

CREATE FUNCTION pad_routing(text) RETURNS bank_routing AS 'MODULE_PATHNAME', 'bank_routing_pad'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION pad_routing(text) IS
    'a routing number of 7 to 9 digits, with zeros put back in front; the check finds most numbers that lost something else';
CREATE FUNCTION bank(bank_routing) RETURNS text AS 'MODULE_PATHNAME', 'bank_routing_bank'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION bank(bank_routing) IS 'bank, 3 digits';
CREATE FUNCTION district(bank_routing) RETURNS text AS 'MODULE_PATHNAME', 'bank_routing_district'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION district(bank_routing) IS
    'district as routing numbers have it, 2 digits; not always the code of BBS';
CREATE FUNCTION branch(bank_routing) RETURNS text AS 'MODULE_PATHNAME', 'bank_routing_branch'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION branch(bank_routing) IS 'branch within bank and district, 3 digits';
