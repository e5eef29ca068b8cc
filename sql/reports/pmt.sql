-- pmt.sql - who draws from a programme for the poor, held against the score of the household as the latest survey told it.
-- A verdict is tri-state: who was not found in the survey, or was asked too long ago, or whose records contradict each
-- other, is unknown, never a mismatch.

CREATE OR REPLACE FUNCTION report.list_pmt() RETURNS TABLE (
    enrolment_id uuid, programme text, source text, geo text, verdict text, why text, pmt numeric, below numeric,
    surveyed_on date, valid_until date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH latest AS (    -- a household's score: of its latest survey, if its records agree
        SELECT DISTINCT ON (m.household_id) m.household_id, m.surveyed_on, h.geo,
               min(m.pmt) OVER same AS pmt, min(m.pmt) OVER same <> max(m.pmt) OVER same AS disputed
        FROM registry.household_member m JOIN registry.household h ON h.id = m.household_id
        WHERE m.status = 'listed'
        WINDOW same AS (PARTITION BY m.household_id, m.surveyed_on)
        ORDER BY m.household_id, m.surveyed_on DESC
    ), found AS (
        SELECT e.id, l.pmt, l.surveyed_on, l.disputed, c.below, (l.surveyed_on + make_interval(years => c.valid_years))::date AS valid_until
        FROM registry.enrolment e
        JOIN LATERAL (
            SELECT m.household_id FROM registry.household_member m WHERE m.nid_token = e.nid_token AND m.status = 'listed'
            UNION
            SELECT m.household_id FROM registry.household_member m WHERE m.brn_token = e.brn_token AND m.status = 'listed') x ON true
        JOIN latest l ON l.household_id = x.household_id
        JOIN LATERAL (
            SELECT c.below, c.valid_years FROM registry.pmt_cutoff c
            WHERE c.programme = e.programme AND c.division IN (left(coalesce(l.geo, e.geo), 2), '')
            ORDER BY c.division DESC LIMIT 1) c ON true
        WHERE coalesce(e.status, 'active') = 'active'
    ), judged AS (
        SELECT f.id, count(*) AS households, max(f.pmt) AS pmt, max(f.below) AS below, max(f.surveyed_on) AS surveyed_on,
               min(f.valid_until) AS valid_until,
               CASE WHEN bool_or(f.disputed) THEN 'records of the household differ'
                    WHEN bool_or(f.valid_until < current_date) THEN 'the survey is too old'
                    WHEN bool_or(f.pmt < f.below) AND bool_or(f.pmt >= f.below) THEN 'found in households that differ' END AS doubt,
               bool_and(f.pmt < f.below) AS poor
        FROM found f GROUP BY f.id
    ), shown AS MATERIALIZED (
    SELECT e.id AS enrolment_id, e.programme, e.source, e.geo,
           CASE WHEN j.id IS NULL OR j.doubt IS NOT NULL THEN 'unknown' WHEN j.poor THEN 'match' ELSE 'mismatch' END AS verdict,
           CASE WHEN j.id IS NULL THEN 'not found in a survey' WHEN j.doubt IS NOT NULL THEN j.doubt
                WHEN j.poor THEN 'below the cut-off' ELSE 'at or above the cut-off' END AS why,
           j.pmt, j.below, j.surveyed_on, j.valid_until
    FROM registry.enrolment e LEFT JOIN judged j ON j.id = e.id
    WHERE coalesce(e.status, 'active') = 'active' AND e.programme IN (SELECT c.programme FROM registry.pmt_cutoff c))
    SELECT s.* FROM shown s WHERE access.covers((SELECT access.cells()), s.programme, s.geo);
$$;
COMMENT ON FUNCTION report.list_pmt() IS 'Rows of report.pmt, of enrolments in the caller''s scope.';

CREATE OR REPLACE VIEW report.pmt WITH (security_invoker = true) AS SELECT * FROM report.list_pmt();
COMMENT ON VIEW report.pmt IS 'Active enrolments in programmes for the poor, each with what the surveys of households say. A household is found by the NID or BRN of one of its members.';
COMMENT ON COLUMN report.pmt.enrolment_id IS 'The enrolment.';
COMMENT ON COLUMN report.pmt.programme IS 'Its programme, one with a cut-off in registry.pmt_cutoff.';
COMMENT ON COLUMN report.pmt.source IS 'The system that reports it.';
COMMENT ON COLUMN report.pmt.geo IS 'Its place, a P-code.';
COMMENT ON COLUMN report.pmt.verdict IS 'match: poor enough; mismatch: the score is not below the cut-off; unknown: nothing can be said.';
COMMENT ON COLUMN report.pmt.why IS 'In words: below or not below the cut-off, not found, too old, records that differ.';
COMMENT ON COLUMN report.pmt.pmt IS 'Score of the household, 0 to 2000, higher is better off; null when not found.';
COMMENT ON COLUMN report.pmt.below IS 'Cut-off of the programme in the household''s division, 0 to 2000.';
COMMENT ON COLUMN report.pmt.surveyed_on IS 'Day of the latest survey of the household.';
COMMENT ON COLUMN report.pmt.valid_until IS 'The score says something up to this day.';
