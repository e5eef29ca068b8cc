-- read.sql - row-level security on the tables with people: closed to everybody who has no policy here. Every duty reads
-- all rows for now; scopes by ministry and place come with access.session. The owner's functions are not bound by it.

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['enrolment', 'household', 'household_member', 'person', 'membership', 'match', 'rule_hit', 'verification',
                                   'evidence', 'hold', 'rule_exception', 'rule_epoch', 'blocking', 'pending', 'decision', 'person_event'] LOOP
        EXECUTE format('ALTER TABLE registry.%I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('DROP POLICY IF EXISTS read_by_duty ON registry.%I', guarded);
        EXECUTE format('CREATE POLICY read_by_duty ON registry.%I FOR SELECT TO ekok_analyst, ekok_operator, ekok_auditor '
                       'USING (true)', guarded);
        EXECUTE format('COMMENT ON POLICY read_by_duty ON registry.%I IS %L', guarded,
                       'Analysts, operators and auditors read every row; columns are a matter of grants.');
    END LOOP;
END $$;
