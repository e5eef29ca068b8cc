-- source.sql - adds and retires definitions of sources. A definition is checked by `ekok source add` before it comes
-- here, and again by the daemon that reads it; refused here is what only the registry knows: a ministry or programme
-- that does not exist, or a source whose programmes are others.

CREATE OR REPLACE FUNCTION etl.create_source(definition jsonb) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text := definition #>> '{source,name}';
    wanted text[] := ARRAY(SELECT jsonb_array_elements_text(coalesce(definition -> 'programmes', '[]')));
    ministry text := definition #>> '{source,ministry}';
    strange text := (SELECT min(w) FROM unnest(wanted) w WHERE NOT EXISTS (SELECT FROM registry.programme p WHERE p.code = w));
BEGIN
    IF ministry IS NULL OR cardinality(wanted) = 0 AND definition #>> '{source,connector}' IS DISTINCT FROM 'verification'
        AND definition #>> '{source,records}' IS DISTINCT FROM 'members' THEN
        RAISE 'source "%" is not known', named USING ERRCODE = 'no_data_found',
            HINT = 'A new source says which ministry answers for it and what it may report: source.ministry and programmes.';
    ELSIF NOT EXISTS (SELECT FROM registry.ministry m WHERE m.code = ministry) THEN
        RAISE 'ministry "%" is not known', ministry USING ERRCODE = 'no_data_found',
            HINT = format('Known ministries: %s.', (SELECT string_agg(m.code, ', ' ORDER BY m.code) FROM registry.ministry m));
    ELSIF strange IS NOT NULL THEN
        RAISE 'programme "%" is not known', strange USING ERRCODE = 'no_data_found',
            HINT = format('Known programmes: %s.', (SELECT string_agg(p.code, ', ' ORDER BY p.code) FROM registry.programme p));
    END IF;
    INSERT INTO etl.source (code, title, ministry, source, confidence)
    VALUES (named, coalesce(definition #>> '{source,title}', named), ministry, 'its definition', 'assumed');
    INSERT INTO etl.source_programme (source, programme, basis)
    SELECT named, w, 'its definition' FROM unnest(wanted) w GROUP BY w;
END $$;
COMMENT ON FUNCTION etl.create_source(jsonb) IS 'Makes a source known by its first definition. Errors: P0002 no ministry or programmes given, or unknown ones.';

CREATE OR REPLACE FUNCTION etl.check_programmes(definition jsonb) RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    source text := definition #>> '{source,name}';
    known text := (SELECT string_agg(p.programme, ', ' ORDER BY p.programme) FROM etl.source_programme p
                   WHERE p.source = check_programmes.definition #>> '{source,name}');
BEGIN
    IF definition ? 'programmes' AND known IS DISTINCT FROM
       (SELECT string_agg(w, ', ' ORDER BY w) FROM (SELECT DISTINCT jsonb_array_elements_text(definition -> 'programmes')) x(w)) THEN
        RAISE 'source "%" may report other programmes', source USING ERRCODE = 'invalid_parameter_value',
            HINT = format('They are %s. A definition says how a source is read; what it may report is changed in etl.source_programme.', known);
    END IF;
END $$;
COMMENT ON FUNCTION etl.check_programmes(jsonb) IS 'Refuses, with error 22023, a definition that names other programmes than a known source may report.';

CREATE OR REPLACE FUNCTION etl.put_definition(definition jsonb, OUT source text, OUT version int, OUT added boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    latest etl.source_definition;
BEGIN
    source := definition #>> '{source,name}';
    IF source IS NULL THEN
        RAISE 'the definition names no source' USING ERRCODE = 'invalid_parameter_value', HINT = 'It stands at source.name.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok definition ' || source, 0));
    IF EXISTS (SELECT FROM etl.source s WHERE s.code = put_definition.source) THEN
        PERFORM etl.check_programmes(definition);
    ELSE
        PERFORM etl.create_source(definition);
    END IF;
    SELECT d.* INTO latest FROM etl.source_definition d WHERE d.source = put_definition.source ORDER BY d.version DESC LIMIT 1;
    added := latest.version IS NULL OR latest.state = 'retired' OR latest.definition <> definition;
    version := coalesce(latest.version, 0) + added::int;
    IF added THEN
        INSERT INTO etl.source_definition (source, version, definition, sha256)
        VALUES (put_definition.source, put_definition.version, definition, sha256(convert_to(definition::text, 'UTF8')));
        UPDATE etl.source s SET state = 'active' WHERE s.code = put_definition.source AND s.state = 'retired';
    END IF;
END $$;
COMMENT ON FUNCTION etl.put_definition(jsonb) IS 'What etl.add_definition and etl.activate_definition do.';

CREATE OR REPLACE FUNCTION etl.add_definition(definition jsonb, OUT source text, OUT version int, OUT added boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM access.account a WHERE a.login = session_user AND a.kind = 'person') THEN
        RAISE 'a definition is put in force by two' USING ERRCODE = 'insufficient_privilege',
            HINT = 'etl.propose_definition gives it a number; another operator calls etl.activate_definition with it.';
    END IF;
    SELECT p.source, p.version, p.added INTO source, version, added FROM etl.put_definition(definition) p;
END $$;

CREATE OR REPLACE FUNCTION etl.propose_definition(definition jsonb) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    IF definition #>> '{source,name}' IS NULL THEN
        RAISE 'the definition names no source' USING ERRCODE = 'invalid_parameter_value', HINT = 'It stands at source.name.';
    END IF;
    INSERT INTO etl.definition_proposal (source, definition) VALUES (definition #>> '{source,name}', propose_definition.definition) RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION etl.propose_definition(jsonb) IS 'Keeps a definition until another operator puts it in force; returns its number. Error 22023 when it names no source.';

CREATE OR REPLACE FUNCTION etl.activate_definition(proposal bigint, OUT source text, OUT version int, OUT added boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p etl.definition_proposal;
BEGIN
    SELECT k.* INTO p FROM etl.definition_proposal k WHERE k.id = proposal AND k.activated_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'no proposal % waits', proposal USING ERRCODE = 'no_data_found', HINT = 'They stand in etl.definition_proposal.';
    ELSIF p.proposed_by = session_user THEN
        RAISE 'nobody puts their own proposal in force' USING ERRCODE = 'insufficient_privilege', HINT = 'Another operator does.';
    END IF;
    SELECT d.source, d.version, d.added INTO source, version, added FROM etl.put_definition(p.definition) d;
    UPDATE etl.definition_proposal k SET activated_by = session_user, activated_at = clock_timestamp(), version = activate_definition.version WHERE k.id = p.id;
END $$;
COMMENT ON FUNCTION etl.activate_definition(bigint) IS 'Puts a proposed definition in force, as etl.add_definition would; never by who proposed it. Errors: P0002 none waits, 42501 one''s own, those of etl.add_definition.';
COMMENT ON FUNCTION etl.add_definition(jsonb) IS 'For programs and whoever installs; of persons two are wanted (42501): etl.propose_definition. Puts a definition in force as the next version; one that is in force already is not added again (added is false). Makes an unknown source known, from source.ministry and programmes; brings a retired one back. Errors: P0002 unknown source, ministry or programme, 22023 other programmes than the source may report, 23514 too large.';

CREATE OR REPLACE FUNCTION etl.retire_source(source text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    latest etl.source_definition;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok definition ' || source, 0));
    SELECT d.* INTO latest FROM etl.source_definition d WHERE d.source = retire_source.source ORDER BY d.version DESC LIMIT 1;
    IF latest.version IS NULL OR latest.state = 'retired' THEN
        RAISE 'source "%" has no definition in force', source USING ERRCODE = 'no_data_found',
            HINT = 'ekok source list shows the sources and their definitions.';
    END IF;
    INSERT INTO etl.source_definition (source, version, definition, sha256, state)
    VALUES (retire_source.source, latest.version + 1, latest.definition, latest.sha256, 'retired');
    UPDATE etl.source s SET state = 'retired' WHERE s.code = retire_source.source;
    RETURN latest.version + 1;
END $$;
COMMENT ON FUNCTION etl.retire_source(text) IS 'Ends the reading of a source: a last version of its definition, retired. Returns that version. Its records stay. Error P0002 when no definition is in force.';
