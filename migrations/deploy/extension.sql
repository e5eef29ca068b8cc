-- Deploy ekok:extension to pg
-- Promises the extension in a schema of its own, so that no search path is needed to reach it. The extension must be
-- installed on the server beforehand; its version is whatever that server holds as the default.

BEGIN;

CREATE SCHEMA ekok;
COMMENT ON SCHEMA ekok IS 'Types, matching and the double-dipping sweep of the extension ekok; nothing else lives here.';
CREATE EXTENSION ekok SCHEMA ekok;
GRANT USAGE ON SCHEMA ekok TO PUBLIC;

COMMIT;
