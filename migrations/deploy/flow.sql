-- Deploy ekok:flow to pg
-- Promises the same checks of references and of place codes as before at a lower price a row, and a page's memory of where
-- its enrolments lie, so that an unchanged page is compared without an index look-up a record (docs/adr/0025).

BEGIN;

SET LOCAL ROLE ekok_owner;

ALTER TABLE etl.page_content ADD COLUMN places tid[];
ALTER TABLE etl.page_content ALTER COLUMN places SET STORAGE EXTERNAL;
COMMENT ON COLUMN etl.page_content.places IS 'Where the enrolments of ids lay when they were last found by their ids; null: not looked for yet. A hint: what lies there is compared, and found by id where it does not.';

-- Digits in pairs, one to four of them: a regular expression cost three microseconds a row.
ALTER TABLE registry.enrolment DROP CONSTRAINT enrolment_geo_form,
    ADD CONSTRAINT enrolment_geo_form CHECK (octet_length(geo) IN (2, 4, 6, 8) AND btrim(geo, '0123456789') = '');
ALTER TABLE registry.household DROP CONSTRAINT household_geo_form,
    ADD CONSTRAINT household_geo_form CHECK (octet_length(geo) IN (2, 4, 6, 8) AND btrim(geo, '0123456789') = '');

-- As of the change `enrolment`, but that an enrolment is looked up once and not once for each of its evidence.
CREATE OR REPLACE FUNCTION registry.check_references() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'evidence' THEN
        IF EXISTS (SELECT FROM (SELECT DISTINCT n.enrolment_id FROM new_rows n) n
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

-- What sql/apply.sql makes anew with other arguments.
DROP FUNCTION IF EXISTS etl.add_new(text, bigint, text[], uuid[]), etl.write_records(text, bigint, int, text[], boolean),
    etl.write_others(text, bigint, text[], uuid[], boolean);

COMMIT;
