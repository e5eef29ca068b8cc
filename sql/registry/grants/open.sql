-- open.sql - who may do what, by duty. What is not here is closed.

-- The daemon: functions, and the books of its own runs. No registry table, no audit table.
GRANT USAGE ON SCHEMA etl, registry, keyring, audit, report TO ekok_etl;
GRANT USAGE ON TYPE etl.stage_shape, etl.stage_bad_shape, etl.stage_member_shape TO ekok_etl;
GRANT SELECT ON etl.source, etl.source_programme, etl.contract, etl.run, etl.page, etl.cursor, etl.quarantine, etl.file,
    etl.source_definition, etl.definition_in_force TO ekok_etl;
GRANT EXECUTE ON FUNCTION keyring.check_key(text, int, bytea), etl.open_run(text, bytea, text, jsonb), etl.open_runs(jsonb),
    etl.wait_for_connection(bigint, int, boolean),
    etl.merge_page(bigint, int, text, bytea, bigint, int, bytea, bigint, text),
    etl.merge_staged(bigint, int, text, bytea, bigint, int, bytea, bigint, text), etl.recall_page(bigint, bytea, bytea),
    etl.accept_pages(bigint, int, text, bytea[], bigint[], bytea),
    etl.keep_page(bigint, int, text, bytea, bigint, bytea, text), etl.close_run(bigint, text, text, int),
    etl.hold_run(bigint, text, text[]), etl.pause_run(bigint, text, text), etl.take_request(text, int, int, bigint),
    etl.take_grant(text, int), etl.list_schedule(), etl.tick(),
    etl.renew_lease(bigint, int), etl.keep_seat(int), etl.ask_breaker(text, boolean), etl.begin_anew(bigint),
    etl.take_file(bigint, bytea, bigint, text), etl.end_file(bigint, bytea, text, text),
    etl.open_replay(text, bytea, text, jsonb), etl.list_superseded(text, uuid[], timestamptz[]),
    etl.resolve_quarantined(bigint, bigint[], uuid[], bigint[]), etl.resolve_members(bigint, bigint[], uuid[], bigint[]),
    etl.merge_member_page(bigint, int, text, bytea, bigint, int), etl.merge_staged_members(bigint, int, text, bytea, bigint, int),
    etl.lend_staging(), etl.stage_macs(bigint, int[], bytea, bytea), etl.map_macs(bigint, int[], bytea, bytea) TO ekok_etl;

-- Rotating keys, by the one who holds them: sealed values out and in, the books of it. It sees no clear value here.
GRANT EXECUTE ON FUNCTION keyring.check_version(text, int, text, bytea), keyring.begin_rotation(text, int), keyring.next_part(bigint, int),
    keyring.take_enrolments(bigint, bigint, int), keyring.take_cells(text, bigint, bigint, int), keyring.put_cell(bigint, text, tid, xid, bytea),
    keyring.put_rows(bigint, text, tid[], xid[], bytea[]), keyring.sealed_version(bytea), keyring.take_members(bigint, bigint, int),
    keyring.note_part(bigint, text, bigint, bigint, bigint), keyring.finish_rotation(bigint), keyring.count_values(int),
    keyring.destroy_key(text, int), keyring.hold_rotation(), keyring.take_tokens(text, text, bigint, bigint),
    keyring.turn_tokens(bigint, bytea[], bytea[]), keyring.activate_tokens(bigint), keyring.go_through_again(bigint),
    keyring.finish_tokens(bigint, bigint), keyring.take_contents(text, bigint, bigint), keyring.take_records(bigint, bigint),
    keyring.put_macs(bigint, text, tid[], xid[], bytea[]), keyring.put_record(bigint, tid, xid, bytea, bytea),
    keyring.note_unmade(bigint, text, uuid[], bytea[]),
    keyring.activate_macs(bigint), keyring.finish_macs(bigint, bigint) TO ekok_etl;
GRANT SELECT ON keyring.key, keyring.rotation, keyring.progress, keyring.unmade_mac, keyring.rotation_progress TO ekok_operator, ekok_auditor;
GRANT EXECUTE ON FUNCTION keyring.count_values(int) TO ekok_operator, ekok_auditor;

