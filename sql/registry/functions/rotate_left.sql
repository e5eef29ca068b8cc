-- rotate_left.sql - what keeps a rotation of content MACs open: rows that are not what their MAC was made of, and whose source does
-- not send them again. Says how many, of which source; and lets two operators give them up: they then have no MAC, as rows marked
-- absent have none, so that the next rotation passes them by and a record that does come again counts as changed.
-- Refuses one alone, another number of rows than was approved, and anything but a running rotation.

CREATE OR REPLACE FUNCTION keyring.left_rows(rotation bigint) RETURNS TABLE (table_name text, row_id uuid, source text, last_run bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.table_name, e.id, e.source, e.last_run FROM keyring.unmade_mac u JOIN registry.enrolment e ON e.id = u.row_id AND e.row_mac = u.row_mac
    WHERE u.rotation_id = rotation AND u.table_name = 'registry.enrolment'
    UNION ALL
    SELECT u.table_name, m.id, m.source, m.last_run FROM keyring.unmade_mac u JOIN registry.household_member m ON m.id = u.row_id AND m.row_mac = u.row_mac
    WHERE u.rotation_id = rotation AND u.table_name = 'registry.household_member';
$$;
COMMENT ON FUNCTION keyring.left_rows(bigint) IS 'Rows that a rotation of content MACs has noted and that still have the MAC they had then, with their source and the run that changed them last. Granted to nobody.';

CREATE OR REPLACE FUNCTION keyring.list_left() RETURNS TABLE (rotation bigint, table_name text, source text, rows bigint, last_changed timestamptz, last_pulled timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, l.table_name, l.source, count(*), max(c.started_at), (SELECT max(p.started_at) FROM etl.run p WHERE p.source = l.source AND p.state = 'finished')
    FROM keyring.rotation r CROSS JOIN LATERAL keyring.left_rows(r.id) l JOIN etl.run c ON c.id = l.last_run
    WHERE r.state = 'running' AND r.purpose = 'row' GROUP BY r.id, l.table_name, l.source ORDER BY 1, 2, 3;
$$;
COMMENT ON FUNCTION keyring.list_left() IS 'Rows that keep a running rotation of content MACs open, counted by table and source. last_changed: when the latest run that changed one of them began; last_pulled: when the source was last read to its end. No ids: a source that is pulled turns its rows, and what is left after that does not come any more.';

CREATE OR REPLACE FUNCTION keyring.propose_settlement(reason text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    open_one bigint := (SELECT r.id FROM keyring.rotation r WHERE r.state = 'running' AND r.purpose = 'row');
    n bigint := (SELECT count(*) FROM keyring.left_rows(open_one));
    made bigint;
BEGIN
    PERFORM access.must_hold('operator');
    IF n = 0 THEN
        RAISE 'no rotation of content MACs is kept open by rows' USING ERRCODE = 'no_data_found', HINT = 'ekok keys status shows what is left.';
    END IF;
    UPDATE keyring.settlement s SET outcome = 'expired', ended_by = 'ekok_owner', ended_at = clock_timestamp()
    WHERE s.outcome IS NULL AND s.expires_at < clock_timestamp();
    INSERT INTO keyring.settlement (rotation_id, rows, reason) VALUES (open_one, n, propose_settlement.reason) RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION keyring.propose_settlement(text) IS 'Proposes to give up the rows that keep a rotation of content MACs open; returns the proposal''s number, which another operator gives to keyring.approve_settlement within seven days. reason: why they never come again, 3 to 500 bytes. Errors: P0002 nothing is left, 42501 not an operator, 23514 no reason, 23505 one waits already.';

CREATE OR REPLACE FUNCTION keyring.approve_settlement(proposal bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p keyring.settlement;
    none constant bytea := decode(repeat('00', 16), 'hex');
    n bigint;
    given_up bigint := 0;
    part text;
BEGIN
    PERFORM access.must_hold('operator');
    SELECT s.* INTO p FROM keyring.settlement s WHERE s.id = proposal AND s.outcome IS NULL FOR UPDATE;
    PERFORM access.must_approve(proposal, p.proposed_by, p.expires_at, 'keyring.settlement');
    PERFORM keyring.begin_turn(p.rotation_id), set_config('ekok.purpose', 'key rotation ' || p.rotation_id || ' of row, given up', true);
    FOREACH part IN ARRAY ARRAY['registry.enrolment', 'registry.household_member'] LOOP
        EXECUTE format('UPDATE %1$s t SET row_mac = $1 FROM keyring.left_rows($2) l WHERE l.table_name = %1$L AND t.id = l.row_id', part) USING none, p.rotation_id;
        GET DIAGNOSTICS n = ROW_COUNT;
        given_up := given_up + n;
    END LOOP;
    IF given_up <> p.rows THEN
        RAISE '% rows are left, and % were proposed', given_up, p.rows USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Nothing was given up. keyring.end_settlement ends it; propose anew what is left now.';
    END IF;
    UPDATE keyring.settlement s SET outcome = 'approved', ended_by = session_user, ended_at = clock_timestamp() WHERE s.id = proposal;
    RETURN given_up;
END $$;
COMMENT ON FUNCTION keyring.approve_settlement(bigint) IS 'Gives up the rows that another operator has proposed to give up; returns how many. They have no content MAC from then on: the rotation ends without them, and a record that does come again counts as changed. Waits and holds as keyring.begin_turn. Errors: P0002 none waits; 42501 not an operator, or one''s own, under whatever login; 55000 expired, the rotation has ended, or another number of rows is left now.';

CREATE OR REPLACE FUNCTION keyring.end_settlement(proposal bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_hold('operator');
    UPDATE keyring.settlement s SET outcome = CASE WHEN s.proposed_by = session_user THEN 'withdrawn' ELSE 'refused' END,
        ended_by = session_user, ended_at = clock_timestamp() WHERE s.id = proposal AND s.outcome IS NULL;
    IF NOT FOUND THEN
        RAISE 'no proposal % waits', proposal USING ERRCODE = 'no_data_found', HINT = 'They stand in keyring.settlement.';
    END IF;
END $$;
COMMENT ON FUNCTION keyring.end_settlement(bigint) IS 'Ends a proposal, and gives nothing up: withdrawn by who made it, refused by another. Errors: P0002 none waits; 42501 not an operator.';
