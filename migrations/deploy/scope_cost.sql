-- Deploy ekok:scope_cost to pg
-- Promises that every session learns at once of a change behind its scope, and that a membership carries the programme and place
-- of its enrolment, so that the policy on it looks at the row alone. Each membership that stands gets an entry in the trace.

BEGIN;

ALTER EXTENSION ekok UPDATE;
GRANT EXECUTE ON FUNCTION ekok.tell_scopes() TO ekok_owner;
SET LOCAL ROLE ekok_owner;

CREATE TRIGGER tells_scopes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON access.scope FOR EACH STATEMENT EXECUTE FUNCTION ekok.tell_scopes();
CREATE TRIGGER tells_scopes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON access.duty FOR EACH STATEMENT EXECUTE FUNCTION ekok.tell_scopes();
CREATE TRIGGER tells_scopes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON access.account FOR EACH STATEMENT EXECUTE FUNCTION ekok.tell_scopes();
CREATE TRIGGER tells_scopes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON registry.programme FOR EACH STATEMENT EXECUTE FUNCTION ekok.tell_scopes();
ALTER TABLE access.scope ENABLE ALWAYS TRIGGER tells_scopes;
ALTER TABLE access.duty ENABLE ALWAYS TRIGGER tells_scopes;
ALTER TABLE access.account ENABLE ALWAYS TRIGGER tells_scopes;
ALTER TABLE registry.programme ENABLE ALWAYS TRIGGER tells_scopes;

-- What ekok.sees does now; sql/apply.sql makes the policies that ask it. Until then nobody within a scope sees an enrolment.
DO $$
DECLARE
    f text;
BEGIN
    DROP POLICY IF EXISTS sees_ministry ON registry.enrolment;
    DROP POLICY IF EXISTS sees_place ON registry.enrolment;
    FOREACH f IN ARRAY ARRAY['programmes', 'place_low', 'place_high', 'whole_ministries', 'one_place'] LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS access.%I()', f);
    END LOOP;
END $$;

ALTER TABLE registry.membership ADD COLUMN programme text, ADD COLUMN geo text;
COMMENT ON COLUMN registry.membership.programme IS 'The enrolment''s programme, kept by triggers; with geo it says who may see the row.';
COMMENT ON COLUMN registry.membership.geo IS 'The enrolment''s place, kept by triggers; null: it has none.';
UPDATE registry.membership m SET programme = e.programme, geo = e.geo FROM registry.enrolment e WHERE e.id = m.enrolment_id;
ALTER TABLE registry.membership ALTER COLUMN programme SET NOT NULL;

-- For who does not say them. The share lock keeps the enrolment as it is until this is committed.
CREATE FUNCTION registry.fill_membership() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT e.programme, e.geo INTO NEW.programme, NEW.geo FROM registry.enrolment e WHERE e.id = NEW.enrolment_id FOR SHARE;
    IF NOT FOUND THEN
        RAISE 'a membership of an enrolment that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION registry.fill_membership() IS 'Trigger on a new membership that names no programme: takes programme and place from its enrolment. Error 23503 when there is none.';
CREATE TRIGGER fills_scope BEFORE INSERT ON registry.membership FOR EACH ROW WHEN (NEW.programme IS NULL) EXECUTE FUNCTION registry.fill_membership();
ALTER TABLE registry.membership ENABLE ALWAYS TRIGGER fills_scope;

CREATE FUNCTION registry.follow_enrolment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE registry.membership m SET programme = NEW.programme, geo = NEW.geo WHERE m.enrolment_id = NEW.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION registry.follow_enrolment() IS 'Trigger on an enrolment that moved: takes the new programme or place over into its membership.';
CREATE TRIGGER moves_membership AFTER UPDATE ON registry.enrolment FOR EACH ROW
    WHEN (NEW.programme <> OLD.programme OR NEW.geo IS DISTINCT FROM OLD.geo) EXECUTE FUNCTION registry.follow_enrolment();
ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER moves_membership;

COMMIT;
