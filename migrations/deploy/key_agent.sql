-- Deploy ekok:key_agent to pg
-- Promises that the registry's owner may let duties ask the key agent for a token; nobody may do so before.

BEGIN;

ALTER EXTENSION ekok UPDATE;
GRANT EXECUTE ON FUNCTION ekok.agent_token(ekok.nid, text, text), ekok.agent_token(ekok.brn, text, text),
    ekok.agent_token(ekok.msisdn, text, text), ekok.agent_token(ekok.wallet, text, text) TO ekok_owner WITH GRANT OPTION;

COMMIT;
