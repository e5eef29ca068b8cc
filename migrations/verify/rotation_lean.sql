-- Verify ekok:rotation_lean on pg

BEGIN;

DO $$ BEGIN
    IF NOT has_function_privilege('ekok_owner', 'ekok.reseal(regclass, name[], tid[], xid[], bytea[])', 'EXECUTE') THEN
        RAISE 'the owner may not put values sealed anew';
    END IF;
END $$;

ROLLBACK;
