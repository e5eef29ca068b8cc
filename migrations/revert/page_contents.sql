-- Revert ekok:page_contents from pg
-- Every page is read anew again; sql/apply.sql of the version before makes etl.merge_page.

BEGIN;

DROP FUNCTION IF EXISTS etl.stands(etl.page_content), etl.merge_page(bigint, int, text, bytea, bigint, int, bytea, bigint, text),
    etl.merge_staged(bigint, int, text, bytea, bigint, int, bytea, bigint, text);
ALTER TABLE etl.page DROP COLUMN known;
DROP TABLE etl.page_content;

COMMIT;
