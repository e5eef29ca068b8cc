-- Type evidence since 0.2.0: from every identifier of a person, as the registry makes it; casts, smallest and largest.
--: cast.sql extreme.sql
--:   TYPE = evidence
--:   WORD = word

CREATE FUNCTION evidence(number brn, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_brn'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(brn, integer) IS 'evidence of kind brn; converted or not gives the same key';
CREATE FUNCTION evidence(number msisdn, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_msisdn'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(msisdn, integer) IS 'evidence of kind mobile';
CREATE FUNCTION evidence(number wallet, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_wallet'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(wallet, integer) IS 'evidence of kind wallet; without Rocket''s last digit';
CREATE FUNCTION evidence(number tin, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_tin'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(tin, integer) IS 'evidence of kind tin';
CREATE FUNCTION evidence(number bank_account, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_account'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(bank_account, integer) IS
    'evidence of kind account; of an account whose bank is not known';
CREATE FUNCTION evidence(branch bank_routing, number bank_account, programme integer) RETURNS evidence
    AS 'MODULE_PATHNAME', 'evidence_from_branch_account'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION evidence(bank_routing, bank_account, integer) IS
    'evidence of kind account, of an account at a branch';
