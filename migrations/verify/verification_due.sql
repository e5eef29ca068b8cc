-- Verify ekok:verification_due on pg

BEGIN;

SELECT id, kind, system, programme, since, ids FROM etl.verification_news WHERE false;
SELECT programme, place, since, ids FROM etl.verification_arrival WHERE false;
SELECT system, programme, place FROM etl.verification_position WHERE false;
SELECT enrolment_id, system, basis, programme, reason, since FROM etl.verification_due WHERE false;
SELECT 1 / (count(*) = 9)::int FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgenabled = 'A'
    AND (t.tgname LIKE 'zz\_verification\_%' OR t.tgname LIKE 'zz\_asks\_%');

ROLLBACK;
