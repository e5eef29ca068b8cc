-- Type evidence.
CREATE TYPE evidence;
CREATE FUNCTION evidence_in(cstring) RETURNS evidence AS 'MODULE_PATHNAME', 'evidence_in'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_in(cstring) IS 'I/O';
CREATE FUNCTION evidence_out(evidence) RETURNS cstring AS 'MODULE_PATHNAME', 'evidence_out'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_out(evidence) IS 'I/O';
CREATE FUNCTION evidence_recv(internal) RETURNS evidence AS 'MODULE_PATHNAME', 'evidence_recv'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_recv(internal) IS 'I/O, binary';
CREATE FUNCTION evidence_send(evidence) RETURNS bytea AS 'MODULE_PATHNAME', 'evidence_send'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_send(evidence) IS 'I/O, binary';
CREATE TYPE evidence (INPUT = evidence_in, OUTPUT = evidence_out, RECEIVE = evidence_recv, SEND = evidence_send,
    INTERNALLENGTH = 8, PASSEDBYVALUE, ALIGNMENT = double);
COMMENT ON TYPE evidence IS
    'one piece of evidence and the programme that holds it: 52 bits of hash, 12 bits of programme';

-- Comparison: as an unsigned number, so by key, then by programme.
CREATE FUNCTION evidence_lt(evidence, evidence) RETURNS boolean AS 'MODULE_PATHNAME', 'word_lt'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_lt(evidence, evidence) IS 'implementation of < operator';
CREATE FUNCTION evidence_le(evidence, evidence) RETURNS boolean AS 'MODULE_PATHNAME', 'word_le'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_le(evidence, evidence) IS 'implementation of <= operator';
CREATE FUNCTION evidence_eq(evidence, evidence) RETURNS boolean AS 'MODULE_PATHNAME', 'word_eq'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_eq(evidence, evidence) IS 'implementation of = operator';
CREATE FUNCTION evidence_ne(evidence, evidence) RETURNS boolean AS 'MODULE_PATHNAME', 'word_ne'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_ne(evidence, evidence) IS 'implementation of <> operator';
CREATE FUNCTION evidence_ge(evidence, evidence) RETURNS boolean AS 'MODULE_PATHNAME', 'word_ge'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_ge(evidence, evidence) IS 'implementation of >= operator';
CREATE FUNCTION evidence_gt(evidence, evidence) RETURNS boolean AS 'MODULE_PATHNAME', 'word_gt'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_gt(evidence, evidence) IS 'implementation of > operator';
CREATE FUNCTION evidence_cmp(evidence, evidence) RETURNS integer AS 'MODULE_PATHNAME', 'word_cmp'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_cmp(evidence, evidence) IS 'less-equal-greater: -1, 0 or 1';
CREATE FUNCTION evidence_sortsupport(internal) RETURNS void AS 'MODULE_PATHNAME', 'word_sortsupport'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_sortsupport(internal) IS 'sort support';
CREATE FUNCTION evidence_hash(evidence) RETURNS integer AS 'MODULE_PATHNAME', 'word_hash'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_hash(evidence) IS 'hash';
CREATE FUNCTION evidence_hash_extended(evidence, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME', 'word_hash_extended'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_hash_extended(evidence, bigint) IS 'hash, with a seed';

CREATE OPERATOR < (LEFTARG = evidence, RIGHTARG = evidence, FUNCTION = evidence_lt,
    COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR < (evidence, evidence) IS 'less than';
CREATE OPERATOR <= (LEFTARG = evidence, RIGHTARG = evidence, FUNCTION = evidence_le,
    COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR <= (evidence, evidence) IS 'less than or equal';
CREATE OPERATOR = (LEFTARG = evidence, RIGHTARG = evidence, FUNCTION = evidence_eq,
    COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR = (evidence, evidence) IS 'equal';
CREATE OPERATOR <> (LEFTARG = evidence, RIGHTARG = evidence, FUNCTION = evidence_ne,
    COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR <> (evidence, evidence) IS 'not equal';
CREATE OPERATOR >= (LEFTARG = evidence, RIGHTARG = evidence, FUNCTION = evidence_ge,
    COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR >= (evidence, evidence) IS 'greater than or equal';
CREATE OPERATOR > (LEFTARG = evidence, RIGHTARG = evidence, FUNCTION = evidence_gt,
    COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR > (evidence, evidence) IS 'greater than';

CREATE OPERATOR CLASS evidence_ops DEFAULT FOR TYPE evidence USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 evidence_cmp(evidence, evidence),
    FUNCTION 2 evidence_sortsupport(internal),
    FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS evidence_ops USING btree IS 'by key, then by programme';
COMMENT ON OPERATOR FAMILY evidence_ops USING btree IS 'by key, then by programme';
CREATE OPERATOR CLASS evidence_ops DEFAULT FOR TYPE evidence USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 evidence_hash(evidence),
    FUNCTION 2 evidence_hash_extended(evidence, bigint);
COMMENT ON OPERATOR CLASS evidence_ops USING hash IS 'equality of evidence values';
COMMENT ON OPERATOR FAMILY evidence_ops USING hash IS 'equality of evidence values';

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

