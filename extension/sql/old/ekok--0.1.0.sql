-- ekok 0.1.0, kept as it was released: an older registry begins here and goes on by ALTER EXTENSION ekok UPDATE.
\echo Use "CREATE EXTENSION ekok" to load this file. \quit

-- Type nid.
CREATE TYPE nid;
CREATE FUNCTION nid_in(cstring) RETURNS nid AS 'MODULE_PATHNAME', 'nid_in'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_in(cstring) IS 'I/O';
CREATE FUNCTION nid_out(nid) RETURNS cstring AS 'MODULE_PATHNAME', 'nid_out'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_out(nid) IS 'I/O';
CREATE FUNCTION nid_recv(internal) RETURNS nid AS 'MODULE_PATHNAME', 'nid_recv'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_recv(internal) IS 'I/O, binary';
CREATE FUNCTION nid_send(nid) RETURNS bytea AS 'MODULE_PATHNAME', 'nid_send'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_send(nid) IS 'I/O, binary';
CREATE TYPE nid (INPUT = nid_in, OUTPUT = nid_out, RECEIVE = nid_recv, SEND = nid_send,
    INTERNALLENGTH = 8, PASSEDBYVALUE, ALIGNMENT = double);
COMMENT ON TYPE nid IS
    'national identity number of 10, 13 or 17 ASCII or Bengali digits; spaces and hyphens are skipped';

CREATE CAST (text AS nid) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS nid) IS 'reads a national identity number, on assignment too';
CREATE CAST (nid AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (nid AS text) IS 'ASCII digits, without spaces';

-- Comparison: by count of digits, then by value.
CREATE FUNCTION nid_lt(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'word_lt'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_lt(nid, nid) IS 'implementation of < operator';
CREATE FUNCTION nid_le(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'word_le'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_le(nid, nid) IS 'implementation of <= operator';
CREATE FUNCTION nid_eq(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'word_eq'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_eq(nid, nid) IS 'implementation of = operator';
CREATE FUNCTION nid_ne(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'word_ne'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_ne(nid, nid) IS 'implementation of <> operator';
CREATE FUNCTION nid_ge(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'word_ge'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_ge(nid, nid) IS 'implementation of >= operator';
CREATE FUNCTION nid_gt(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'word_gt'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_gt(nid, nid) IS 'implementation of > operator';
CREATE FUNCTION nid_cmp(nid, nid) RETURNS integer AS 'MODULE_PATHNAME', 'word_cmp'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_cmp(nid, nid) IS 'less-equal-greater: -1, 0 or 1';
CREATE FUNCTION nid_sortsupport(internal) RETURNS void AS 'MODULE_PATHNAME', 'word_sortsupport'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION nid_sortsupport(internal) IS 'sort support';
CREATE FUNCTION nid_hash(nid) RETURNS integer AS 'MODULE_PATHNAME', 'word_hash'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_hash(nid) IS 'hash';
CREATE FUNCTION nid_hash_extended(nid, bigint) RETURNS bigint AS 'MODULE_PATHNAME', 'word_hash_extended'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION nid_hash_extended(nid, bigint) IS 'hash, with a seed';

CREATE OPERATOR < (LEFTARG = nid, RIGHTARG = nid, FUNCTION = nid_lt,
    COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
COMMENT ON OPERATOR < (nid, nid) IS 'less than';
CREATE OPERATOR <= (LEFTARG = nid, RIGHTARG = nid, FUNCTION = nid_le,
    COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
COMMENT ON OPERATOR <= (nid, nid) IS 'less than or equal';
CREATE OPERATOR = (LEFTARG = nid, RIGHTARG = nid, FUNCTION = nid_eq,
    COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR = (nid, nid) IS 'equal';
CREATE OPERATOR <> (LEFTARG = nid, RIGHTARG = nid, FUNCTION = nid_ne,
    COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR <> (nid, nid) IS 'not equal';
CREATE OPERATOR >= (LEFTARG = nid, RIGHTARG = nid, FUNCTION = nid_ge,
    COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR >= (nid, nid) IS 'greater than or equal';
CREATE OPERATOR > (LEFTARG = nid, RIGHTARG = nid, FUNCTION = nid_gt,
    COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
COMMENT ON OPERATOR > (nid, nid) IS 'greater than';

CREATE OPERATOR CLASS nid_ops DEFAULT FOR TYPE nid USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 nid_cmp(nid, nid),
    FUNCTION 2 nid_sortsupport(internal),
    FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS nid_ops USING btree IS 'by count of digits, then by value';
COMMENT ON OPERATOR FAMILY nid_ops USING btree IS 'by count of digits, then by value';
CREATE OPERATOR CLASS nid_ops DEFAULT FOR TYPE nid USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 nid_hash(nid),
    FUNCTION 2 nid_hash_extended(nid, bigint);
COMMENT ON OPERATOR CLASS nid_ops USING hash IS 'equality of nid values';
COMMENT ON OPERATOR FAMILY nid_ops USING hash IS 'equality of nid values';

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
CREATE FUNCTION mask(nid) RETURNS text AS 'MODULE_PATHNAME', 'nid_mask'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mask(nid) IS 'all but the last three digits hidden';
CREATE FUNCTION same_card(nid, nid) RETURNS boolean AS 'MODULE_PATHNAME', 'nid_same_card'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION same_card(nid, nid) IS 'can be the same card: equal, or 13 digits inside 17';
CREATE OPERATOR ~= (LEFTARG = nid, RIGHTARG = nid, FUNCTION = same_card,
    COMMUTATOR = ~=,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR ~= (nid, nid) IS 'can be the same card: equal, or 13 digits inside 17; not transitive';

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

-- The sweep over an ordinary btree index.
CREATE FUNCTION double_dips(index regclass, min_programmes integer DEFAULT 2)
    RETURNS TABLE (evidence_key bigint, programmes integer[], rows tid[]) AS 'MODULE_PATHNAME', 'double_dips'
    LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 100000;
COMMENT ON FUNCTION double_dips(regclass, integer) IS
    'every evidence key held by min_programmes or more programmes, with all its rows, in order of key';
