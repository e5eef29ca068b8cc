-- Revert ekok:household_source from pg

BEGIN;

DROP FUNCTION IF EXISTS etl.merge_member_page(bigint, int, text, bytea, bigint, int);
DROP FUNCTION IF EXISTS etl.merge_staged_members(bigint, int, text, bytea, bigint, int);
DROP FUNCTION IF EXISTS etl.resolve_members(bigint, bigint[], uuid[], bigint[]);
DROP FUNCTION IF EXISTS registry.check_pmt(text);
DROP VIEW IF EXISTS report.pmt;
DROP TYPE etl.stage_member_shape;
DROP TABLE registry.pmt_cutoff, registry.household_member;

COMMIT;