-- Asking other systems. What the daemon may know of a person it gets from etl.reserve_verification alone, with a trace.
GRANT EXECUTE ON FUNCTION etl.verification_left(text), etl.plan_verification(text, int), etl.reserve_verification(text, int),
    etl.record_verdicts(bigint, jsonb), etl.fail_verification(bigint, text, boolean), etl.share_verdicts(text), etl.reserve_grant(text),
    etl.keep_token(bigint, bytea, int), etl.drop_token(bigint) TO ekok_etl;
GRANT EXECUTE ON FUNCTION registry.verification_needed(text) TO ekok_operator, ekok_analyst;
GRANT EXECUTE ON FUNCTION registry.announce_payment(text, date), registry.payment_check(uuid[]), registry.payment_check(text),
    registry.reopen_verification(text), registry.change_verification(text, int, int, text), registry.preview_verification(text, int) TO ekok_operator;
GRANT EXECUTE ON FUNCTION registry.payment_check(uuid[]), registry.payment_check(text) TO ekok_analyst;
GRANT SELECT ON registry.verification_system, registry.verification_answer, registry.verification_policy, registry.payment_list,
    registry.verification_queue TO ekok_operator, ekok_analyst, ekok_auditor;
GRANT EXECUTE ON FUNCTION registry.verification_needed(text) TO ekok_auditor;

-- Sweeping, and opening sealed values with a trace.
GRANT EXECUTE ON FUNCTION registry.sweep(), registry.begin_sweep(), registry.step_sweep(bigint), registry.sweep_steps(),
    registry.link_new(uuid[]), registry.link_pending(int), audit.record_reading(text, text, text, text),
    audit.record_readings(text, text, text[], text) TO ekok_etl, ekok_operator;

-- Who is one person: operators decide; analysts look and ask why.
GRANT EXECUTE ON FUNCTION registry.decide(uuid, uuid, text, text), registry.withdraw(uuid, uuid, text), registry.undo(bigint, text),
    registry.estimate_weights(int), registry.activate_weights(int), registry.rebuild_blocking() TO ekok_operator;
GRANT EXECUTE ON FUNCTION registry.list_queue(), registry.explain_match(uuid, uuid, text), registry.find_person(ekok.person, int)
    TO ekok_operator, ekok_analyst;
GRANT SELECT ON registry.queue, registry.sweep_progress, registry.sweep_run, registry.sweep_count, registry.weights,
    registry.evidence_kind, registry.decision, registry.person_event TO ekok_operator, ekok_analyst;
GRANT EXECUTE ON FUNCTION registry.sweep_steps() TO ekok_analyst;

-- Operators watch runs and quarantine, and say how sources are read.
GRANT USAGE ON SCHEMA etl, registry, keyring, audit, report TO ekok_operator;
GRANT SELECT ON ALL TABLES IN SCHEMA etl TO ekok_operator;
GRANT EXECUTE ON FUNCTION etl.propose_definition(jsonb), etl.activate_definition(bigint), etl.add_definition(jsonb), etl.retire_source(text) TO ekok_operator;
GRANT EXECUTE ON FUNCTION etl.release_run(bigint, text) TO ekok_operator;
GRANT SELECT ON keyring.key TO ekok_operator;
GRANT SELECT ON registry.ministry, registry.programme, registry.geo, registry.rule TO ekok_operator;

-- Operators propose and activate rules (two of them), grant exceptions, release holds, ask what would happen.
GRANT EXECUTE ON FUNCTION registry.propose_rule(text, jsonb, text), registry.preview_rule(text), registry.activate_rule(text, bigint),
    registry.retire_rule(text), registry.grant_exception(text, uuid, uuid, text, timestamptz), registry.revoke_exception(bigint),
    registry.release_hold(uuid, text, text), registry.check_enrolment(jsonb, text) TO ekok_operator;

