
-- Search by evidence: ~ is one range of a btree index, and all that is known of several keys comes in one call.
CREATE FUNCTION evidence_first(evidence) RETURNS evidence AS 'MODULE_PATHNAME', 'evidence_first'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_first(evidence) IS 'the least evidence of the same key: programme 0';
CREATE FUNCTION evidence_last(evidence) RETURNS evidence AS 'MODULE_PATHNAME', 'evidence_last'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_last(evidence) IS 'the greatest evidence of the same key: programme 4095';
CREATE FUNCTION evidence_of_key(evidence_key bigint, programme integer DEFAULT 0) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_of_key'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_of_key(bigint, integer) IS
    'evidence of a key, 0 to 4503599627370495, as evidence_key() and double_dips() give it';
CREATE FUNCTION same_evidence_support(internal) RETURNS internal AS 'MODULE_PATHNAME', 'evidence_same_support'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION same_evidence_support(internal) IS
    'planner support: ~ is the range of a btree index from evidence_first() to evidence_last()';

-- Objects of older parts. A key is about as selective as one of its evidences, so equality's estimates serve; and the
-- two parts of an evidence show nothing but by their result. Constructors stay as they are: their errors tell a
-- programme's number.
ALTER FUNCTION same_evidence(evidence, evidence) SUPPORT same_evidence_support;
ALTER OPERATOR ~ (evidence, evidence) SET (RESTRICT = eqsel, JOIN = eqjoinsel);
ALTER FUNCTION evidence_key(evidence) LEAKPROOF;
ALTER FUNCTION programme(evidence) LEAKPROOF;

CREATE FUNCTION holders(index regclass, keys evidence[])
    RETURNS TABLE (evidence_key bigint, programme integer, "row" tid) AS 'MODULE_PATHNAME', 'holders'
    LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 10 ROWS 10;
COMMENT ON FUNCTION holders(regclass, evidence[]) IS
    'every row whose evidence has the key of one of those given, whatever the programme of either; in order of key, then programme; each different key is looked up once, NULLs are passed over; row is its ctid, good in the same snapshot; needs SELECT on the table, refuses what double_dips() refuses';
