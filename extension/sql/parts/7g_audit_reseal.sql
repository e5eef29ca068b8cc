

-- Values sealed anew, with their entries: a key rotation's way past the executor.
CREATE FUNCTION reseal(target regclass, columns name[], at tid[], x xid[], sealed bytea[]) RETURNS int AS 'MODULE_PATHNAME', 'reseal'
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION reseal(regclass, name[], tid[], xid[], bytea[]) IS
    'Puts values sealed anew into rows of an audited table, and writes what the table''s audit trigger would have written for it: entries REKEY. columns: those that hold sealed values (bytea, NAME_sealed, in no index), at most 16; at, x: place and version of each row, as its ctid and xmin; sealed: as many values for each row as there are columns, row by row, null leaves a value. Fires no other trigger: what a row says stays as it is. A row that others changed or are writing is passed over, none is waited for; returns the rows written. Errors: 42501 the caller does not own the table; 55000 the table has no audit trigger that always fires, or has triggers or columns that would have to be made anew, or the transaction''s purpose (ekok.purpose) is no key rotation; 22023 a column of another kind, or a value where none stood; 2202E arrays that do not fit; 42809 no plain table; 23514 a constraint.';
REVOKE EXECUTE ON FUNCTION reseal(regclass, name[], tid[], xid[], bytea[]) FROM PUBLIC;
