-- Revert ekok:flow from pg
-- Place codes by a regular expression, references looked up for each row of evidence; sql/apply.sql of the version before
-- makes the functions that are dropped.

BEGIN;

SET LOCAL ROLE ekok_owner;

DROP FUNCTION IF EXISTS etl.stands_in_place(etl.page_content), etl.stands(etl.page_content), etl.add_new(text, bigint, text[], uuid[], boolean),
    etl.write_records(text, bigint, int, text[], boolean, boolean), etl.write_others(text, bigint, text[], uuid[], boolean, boolean),
    etl.keep_staged_households(text), registry.write_households(text, text[], text[]);
ALTER TABLE etl.page_content DROP COLUMN places;
ALTER TABLE registry.enrolment DROP CONSTRAINT enrolment_geo_form,
    ADD CONSTRAINT enrolment_geo_form CHECK (geo ~ '^([0-9]{2}){1,4}$');
ALTER TABLE registry.household DROP CONSTRAINT household_geo_form,
    ADD CONSTRAINT household_geo_form CHECK (geo ~ '^([0-9]{2}){1,4}$');

CREATE OR REPLACE FUNCTION registry.check_references() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'evidence' THEN
        IF EXISTS (SELECT FROM new_rows n
                   WHERE NOT EXISTS (SELECT FROM registry.enrolment e WHERE e.id = n.enrolment_id)) THEN
            RAISE 'evidence of an enrolment that does not exist' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM (SELECT DISTINCT n.source FROM new_rows n) n
               WHERE NOT EXISTS (SELECT FROM etl.source s WHERE s.code = n.source)) THEN
        RAISE 'a row of %.% names a source that does not exist', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', HINT = 'Sources stand in etl.source.';
    ELSIF TG_TABLE_NAME = 'enrolment' THEN
        IF EXISTS (SELECT FROM (SELECT DISTINCT n.programme FROM new_rows n) n
                   WHERE NOT EXISTS (SELECT FROM registry.programme p WHERE p.code = n.programme)) THEN
            RAISE 'an enrolment names a programme that does not exist'
                USING ERRCODE = 'foreign_key_violation', HINT = 'Programmes stand in registry.programme.';
        END IF;
    END IF;
    RETURN NULL;
END $$;

COMMIT;
