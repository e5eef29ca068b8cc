-- signing.sql - the keys that sign the trace, by their public halves: registered, followed by another, begun with, given up.
-- Says what those who hold the keys say, and puts it into the trace; checks no signature, and verifiers believe none of it.

CREATE OR REPLACE FUNCTION keyring.signer_commitment(public_key text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text[] := regexp_match(public_key, '^([^\s+]{1,100})[+]([0-9a-f]{8})[+]([A-Za-z0-9+/]{44})$');
    hash bytea;
BEGIN
    hash := sha256(convert_to(part[1], 'UTF8') || '\x0a' || decode(part[3], 'base64'));
    IF part IS NULL OR left(encode(hash, 'hex'), 8) <> part[2] THEN
        RAISE 'this is no public half of a key that signs' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'NAME+FINGERPRINT+KEY is expected, as ekok keys init-audit writes it.';
    END IF;
    RETURN hash;
END $$;
COMMENT ON FUNCTION keyring.signer_commitment(text) IS 'What keyring.key holds of a signing key: SHA-256, 32 bytes, of which the first four are its fingerprint. Error 22023 when the text is not NAME+FINGERPRINT+KEY or its parts do not belong together.';

-- The version of a signing key; 0: it is not registered. One change at a time, to the end of the transaction.
CREATE OR REPLACE FUNCTION keyring.find_signer(public_key text) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok audit signers', 0));
    PERFORM set_config('ekok.purpose', 'change of the key that signs the audit', true);
    RETURN coalesce((SELECT k.version FROM keyring.key k
                     WHERE k.purpose = 'audit' AND k.commitment = keyring.signer_commitment(find_signer.public_key)), 0);
END $$;
COMMENT ON FUNCTION keyring.find_signer(text) IS 'The version of a signing key by its public half, 0 when it is not registered; keeps others from changing signing keys until the transaction ends. Error 22023 as keyring.signer_commitment.';

CREATE OR REPLACE FUNCTION keyring.add_signer(public_key text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found int := keyring.find_signer(public_key);
    newest keyring.signer;
    commitment bytea := keyring.signer_commitment(public_key);
BEGIN
    IF found > 0 THEN
        RETURN found;
    END IF;
    SELECT * INTO newest FROM keyring.signer s ORDER BY s.version DESC LIMIT 1;
    IF split_part(newest.public_key, '+', 1) <> split_part(add_signer.public_key, '+', 1) THEN
        RAISE 'the name of the key is not that of the keys before it' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Checkpoints name the log by it, and one log goes on: make a key with the same name.';
    END IF;
    INSERT INTO keyring.key (purpose, version, state, commitment)
    VALUES ('audit', coalesce(newest.version, 0) + 1, CASE WHEN newest.version IS NULL THEN 'active' ELSE 'pre-active' END, commitment);
    INSERT INTO keyring.signer (version, fingerprint, public_key)
    VALUES (coalesce(newest.version, 0) + 1, left(encode(commitment, 'hex'), 8), add_signer.public_key);
    RETURN coalesce(newest.version, 0) + 1;
END $$;
COMMENT ON FUNCTION keyring.add_signer(text) IS 'Registers the public half of a signing key and returns its version: the first one active, others pre-active; one that is registered stays as it is. Error 22023: no public half, or of another name than the keys before.';

CREATE OR REPLACE FUNCTION keyring.check_signer(public_key text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found int := keyring.find_signer(public_key);
BEGIN
    IF found = 0 AND NOT EXISTS (SELECT FROM keyring.key k WHERE k.purpose = 'audit') THEN
        found := keyring.add_signer(public_key);
    END IF;
    RETURN coalesce((SELECT k.state FROM keyring.key k WHERE k.purpose = 'audit' AND k.version = found), 'unknown');
END $$;
COMMENT ON FUNCTION keyring.check_signer(text) IS 'The state of a signing key, as keyring.key.state; unknown when it is not registered. The first one of all is registered here, active. Whoever signs asks first: active and decrypt-only (another was made active and has not signed yet) may. Error 22023: no public half.';

CREATE OR REPLACE FUNCTION keyring.hand_over_signer(old_key text, new_key text, handover text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_version int := keyring.find_signer(old_key);
    new_version int := keyring.find_signer(new_key);
    old_name text := (SELECT s.fingerprint FROM keyring.signer s WHERE s.version = old_version);
BEGIN
    IF EXISTS (SELECT FROM keyring.signer s WHERE s.version = new_version AND s.follows = old_name) THEN
        RETURN;
    ELSIF (SELECT k.state FROM keyring.key k WHERE k.purpose = 'audit' AND k.version = old_version) IS DISTINCT FROM 'active'
       OR (SELECT k.state FROM keyring.key k WHERE k.purpose = 'audit' AND k.version = new_version) IS DISTINCT FROM 'pre-active' THEN
        RAISE 'the key that signs the audit is not changed: the old one is not the active one, or the new one is not pre-active'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'ekok keys status shows them.';
    END IF;
    PERFORM keyring.set_state('audit', old_version, 'decrypt-only');
    PERFORM keyring.set_state('audit', new_version, 'active');
    UPDATE keyring.signer s SET follows = old_name, handover = hand_over_signer.handover WHERE s.version = new_version;
END $$;
COMMENT ON FUNCTION keyring.hand_over_signer(text, text, text) IS 'Makes a pre-active signing key (public halves) the active one, with the text that both signed; the one before is decrypt-only, that is: it may still sign until the new one has. May be repeated. Errors: 55000 not the active one, or the new one not pre-active; 22023 no public half.';

CREATE OR REPLACE FUNCTION keyring.begin_signer(public_key text, size bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found int := keyring.find_signer(public_key);
BEGIN
    -- Another may have been made active already: this one signs until that one does.
    IF coalesce((SELECT k.state FROM keyring.key k WHERE k.purpose = 'audit' AND k.version = found), '') NOT IN ('active', 'decrypt-only') THEN
        RAISE 'this signing key is not one that may sign' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'ekok keys status shows which one is active.';
    END IF;
    UPDATE keyring.signer s SET first_size = begin_signer.size
    WHERE s.version = found AND s.first_size IS NULL AND s.follows IS NOT NULL;
    PERFORM keyring.set_state('audit', k.version, 'retired')
    FROM keyring.key k WHERE k.purpose = 'audit' AND k.state = 'decrypt-only' AND k.version < found;
END $$;
COMMENT ON FUNCTION keyring.begin_signer(text, bigint) IS 'With the first checkpoint of a signing key that follows another (size: entries under it, from 1): writes it down and retires the ones before. May be repeated. Error 55000: the key may not sign.';

CREATE OR REPLACE FUNCTION keyring.revoke_signer(version int, trusted_size bigint, revocation text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    now_is text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok audit signers', 0));
    SELECT k.state INTO now_is FROM keyring.key k WHERE k.purpose = 'audit' AND k.version = revoke_signer.version;
    IF now_is = 'destroyed' THEN
        RETURN;
    ELSIF now_is IS DISTINCT FROM 'retired' AND now_is IS DISTINCT FROM 'pre-active' THEN
        RAISE 'version % of audit is %', version, coalesce(now_is, 'not known') USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Only a retired version is destroyed: rotate first, and let the sealer sign once with the new one.';
    END IF;
    PERFORM set_config('ekok.purpose', 'destruction of a key that signed the audit', true);
    PERFORM keyring.set_state('audit', version, 'destroyed');
    UPDATE keyring.signer s SET trusted_size = revoke_signer.trusted_size, revocation = revoke_signer.revocation
    WHERE s.version = revoke_signer.version;
END $$;
COMMENT ON FUNCTION keyring.revoke_signer(int, bigint, text) IS 'Marks a retired (or never active) signing key as destroyed, with the size of the tree (from 0) up to which its checkpoints count and that statement as signed by a key that follows. May be repeated. Error 55000: it still signs, or is not known.';
