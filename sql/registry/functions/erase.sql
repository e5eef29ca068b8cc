-- erase.sql - erasure of a subject (PDPO 2025, section 13): one operator proposes, another erases. Rows go from every table that
-- holds people, found by the catalog; images and salts go from the trace (erase_trace.sql). All in one transaction, or nothing.
-- Refuses while another law, a programme that still pays, or work under way needs the data.

CREATE OR REPLACE FUNCTION registry.subject_ids(subject uuid, OUT ids uuid[], OUT enrolments uuid[], OUT members uuid[]) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person uuid := coalesce((SELECT m.person_id FROM registry.membership m WHERE m.enrolment_id = subject), subject);
BEGIN
    enrolments := ARRAY(SELECT m.enrolment_id FROM registry.membership m WHERE m.person_id = person
                        UNION SELECT e.id FROM registry.enrolment e WHERE e.id = subject);
    members := ARRAY(SELECT h.id FROM registry.household_member h WHERE h.id = subject
                     UNION SELECT h.id FROM registry.enrolment e JOIN registry.household_member h ON h.nid_token = e.nid_token WHERE e.id = ANY (enrolments)
                     UNION SELECT h.id FROM registry.enrolment e JOIN registry.household_member h ON h.brn_token = e.brn_token WHERE e.id = ANY (enrolments));
    ids := ARRAY(SELECT unnest(enrolments || members) UNION SELECT p.id FROM registry.person p WHERE p.id = person);
    IF ids = '{}' THEN
        RAISE 'no such person, enrolment or surveyed member' USING ERRCODE = 'no_data_found', HINT = 'An enrolment stands for its whole person.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.subject_ids(uuid) IS 'All that is held of a subject under an id: its person, the person''s enrolments, and surveyed household members with the same NID or BRN. Error P0002 for an unknown one.';

CREATE OR REPLACE FUNCTION registry.must_see_subject(subject uuid, OUT ids uuid[], OUT enrolments uuid[], OUT members uuid[]) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT k.* INTO ids, enrolments, members FROM registry.subject_ids(subject) k;
    PERFORM access.must_see(enrolments);
    IF NOT access.sees_all() AND EXISTS (SELECT FROM registry.household_member m WHERE m.id = ANY (members) AND (m.source = ANY (access.sources())) IS NOT TRUE) THEN
        RAISE 'the subject is a surveyed member out of your scope' USING ERRCODE = 'no_data_found', HINT = 'access.mine lists what you may see.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.must_see_subject(uuid) IS 'registry.subject_ids of a subject that lies wholly in the caller''s scope; error P0002 of any other.';

-- Tables with ids of people are found by the types of their columns; those below hold people, or ids of them, in another way.
CREATE OR REPLACE FUNCTION registry.erasure_plan() RETURNS TABLE (place regclass, rows_of text, blank text) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.place::regclass, k.rows_of, k.blank FROM (VALUES
        ('etl.quarantine', 'EXISTS (SELECT FROM people p WHERE (p.source, p.record_id) = (t.source, t.record_id))', NULL),
        ('etl.page', 't.kept IS NOT NULL AND EXISTS (SELECT FROM etl.run r JOIN people p ON p.source = r.source WHERE r.id = t.run_id)', 'kept = NULL'),
        ('etl.page_content', 't.ids && $1 OR t.refused && $1 OR EXISTS (SELECT FROM people p WHERE p.source = t.source AND p.record_id = ANY (t.named))', NULL),
        ('etl.listed', 't.ids && $1', 'ids = ARRAY(SELECT i FROM unnest(t.ids) i WHERE i <> ALL ($1))'),
        ('etl.verification_news', 't.ids && $1', 'ids = ARRAY(SELECT i FROM unnest(t.ids) i WHERE i <> ALL ($1))'),
        ('etl.verification_arrival', 't.ids && $1', 'ids = ARRAY(SELECT i FROM unnest(t.ids) WITH ORDINALITY u(i, nth) WHERE i <> ALL ($1) ORDER BY nth)'),
        ('registry.household', 'EXISTS (SELECT FROM people p WHERE p.household = t.id) AND NOT EXISTS (SELECT FROM registry.enrolment e '
            'WHERE (e.source, e.household) = (t.source, t.household_key) AND e.id <> ALL ($1)) AND NOT EXISTS (SELECT FROM registry.household_member m '
            'WHERE m.household_id = t.id AND m.id <> ALL ($1))', NULL)) AS k(place, rows_of, blank)
    UNION ALL
    SELECT c.oid::regclass, string_agg(CASE WHEN a.atttypid = 'uuid'::regtype THEN format('t.%I = ANY ($1)', a.attname)
                                            ELSE format('t.%I && $1', a.attname) END, ' OR ' ORDER BY a.attnum), NULL
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname IN ('registry', 'etl', 'sweep') AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
      AND a.atttypid IN ('uuid'::regtype, 'uuid[]'::regtype) AND a.attname <> 'household_id'
      AND c.oid <> ALL (ARRAY['etl.page_content', 'etl.listed', 'etl.verification_news', 'etl.verification_arrival', 'registry.household',
                             'registry.erasure', 'registry.legal_hold']::regclass[])
    GROUP BY c.oid;
