-- keyring.sql - tells the daemon whether it holds the right keys, and moves keys from state to state. Never sees a key.

CREATE OR REPLACE FUNCTION keyring.check_key(purpose text, version int, commitment bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    usable boolean;
BEGIN
    INSERT INTO keyring.key (purpose, version, commitment)
    SELECT check_key.purpose, check_key.version, check_key.commitment
    WHERE check_key.purpose <> 'audit' AND NOT EXISTS (SELECT FROM keyring.key k
                      WHERE k.purpose = check_key.purpose AND k.version = check_key.version)
    ON CONFLICT ON CONSTRAINT key_pkey DO NOTHING;
    SELECT k.commitment = check_key.commitment AND k.state NOT IN ('retired', 'destroyed') INTO usable
    FROM keyring.key k WHERE k.purpose = check_key.purpose AND k.version = check_key.version;
    RETURN coalesce(usable, false);
END $$;
COMMENT ON FUNCTION keyring.check_key(text, int, bytea) IS 'True when the key of this purpose and version is the registered one and may be used. The first sight registers it, active. commitment: 32 bytes, else error 23514; error 23505 when a new version comes while another is still active.';

CREATE OR REPLACE FUNCTION keyring.check_version(purpose text, version int, state text, commitment bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fits boolean;
BEGIN
    INSERT INTO keyring.key (purpose, version, state, commitment)
    SELECT check_version.purpose, check_version.version,
           CASE WHEN check_version.state = 'active' AND EXISTS (SELECT FROM keyring.key a WHERE a.purpose = check_version.purpose
                                                                                          AND a.state = 'active')
                THEN 'pre-active' ELSE check_version.state END, check_version.commitment
    WHERE check_version.purpose <> 'audit' AND NOT EXISTS (SELECT FROM keyring.key k
                      WHERE k.purpose = check_version.purpose AND k.version = check_version.version)
    ON CONFLICT ON CONSTRAINT key_pkey DO NOTHING;
    SELECT k.commitment = check_version.commitment AND (k.state <> 'destroyed' OR check_version.state = 'destroyed')
           AND (k.state <> 'retired' OR check_version.state <> 'active') INTO fits
    FROM keyring.key k WHERE k.purpose = check_version.purpose AND k.version = check_version.version;
    RETURN coalesce(fits, false);
END $$;
COMMENT ON FUNCTION keyring.check_version(text, int, text, bytea) IS 'True when this version of a key is the registered one and may be what its key file says it is (state, as keyring.key.state). The first sight registers it; as pre-active when another is active. A version that is destroyed here and not in the file, or retired here and active there, does not fit. commitment: 32 bytes, else error 23514.';

CREATE OR REPLACE FUNCTION keyring.set_state(purpose text, version int, state text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    states text[] := ARRAY['pre-active', 'active', 'decrypt-only', 'retired', 'destroyed'];
    before text;
BEGIN
    SELECT k.state INTO before FROM keyring.key k
    WHERE k.purpose = set_state.purpose AND k.version = set_state.version FOR UPDATE;
    IF before IS NULL THEN
        RAISE 'no version % of % is known', version, purpose USING ERRCODE = 'no_data_found',
            HINT = 'ekok keys status shows them.';
    ELSIF array_position(states, state) < array_position(states, before) THEN
        RAISE 'version % of % is %, it does not become % again', version, purpose, before, state
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A key only moves on. Add a new version.';
    ELSIF before <> state THEN
        UPDATE keyring.key k SET state = set_state.state, changed_at = now()
        WHERE k.purpose = set_state.purpose AND k.version = set_state.version;
    END IF;
END $$;
COMMENT ON FUNCTION keyring.set_state(text, int, text) IS 'Moves a version of a key on to a state; nothing where it is there already. Errors: P0002 no such version, 55000 it would go back.';
