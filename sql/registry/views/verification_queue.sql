-- verification_queue.sql - what is asked next, of every system, with the reason: the policy as people see it.

CREATE OR REPLACE VIEW registry.verification_queue WITH (security_invoker = true) AS
SELECT s.code AS system, n.enrolment_id, n.rank, n.reason, n.risk, n.since, row_number() OVER (PARTITION BY s.code ORDER BY n.rank, n.risk DESC, n.since, n.enrolment_id) AS place
FROM registry.verification_system s CROSS JOIN LATERAL registry.verification_needed(s.code) n;
COMMENT ON VIEW registry.verification_queue IS 'What is to be asked of each system, and why; the order is that of registry.verification_policy. Made anew at each look: with a condition on system it reads the registry once.';
COMMENT ON COLUMN registry.verification_queue.system IS 'The system to ask.';
COMMENT ON COLUMN registry.verification_queue.enrolment_id IS 'The enrolment whose values would be sent.';
COMMENT ON COLUMN registry.verification_queue.rank IS 'As registry.verification_policy.rank.';
COMMENT ON COLUMN registry.verification_queue.reason IS 'As registry.verification_policy.reason.';
COMMENT ON COLUMN registry.verification_queue.risk IS 'As registry.verification_risk, 0 to 2.';
COMMENT ON COLUMN registry.verification_queue.since IS 'Since when it waits: the change of the enrolment, or the end of its last verdict''s validity.';
COMMENT ON COLUMN registry.verification_queue.place IS 'Its place in the system''s queue, from 1.';