$$;
COMMENT ON FUNCTION registry.erasure_plan() IS 'Every table that holds people or ids of them: which rows of it (alias t) are a subject''s, $1 being the subject''s ids and "people" its records; blank: what is set in them instead of deleting them, null: they are deleted.';

-- Counts what would go, or lets it go: those that are referred to last, and then the word that triggers leave of it.
CREATE OR REPLACE FUNCTION registry.pass_over(ids uuid[], dry boolean, OUT counts jsonb, OUT households uuid[]) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    people constant text := 'WITH people AS MATERIALIZED (SELECT e.source, e.record_id, h.id AS household FROM registry.enrolment e LEFT JOIN registry.household h '
        'ON (h.source, h.household_key) = (e.source, e.household) WHERE e.id = ANY ($1) UNION '
        'SELECT m.source, m.record_id, m.household_id FROM registry.household_member m WHERE m.id = ANY ($1)) ';
    plan record;
    gone bigint;
BEGIN
    counts := '{}';
    households := '{}';
    FOR plan IN SELECT p.* FROM registry.erasure_plan() p ORDER BY CASE p.place WHEN 'registry.household'::regclass THEN 0 WHEN 'registry.person'::regclass THEN 2
                WHEN 'registry.enrolment'::regclass THEN 3 WHEN 'registry.household_member'::regclass THEN 3
                WHEN 'etl.verification_news'::regclass THEN 4 ELSE 1 END, p.place::text LOOP
        IF dry THEN
            EXECUTE people || format('SELECT count(*) FROM %s t WHERE %s', plan.place, plan.rows_of) INTO gone USING ids;
        ELSIF plan.place = 'registry.household'::regclass THEN -- Its members go first; which ones it is, is known only before.
            EXECUTE people || format('SELECT coalesce(array_agg(t.id), ''{}'') FROM %s t WHERE %s', plan.place, plan.rows_of) INTO households USING ids;
            CONTINUE;
        ELSIF plan.blank IS NULL THEN
            EXECUTE people || format('DELETE FROM %s t WHERE %s', plan.place, plan.rows_of) USING ids;
            GET DIAGNOSTICS gone = ROW_COUNT;
        ELSE
            EXECUTE people || format('UPDATE %s t SET %s WHERE %s', plan.place, plan.blank, plan.rows_of) USING ids;
            GET DIAGNOSTICS gone = ROW_COUNT;
        END IF;
        IF gone > 0 THEN
            counts := counts || jsonb_build_object(plan.place::text, gone);
        END IF;
    END LOOP;
    DELETE FROM registry.household h WHERE h.id = ANY (households);
    IF households <> '{}' THEN
        counts := counts || jsonb_build_object('registry.household', cardinality(households));
    END IF;
