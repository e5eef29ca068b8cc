-- staging.sql - etl.merge_page reads nothing but plain staging tables of the very role that logged in.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(19);

SELECT pg_temp.open('dss') AS run \gset
CREATE FUNCTION pg_temp.try_page() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    last_run bigint := (SELECT max(id) FROM etl.run);
    said text;
BEGIN
    PERFORM etl.merge_page(last_run, (SELECT pages + 1 FROM etl.run WHERE id = last_run), NULL, sha256('p'), 0, 0);
    RETURN 'merged';
EXCEPTION WHEN wrong_object_type THEN
    GET STACKED DIAGNOSTICS said = MESSAGE_TEXT;
    RETURN said;
END $$;
-- Spoils the staging table, tries a page, and takes everything back.
CREATE FUNCTION pg_temp.spoilt(spoil text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    BEGIN
        EXECUTE spoil;
        said := pg_temp.try_page();
        RAISE 'take back' USING ERRCODE = 'P0099';
    EXCEPTION WHEN SQLSTATE 'P0099' THEN
        RETURN said;
    END;
END $$;
CREATE FUNCTION pg_temp.on_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE FUNCTION pg_temp.evil(x text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN x; END $$;

SELECT is(pg_temp.try_page(), 'merged', 'a plain table is read');
SELECT is(pg_temp.spoilt('DROP TABLE stage'), 'staging table "stage" does not exist', 'no table');
SELECT is(pg_temp.spoilt('DROP TABLE stage_bad'), 'staging table "stage_bad" does not exist', 'no table for bad records');
SELECT is(pg_temp.spoilt('ALTER TABLE stage RENAME TO x; CREATE TEMP VIEW stage AS SELECT * FROM x'),
          'staging table "stage" is not a plain temporary table', 'a view');
SELECT is(pg_temp.spoilt('DROP TABLE stage; CREATE TEMP TABLE stage (LIKE etl.stage_shape) PARTITION BY LIST (sex)'),
          'staging table "stage" is not a plain temporary table', 'a partitioned table');
SELECT is(pg_temp.spoilt('ALTER TABLE stage ENABLE ROW LEVEL SECURITY'), 'staging table "stage" has row security', 'row security');
SELECT is(pg_temp.spoilt('CREATE POLICY p ON stage USING (true)'), 'staging table "stage" has row security', 'a policy');
SELECT is(pg_temp.spoilt('CREATE TRIGGER t BEFORE INSERT ON stage FOR EACH ROW EXECUTE FUNCTION pg_temp.on_insert()'),
          'staging table "stage" has a trigger', 'a trigger');
SELECT is(pg_temp.spoilt('CREATE RULE r AS ON INSERT TO stage DO ALSO NOTHING'), 'staging table "stage" has a rule', 'a rule');
SELECT is(pg_temp.spoilt('CREATE INDEX ON stage (pg_temp.evil(sex))'), 'staging table "stage" has an index', 'an index over a function');
SELECT is(pg_temp.spoilt('ALTER TABLE stage ADD CHECK (pg_temp.evil(sex) = sex)'), 'staging table "stage" has a constraint', 'a check');
SELECT is(pg_temp.spoilt('ALTER TABLE stage ALTER sex SET DEFAULT pg_temp.evil(''x'')'),
          'staging table "stage" has a default or a generated column', 'a default');
SELECT is(pg_temp.spoilt('CREATE STATISTICS pg_temp.s ON (pg_temp.evil(sex)), geo FROM stage'), 'staging table "stage" has statistics of its own', 'statistics');
SELECT is(pg_temp.spoilt('CREATE TEMP TABLE child () INHERITS (stage)'), 'staging table "stage" inherits', 'a child');
SELECT is(pg_temp.spoilt('ALTER TABLE stage ALTER status TYPE varchar'), 'staging table "stage" has other columns', 'a wrong type');
SELECT is(pg_temp.spoilt('ALTER TABLE stage ADD more text'), 'staging table "stage" has other columns', 'one column more');
SELECT is(pg_temp.spoilt('ALTER TABLE stage_bad DROP sealed'), 'staging table "stage_bad" has other columns', 'one column less');
SELECT is(pg_temp.spoilt('ALTER TABLE stage RENAME geo TO place'), 'staging table "stage" has other columns', 'another name');
SELECT is(pg_temp.spoilt('ALTER TABLE stage OWNER TO ekok_analyst'), 'staging table "stage" belongs to another role', 'another owner');

SELECT * FROM finish();
ROLLBACK;
