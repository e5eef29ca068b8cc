-- rotate_rows.sql - the database's side of a rotation of the key of content MACs, by which an unchanged record is known. A MAC
-- does not tell its version, and what it was made of is partly sealed: whoever holds the keys makes it anew, row by row
-- (docs/adr/0030). While both versions stand every page brings its MACs by both, and what the registry holds by either is unchanged.
-- Refuses pages that bring fewer, with an error after which the same page comes again with both.

CREATE OR REPLACE FUNCTION keyring.mac_tables() RETURNS SETOF text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    VALUES ('registry.enrolment'), ('registry.household_member'), ('etl.quarantine');
$$;
COMMENT ON FUNCTION keyring.mac_tables() IS 'Every table whose rows are known by a content MAC, row_mac. Pages are remembered by MACs too, and forgotten when the key turns.';

CREATE OR REPLACE FUNCTION keyring.row_versions(OUT standing int[], OUT writing int[], OUT turning int) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    turning := (SELECT r.to_version FROM keyring.rotation r WHERE r.state = 'running' AND r.purpose = 'row');
    SELECT array_agg(k.version), array_agg(k.version) FILTER (WHERE k.state <> 'decrypt-only') INTO standing, writing
    FROM keyring.key k WHERE k.purpose = 'row' AND (k.state IN ('active', 'decrypt-only') OR k.version = turning);
END $$;
COMMENT ON FUNCTION keyring.row_versions() IS 'Versions of the key of content MACs. standing: rows may be known by a MAC of these; null when no key is known. writing: by which a row may be written now. turning: the one that a running rotation goes to, null when there is none.';

CREATE OR REPLACE FUNCTION keyring.check_macs() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made int[] := coalesce(nullif(current_setting('ekok.row_keys', true), ''), '{1}')::int[];
    v record;
BEGIN
    SELECT * INTO v FROM keyring.row_versions();
    IF v.standing IS NOT NULL AND NOT (v.standing <@ made AND made[1] = ANY (v.writing)) THEN
        RAISE 'content MACs are made by version % of their key, and rows stand by version %', array_to_string(made, ', '), array_to_string(v.standing, ', ')
            USING ERRCODE = 'EK005', HINT = 'Make them by all of these, an active one first. A daemon whose key file has not all of them needs a copy of the one that is rotated.';
    END IF;
END $$;
COMMENT ON FUNCTION keyring.check_macs() IS 'Refuses, with error EK005, a page whose MACs were not made by every version of the key that rows stand by: by the versions in the setting ekok.row_keys (an array; {1} when it is not set), the first of which is what is written. To be called under the lock of keyring.any_turned.';

