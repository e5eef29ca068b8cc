-- Verify ekok:access on pg

BEGIN;

SELECT id, requester, role, ministry, geo, purpose, requested_at, expires_at FROM access.grant_request WHERE false;
SELECT request_id, requester, approver, decision, at FROM access.approval WHERE false;
SELECT id, request_id, first_approver, second_approver, decision, opened_at, closed_at FROM access.session WHERE false;

ROLLBACK;
