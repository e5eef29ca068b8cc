-- The ends of a key's range as a type of their own: PostgreSQL takes two comparisons with what it cannot know for half a percent of
-- the table, whatever is compared. Comparisons with an end of a key have an estimate of their own: together those of one key.
CREATE TYPE evidence_bound;
CREATE FUNCTION evidence_bound_in(cstring) RETURNS evidence_bound AS 'MODULE_PATHNAME', 'evidence_in'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_bound_in(cstring) IS 'I/O';
CREATE FUNCTION evidence_bound_out(evidence_bound) RETURNS cstring AS 'MODULE_PATHNAME', 'evidence_out'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_bound_out(evidence_bound) IS 'I/O';
CREATE TYPE evidence_bound (INPUT = evidence_bound_in, OUTPUT = evidence_bound_out, LIKE = evidence);
COMMENT ON TYPE evidence_bound IS
    'an end of the range of one key of evidence; made by the planner for ~, of no use in tables';

CREATE FUNCTION evidence_first_bound(evidence) RETURNS evidence_bound AS 'MODULE_PATHNAME', 'evidence_first'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_first_bound(evidence) IS 'evidence_first() as an end of the range';
CREATE FUNCTION evidence_last_bound(evidence) RETURNS evidence_bound AS 'MODULE_PATHNAME', 'evidence_last'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_last_bound(evidence) IS 'evidence_last() as an end of the range';
CREATE FUNCTION evidence_ge_bound(evidence, evidence_bound) RETURNS boolean AS 'MODULE_PATHNAME', 'word_ge'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_ge_bound(evidence, evidence_bound) IS 'implementation of >= operator';
CREATE FUNCTION evidence_le_bound(evidence, evidence_bound) RETURNS boolean AS 'MODULE_PATHNAME', 'word_le'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_le_bound(evidence, evidence_bound) IS 'implementation of <= operator';
CREATE FUNCTION evidence_bound_cmp(evidence, evidence_bound) RETURNS integer AS 'MODULE_PATHNAME', 'word_cmp'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION evidence_bound_cmp(evidence, evidence_bound) IS 'less-equal-greater: -1, 0 or 1';

CREATE FUNCTION evidence_from_sel(internal, oid, internal, integer) RETURNS double precision
    AS 'MODULE_PATHNAME', 'evidence_from_sel' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_from_sel(internal, oid, internal, integer) IS
    'restriction selectivity of >= an end: the whole range''s, that of equality';
CREATE FUNCTION evidence_to_sel(internal, oid, internal, integer) RETURNS double precision
    AS 'MODULE_PATHNAME', 'evidence_to_sel' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence_to_sel(internal, oid, internal, integer) IS
    'restriction selectivity of <= an end: 1, as >= the other end of the range tells it all';

CREATE OPERATOR >= (LEFTARG = evidence, RIGHTARG = evidence_bound, FUNCTION = evidence_ge_bound, RESTRICT = evidence_from_sel);
COMMENT ON OPERATOR >= (evidence, evidence_bound) IS 'not before the range; made by the planner for ~';
CREATE OPERATOR <= (LEFTARG = evidence, RIGHTARG = evidence_bound, FUNCTION = evidence_le_bound, RESTRICT = evidence_to_sel);
COMMENT ON OPERATOR <= (evidence, evidence_bound) IS 'not behind the range; made by the planner for ~';

-- Loose members of the family, and only what an index condition of the two operators needs: nobody else is to write them.
ALTER OPERATOR FAMILY evidence_ops USING btree ADD
    OPERATOR 4 >= (evidence, evidence_bound), OPERATOR 2 <= (evidence, evidence_bound),
    FUNCTION 1 (evidence, evidence_bound) evidence_bound_cmp(evidence, evidence_bound);
