-- Deploy ekok:sweep_slips to pg
-- Promises that a pair which may be twins is told as such, so that likeness joins neither to who is like both. What stands is
-- told by the next sweep; one that is under way begins anew, since what it has scored does not say it.

BEGIN;

SET LOCAL ROLE ekok_owner;

UPDATE registry.sweep_run SET state = 'abandoned', ended_at = clock_timestamp() WHERE state = 'running';

ALTER TABLE registry.match ADD COLUMN twins boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN registry.match.twins IS 'True: they have in common what twins have (ekok.match_twins), names that do not tell them apart, and no NID or BRN. Likeness joins neither to the other, nor to an enrolment that is like both.';
ALTER TABLE sweep.scored ADD COLUMN twins boolean;
COMMENT ON COLUMN sweep.scored.twins IS 'As registry.match.twins.';

COMMIT;
