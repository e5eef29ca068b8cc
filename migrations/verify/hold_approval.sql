-- Verify ekok:hold_approval on pg

BEGIN;

DO $$ BEGIN
    IF to_regprocedure('registry.lift_legal_hold(bigint)') IS NOT NULL THEN
        RAISE 'a legal hold is still lifted by one alone';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'registry.keeping_proposal'::regclass AND conname = 'keeping_proposal_by_two') THEN
        RAISE 'what keeps data is still weakened by one alone';
    END IF;
END $$;

ROLLBACK;