END $$;
COMMENT ON FUNCTION registry.pass_over(uuid[], boolean) IS 'Rows of a subject by table, tables without any left out: deleted or blanked, with the households that nobody else belongs to; dry: counted only.';

CREATE OR REPLACE FUNCTION registry.erasure_obstacles(subject uuid) RETURNS TABLE (obstacle text, hint text) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s record;
BEGIN
    SELECT k.* INTO s FROM registry.must_see_subject(erasure_obstacles.subject) k;
    RETURN QUERY
    SELECT format('%s enrolment(s) are not at an end', count(*)), 'They end at the ministry; the next pull brings it.'
        FROM registry.enrolment e WHERE e.id = ANY (s.enrolments) AND (e.status IN ('inactive', 'absent')) IS NOT TRUE HAVING count(*) > 0
    UNION ALL
    SELECT format('%s legal hold(s) stand', count(*)), 'registry.legal_hold says why; one is lifted by two: ekok hold lift.'
        FROM registry.legal_hold h WHERE h.subject = ANY (s.ids || erasure_obstacles.subject) AND h.lifted_at IS NULL
          AND (h.until IS NULL OR h.until >= current_date) HAVING count(*) > 0
    UNION ALL
    SELECT format('a law wants %s enrolment(s) kept until %s', count(*), max((e.changed_at + r.keep)::date)), 'registry.retention says which.'
        FROM registry.enrolment e JOIN registry.retention r ON r.programme = e.programme
        WHERE e.id = ANY (s.enrolments) AND e.changed_at + r.keep > now() HAVING count(*) > 0
    UNION ALL
    SELECT format('%s page(s) of the subject''s sources could not be read, are kept whole, and no run has finished since', count(*)),
           'They may hold the subject. Once a run of the source has finished they are no longer needed.'
        FROM etl.page p JOIN etl.run r ON r.id = p.run_id WHERE p.kept IS NOT NULL AND r.source IN (
            SELECT e.source FROM registry.enrolment e WHERE e.id = ANY (s.enrolments)
            UNION SELECT m.source FROM registry.household_member m WHERE m.id = ANY (s.members))
          AND NOT EXISTS (SELECT FROM etl.run f WHERE f.source = r.source AND f.state = 'finished' AND f.started_at > p.at) HAVING count(*) > 0
    UNION ALL
    SELECT 'another system is being asked about the subject', 'Try again when it has answered.'
        FROM etl.verification_request q JOIN etl.verification_batch b ON b.id = q.batch_id
        WHERE q.enrolment_id = ANY (s.enrolments) AND b.state = 'open' HAVING count(*) > 0
    UNION ALL
    SELECT 'a sweep is unfinished', 'Finish it first: ekok sweep.' FROM registry.sweep_run r WHERE r.state = 'running' HAVING count(*) > 0;
END $$;
COMMENT ON FUNCTION registry.erasure_obstacles(uuid) IS 'What speaks against erasing a subject now, and what mends it; no row: nothing. Error P0002 for a subject that is unknown or not wholly in the caller''s scope.';

CREATE OR REPLACE FUNCTION registry.preview_erasure(subject uuid) RETURNS TABLE (place text, rows bigint) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s record;
BEGIN
    SELECT k.* INTO s FROM registry.must_see_subject(preview_erasure.subject) k;
    RETURN QUERY SELECT c.key, c.value::bigint FROM jsonb_each_text((registry.pass_over(s.ids, true)).counts) c ORDER BY 1;
    RETURN QUERY SELECT 'audit.entry', count(*) FROM audit.mentions(s.ids);
END $$;
COMMENT ON FUNCTION registry.preview_erasure(uuid) IS 'A dry run: how many rows of which table would go; of audit.entry, how many entries name the subject, those of rows that stay included. Counts, never values. Reads the whole trace. Errors as registry.erasure_obstacles.';

