-- Verify ekok:sweep_slips on pg

BEGIN;

SELECT m.twins, s.twins FROM registry.match m, sweep.scored s WHERE false;

ROLLBACK;
