-- Revert ekok:hold_approval from pg
-- sql/apply.sql of the version before brings what one alone could do.

BEGIN;

DROP FUNCTION IF EXISTS registry.lift_legal_hold(bigint, text), registry.set_retention(text, interval, text), registry.approve_keeping(bigint),
    registry.end_keeping(bigint);
DROP TABLE registry.keeping_proposal CASCADE;

COMMIT;
