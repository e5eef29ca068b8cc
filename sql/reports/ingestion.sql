-- ingestion.sql - how each source does, for the operator's screen and for metrics: no value of any record.

CREATE OR REPLACE FUNCTION report.tell_seconds(seconds bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN seconds < 120 THEN seconds || ' s' WHEN seconds < 7200 THEN seconds / 60 || ' min'
                WHEN seconds < 172800 THEN seconds / 3600 || ' h' ELSE seconds / 86400 || ' days' END;
COMMENT ON FUNCTION report.tell_seconds(bigint) IS 'A span of time for a person, in the one unit that suits it.';

CREATE OR REPLACE FUNCTION report.list_ingestion() RETURNS TABLE (
    source text, condition text, run_id bigint, run_state text, ended_at timestamptz, age_seconds bigint, pulling boolean,
    breaker text, failures int, retry_seconds int, held_run bigint, vanished bigint, quarantined bigint, problem text,
    held_for text, drift text[], promised_seconds int, late_seconds bigint, requests bigint, daily_quota bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.code,
           CASE WHEN s.state <> 'active' THEN s.state
                WHEN x.pulling THEN CASE WHEN r.waits_since IS NULL THEN 'pulling' ELSE 'waits for connection' END
                WHEN b.state IN ('open', 'half-open') THEN 'left alone'
                WHEN h.id IS NOT NULL THEN 'held'
                WHEN r.id IS NULL THEN CASE WHEN p.late > 0 THEN 'late' ELSE 'never pulled' END
                WHEN r.waits_for IS NOT NULL THEN 'waits for ' || r.waits_for
                WHEN r.state IN ('failed', 'aborted', 'stopped') THEN r.state
                WHEN r.broken_pages > 0 THEN 'partly read'
                WHEN p.late > 0 THEN 'late'
                ELSE 'well' END,
           r.id, r.state, w.ended_at, extract(epoch FROM etl.clock() - w.ended_at)::bigint, x.pulling, coalesce(b.state, 'closed'),
           coalesce(b.failures, 0), CASE WHEN b.retry_at IS NOT NULL THEN greatest(extract(epoch FROM b.retry_at - now()), 0)::int END, h.id, h.vanished,
           (SELECT count(*) FROM etl.quarantine q WHERE q.source = s.code AND q.resolved_run IS NULL), coalesce(r.problem, b.problem),
           h.held_for, h.drift, p.promised, CASE WHEN p.late IS NOT NULL THEN greatest(p.late, 0) END,
           CASE WHEN q.quota > 0 THEN CASE WHEN a.day = etl.today() THEN a.requests ELSE 0 END END, nullif(q.quota, 0)
    FROM etl.source s
    LEFT JOIN LATERAL (SELECT * FROM etl.run y WHERE y.source = s.code AND y.kind = 'pull' ORDER BY y.id DESC LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT y.ended_at FROM etl.run y WHERE y.source = s.code AND y.kind = 'pull' AND (y.state = 'finished' OR y.held_for = 'loss')
                       ORDER BY y.id DESC LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT y.id, y.vanished, y.held_for, y.drift FROM etl.run y WHERE y.source = s.code AND y.state = 'held'
                       ORDER BY y.id DESC LIMIT 1) h ON true
    LEFT JOIN etl.breaker b ON b.source = s.code
    LEFT JOIN etl.allowance a ON a.source = s.code
    LEFT JOIN etl.definition_in_force d ON d.source = s.code
    CROSS JOIN LATERAL (SELECT (d.definition #>> '{limits,daily_quota}')::bigint AS quota,
                               nullif((d.definition #>> '{schedule,freshness}')::int, 0) AS promised) q
    CROSS JOIN LATERAL (SELECT q.promised, extract(epoch FROM etl.clock() - coalesce(w.ended_at, d.added_at))::bigint - q.promised AS late) p
    LEFT JOIN etl.lease l ON l.name = s.code
    CROSS JOIN LATERAL (SELECT coalesce(l.held AND r.state = 'running' AND l.expires_at > now()
                                        AND etl.lease_session(l.name, l.fence) IS NOT NULL, false) AS pulling) x
    WHERE s.state <> 'retired' ORDER BY s.code;
$$;
COMMENT ON FUNCTION report.list_ingestion() IS 'Rows of report.ingestion.';

CREATE OR REPLACE VIEW report.ingestion WITH (security_invoker = true) AS SELECT * FROM report.list_ingestion();
COMMENT ON VIEW report.ingestion IS 'How each source that is not retired does at this moment.';
COMMENT ON COLUMN report.ingestion.source IS 'The system.';
COMMENT ON COLUMN report.ingestion.condition IS 'well; pulling; left alone: its circuit breaker is open; held: a human decides, held_for says about what; waits for quota, waits for hours: its last run stopped and goes on by itself; waits for connection: its run is under way, and others have all connections that the daemon may have; failed, stopped, aborted: how its last run ended; late: well, but older than its freshness promise; partly read: pages could not be decoded; never pulled; or the state of etl.source.';
COMMENT ON COLUMN report.ingestion.run_id IS 'Its last run; null when it was never pulled.';
COMMENT ON COLUMN report.ingestion.run_state IS 'As etl.run.state.';
COMMENT ON COLUMN report.ingestion.ended_at IS 'When it was last pulled to its end; null: never.';
COMMENT ON COLUMN report.ingestion.age_seconds IS 'Seconds since then.';
COMMENT ON COLUMN report.ingestion.pulling IS 'Whether a session that lives pulls it now.';
COMMENT ON COLUMN report.ingestion.breaker IS 'closed, open or half-open: see etl.breaker.state.';
COMMENT ON COLUMN report.ingestion.failures IS 'Runs in a row that failed by the source''s fault.';
COMMENT ON COLUMN report.ingestion.retry_seconds IS 'Seconds until an open breaker lets a run try; null while closed.';
COMMENT ON COLUMN report.ingestion.held_run IS 'The run that waits for etl.release_run; null: none.';
COMMENT ON COLUMN report.ingestion.vanished IS 'Enrolments that a run held for loss would mark absent.';
COMMENT ON COLUMN report.ingestion.quarantined IS 'Records of the source that are set aside.';
COMMENT ON COLUMN report.ingestion.problem IS 'What went wrong last, without identifiers; null: nothing.';
COMMENT ON COLUMN report.ingestion.held_for IS 'loss: more vanished than is plausible; drift: a page broke the contract; null: no run is held.';
COMMENT ON COLUMN report.ingestion.drift IS 'Of a run held for drift, as etl.run.drift.';
COMMENT ON COLUMN report.ingestion.promised_seconds IS 'The freshness promise of its definition: how old the last whole pull may be; null: none.';
COMMENT ON COLUMN report.ingestion.late_seconds IS 'By how much that promise is broken, 0: it is kept; counted from the definition where the source was never pulled; null: there is none.';
COMMENT ON COLUMN report.ingestion.requests IS 'Requests of this day of Asia/Dhaka; null where no daily quota is set.';
COMMENT ON COLUMN report.ingestion.daily_quota IS 'Requests a day that its definition allows; null: no limit.';
