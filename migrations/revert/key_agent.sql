-- Revert ekok:key_agent from pg
-- With the owner's grants go those that he has passed on, and what calls the agent.

BEGIN;

DROP FUNCTION IF EXISTS registry.find(ekok.nid, text, text), registry.find(ekok.brn, text, text),
    registry.find(ekok.msisdn, text, text), registry.find(ekok.wallet, text, text), registry.token_holders(text, bytea), registry.sealed_value(uuid, text, text);
REVOKE EXECUTE ON FUNCTION ekok.agent_token(ekok.nid, text, text), ekok.agent_token(ekok.brn, text, text),
    ekok.agent_token(ekok.msisdn, text, text), ekok.agent_token(ekok.wallet, text, text) FROM ekok_owner CASCADE;

COMMIT;