-- Hash joins: MACs are compared by the hundred with hundreds. The registry is looked up by ids and MACs, never read.
CREATE OR REPLACE FUNCTION etl.map_macs(run_id bigint, versions int[], made bytea, other bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET enable_mergejoin = off SET enable_seqscan = off
    SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    origin text;
    v record;
BEGIN
    PERFORM etl.check_staging('stage', 'stage_shape'), etl.check_staging('stage_bad', 'stage_bad_shape'), keyring.any_turned();
    SELECT r.source INTO origin FROM etl.run r WHERE r.id = run_id FOR UPDATE;
    SELECT * INTO v FROM keyring.row_versions();
    IF to_regclass('pg_temp.stage_member') IS NOT NULL THEN
        PERFORM etl.check_staging('stage_member', 'stage_member_shape');
        IF versions[1] = v.turning THEN
            PERFORM set_config('ekok.purpose', 'key rotation of row, by a pull', true);
            UPDATE registry.household_member m SET row_mac = s.row_mac FROM pg_temp.stage_member s, etl.mac_pairs(made, other) p
            WHERE p.made = s.row_mac AND m.id = s.id AND m.row_mac = p.other;
        END IF;
        UPDATE pg_temp.stage_member s SET row_mac = m.row_mac FROM registry.household_member m, etl.mac_pairs(made, other) p
        WHERE p.made = s.row_mac AND m.id = s.id AND m.row_mac = p.other;
    END IF;
    IF versions[1] = v.turning THEN
        PERFORM set_config('ekok.purpose', 'key rotation of row, by a pull', true);
        UPDATE registry.enrolment e SET row_mac = s.row_mac FROM pg_temp.stage s, etl.mac_pairs(made, other) p
        WHERE p.made = s.row_mac AND e.id = s.id AND e.row_mac = p.other;
    END IF;
    UPDATE pg_temp.stage s SET row_mac = e.row_mac FROM registry.enrolment e, etl.mac_pairs(made, other) p
    WHERE p.made = s.row_mac AND e.id = s.id AND e.row_mac = p.other;
    -- A record that was set aside stays under the MAC that seals it; the rotation seals it anew.
    UPDATE pg_temp.stage s SET raw_mac = q.row_mac FROM etl.quarantine q, etl.mac_pairs(made, other) p
    WHERE p.made = s.raw_mac AND q.source = origin AND q.row_mac = p.other AND q.disposition = 'refused';
    UPDATE pg_temp.stage_bad s SET row_mac = q.row_mac FROM etl.quarantine q, etl.mac_pairs(made, other) p
    WHERE p.made = s.row_mac AND q.source = origin AND q.row_mac = p.other AND q.disposition = 'quarantined';
END $$;
COMMENT ON FUNCTION etl.map_macs(bigint, int[], bytea, bytea) IS 'The part of etl.stage_macs that runs as the owner. Error 42809: staging tables are not plain.';

CREATE OR REPLACE FUNCTION etl.mac_pairs(bytea, bytea) RETURNS TABLE (made bytea, other bytea) LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT substring($1 FROM 16 * n + 1 FOR 16), substring($2 FROM 16 * n + 1 FOR 16) FROM generate_series(0, octet_length($1) / 16 - 1) n;
$$;
COMMENT ON FUNCTION etl.mac_pairs(bytea, bytea) IS 'Two strings of MACs of 16 bytes each, as rows.';

CREATE OR REPLACE FUNCTION etl.stage_macs(run_id bigint, versions int[], made bytea, other bytea) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM etl.lend_staging();
    PERFORM etl.map_macs(run_id, versions, made, other);
END $$;
COMMENT ON FUNCTION etl.stage_macs(bigint, int[], bytea, bytea) IS 'Before etl.merge_page or etl.merge_member_page, in its transaction, while several versions of the key of content MACs stand: tells the MACs of the staged records by the others. versions: by which they are made, the staged ones first; made: the staged MACs, other: of the same records by another version, in the same order, 16 bytes each. What the registry or its quarantine holds by one of those counts as it: the staged MAC becomes the one that stands, or, when a rotation goes to the version of the staged ones, the row''s becomes the staged one. Errors as etl.map_macs.';

CREATE OR REPLACE FUNCTION keyring.take_contents(table_name text, first_block bigint, end_block bigint)
RETURNS TABLE (at tid, x xid, id uuid, row_mac bytea, record_id text, programme text, status text, name_bn text, name_en text, father_name text,
               mother_name text, sex text, birth_date text, geo text, household text, amount_paisa bigint, enrolled_on text, nid bytea, brn bytea,
               mobile bytea, wallet_provider text, wallet bytea, account bytea, routing text, pmt_hundredths int, surveyed_on text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' AS $$
DECLARE
    first_row tid := format('(%s,0)', first_block)::tid;
    end_row tid := format('(%s,0)', coalesce(end_block, 4294967295))::tid;
    absent constant bytea := decode(repeat('00', 16), 'hex');
BEGIN
    IF table_name = 'registry.enrolment' THEN
        RETURN QUERY SELECT e.ctid, e.xmin, e.id, e.row_mac, e.record_id, e.programme, e.status, e.name_bn, e.name_en, e.father_name, e.mother_name, e.sex,
            to_char(e.birth_date, 'YYYY-MM-DD'), e.geo, e.household, e.amount_paisa, to_char(e.enrolled_on, 'YYYY-MM-DD'), e.nid_sealed, e.brn_sealed,
            e.mobile_sealed, e.wallet_provider, e.wallet_sealed, e.account_sealed, e.routing, NULL::int, NULL::text
        FROM registry.enrolment e WHERE e.ctid >= first_row AND e.ctid < end_row AND e.row_mac <> absent;
    ELSIF table_name = 'registry.household_member' THEN
        -- A member has no status of a source's: its record is taken for active, and that is part of its content.
        RETURN QUERY SELECT m.ctid, m.xmin, m.id, m.row_mac, m.record_id, NULL::text, 'active'::text, m.name_bn, m.name_en, NULL::text, NULL::text, m.sex,
            to_char(m.birth_date, 'YYYY-MM-DD'), m.geo, h.household_key, NULL::bigint, NULL::text, m.nid_sealed, m.brn_sealed,
            NULL::bytea, NULL::text, NULL::bytea, NULL::bytea, NULL::text, (m.pmt * 100)::int, to_char(m.surveyed_on, 'YYYY-MM-DD')
        FROM registry.household_member m JOIN registry.household h ON h.id = m.household_id
        WHERE m.ctid >= first_row AND m.ctid < end_row AND m.row_mac <> absent;
    ELSE
        RAISE 'table % has no contents', table_name USING ERRCODE = 'invalid_parameter_value', HINT = 'registry.enrolment, registry.household_member.';
    END IF;
END $$;
COMMENT ON FUNCTION keyring.take_contents(text, bigint, bigint) IS 'What the content MACs in these blocks of a table are made of, identifiers sealed, with the MACs; of enrolments and of members of surveyed households. at and x tell this version of the row. A row marked absent has no MAC and is left out. Locks nothing. Error 22023 for another table.';

CREATE OR REPLACE FUNCTION keyring.take_records(first_block bigint, end_block bigint) RETURNS TABLE (at tid, x xid, row_mac bytea, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' AS $$
    SELECT q.ctid, q.xmin, q.row_mac, q.sealed FROM etl.quarantine q
    WHERE q.ctid >= format('(%s,0)', first_block)::tid AND q.ctid < format('(%s,0)', coalesce(end_block, 4294967295))::tid AND q.sealed IS NOT NULL;
$$;
COMMENT ON FUNCTION keyring.take_records(bigint, bigint) IS 'As keyring.take_contents, of records set aside: sealed whole, under their MAC.';

CREATE OR REPLACE FUNCTION keyring.begin_turn(rotation bigint) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM keyring.rotation r WHERE r.id = rotation AND r.state = 'running' AND r.purpose = 'row') THEN
        RAISE 'rotation % is not a running one of content MACs', rotation USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'ekok keys status shows rotations.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok tokens', 0)), set_config('ekok.purpose', 'key rotation ' || rotation || ' of row', true);
