-- Revert ekok:token_overlap from pg
-- With the owner's grants go those that he has passed on, and what asks by them.

BEGIN;

DROP FUNCTION IF EXISTS registry.find(ekok.nid, text, text), registry.find(ekok.brn, text, text),
    registry.find(ekok.msisdn, text, text), registry.find(ekok.wallet, text, text), registry.token_holders(text, bytea[]);
REVOKE EXECUTE ON FUNCTION ekok.agent_tokens(ekok.nid, text, text), ekok.agent_tokens(ekok.brn, text, text),
    ekok.agent_tokens(ekok.msisdn, text, text), ekok.agent_tokens(ekok.wallet, text, text) FROM ekok_owner CASCADE;

COMMIT;
