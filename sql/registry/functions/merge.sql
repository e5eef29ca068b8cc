-- merge.sql - takes one staged page into the registry: rows, evidence, households, quarantine, page, cursor and counts
-- in the caller's one transaction. Writes only what is new or different: an unchanged record makes no row version and
-- takes no lock. Refuses a page that is not the run's next, whose count is wrong, or whose staging is not plain.

CREATE OR REPLACE FUNCTION etl.add_new(source text, run_id bigint, permitted text[], declined uuid[], fresh boolean) RETURNS uuid[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid[];
BEGIN
    WITH added AS (
        INSERT INTO registry.enrolment (
            id, source, record_id, programme, status, name_bn, name_en, father_name, mother_name, sex, birth_date, geo,
            household, amount_paisa, enrolled_on, nid_digits, nid_sealed, nid_token, brn_sealed, brn_token,
            mobile_sealed, mobile_token, wallet_provider, wallet_sealed, wallet_token, account_sealed, account_token,
            routing, row_mac, first_run, last_run)
        SELECT s.id, add_new.source, s.record_id, s.programme, s.status, s.name_bn, s.name_en, s.father_name, s.mother_name,
               s.sex, s.birth_date, s.geo, s.household, s.amount_paisa, s.enrolled_on, s.nid_digits, s.nid_sealed,
               s.nid_token, s.brn_sealed, s.brn_token, s.mobile_sealed, s.mobile_token, s.wallet_provider,
               s.wallet_sealed, s.wallet_token, s.account_sealed, s.account_token, s.routing, s.row_mac, run_id, run_id
        FROM pg_temp.stage s
        -- LIMIT keeps the condition on fresh inside: where it fails the index is not touched.
        LEFT JOIN LATERAL (SELECT e.id FROM registry.enrolment e WHERE e.id = s.id AND NOT fresh LIMIT 1) known ON true
        WHERE s.programme = ANY (permitted) AND s.id <> ALL (declined) AND known.id IS NULL
        RETURNING enrolment.id)
    SELECT coalesce(array_agg(a.id), '{}') INTO ids FROM added a;
    RETURN ids;
END $$;
COMMENT ON FUNCTION etl.add_new(text, bigint, text[], uuid[], boolean) IS 'Adds the staged records that the registry does not hold, but for the declined; returns their ids. fresh: it holds none of them, as the caller has looked up.';

CREATE OR REPLACE FUNCTION etl.apply_changed(run_id bigint, permitted text[], declined uuid[]) RETURNS uuid[] LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid[];
BEGIN
    WITH changed AS (
        UPDATE registry.enrolment e SET
            programme = s.programme, status = s.status, name_bn = s.name_bn, name_en = s.name_en,
            father_name = s.father_name, mother_name = s.mother_name, sex = s.sex, birth_date = s.birth_date,
            geo = s.geo, household = s.household, amount_paisa = s.amount_paisa, enrolled_on = s.enrolled_on,
            nid_digits = s.nid_digits, nid_sealed = s.nid_sealed, nid_token = s.nid_token, brn_sealed = s.brn_sealed,
            brn_token = s.brn_token, mobile_sealed = s.mobile_sealed, mobile_token = s.mobile_token,
            wallet_provider = s.wallet_provider, wallet_sealed = s.wallet_sealed, wallet_token = s.wallet_token,
            account_sealed = s.account_sealed, account_token = s.account_token, routing = s.routing,
            row_mac = s.row_mac, last_run = apply_changed.run_id, changed_at = now()
        FROM pg_temp.stage s
        WHERE e.id = s.id AND s.programme = ANY (permitted) AND s.id <> ALL (declined)
          AND e.row_mac IS DISTINCT FROM s.row_mac
        RETURNING e.id)
    SELECT coalesce(array_agg(c.id), '{}') INTO ids FROM changed c;
    RETURN ids;
END $$;
COMMENT ON FUNCTION etl.apply_changed(bigint, text[], uuid[]) IS 'Changes the enrolments whose staged record has another content, but for the declined; returns their ids.';

CREATE OR REPLACE FUNCTION etl.set_aside(source text, run_id bigint, page int, permitted text[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- From the staged to what stands, as in etl.note_listed: never through all of the source's quarantine.
    UPDATE etl.quarantine q SET resolved_run = NULL, resolution = NULL, reasons = again.reasons, at = now()
    FROM (SELECT k.id, b.reasons FROM pg_temp.stage_bad b CROSS JOIN LATERAL (
              SELECT x.id FROM etl.quarantine x
              WHERE x.source = set_aside.source AND x.row_mac = b.row_mac AND x.disposition = 'quarantined' AND x.resolved_run <> run_id
              LIMIT 1) k) again
    WHERE q.id = again.id;
    INSERT INTO etl.quarantine (source, row_mac, record_id, disposition, reasons, sealed, first_run, first_page)
    SELECT set_aside.source, b.row_mac, b.record_id, b.disposition, b.reasons, b.sealed, run_id, page
    FROM (SELECT b.row_mac, b.record_id, 'quarantined', b.reasons, b.sealed FROM pg_temp.stage_bad b
          UNION ALL
          SELECT coalesce(s.raw_mac, s.row_mac), s.record_id, 'refused', jsonb_build_array(jsonb_build_object(
                     'reason', 'programme_not_permitted', 'field', 'programme', 'position', 0,
                     'detail', 'the source may not report this programme')), s.raw_sealed
          FROM pg_temp.stage s WHERE (s.programme = ANY (permitted)) IS NOT TRUE
         ) AS b(row_mac, record_id, disposition, reasons, sealed)
    WHERE NOT EXISTS (SELECT FROM etl.quarantine q WHERE q.source = set_aside.source AND q.row_mac = b.row_mac
                                                     AND q.disposition = b.disposition)
    ON CONFLICT DO NOTHING;
END $$;
COMMENT ON FUNCTION etl.set_aside(text, bigint, int, text[]) IS 'Quarantines the staged bad records and the records of programmes that the source may not report; one that stands there already is not written again; one that a replay took out stands there again.';

CREATE OR REPLACE FUNCTION etl.merge_staged(run_id bigint, page int, next_cursor text, page_sha256 bytea,
                                            page_bytes bigint, fetched int, reading bytea, total bigint, next text,
                                            OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
                                            OUT quarantined bigint, OUT refused bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
    -- Plans are kept for a session. Made while the registry is small or empty they must still be right when it is large,
    -- and staging tables have no statistics: so nested loops over index look-ups, whatever the planner thinks of sizes.
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    origin text;
    permitted text[];
    staged bigint;
    foreign_ids bigint;
    added uuid[] := '{}';
    changed uuid[] := '{}';
    declined bigint := 0;
BEGIN
    PERFORM etl.check_staging('stage', 'stage_shape'), etl.check_staging('stage_bad', 'stage_bad_shape'), keyring.turn_staged();
    origin := etl.enter_page(run_id, page, page_sha256);
    permitted := etl.permitted(origin);
    SELECT count(*) INTO quarantined FROM pg_temp.stage_bad;
    SELECT count(*), count(*) FILTER (WHERE (s.programme = ANY (permitted)) IS NOT TRUE),
           count(*) FILTER (WHERE s.programme = ANY (permitted) AND e.id IS NULL),
           count(*) FILTER (WHERE s.programme = ANY (permitted) AND e.row_mac <> s.row_mac),
           count(*) FILTER (WHERE e.source <> origin OR e.record_id <> s.record_id)
    INTO staged, refused, inserted, updated, foreign_ids
    FROM pg_temp.stage s LEFT JOIN registry.enrolment e ON e.id = s.id;
    IF staged + quarantined IS DISTINCT FROM fetched THEN
        RAISE 'page % of run % has % records, but % are staged', page, run_id, fetched, staged + quarantined
            USING ERRCODE = 'data_exception', HINT = 'Stage every record of the page in stage or stage_bad, once.';
    ELSIF foreign_ids > 0 THEN
        RAISE '% records of page % of run % carry the id of another record', foreign_ids, page, run_id
            USING ERRCODE = 'data_exception', HINT = 'An id is made from source and record id and from nothing else.';
    END IF;
    IF refused > 0 AND EXISTS (SELECT FROM pg_temp.stage s WHERE s.raw_sealed IS NULL) THEN
        RAISE 'page % of run % has records to be refused, and came without their bytes', page, run_id USING ERRCODE = 'EK003',
            HINT = 'Stage the page again with raw_mac and raw_sealed.';
    END IF;
    IF refused + quarantined > 0 THEN
        PERFORM etl.set_aside(origin, run_id, page, permitted);
    END IF;
    IF inserted + updated > 0 THEN
        SELECT w.added, w.changed, w.declined INTO added, changed, declined
        FROM etl.write_records(origin, run_id, page, permitted, updated > 0, inserted = staged) w;
        refused := refused + declined;
    END IF;
    inserted := cardinality(added);
    updated := cardinality(changed);
    unchanged := staged - refused - inserted - updated;
    INSERT INTO etl.page (run_id, number, sha256, bytes, rows, state)
    VALUES (merge_staged.run_id, page, page_sha256, page_bytes, merge_staged.fetched, 'loaded');
    IF EXISTS (SELECT FROM etl.run r WHERE r.id = run_id AND r.kind = 'pull') THEN
        PERFORM etl.keep_cursor(origin, next_cursor, run_id, page);
        IF reading IS NOT NULL AND declined = 0 THEN
            PERFORM etl.remember_page(origin, run_id, page, page_sha256, reading, permitted, total, next);
        END IF;
    END IF;
    PERFORM etl.note_listed(run_id, page, false);
    UPDATE etl.run r SET
        pages = r.pages + 1, fetched = r.fetched + merge_staged.fetched, inserted = r.inserted + merge_staged.inserted,
        updated = r.updated + merge_staged.updated, unchanged = r.unchanged + merge_staged.unchanged,
        quarantined = r.quarantined + merge_staged.quarantined, refused = r.refused + merge_staged.refused
    WHERE r.id = merge_staged.run_id;
END $$;
COMMENT ON FUNCTION etl.merge_staged(bigint, int, text, bytea, bigint, int, bytea, bigint, text) IS 'The part of etl.merge_page that runs as the owner. Errors: 42809 staging tables are not plain, P0002 no such run, 55000 not the run''s next page, 55P03 another session took the lease, 22000 the count is wrong or an id belongs to another record, EK003 a record is to be refused and came without its bytes, 235xx a row breaks a constraint.';

-- By whose tables they are: the caller, who alone can.
CREATE OR REPLACE FUNCTION etl.lend_staging() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    staging regclass;
BEGIN
    FOREACH staging IN ARRAY array_remove(ARRAY[to_regclass('pg_temp.stage'), to_regclass('pg_temp.stage_member'),
                                                to_regclass('pg_temp.stage_bad')], NULL) LOOP
        IF NOT has_table_privilege('ekok_owner', staging, 'UPDATE') THEN
            EXECUTE format('GRANT SELECT, UPDATE ON %s TO ekok_owner', staging);
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION etl.lend_staging() IS 'Lets the owner''s functions read and change the caller''s staging tables of this session, pg_temp.stage, stage_member and stage_bad, those that there are.';

CREATE OR REPLACE FUNCTION etl.merge_page(run_id bigint, page int, next_cursor text, page_sha256 bytea, page_bytes bigint,
                                          fetched int, reading bytea DEFAULT NULL, total bigint DEFAULT NULL,
                                          next text DEFAULT NULL, OUT inserted bigint, OUT updated bigint,
                                          OUT unchanged bigint, OUT quarantined bigint, OUT refused bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM etl.lend_staging();
    SELECT m.* INTO inserted, updated, unchanged, quarantined, refused
    FROM etl.merge_staged(run_id, page, next_cursor, page_sha256, page_bytes, fetched, reading, total, next) m;
END $$;
COMMENT ON FUNCTION etl.merge_page(bigint, int, text, bytea, bigint, int, bytea, bigint, text) IS 'Merges the page staged in pg_temp.stage and pg_temp.stage_bad and moves the cursor, in the caller''s transaction. page: from 1, the run''s next; page_sha256: 32 bytes; page_bytes: size as received; fetched: records on the page. reading: 32 bytes, all that its reading depended on beside its bytes; given, and no record refused by a rule, it is remembered what the page came to, with total and next as it told them (etl.accept_pages). Returns how many records were inserted, updated, unchanged, quarantined, refused; they add up to fetched. Lets ekok_owner read the caller''s staging tables, and turn tokens of an older key in them, once a session. Errors as etl.merge_staged: after EK003 the page is to be staged again with raw_mac and raw_sealed, which are dear and seldom needed.';
