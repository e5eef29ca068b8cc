-- person_probe.sql - table probe(form, n, p): newcomers to be looked for, :each of each form, the same every time. Wants the registry
-- of person.sql and leaves it as it is.
SET search_path = pg_catalog;
CREATE TABLE public.probe (form text, n int, p ekok.person, PRIMARY KEY (form, n));
CREATE FUNCTION pg_temp.own(e registry.enrolment) RETURNS ekok.shared_evidence[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(ROW(registry.held_kind(v.kind, e.nid_digits), v.key, NULL)::ekok.shared_evidence) FROM registry.evidence v
    WHERE v.enrolment_id = e.id $$;
-- Another hand's spelling: long vowels for short ones, one consonant of a pair.
CREATE FUNCTION pg_temp.respelled(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
    RETURN replace(replace(replace(translate(name, 'িুশণ', 'ীূসন'), 'ah', 'a'), 'ee', 'i'), 'ss', 's');
CREATE FUNCTION pg_temp.swapped(d date) RETURNS date LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN extract(day FROM d) <= 12 THEN make_date(extract(year FROM d)::int, extract(day FROM d)::int, extract(month FROM d)::int)
                ELSE d END;
CREATE TEMP TABLE drawn AS SELECT e AS e, row_number() OVER (ORDER BY hashtextextended(e.id::text, 5))::int AS n FROM registry.enrolment e
    ORDER BY 2 LIMIT 8 * :each;
INSERT INTO public.probe
SELECT f.form, (d.n - 1) / 8 + 1, f.p
FROM (SELECT d.n, (d.e).*, pg_temp.own(d.e) AS held FROM drawn d) d
CROSS JOIN LATERAL (VALUES
    (0, 'all numbers, respelled name', ROW(pg_temp.respelled(d.name_bn), pg_temp.respelled(d.name_en), d.father_name, d.mother_name, d.birth_date,
        d.sex, d.geo, d.held)::ekok.person),
    (1, 'all numbers, day and month swapped', ROW(d.name_bn, d.name_en, d.father_name, d.mother_name, pg_temp.swapped(d.birth_date), d.sex, d.geo,
        d.held)::ekok.person),
    (2, 'no numbers', ROW(d.name_bn, d.name_en, d.father_name, d.mother_name, d.birth_date, d.sex, d.geo, NULL)::ekok.person),
    (3, 'no numbers, respelled, swapped', ROW(pg_temp.respelled(d.name_bn), pg_temp.respelled(d.name_en), pg_temp.respelled(d.father_name),
        d.mother_name, pg_temp.swapped(d.birth_date), d.sex, d.geo, NULL)::ekok.person),
    -- Somebody else of the same family: the parents and the mobile number, nothing more.
    (4, 'a shared mobile number', ROW('মোছাঃ ' || d.mother_name, NULL, d.father_name, d.mother_name, d.birth_date + 700, 'female', d.geo,
        (SELECT array_agg(h) FROM unnest(d.held) AS h WHERE h.kind = 'mobile'))::ekok.person)) AS f(at, form, p)
WHERE (d.n - 1) % 8 = f.at;
-- Nobody alike: first name, parents, date and place of five different enrolments.
INSERT INTO public.probe
SELECT 'nobody alike', a.n / 8, ROW((a.e).name_bn, (a.e).name_en, (b.e).father_name, (c.e).mother_name, (b.e).birth_date + 11, (a.e).sex, (c.e).geo,
    NULL)::ekok.person
FROM drawn a JOIN drawn b ON b.n = a.n - 1 JOIN drawn c ON c.n = a.n - 2 WHERE a.n % 8 = 0;
-- The commonest names of men and fathers, born on 1 January as far as anybody knows, in the commonest upazila of that name.
INSERT INTO public.probe
SELECT 'a very common name', c.n, ROW(c.name_bn, NULL, c.father_name, NULL, make_date(1945 + c.n % 50, 1, 1), 'male', c.geo, NULL)::ekok.person
FROM (SELECT f.*, row_number() OVER (ORDER BY f.often DESC, f.name_bn COLLATE "C", f.geo COLLATE "C", f.father_name COLLATE "C")::int AS n
      FROM (SELECT e.name_bn, left(e.geo, 6) AS geo, min(e.father_name COLLATE "C") AS father_name, sum(count(*)) OVER (PARTITION BY e.name_bn) AS often
            FROM registry.enrolment e WHERE e.name_bn IS NOT NULL AND e.geo IS NOT NULL GROUP BY 1, 2) f) c
WHERE c.n <= :each;
ANALYZE public.probe;
