-- Revert ekok:verification_due from pg

BEGIN;

SET LOCAL client_min_messages = warning;

DROP FUNCTION etl.note_arrived(), etl.note_changed(), etl.note_gone(), etl.note_told(), etl.note_system() CASCADE;
DROP FUNCTION IF EXISTS etl.verification_standing(text, uuid[]), etl.settle_verification(text, uuid[], boolean), etl.verification_peers(text, uuid[]),
    etl.read_verification_news(int), etl.fill_verification(text, text, int), etl.due_verification(text, int);
DROP TABLE etl.verification_news, etl.verification_arrival, etl.verification_position, etl.verification_due;

COMMIT;
