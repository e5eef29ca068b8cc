-- Verify ekok:access_scopes on pg

BEGIN;

SELECT code, role, what, scoped, step_up, longest FROM access.duty WHERE false;
SELECT login, holder, kind, certificate, made_at, made_by, last_seen, disabled_at, disabled_because FROM access.account WHERE false;
SELECT id, login, duty, ministry, geo, purpose, session_id, granted_by, granted_at, expires_at, revoked_at, revoked_by, revoked_because
FROM access.scope WHERE false;
SELECT id, begun_at, begun_by, due_at, closed_at, revoked FROM access.review WHERE false;
SELECT review_id, scope_id, login, at FROM access.attestation WHERE false;
SELECT scope_id, reviewed_by, reviewed_at, finding FROM access.glass WHERE false;
SELECT id, login, at, address, certificate, pid FROM access.login WHERE false;
SELECT id, source, definition, proposed_by, proposed_at, activated_by, activated_at, version FROM etl.definition_proposal WHERE false;
SELECT withdrawn_at FROM access.grant_request WHERE false;
SELECT 1 / count(*) FROM pg_class WHERE oid = 'registry.enrolment_by_scope'::regclass;
SELECT 1 / (count(*) = 8)::int FROM pg_roles WHERE rolname IN ('ekok_account', 'ekok_access_officer', 'ekok_keeper', 'ekok_break_glass',
    'ekok_api_client', 'ekok_scope_all', 'ekok_scope_ministry', 'ekok_scope_place');

ROLLBACK;
