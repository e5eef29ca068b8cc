-- read.sql - row-level security on every table that holds people: closed to everybody who has no policy here. A login reads by
-- the shape of its scope: all rows, those of some ministries, those of some places; its duty says which tables and columns.
-- ekok.sees looks at the scope once a statement, and tells the planner which ranges of an index hold it and how many rows they are;
-- where it stands, programme and place are columns of the table itself: looking a row's enrolment up would cost what a join costs.
-- The owner's functions are not bound; those that return people filter by access.covers. What is bound is found in the catalog:
-- a table with a column enrolment_id or person_id is, without being named here. test/pgtap/access_scope.sql finds what is left out.

DO $$
DECLARE
    enrolled constant text := 'EXISTS (SELECT FROM registry.enrolment e WHERE e.id = %s)';
    t record;
BEGIN
    -- Once made by a rule that every duty reads all.
    FOR t IN SELECT p.polname, p.polrelid::regclass AS guarded FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
             WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('registry', 'etl', 'audit', 'sweep', 'access', 'keyring')) LOOP
        EXECUTE format('DROP POLICY %I ON %s', t.polname, t.guarded);
    END LOOP;

    EXECUTE 'ALTER TABLE registry.enrolment ENABLE ROW LEVEL SECURITY';
    CREATE POLICY sees_ministry ON registry.enrolment FOR SELECT TO ekok_scope_ministry USING (ekok.sees(programme, geo));
    CREATE POLICY sees_place ON registry.enrolment FOR SELECT TO ekok_scope_place USING (ekok.ranged_by(programme) AND ekok.sees(programme, geo));
    COMMENT ON POLICY sees_ministry ON registry.enrolment IS 'Programmes of the ministries of the scope.';
    COMMENT ON POLICY sees_place ON registry.enrolment IS 'Programmes of the scope within its places.';

    FOR t IN
        SELECT k.guarded::regclass AS guarded, k.rows, k.told FROM (VALUES
            ('registry.household', 'EXISTS (SELECT FROM registry.enrolment e WHERE e.source = household.source AND e.household = household.household_key)',
             'Households of which an enrolment is in scope.'),
            ('registry.membership', 'ekok.sees(programme, geo)', 'Rows of enrolments in scope.'),
            ('registry.person', 'EXISTS (SELECT FROM registry.membership m WHERE m.person_id = person.id)',
             'Persons of whom an enrolment is in scope.'),
            ('registry.match', format(enrolled, 'a') || ' AND ' || format(enrolled, 'b'), 'Pairs whose both enrolments are in scope.'),
            ('registry.decision', format(enrolled, 'a') || ' AND ' || format(enrolled, 'b'), 'Pairs whose both enrolments are in scope.'),
            ('registry.person_event', 'NOT EXISTS (SELECT FROM unnest(enrolments) u WHERE NOT ' || format(enrolled, 'u') || ')',
             'Events of which all enrolments are in scope.'),
            ('registry.rule_exception', format(enrolled, 'enrolment_id') || ' OR EXISTS (SELECT FROM registry.membership m WHERE m.person_id = rule_exception.person_id)',
             'Exceptions for enrolments and persons in scope.'),
            ('etl.quarantine', 'source = ANY ((SELECT access.sources())::text[])', 'Records of sources whose ministry is wholly in scope.'),
            ('etl.page', 'EXISTS (SELECT FROM etl.run r WHERE r.id = run_id AND r.source = ANY ((SELECT access.sources())::text[]))',
             'Pages of sources whose ministry is wholly in scope.'),
            ('registry.rule_epoch', NULL, NULL),
            ('registry.household_member', 'source = ANY ((SELECT access.sources())::text[])', 'Members surveyed by sources whose ministry is wholly in scope.'),
            ('registry.erasure', 'proposed_by = session_user OR EXISTS (SELECT FROM registry.membership m WHERE m.person_id = erasure.subject) OR ' || format(enrolled, 'erasure.subject'),
             'Proposals of one''s own, and about persons and enrolments in scope.'),
            ('registry.legal_hold', 'placed_by = session_user OR EXISTS (SELECT FROM registry.membership m WHERE m.person_id = legal_hold.subject) OR ' || format(enrolled, 'legal_hold.subject'),
             'Holds of one''s own, and on persons and enrolments in scope.'),
            ('registry.keeping_proposal', 'hold IS NULL OR EXISTS (SELECT FROM registry.legal_hold h WHERE h.id = hold)',
             'Proposals about terms, and about holds that one sees.'),
            ('keyring.unmade_mac', format(enrolled, 'row_id'), 'Rows that are enrolments in scope.'),
            ('etl.former_mac', NULL, NULL),
            ('etl.page_content', NULL, NULL),
            ('etl.listed', NULL, NULL),
            ('etl.verification_news', NULL, NULL),
            ('etl.verification_arrival', NULL, NULL)) k(guarded, rows, told)
        UNION ALL
        SELECT c.oid::regclass, CASE WHEN n.nspname = 'sweep' THEN NULL
                                     WHEN e.attname = 'enrolment_id' THEN format(enrolled, c.relname || '.enrolment_id')
                                     ELSE format('EXISTS (SELECT FROM registry.membership m WHERE m.person_id = %I.person_id)', c.relname) END,
               CASE WHEN e.attname = 'enrolment_id' THEN 'Rows of enrolments in scope.' ELSE 'Rows of persons of whom an enrolment is in scope.' END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('enrolment_id', 'person_id', 'a')
                              AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped ORDER BY a.attname = 'enrolment_id' DESC LIMIT 1) e
        WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('registry', 'etl', 'sweep') AND c.oid NOT IN ('registry.match'::regclass, 'registry.decision'::regclass, 'registry.rule_exception'::regclass,
                                                                                                             'registry.membership'::regclass)
          AND (e.attname <> 'a' OR n.nspname = 'sweep')
        UNION ALL
        SELECT c.oid::regclass, NULL, NULL FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND a.atttypid = 'uuid'::regtype
        WHERE c.relnamespace = 'sweep'::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.guarded);
        CONTINUE WHEN t.rows IS NULL;
        EXECUTE format('CREATE POLICY sees_part ON %s FOR SELECT TO ekok_scope_ministry, ekok_scope_place USING (%s)', t.guarded, t.rows);
        EXECUTE format('COMMENT ON POLICY sees_part ON %s IS %L', t.guarded, t.told);
    END LOOP;

    -- The trace and its months: images of people. Auditors and the sealer read all of it, nobody else any.
    FOR t IN SELECT c.oid::regclass AS guarded FROM pg_class c WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind IN ('r', 'p')
             AND (c.relname IN ('reading', 'export', 'erasure', 'named') OR c.relname LIKE 'entry%') LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.guarded);
        EXECUTE format('CREATE POLICY sees_trace ON %s FOR SELECT TO ekok_auditor, ekok_sealer USING (true)', t.guarded);
        EXECUTE format('COMMENT ON POLICY sees_trace ON %s IS %L', t.guarded, 'Auditors and the sealer read the whole trace.');
    END LOOP;

    FOR t IN SELECT c.oid::regclass AS guarded FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relrowsecurity AND n.nspname IN ('registry', 'etl', 'keyring') LOOP
        EXECUTE format('CREATE POLICY sees_all ON %s FOR SELECT TO ekok_scope_all USING (ekok.sees_all())', t.guarded);
        EXECUTE format('COMMENT ON POLICY sees_all ON %s IS %L', t.guarded, 'Who may see everything.');
    END LOOP;
END $$;
