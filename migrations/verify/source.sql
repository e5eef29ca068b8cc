-- Verify ekok:source on pg

BEGIN;

SELECT code, title, ministry, state, source, confidence FROM etl.source WHERE false;
SELECT source, programme, basis, confidence FROM etl.source_programme WHERE false;
SELECT source, sha256, definition, first_seen FROM etl.contract WHERE false;

ROLLBACK;
