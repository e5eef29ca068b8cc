-- payable.sql - the enrolments that may be paid: active, and under no standing hold.

CREATE OR REPLACE VIEW registry.payable WITH (security_invoker = true) AS
SELECT e.id AS enrolment_id, e.source, e.record_id, e.programme, e.amount_paisa, e.wallet_provider
FROM registry.enrolment e
WHERE (e.status = 'active' OR e.status IS NULL)
  AND NOT EXISTS (SELECT FROM registry.hold h WHERE h.enrolment_id = e.id AND h.released_at IS NULL);
COMMENT ON VIEW registry.payable IS 'Enrolments that draw: active or without a status, and under no standing hold.';
COMMENT ON COLUMN registry.payable.enrolment_id IS 'As registry.enrolment.id.';
COMMENT ON COLUMN registry.payable.source IS 'As registry.enrolment.source.';
COMMENT ON COLUMN registry.payable.record_id IS 'As registry.enrolment.record_id.';
COMMENT ON COLUMN registry.payable.programme IS 'As registry.enrolment.programme.';
COMMENT ON COLUMN registry.payable.amount_paisa IS 'As registry.enrolment.amount_paisa, in paisa.';
COMMENT ON COLUMN registry.payable.wallet_provider IS 'As registry.enrolment.wallet_provider.';
