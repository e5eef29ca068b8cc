
-- A table of one's own, de-duplicated.
CREATE FUNCTION dedupe(records regclass, columns jsonb DEFAULT NULL, weights real[] DEFAULT NULL, OUT record text, OUT at tid,
    OUT cluster bigint, OUT members integer, OUT score real, OUT basis text) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'dedupe' LANGUAGE C STABLE;
COMMENT ON FUNCTION dedupe(regclass, jsonb, real[]) IS 'Every record of a table, view or foreign table that stands for a person who has another one there, exact and fuzzy: its id (the column mapped to id, else its TID), its TID (NULL where a view has none), the cluster it belongs to (numbers mean nothing beyond one answer), how many records that holds, the score in bits of its best link within the cluster and the fields that speak for that. columns: {meaning: column} or {meaning: [column, ...]} for id, name, name_bn, name_en, father, mother, birth_date, sex, place, nid, brn, mobile, wallet, account, other, programme; NULL: columns called so. weights: as for ekok.match_score; NULL: the compiled-in ones, how often values agree by chance fitted to the table where it has 1000 records or more. Reads under the rights and policies of the caller, writes nothing. Memory stays below maintenance_work_mem, error 53400 where that is too little';
CREATE FUNCTION dedupe_pairs(records regclass, columns jsonb DEFAULT NULL, weights real[] DEFAULT NULL, OUT a text, OUT b text,
    OUT at_a tid, OUT at_b tid, OUT state text, OUT score real, OUT probability double precision, OUT basis text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'dedupe_pairs' LANGUAGE C STABLE;
COMMENT ON FUNCTION dedupe_pairs(regclass, jsonb, real[]) IS 'The pairs behind ekok.dedupe, which see for its arguments: both records, state certain (joined), probable (for a human to decide: as likely one person as two, or more so, but not sure, or sure but contradicted by another record of the cluster) or shared (an identifier in common, though two persons, it seems), the score in bits, the chance from 0 to 1 that they are one person, and the fields that speak for it';
