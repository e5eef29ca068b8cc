-- evaluate.sql - precision and recall of a loaded and swept registry against the simulator's truth (on standard input;
-- psql variable json: 0 or 1): by kind of overlap what was joined, what waits for a human, what a rule refused. Works in
-- temporary tables; changes nothing.
SET client_min_messages = warning;
CREATE TEMP TABLE truth (
    source text, record_id text, person bigint, programme text, household text, defect text, overlap text,
    twin_of text, namesake_of text
);
\copy truth FROM pstdin WITH (FORMAT text, HEADER true)

-- A record's truth beside what became of it; one that was set aside, damaged or refused by a rule, has no enrolment.
CREATE TEMP TABLE judged AS
SELECT t.*, e.id, e.created_at, e.status, m.person_id, r.code AS refused_by
FROM (SELECT * FROM truth WHERE defect <> 'duplicate') t   -- the same record served again, set aside by itself
LEFT JOIN registry.enrolment e ON e.source = t.source AND e.record_id = t.record_id AND t.defect = ''
LEFT JOIN registry.membership m ON m.enrolment_id = e.id
LEFT JOIN etl.quarantine q ON q.source = t.source AND q.record_id = t.record_id AND q.disposition = 'refused' AND e.id IS NULL
LEFT JOIN registry.rule r ON r.code = q.reasons -> 0 ->> 'reason';
CREATE INDEX ON judged (person);
CREATE INDEX ON judged (id);
ANALYZE judged;

CREATE TEMP TABLE asked AS        -- pairs that wait for a human
SELECT x.a, x.b FROM registry.match x WHERE x.state IN ('probable', 'refuted') OR x.held;
CREATE UNIQUE INDEX ON asked (a, b);
ANALYZE asked;

CREATE TEMP TABLE declared AS      -- each further enrolment beside its person's first one
SELECT b.overlap, a.id AS a, b.id AS b, a.person_id = b.person_id AS joined, num_nonnulls(a.refused_by, b.refused_by) > 0 AS refused,
       EXISTS (SELECT FROM asked x WHERE x.a = least(a.id, b.id) AND x.b = greatest(a.id, b.id)) AS queued
FROM judged a JOIN judged b USING (person)
WHERE a.overlap = 'first' AND b.overlap <> 'first';

CREATE TEMP TABLE kinds (overlap text, shares boolean, explanation text, place int);
INSERT INTO kinds VALUES
    ('same_nid', true, 'same NID', 1), ('nid_13_17', true, 'NID of 13 and 17 digits', 2),
    ('same_brn', true, 'same BRN', 3), ('shared_wallet', true, 'same wallet alone', 4),
    ('nid_10_17', false, 'NID of 10 and 17 digits', 5), ('nid_brn', false, 'NID here, BRN there', 6),
    ('respelled', false, 'name respelled', 7), ('romanised', false, 'name in the other script', 8),
    ('swapped_date', false, 'day and month swapped', 9);

CREATE TEMP TABLE recall AS
SELECT k.place, k.overlap, k.explanation, k.shares,
       count(d.overlap) AS declared,
       count(d.overlap) FILTER (WHERE num_nulls(d.a, d.b) > 0 AND NOT d.refused) AS set_aside,
       count(*) FILTER (WHERE d.refused) AS refused,
       count(*) FILTER (WHERE d.a IS NOT NULL AND d.b IS NOT NULL AND d.joined) AS joined,
       count(*) FILTER (WHERE d.a IS NOT NULL AND d.b IS NOT NULL AND NOT d.joined AND d.queued) AS queued
FROM kinds k LEFT JOIN declared d USING (overlap)
GROUP BY 1, 2, 3, 4;

-- Records that draw what a rule of excluded combinations does not allow beside what the same human drew before; or that
-- such a rule refused, rightly or not. overlap: how the record relates to the one before; where neither is the person's first
-- one, the relation of the two that says less.
CREATE TEMP TABLE beyond AS
SELECT r.code AS rule, (SELECT k.overlap FROM kinds k WHERE k.overlap IN (a.overlap, b.overlap) ORDER BY k.place DESC LIMIT 1) AS overlap, b.refused_by IS NOT NULL AS refused, a.person IS NOT NULL AS truly,
       EXISTS (SELECT FROM registry.rule_hit h WHERE h.rule = r.code AND h.person_id = b.person_id) AS reported,
       EXISTS (SELECT FROM asked x WHERE x.a = least(a.id, b.id) AND x.b = greatest(a.id, b.id)) AS queued
