--: type.sql cast.sql mask.sql extreme.sql bigint.sql integer.sql
--:   TYPE = msisdn
--:   IN = cstring
--:   RECV = internal
--:   WORD = word
--:   IMAGE = pg_catalog.btequalimage
--:   COMMENT = mobile number of the series 013 to 019, in any way of writing it; kept and written as 8801XXXXXXXXX
--:   ORDER = by number
--:   BIGINT = 13 digits with 880, or 10 where the 0 in front was lost

CREATE FUNCTION operator_prefix(msisdn) RETURNS text AS 'MODULE_PATHNAME', 'msisdn_operator_prefix'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION operator_prefix(msisdn) IS
    '013 to 019: who gave the number out; numbers are portable, so not who serves it today';
