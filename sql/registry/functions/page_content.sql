-- page_content.sql - a page whose bytes were read before comes to what it came to then, as long as every enrolment and
-- every quarantined record of it still stands as that reading left it. Writes the books of such a page and nothing else.
-- Refuses, by saying no, whatever might come out otherwise: then the page is read anew.

CREATE OR REPLACE FUNCTION etl.permitted(source text) RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(p.programme ORDER BY p.programme), '{}') FROM etl.source_programme p WHERE p.source = $1);
END $$;
COMMENT ON FUNCTION etl.permitted(text) IS 'The programmes that a source may report, in rising order.';

CREATE OR REPLACE FUNCTION etl.remember_page(source text, run_id bigint, page int, page_sha256 bytea, reading bytea,
                                             permitted text[], total bigint, next text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO etl.page_content AS c (source, sha256, reading, permitted, run_id, page, ids, macs, refused, set_aside, named,
                                       quarantined, total, next)
    SELECT remember_page.source, page_sha256, remember_page.reading, permitted, remember_page.run_id, remember_page.page,
           good.ids, good.macs, good.refused, good.set_aside || bad.set_aside, bad.named, bad.quarantined, remember_page.total,
           remember_page.next
    FROM (SELECT coalesce(array_agg(s.id) FILTER (WHERE r.of_ours), '{}') AS ids,
                 coalesce(string_agg(s.row_mac, '') FILTER (WHERE r.of_ours), '') AS macs,
                 coalesce(array_agg(s.id) FILTER (WHERE NOT r.of_ours), '{}') AS refused,
                 coalesce(array_agg(DISTINCT q.id) FILTER (WHERE NOT r.of_ours), '{}') AS set_aside
          FROM (SELECT x.id, x.row_mac, x.raw_mac, x.programme FROM pg_temp.stage x ORDER BY x.id) s
          CROSS JOIN LATERAL (SELECT (s.programme = ANY (permitted)) IS TRUE) AS r(of_ours)
          LEFT JOIN etl.quarantine q ON NOT r.of_ours AND q.source = remember_page.source AND q.row_mac = s.raw_mac
                                    AND q.disposition = 'refused') good,
         (SELECT count(*) AS quarantined, coalesce(array_agg(DISTINCT q.id), '{}') AS set_aside,
                 coalesce(array_agg(b.record_id) FILTER (WHERE b.record_id IS NOT NULL), '{}') AS named
          FROM pg_temp.stage_bad b
          LEFT JOIN etl.quarantine q ON q.source = remember_page.source AND q.row_mac = b.row_mac
                                    AND q.disposition = 'quarantined') bad
    ON CONFLICT ON CONSTRAINT page_content_pkey DO UPDATE SET
        reading = excluded.reading, permitted = excluded.permitted, run_id = excluded.run_id, page = excluded.page, read_at = now(),
        ids = excluded.ids, macs = excluded.macs, refused = excluded.refused, set_aside = excluded.set_aside, named = excluded.named,
        quarantined = excluded.quarantined, total = excluded.total, next = excluded.next, places = NULL;
END $$;
COMMENT ON FUNCTION etl.remember_page(text, bigint, int, bytea, bytea, text[], bigint, text) IS 'Keeps what the staged page, merged and without a record that a rule refuses, came to. permitted: the programmes that the source may report; the others as of etl.merge_page.';

CREATE OR REPLACE FUNCTION etl.is_due(read_at timestamptz, sha256 bytea) RETURNS boolean LANGUAGE sql STABLE
    RETURN read_at + interval '7 days' * (1 + get_byte(sha256, 0) / 256.0) < now();
COMMENT ON FUNCTION etl.is_due(timestamptz, bytea) IS 'Whether a page of that hash, last read then, is to be read anew whatever stands of it: after 7 to 14 days, by its hash, so that not all of a listing are due on one day.';

CREATE OR REPLACE FUNCTION etl.recall_page(run_id bigint, page_sha256 bytea, reading bytea, OUT records bigint, OUT total bigint,
                                           OUT next text) RETURNS SETOF record LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- The sizes of macs and ids are told by each other, and that of macs without fetching it.
    RETURN QUERY SELECT octet_length(c.macs)::bigint / 16 + cardinality(c.refused) + c.quarantined, c.total, c.next
    FROM etl.run r JOIN etl.page_content c ON c.source = r.source AND c.sha256 = recall_page.page_sha256
    WHERE r.id = recall_page.run_id AND c.reading = recall_page.reading AND NOT etl.is_due(c.read_at, c.sha256);
END $$;
COMMENT ON FUNCTION etl.recall_page(bigint, bytea, bytea) IS 'What the daemon needs of a page that its run''s source sent before and that was read in the same way: its records, the total it announces (null: none), what it says of its successor. No row: not known. Whether it may be taken so etl.accept_pages decides. page_sha256, reading: 32 bytes.';

CREATE OR REPLACE FUNCTION etl.stands_in_place(c etl.page_content) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_seqscan = off AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(l.id), '{}') = c.ids AND coalesce(string_agg(l.row_mac, ''), '') = c.macs
            FROM (SELECT e.id, e.row_mac FROM registry.enrolment e WHERE e.ctid = ANY (c.places) ORDER BY e.id) l);
END $$;
COMMENT ON FUNCTION etl.stands_in_place(etl.page_content) IS 'Whether the enrolments of a page lie where they were last found, with the content that its reading gave them. False says nothing: a row that was written anew for another reason lies elsewhere.';

CREATE OR REPLACE FUNCTION etl.stands(c etl.page_content, permitted text[]) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    lie tid[];
    macs bytea;
