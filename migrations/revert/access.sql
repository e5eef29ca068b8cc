-- Revert ekok:access from pg

BEGIN;

DROP TABLE access.session, access.approval, access.grant_request;
DROP SCHEMA access;

COMMIT;
