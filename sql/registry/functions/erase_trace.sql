-- erase_trace.sql - what the trace holds of a subject, and its destruction: images and salts go, the commitment stays, so every
-- leaf, checkpoint and proof verifies as before. An entry of a row that still stands is never touched.

CREATE OR REPLACE FUNCTION audit.mentions(ids uuid[]) RETURNS TABLE (id bigint, xact xid8, at timestamptz, table_name text, row_id text, salted boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.id, e.xact, e.at, e.table_name, e.row_id, e.commitment IS NOT NULL
    FROM audit.entry e
    WHERE e.op <> 'REKEY' AND e.table_name NOT LIKE 'audit.%' AND (e.commitment IS NULL OR e.salt IS NOT NULL)
      AND EXISTS (SELECT FROM unnest(ids::text[]) AS i(id) WHERE strpos(e.row_id, i.id) > 0 OR strpos(e.new::text, i.id) > 0 OR strpos(e.old::text, i.id) > 0);
$$;
COMMENT ON FUNCTION audit.mentions(uuid[]) IS 'Entries with images that name one of these, in the row''s key or in an image; not those of readings and receipts, which hold no more than that. salted: false for an entry from before commitments. Reads the whole trace once.';

CREATE OR REPLACE FUNCTION audit.standing(table_name text, row_ids text[]) RETURNS text[] LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    SET bytea_output = 'hex' SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
    stands text[];
BEGIN
    IF to_regclass(table_name) IS NULL THEN
        RETURN '{}';
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(k.k), ''{}'') FROM (SELECT %s AS k FROM %s r) k WHERE k.k = ANY ($1)',
        audit.key_of(to_regclass(table_name), 'r'), to_regclass(table_name)) INTO stands USING row_ids;
    RETURN stands;
END $$;
COMMENT ON FUNCTION audit.standing(text, text[]) IS 'Which of these rows, named as entries name them, stand in the table. Reads the whole table.';

-- Rows that this transaction deleted are gone without a look.
CREATE OR REPLACE FUNCTION audit.erasable(ids uuid[]) RETURNS TABLE (id bigint, xact xid8, at timestamptz, salted boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH said AS MATERIALIZED (SELECT * FROM audit.mentions(ids)), gone AS MATERIALIZED (
        SELECT DISTINCT s.table_name, s.row_id FROM said s JOIN audit.entry e ON (e.xact, e.id, e.at) = (s.xact, s.id, s.at)
        WHERE e.op = 'DELETE' AND e.xact = pg_current_xact_id_if_assigned()
    ), unsure AS MATERIALIZED (
        SELECT s.table_name, array_agg(DISTINCT s.row_id) AS row_ids FROM said s
        WHERE NOT EXISTS (SELECT FROM gone g WHERE (g.table_name, g.row_id) = (s.table_name, s.row_id)) GROUP BY 1
    ), stands AS MATERIALIZED (
        SELECT u.table_name, k.k AS row_id FROM unsure u CROSS JOIN LATERAL unnest(audit.standing(u.table_name, u.row_ids)) AS k(k)
    )
    SELECT s.id, s.xact, s.at, s.salted FROM said s
    WHERE NOT EXISTS (SELECT FROM stands t WHERE (t.table_name, t.row_id) = (s.table_name, s.row_id));
$$;
COMMENT ON FUNCTION audit.erasable(uuid[]) IS 'Entries with images that name one of these and whose row is no more: what an erasure destroys.';

-- Writes the receipt, then destroys what it names; the trigger of the trace lets nothing else pass.
CREATE OR REPLACE FUNCTION audit.destroy_images(proposal registry.erasure, counts jsonb, ids uuid[]) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named bigint[];
    xacts xid8[];
    times timestamptz[];
    early bigint;
    done bigint;
BEGIN
    SELECT array_agg(e.id ORDER BY e.id), array_agg(e.xact ORDER BY e.id), array_agg(e.at ORDER BY e.id), count(*) FILTER (WHERE NOT e.salted)
    INTO named, xacts, times, early FROM audit.erasable(ids) e;
    IF early > 0 THEN
        RAISE '% entries of the trace about this subject are from before images could be destroyed', early
            USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Nothing was erased. Their images are part of the signed tree: see docs/audit.md, "Erase a subject".';
    END IF;
    INSERT INTO audit.erasure (id, subject, basis, case_id, proposed_by, counts, entries)
    VALUES (proposal.id, proposal.subject, proposal.basis, proposal.case_id, proposal.proposed_by, destroy_images.counts, coalesce(named, '{}'));
    UPDATE audit.entry e SET old = NULL, new = NULL, salt = NULL
    FROM unnest(xacts, named, times) AS k(xact, id, at) WHERE e.xact = k.xact AND e.id = k.id AND e.at = k.at;
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done <> coalesce(cardinality(named), 0) THEN
        RAISE 'the trace changed under the erasure' USING ERRCODE = 'serialization_failure', HINT = 'Nothing was erased. Try again.';
    END IF;
    RETURN done;
END $$;
COMMENT ON FUNCTION audit.destroy_images(registry.erasure, jsonb, uuid[]) IS 'Destroys images and salts of all entries about these (audit.erasable) and leaves a receipt that names them (audit.erasure); returns how many. Granted to nobody. Error 55000 when some are from before commitments.';
