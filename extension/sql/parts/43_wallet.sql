--: type.sql cast.sql mask.sql extreme.sql
--:   TYPE = wallet
--:   IN = cstring
--:   RECV = internal
--:   WORD = word
--:   IMAGE = pg_catalog.btequalimage
--:   COMMENT = mobile money wallet: provider (bKash, Nagad, Rocket, upay) and number, as BKASH:01712345678
--:   ORDER = by provider, then by number

CREATE FUNCTION wallet(provider text, number text) RETURNS wallet AS 'MODULE_PATHNAME', 'wallet_make'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION wallet(text, text) IS 'wallet of a provider and a number';
CREATE FUNCTION provider(wallet) RETURNS text AS 'MODULE_PATHNAME', 'wallet_provider'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION provider(wallet) IS 'BKASH, NAGAD, ROCKET or UPAY';
CREATE FUNCTION msisdn(wallet) RETURNS msisdn AS 'MODULE_PATHNAME', 'wallet_msisdn'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION msisdn(wallet) IS 'the mobile number behind it';
CREATE FUNCTION number(wallet) RETURNS text AS 'MODULE_PATHNAME', 'wallet_number'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION number(wallet) IS 'the number as the provider writes it: 11 digits, for Rocket 12';
CREATE FUNCTION same_mobile(wallet, wallet) RETURNS boolean AS 'MODULE_PATHNAME', 'wallet_same_mobile'
    LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION same_mobile(wallet, wallet) IS 'the same mobile number under any provider';
CREATE OPERATOR ~= (LEFTARG = wallet, RIGHTARG = wallet, FUNCTION = same_mobile,
    COMMUTATOR = ~=,
    RESTRICT = matchingsel, JOIN = matchingjoinsel);
COMMENT ON OPERATOR ~= (wallet, wallet) IS 'the same mobile number under any provider';
