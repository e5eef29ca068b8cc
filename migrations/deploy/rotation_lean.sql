-- Deploy ekok:rotation_lean to pg
-- Promises that the owner may put values sealed anew past the executor (ekok.reseal), and that nothing is left of how they
-- were put by an UPDATE of each table; sql/apply.sql brings keyring.put_rows.

BEGIN;

GRANT EXECUTE ON FUNCTION ekok.reseal(regclass, name[], tid[], xid[], bytea[]) TO ekok_owner;
DROP FUNCTION IF EXISTS keyring.put_enrolments(bigint, tid[], xid[], bytea[], bytea[], bytea[], bytea[], bytea[]),
    keyring.put_members(bigint, tid[], xid[], bytea[], bytea[]);

COMMIT;
