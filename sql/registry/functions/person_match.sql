-- person_match.sql - an enrolment as ekok.match_score compares it, and what a pair of them is: the one judgement that the
-- sweep, the link of a new enrolment and the look-up share.

CREATE OR REPLACE FUNCTION registry.active_weights() RETURNS registry.weights LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$ SELECT w FROM registry.weights w WHERE w.active $$;
COMMENT ON FUNCTION registry.active_weights() IS 'The version of the weights that is in use.';

CREATE OR REPLACE FUNCTION registry.person_of(e registry.enrolment, held ekok.shared_evidence[] DEFAULT NULL) RETURNS ekok.person
LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ROW(e.name_bn, e.name_en, e.father_name, e.mother_name, e.birth_date, e.sex, e.geo, held)::ekok.person;
COMMENT ON FUNCTION registry.person_of(registry.enrolment, ekok.shared_evidence[]) IS 'An enrolment as ekok.match_score compares it. held: its evidence with the number of holders.';

CREATE OR REPLACE FUNCTION registry.tokens_of(e registry.enrolment) RETURNS bytea[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ARRAY[e.nid_token, e.brn_token, e.account_token, e.wallet_token, e.mobile_token];
COMMENT ON FUNCTION registry.tokens_of(registry.enrolment) IS 'The five tokens of an enrolment in the order of registry.evidence_kind.number; null where it gives none.';

-- What ekok.shared_evidence calls a kind: NIDs of 10 digits are held against those of 10, those of 13 or 17 against theirs.
CREATE OR REPLACE FUNCTION registry.held_kind(kind text, nid_digits smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN kind <> 'nid' THEN kind WHEN nid_digits = 10 THEN 'nid10' ELSE 'nid13' END;
COMMENT ON FUNCTION registry.held_kind(text, smallint) IS 'Kind of evidence as ekok.match_score tells them apart.';

-- Ranges of a key are ekok.evidence_of_key's now.
DROP FUNCTION IF EXISTS registry.first_of(bigint), registry.last_of(bigint);

CREATE OR REPLACE FUNCTION registry.records_of(ids uuid[]) RETURNS TABLE (id uuid, p ekok.person, tokens bytea[], list text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.id, registry.person_of(e, (
               SELECT array_agg(ROW(registry.held_kind(v.kind, e.nid_digits), v.key,
                                    (SELECT count(*) FROM registry.evidence h
                                     WHERE h.key OPERATOR(ekok.~) v.key)
                                   )::ekok.shared_evidence)
               FROM registry.evidence v WHERE v.enrolment_id = e.id)),
           registry.tokens_of(e), e.source || ' ' || e.programme
    FROM unnest(ids) AS u(id) JOIN registry.enrolment e ON e.id = u.id;
$$;
COMMENT ON FUNCTION registry.records_of(uuid[]) IS 'Enrolments with their evidence and its holders counted, ready to be compared.';

CREATE OR REPLACE FUNCTION registry.shared_kinds(x bytea[], y bytea[]) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(ARRAY[CASE WHEN x[1] = y[1] THEN 'nid' END, CASE WHEN x[2] = y[2] THEN 'brn' END,
        CASE WHEN x[3] = y[3] THEN 'account' END, CASE WHEN x[4] = y[4] THEN 'wallet' END, CASE WHEN x[5] = y[5] THEN 'mobile' END], NULL);
COMMENT ON FUNCTION registry.shared_kinds(bytea[], bytea[]) IS 'Kinds of which two enrolments (registry.tokens_of) have the same token, the strongest first. The tokens decide, not their hashes.';

-- What ekok.match_state asks of two persons' own numbers. The registry has tokens: it cannot see that one NID may be the other mistyped.
CREATE OR REPLACE FUNCTION registry.numbers_of(x bytea[], y bytea[], list_x text, list_y text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN x[1] IS NULL AND x[2] IS NULL OR y[1] IS NULL AND y[2] IS NULL THEN 'lacking'
                WHEN split_part(list_x, ' ', 2) = split_part(list_y, ' ', 2) THEN 'together' ELSE 'apart' END;
COMMENT ON FUNCTION registry.numbers_of(bytea[], bytea[], text, text) IS 'What two enrolments hold that share no NID or BRN, from their tokens (registry.tokens_of) and lists (source and programme): lacking, one holds neither; together, each holds one and both are in one programme; apart, each holds one.';

-- Levels as ekok.match_weights() counts them: name 4 nearly the same, 5 alike, 8 different; birth date 4 one digit
-- differs, 5 the same year and one written as 1 January, 7 years at most two apart; BRN 2 and 3 different.
-- test/pgtap/person.sql holds these numbers against the extension's.
DROP FUNCTION IF EXISTS registry.state_of(smallint[], text[], real, real, boolean);     -- as it was called before
CREATE OR REPLACE FUNCTION registry.state_of(levels smallint[], kinds text[], odds real[], one_list boolean, numbers text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN NOT kinds && '{nid,brn}' AND levels[1] = 8 AND levels[4] > 4 THEN CASE WHEN kinds <> '{}' THEN 'shared' END
        WHEN kinds && '{nid,brn}' AND ekok.match_state(levels, odds[1], odds[2], numbers) IN ('different', 'probable') THEN
            CASE WHEN levels[1] < 8 AND levels[4] < 8 THEN 'certain' ELSE 'probable' END
        ELSE CASE ekok.match_state(levels, odds[1], odds[2], numbers)
            WHEN 'certain' THEN CASE WHEN kinds && '{nid,brn}' OR levels[4] BETWEEN 1 AND 5 AND NOT one_list
                                          AND NOT (levels[8] > 1 AND ('mobile' = ANY (kinds) OR levels[1] > CASE kinds WHEN '{}' THEN 4 ELSE 3 END)) THEN 'certain' ELSE 'probable' END
            WHEN 'probable' THEN 'probable'
            WHEN 'apart' THEN CASE WHEN kinds && '{nid,brn}' OR odds[1] + odds[2] >= 7 THEN 'refuted' WHEN kinds <> '{}' THEN 'shared' END
            ELSE CASE WHEN kinds <> '{}' THEN 'shared' END END END;
COMMENT ON FUNCTION registry.state_of(smallint[], text[], real[], boolean, text) IS 'State of a match from its levels (ekok.match_levels), the numbers in common, odds (score and prior in bits), whether both stand in one programme of one source, and registry.numbers_of; null: no match. As ekok.match_state, but an NID or BRN in common is never nothing: certain unless the name differs or the birth years do by more than two, then a human is asked. Without NID or BRN in common: another name and another birth date are another member of the family, never asked about; nobody joins by likeness whose birth dates differ by more than a digit or a 1 January, whose BRNs differ while they share a telephone, or while the names only sound alike, or are only nearly the same where they share a wallet or account (twins), or who stand twice in one list: a human is asked. refuted: apart, with an NID or BRN in common or odds of 128 to 1.';

-- Twins whose names are the same or nearly. Where names tell them apart, who is like both has a name between theirs, and in simulated
-- registries was always one person with both: a name respelt twice.
CREATE OR REPLACE FUNCTION registry.twins_of(levels smallint[], kinds text[], numbers text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN levels[1] < 5 AND NOT kinds && '{nid,brn}' AND ekok.match_twins(levels, numbers);
COMMENT ON FUNCTION registry.twins_of(smallint[], text[], text) IS 'As registry.match.twins, from the levels of a pair, the numbers in common and registry.numbers_of.';
