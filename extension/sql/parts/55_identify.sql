-- Pasted lists.
CREATE FUNCTION identify(given text) RETURNS TABLE (kind text, value text, ok boolean, reason text)
    AS 'MODULE_PATHNAME', 'identify'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 7;
COMMENT ON FUNCTION identify(text) IS
    'what could this number be, and why not the rest: one row for each kind, in fixed order';
