-- Verify ekok:second_factors on pg

BEGIN;

SELECT login, sealed, exposed, made_at, last_step, tries, locked_until FROM access.factor WHERE false;
SELECT 1 / count(*) FROM pg_constraint WHERE conrelid = 'access.factor'::regclass AND conname = 'factor_secret_gone';
DO $$
BEGIN
    ASSERT has_function_privilege('ekok_owner', 'ekok.agent_code(name, bytea, text, bigint)', 'EXECUTE');
    ASSERT NOT has_function_privilege('public', 'ekok.agent_code(name, bytea, text, bigint)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ekok_owner', 'ekok.hotp(bytea, bigint, int, text)', 'EXECUTE');
END $$;

ROLLBACK;
