-- Verify ekok:page_contents on pg

BEGIN;

SELECT source, sha256, reading, permitted, run_id, page, read_at, ids, macs, refused, set_aside, named, quarantined, total, next
FROM etl.page_content WHERE false;
SELECT known FROM etl.page WHERE false;

ROLLBACK;
