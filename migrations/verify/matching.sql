-- Verify ekok:matching on pg

BEGIN;

SELECT code, number, class, most, meaning FROM registry.evidence_kind WHERE false;
SELECT enrolment_id, key, kind FROM registry.blocking WHERE false;
SELECT enrolment_id, stamp, keys FROM registry.pending WHERE false;
SELECT version, made_at, made_by, weights, prior, basis, active FROM registry.weights WHERE false;
SELECT a, b, state, found_at, kinds, score, held FROM registry.match WHERE false;
SELECT a, b, verdict, reason, fingerprint, decided_by, decided_at FROM registry.decision WHERE false;
SELECT id, at, actor, kind, cause, enrolments, before, after, decision_before, undoes FROM registry.person_event WHERE false;
SELECT id, state, started_at, touched_at, ended_at, started_by, weights_version, step, part, resumed, scored, matches_new,
       matches_gone, persons, queued, rule_hits FROM registry.sweep_run WHERE false;
SELECT run_id, dimension, code, enrolments, in_several, queued, above_limit, paisa_in_several FROM registry.sweep_count WHERE false;
SELECT run_id, step, part FROM sweep.mark WHERE false;
SELECT a, b, kinds, state, score FROM sweep.scored WHERE false;
SELECT id, p, tokens FROM sweep.record WHERE false;
DO $$
BEGIN
    IF (SELECT count(*) FROM registry.weights WHERE active) <> 1 THEN
        RAISE 'no weights are active';
    END IF;
    IF (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'audit\_%' AND tgenabled = 'A'
        AND tgrelid IN ('registry.match'::regclass, 'registry.decision'::regclass, 'registry.weights'::regclass,
                        'registry.evidence_kind'::regclass, 'registry.person_event'::regclass)) <> 20 THEN
        RAISE 'a table of persons is not audited';
    END IF;
END $$;

ROLLBACK;
