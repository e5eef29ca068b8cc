-- beneficiary.sql - an enrolment as an analyst reads it: no sealed value, no token, names of programme and place beside
-- their codes. Shows what the reader may see and nothing more (security_invoker).

CREATE OR REPLACE VIEW registry.beneficiary WITH (security_invoker = true) AS
SELECT e.id AS enrolment_id, m.person_id, e.source, e.record_id, e.programme, p.name_en AS programme_name, p.benefit,
       e.status, e.name_bn, e.name_en, e.father_name, e.mother_name, e.sex, e.birth_date, e.geo, g.name_en AS place_name,
       e.household, e.amount_paisa, e.enrolled_on, e.changed_at
FROM registry.enrolment e
JOIN registry.programme p ON p.code = e.programme
LEFT JOIN registry.geo g ON g.code = e.geo
LEFT JOIN registry.membership m ON m.enrolment_id = e.id;
COMMENT ON VIEW registry.beneficiary IS 'Enrolments with person, programme and place, without sealed values and tokens.';
COMMENT ON COLUMN registry.beneficiary.enrolment_id IS 'As registry.enrolment.id.';
COMMENT ON COLUMN registry.beneficiary.person_id IS 'The person it belongs to; null until the next sweep.';
COMMENT ON COLUMN registry.beneficiary.source IS 'As registry.enrolment.source.';
COMMENT ON COLUMN registry.beneficiary.record_id IS 'As registry.enrolment.record_id.';
COMMENT ON COLUMN registry.beneficiary.programme IS 'As registry.enrolment.programme.';
COMMENT ON COLUMN registry.beneficiary.programme_name IS 'English name of the programme.';
COMMENT ON COLUMN registry.beneficiary.benefit IS 'cash, in kind or workfare.';
COMMENT ON COLUMN registry.beneficiary.status IS 'As registry.enrolment.status.';
COMMENT ON COLUMN registry.beneficiary.name_bn IS 'As registry.enrolment.name_bn.';
COMMENT ON COLUMN registry.beneficiary.name_en IS 'As registry.enrolment.name_en.';
COMMENT ON COLUMN registry.beneficiary.father_name IS 'As registry.enrolment.father_name.';
COMMENT ON COLUMN registry.beneficiary.mother_name IS 'As registry.enrolment.mother_name.';
COMMENT ON COLUMN registry.beneficiary.sex IS 'As registry.enrolment.sex.';
COMMENT ON COLUMN registry.beneficiary.birth_date IS 'As registry.enrolment.birth_date.';
COMMENT ON COLUMN registry.beneficiary.geo IS 'As registry.enrolment.geo.';
COMMENT ON COLUMN registry.beneficiary.place_name IS 'English name of the place; null when the code is not in registry.geo.';
COMMENT ON COLUMN registry.beneficiary.household IS 'As registry.enrolment.household.';
COMMENT ON COLUMN registry.beneficiary.amount_paisa IS 'As registry.enrolment.amount_paisa, in paisa.';
COMMENT ON COLUMN registry.beneficiary.enrolled_on IS 'As registry.enrolment.enrolled_on.';
COMMENT ON COLUMN registry.beneficiary.changed_at IS 'As registry.enrolment.changed_at.';
