--: type.sql cast.sql mask.sql extreme.sql
--:   TYPE = bank_account
--:   IN = cstring
--:   RECV = internal
--:   WORD = word
--:   IMAGE = pg_catalog.btequalimage
--:   COMMENT = bank account of 8 to 17 digits; zeros in front count
--:   ORDER = by count of digits, then by value

CREATE FUNCTION length(bank_account) RETURNS integer AS 'MODULE_PATHNAME', 'bank_account_length'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION length(bank_account) IS 'count of digits, 8 to 17';
