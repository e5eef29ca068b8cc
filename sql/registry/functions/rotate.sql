-- rotate.sql - the database's side of a rotation of the data key: hands out sealed values that are on an older version, takes them
-- back sealed anew, keeps the books. Takes no lock before the new values are there, and never waits for a row: what
-- others are writing is passed over and met again in the next pass. So a writer waits for one statement at most, and
-- nobody waits in a circle.

CREATE OR REPLACE FUNCTION keyring.sealed_version(sealed bytea) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length(sealed) >= 45 AND get_byte(sealed, 0) = 1 THEN
        get_byte(sealed, 1) << 24 | get_byte(sealed, 2) << 16 | get_byte(sealed, 3) << 8 | get_byte(sealed, 4) END;
COMMENT ON FUNCTION keyring.sealed_version(bytea) IS 'The version of the data key that a sealed value names in its head; null when it is null or not in sealed form 1.';

-- Every place that holds sealed values: the sealed form is bound to table, column and place.
CREATE OR REPLACE FUNCTION keyring.cells() RETURNS TABLE (table_name text, column_name text, place text) LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    VALUES ('registry.enrolment', 'nid_sealed', 't.id::text'), ('registry.enrolment', 'brn_sealed', 't.id::text'),
           ('registry.enrolment', 'mobile_sealed', 't.id::text'), ('registry.enrolment', 'wallet_sealed', 't.id::text'),
           ('registry.enrolment', 'account_sealed', 't.id::text'),
           ('registry.household_member', 'nid_sealed', 't.id::text'), ('registry.household_member', 'brn_sealed', 't.id::text'),
           ('etl.quarantine', 'sealed', 'encode(t.row_mac, ''hex'')'), ('etl.page', 'kept', 't.run_id || ''/'' || t.number'),
           ('etl.verification_grant', 'sealed', 't.id::text'), ('access.factor', 'sealed', 't.login::text');
$$;
COMMENT ON FUNCTION keyring.cells() IS 'Every column that holds sealed values, and the SQL expression of the place (row id) that its seals are bound to. A column KIND_sealed stands beside the token KIND_token.';

