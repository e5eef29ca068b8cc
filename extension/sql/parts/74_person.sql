
-- Persons as they are compared.
CREATE TYPE shared_evidence AS (kind text, key evidence, holders integer);
COMMENT ON TYPE shared_evidence IS 'a piece of evidence that a person holds, as ekok.match_score weighs it';
COMMENT ON COLUMN shared_evidence.kind IS 'nid10, nid13 (cards of 13 and 17 digits), nid (length not known), brn, mobile, wallet, account; any other is compared as another number';
COMMENT ON COLUMN shared_evidence.key IS 'evidence of the number or of its token; its programme tells twins, two birth registrations in one programme, from one child registered twice; 0: not known';
COMMENT ON COLUMN shared_evidence.holders IS 'records that hold this evidence; NULL or 0: not known, taken for few';
CREATE TYPE person AS (name_bn text, name_en text, father text, mother text, birth_date date, sex text, place text,
    evidence shared_evidence[]);
COMMENT ON TYPE person IS 'what is known of a person, as ekok.match_score compares it; NULL: not known, which speaks neither for nor against';
COMMENT ON COLUMN person.name_bn IS 'name, in either script, at most 1024 bytes; longer or without letters: not known';
COMMENT ON COLUMN person.name_en IS 'name again, in the other script';
COMMENT ON COLUMN person.father IS 'name of the father, in either script';
COMMENT ON COLUMN person.mother IS 'name of the mother, in either script';
COMMENT ON COLUMN person.birth_date IS 'birth date; before 1850, after 2199 or infinite: not known. 1 January is what is written for a day that nobody knows';
COMMENT ON COLUMN person.sex IS 'female, male or other in English or Bengali, by word or letter; anything else: not known';
COMMENT ON COLUMN person.place IS 'P-code of 2, 4, 6 or 8 digits; any other text is compared as the name of a place';
COMMENT ON COLUMN person.evidence IS 'evidence held, the first 64';
