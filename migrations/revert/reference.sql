-- Revert ekok:reference from pg

BEGIN;

DROP TABLE registry.rule, registry.programme, registry.geo, registry.ministry;
DROP FUNCTION registry.known_confidence(text);
DROP SCHEMA registry;

COMMIT;
