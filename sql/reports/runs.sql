-- runs.sql - what the pulls brought. Functions run as the owner, so that the reports can be read by roles that may not
-- read the tables; the views over them are what people type.

CREATE OR REPLACE FUNCTION report.list_last_runs() RETURNS TABLE (
    source text, title text, run_id bigint, state text, started_at timestamptz, ended_at timestamptz, pages int,
    broken_pages int, fetched bigint, inserted bigint, updated bigint, unchanged bigint, quarantined bigint,
    refused bigint, problem text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.code, s.title, r.id, r.state, r.started_at, r.ended_at, r.pages, r.broken_pages, r.fetched, r.inserted,
           r.updated, r.unchanged, r.quarantined, r.refused, r.problem
    FROM etl.source s
    LEFT JOIN LATERAL (SELECT * FROM etl.run x WHERE x.source = s.code AND x.kind = 'pull' ORDER BY x.id DESC LIMIT 1) r ON true
    WHERE s.state <> 'retired' ORDER BY s.code;
$$;
COMMENT ON FUNCTION report.list_last_runs() IS 'Rows of report.last_runs.';

CREATE OR REPLACE VIEW report.last_runs WITH (security_invoker = true) AS SELECT * FROM report.list_last_runs();
COMMENT ON VIEW report.last_runs IS 'The last pull of every source that is not retired; run columns are null for a source never pulled.';
COMMENT ON COLUMN report.last_runs.source IS 'The system.';
COMMENT ON COLUMN report.last_runs.title IS 'Its full name.';
COMMENT ON COLUMN report.last_runs.run_id IS 'As etl.run.id.';
COMMENT ON COLUMN report.last_runs.state IS 'As etl.run.state.';
COMMENT ON COLUMN report.last_runs.started_at IS 'As etl.run.started_at.';
COMMENT ON COLUMN report.last_runs.ended_at IS 'As etl.run.ended_at.';
COMMENT ON COLUMN report.last_runs.pages IS 'As etl.run.pages.';
COMMENT ON COLUMN report.last_runs.broken_pages IS 'As etl.run.broken_pages.';
COMMENT ON COLUMN report.last_runs.fetched IS 'Records fetched = inserted + updated + unchanged + quarantined + refused.';
COMMENT ON COLUMN report.last_runs.inserted IS 'As etl.run.inserted.';
COMMENT ON COLUMN report.last_runs.updated IS 'As etl.run.updated.';
COMMENT ON COLUMN report.last_runs.unchanged IS 'As etl.run.unchanged.';
COMMENT ON COLUMN report.last_runs.quarantined IS 'As etl.run.quarantined.';
COMMENT ON COLUMN report.last_runs.refused IS 'As etl.run.refused.';
COMMENT ON COLUMN report.last_runs.problem IS 'As etl.run.problem.';
