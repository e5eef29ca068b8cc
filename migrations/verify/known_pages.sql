-- Verify ekok:known_pages on pg

BEGIN;

DO $$ BEGIN
    IF to_regprocedure('etl.accept_page(bigint, int, text, bytea, bigint, bytea)') IS NOT NULL THEN
        RAISE 'pages that were read before are still taken one by one';
    END IF;
END $$;

ROLLBACK;
