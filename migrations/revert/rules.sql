-- Revert ekok:rules from pg
-- Rules of the kinds that came with the change go, and with them what was held or excepted under any rule.

BEGIN;

SET LOCAL client_min_messages = warning;
DROP VIEW IF EXISTS registry.payable;
DROP TRIGGER zz_holds_to_rules ON registry.evidence;
DROP TRIGGER zz_holds_to_rules ON registry.enrolment;
DROP TRIGGER zz_holds_still ON registry.enrolment;
DROP TRIGGER rule_changed ON registry.rule;
DROP FUNCTION registry.hold_to_rules(), registry.rule_changed();
DROP INDEX registry.enrolment_by_household;
DROP TABLE registry.hold, registry.rule_exception, registry.rule_epoch;
DELETE FROM registry.rule_hit WHERE rule IN (SELECT code FROM registry.rule
                                             WHERE kind <> 'max programmes' OR benefit = 'any' OR state <> 'active');
UPDATE registry.rule SET replaces = NULL WHERE replaces IS NOT NULL;
DELETE FROM registry.rule WHERE kind <> 'max programmes' OR benefit = 'any' OR state <> 'active';
ALTER TABLE registry.rule
    DROP CONSTRAINT rule_code_form, DROP CONSTRAINT rule_kind_known, DROP CONSTRAINT rule_benefit_fits,
    DROP CONSTRAINT rule_limit_fits, DROP CONSTRAINT rule_counted_fits, DROP CONSTRAINT rule_evidence_fits,
    DROP CONSTRAINT rule_sets_fit, DROP CONSTRAINT rule_can_be_broken, DROP CONSTRAINT rule_days_finite,
    DROP CONSTRAINT rule_replaces_another, DROP CONSTRAINT rule_activation_whole,
    DROP COLUMN counted, DROP COLUMN evidence, DROP COLUMN programmes, DROP COLUMN not_with, DROP COLUMN state,
    DROP COLUMN replaces, DROP COLUMN proposed_by, DROP COLUMN proposed_at, DROP COLUMN activated_by,
    DROP COLUMN activated_at,
    ALTER benefit SET NOT NULL,
    ALTER "limit" SET NOT NULL,
    ADD CONSTRAINT rule_kind_known CHECK (kind IN ('max programmes')),
    ADD CONSTRAINT rule_benefit_known CHECK (benefit IN ('cash', 'in kind', 'workfare')),
    ADD CONSTRAINT rule_limit_not_negative CHECK ("limit" >= 0);
DROP FUNCTION registry.is_programme_set(text[]);

COMMIT;
