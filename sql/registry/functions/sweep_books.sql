-- sweep_books.sql - the last step of a sweep: what changed meanwhile is linked, what stands is counted, the working material
-- is thrown away.

CREATE OR REPLACE FUNCTION registry.count_sweep(run_id bigint) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
    WITH several AS MATERIALIZED (
        SELECT m.person_id FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id
        WHERE m.basis <> 'alone' GROUP BY m.person_id HAVING count(DISTINCT e.programme) > 1
    ), waiting AS MATERIALIZED (
        SELECT v.id FROM registry.match m CROSS JOIN LATERAL (VALUES (m.a), (m.b)) AS v(id)
        WHERE (m.state IN ('probable', 'refuted') OR m.held)
          AND NOT EXISTS (SELECT FROM registry.decision d WHERE d.a = m.a AND d.b = m.b)
        GROUP BY v.id
    ), hit AS MATERIALIZED (SELECT DISTINCT h.person_id FROM registry.rule_hit h
    ), each AS (
        SELECT e.programme, p.ministry, coalesce(left(e.geo, 6), '-') AS upazila, e.amount_paisa,
               s.person_id IS NOT NULL AS in_several, w.id IS NOT NULL AS waits, h.person_id IS NOT NULL AS above
        FROM registry.enrolment e
        JOIN registry.programme p ON p.code = e.programme
        LEFT JOIN registry.membership m ON m.enrolment_id = e.id
        LEFT JOIN several s ON s.person_id = m.person_id LEFT JOIN waiting w ON w.id = e.id LEFT JOIN hit h ON h.person_id = m.person_id)
    INSERT INTO registry.sweep_count (run_id, dimension, code, enrolments, in_several, queued, above_limit, paisa_in_several)
    SELECT count_sweep.run_id, d.dimension, d.code, count(*), count(*) FILTER (WHERE e.in_several), count(*) FILTER (WHERE e.waits),
           count(*) FILTER (WHERE e.above), coalesce(sum(e.amount_paisa) FILTER (WHERE e.in_several), 0)
    FROM each e CROSS JOIN LATERAL (VALUES ('programme', e.programme), ('ministry', e.ministry), ('upazila', e.upazila)) AS d(dimension, code)
    GROUP BY d.dimension, d.code;
$$;
COMMENT ON FUNCTION registry.count_sweep(bigint) IS 'Counts what stands by programme, ministry and upazila into registry.sweep_count.';

CREATE OR REPLACE FUNCTION registry.close_sweep(run registry.sweep_run) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    late uuid[];
BEGIN
    DELETE FROM registry.pending p USING sweep.taken t WHERE t.enrolment_id = p.enrolment_id AND t.stamp = p.stamp;
    LOOP
        late := ARRAY(SELECT p.enrolment_id FROM registry.pending p ORDER BY p.stamp LIMIT 500);
        EXIT WHEN late = '{}';
        PERFORM registry.link(late);
    END LOOP;
    PERFORM registry.count_sweep(run.id);
    UPDATE registry.sweep_run r SET
        state = 'finished', ended_at = clock_timestamp(), persons = (SELECT count(*) FROM registry.person),
        queued = (SELECT count(*) FROM registry.whole_queue())
    WHERE r.id = run.id;
    PERFORM registry.clear_sweep();
END $$;
COMMENT ON FUNCTION registry.close_sweep(registry.sweep_run) IS 'Step 8: links what came or changed during the sweep, counts, ends it.';
