-- place_of.sql - the place inside a number, by name. Codes in a number are those of the day it was given out, the table
-- registry.geo is of the 2011 census: a code that is missing there is told in a warning, never an error. Refuses to
-- guess: nothing is looked up by likeness, and no city corporation is split anew.
-- Plain SQL without settings of its own, so that a query over many numbers is planned as probes of one index, not as calls.

CREATE OR REPLACE FUNCTION registry.place_at(district text, upazila text, "union" text, area text, division text)
RETURNS TABLE (division_code text, division_en text, division_bn text, district_code text, district_en text,
    district_bn text, upazila_code text, upazila_en text, upazila_bn text, union_code text, union_en text, union_bn text,
    warning text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT v.code, v.name_en, v.name_bn, d.code, d.name_en, d.name_bn, d.code || upazila, u.name_en, u.name_bn,
        d.code || upazila || "union", n.name_en, n.name_bn,
        nullif(concat_ws('; ',
            CASE WHEN d.code IS NULL AND district IS NOT NULL
                 THEN 'district ' || district || ' is not in the table: mistyped?' END,
            CASE WHEN v.code IS NULL AND division IS NOT NULL
                 THEN 'division ' || division || ' is not in the table: mistyped?' END,
            CASE WHEN d.parent <> division
                 THEN 'district ' || district || ' lies in division ' || d.parent || ', the code says ' || division END,
            CASE WHEN d.code IS NOT NULL AND upazila IS NOT NULL AND u.code IS NULL
                 THEN 'upazila ' || upazila || ' is not in the 2011 table: merged or newer' END,
            CASE WHEN u.code IS NOT NULL AND "union" IS NOT NULL AND n.code IS NULL AND area IN ('2', '9')
                 THEN 'ward ' || "union" || ' is not in the 2011 table, which has few wards' END,
            CASE WHEN u.code IS NOT NULL AND "union" IS NOT NULL AND n.code IS NULL AND (area IN ('2', '9')) IS NOT TRUE
                 THEN 'union ' || "union" || ' is not in the 2011 table: merged or newer' END,
            CASE WHEN area = '9'
                 THEN 'city corporation: its codes may be split 3+2 or 2+3, not 2+2 as they are read here' END,
            CASE WHEN area NOT IN ('1', '2', '3', '4', '5', '9')
                 THEN 'area type ' || area || ' is not known' END), '')
    FROM (VALUES (1)) one
    -- The few divisions are read once a query; each tried with the district is one probe of the primary key.
    LEFT JOIN (unnest(ARRAY(SELECT g.code FROM registry.geo g WHERE g.level = 1)) w (code)
               JOIN registry.geo d ON d.code = w.code || district) ON true
    LEFT JOIN registry.geo v ON v.code = coalesce(d.parent, division)
    LEFT JOIN registry.geo u ON u.code = d.code || upazila
    LEFT JOIN registry.geo n ON n.code = d.code || upazila || "union";
END;
COMMENT ON FUNCTION registry.place_at(text, text, text, text, text) IS 'What registry.place_of looks up: district, upazila and union of 2 digits each, area type of 1 digit (RMO), division of 2 digits; any may be null. The division is taken from the district, whose 2 digits are unique in the country (computed on the table); a division given besides is only compared.';

CREATE OR REPLACE FUNCTION registry.place_of(number ekok.nid)
RETURNS TABLE (division_code text, division_en text, division_bn text, district_code text, district_en text,
    district_bn text, upazila_code text, upazila_en text, upazila_bn text, union_code text, union_en text, union_bn text,
    warning text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.division_code, p.division_en, p.division_bn, p.district_code, p.district_en, p.district_bn, p.upazila_code,
        p.upazila_en, p.upazila_bn, p.union_code, p.union_en, p.union_bn,
        CASE ekok.length(number) WHEN 10 THEN '10 digits tell no place' ELSE p.warning END
    FROM registry.place_at(ekok.district(number), ekok.upazila(number), ekok."union"(number), ekok.rmo(number), NULL) p;
END;
COMMENT ON FUNCTION registry.place_of(ekok.nid) IS 'The place where a card of 13 or 17 digits was registered: P-codes as the number says, names in English and Bengali where registry.geo knows them, and a warning where it does not; always one row. Source: structure of the number widely reported, its codes those of BBS (computed on one published example); table of the 2011 census, see registry.geo for the confidence of each name. City corporations: the split of their codes differs (read in one public validator), so they are warned about.';

CREATE OR REPLACE FUNCTION registry.place_of(number ekok.brn)
RETURNS TABLE (division_code text, division_en text, division_bn text, district_code text, district_en text,
    district_bn text, upazila_code text, upazila_en text, upazila_bn text, union_code text, union_en text, union_bn text,
    warning text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.* FROM registry.place_at(ekok.district(number), ekok.upazila(number), ekok."union"(number), ekok.rmo(number), NULL) p;
END;
COMMENT ON FUNCTION registry.place_of(ekok.brn) IS 'The place where a birth was registered; columns, sources and confidence as for registry.place_of(ekok.nid): both numbers carry the same seven digits (computed on one published example).';

CREATE OR REPLACE FUNCTION registry.place_of(code ekok.geocode)
RETURNS TABLE (division_code text, division_en text, division_bn text, district_code text, district_en text,
    district_bn text, upazila_code text, upazila_en text, upazila_bn text, union_code text, union_en text, union_bn text,
    warning text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.* FROM registry.place_at(nullif(substr(code::text, 3, 2), ''), nullif(substr(code::text, 5, 2), ''),
                           nullif(substr(code::text, 7, 2), ''), NULL, left(code::text, 2)) p;
END;
COMMENT ON FUNCTION registry.place_of(ekok.geocode) IS 'The names of a place by its BBS geocode; columns as for registry.place_of(ekok.nid). A district that has moved to another division since is found, and a warning says so. Source: BBS, census of 2011; see registry.geo for the confidence of each name.';
