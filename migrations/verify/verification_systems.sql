-- Verify ekok:verification_systems on pg

BEGIN;

SELECT code, title, question, asks, wallet_provider, before_payment, speaks_against, batch, quota_day, quota_minute, grants_hour,
       valid_match, valid_mismatch, valid_unknown, state, source, confidence FROM registry.verification_system WHERE false;
SELECT system, answer, verdict, reason, confidence FROM registry.verification_answer WHERE false;
SELECT reason, rank, meaning FROM registry.verification_policy WHERE false;
SELECT programme, pay_on, announced_by, announced_at FROM registry.payment_list WHERE false;
SELECT answer, reason, basis, risk FROM registry.verification WHERE false;
SELECT id, system, state, size, answered, problem, opened_at, ended_at FROM etl.verification_batch WHERE false;
SELECT id, system, enrolment_id, basis, rank, reason, risk, since, batch_id FROM etl.verification_request WHERE false;
SELECT system, day, asked, minute, asked_minute, closed_by FROM etl.verification_spent WHERE false;
SELECT id, system, asked_at, sealed, expires_at FROM etl.verification_grant WHERE false;

ROLLBACK;