CREATE OR REPLACE FUNCTION registry.propose_erasure(subject uuid, basis text, case_id text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM registry.must_see_subject(propose_erasure.subject);
    INSERT INTO registry.erasure (subject, basis, case_id) VALUES (propose_erasure.subject, propose_erasure.basis, propose_erasure.case_id) RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.propose_erasure(uuid, text, text) IS 'Proposes that a subject (person, enrolment or surveyed member) be erased; returns the proposal''s number. basis: the law, 3 to 500 bytes; case_id: 1 to 100 bytes. Both stay in the trace: no name, no number of the subject. Errors: P0002 unknown or out of scope, 23514 no basis or case, 23505 one waits already.';

CREATE OR REPLACE FUNCTION registry.end_erasure(proposal bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE registry.erasure p SET outcome = CASE WHEN p.proposed_by = session_user THEN 'withdrawn' ELSE 'refused' END,
        ended_by = session_user, ended_at = clock_timestamp(), ended_in = pg_current_xact_id() WHERE p.id = proposal AND p.outcome IS NULL;
    IF NOT FOUND THEN
        RAISE 'no proposal % waits', proposal USING ERRCODE = 'no_data_found', HINT = 'They stand in registry.erasure.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.end_erasure(bigint) IS 'Ends a proposal without erasing: withdrawn by who made it, refused by another. Error P0002 when none waits.';

CREATE OR REPLACE FUNCTION registry.erase_subject(proposal bigint, OUT rows bigint, OUT entries bigint) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p registry.erasure;
    s record;
    against record;
    passed record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE 'nobody is erased at isolation level %', current_setting('transaction_isolation')
            USING ERRCODE = 'feature_not_supported', HINT = 'Erase at READ COMMITTED: changes by others must be seen.';
    END IF;
    -- A hold or a term that is being set is seen below; whoever sets one from now on waits until this is over.
    LOCK TABLE registry.legal_hold, registry.retention IN SHARE MODE;
    SELECT k.* INTO p FROM registry.erasure k WHERE k.id = proposal AND k.outcome IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'no proposal % waits', proposal USING ERRCODE = 'no_data_found', HINT = 'They stand in registry.erasure.';
    ELSIF access.same_person(p.proposed_by, session_user) THEN
        RAISE 'nobody erases by their own proposal' USING ERRCODE = 'insufficient_privilege', HINT = 'Another operator does.';
    END IF;
    PERFORM registry.enter_decision(), set_config('ekok.purpose', 'erasure', true);
    SELECT k.* INTO s FROM registry.subject_ids(p.subject) k;
    -- What others are writing about the subject ends before, or begins after.
    PERFORM FROM registry.enrolment e WHERE e.id = ANY (s.enrolments) ORDER BY e.id FOR UPDATE;
    PERFORM FROM registry.household_member m WHERE m.id = ANY (s.members) ORDER BY m.id FOR UPDATE;
    SELECT o.* INTO against FROM registry.erasure_obstacles(p.subject) o LIMIT 1;
    IF FOUND THEN
        RAISE 'the subject cannot be erased: %', against.obstacle USING ERRCODE = 'object_not_in_prerequisite_state', HINT = against.hint;
    END IF;
    UPDATE registry.erasure k SET outcome = 'erased', ended_by = session_user, ended_at = clock_timestamp(), ended_in = pg_current_xact_id() WHERE k.id = p.id; -- lets the rest happen
    SELECT o.* INTO passed FROM registry.pass_over(s.ids, false) o;
    entries := audit.destroy_images(p, passed.counts, s.ids || passed.households);
    rows := (SELECT coalesce(sum(c.value::bigint), 0) FROM jsonb_each_text(passed.counts) c);
END $$;
COMMENT ON FUNCTION registry.erase_subject(bigint) IS 'Erases as proposed, never by who proposed it: rows of the subject in all tables, images and salts of its entries in the trace; returns how many of both. A receipt stays (audit.erasure). If a ministry still lists the subject, the next pull brings it back as new. Reads the whole trace. Errors: P0002 none waits, or out of scope; 42501 one''s own; 55000 something speaks against it (registry.erasure_obstacles), or entries are from before images could be destroyed; 0A000 not at READ COMMITTED.';
