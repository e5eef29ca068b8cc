-- Verify ekok:household_source on pg

BEGIN;

SELECT id, source, record_id, household_id, status, name_bn, name_en, sex, birth_date, geo, nid_digits, nid_sealed, nid_token, brn_sealed,
       brn_token, pmt, surveyed_on, row_mac, first_run, last_run, created_at, changed_at FROM registry.household_member WHERE false;
SELECT programme, division, below, valid_years, source, confidence FROM registry.pmt_cutoff WHERE false;
SELECT NULL::etl.stage_member_shape;

ROLLBACK;
