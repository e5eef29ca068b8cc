-- Revert ekok:known_pages from pg
-- sql/apply.sql of the version before brings what took their places.

BEGIN;

DROP FUNCTION IF EXISTS etl.accept_pages(bigint, int, text, bytea[], bigint[], bytea), etl.stands(etl.page_content, text[]),
    etl.is_due(timestamptz, bytea);

COMMIT;
