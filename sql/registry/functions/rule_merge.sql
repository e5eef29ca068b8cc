-- rule_merge.sql - writes the records of a page under the rules in force. A record that a rule refuses is set aside and
-- stops no other: the page is written without it. Locks come before the first write, all in one rising order, so two pages
-- cannot wait for each other.

CREATE OR REPLACE FUNCTION etl.lock_staged(permitted text[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = auto AS $$
DECLARE
    kinds text[] := registry.binding_kinds();
    strong ekok.evidence[];
    others ekok.evidence[];
BEGIN
    SELECT array_agg(k.key) FILTER (WHERE k.kind IN ('nid', 'brn')), array_agg(k.key) FILTER (WHERE k.kind NOT IN ('nid', 'brn'))
    INTO strong, others
    FROM (SELECT t.kind, ekok.evidence(t.kind, t.token, 0) AS key
          FROM pg_temp.stage s LEFT JOIN registry.enrolment e ON e.id = s.id
          CROSS JOIN LATERAL (VALUES ('nid', s.nid_token), ('brn', s.brn_token), ('mobile', s.mobile_token),
                                     ('wallet', s.wallet_token), ('account', s.account_token)) AS t(kind, token)
          WHERE s.programme = ANY (permitted) AND t.token IS NOT NULL AND t.kind = ANY (kinds)
            AND e.row_mac IS DISTINCT FROM s.row_mac
          UNION ALL
          SELECT 'household', ekok.evidence('household', convert_to(r.source || chr(1) || s.household, 'UTF8'), 0)
          FROM pg_temp.stage s CROSS JOIN (SELECT nullif(current_setting('ekok.source', true), '')) AS r(source)
          WHERE s.household IS NOT NULL AND 'household' = ANY (kinds)
          UNION ALL
          SELECT 'person', ekok.evidence('person', x.person_id::text, 0)
          FROM pg_temp.stage s JOIN registry.enrolment e ON e.id = s.id JOIN registry.membership x ON x.enrolment_id = e.id
          WHERE e.row_mac <> s.row_mac) k;
    PERFORM registry.lock_persons(coalesce(strong, '{}'), coalesce(others, '{}'), 1);
END $$;
COMMENT ON FUNCTION etl.lock_staged(text[]) IS 'Locks what the rules in force go by for the new and changed records of the staged page.';

CREATE OR REPLACE FUNCTION etl.decline(source text, run_id bigint, page int, lines text) RETURNS uuid[] LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid[];
BEGIN
    -- The lines are those of registry.enforce.
    WITH told AS (
        SELECT m[1]::uuid AS id, m[2] AS rule, m[3] AS counted, m[4] AS allowed
        FROM regexp_matches(lines, '^Enrolment ([0-9a-f-]{36}) by rule ([a-z0-9-]+): (\d+) counted, (\d+) allowed\.$', 'gn') m
    ), kept AS (
        INSERT INTO etl.quarantine (source, row_mac, record_id, disposition, reasons, sealed, first_run, first_page)
        SELECT decline.source, coalesce(s.raw_mac, s.row_mac), s.record_id, 'refused', jsonb_build_array(jsonb_build_object(
                   'reason', t.rule, 'field', 'programme', 'position', 0, 'enrolment', t.id,
                   'detail', format('the rule counts %s and allows %s', t.counted, t.allowed))), s.raw_sealed, run_id, page
        FROM told t JOIN pg_temp.stage s ON s.id = t.id
        WHERE s.raw_sealed IS NOT NULL AND NOT EXISTS (SELECT FROM etl.quarantine q WHERE q.source = decline.source AND q.disposition = 'refused'
                                                         AND q.row_mac = coalesce(s.raw_mac, s.row_mac))
        ON CONFLICT DO NOTHING)
    SELECT array_agg(t.id) INTO ids FROM told t;
    IF EXISTS (SELECT FROM pg_temp.stage s WHERE s.id = ANY (ids) AND s.raw_sealed IS NULL) THEN
        RAISE 'a rule refuses records of page % of run %, which came without their bytes', page, run_id USING ERRCODE = 'EK003',
            HINT = 'Stage the page again with raw_mac and raw_sealed.';
    ELSIF ids IS NULL THEN
        RAISE 'a rule refuses enrolments of page % of run % without naming them', page, run_id USING ERRCODE = 'internal_error';
    END IF;
    RETURN ids;
END $$;
COMMENT ON FUNCTION etl.decline(text, bigint, int, text) IS 'Sets aside the staged records that registry.enforce named in the detail of its error; returns their ids. Errors: XX000 when there are none, EK003 when one came without its bytes.';

CREATE OR REPLACE FUNCTION etl.write_records(source text, run_id bigint, page int, permitted text[], changes boolean,
                                             fresh boolean, OUT added uuid[], OUT changed uuid[], OUT declined bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    without uuid[] := '{}';
    lines text;
BEGIN
    IF registry.rules_bind() THEN
        PERFORM etl.lock_staged(permitted);
        LOOP
            BEGIN
                SELECT w.added, w.changed INTO added, changed
                FROM etl.write_others(source, run_id, permitted, without, changes, fresh) w;
                EXIT;
            EXCEPTION WHEN SQLSTATE 'EK001' THEN
                GET STACKED DIAGNOSTICS lines = PG_EXCEPTION_DETAIL;
            END;
            without := without || etl.decline(source, run_id, page, lines);
        END LOOP;
    ELSE
        SELECT w.added, w.changed INTO added, changed
        FROM etl.write_others(source, run_id, permitted, without, changes, fresh) w;
    END IF;
    declined := cardinality(without);
END $$;
COMMENT ON FUNCTION etl.write_records(text, bigint, int, text[], boolean, boolean) IS 'Writes the staged records that are new or, where changes is true, different, with their households and evidence; those that a rule refuses are set aside. fresh: all of them are new. added, changed: ids of enrolments; declined: how many a rule refused. A page with refusals is written again without them.';

CREATE OR REPLACE FUNCTION etl.write_others(source text, run_id bigint, permitted text[], without uuid[], changes boolean,
                                            fresh boolean, OUT added uuid[], OUT changed uuid[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    added := etl.add_new(source, run_id, permitted, without, fresh);
    changed := CASE WHEN changes THEN etl.apply_changed(run_id, permitted, without) ELSE '{}' END;
    IF fresh AND cardinality(without) = 0 THEN
        PERFORM etl.keep_staged_households(source), etl.add_staged_evidence();
    ELSE
        PERFORM registry.keep_households(source, added || changed), registry.add_evidence(added), registry.mend_evidence(changed);
    END IF;
END $$;
COMMENT ON FUNCTION etl.write_others(text, bigint, text[], uuid[], boolean, boolean) IS 'Writes the staged records that are new or, where changes is true, different, without those ids. fresh: all of them are new. Error EK001 when a rule refuses more.';

CREATE OR REPLACE FUNCTION etl.add_staged_evidence() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO registry.evidence (enrolment_id, kind, key)
    SELECT s.id, t.kind, ekok.evidence(t.kind, t.token, p.number)
    FROM pg_temp.stage s
    JOIN registry.programme p ON p.code = s.programme
    CROSS JOIN LATERAL (VALUES ('nid', s.nid_token), ('brn', s.brn_token), ('mobile', s.mobile_token),
                               ('wallet', s.wallet_token), ('account', s.account_token)) AS t(kind, token)
    WHERE t.token IS NOT NULL;
    BEGIN -- A new enrolment is seldom pending already: only where one of this id was deleted unlinked.
        INSERT INTO registry.pending (enrolment_id) SELECT s.id FROM pg_temp.stage s;
    EXCEPTION WHEN unique_violation THEN
        INSERT INTO registry.pending (enrolment_id) SELECT s.id FROM pg_temp.stage s ON CONFLICT DO NOTHING;
    END;
END $$;
COMMENT ON FUNCTION etl.add_staged_evidence() IS 'As registry.add_evidence for a staged page that is new from first to last: its tokens need not be fetched again.';

CREATE OR REPLACE FUNCTION etl.keep_staged_households(source text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.write_households(source, array_agg(t.household), array_agg(t.geo))
    FROM (SELECT DISTINCT ON (s.household COLLATE "C") s.household, s.geo
          FROM pg_temp.stage s
          WHERE s.household IS NOT NULL ORDER BY s.household COLLATE "C", s.geo IS NULL, s.record_id COLLATE "C" DESC) t;
END $$;
COMMENT ON FUNCTION etl.keep_staged_households(text) IS 'As registry.keep_households for a staged page that is new from first to last.';
