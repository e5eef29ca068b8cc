-- Verify ekok:audit_images on pg

BEGIN;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
               WHERE (c.oid = 'audit.entry'::regclass OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass))
                 AND a.attname IN ('old', 'new') AND a.atttypid <> 'json'::regtype) THEN
        RAISE 'an image of audit.entry is not json';
    END IF;
END $$;

ROLLBACK;
