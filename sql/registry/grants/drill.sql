-- drill.sql - who tries backups: takes back everything, then gives the three functions of the book of drills. A login role
-- that drills is also IN ROLE ekok_auditor, to verify the trace of the copy.
REVOKE ALL ON SCHEMA registry, etl, audit, keyring, access, report FROM ekok_drill;
REVOKE ALL ON ALL TABLES IN SCHEMA registry, etl, audit, keyring, access, report FROM ekok_drill;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA registry, etl, audit, keyring, access, report FROM ekok_drill;
REVOKE ALL ON ALL ROUTINES IN SCHEMA registry, etl, audit, keyring, access, report FROM ekok_drill;
GRANT USAGE ON SCHEMA audit, report TO ekok_drill;
GRANT EXECUTE ON FUNCTION audit.begin_drill(text, interval), audit.compare_drill(bigint), audit.end_drill(bigint, boolean, text, jsonb),
    report.list_drills() TO ekok_drill;
GRANT SELECT ON report.drills, report.continuity TO ekok_drill, ekok_auditor;
GRANT USAGE ON SCHEMA report TO ekok_auditor;
GRANT EXECUTE ON FUNCTION report.list_drills() TO ekok_auditor;
