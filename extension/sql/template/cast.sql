
CREATE CAST (text AS @TYPE@) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS @TYPE@) IS 'reads the text form, on assignment too';
CREATE CAST (@TYPE@ AS text) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (@TYPE@ AS text) IS 'the canonical text form';
