-- Verify ekok:verification on pg

BEGIN;

SELECT id, enrolment_id, system, verdict, asked_at, valid_until, request_id FROM registry.verification WHERE false;

ROLLBACK;
