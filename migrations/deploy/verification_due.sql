-- Deploy ekok:verification_due to pg
-- Promises that planning what is asked of other systems costs by what changed and what is due, not by the size of the registry:
-- every change of an enrolment or a verdict leaves word of itself, whoever makes it. What is read out of it stands in
-- sql/registry/functions/verification_due.sql and verification_news.sql.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE etl.verification_news (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CONSTRAINT verification_news_kind_known CHECK (kind IN ('arrived', 'anew', 'changed', 'told')),
    system text CONSTRAINT verification_news_told_of_system CHECK ((system IS NOT NULL) = (kind = 'told')),
    programme text CONSTRAINT verification_news_arrived_in_programme CHECK ((programme IS NOT NULL) = (kind = 'arrived')),
    since timestamptz CONSTRAINT verification_news_arrived_at CHECK ((since IS NOT NULL) = (kind = 'arrived')),
    ids uuid[] NOT NULL
);
ALTER TABLE etl.verification_news ALTER ids SET STORAGE EXTERNAL;
COMMENT ON TABLE etl.verification_news IS 'What happened since verification was planned last, a row a statement and not a row an enrolment; gone when etl.read_verification_news has taken it in.';
COMMENT ON COLUMN etl.verification_news.id IS 'Running number, with gaps.';
COMMENT ON COLUMN etl.verification_news.kind IS 'arrived; anew: it may be asked about now and could not before, or draws from another programme; changed: other values, or another time of change; told: a verdict about it was written, changed or deleted.';
COMMENT ON COLUMN etl.verification_news.system IS 'The system that told; null otherwise.';
COMMENT ON COLUMN etl.verification_news.programme IS 'The programme of those that arrived; null otherwise.';
COMMENT ON COLUMN etl.verification_news.since IS 'When the first of those that arrived changed last; null otherwise.';
COMMENT ON COLUMN etl.verification_news.ids IS 'The enrolments.';

CREATE TABLE etl.verification_arrival (
    programme text,
    place bigint GENERATED ALWAYS AS IDENTITY,
    since timestamptz NOT NULL,
    ids uuid[] NOT NULL,
    PRIMARY KEY (programme, place)
);
ALTER TABLE etl.verification_arrival ALTER ids SET STORAGE EXTERNAL;
COMMENT ON TABLE etl.verification_arrival IS 'Every enrolment in the order of its coming, a row a page and programme: what a system was never asked about is taken from here, as far as its quota reaches. Sixteen bytes an enrolment.';
COMMENT ON COLUMN etl.verification_arrival.programme IS 'The programme in which they came.';
COMMENT ON COLUMN etl.verification_arrival.place IS 'Place in the order; given by one session at a time, so that none appears before one that was seen.';
COMMENT ON COLUMN etl.verification_arrival.since IS 'When the first of them had changed last: none waits longer.';
COMMENT ON COLUMN etl.verification_arrival.ids IS 'The enrolments; one may be gone.';

CREATE TABLE etl.verification_position (
    system text,
    programme text,
    place bigint NOT NULL,
    PRIMARY KEY (system, programme)
);
COMMENT ON TABLE etl.verification_position IS 'How far a system''s list of what is due has come in etl.verification_arrival.';
COMMENT ON COLUMN etl.verification_position.system IS 'The system.';
COMMENT ON COLUMN etl.verification_position.programme IS 'The programme.';
COMMENT ON COLUMN etl.verification_position.place IS 'The last place that was looked at.';

