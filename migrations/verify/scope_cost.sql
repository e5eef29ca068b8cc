-- Verify ekok:scope_cost on pg

BEGIN;

DO $$ BEGIN
    IF (SELECT count(*) FROM pg_trigger WHERE tgname = 'tells_scopes' AND tgenabled = 'A') <> 4 THEN
        RAISE 'a table behind the scopes does not tell of its changes';
    ELSIF EXISTS (SELECT FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id
                  WHERE m.programme <> e.programme OR m.geo IS DISTINCT FROM e.geo) THEN
        RAISE 'a membership has another programme or place than its enrolment';
    END IF;
END $$;

ROLLBACK;
