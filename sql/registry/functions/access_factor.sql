-- access_factor.sql - one-time codes. Whether one is right only the key agent can tell: the secrets stand here sealed. A code is looked
-- at in a transaction apart (access.do_apart, called by ekok.apart alone), so that neither a try nor a code that was right is undone by
-- the caller's rollback. Refuses to say why a code is wrong, and to take any while the agent is away.

CREATE OR REPLACE FUNCTION access.stepped_up() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT ekok.stepped_up(); $$;
COMMENT ON FUNCTION access.stepped_up() IS 'Whether this session has shown a one-time code within the time that it is good for: access.step_up.';

-- Runs apart. One row, locked: two sessions that show the same code at once come one after the other.
CREATE OR REPLACE FUNCTION access.try_code(code text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    f access.factor;
    fits bigint;
BEGIN
    SELECT k.* INTO f FROM access.factor k WHERE k.login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF f.sealed IS NULL THEN
        RETURN 'unsealed';
    ELSIF f.locked_until > clock_timestamp() THEN
        RETURN 'locked';
    END IF;
    -- One step back and one ahead, for clocks that differ and people who type slowly; later than the last that was right.
    fits := ekok.agent_code(f.login, f.sealed, coalesce(code, ''), f.last_step);
    IF fits > f.last_step THEN
        UPDATE access.factor k SET last_step = fits, tries = 0, locked_until = NULL WHERE k.login = f.login;
        RETURN 'right';
    END IF;
    UPDATE access.factor k SET tries = CASE WHEN f.tries >= 4 THEN 0 ELSE f.tries + 1 END,
           locked_until = CASE WHEN f.tries >= 4 THEN clock_timestamp() + interval '15 minutes' END WHERE k.login = f.login;
    RETURN CASE WHEN f.tries >= 4 THEN 'locked' ELSE 'wrong' END;
END $$;
COMMENT ON FUNCTION access.try_code(text) IS 'Has a one-time code of this session''s login looked at by the key agent: right, wrong, locked (15 minutes after the fifth wrong one in a row), none (no second factor) or unsealed (its secret is in the clear). A code is right once. Errors of ekok.agent_code; such a try is not counted here.';

CREATE OR REPLACE FUNCTION access.do_apart(what text, args text[]) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE what
        WHEN 'code' THEN
            RETURN access.try_code(args[1]);
        WHEN 'readings' THEN -- table, column, purpose, rows
            INSERT INTO audit.reading (table_name, column_name, row_id, purpose)
            SELECT args[1], args[2], r, args[3] FROM unnest(args[4:]) r;
            RETURN cardinality(args) - 3;
        WHEN 'export' THEN -- rows of the session, purpose, tables
            INSERT INTO audit.export (shown, purpose, tables) VALUES (args[1]::bigint, nullif(args[2], ''), args[3:]);
            RETURN args[1];
        WHEN 'named' THEN
            RETURN audit.collect_named();
    END CASE;
END $$;
COMMENT ON FUNCTION access.do_apart(text, text[]) IS 'What may be done in a transaction apart: code, to look at a one-time code; readings, to record that rows were read; export, that many were; named, to collect which. For ekok.apart.';

CREATE OR REPLACE FUNCTION access.must_prove(code text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said text;
BEGIN
    BEGIN
        said := ekok.apart('code', ARRAY[coalesce(code, '')]);
    EXCEPTION
        WHEN connection_failure OR object_not_in_prerequisite_state OR io_error THEN
            RAISE 'no one-time code can be looked at: %', SQLERRM USING ERRCODE = SQLSTATE,
                HINT = 'Codes are looked at by ekok-keyd alone; start it. When it is lost: docs/OPERATIONS.md, "No codes without the key agent".';
        WHEN insufficient_privilege OR configuration_limit_exceeded OR invalid_parameter_value THEN
            RAISE 'this one-time code is not looked at: %', SQLERRM USING ERRCODE = SQLSTATE,
                HINT = 'The key agent counts wrong codes too; were they not yours, tell an access officer. docs/access.md says what it wants.';
    END;
    IF said = 'none' THEN
        RAISE 'login "%" has no second factor', session_user USING ERRCODE = 'invalid_authorization_specification',
            HINT = 'An access officer makes one, where the key agent is: ekok access reset.';
    ELSIF said = 'unsealed' THEN
        RAISE 'the second factor of login "%" is not sealed yet', session_user USING ERRCODE = 'invalid_authorization_specification',
            HINT = 'Whoever installs the registry has it sealed by the key agent: ekok access seal.';
    ELSIF said = 'locked' THEN
        RAISE 'five codes were wrong: no code is looked at for 15 minutes' USING ERRCODE = 'invalid_authorization_specification',
            HINT = 'Wait; were they not yours, tell an access officer.';
    ELSIF said <> 'right' THEN
        RAISE 'the one-time code is not right' USING ERRCODE = 'invalid_authorization_specification',
            HINT = 'Give the one that is shown now; each counts once. Five wrong ones lock for 15 minutes.';
    END IF;
END $$;
COMMENT ON FUNCTION access.must_prove(text) IS 'Nothing, or error 28000 when the code is not this session''s login''s, was used, or too many were wrong; 08006 or 55000 when no key agent can look at it, 42501 or 53400 when the agent has counted too many wrong ones, 22023 when the second factor does not open.';

CREATE OR REPLACE FUNCTION access.step_up(one_time_code text) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_prove(one_time_code);
    PERFORM ekok.step_up(600);
    RETURN clock_timestamp() + interval '10 minutes';
END $$;
COMMENT ON FUNCTION access.step_up(text) IS 'Shows a one-time code: for ten minutes this session, and no other, counts as its holder''s where a duty wants more than a password. Returns until when. Error 28000.';

CREATE OR REPLACE FUNCTION access.step_down() RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT ekok.step_up(0); $$;
COMMENT ON FUNCTION access.step_down() IS 'Ends what access.step_up began.';

-- Secrets from before they were sealed: taken once, by who installs the registry, and given back sealed.
CREATE OR REPLACE FUNCTION access.clear_factors() RETURNS TABLE (login name, secret bytea) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' AS $$
    SELECT f.login, f.secret FROM access.factor f WHERE f.secret IS NOT NULL ORDER BY f.login;
$$;
COMMENT ON FUNCTION access.clear_factors() IS 'Second factors whose secret still stands in the clear, for ekok access seal; only for who installs the registry.';

CREATE OR REPLACE FUNCTION access.seal_factor(login name, sealed bytea) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE access.factor f SET sealed = seal_factor.sealed, secret = NULL WHERE f.login = seal_factor.login AND f.secret IS NOT NULL;
    IF NOT FOUND THEN
        RAISE 'login "%" has no second factor in the clear', login USING ERRCODE = 'no_data_found';
    ELSIF NOT EXISTS (SELECT FROM access.factor f WHERE f.secret IS NOT NULL) THEN
        ALTER TABLE access.factor VALIDATE CONSTRAINT factor_secret_gone;
    END IF;
END $$;
COMMENT ON FUNCTION access.seal_factor(name, bytea) IS 'Puts a secret that the key agent has sealed in the place of the one in the clear; only for who installs the registry. Errors: P0002 none in the clear, 23514 not of the length of a sealed secret.';

CREATE OR REPLACE FUNCTION access.put_factor(login name, sealed bytea) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO access.factor AS f (login, sealed) VALUES (put_factor.login, put_factor.sealed)
    ON CONFLICT ON CONSTRAINT factor_pkey DO UPDATE SET secret = NULL, sealed = excluded.sealed, exposed = false, made_at = excluded.made_at,
        last_step = 0, tries = 0, locked_until = NULL;
$$;
COMMENT ON FUNCTION access.put_factor(name, bytea) IS 'Gives an account a new second factor in the place of the one it has. Error 23514: not of the length of a sealed secret.';

CREATE OR REPLACE FUNCTION access.install_factor(login name, sealed bytea) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM access.account a WHERE a.login = install_factor.login AND a.kind = 'person' AND a.disabled_at IS NULL) THEN
        RAISE 'login "%" is no person''s account in use', login USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM access.put_factor(login, sealed);
END $$;
COMMENT ON FUNCTION access.install_factor(name, bytea) IS 'A new second factor for an account that has a password, when no officer can give one: after the keys of the key agent were lost. Only for who installs the registry. Error P0002.';

-- Base 32 of RFC 4648, for first passwords; 20 bytes are 32 letters.
CREATE OR REPLACE FUNCTION access.base32(secret bytea) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 1 + (SELECT sum(get_bit(secret, 8 * (b / 8) + 7 - b % 8) << (4 - b + 5 * n))
                                                                     FROM generate_series(5 * n, 5 * n + 4) b)::int, 1), '' ORDER BY n)
    FROM generate_series(0, octet_length(secret) * 8 / 5 - 1) n;
$$;
COMMENT ON FUNCTION access.base32(bytea) IS 'Bytes as letters that people can type (base 32 of RFC 4648, without padding); its length is a multiple of 5 bytes.';
