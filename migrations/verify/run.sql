-- Verify ekok:run on pg

BEGIN;

SELECT id, source, contract_sha256, state, resumed_from, started_at, ended_at, pages, broken_pages, fetched, inserted,
       updated, unchanged, quarantined, refused, problem FROM etl.run WHERE false;
SELECT run_id, number, sha256, bytes, rows, state, problem, kept, at FROM etl.page WHERE false;
SELECT source, value, run_id, page, at FROM etl.cursor WHERE false;
SELECT id, source, row_mac, record_id, disposition, reasons, sealed, first_run, first_page, at FROM etl.quarantine WHERE false;
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_attribute WHERE attrelid = 'etl.stage_shape'::regclass AND attnum > 0) <> 30
       OR (SELECT count(*) FROM pg_attribute WHERE attrelid = 'etl.stage_bad_shape'::regclass AND attnum > 0) <> 4 THEN
        RAISE 'a staging shape has another number of columns';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'etl.run'::regclass AND conname = 'run_books_balance') THEN
        RAISE 'the books of a run need not balance';
    END IF;
END $$;

ROLLBACK;
