-- Deploy ekok:access to pg
-- Promises that nobody approves their own request, that a session stands on two approvals by two others, and that
-- nothing is granted without a purpose and an end. The functions that fill these tables come later.

BEGIN;

CREATE SCHEMA access AUTHORIZATION ekok_owner;
COMMENT ON SCHEMA access IS 'Who asked for which access, who approved it, and what was opened under it.';
SET LOCAL ROLE ekok_owner;

CREATE TABLE access.grant_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    requester name NOT NULL,
    role text NOT NULL CONSTRAINT grant_request_role_known CHECK (role IN ('analyst', 'operator', 'auditor', 'access officer', 'api client')),
    ministry text REFERENCES registry.ministry,
    geo text REFERENCES registry.geo,
    purpose text NOT NULL CONSTRAINT grant_request_purpose_given CHECK (btrim(purpose) <> ''),
    requested_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    UNIQUE (id, requester),
    CONSTRAINT grant_request_ends CHECK (expires_at > requested_at AND expires_at <= requested_at + interval '366 days')
);
COMMENT ON TABLE access.grant_request IS 'A request for a role within a scope, for a purpose, until a day.';
COMMENT ON COLUMN access.grant_request.id IS 'Running number, with gaps.';
COMMENT ON COLUMN access.grant_request.requester IS 'Login role that asks.';
COMMENT ON COLUMN access.grant_request.role IS 'The duty asked for: analyst, operator, auditor, access officer or api client.';
COMMENT ON COLUMN access.grant_request.ministry IS 'Only enrolments of this ministry''s programmes; null: of all.';
COMMENT ON COLUMN access.grant_request.geo IS 'Only enrolments within this place; null: everywhere.';
COMMENT ON COLUMN access.grant_request.purpose IS 'Why, in words; never empty.';
COMMENT ON COLUMN access.grant_request.requested_at IS 'When it was asked.';
COMMENT ON COLUMN access.grant_request.expires_at IS 'When it ends, at most 366 days later.';

CREATE TABLE access.approval (
    request_id bigint,
    requester name NOT NULL,
    approver name,
    decision text NOT NULL CONSTRAINT approval_decision_known CHECK (decision IN ('approved', 'refused')),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, approver),
    UNIQUE (request_id, approver, decision),
    FOREIGN KEY (request_id, requester) REFERENCES access.grant_request (id, requester),
    CONSTRAINT approval_by_another CHECK (approver <> requester)
);
COMMENT ON TABLE access.approval IS 'What one other person decided about a request.';
COMMENT ON COLUMN access.approval.request_id IS 'The request.';
COMMENT ON COLUMN access.approval.requester IS 'Who asked, repeated here so that nobody can approve their own request.';
COMMENT ON COLUMN access.approval.approver IS 'Login role that decided; never the requester.';
COMMENT ON COLUMN access.approval.decision IS 'approved or refused.';
COMMENT ON COLUMN access.approval.at IS 'When.';

CREATE TABLE access.session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id bigint NOT NULL REFERENCES access.grant_request,
    first_approver name NOT NULL,
    second_approver name NOT NULL,
    decision text NOT NULL DEFAULT 'approved' CONSTRAINT session_approved CHECK (decision = 'approved'),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    FOREIGN KEY (request_id, first_approver, decision) REFERENCES access.approval (request_id, approver, decision),
    FOREIGN KEY (request_id, second_approver, decision) REFERENCES access.approval (request_id, approver, decision),
    CONSTRAINT session_two_approvers CHECK (first_approver <> second_approver),
    CONSTRAINT session_times_ordered CHECK (closed_at >= opened_at)
);
COMMENT ON TABLE access.session IS 'A stretch of work under a request that two others approved.';
COMMENT ON COLUMN access.session.id IS 'Running number, with gaps.';
COMMENT ON COLUMN access.session.request_id IS 'The request.';
COMMENT ON COLUMN access.session.first_approver IS 'One who approved it.';
COMMENT ON COLUMN access.session.second_approver IS 'Another who approved it.';
COMMENT ON COLUMN access.session.decision IS 'Always approved: ties the session to approvals, not to refusals.';
COMMENT ON COLUMN access.session.opened_at IS 'When it began.';
COMMENT ON COLUMN access.session.closed_at IS 'When it ended; null while open.';

COMMIT;
