-- access_password.sql - accounts and their passwords. The clear password comes as a parameter over TLS or the local socket, is looked
-- at by the server - only so can it judge strength and reuse - and is kept as a SCRAM verifier alone (ADR 19). Refused wherever
-- the text of the statement or a log would keep it.

CREATE OR REPLACE FUNCTION access.keeps_parameters() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (current_setting('log_parameter_max_length') <> '0'
            AND (current_setting('log_statement') = 'all' OR current_setting('log_min_duration_statement') <> '-1'
                 OR current_setting('log_duration')::boolean OR current_setting('log_min_duration_sample') <> '-1'
                 OR current_setting('log_transaction_sample_rate') <> '0'))
        OR current_setting('log_parameter_max_length_on_error') <> '0'
        OR coalesce(current_setting('pgaudit.log_parameter', true), 'off') = 'on';
$$;
COMMENT ON FUNCTION access.keeps_parameters() IS 'Whether the server''s log would keep the parameters of a statement, and so a password: asked before one is sent.';

CREATE OR REPLACE FUNCTION access.random_secret() RETURNS bytea LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 20);
$$;
COMMENT ON FUNCTION access.random_secret() IS 'Twenty bytes nobody can guess: SHA-256 over 244 bits of the server''s strong random numbers. Of first passwords; secrets of second factors are the key agent''s.';

CREATE OR REPLACE FUNCTION access.weakness(password text, login name, holder text) RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    plain text := lower(password);
    kinds int := (password ~ '[a-z]')::int + (password ~ '[A-Z]')::int + (password ~ '[0-9]')::int + (password ~ '[^a-zA-Z0-9]')::int;
    word text;
BEGIN
    IF length(password) < 12 OR (length(password) < 16 AND kinds < 3) THEN
        RETURN 'it has less than 12 characters of three kinds, or 16 of any';
    ELSIF length(password) > 200 THEN
        RETURN 'it has more than 200 characters';
    ELSIF (SELECT count(DISTINCT c) FROM regexp_split_to_table(plain, '') c) < 7 THEN
        RETURN 'it has less than seven different characters';
    ELSIF plain ~ '(password|qwerty|asdf|letmein|welcome|admin|12345|23456|34567|45678|56789|abcde|bangladesh|registry|(.)\2\2\2)' THEN
        RETURN 'it holds what everybody tries first';
    END IF;
    FOREACH word IN ARRAY regexp_split_to_array(lower(login || ' ' || holder), '[^[:alnum:]]+') LOOP
        IF length(word) >= 4 AND strpos(plain, word) > 0 THEN
            RETURN 'it holds the holder''s or the login''s name';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION access.weakness(text, name, text) IS 'Why a password is too easy to guess; null: it is not. Never repeats any of it.';

CREATE OR REPLACE FUNCTION access.change_password(new text, one_time_code text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a access.account;
    weak text;
    made text;
BEGIN
    SELECT k.* INTO a FROM access.account k WHERE k.login = session_user AND k.disabled_at IS NULL AND k.kind = 'person';
    IF NOT FOUND THEN
        RAISE 'login "%" is no person''s account', session_user USING ERRCODE = 'insufficient_privilege', HINT = 'An access officer registers it: access.register.';
    ELSIF ekok.is_exposed(new) OR access.keeps_parameters() THEN
        RAISE 'this password may stand in a log' USING ERRCODE = 'invalid_password',
            DETAIL = 'It came in the text of the statement, over a network without TLS, or while the server logs parameters.',
            HINT = 'Use ekok passwd, and choose another one.';
    END IF;
    weak := access.weakness(new, a.login, a.holder);
    IF weak IS NOT NULL THEN
        RAISE 'the new password is too easy to guess: %', weak USING ERRCODE = 'invalid_password', HINT = 'Take four words that have nothing to do with each other.';
    END IF;
    PERFORM access.must_prove(one_time_code);
    IF EXISTS (SELECT FROM access.password p WHERE p.login = a.login AND ekok.scram_fits(p.verifier, new)) THEN
        RAISE 'the new password is one of your last twelve' USING ERRCODE = 'invalid_password', HINT = 'Choose another one; wait for the next code.';
    END IF;
    made := ekok.scram_verifier(new);
    PERFORM ekok.alter_login(a.login, NULL, made, 'infinity');
    INSERT INTO access.password (login, verifier) VALUES (a.login, made);
    DELETE FROM access.password p WHERE p.login = a.login
        AND p.id NOT IN (SELECT k.id FROM access.password k WHERE k.login = a.login ORDER BY k.id DESC LIMIT 12);
    UPDATE access.account k SET first_until = NULL, password_at = clock_timestamp() WHERE k.login = a.login;
END $$;
COMMENT ON FUNCTION access.change_password(text, text) IS 'Changes the password of this session''s login: the new one as a parameter, and a one-time code. Errors: 28P01 it may stand in a log, is weak, or one of the last twelve; 28000 the code is not right; 42501 no person''s account.';

-- A first password, and a second factor that the key agent has made and sealed: whoever asked the agent has its secret, this server never.
CREATE OR REPLACE FUNCTION access.begin_login(login name, factor bytea, OUT first_password text) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    until timestamptz := clock_timestamp() + interval '24 hours';
    made text;
BEGIN
    first_password := lower(substr(access.base32(access.random_secret()), 1, 20));
    made := ekok.scram_verifier(first_password);
    IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = begin_login.login) THEN
        PERFORM ekok.alter_login(login, true, made, until::text);
    ELSE
        PERFORM ekok.create_login(login, made, until::text);
    END IF;
    INSERT INTO access.password (login, verifier) VALUES (begin_login.login, made);
    IF factor IS NULL THEN
        DELETE FROM access.factor f WHERE f.login = begin_login.login;
    ELSE
        PERFORM access.put_factor(login, factor);
    END IF;
    UPDATE access.account a SET first_until = until WHERE a.login = begin_login.login;
