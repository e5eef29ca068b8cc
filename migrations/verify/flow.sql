-- Verify ekok:flow on pg

BEGIN;

SELECT places FROM etl.page_content WHERE false;
DO $$ BEGIN
    IF (SELECT count(*) FROM pg_constraint c WHERE c.conname IN ('enrolment_geo_form', 'household_geo_form')
                                               AND pg_get_constraintdef(c.oid) LIKE '%btrim%' AND c.convalidated) <> 2 THEN
        RAISE 'the forms of place codes are not those of this change';
    ELSIF pg_get_functiondef('registry.check_references()'::regprocedure) NOT LIKE '%DISTINCT n.enrolment_id%' THEN
        RAISE 'registry.check_references looks an enrolment up for each of its evidence';
    END IF;
END $$;

ROLLBACK;
