-- definition.sql - by which definition each source is read now. Shows what the caller may read of the table.

CREATE OR REPLACE VIEW etl.definition_in_force WITH (security_invoker = true) AS
    SELECT d.source, d.version, d.definition, d.sha256, d.added_by, d.added_at
    FROM etl.source_definition d
    WHERE d.state = 'in force'
      AND NOT EXISTS (SELECT FROM etl.source_definition n WHERE n.source = d.source AND n.version > d.version);
COMMENT ON VIEW etl.definition_in_force IS 'The definition by which each source is read now; a retired source has none.';
COMMENT ON COLUMN etl.definition_in_force.source IS 'As etl.source_definition.source.';
COMMENT ON COLUMN etl.definition_in_force.version IS 'As etl.source_definition.version.';
COMMENT ON COLUMN etl.definition_in_force.definition IS 'As etl.source_definition.definition.';
COMMENT ON COLUMN etl.definition_in_force.sha256 IS 'As etl.source_definition.sha256.';
COMMENT ON COLUMN etl.definition_in_force.added_by IS 'As etl.source_definition.added_by.';
COMMENT ON COLUMN etl.definition_in_force.added_at IS 'As etl.source_definition.added_at.';