END $$;
COMMENT ON FUNCTION access.begin_login(name, bytea) IS 'Gives an account a first password, good for 24 hours, and a sealed second factor in the place of the one before; null: none, and then the password cannot be changed.';

CREATE OR REPLACE FUNCTION access.register(login name, holder text, kind text DEFAULT 'person', certificate text DEFAULT NULL,
                                           factor bytea DEFAULT NULL, OUT first_password text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_hold('access officer');
    IF EXISTS (SELECT FROM access.account a WHERE a.login = register.login) THEN
        RAISE 'login "%" is registered already', login USING ERRCODE = 'duplicate_object', HINT = 'access.reset_login gives it a new first password.';
    END IF;
    INSERT INTO access.account (login, holder, kind, certificate) VALUES (register.login, register.holder, register.kind, register.certificate);
    IF kind = 'person' THEN
        first_password := access.begin_login(login, factor);
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = register.login) THEN
        PERFORM ekok.create_login(login, NULL, NULL);
    END IF;
    PERFORM access.fit_roles(login);
END $$;
COMMENT ON FUNCTION access.register(name, text, text, text, bytea) IS 'An access officer registers whose a login is, and makes it where it does not exist. A person''s gets a password that ends within 24 hours and the secret of a second factor, to be handed over by two ways; until the holder has changed the password it sees nobody. A program''s has none: it comes with its certificate. Errors: 42501, 42710 registered already, 23505 the holder or certificate has another login.';

CREATE OR REPLACE FUNCTION access.reset_login(login name, factor bytea DEFAULT NULL, OUT first_password text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_hold('access officer');
    IF login = session_user OR NOT EXISTS (SELECT FROM access.account a WHERE a.login = reset_login.login AND a.kind = 'person' AND a.disabled_at IS NULL) THEN
        RAISE 'login "%" is no other person''s account in use', login USING ERRCODE = 'insufficient_privilege', HINT = 'Another access officer resets yours.';
    END IF;
    first_password := access.begin_login(login, factor);
END $$;
COMMENT ON FUNCTION access.reset_login(name, bytea) IS 'An access officer gives somebody else a first password and a new second factor, as access.register. Error 42501.';

-- For who installs the registry, as access.install: the officers' own first passwords.
CREATE OR REPLACE FUNCTION access.install_login(login name, holder text, factor bytea DEFAULT NULL, OUT first_password text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM access.account a WHERE a.login = install_login.login) THEN
        RAISE 'login "%" is registered already', login USING ERRCODE = 'duplicate_object';
    END IF;
    INSERT INTO access.account (login, holder, kind) VALUES (install_login.login, install_login.holder, 'person');
    first_password := access.begin_login(login, factor);
    PERFORM access.install(login, holder, 'installed');
END $$;
COMMENT ON FUNCTION access.install_login(name, text, bytea) IS 'Makes one of the first three access officers with a first password and a second factor; only by who installs the registry. Errors: 42710 registered already, 55000 there are three.';

CREATE OR REPLACE FUNCTION access.close_login(login name) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles r WHERE r.rolname = close_login.login) THEN
        PERFORM ekok.alter_login(login, false, NULL, NULL);
    END IF;
END $$;
COMMENT ON FUNCTION access.close_login(name) IS 'Takes LOGIN from an ordinary role.';

CREATE OR REPLACE FUNCTION access.collect_logins() RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    taken bigint;
BEGIN
    INSERT INTO access.login (login, at, address, certificate, pid) SELECT t.login, t.at, t.address, t.certificate, t.pid FROM ekok.take_logins() t;
    GET DIAGNOSTICS taken = ROW_COUNT;
    UPDATE access.account a SET last_seen = l.at FROM (SELECT k.login, max(k.at) AS at FROM access.login k GROUP BY k.login) l
    WHERE l.login = a.login AND a.last_seen IS DISTINCT FROM l.at;
    RETURN taken;
END $$;
COMMENT ON FUNCTION access.collect_logins() IS 'Takes the logins noted in the server''s memory into access.login; returns how many.';

CREATE OR REPLACE FUNCTION access.ident_lines() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('ekok-certificates %s %s', a.certificate, quote_ident(a.login)) FROM access.account a
    WHERE a.certificate IS NOT NULL AND a.disabled_at IS NULL ORDER BY a.login;
$$;
COMMENT ON FUNCTION access.ident_lines() IS 'Lines of pg_ident.conf that let each client certificate log in as its one account: map ekok-certificates, common name, login.';
