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

CREATE OR REPLACE FUNCTION etl.recall_page(run_id bigint, page_sha256 bytea, reading bytea, OUT records bigint, OUT total bigint,
                                           OUT next text) RETURNS SETOF record LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY SELECT cardinality(c.ids)::bigint + cardinality(c.refused) + c.quarantined, c.total, c.next
    FROM etl.run r JOIN etl.page_content c ON c.source = r.source AND c.sha256 = recall_page.page_sha256
    WHERE r.id = recall_page.run_id AND c.reading = recall_page.reading;
END $$;
COMMENT ON FUNCTION etl.recall_page(bigint, bytea, bytea) IS 'What the daemon needs of a page that its run''s source sent before and that was read in the same way: its records, the total it announces (null: none), what it says of its successor. No row: not known. Whether it may be taken so etl.accept_page decides. page_sha256, reading: 32 bytes.';

CREATE OR REPLACE FUNCTION etl.stands_in_place(c etl.page_content) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET jit = off SET enable_seqscan = off AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(l.id), '{}') = c.ids AND coalesce(string_agg(l.row_mac, ''), '') = c.macs
            FROM (SELECT e.id, e.row_mac FROM registry.enrolment e WHERE e.ctid = ANY (c.places) ORDER BY e.id) l);
END $$;
COMMENT ON FUNCTION etl.stands_in_place(etl.page_content) IS 'Whether the enrolments of a page lie where they were last found, with the content that its reading gave them. False says nothing: a row that was written anew for another reason lies elsewhere.';

CREATE OR REPLACE FUNCTION etl.stands(c etl.page_content) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    lie tid[];
    macs bytea;
BEGIN
    IF c.permitted <> etl.permitted(c.source)
       OR c.read_at + interval '7 days' * (1 + get_byte(c.sha256, 0) / 256.0) < now() THEN
        RETURN false;
    ELSIF EXISTS (SELECT FROM unnest(c.set_aside) AS w(id) LEFT JOIN etl.quarantine q ON q.id = w.id
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
COMMENT ON FUNCTION etl.stands(etl.page_content) IS 'Whether to read the page anew would write nothing: its enrolments have the content it gave them, what it had set aside stands so, the source may report the same programmes, and the reading is not older than 7 to 14 days, which depends on the page so that not all of a listing are due on one day. Enrolments that had to be found by their ids are noted where they lie.';

CREATE OR REPLACE FUNCTION etl.accept_page(run_id bigint, page int, next_cursor text, page_sha256 bytea, page_bytes bigint,
                                           reading bytea, OUT accepted boolean, OUT unchanged bigint, OUT quarantined bigint, OUT refused bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    origin text := etl.enter_page(run_id, page, page_sha256);
    c etl.page_content;
BEGIN
    SELECT * INTO c FROM etl.page_content x
    WHERE x.source = origin AND x.sha256 = page_sha256 AND x.reading = accept_page.reading;
    accepted := FOUND AND etl.stands(c);
    IF NOT accepted THEN
        RETURN;
    END IF;
    unchanged := cardinality(c.ids);
    quarantined := c.quarantined;
    refused := cardinality(c.refused);
    INSERT INTO etl.page (run_id, number, sha256, bytes, rows, state, known)
    VALUES (accept_page.run_id, accept_page.page, page_sha256, page_bytes, unchanged + quarantined + refused, 'loaded', true);
    PERFORM etl.keep_cursor(origin, next_cursor, run_id, page);
    INSERT INTO etl.listed (source, generation, run_id, page, ids, unnamed, broken)
    SELECT origin, r.generation, r.id, accept_page.page,
           c.ids || c.refused || ARRAY(SELECT k.id FROM unnest(c.named) AS n(record_id) CROSS JOIN LATERAL (
               SELECT e.id FROM registry.enrolment e WHERE e.source = origin AND e.record_id = n.record_id LIMIT 1) k),
           c.quarantined - cardinality(c.named), false
    FROM etl.run r WHERE r.id = accept_page.run_id AND r.generation IS NOT NULL;
    UPDATE etl.run r SET pages = r.pages + 1, fetched = r.fetched + accept_page.unchanged + accept_page.quarantined + accept_page.refused,
        unchanged = r.unchanged + accept_page.unchanged, quarantined = r.quarantined + accept_page.quarantined,
        refused = r.refused + accept_page.refused
    WHERE r.id = accept_page.run_id;
END $$;
COMMENT ON FUNCTION etl.accept_page(bigint, int, text, bytea, bigint, bytea) IS 'Takes a page by what its bytes came to before, in the caller''s transaction: its books, its cursor, its place in the listing, and no version of any enrolment. accepted false: nothing is written but the lease''s renewal, the page is to be read. page: from 1, the run''s next; page_sha256, reading: 32 bytes; page_bytes: size as received. Errors as etl.enter_page.';

CREATE OR REPLACE FUNCTION etl.forget_pages(source text, since bigint) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    DELETE FROM etl.page_content c
    WHERE c.source = $1 AND NOT EXISTS (SELECT FROM etl.page p JOIN etl.run r ON r.id = p.run_id
                                        WHERE r.source = $1 AND r.id >= $2 AND p.sha256 = c.sha256);
$$;
COMMENT ON FUNCTION etl.forget_pages(text, bigint) IS 'Forgets the pages of a source that no run since this one has seen.';
