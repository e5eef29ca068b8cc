-- Revert ekok:person from pg

BEGIN;

DROP TABLE registry.rule_hit, registry.match, registry.membership, registry.person;

COMMIT;
