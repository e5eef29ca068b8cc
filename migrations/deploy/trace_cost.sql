-- Deploy ekok:trace_cost to pg
-- Promises that an entry is found by its number in a time that does not grow with the trace: each full tile says between which
-- numbers and times its entries lie. Tiles that stood before are told the same from the entries under them.

BEGIN;

SET LOCAL ROLE ekok_owner;

ALTER TABLE audit.tile ADD COLUMN ids int8range, ADD COLUMN times tstzrange;
ALTER TABLE audit.tile DISABLE TRIGGER insert_only;
UPDATE audit.tile t SET ids = s.ids, times = s.times
FROM (SELECT place / 256 AS number, int8range(min(id), max(id), '[]') AS ids, tstzrange(min(at), max(at), '[]') AS times
      FROM (SELECT id, at, row_number() OVER (ORDER BY xact, id) - 1 AS place FROM audit.entry) e GROUP BY 1) s
WHERE t.level = 0 AND t.number = s.number;
ALTER TABLE audit.tile ENABLE ALWAYS TRIGGER insert_only;
CREATE INDEX tile_ids ON audit.tile USING gist (ids) WHERE level = 0;

COMMENT ON COLUMN audit.tile.ids IS 'Between which numbers its entries lie; of level 0 only. Tells where an entry is looked for, and is believed by nobody.';
COMMENT ON COLUMN audit.tile.times IS 'Between which times its entries lie, both included; of level 0 only.';

COMMIT;
