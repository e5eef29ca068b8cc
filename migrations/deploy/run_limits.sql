-- Deploy ekok:run_limits to pg
-- Promises that what a source's owner allows (requests a second, a minute and a day, tokens an hour) is counted in one place
-- for every daemon and every process, that a run says why it waits, and that one which found drift is held with what
-- drifted named. Rows are written by the functions in sql/registry/functions (limit, run, generation).

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;

-- Their results change; sql/apply.sql makes them anew.
DROP FUNCTION IF EXISTS etl.open_run(text, bytea, text, jsonb);
DROP VIEW IF EXISTS report.ingestion;
DROP FUNCTION IF EXISTS report.list_ingestion();

CREATE TABLE etl.allowance (
    source text PRIMARY KEY REFERENCES etl.source,
    day date NOT NULL DEFAULT '-infinity',
    requests bigint NOT NULL DEFAULT 0 CONSTRAINT allowance_requests_not_negative CHECK (requests >= 0),
    next_at timestamptz NOT NULL DEFAULT '-infinity',
    grants timestamptz[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE etl.allowance IS 'What was asked of each source whose definition sets a limit, whoever asked: a row is locked by whoever reserves a request or a token, before it is sent.';
COMMENT ON COLUMN etl.allowance.source IS 'The system.';
COMMENT ON COLUMN etl.allowance.day IS 'The day of Asia/Dhaka that the requests are counted on.';
COMMENT ON COLUMN etl.allowance.requests IS 'Requests on that day, answered or not; requests for tokens are not among them.';
COMMENT ON COLUMN etl.allowance.next_at IS 'Before this moment no further request is sent: the rate, spread evenly.';
COMMENT ON COLUMN etl.allowance.grants IS 'When tokens were asked for within the last hour, oldest first.';

ALTER TABLE etl.run ADD COLUMN waits_for text CONSTRAINT run_waits_for_known CHECK (waits_for IN ('quota', 'hours')),
    ADD COLUMN held_for text CONSTRAINT run_held_for_known CHECK (held_for IN ('loss', 'drift')),
    ADD COLUMN drift text[];
UPDATE etl.run SET held_for = 'loss' WHERE state = 'held';
ALTER TABLE etl.run ADD CONSTRAINT run_waits_when_stopped CHECK (waits_for IS NULL OR state = 'stopped'),
    ADD CONSTRAINT run_hold_has_a_reason CHECK (state <> 'held' OR held_for IS NOT NULL),
    ADD CONSTRAINT run_drift_is_named CHECK ((held_for = 'drift') IS TRUE = (drift IS NOT NULL));
CREATE INDEX run_held ON etl.run (source) WHERE state = 'held';
COMMENT ON COLUMN etl.run.state IS 'running; finished: to the last page; held: a human decides, held_for says about what; stopped: after a page, on request or until waits_for; failed: by an error; aborted: found open by a later run.';
COMMENT ON COLUMN etl.run.waits_for IS 'Of a stopped run that goes on by itself: quota, on the next day of Asia/Dhaka; hours, when the hours come in which the source may be pulled. Null: it was stopped on request.';
COMMENT ON COLUMN etl.run.held_for IS 'Why a run was held: loss, it came to the last page but more records vanished than is plausible; drift, a page broke the source''s contract and nothing of it was taken. Kept after the hold. Null: it was not.';
COMMENT ON COLUMN etl.run.drift IS 'Of a run held for drift: what broke, each as gone PATH, retyped PATH or strange PATH. Once released it is accepted under the same definition.';

CREATE INDEX verification_batch_ended ON etl.verification_batch (system, ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON INDEX etl.verification_batch_ended IS 'What etl.prune_verification forgets.';

COMMIT;
