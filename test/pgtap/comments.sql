-- comments.sql - every object says what it is.
BEGIN;
\ir helper/tap.psql
SELECT plan(6);

CREATE TEMP VIEW ours AS SELECT oid, nspname FROM pg_namespace
    WHERE nspname IN ('registry', 'etl', 'audit', 'keyring', 'access', 'report');
SELECT is_empty($$ SELECT nspname FROM ours WHERE obj_description(oid, 'pg_namespace') IS NULL $$, 'schemas');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN ours o ON o.oid = c.relnamespace
                   WHERE c.relkind IN ('r', 'p', 'v') AND obj_description(c.oid, 'pg_class') IS NULL $$, 'tables and views');
SELECT is_empty($$ SELECT c.oid::regclass, a.attname FROM pg_class c JOIN ours o ON o.oid = c.relnamespace
                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   WHERE c.relkind IN ('r', 'p', 'v', 'c') AND NOT c.relispartition AND col_description(c.oid, a.attnum) IS NULL $$, 'columns');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
                   WHERE obj_description(p.oid, 'pg_proc') IS NULL $$, 'functions');
SELECT is_empty($$ SELECT t.oid::regtype FROM pg_type t JOIN ours o ON o.oid = t.typnamespace
                   JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
                   WHERE obj_description(t.oid, 'pg_type') IS NULL $$, 'types');
SELECT is_empty($$ SELECT p.polname, p.polrelid::regclass FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
                   JOIN ours o ON o.oid = c.relnamespace WHERE obj_description(p.oid, 'pg_policy') IS NULL $$, 'policies');

SELECT * FROM finish();
ROLLBACK;
