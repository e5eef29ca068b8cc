-- household_merge.sql - takes one staged page of surveyed household members into the registry, as merge.sql takes enrolments:
-- households, members, quarantine, page, cursor, listing and counts in the caller's one transaction, and only what is new or
-- different. A member is no enrolment: no evidence, rule or person follows from it. Refuses a page that is not the run's
-- next, whose count is wrong, or whose staging is not plain.

CREATE OR REPLACE FUNCTION registry.keep_surveyed(source text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH told AS (
        SELECT DISTINCT ON (s.household COLLATE "C") s.household, s.geo
        FROM pg_temp.stage_member s ORDER BY s.household COLLATE "C", s.geo IS NULL, s.record_id COLLATE "C" DESC)
    INSERT INTO registry.household AS h (id, source, household_key, geo)
    SELECT registry.household_id(keep_surveyed.source, t.household), keep_surveyed.source, t.household, t.geo
    FROM told t LEFT JOIN registry.household k ON k.source = keep_surveyed.source AND k.household_key = t.household
    WHERE k.id IS NULL OR t.geo IS NOT NULL AND k.geo IS DISTINCT FROM t.geo
    ON CONFLICT ON CONSTRAINT household_source_household_key_key DO UPDATE SET geo = excluded.geo;
END $$;
COMMENT ON FUNCTION registry.keep_surveyed(text) IS 'Writes the households of the staged members that are new or have moved; no other is touched. The highest record id (by bytes) that gives a place decides it.';

CREATE OR REPLACE FUNCTION etl.write_members(source text, run_id bigint, OUT inserted bigint, OUT updated bigint) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE registry.household_member m SET
        household_id = registry.household_id(write_members.source, s.household), status = 'listed', name_bn = s.name_bn, name_en = s.name_en,
        sex = s.sex, birth_date = s.birth_date, geo = s.geo, nid_digits = s.nid_digits, nid_sealed = s.nid_sealed,
        nid_token = s.nid_token, brn_sealed = s.brn_sealed, brn_token = s.brn_token, pmt = s.pmt, surveyed_on = s.surveyed_on,
        row_mac = s.row_mac, last_run = write_members.run_id, changed_at = now()
    FROM pg_temp.stage_member s WHERE m.id = s.id AND m.row_mac IS DISTINCT FROM s.row_mac;
    GET DIAGNOSTICS updated = ROW_COUNT;
    INSERT INTO registry.household_member (id, source, record_id, household_id, status, name_bn, name_en, sex, birth_date, geo, nid_digits,
        nid_sealed, nid_token, brn_sealed, brn_token, pmt, surveyed_on, row_mac, first_run, last_run)
    SELECT s.id, write_members.source, s.record_id, registry.household_id(write_members.source, s.household), 'listed', s.name_bn, s.name_en,
        s.sex, s.birth_date, s.geo, s.nid_digits, s.nid_sealed, s.nid_token, s.brn_sealed, s.brn_token, s.pmt, s.surveyed_on,
        s.row_mac, write_members.run_id, write_members.run_id
    FROM pg_temp.stage_member s WHERE NOT EXISTS (SELECT FROM registry.household_member m WHERE m.id = s.id);
    GET DIAGNOSTICS inserted = ROW_COUNT;
END $$;
COMMENT ON FUNCTION etl.write_members(text, bigint) IS 'Adds the staged members that the registry does not hold and changes those whose content is another; returns how many of each.';

CREATE OR REPLACE FUNCTION etl.note_members_listed(run_id bigint, page int) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO etl.listed (source, generation, run_id, page, ids, unnamed, broken)
    SELECT r.source, r.generation, r.id, note_members_listed.page,
           ARRAY(SELECT s.id FROM pg_temp.stage_member s UNION ALL
                 SELECT m.id FROM pg_temp.stage_bad b JOIN registry.household_member m ON m.source = r.source AND m.record_id = b.record_id),
           (SELECT count(*) FROM pg_temp.stage_bad b WHERE b.record_id IS NULL), false
    FROM etl.run r WHERE r.id = note_members_listed.run_id AND r.generation IS NOT NULL;
END $$;
COMMENT ON FUNCTION etl.note_members_listed(bigint, int) IS 'Notes which members the staged page of a whole listing held.';

CREATE OR REPLACE FUNCTION etl.merge_staged_members(run_id bigint, page int, next_cursor text, page_sha256 bytea, page_bytes bigint,
                                                    fetched int, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
                                                    OUT quarantined bigint, OUT refused bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    origin text;
    staged bigint;
    foreign_ids bigint;
BEGIN
    PERFORM etl.check_staging('stage', 'stage_shape'), etl.check_staging('stage_member', 'stage_member_shape'),
            etl.check_staging('stage_bad', 'stage_bad_shape'), keyring.turn_staged_members();
    origin := etl.enter_page(run_id, page, page_sha256);
    SELECT count(*) INTO quarantined FROM pg_temp.stage_bad;
    SELECT count(*), count(*) FILTER (WHERE m.source <> origin OR m.record_id <> s.record_id) INTO staged, foreign_ids
    FROM pg_temp.stage_member s LEFT JOIN registry.household_member m ON m.id = s.id;
    IF staged + quarantined IS DISTINCT FROM fetched OR EXISTS (SELECT FROM pg_temp.stage) THEN
        RAISE 'page % of run % has % records, but % are staged', page, run_id, fetched, staged + quarantined
            USING ERRCODE = 'data_exception', HINT = 'Stage every record of the page in stage_member or stage_bad, once.';
    ELSIF foreign_ids > 0 THEN
        RAISE '% records of page % of run % carry the id of another record', foreign_ids, page, run_id
            USING ERRCODE = 'data_exception', HINT = 'An id is made from source and record id and from nothing else.';
    END IF;
    refused := 0;
    IF quarantined > 0 THEN
        PERFORM etl.set_aside(origin, run_id, page, '{}');
    END IF;
    PERFORM registry.keep_surveyed(origin);
    SELECT w.inserted, w.updated INTO inserted, updated FROM etl.write_members(origin, run_id) w;
    unchanged := staged - inserted - updated;
    INSERT INTO etl.page (run_id, number, sha256, bytes, rows, state)
    VALUES (merge_staged_members.run_id, page, page_sha256, page_bytes, merge_staged_members.fetched, 'loaded');
    IF EXISTS (SELECT FROM etl.run r WHERE r.id = run_id AND r.kind = 'pull') THEN
        PERFORM etl.keep_cursor(origin, next_cursor, run_id, page);
    END IF;
    PERFORM etl.note_members_listed(run_id, page);
    UPDATE etl.run r SET
        pages = r.pages + 1, fetched = r.fetched + merge_staged_members.fetched, inserted = r.inserted + merge_staged_members.inserted,
        updated = r.updated + merge_staged_members.updated, unchanged = r.unchanged + merge_staged_members.unchanged,
        quarantined = r.quarantined + merge_staged_members.quarantined
    WHERE r.id = merge_staged_members.run_id;
END $$;
COMMENT ON FUNCTION etl.merge_staged_members(bigint, int, text, bytea, bigint, int) IS 'The part of etl.merge_member_page that runs as the owner. Errors as etl.merge_staged.';

CREATE OR REPLACE FUNCTION etl.merge_member_page(run_id bigint, page int, next_cursor text, page_sha256 bytea, page_bytes bigint,
                                                 fetched int, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
                                                 OUT quarantined bigint, OUT refused bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM etl.lend_staging();
    SELECT m.* INTO inserted, updated, unchanged, quarantined, refused
    FROM etl.merge_staged_members(run_id, page, next_cursor, page_sha256, page_bytes, fetched) m;
END $$;
COMMENT ON FUNCTION etl.merge_member_page(bigint, int, text, bytea, bigint, int) IS 'Merges the page of surveyed household members staged in pg_temp.stage_member and pg_temp.stage_bad (pg_temp.stage is there and empty) and moves the cursor, in the caller''s transaction. Parameters, results and errors as etl.merge_page; refused is always 0.';

CREATE OR REPLACE FUNCTION etl.resolve_members(run_id bigint, quarantined bigint[], ids uuid[], superseded bigint[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    origin text := etl.replayed_by(run_id);
BEGIN
    PERFORM etl.check_staging('stage_member', 'stage_member_shape'), etl.check_staging('stage_bad', 'stage_bad_shape');
    UPDATE etl.quarantine q SET resolved_run = run_id, resolution = 'superseded'
    WHERE q.source = origin AND q.id = ANY (superseded) AND q.resolved_run IS NULL;
    UPDATE etl.quarantine q SET resolved_run = run_id, record_id = s.record_id, resolution = 'loaded'
    FROM unnest(quarantined, ids) AS w(quarantined, id)
    JOIN pg_temp.stage_member s ON s.id = w.id
    JOIN registry.household_member m ON m.id = w.id AND m.row_mac = s.row_mac
    WHERE q.source = origin AND q.id = w.quarantined AND q.resolved_run IS NULL;
    UPDATE etl.quarantine q SET reasons = b.reasons FROM pg_temp.stage_bad b
    WHERE q.source = origin AND q.row_mac = b.row_mac AND q.disposition = 'quarantined' AND q.reasons <> b.reasons;
END $$;
COMMENT ON FUNCTION etl.resolve_members(bigint, bigint[], uuid[], bigint[]) IS 'etl.resolve_quarantined for surveyed household members.';
