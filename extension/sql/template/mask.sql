
CREATE FUNCTION mask(@TYPE@) RETURNS text AS 'MODULE_PATHNAME', '@TYPE@_mask'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mask(@TYPE@) IS 'the text form with all digits but the last four hidden';
