-- Deploy ekok:token_overlap to pg
-- Promises that the registry's owner may let duties ask the key agent for all tokens of a number, by every version of a key
-- that values stand under; nobody may do so before.

BEGIN;

ALTER EXTENSION ekok UPDATE;
GRANT EXECUTE ON FUNCTION ekok.agent_tokens(ekok.nid, text, text), ekok.agent_tokens(ekok.brn, text, text),
    ekok.agent_tokens(ekok.msisdn, text, text), ekok.agent_tokens(ekok.wallet, text, text) TO ekok_owner WITH GRANT OPTION;

COMMIT;