CREATE OR REPLACE FUNCTION keyring.count_values(old_version int DEFAULT NULL) RETURNS TABLE (table_name text, version int, "values" bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cell record;
BEGIN
    FOR cell IN SELECT c.table_name, string_agg(format('(t.%I)', c.column_name), ', ') AS columns FROM keyring.cells() c GROUP BY 1 ORDER BY 1 LOOP
        RETURN QUERY EXECUTE format('SELECT %L, keyring.sealed_version(s.v), count(*) FROM %s t CROSS JOIN LATERAL (VALUES %s) s(v) '
            'WHERE s.v IS NOT NULL AND ($1 IS NULL OR keyring.sealed_version(s.v) = $1) GROUP BY 2 ORDER BY 2',
            cell.table_name, cell.table_name, cell.columns) USING old_version;
    END LOOP;
END $$;
COMMENT ON FUNCTION keyring.count_values(int) IS 'How many sealed values stand on each version of the data key, by table; of one version where it is given. Reads every row: this is the proof of a rotation.';

CREATE OR REPLACE FUNCTION keyring.hold_rotation() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_try_advisory_lock(hashtextextended('ekok key rotation', 0)) THEN
        RAISE 'another session is rotating keys' USING ERRCODE = 'lock_not_available',
            HINT = 'Wait for it; keyring.rotation_progress shows it.';
    END IF;
END $$;
COMMENT ON FUNCTION keyring.hold_rotation() IS 'Makes this session the one that rotates, until it ends. Error 55P03 when another is.';

CREATE OR REPLACE FUNCTION keyring.begin_rotation(purpose text, version int, OUT rotation_id bigint, OUT resumed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open keyring.rotation;
BEGIN
    PERFORM keyring.hold_rotation();
    SELECT * INTO open FROM keyring.rotation r WHERE r.state = 'running';
    resumed := open.id IS NOT NULL;
    IF resumed AND (open.purpose, open.to_version) <> (begin_rotation.purpose, begin_rotation.version) THEN
        RAISE 'rotation % of % to version % is not finished', open.id, open.purpose, open.to_version
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('ekok keys rotate %s goes on with it.', open.purpose);
    ELSIF NOT resumed AND EXISTS (SELECT FROM keyring.turned t WHERE 'token_' || t.kind = begin_rotation.purpose) THEN
        RAISE 'tokens of the version before are still understood' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = format('ekok keys destroy %s, with the retired version, first.', purpose);
    ELSIF NOT resumed THEN
        PERFORM set_config('ekok.purpose', 'key rotation of ' || purpose, true);
        INSERT INTO keyring.rotation AS r (purpose, to_version) VALUES (begin_rotation.purpose, begin_rotation.version) RETURNING r.* INTO open;
    END IF;
    -- Of one that is gone on with too: a table may have come since.
    INSERT INTO keyring.progress (rotation_id, table_name)
    SELECT DISTINCT open.id, c.table_name FROM keyring.cells() c
    WHERE begin_rotation.purpose IN ('data', 'token_' || substring(c.column_name FROM '^(.*)_sealed$'))
    UNION SELECT open.id, m FROM keyring.mac_tables() m WHERE begin_rotation.purpose = 'row'
    ON CONFLICT ON CONSTRAINT progress_pkey DO NOTHING;
    IF purpose = 'row' THEN
        PERFORM keyring.begin_turn(open.id); -- after pages that were let in before
    ELSIF purpose = 'data' THEN
        PERFORM keyring.set_state(k.purpose, k.version, 'decrypt-only')
        FROM keyring.key k WHERE k.purpose = 'data' AND k.state = 'active' AND k.version <> begin_rotation.version;
        PERFORM keyring.set_state(purpose, version, 'active');
    END IF;
    rotation_id := open.id;
END $$;
COMMENT ON FUNCTION keyring.begin_rotation(text, int) IS 'Begins the rotation of a key to a registered version, or goes on with the one that was left; holds until the session ends. The data key''s version becomes active, the one before decrypt-only. Errors: 55P03 another session rotates, 55000 another rotation is not finished or an older token key not destroyed, P0002 no such version.';

CREATE OR REPLACE FUNCTION keyring.next_part(rotation bigint, blocks int, OUT table_name text, OUT first_block bigint, OUT end_block bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size bigint;
    p keyring.progress;
BEGIN
    SELECT * INTO p FROM keyring.progress g WHERE g.rotation_id = rotation AND NOT g.done ORDER BY g.table_name DESC LIMIT 1;
    IF p.rotation_id IS NULL THEN
        RETURN;
    END IF;
    size := pg_relation_size(p.table_name::regclass) / current_setting('block_size')::bigint;
    IF p.next_block = 0 AND p.blocks <> size THEN
        UPDATE keyring.progress g SET blocks = size WHERE g.rotation_id = rotation AND g.table_name = p.table_name;
    END IF;
    table_name := p.table_name;
    first_block := p.next_block;
    -- The last part has no end: rows that were added behind it meanwhile belong to it.
    end_block := CASE WHEN p.next_block + next_part.blocks < size THEN p.next_block + next_part.blocks END;
END $$;
COMMENT ON FUNCTION keyring.next_part(bigint, int) IS 'The blocks of a table that a rotation looks at next, from first_block to before end_block; end_block null: to the end of the table. No table: all is done.';

CREATE OR REPLACE FUNCTION keyring.take_enrolments(first_block bigint, end_block bigint, version int)
RETURNS TABLE (at tid, x xid, id uuid, nid bytea, brn bytea, mobile bytea, wallet bytea, account bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' AS $$
BEGIN
    RETURN QUERY
    SELECT * FROM (
        SELECT e.ctid, e.xmin, e.id,
               CASE WHEN keyring.sealed_version(e.nid_sealed) <> take_enrolments.version THEN e.nid_sealed END AS nid,
               CASE WHEN keyring.sealed_version(e.brn_sealed) <> take_enrolments.version THEN e.brn_sealed END AS brn,
               CASE WHEN keyring.sealed_version(e.mobile_sealed) <> take_enrolments.version THEN e.mobile_sealed END AS mobile,
               CASE WHEN keyring.sealed_version(e.wallet_sealed) <> take_enrolments.version THEN e.wallet_sealed END AS wallet,
               CASE WHEN keyring.sealed_version(e.account_sealed) <> take_enrolments.version THEN e.account_sealed END AS account
        FROM registry.enrolment e
        WHERE e.ctid >= format('(%s,0)', first_block)::tid AND e.ctid < format('(%s,0)', coalesce(end_block, 4294967295))::tid
        OFFSET 0) o
    WHERE coalesce(o.nid, o.brn, o.mobile, o.wallet, o.account) IS NOT NULL;
END $$;
COMMENT ON FUNCTION keyring.take_enrolments(bigint, bigint, int) IS 'The enrolments of these blocks with sealed values on another version of the data key; null where a value is absent or on it already. at and x tell this version of the row. Locks nothing.';

CREATE OR REPLACE FUNCTION keyring.put_rows(rotation bigint, table_name text, at tid[], x xid[], sealed bytea[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    columns name[] := ARRAY(SELECT c.column_name::name FROM keyring.cells() WITH ORDINALITY c(of_table, column_name, place, n)
                            WHERE c.of_table = put_rows.table_name ORDER BY c.n);
BEGIN
    IF cardinality(columns) = 0 THEN
        RAISE 'table % holds no sealed values', table_name USING ERRCODE = 'invalid_parameter_value', HINT = 'keyring.cells() lists those that do.';
    END IF;
    -- A part that a crash takes back is done anew, with its books: it need not wait for the disk. The proof does.
    PERFORM set_config('ekok.purpose', 'key rotation ' || rotation || ' of data', true), set_config('synchronous_commit', 'off', true);
    RETURN ekok.reseal(table_name::regclass, columns, at, x, sealed);
END $$;
COMMENT ON FUNCTION keyring.put_rows(bigint, text, tid[], xid[], bytea[]) IS 'Writes values sealed anew into the versions of rows that keyring.take_enrolments or keyring.take_members gave, with their entries in the trace. sealed: a value for each sealed column of each row, row by row, in the order of keyring.cells(); null leaves a value. A row that others changed or are writing is passed over. The transaction''s commit does not wait for the disk. Returns the rows written. Errors: 22023 for a table without sealed values, else as ekok.reseal.';

CREATE OR REPLACE FUNCTION keyring.take_members(first_block bigint, end_block bigint, version int)
RETURNS TABLE (at tid, x xid, id uuid, nid bytea, brn bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' AS $$
BEGIN
    RETURN QUERY
    SELECT * FROM (
        SELECT m.ctid, m.xmin, m.id,
               CASE WHEN keyring.sealed_version(m.nid_sealed) <> take_members.version THEN m.nid_sealed END AS nid,
               CASE WHEN keyring.sealed_version(m.brn_sealed) <> take_members.version THEN m.brn_sealed END AS brn
        FROM registry.household_member m
        WHERE m.ctid >= format('(%s,0)', first_block)::tid AND m.ctid < format('(%s,0)', coalesce(end_block, 4294967295))::tid
        OFFSET 0) o
    WHERE coalesce(o.nid, o.brn) IS NOT NULL;
END $$;
COMMENT ON FUNCTION keyring.take_members(bigint, bigint, int) IS 'As keyring.take_enrolments, of members of surveyed households.';

CREATE OR REPLACE FUNCTION keyring.take_cells(table_name text, first_block bigint, end_block bigint, version int)
RETURNS TABLE (at tid, x xid, place text, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' AS $$
DECLARE
    cell record;
BEGIN
    SELECT * INTO STRICT cell FROM keyring.cells() c WHERE c.table_name = take_cells.table_name;
    RETURN QUERY EXECUTE format('SELECT t.ctid, t.xmin, %s, t.%I FROM %s t WHERE t.ctid >= %L::tid AND t.ctid < %L::tid '
        'AND keyring.sealed_version(t.%2$I) <> $1', cell.place, cell.column_name, cell.table_name, format('(%s,0)', first_block),
        format('(%s,0)', coalesce(end_block, 4294967295))) USING version;
END $$;
COMMENT ON FUNCTION keyring.take_cells(text, bigint, bigint, int) IS 'As keyring.take_enrolments, of the tables of keyring.cells with one sealed column. Error P0003 for another.';

CREATE OR REPLACE FUNCTION keyring.put_cell(rotation bigint, table_name text, at tid, x xid, sealed bytea) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cell record;
    written int;
BEGIN
    SELECT * INTO STRICT cell FROM keyring.cells() c WHERE c.table_name = put_cell.table_name;
    PERFORM set_config('ekok.purpose', 'key rotation ' || rotation || ' of data', true), set_config('synchronous_commit', 'off', true);
    EXECUTE format('WITH mine AS MATERIALIZED (SELECT t.ctid AS at FROM %1$s t WHERE t.ctid = $1 AND t.xmin = $2 FOR NO KEY UPDATE SKIP LOCKED) '
        'UPDATE %1$s t SET %2$I = $3 FROM mine m WHERE t.ctid = m.at', cell.table_name, cell.column_name) USING at, x, sealed;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
COMMENT ON FUNCTION keyring.put_cell(bigint, text, tid, xid, bytea) IS 'As keyring.put_rows, one value of a table that keyring.take_cells reads.';

CREATE OR REPLACE FUNCTION keyring.note_part(rotation bigint, table_name text, end_block bigint, "values" bigint, passed_over bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE keyring.progress g SET
        values_done = g.values_done + note_part."values", changed_at = now(),
        next_block = coalesce(note_part.end_block, 0),
        pass = g.pass + CASE WHEN note_part.end_block IS NULL AND g.passed_over + note_part.passed_over > 0 THEN 1 ELSE 0 END,
        done = note_part.end_block IS NULL AND g.passed_over + note_part.passed_over = 0,
        passed_over = CASE WHEN note_part.end_block IS NULL THEN 0 ELSE g.passed_over + note_part.passed_over END
    WHERE g.rotation_id = rotation AND g.table_name = note_part.table_name;
END $$;
COMMENT ON FUNCTION keyring.note_part(bigint, text, bigint, bigint, bigint) IS 'Moves a rotation''s books on in the transaction of a part. end_block null: the table is at its end; where rows were passed over it is gone through again.';

CREATE OR REPLACE FUNCTION keyring.finish_rotation(rotation bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r keyring.rotation;
    standing jsonb;
BEGIN
    SELECT * INTO STRICT r FROM keyring.rotation t WHERE t.id = rotation AND t.state = 'running';
    SELECT coalesce(jsonb_agg(jsonb_build_object('table', c.table_name, 'version', c.version, 'values', c."values")), '[]') INTO standing
    FROM keyring.count_values() c;
    IF standing @? format('$[*] ? (@.version != %s)', r.to_version)::jsonpath THEN
        UPDATE keyring.progress g SET done = false, pass = g.pass + 1
        WHERE g.rotation_id = rotation AND standing @? format('$[*] ? (@.version != %s && @.table == "%s")', r.to_version, g.table_name)::jsonpath;
        RETURN false;
    END IF;
    PERFORM set_config('ekok.purpose', 'key rotation ' || rotation || ' of ' || r.purpose, true);
    PERFORM keyring.set_state(k.purpose, k.version, 'retired')
    FROM keyring.key k WHERE k.purpose = r.purpose AND k.state = 'decrypt-only';
    UPDATE keyring.rotation t SET state = 'finished', finished_at = now(), receipt = jsonb_build_object(
        'standing', standing,
        'retired', (SELECT coalesce(jsonb_agg(jsonb_build_object('version', k.version, 'commitment', encode(k.commitment, 'hex')) ORDER BY k.version), '[]')
                    FROM keyring.key k WHERE k.purpose = r.purpose AND k.state = 'retired'),
        'written', (SELECT coalesce(jsonb_object_agg(g.table_name, g.values_done), '{}') FROM keyring.progress g WHERE g.rotation_id = rotation))
    WHERE t.id = rotation;
    RETURN true;
END $$;
COMMENT ON FUNCTION keyring.finish_rotation(bigint) IS 'The proof: counts all sealed values by version. When none stands on another version the ones before are retired, the receipt is written and in the trace, and true is returned; else the tables concerned are gone through again.';

CREATE OR REPLACE FUNCTION keyring.destroy_key(purpose text, version int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    left_on bigint := 0;
    now_is text := (SELECT k.state FROM keyring.key k WHERE k.purpose = destroy_key.purpose AND k.version = destroy_key.version);
BEGIN
    PERFORM keyring.hold_rotation();
    IF now_is = 'destroyed' THEN
        RETURN;
    ELSIF purpose = 'audit' THEN
        RAISE 'the key that signs the audit is given up by whoever holds it' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'ekok keys destroy audit VERSION KEYFILE, as the sealer.';
    ELSIF now_is IS DISTINCT FROM 'retired' AND now_is IS DISTINCT FROM 'pre-active' THEN
        RAISE 'version % of % is %', version, purpose, coalesce(now_is, 'not known') USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = format('Only a retired version is destroyed: ekok keys rotate %s first.', purpose);
    END IF;
    IF purpose = 'data' THEN
        SELECT coalesce(sum(c."values"), 0) INTO left_on FROM keyring.count_values(destroy_key.version) c;
    END IF;
    IF left_on > 0 THEN
        RAISE '% values are still on version % of %', left_on, version, purpose USING ERRCODE = 'dependent_objects_still_exist',
            HINT = format('ekok keys rotate %s brings them to the active version.', purpose);
    END IF;
    PERFORM set_config('ekok.purpose', 'destruction of a key', true);
    DELETE FROM keyring.turned t WHERE 'token_' || t.kind = destroy_key.purpose;
    PERFORM keyring.set_state(purpose, version, 'destroyed');
END $$;
COMMENT ON FUNCTION keyring.destroy_key(text, int) IS 'Marks a retired (or never active) version as destroyed, so that no key file that still has it is accepted. The bytes go from the key file: ekok keys destroy. Errors: 55000 it is in use, 2BP01 values are still on it, 55P03 a rotation runs.';

CREATE OR REPLACE VIEW keyring.rotation_progress WITH (security_invoker = true) AS
    SELECT r.id, r.purpose, r.to_version, r.state, g.table_name, g.pass, g.values_done,
           CASE WHEN g.done OR r.state = 'finished' THEN 100 WHEN g.blocks = 0 THEN 0
                ELSE least(99, 100 * g.next_block / g.blocks) END::int AS percent,
           g.done, r.started_at, g.changed_at
    FROM keyring.rotation r LEFT JOIN keyring.progress g ON g.rotation_id = r.id;
COMMENT ON VIEW keyring.rotation_progress IS 'How far each rotation is, by table. percent: of the table''s blocks in this pass.';
COMMENT ON COLUMN keyring.rotation_progress.id IS 'Number of the rotation.';
COMMENT ON COLUMN keyring.rotation_progress.purpose IS 'Which key, as keyring.key.purpose.';
COMMENT ON COLUMN keyring.rotation_progress.to_version IS 'The version that everything is to be on.';
COMMENT ON COLUMN keyring.rotation_progress.state IS 'running or finished.';
COMMENT ON COLUMN keyring.rotation_progress.table_name IS 'The table.';
COMMENT ON COLUMN keyring.rotation_progress.pass IS 'How often it is being gone through, from 1.';
COMMENT ON COLUMN keyring.rotation_progress.values_done IS 'Values written anew so far.';
COMMENT ON COLUMN keyring.rotation_progress.percent IS '0 to 100, of the blocks of this pass.';
COMMENT ON COLUMN keyring.rotation_progress.done IS 'Whether nothing is left in it.';
COMMENT ON COLUMN keyring.rotation_progress.started_at IS 'When the rotation began.';
COMMENT ON COLUMN keyring.rotation_progress.changed_at IS 'When the last part was written.';
