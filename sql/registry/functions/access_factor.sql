-- access_factor.sql - one-time codes. A code is looked at in a transaction apart (access.do_apart, called by ekok.apart alone), so that
-- neither a try nor a code that was right is undone by the caller's rollback. Refuses to say why a code is wrong.

CREATE OR REPLACE FUNCTION access.stepped_up() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT ekok.stepped_up(); $$;
COMMENT ON FUNCTION access.stepped_up() IS 'Whether this session has shown a one-time code within the time that it is good for: access.step_up.';

-- Runs apart. One row, locked: two sessions that show the same code at once come one after the other.
CREATE OR REPLACE FUNCTION access.try_code(code text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    f access.factor;
    step bigint := floor(extract(epoch FROM clock_timestamp()) / 30);
    fits bigint;
BEGIN
    SELECT k.* INTO f FROM access.factor k WHERE k.login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'none';
    ELSIF f.locked_until > clock_timestamp() THEN
        RETURN 'locked';
    END IF;
    -- One step back and one ahead, for clocks that differ and people who type slowly.
    SELECT max(s) INTO fits FROM generate_series(greatest(step - 1, f.last_step + 1), step + 1) s
    WHERE ekok.code_equal(ekok.hotp(f.secret, s, 6, 'sha1'), coalesce(code, ''));
    IF fits IS NOT NULL THEN
        UPDATE access.factor k SET last_step = fits, tries = 0, locked_until = NULL WHERE k.login = f.login;
        RETURN 'right';
    END IF;
    UPDATE access.factor k SET tries = CASE WHEN f.tries >= 4 THEN 0 ELSE f.tries + 1 END,
           locked_until = CASE WHEN f.tries >= 4 THEN clock_timestamp() + interval '15 minutes' END WHERE k.login = f.login;
    RETURN CASE WHEN f.tries >= 4 THEN 'locked' ELSE 'wrong' END;
END $$;
COMMENT ON FUNCTION access.try_code(text) IS 'Looks at a one-time code of this session''s login: right, wrong, locked (15 minutes after the fifth wrong one in a row) or none (no second factor). A code is right once.';

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
    said text := ekok.apart('code', ARRAY[coalesce(code, '')]);
BEGIN
    IF said = 'none' THEN
        RAISE 'login "%" has no second factor', session_user USING ERRCODE = 'invalid_authorization_specification',
            HINT = 'An access officer makes one: access.reset_login.';
    ELSIF said = 'locked' THEN
        RAISE 'five codes were wrong: no code is looked at for 15 minutes' USING ERRCODE = 'invalid_authorization_specification',
            HINT = 'Wait; were they not yours, tell an access officer.';
    ELSIF said <> 'right' THEN
        RAISE 'the one-time code is not right' USING ERRCODE = 'invalid_authorization_specification',
            HINT = 'Give the one that is shown now; each counts once. Five wrong ones lock for 15 minutes.';
    END IF;
END $$;
COMMENT ON FUNCTION access.must_prove(text) IS 'Nothing, or error 28000 when the code is not this session''s login''s, was used, or too many were wrong.';

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

-- Base 32 of RFC 4648, as authenticators read secrets; 20 bytes are 32 letters.
CREATE OR REPLACE FUNCTION access.base32(secret bytea) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 1 + (SELECT sum(get_bit(secret, 8 * (b / 8) + 7 - b % 8) << (4 - b + 5 * n))
                                                                     FROM generate_series(5 * n, 5 * n + 4) b)::int, 1), '' ORDER BY n)
    FROM generate_series(0, octet_length(secret) * 8 / 5 - 1) n;
$$;
COMMENT ON FUNCTION access.base32(bytea) IS 'A secret as an authenticator takes it (RFC 4648, without padding); its length is a multiple of 5 bytes.';
