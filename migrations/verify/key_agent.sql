-- Verify ekok:key_agent on pg

DO $$
BEGIN
    ASSERT has_function_privilege('ekok_owner', 'ekok.agent_token(ekok.nid, text, text)', 'EXECUTE WITH GRANT OPTION');
    ASSERT NOT has_function_privilege('public', 'ekok.agent_token(ekok.nid, text, text)', 'EXECUTE');
END $$;
