-- replay.sql - quarantined records taken up again after a mapping was mended: a run of its own kind, which moves no
-- cursor. A record is taken out of quarantine in the transaction that loads it. Refuses to bring back what the source
-- has replaced since.

CREATE OR REPLACE FUNCTION etl.open_replay(source text, contract_sha256 bytea, definition text, terms jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    opened bigint;
    number bigint;
BEGIN
    PERFORM etl.check_source(source);
    number := etl.take_lease(source, etl.term(terms, 'lease', 60));
    INSERT INTO etl.contract AS c (source, sha256, definition)
    VALUES (open_replay.source, open_replay.contract_sha256, open_replay.definition)
    ON CONFLICT ON CONSTRAINT contract_pkey DO NOTHING;
    UPDATE etl.run r SET state = 'aborted', ended_at = etl.clock(), problem = 'found open by a later run'
    WHERE r.source = open_replay.source AND r.state = 'running';
    INSERT INTO etl.run AS r (source, contract_sha256, kind, fence, terms)
    VALUES (open_replay.source, open_replay.contract_sha256, 'replay', number, open_replay.terms) RETURNING r.id INTO opened;
    RETURN opened;
END $$;
COMMENT ON FUNCTION etl.open_replay(text, bytea, text, jsonb) IS 'Takes the source''s lease and opens a run of kind replay; it is closed by etl.close_run. contract_sha256: 32 bytes, definition: its text; terms: as etl.run.terms. Errors as etl.check_source and etl.take_lease.';

CREATE OR REPLACE FUNCTION etl.list_superseded(source text, ids uuid[], seen timestamptz[]) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(e.id), '{}')
    FROM unnest(ids, seen) AS w(id, at)
    JOIN (SELECT e.id, e.source, e.record_id, e.last_run, e.changed_at FROM registry.enrolment e WHERE e.id = ANY (ids) UNION ALL
          SELECT m.id, m.source, m.record_id, m.last_run, m.changed_at FROM registry.household_member m WHERE m.id = ANY (ids)) e
        ON e.id = w.id AND e.source = $1
    JOIN etl.run r ON r.id = e.last_run
    WHERE w.at < CASE WHEN r.kind = 'pull' THEN e.changed_at
                      ELSE (SELECT max(q.at) FROM etl.quarantine q
                            WHERE q.resolved_run = e.last_run AND q.source = e.source AND q.record_id = e.record_id) END;
$$;
COMMENT ON FUNCTION etl.list_superseded(text, uuid[], timestamptz[]) IS 'Of records by id, set aside at the times given, those whose enrolment holds something that the source sent later. A replayed enrolment is as old as the record it was replayed from.';

CREATE OR REPLACE FUNCTION etl.replayed_by(run_id bigint) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin text := (SELECT r.source FROM etl.run r WHERE r.id = run_id AND r.state = 'running' AND r.kind = 'replay');
BEGIN
    IF origin IS NULL THEN
        RAISE 'run % is not a running replay', run_id USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Open a run with etl.open_replay.';
    END IF;
    RETURN origin;
END $$;
COMMENT ON FUNCTION etl.replayed_by(bigint) IS 'The source whose records a running replay takes up again. Error 55000 for any other run.';

CREATE OR REPLACE FUNCTION etl.resolve_quarantined(run_id bigint, quarantined bigint[], ids uuid[], superseded bigint[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin text := etl.replayed_by(run_id);
BEGIN
    PERFORM etl.check_staging('stage', 'stage_shape'), etl.check_staging('stage_bad', 'stage_bad_shape');
    UPDATE etl.quarantine q SET resolved_run = run_id, resolution = 'superseded'
    WHERE q.source = origin AND q.id = ANY (superseded) AND q.resolved_run IS NULL;
    UPDATE etl.quarantine q SET resolved_run = run_id, record_id = s.record_id,
           resolution = CASE WHEN e.row_mac = s.row_mac THEN 'loaded' ELSE 'refused' END
    FROM unnest(quarantined, ids) AS w(quarantined, id)
    JOIN pg_temp.stage s ON s.id = w.id
    LEFT JOIN registry.enrolment e ON e.id = w.id
    WHERE q.source = origin AND q.id = w.quarantined AND q.resolved_run IS NULL
      AND (e.row_mac = s.row_mac OR q.disposition = 'quarantined');
    UPDATE etl.quarantine q SET reasons = b.reasons FROM pg_temp.stage_bad b
    WHERE q.source = origin AND q.row_mac = b.row_mac AND q.disposition = 'quarantined' AND q.reasons <> b.reasons;
END $$;
COMMENT ON FUNCTION etl.resolve_quarantined(bigint, bigint[], uuid[], bigint[]) IS 'After etl.merge_page of a replay, in its transaction: takes out of quarantine what was merged (quarantined: its numbers, ids: of their records, in the same order) and what is superseded; gives the others their reasons anew. Errors: 55000 not a running replay, 42809 staging tables are not plain.';
