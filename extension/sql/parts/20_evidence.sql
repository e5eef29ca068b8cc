--: type.sql
--:   TYPE = evidence
--:   IN = cstring
--:   RECV = internal
--:   WORD = word
--:   IMAGE = pg_catalog.btequalimage
--:   COMMENT = one piece of evidence and the programme that holds it: 52 bits of hash, 12 bits of programme
--:   ORDER = by key, then by programme

-- Constructors and parts.
CREATE FUNCTION evidence(kind text, token bytea, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_bytes'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(text, bytea, integer) IS 'evidence of a kind from a keyed token';
CREATE FUNCTION evidence(kind text, value text, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_bytes'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(text, text, integer) IS
    'evidence of a kind from a clear value, used as it is written';
CREATE FUNCTION evidence(number nid, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_nid'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(nid, integer) IS
    'evidence of kind nid; 13 and 17 digits of one card give the same key';
CREATE FUNCTION evidence_key(evidence) RETURNS bigint AS 'MODULE_PATHNAME', 'evidence_key'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_key(evidence) IS 'the 52 bits shared by all programmes that hold this evidence';
CREATE FUNCTION programme(evidence) RETURNS integer AS 'MODULE_PATHNAME', 'evidence_programme'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION programme(evidence) IS 'number of the programme, 0 to 4095';
CREATE FUNCTION same_evidence(evidence, evidence) RETURNS boolean AS 'MODULE_PATHNAME', 'evidence_same'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION same_evidence(evidence, evidence) IS 'same evidence, any programme';
CREATE OPERATOR ~ (LEFTARG = evidence, RIGHTARG = evidence, FUNCTION = same_evidence,
    COMMUTATOR = ~,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR ~ (evidence, evidence) IS 'same evidence, any programme';

