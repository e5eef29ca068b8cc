-- Verify ekok:token_overlap on pg

DO $$
BEGIN
    ASSERT has_function_privilege('ekok_owner', 'ekok.agent_tokens(ekok.nid, text, text)', 'EXECUTE WITH GRANT OPTION');
    ASSERT NOT has_function_privilege('public', 'ekok.agent_tokens(ekok.nid, text, text)', 'EXECUTE');
END $$;
