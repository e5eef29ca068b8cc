-- Deploy ekok:known_pages to pg
-- Promises that nothing is left of how pages that were read before were taken one by one; sql/apply.sql brings how they are taken
-- in groups.

BEGIN;

DROP FUNCTION IF EXISTS etl.accept_page(bigint, int, text, bytea, bigint, bytea), etl.stands(etl.page_content);

COMMIT;
