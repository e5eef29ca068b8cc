-- Verify ekok:enrolment on pg

BEGIN;

SELECT id, source, household_key, geo FROM registry.household WHERE false;
SELECT id, source, record_id, programme, status, name_bn, name_en, father_name, mother_name, sex, birth_date, geo,
       household, amount_paisa, enrolled_on, nid_digits, nid_sealed, nid_token, brn_sealed, brn_token, mobile_sealed,
       mobile_token, wallet_provider, wallet_sealed, wallet_token, account_sealed, account_token, routing, row_mac,
       first_run, last_run, created_at, changed_at FROM registry.enrolment WHERE false;
SELECT enrolment_id, kind, key FROM registry.evidence WHERE false;
SELECT 'registry.evidence_key_idx'::regclass;
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'audit\_%' AND tgenabled = 'A'
        AND tgrelid IN ('registry.enrolment'::regclass, 'registry.household'::regclass)) <> 8 THEN
        RAISE 'enrolments or households are not audited';
    END IF;
    IF (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'A'
        AND tgfoid IN ('registry.check_references()'::regprocedure, 'registry.check_gone()'::regprocedure)) <> 9 THEN
        RAISE 'a reference is not checked';
    END IF;
END $$;

ROLLBACK;