BEGIN
    IF c.permitted <> permitted OR etl.is_due(c.read_at, c.sha256) THEN
        RETURN false;
    ELSIF c.set_aside <> '{}' AND EXISTS (SELECT FROM unnest(c.set_aside) AS w(id) LEFT JOIN etl.quarantine q ON q.id = w.id
                  WHERE q.id IS NULL OR q.resolved_run IS NOT NULL) THEN
        RETURN false;
    ELSIF c.places IS NOT NULL AND etl.stands_in_place(c) THEN
        RETURN true;
    END IF;
    SELECT coalesce(array_agg(l.ctid), '{}'), coalesce(string_agg(l.row_mac, ''), '') INTO lie, macs
    FROM (SELECT e.ctid, e.row_mac FROM registry.enrolment e WHERE e.id = ANY (c.ids) ORDER BY e.id) l;
    IF macs <> c.macs THEN
        RETURN false;
    END IF;
    UPDATE etl.page_content p SET places = lie WHERE p.source = c.source AND p.sha256 = c.sha256;
    RETURN true;
END $$;
COMMENT ON FUNCTION etl.stands(etl.page_content, text[]) IS 'Whether to read the page anew would write nothing: its enrolments have the content it gave them, what it had set aside stands so, the source may report the same programmes (permitted: those of today), and it is not due (etl.is_due). Enrolments that had to be found by their ids are noted where they lie.';

CREATE OR REPLACE FUNCTION etl.accept_pages(run_id bigint, page int, next_cursor text, page_sha256 bytea[], page_bytes bigint[],
                                            reading bytea, OUT accepted boolean, OUT unchanged bigint, OUT quarantined bigint, OUT refused bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan
    -- As for etl.merge_staged: nested loops over index look-ups, whatever is thought of sizes when the plan is made.
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    origin text := etl.enter_page(run_id, page, page_sha256[cardinality(page_sha256)]);
    permitted text[] := etl.permitted(origin);
    hash bytea;
    c etl.page_content;
BEGIN
    -- Nothing but books: what a crash of the server takes of them is asked again. The end of the run waits for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    FOREACH hash IN ARRAY page_sha256 LOOP
        SELECT * INTO c FROM etl.page_content x
        WHERE x.source = origin AND x.sha256 = hash AND x.reading = accept_pages.reading;
        accepted := FOUND AND etl.stands(c, permitted);
        IF NOT accepted THEN
            RETURN;
        END IF;
    END LOOP;
    WITH taken AS MATERIALIZED (
        SELECT accept_pages.page + w.nth::int - 1 AS number, w.sha256, w.bytes, x.ids, x.refused AS refusals, x.named,
               octet_length(x.macs) / 16 AS good, x.quarantined AS bad, cardinality(x.refused) AS declined
        FROM unnest(page_sha256, page_bytes) WITH ORDINALITY AS w(sha256, bytes, nth)
        JOIN etl.page_content x ON x.source = origin AND x.sha256 = w.sha256
    ), booked AS (
        INSERT INTO etl.page (run_id, number, sha256, bytes, rows, state, known)
        SELECT accept_pages.run_id, t.number, t.sha256, t.bytes, t.good + t.bad + t.declined, 'loaded', true FROM taken t
    ), listed AS (
        INSERT INTO etl.listed (source, generation, run_id, page, ids, unnamed, broken)
        SELECT origin, r.generation, r.id, t.number,
               t.ids || t.refusals || ARRAY(SELECT k.id FROM unnest(t.named) AS n(record_id) CROSS JOIN LATERAL (
                   SELECT e.id FROM registry.enrolment e WHERE e.source = origin AND e.record_id = n.record_id LIMIT 1) k),
               t.bad - cardinality(t.named), false
        FROM etl.run r CROSS JOIN taken t WHERE r.id = accept_pages.run_id AND r.generation IS NOT NULL)
    SELECT sum(t.good), sum(t.bad), sum(t.declined) INTO unchanged, quarantined, refused FROM taken t;
    PERFORM etl.keep_cursor(origin, next_cursor, run_id, page + cardinality(page_sha256) - 1);
    UPDATE etl.run r SET pages = r.pages + cardinality(page_sha256),
        fetched = r.fetched + accept_pages.unchanged + accept_pages.quarantined + accept_pages.refused,
        unchanged = r.unchanged + accept_pages.unchanged, quarantined = r.quarantined + accept_pages.quarantined,
        refused = r.refused + accept_pages.refused
    WHERE r.id = accept_pages.run_id;
END $$;
COMMENT ON FUNCTION etl.accept_pages(bigint, int, text, bytea[], bigint[], bytea) IS 'Takes pages by what their bytes came to before, all of them or none, in the caller''s transaction: their books, the cursor behind the last, their places in the listing, and no version of any enrolment. accepted false: one of them is to be read; nothing is written but the lease''s renewal, and where rows lie. page: number of the first, from 1, the run''s next; page_sha256: 32 bytes each, in the order of the listing; page_bytes: sizes as received, as many; reading: 32 bytes. The commit does not wait for the disk. Errors as etl.enter_page.';

CREATE OR REPLACE FUNCTION etl.forget_pages(source text, since bigint) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    DELETE FROM etl.page_content c
    WHERE c.source = $1 AND NOT EXISTS (SELECT FROM etl.page p JOIN etl.run r ON r.id = p.run_id
                                        WHERE r.source = $1 AND r.id >= $2 AND p.sha256 = c.sha256);
$$;
COMMENT ON FUNCTION etl.forget_pages(text, bigint) IS 'Forgets the pages of a source that no run since this one has seen.';
