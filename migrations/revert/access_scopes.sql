-- Revert ekok:access_scopes from pg
-- Requests for duties that are not known without it go, with their approvals. A role goes only when nobody holds it and
-- nothing in another database depends on it.

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;
DROP TABLE etl.definition_proposal CASCADE;
DROP INDEX registry.enrolment_by_scope;
DROP TABLE access.login, access.glass, access.attestation, access.review, access.scope, access.account CASCADE;
DROP INDEX access.session_one_per_request;
DO $$
DECLARE
    audited text;
    kind text;
BEGIN
    FOREACH audited IN ARRAY ARRAY['grant_request', 'approval', 'session'] LOOP
        FOREACH kind IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
            EXECUTE format('DROP TRIGGER audit_%s ON access.%I', kind, audited);
        END LOOP;
    END LOOP;
END $$;
DELETE FROM access.session s USING access.grant_request r WHERE r.id = s.request_id AND r.role IN ('keeper', 'break glass');
DELETE FROM access.approval a USING access.grant_request r WHERE r.id = a.request_id AND r.role IN ('keeper', 'break glass');
DELETE FROM access.grant_request r WHERE r.role IN ('keeper', 'break glass');
ALTER TABLE access.grant_request DROP CONSTRAINT grant_request_role_fkey, DROP COLUMN withdrawn_at,
    ADD CONSTRAINT grant_request_role_known CHECK (role IN ('analyst', 'operator', 'auditor', 'access officer', 'api client'));
COMMENT ON COLUMN access.grant_request.role IS 'The duty asked for: analyst, operator, auditor, access officer or api client.';
DROP TABLE access.duty CASCADE;
RESET ROLE;

-- Their privileges and the policies for them, which sql/apply.sql made.
DROP OWNED BY ekok_account, ekok_access_officer, ekok_keeper, ekok_break_glass, ekok_api_client, ekok_scope_all, ekok_scope_ministry,
    ekok_scope_place;
REVOKE ekok_scope_all FROM ekok_etl;
REVOKE ekok_analyst, ekok_operator, ekok_auditor FROM ekok_owner;
DO $$
DECLARE
    duty text;
BEGIN
    FOREACH duty IN ARRAY ARRAY['ekok_account', 'ekok_access_officer', 'ekok_keeper', 'ekok_break_glass', 'ekok_api_client',
                                'ekok_scope_all', 'ekok_scope_ministry', 'ekok_scope_place'] LOOP
        EXECUTE format('REVOKE %I FROM ekok_owner', duty);
        IF EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname = duty) THEN
            RAISE NOTICE 'role % stays: it has members', duty;
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('DROP ROLE %I', duty);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            RAISE NOTICE 'role % stays: something depends on it', duty;
        END;
    END LOOP;
END $$;

COMMIT;