-- Operators erase a subject, two of them; hold back what another law wants kept, and give that up, two of them again.
GRANT EXECUTE ON FUNCTION registry.propose_erasure(uuid, text, text), registry.preview_erasure(uuid), registry.erasure_obstacles(uuid),
    registry.end_erasure(bigint), registry.erase_subject(bigint), registry.place_legal_hold(uuid, text, date), registry.lift_legal_hold(bigint, text),
    registry.set_retention(text, interval, text), registry.approve_keeping(bigint), registry.end_keeping(bigint) TO ekok_operator;

-- Operators see what keeps a rotation open, and give it up, two of them.
GRANT EXECUTE ON FUNCTION keyring.list_left() TO ekok_operator, ekok_auditor;
GRANT EXECUTE ON FUNCTION keyring.propose_settlement(text), keyring.approve_settlement(bigint), keyring.end_settlement(bigint) TO ekok_operator;
GRANT SELECT ON keyring.settlement TO ekok_operator, ekok_auditor;
GRANT SELECT ON registry.erasure, registry.legal_hold, registry.retention, registry.keeping_proposal TO ekok_operator, ekok_auditor;

-- Operators open one identifier at a time.
GRANT EXECUTE ON FUNCTION registry.sealed_value(uuid, text, text) TO ekok_operator;
GRANT SELECT ON registry.rule_exception, registry.hold TO ekok_operator, ekok_analyst, ekok_auditor;

-- Analysts read the registry, but for sealed values, tokens and evidence.
GRANT USAGE ON SCHEMA registry, report TO ekok_analyst;
GRANT SELECT ON registry.ministry, registry.programme, registry.geo, registry.rule, registry.household, registry.person,
    registry.membership, registry.match, registry.rule_hit, registry.verification, registry.beneficiary, registry.payable, registry.pmt_cutoff TO ekok_analyst;
GRANT SELECT (id, source, record_id, household_id, status, name_bn, name_en, sex, birth_date, geo, nid_digits, pmt, surveyed_on,
    first_run, last_run, created_at, changed_at) ON registry.household_member TO ekok_analyst;
GRANT SELECT (id, source, record_id, programme, status, name_bn, name_en, father_name, mother_name, sex, birth_date, geo,
    household, amount_paisa, enrolled_on, nid_digits, wallet_provider, routing, first_run, last_run, created_at, changed_at)
    ON registry.enrolment TO ekok_analyst;

-- Analysts find the record of a number they have in hand; the key agent counts.
GRANT EXECUTE ON FUNCTION registry.find(ekok.nid, text, text), registry.find(ekok.brn, text, text), registry.find(ekok.msisdn, text, text),
    registry.find(ekok.wallet, text, text), registry.token_holders(text, bytea[]) TO ekok_analyst;
GRANT EXECUTE ON FUNCTION ekok.agent_tokens(ekok.nid, text, text), ekok.agent_tokens(ekok.brn, text, text),
    ekok.agent_tokens(ekok.msisdn, text, text), ekok.agent_tokens(ekok.wallet, text, text) TO ekok_analyst;

-- Auditors read the trace, the books and the list of keys.
GRANT USAGE ON SCHEMA audit, etl, keyring, access, registry TO ekok_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA audit, etl, keyring, access TO ekok_auditor;
GRANT EXECUTE ON FUNCTION audit.watched(text[]), audit.unaccounted(regclass), audit.balance(bytea, text[]) TO ekok_auditor;
GRANT SELECT ON registry.ministry, registry.programme, registry.geo, registry.rule TO ekok_auditor;

-- The sealer reads the trace, adds what it hashed and signed, and makes the months to come.
GRANT USAGE ON SCHEMA audit TO ekok_sealer;
GRANT SELECT ON audit.entry TO ekok_sealer;
GRANT SELECT, INSERT ON audit.tile, audit.checkpoint TO ekok_sealer;
GRANT SELECT, INSERT, UPDATE ON audit.edge TO ekok_sealer;
GRANT EXECUTE ON FUNCTION audit.prepare_months(int) TO ekok_sealer;