FROM registry.rule r
JOIN judged b ON b.refused_by = r.code OR b.id IS NOT NULL AND coalesce(b.status, 'active') = 'active' AND b.programme = ANY (r.programmes || r.not_with)
LEFT JOIN LATERAL (
    SELECT o.* FROM judged o
    WHERE o.person = b.person AND o.id IS NOT NULL AND coalesce(o.status, 'active') = 'active' AND o.programme <> b.programme
      AND (o.programme = ANY (r.programmes) AND b.programme = ANY (r.not_with) OR o.programme = ANY (r.not_with) AND b.programme = ANY (r.programmes))
      AND (b.id IS NULL OR (o.created_at, o.id) < (b.created_at, b.id))
    ORDER BY o.overlap = 'first' DESC, o.created_at, o.id LIMIT 1) a ON true
WHERE r.kind = 'excluded combination' AND r.state = 'active' AND r.mode = 'refuse' AND (a.person IS NOT NULL OR b.refused_by IS NOT NULL);

CREATE TEMP TABLE refusals AS
SELECT k.place, k.explanation, k.overlap, count(*) FILTER (WHERE d.truly) AS beyond, count(*) FILTER (WHERE d.refused) AS refused,
       count(*) FILTER (WHERE d.refused AND NOT d.truly) AS wrongly, count(*) FILTER (WHERE d.truly AND NOT d.refused AND d.reported) AS reported,
       count(*) FILTER (WHERE d.truly AND NOT d.refused AND NOT d.reported AND d.queued) AS queued
FROM (TABLE kinds UNION ALL VALUES ('none', false, 'another human', 10)) k
JOIN beyond d ON CASE WHEN d.truly THEN d.overlap ELSE 'none' END = k.overlap GROUP BY 1, 2, 3;

CREATE TEMP TABLE precision_by_kind AS
SELECT CASE WHEN x.held THEN 'held' ELSE x.state END AS state, coalesce(x.kinds[1], 'likeness') AS kind, count(*) AS pairs,
       count(*) FILTER (WHERE a.person = b.person) AS right_pairs
FROM registry.match x
JOIN judged a ON a.id = x.a
JOIN judged b ON b.id = x.b
GROUP BY 1, 2;

CREATE TEMP TABLE pairwise AS     -- every pair of enrolments of one person, in truth and as the registry has it
SELECT count(*) FILTER (WHERE truly AND held_to_be) AS right_pairs, count(*) FILTER (WHERE held_to_be AND NOT truly) AS wrong_pairs,
       count(*) FILTER (WHERE truly AND NOT held_to_be) AS missed_pairs
FROM (SELECT a.person = b.person AS truly, a.person_id = b.person_id AS held_to_be FROM judged a JOIN judged b ON b.person = a.person AND a.id < b.id
      UNION ALL
      SELECT false, true FROM judged a JOIN judged b ON b.person_id = a.person_id AND a.id < b.id AND a.person <> b.person) p;

CREATE TEMP TABLE apart AS        -- people who look alike and are not the same: pairs of their records
SELECT w.who, count(*) AS pairs, count(*) FILTER (WHERE a.person_id = b.person_id) AS joined_wrongly,
       count(*) FILTER (WHERE EXISTS (SELECT FROM asked x WHERE x.a = least(a.id, b.id) AND x.b = greatest(a.id, b.id))) AS queued
FROM (VALUES ('twins'), ('namesakes')) AS w(who)
JOIN judged b ON CASE w.who WHEN 'twins' THEN b.twin_of ELSE b.namesake_of END <> ''
JOIN judged a ON a.person = CASE w.who WHEN 'twins' THEN b.twin_of ELSE b.namesake_of END::bigint
WHERE a.id IS NOT NULL AND b.id IS NOT NULL
GROUP BY w.who;

