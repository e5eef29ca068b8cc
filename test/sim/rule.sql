-- rule.sql - puts the demo's refusing rule into force before the first record comes: proposed by one, activated by another.
-- Who draws the Old Age Allowance draws neither that of widows nor that of the disabled; assumed for the demo, as the guidelines
-- of the allowances exclude each other.
SET client_min_messages = warning;
CREATE ROLE demo_second SUPERUSER;
SELECT registry.propose_rule('old-age-alone', '{"kind": "excluded combination", "programmes": ["OAA"], "not_with": ["WDA", "DIS"],
    "mode": "refuse", "source": "demo", "confidence": "assumed", "valid_from": "2023-07-01"}') \g /dev/null
SET SESSION AUTHORIZATION demo_second;
SELECT registry.activate_rule('old-age-alone', 0) \g /dev/null
