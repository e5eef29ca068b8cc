-- keyring.sql - tells the daemon whether it holds the right keys. Never sees a key.

CREATE OR REPLACE FUNCTION keyring.check_key(purpose text, version int, commitment bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    usable boolean;
BEGIN
    INSERT INTO keyring.key (purpose, version, commitment)
    SELECT check_key.purpose, check_key.version, check_key.commitment
    WHERE NOT EXISTS (SELECT FROM keyring.key k
                      WHERE k.purpose = check_key.purpose AND k.version = check_key.version)
    ON CONFLICT ON CONSTRAINT key_pkey DO NOTHING;
    SELECT k.commitment = check_key.commitment AND k.state NOT IN ('retired', 'destroyed') INTO usable
    FROM keyring.key k WHERE k.purpose = check_key.purpose AND k.version = check_key.version;
    RETURN coalesce(usable, false);
END $$;
COMMENT ON FUNCTION keyring.check_key(text, int, bytea) IS 'True when the key of this purpose and version is the registered one and may be used. The first sight registers it, active. commitment: 32 bytes, else error 23514; error 23505 when a new version comes while another is still active.';