\if :json
\pset format unaligned
\pset tuples_only on
SELECT jsonb_pretty(jsonb_build_object(
    'recall', (SELECT jsonb_agg(to_jsonb(r) - 'place' || jsonb_build_object('judged', declared - set_aside - refused,
        'recall', round(joined::numeric / nullif(declared - set_aside - refused, 0), 4)) ORDER BY place)
        FROM recall r),
    'precision', (SELECT jsonb_agg(to_jsonb(p) || jsonb_build_object('precision',
        round(right_pairs::numeric / pairs, 4)) ORDER BY p.state, p.kind) FROM precision_by_kind p),
    'refusals', (SELECT jsonb_agg(to_jsonb(r) - 'place' || jsonb_build_object('precision', round((refused - wrongly)::numeric / nullif(refused, 0), 4),
        'recall', round((refused - wrongly)::numeric / nullif(beyond, 0), 4)) ORDER BY place) FROM refusals r),
    'pairwise', (SELECT to_jsonb(p) || jsonb_build_object('f1', round(2.0 * right_pairs / (2 * right_pairs + wrong_pairs + missed_pairs), 4))
        FROM pairwise p),
    'apart', (SELECT jsonb_agg(to_jsonb(a)) FROM apart a)));
\else
\pset footer off
\pset border 0
\pset null '-'
\echo
\echo 'Recall by kind of overlap (pairs of enrolments of one person, as declared)'
\echo
SELECT explanation AS "overlap", CASE WHEN shares THEN 'yes' ELSE 'no' END AS "shares", declared,
       set_aside AS "set aside", refused, joined, queued, round(joined::numeric / nullif(declared - set_aside - refused, 0), 3) AS "recall"
FROM recall ORDER BY place;
\echo 'set aside: one side is a damaged record; refused: a rule did not let it in;'
\echo 'neither counts for the recall. joined: held to be one person; queued: not'
\echo 'joined, a human is asked.'
SELECT count(*) > 0 AS ruled FROM refusals \gset
\if :ruled
\echo
\echo 'What the refusing rule did (records that draw what it excludes), same kinds'
\echo
SELECT explanation AS "overlap", beyond, refused, wrongly, round((refused - wrongly)::numeric / nullif(refused, 0), 3) AS "precision",
       round((refused - wrongly)::numeric / nullif(beyond, 0), 3) AS "recall", reported, queued
FROM refusals ORDER BY place;
\echo 'beyond: records that break the rule in truth; refused at the door: those whom a'
\echo 'number ties to an enrolment that stands. The rest came in: reported by the sweep'
\echo 'when it joined them, queued when a human is asked.'
\endif
\echo
\echo 'Precision by the strongest evidence of each pair (pairs the registry found)'
\echo
SELECT state, kind, pairs, right_pairs AS "same person", round(right_pairs::numeric / pairs, 3) AS "precision"
FROM precision_by_kind ORDER BY array_position(ARRAY['certain', 'held', 'probable', 'refuted', 'shared'], state),
    array_position(ARRAY['nid', 'brn', 'account', 'wallet', 'mobile', 'likeness'], kind);
\echo 'certain joins people, unless that would put two who contradict into one person:'
\echo 'then it is held; held, probable and refuted wait for a human, the last because'
\echo 'something speaks against it; shared says only that.'
\echo
\echo 'Persons: every pair of enrolments of one person'
\echo
SELECT right_pairs AS "joined rightly", wrong_pairs AS "wrongly", missed_pairs AS "missed",
       round(right_pairs::numeric / nullif(right_pairs + wrong_pairs, 0), 4) AS "precision",
       round(right_pairs::numeric / nullif(right_pairs + missed_pairs, 0), 4) AS "recall",
       round(2.0 * right_pairs / nullif(2 * right_pairs + wrong_pairs + missed_pairs, 0), 4) AS "F1"
FROM pairwise;
\echo
\echo 'People who look alike and are not the same'
\echo
SELECT who, pairs AS "pairs of records", joined_wrongly AS "joined wrongly", queued FROM apart ORDER BY who DESC;
\endif