CREATE TABLE etl.verification_due (
    enrolment_id uuid,
    system text,
    basis bytea NOT NULL CONSTRAINT verification_due_basis_size CHECK (octet_length(basis) = 32),
    programme text NOT NULL,
    reason text NOT NULL CONSTRAINT verification_due_reason_known CHECK (reason IN ('changed', 'never asked', 'expired')),
    since timestamptz NOT NULL,
    PRIMARY KEY (enrolment_id, system)
);
CREATE INDEX verification_due_in_order ON etl.verification_due (system, reason, since, enrolment_id);
CREATE INDEX verification_due_by_programme ON etl.verification_due (system, programme, reason, since, enrolment_id);
CREATE INDEX verification_due_by_basis ON etl.verification_due USING hash (basis);
COMMENT ON TABLE etl.verification_due IS 'When an enrolment is to be asked about: those that a system has told of, and of the others as many as it may be asked soon. No foreign key: its check would lock every enrolment''s row.';
COMMENT ON COLUMN etl.verification_due.enrolment_id IS 'The enrolment.';
COMMENT ON COLUMN etl.verification_due.system IS 'The system to ask.';
COMMENT ON COLUMN etl.verification_due.basis IS 'As registry.verification.basis.';
COMMENT ON COLUMN etl.verification_due.programme IS 'The programme it draws from.';
COMMENT ON COLUMN etl.verification_due.reason IS 'never asked; changed: told of with other values; expired: a verdict on these values is there, and asked again from since on.';
COMMENT ON COLUMN etl.verification_due.since IS 'Since when it waits: the change of the enrolment, or the end of the verdict''s validity, which may be to come.';
COMMENT ON INDEX etl.verification_due_in_order IS 'What is due next of a system, read from its beginning.';
COMMENT ON INDEX etl.verification_due_by_programme IS 'The same of a programme that pays soon.';
COMMENT ON INDEX etl.verification_due_by_basis IS 'Whom a verdict is about, beside the one it was asked for.';

CREATE FUNCTION etl.note_arrived() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO etl.verification_news (kind, programme, since, ids)
    SELECT 'arrived', n.programme, min(n.changed_at), array_agg(n.id) FROM new_rows n GROUP BY n.programme;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION etl.note_arrived() IS 'Statement trigger on new enrolments: leaves word for verification.';

CREATE FUNCTION etl.note_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO etl.verification_news (kind, ids)
    SELECT CASE WHEN c.anew THEN 'anew' ELSE 'changed' END, array_agg(c.id)
    FROM (SELECT n.id, o.programme <> n.programme OR o.status = 'inactive' AND n.status IS DISTINCT FROM 'inactive'
                 OR o.wallet_provider IS DISTINCT FROM n.wallet_provider
                 OR (o.nid_token IS NULL, o.brn_token IS NULL, o.mobile_token IS NULL, o.wallet_token IS NULL, o.account_token IS NULL)
                 <> (n.nid_token IS NULL, n.brn_token IS NULL, n.mobile_token IS NULL, n.wallet_token IS NULL, n.account_token IS NULL) AS anew
          FROM old_rows o JOIN new_rows n ON n.id = o.id
          WHERE (o.programme, o.status, o.wallet_provider, o.birth_date, o.changed_at, o.nid_token, o.brn_token, o.mobile_token, o.wallet_token, o.account_token)
              IS DISTINCT FROM
                (n.programme, n.status, n.wallet_provider, n.birth_date, n.changed_at, n.nid_token, n.brn_token, n.mobile_token, n.wallet_token, n.account_token)) c
    GROUP BY c.anew;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION etl.note_changed() IS 'Statement trigger on changed enrolments: leaves word for verification where what is asked, or its order, may have changed.';

CREATE FUNCTION etl.note_gone() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO etl.verification_news (kind, ids) SELECT 'changed', array_agg(o.id) FROM old_rows o HAVING count(*) > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION etl.note_gone() IS 'Statement trigger on deleted enrolments: leaves word for verification.';

CREATE FUNCTION etl.note_told() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE etl.verification_due, etl.verification_position;
    ELSE
        INSERT INTO etl.verification_news (kind, system, ids) SELECT 'told', n.system, array_agg(DISTINCT n.enrolment_id) FROM told_rows n GROUP BY n.system;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION etl.note_told() IS 'Statement trigger on verdicts: leaves word for verification; when all of them are gone its lists begin anew.';