END $$;
COMMENT ON FUNCTION keyring.begin_turn(bigint) IS 'Waits for pages under way and keeps the next ones waiting until the transaction ends, as keyring.any_turned has them wait. Error 55000: no such rotation.';

CREATE OR REPLACE FUNCTION keyring.put_macs(rotation bigint, table_name text, at tid[], x xid[], mac bytea[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off
    SET enable_seqscan = off SET jit = off AS $$
DECLARE
    written int;
BEGIN
    PERFORM keyring.begin_turn(rotation);
    IF table_name NOT IN ('registry.enrolment', 'registry.household_member') THEN
        RAISE 'table % has no contents', table_name USING ERRCODE = 'invalid_parameter_value', HINT = 'registry.enrolment, registry.household_member.';
    END IF;
    EXECUTE format('WITH mine AS MATERIALIZED (SELECT g.at, g.mac FROM unnest($1, $2, $3) AS g(at, x, mac) JOIN %1$s t ON t.ctid = g.at AND t.xmin = g.x '
        'FOR NO KEY UPDATE OF t SKIP LOCKED) UPDATE %1$s t SET row_mac = m.mac FROM mine m WHERE t.ctid = m.at', table_name) USING put_macs.at, put_macs.x, put_macs.mac;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
COMMENT ON FUNCTION keyring.put_macs(bigint, text, tid[], xid[], bytea[]) IS 'Writes MACs made anew into the versions of rows that keyring.take_contents gave. A row that others changed or are writing is passed over. Returns the rows written. Waits and holds as keyring.begin_turn.';

CREATE OR REPLACE FUNCTION keyring.note_unmade(rotation bigint, table_name text, ids uuid[], macs bytea[]) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO keyring.unmade_mac AS u (rotation_id, table_name, row_id, row_mac)
    SELECT $1, $2, g.id, g.mac FROM unnest(ids, macs) AS g(id, mac) JOIN keyring.rotation r ON r.id = $1 AND r.state = 'running' AND r.purpose = 'row'
    ON CONFLICT ON CONSTRAINT unmade_mac_pkey DO NOTHING;
    SELECT g.id FROM unnest(ids, macs) AS g(id, mac)
    JOIN keyring.unmade_mac u ON u.rotation_id = $1 AND u.table_name = $2 AND u.row_id = g.id AND u.row_mac = g.mac;
$$;
COMMENT ON FUNCTION keyring.note_unmade(bigint, text, uuid[], bytea[]) IS 'Notes rows whose MAC is none of what stands in them, after keyring.activate_macs. Returns those that still have the MAC they had when they were noted first: on an older version. The others were written since, and since then only the new version writes.';

CREATE OR REPLACE FUNCTION keyring.put_record(rotation bigint, at tid, x xid, mac bytea, sealed bytea) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    q record;
BEGIN
    PERFORM keyring.begin_turn(rotation);
    SELECT k.id, k.source, k.row_mac, k.disposition INTO q FROM etl.quarantine k WHERE k.ctid = put_record.at AND k.xmin = put_record.x FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    ELSIF EXISTS (SELECT FROM etl.quarantine k WHERE k.source = q.source AND k.row_mac = put_record.mac AND k.disposition = q.disposition) THEN
        DELETE FROM etl.quarantine k WHERE k.id = q.id; -- the same bytes stand there already
        RETURN 1;
    END IF;
    INSERT INTO etl.former_mac (quarantine_id, row_mac) VALUES (q.id, q.row_mac);
    UPDATE etl.quarantine k SET row_mac = put_record.mac, sealed = put_record.sealed WHERE k.id = q.id;
    RETURN 1;
END $$;
COMMENT ON FUNCTION keyring.put_record(bigint, tid, xid, bytea, bytea) IS 'As keyring.put_macs, one record set aside, sealed anew under its MAC; where the same record of the source stands under that MAC already, this one goes. The MAC before is kept in etl.former_mac. 1: written, 0: passed over.';

CREATE OR REPLACE FUNCTION keyring.activate_macs(rotation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM keyring.begin_turn(rotation);
    PERFORM keyring.set_state(k.purpose, k.version, 'decrypt-only')
    FROM keyring.rotation r JOIN keyring.key k ON k.purpose = r.purpose AND k.state = 'active' AND k.version <> r.to_version WHERE r.id = rotation;
    PERFORM keyring.set_state(r.purpose, r.to_version, 'active') FROM keyring.rotation r WHERE r.id = rotation;
END $$;
COMMENT ON FUNCTION keyring.activate_macs(bigint) IS 'The new version of the key of content MACs becomes the active one: from then on no row is written by another.';

CREATE OR REPLACE FUNCTION keyring.finish_macs(rotation bigint, checked bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    forgotten bigint;
BEGIN
    PERFORM keyring.begin_turn(rotation);
    -- Pages taken as they were hold no lock that this waits for: one that is being taken goes with the next reading.
    DELETE FROM keyring.unmade_mac u WHERE u.rotation_id = rotation;
    DELETE FROM etl.page_content c WHERE c.ctid = ANY (ARRAY(SELECT k.ctid FROM etl.page_content k FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM keyring.set_state(k.purpose, k.version, 'retired') FROM keyring.key k WHERE k.purpose = 'row' AND k.state = 'decrypt-only';
    UPDATE keyring.rotation t SET state = 'finished', finished_at = now(), receipt = jsonb_build_object(
        'checked', checked, 'on_older_version', 0, 'pages_forgotten', forgotten,
        'given_up', (SELECT coalesce(sum(s.rows), 0) FROM keyring.settlement s WHERE s.rotation_id = rotation AND s.outcome = 'approved'),
        'written', (SELECT coalesce(jsonb_object_agg(g.table_name, g.values_done), '{}') FROM keyring.progress g WHERE g.rotation_id = rotation),
        'retired', (SELECT coalesce(jsonb_agg(jsonb_build_object('version', k.version, 'commitment', encode(k.commitment, 'hex')) ORDER BY k.version), '[]')
                    FROM keyring.key k WHERE k.purpose = 'row' AND k.state = 'retired'))
    WHERE t.id = rotation;
END $$;
COMMENT ON FUNCTION keyring.finish_macs(bigint, bigint) IS 'Ends a rotation of the key of content MACs after a pass in which every MAC was made anew from what stands and was that of the new version; whoever holds the keys has counted, since a MAC does not tell its version. checked: how many. Retires the version before, forgets what pages came to, which are read anew once, and writes the receipt.';
