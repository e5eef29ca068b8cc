-- rotate_tokens.sql - the database's side of a rotation of a token key. Tokens are compared between rows, so they are turned value
-- by value: all rows that hold one value, enrolments and members of surveyed households, go from its old token to its new one in
-- one transaction, with their evidence and with all that was made of the token. At every moment two rows of one value have one token: nothing has to know that a rotation
-- is under way, and double dipping found before, during and after is the same (docs/adr/0018). Refuses to turn while a sweep
-- is unfinished, which goes by keys it has read before.

CREATE OR REPLACE FUNCTION keyring.any_turned() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Held by every page to its end; a turn waits for pages under way, and pages wait for a turn, some milliseconds.
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('ekok tokens', 0));
    RETURN EXISTS (SELECT FROM keyring.turned);
END $$;
COMMENT ON FUNCTION keyring.any_turned() IS 'Whether a token key was rotated and its older version still is understood. Waits for a turn under way, and keeps the next one waiting until the transaction ends.';

CREATE OR REPLACE FUNCTION keyring.turn_staged() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    turned boolean := keyring.any_turned();
BEGIN
    PERFORM keyring.check_macs();
    IF NOT turned THEN
        RETURN;
    END IF;
    UPDATE pg_temp.stage s SET
        nid_token = coalesce((SELECT t.new FROM keyring.turned t WHERE t.kind = 'nid' AND t.old = s.nid_token), s.nid_token),
        brn_token = coalesce((SELECT t.new FROM keyring.turned t WHERE t.kind = 'brn' AND t.old = s.brn_token), s.brn_token),
        mobile_token = coalesce((SELECT t.new FROM keyring.turned t WHERE t.kind = 'mobile' AND t.old = s.mobile_token), s.mobile_token),
        wallet_token = coalesce((SELECT t.new FROM keyring.turned t WHERE t.kind = 'wallet' AND t.old = s.wallet_token), s.wallet_token),
        account_token = coalesce((SELECT t.new FROM keyring.turned t WHERE t.kind = 'account' AND t.old = s.account_token), s.account_token)
    WHERE EXISTS (SELECT FROM (VALUES ('nid', s.nid_token), ('brn', s.brn_token), ('mobile', s.mobile_token), ('wallet', s.wallet_token),
                                      ('account', s.account_token)) g(kind, token) JOIN keyring.turned t ON t.kind = g.kind AND t.old = g.token);
END $$;
COMMENT ON FUNCTION keyring.turn_staged() IS 'Turns staged tokens of an older key that the registry holds by a newer one. Waits and holds as keyring.any_turned. Error EK005 as keyring.check_macs.';

CREATE OR REPLACE FUNCTION keyring.turn_staged_members() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    turned boolean := keyring.any_turned();
BEGIN
    PERFORM keyring.check_macs();
    IF NOT turned THEN
        RETURN;
    END IF;
    UPDATE pg_temp.stage_member s SET
        nid_token = coalesce((SELECT t.new FROM keyring.turned t WHERE t.kind = 'nid' AND t.old = s.nid_token), s.nid_token),
        brn_token = coalesce((SELECT t.new FROM keyring.turned t WHERE t.kind = 'brn' AND t.old = s.brn_token), s.brn_token)
    WHERE EXISTS (SELECT FROM (VALUES ('nid', s.nid_token), ('brn', s.brn_token)) g(kind, token)
                  JOIN keyring.turned t ON t.kind = g.kind AND t.old = g.token);
END $$;
COMMENT ON FUNCTION keyring.turn_staged_members() IS 'As keyring.turn_staged, of staged members of surveyed households.';

CREATE OR REPLACE FUNCTION keyring.take_tokens(kind text, table_name text, first_block bigint, end_block bigint)
RETURNS TABLE (id uuid, sealed bytea, token bytea, provider text, routing text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM keyring.cells() c WHERE c.table_name = take_tokens.table_name AND c.column_name = kind || '_sealed') THEN
        RAISE 'table % has no tokens of kind "%"', table_name, kind USING ERRCODE = 'invalid_parameter_value',
            HINT = 'nid, brn, mobile, wallet, account of registry.enrolment; nid, brn of registry.household_member.';
    END IF;
    RETURN QUERY EXECUTE format('SELECT t.id, t.%1$I, t.%2$I, %3$s FROM %4$s t WHERE t.ctid >= %5$L::tid AND t.ctid < %6$L::tid AND t.%2$I IS NOT NULL',
        kind || '_sealed', kind || '_token', CASE table_name WHEN 'registry.enrolment' THEN 't.wallet_provider, t.routing' ELSE 'NULL, NULL' END,
        table_name, format('(%s,0)', first_block), format('(%s,0)', coalesce(end_block, 4294967295)));
