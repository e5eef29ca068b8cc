-- Revert ekok:scope_cost from pg
-- Nobody within a scope sees anything until sql/apply.sql of the version before has made its functions and policies.

BEGIN;

SET LOCAL ROLE ekok_owner;

DO $$
DECLARE
    p record;
BEGIN
    FOR p IN SELECT polname, polrelid::regclass AS guarded FROM pg_policy
             WHERE pg_get_expr(polqual, polrelid) LIKE '%ekok.sees%' LOOP
        EXECUTE format('DROP POLICY %I ON %s', p.polname, p.guarded);
    END LOOP;
END $$;
DROP FUNCTION IF EXISTS access.list_held();
DROP TRIGGER moves_membership ON registry.enrolment;
DROP TRIGGER fills_scope ON registry.membership;
DROP FUNCTION registry.follow_enrolment(), registry.fill_membership();
ALTER TABLE registry.membership DROP COLUMN programme, DROP COLUMN geo;
DROP TRIGGER tells_scopes ON access.scope;
DROP TRIGGER tells_scopes ON access.duty;
DROP TRIGGER tells_scopes ON access.account;
DROP TRIGGER tells_scopes ON registry.programme;

COMMIT;
