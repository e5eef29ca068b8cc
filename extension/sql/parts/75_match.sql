
-- Are two records one person?
CREATE FUNCTION match_levels(a person, b person) RETURNS smallint[]
    AS 'MODULE_PATHNAME', 'match_levels' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION match_levels(person, person) IS 'how far two persons agree in each of twelve fields: name, father, mother, birth date, sex, place, nid, brn, mobile, wallet, account, other. 0: missing in either; else a level of ekok.match_weights(), 1 the closest';
CREATE FUNCTION match_score(a person, b person, weights real[] DEFAULT NULL) RETURNS real
    AS 'MODULE_PATHNAME', 'match_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION match_score(person, person, real[]) IS 'how much more likely what two persons have in common is if they are one than if they are two: log2 of the ratio, in bits, the sum over the fields (Fellegi and Sunter 1969). weights: bits of each level in the order of ekok.match_weights(), NULL for the compiled-in estimates; error 22023 unless there is one of each. NULL when a person is NULL';
CREATE FUNCTION match_bits(levels smallint[], weights real[] DEFAULT NULL) RETURNS real
    AS 'MODULE_PATHNAME', 'match_bits' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION match_bits(smallint[], real[]) IS 'the score, in bits, of levels that ekok.match_levels found; error 22023 for what are none';
CREATE FUNCTION match_prior(records bigint) RETURNS real
    AS 'MODULE_PATHNAME', 'match_prior' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION match_prior(bigint) IS 'prior odds in bits that two of so many records are one person: -log2(records), an estimate, as if each had one other; -1 below three records';
CREATE FUNCTION match_probability(score real, prior real) RETURNS double precision
    AS 'MODULE_PATHNAME', 'match_probability' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION match_probability(real, real) IS 'the chance, from 0 to 1, that two records are one person: score and prior odds, both in bits, together';
CREATE FUNCTION match_contradiction(levels smallint[]) RETURNS text
    AS 'MODULE_PATHNAME', 'match_contradiction' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION match_contradiction(smallint[]) IS 'what keeps two records apart whatever their score: nid (different numbers of one length), sex, twin (same birth date and a parent, another name, no number in common); NULL when nothing does';
CREATE FUNCTION match_state(levels smallint[], score real, prior real, numbers text DEFAULT NULL) RETURNS text
    AS 'MODULE_PATHNAME', 'match_state' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION match_state(smallint[], real, real, text) IS 'what a score allows, prior from ekok.match_prior: apart (a contradiction), different (posterior odds below even), probable (for a human to decide), certain (odds of 128 to 1 or better, a name that does not differ, more in common than name, sex and place, and nothing that brothers, sisters, cousins or twins may have as well: another birth date, or near names with one day and parent, without a number of one''s own; or the same NID or BRN unless name and birth year both differ). numbers, of two that share no NID or BRN: apart (each holds one: with one day, parent and telephone a human decides), together (apart, and both in one programme that keeps each person once: a human decides), lacking (one holds none: near names with one day and parent may be certain); NULL: not known. NULL when another argument is; error 22023 for anything else';
CREATE FUNCTION match_twins(levels smallint[], numbers text DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'match_twins' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION match_twins(smallint[], text) IS 'whether two are to each other what twins are: the contradiction twin, or one day, a parent and a telephone in common and a number of each one''s own, or two numbers in one programme. Likeness joins neither to the other, nor to who is like both. numbers: as for ekok.match_state';
CREATE FUNCTION match_explain(a person, b person, weights real[] DEFAULT NULL, language text DEFAULT 'en')
    RETURNS TABLE (field text, bits real, explanation text)
    AS 'MODULE_PATHNAME', 'match_explain' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 12;
COMMENT ON FUNCTION match_explain(person, person, real[], text) IS 'why: a row for each field that both persons have, and one for a contradiction, in English (en) or Bengali (bn), else error 22023; names and numbers are not repeated';
CREATE FUNCTION match_weights(OUT place integer, OUT field text, OUT level smallint, OUT name text, OUT m real, OUT u real,
    OUT bits real, OUT english text, OUT bengali text) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'match_weights' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 60;
COMMENT ON FUNCTION match_weights() IS 'all levels in the order of an array of weights, with the compiled-in shares among records of one person (m) and of two (u), estimates, and the bits they make';
CREATE FUNCTION match_fit(levels smallint[], counts bigint[], known_u real[] DEFAULT NULL, rounds_max integer DEFAULT 100,
    OUT weights real[], OUT prior double precision, OUT m real[], OUT u real[], OUT rounds integer, OUT settled boolean)
    AS 'MODULE_PATHNAME', 'match_fit' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION match_fit(smallint[], bigint[], real[], integer) IS 'weights learnt from pairs: levels, a row of twelve for each pattern seen (array_agg of ekok.match_levels), counts of pairs with each. Expectation and maximisation from the compiled-in estimates, fields independent; known_u: shares among pairs drawn at random, then not learnt. settled: no share and not the prior moved by more than a millionth in the last round, of rounds_max (1 to 1000) at most. A level too rare for the sample is drawn towards its compiled-in share, so none gets infinite weight; weights lie within -20 and 30 bits. Errors 22023 and 22004 for arrays that do not fit together';

-- Fuzzy evidence.
CREATE FUNCTION blocking_keys(p person, programme integer, OUT kind text, OUT key evidence) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'blocking_keys' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 24;
COMMENT ON FUNCTION blocking_keys(person, integer) IS 'evidence under which records of one person meet though names and dates are written differently: sound keys with birth dates, parents and places. Who shares a key is to be compared, not believed. programme 0 to 4095, 0 for none, else error 22003';
CREATE FUNCTION blocking_kinds(OUT kind text, OUT finer text, OUT most integer) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'blocking_kinds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 18;
COMMENT ON FUNCTION blocking_kinds() IS 'the kinds of ekok.blocking_keys: a key that more than `most` records hold is too common to compare them all, and kind finer takes over for them; NULL: the key says nothing then';