END $$;
COMMENT ON FUNCTION keyring.take_tokens(text, text, bigint, bigint) IS 'Sealed values of a kind with their tokens and what else a token is made of, from these blocks of a table. Locks nothing. Error 22023 for a table without such tokens.';

CREATE OR REPLACE FUNCTION keyring.turn_derived(kind text, ids uuid[], OUT verifications bigint[], OUT requests bigint[], OUT decisions tid[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT array_agg(v.id) FROM registry.verification v JOIN registry.enrolment e ON e.id = v.enrolment_id
                JOIN registry.verification_system s ON s.code = v.system
            WHERE v.enrolment_id = ANY (ids) AND kind = ANY (s.asks) AND v.basis = registry.verification_basis(e, s.asks)),
           (SELECT array_agg(r.id) FROM etl.verification_request r JOIN registry.enrolment e ON e.id = r.enrolment_id
                JOIN registry.verification_system s ON s.code = r.system
            WHERE r.enrolment_id = ANY (ids) AND kind = ANY (s.asks) AND r.basis = registry.verification_basis(e, s.asks)),
           (SELECT array_agg(d.ctid) FROM registry.decision d
            WHERE (d.a = ANY (ids) OR d.b = ANY (ids)) AND d.fingerprint = registry.fingerprint(d.a, d.b));
$$;
COMMENT ON FUNCTION keyring.turn_derived(text, uuid[]) IS 'What was made of these enrolments'' tokens as they stand: verdicts and questions by their basis, decisions by their fingerprint.';

CREATE OR REPLACE FUNCTION keyring.mend_derived(verifications bigint[], requests bigint[], decisions tid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF verifications IS NOT NULL THEN
        UPDATE registry.verification v SET basis = registry.verification_basis(e, s.asks)
        FROM registry.enrolment e, registry.verification_system s
        WHERE v.id = ANY (verifications) AND e.id = v.enrolment_id AND s.code = v.system;
    END IF;
    IF requests IS NOT NULL THEN
        UPDATE etl.verification_request r SET basis = registry.verification_basis(e, s.asks)
        FROM registry.enrolment e, registry.verification_system s
        WHERE r.id = ANY (requests) AND e.id = r.enrolment_id AND s.code = r.system;
    END IF;
    IF decisions IS NOT NULL THEN
        UPDATE registry.decision d SET fingerprint = registry.fingerprint(d.a, d.b) WHERE d.ctid = ANY (decisions);
    END IF;
END $$;
COMMENT ON FUNCTION keyring.mend_derived(bigint[], bigint[], tid[]) IS 'Makes anew, of the tokens as they now stand, what keyring.turn_derived found.';

CREATE OR REPLACE FUNCTION keyring.turn_pending(kind text, old bytea[], new bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE registry.pending p SET keys = w.keys
    FROM (SELECT q.enrolment_id, array_agg(coalesce(ekok.with_programme(t.new_key, ekok.programme(k.key)), k.key) ORDER BY k.at) AS keys,
                 bool_or(t.new_key IS NOT NULL) AS any_turned
          FROM registry.pending q CROSS JOIN LATERAL unnest(q.keys) WITH ORDINALITY AS k(key, at)
          LEFT JOIN (SELECT ekok.evidence_key(ekok.evidence(turn_pending.kind, g.old, 0)) AS old_key,
                            ekok.evidence(turn_pending.kind, g.new, 0) AS new_key
                     FROM unnest(turn_pending.old, turn_pending.new) AS g(old, new)) t ON t.old_key = ekok.evidence_key(k.key)
          WHERE cardinality(q.keys) > 0 GROUP BY q.enrolment_id) w
    WHERE p.enrolment_id = w.enrolment_id AND w.any_turned;
END $$;
COMMENT ON FUNCTION keyring.turn_pending(text, bytea[], bytea[]) IS 'Turns the keys that changed enrolments held before, as far as they wait to be linked.';

CREATE OR REPLACE FUNCTION keyring.hold_members(kind text, tokens bytea[], OUT held int, OUT busy bytea[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid[];
    free uuid[];
BEGIN
    IF kind NOT IN ('nid', 'brn') THEN
        held := 0;
        RETURN; -- null: members have no others
    END IF;
    EXECUTE format('SELECT array_agg(m.id) FROM registry.household_member m WHERE m.%I = ANY ($1)', kind || '_token') INTO ids USING tokens;
    SELECT array_agg(l.id) INTO free FROM (SELECT m.id FROM registry.household_member m WHERE m.id = ANY (ids) FOR NO KEY UPDATE SKIP LOCKED) l;
    EXECUTE format('SELECT array_agg(DISTINCT m.%I) FROM registry.household_member m WHERE m.id = ANY ($1) AND NOT m.id = ANY ($2)', kind || '_token')
        INTO busy USING ids, coalesce(free, '{}');
    held := coalesce(cardinality(ids), 0);
END $$;
COMMENT ON FUNCTION keyring.hold_members(text, bytea[]) IS 'Locks the members of surveyed households that hold these tokens, held of them. busy: tokens of those that others are writing.';

CREATE OR REPLACE FUNCTION keyring.turn_members(kind text, old bytea[], new bytea[]) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    written int := 0;
BEGIN
    IF kind IN ('nid', 'brn') THEN
        EXECUTE format('UPDATE registry.household_member m SET %1$I = g.new FROM unnest($1, $2) AS g(old, new) WHERE m.%1$I = g.old', kind || '_token')
            USING old, new;
        GET DIAGNOSTICS written = ROW_COUNT;
    END IF;
    RETURN written;
END $$;
COMMENT ON FUNCTION keyring.turn_members(text, bytea[], bytea[]) IS 'Turns tokens of members of surveyed households that keyring.hold_members has locked; returns how many.';

-- long: one turn, step by step, all under its locks
CREATE OR REPLACE FUNCTION keyring.turn_tokens(rotation bigint, old bytea[], new bytea[], OUT written int, OUT passed_over int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET enable_hashjoin = off
    SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    evidence_kind text := (SELECT substr(r.purpose, 7) FROM keyring.rotation r WHERE r.id = rotation AND r.state = 'running' AND r.purpose LIKE 'token\_%');
    held record;
    members record;
    derived record;
    free uuid[];
    ids uuid[];
    olds bytea[];
    news bytea[];
BEGIN
    IF evidence_kind IS NULL THEN
        RAISE 'rotation % is not a running one of tokens', rotation USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'ekok keys status shows rotations.';
    END IF;
    PERFORM pg_advisory_xact_lock(1701539691, hashtext('ekok sweep')), pg_advisory_xact_lock(hashtextextended('ekok tokens', 0));
    IF EXISTS (SELECT FROM registry.sweep_run r WHERE r.state = 'running') THEN
        RETURN; -- null: not now
    END IF;
    PERFORM set_config('ekok.purpose', 'key rotation ' || rotation || ' of token_' || evidence_kind, true);
    EXECUTE format('SELECT array_agg(DISTINCT e.id) AS ids FROM unnest($1) g(old) JOIN registry.evidence v ON v.key OPERATOR(ekok.>=) ekok.evidence($2, g.old, 0)
            AND v.key OPERATOR(ekok.<=) ekok.evidence($2, g.old, 4095) AND v.kind = $2
        JOIN registry.enrolment e ON e.id = v.enrolment_id AND e.%I = g.old', evidence_kind || '_token') INTO held USING old, evidence_kind;
    -- A value is turned for all who hold it or for none: one of them being written by others keeps it for another pass.
    SELECT array_agg(l.id) INTO free FROM (SELECT e.id FROM registry.enrolment e WHERE e.id = ANY (held.ids) FOR NO KEY UPDATE SKIP LOCKED) l;
    SELECT * INTO members FROM keyring.hold_members(evidence_kind, old);
    EXECUTE format('SELECT array_agg(g.old), array_agg(g.new) FROM (SELECT DISTINCT o.old, o.new FROM unnest($1, $2) o(old, new)) g
        WHERE NOT g.old = ANY ($5) AND NOT EXISTS (SELECT FROM registry.enrolment e WHERE e.id = ANY ($3) AND NOT e.id = ANY ($4) AND e.%I = g.old)', evidence_kind || '_token')
        INTO olds, news USING old, new, held.ids, coalesce(free, '{}'), coalesce(members.busy, '{}');
    EXECUTE format('SELECT array_agg(e.id) FROM registry.enrolment e WHERE e.id = ANY ($1) AND e.%I = ANY ($2)', evidence_kind || '_token')
        INTO ids USING free, olds;
    INSERT INTO keyring.turned (kind, old, new) SELECT evidence_kind, g.old, g.new FROM unnest(olds, news) AS g(old, new)
    ON CONFLICT ON CONSTRAINT turned_pkey DO NOTHING;
    SELECT * INTO derived FROM keyring.turn_derived(evidence_kind, ids);
    EXECUTE format('UPDATE registry.enrolment e SET %1$I = g.new FROM unnest($1, $2) AS g(old, new)
        WHERE e.id = ANY ($3) AND e.%1$I = g.old', evidence_kind || '_token') USING olds, news, ids;
    written := coalesce(cardinality(ids), 0) + keyring.turn_members(evidence_kind, olds, news);
    passed_over := coalesce(cardinality(held.ids), 0) + members.held - written;
    EXECUTE format('UPDATE registry.evidence v SET key = ekok.evidence($2, e.%I, ekok.programme(v.key)) FROM registry.enrolment e
        WHERE v.enrolment_id = ANY ($1) AND v.kind = $2 AND e.id = v.enrolment_id', evidence_kind || '_token') USING ids, evidence_kind;
    PERFORM keyring.mend_derived(derived.verifications, derived.requests, derived.decisions),
            keyring.turn_pending(evidence_kind, olds, news);
END $$;
COMMENT ON FUNCTION keyring.turn_tokens(bigint, bytea[], bytea[]) IS 'Turns values, named by their old and new tokens, for all enrolments and members of surveyed households that hold them: tokens, evidence, verdicts, questions, decisions, what waits to be linked. written: rows; passed_over: those that others are writing, with all who share their value; both null while a sweep is unfinished. Error 55000: no such rotation.';

CREATE OR REPLACE FUNCTION keyring.go_through_again(rotation bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    UPDATE keyring.progress g SET done = false, next_block = 0, passed_over = 0, pass = g.pass + 1
    WHERE g.rotation_id = rotation AND EXISTS (SELECT FROM keyring.rotation r WHERE r.id = rotation AND r.state = 'running');
$$;
COMMENT ON FUNCTION keyring.go_through_again(bigint) IS 'Sets a running rotation''s books back to the beginning of every table.';

CREATE OR REPLACE FUNCTION keyring.activate_tokens(rotation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r keyring.rotation;
BEGIN
    SELECT * INTO STRICT r FROM keyring.rotation t WHERE t.id = rotation AND t.state = 'running';
    PERFORM set_config('ekok.purpose', 'key rotation ' || rotation || ' of ' || r.purpose, true);
    PERFORM keyring.set_state(k.purpose, k.version, 'decrypt-only')
    FROM keyring.key k WHERE k.purpose = r.purpose AND k.state = 'active' AND k.version <> r.to_version;
    PERFORM keyring.set_state(r.purpose, r.to_version, 'active');
    PERFORM keyring.go_through_again(rotation);
END $$;
COMMENT ON FUNCTION keyring.activate_tokens(bigint) IS 'The new version of a token key becomes the active one, and every row is gone through once more.';

CREATE OR REPLACE FUNCTION keyring.finish_tokens(rotation bigint, checked bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r keyring.rotation;
BEGIN
    SELECT * INTO STRICT r FROM keyring.rotation t WHERE t.id = rotation AND t.state = 'running';
    PERFORM set_config('ekok.purpose', 'key rotation ' || rotation || ' of ' || r.purpose, true);
    PERFORM keyring.set_state(k.purpose, k.version, 'retired') FROM keyring.key k WHERE k.purpose = r.purpose AND k.state = 'decrypt-only';
    UPDATE keyring.rotation t SET state = 'finished', finished_at = now(), receipt = jsonb_build_object(
        'checked', checked, 'on_older_version', 0,
        'turned', (SELECT count(*) FROM keyring.turned u WHERE 'token_' || u.kind = r.purpose),
        'retired', (SELECT coalesce(jsonb_agg(jsonb_build_object('version', k.version, 'commitment', encode(k.commitment, 'hex')) ORDER BY k.version), '[]')
                    FROM keyring.key k WHERE k.purpose = r.purpose AND k.state = 'retired'))
    WHERE t.id = rotation;
END $$;
COMMENT ON FUNCTION keyring.finish_tokens(bigint, bigint) IS 'Ends a rotation of a token key after a pass in which every value was opened and had its new token: whoever holds the keys has counted, since a token does not tell its version. checked: how many. Retires the versions before and writes the receipt.';