-- Its keys, by their public halves: whoever holds one registers it, hands over to the next, gives one up.
GRANT USAGE ON SCHEMA keyring TO ekok_sealer;
GRANT SELECT ON keyring.key, keyring.signer TO ekok_sealer;
GRANT EXECUTE ON FUNCTION keyring.check_signer(text), keyring.add_signer(text), keyring.hand_over_signer(text, text, text),
    keyring.begin_signer(text, bigint), keyring.revoke_signer(int, bigint, text) TO ekok_sealer;
GRANT SELECT ON keyring.signer TO ekok_operator, ekok_auditor;

-- The place inside a number, for all who may read the table of places.
GRANT EXECUTE ON FUNCTION registry.place_at(text, text, text, text, text), registry.place_of(ekok.nid),
    registry.place_of(ekok.brn), registry.place_of(ekok.geocode) TO ekok_operator, ekok_analyst, ekok_auditor;

-- What the policies ask, for whoever has a scope; and of the tables below others, the columns that tie them together.
GRANT USAGE ON SCHEMA access TO ekok_scope_all, ekok_scope_ministry, ekok_scope_place;
GRANT EXECUTE ON FUNCTION access.list_held(), access.cells(), access.covers(text[], text, text), access.sees_all(), access.sources()
    TO ekok_scope_all, ekok_scope_ministry, ekok_scope_place;
GRANT SELECT (id, source, household) ON registry.enrolment TO ekok_scope_ministry, ekok_scope_place;
GRANT SELECT (enrolment_id, person_id) ON registry.membership TO ekok_scope_ministry, ekok_scope_place;
GRANT SELECT (id, source) ON etl.run TO ekok_scope_ministry, ekok_scope_place;

-- Everybody with an account asks, looks at their own, proves who they are. Officers, keepers and auditors do what their scope says:
-- the functions look at access.scope, so that membership alone does nothing.
GRANT USAGE ON SCHEMA access TO ekok_account, ekok_access_officer, ekok_keeper, ekok_break_glass, ekok_api_client;
GRANT USAGE ON SCHEMA report, registry TO ekok_api_client;
GRANT EXECUTE ON FUNCTION access.request(text, text, timestamptz, text, text), access.withdraw(bigint), access.list_mine(), access.revoke(bigint, text),
    access.step_up(text), access.step_down(), access.stepped_up(), access.change_password(text, text), access.keeps_parameters() TO ekok_account;
GRANT SELECT ON access.mine, access.duty TO ekok_account;
GRANT EXECUTE ON FUNCTION access.approve(bigint), access.refuse(bigint), access.list_requests() TO ekok_access_officer, ekok_keeper;
GRANT EXECUTE ON FUNCTION access.register(name, text, text, text, bytea), access.reset_login(name, bytea), access.disable(name, text), access.attest(bigint),
    access.begin_review(int), access.sweep(), access.list_scopes(), access.list_irregular(), access.list_bypasses(), access.ident_lines() TO ekok_access_officer;
GRANT SELECT ON access.requests TO ekok_access_officer, ekok_keeper;
GRANT SELECT ON access.standing_scopes, access.irregular, access.bypass, access.account, access.review TO ekok_access_officer;
GRANT EXECUTE ON FUNCTION access.list_requests(), access.list_scopes(), access.list_irregular(), access.list_bypasses(), access.begin_review(int),
    access.review_glass(bigint, text), audit.who_saw(uuid, timestamptz), audit.seen_by(name, timestamptz),
    audit.rows_of(uuid), audit.readings(text[], name, timestamptz, timestamptz) TO ekok_auditor;
REVOKE SELECT ON access.factor, access.password FROM ekok_auditor;
GRANT EXECUTE ON FUNCTION access.read_glass(text, text, text, int) TO ekok_break_glass;
GRANT EXECUTE ON FUNCTION access.sweep() TO ekok_etl;
GRANT EXECUTE ON FUNCTION registry.find_person(ekok.person, int), registry.payment_check(uuid[]) TO ekok_api_client;

-- Reports.
GRANT SELECT ON ALL TABLES IN SCHEMA report TO ekok_etl, ekok_operator, ekok_analyst;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA report TO ekok_etl, ekok_operator, ekok_analyst;