CREATE FUNCTION etl.note_system() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM etl.verification_due d WHERE d.system = OLD.code;
    DELETE FROM etl.verification_position p WHERE p.system = OLD.code;
    INSERT INTO etl.verification_news (kind, system, ids)
    SELECT 'told', OLD.code, array_agg(DISTINCT v.enrolment_id) FROM registry.verification v WHERE v.system = OLD.code HAVING count(*) > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION etl.note_system() IS 'Row trigger on a system that asks for other fields, or is gone: its lists begin anew.';

CREATE TRIGGER zz_verification_arrived AFTER INSERT ON registry.enrolment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION etl.note_arrived();
CREATE TRIGGER zz_verification_changed AFTER UPDATE ON registry.enrolment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION etl.note_changed();
CREATE TRIGGER zz_verification_gone AFTER DELETE ON registry.enrolment REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION etl.note_gone();
CREATE TRIGGER zz_verification_told AFTER INSERT ON registry.verification REFERENCING NEW TABLE AS told_rows
    FOR EACH STATEMENT EXECUTE FUNCTION etl.note_told();
CREATE TRIGGER zz_verification_mended AFTER UPDATE ON registry.verification REFERENCING NEW TABLE AS told_rows
    FOR EACH STATEMENT EXECUTE FUNCTION etl.note_told();
CREATE TRIGGER zz_verification_taken_back AFTER DELETE ON registry.verification REFERENCING OLD TABLE AS told_rows
    FOR EACH STATEMENT EXECUTE FUNCTION etl.note_told();
CREATE TRIGGER zz_verification_emptied AFTER TRUNCATE ON registry.verification
    FOR EACH STATEMENT EXECUTE FUNCTION etl.note_told();
CREATE TRIGGER zz_asks_otherwise AFTER UPDATE ON registry.verification_system
    FOR EACH ROW WHEN ((OLD.code, OLD.asks, OLD.wallet_provider) IS DISTINCT FROM (NEW.code, NEW.asks, NEW.wallet_provider))
    EXECUTE FUNCTION etl.note_system();
CREATE TRIGGER zz_asks_no_more AFTER DELETE ON registry.verification_system
    FOR EACH ROW EXECUTE FUNCTION etl.note_system();
ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER zz_verification_arrived, ENABLE ALWAYS TRIGGER zz_verification_changed,
    ENABLE ALWAYS TRIGGER zz_verification_gone;
ALTER TABLE registry.verification ENABLE ALWAYS TRIGGER zz_verification_told, ENABLE ALWAYS TRIGGER zz_verification_mended,
    ENABLE ALWAYS TRIGGER zz_verification_taken_back, ENABLE ALWAYS TRIGGER zz_verification_emptied;
ALTER TABLE registry.verification_system ENABLE ALWAYS TRIGGER zz_asks_otherwise, ENABLE ALWAYS TRIGGER zz_asks_no_more;

-- What stands already, a thousand at a time, in the order of its last change; and what was told of it.
INSERT INTO etl.verification_arrival (programme, since, ids)
SELECT c.programme, min(c.changed_at), array_agg(c.id ORDER BY c.changed_at, c.id)
FROM (SELECT e.programme, e.id, e.changed_at, (row_number() OVER (PARTITION BY e.programme ORDER BY e.changed_at, e.id) - 1) / 1000 AS part
      FROM registry.enrolment e) c
GROUP BY c.programme, c.part ORDER BY min(c.changed_at), c.programme, c.part;
INSERT INTO etl.verification_news (kind, system, ids)
SELECT 'told', c.system, array_agg(c.enrolment_id)
FROM (SELECT d.system, d.enrolment_id, (row_number() OVER (PARTITION BY d.system ORDER BY d.enrolment_id) - 1) / 1000 AS part
      FROM (SELECT DISTINCT v.system, v.enrolment_id FROM registry.verification v) d) c
GROUP BY c.system, c.part;

COMMIT;
