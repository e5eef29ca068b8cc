-- access_factor.sql - the second factor of a login.

CREATE OR REPLACE FUNCTION access.stepped_up() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT ekok.stepped_up(); $$;
COMMENT ON FUNCTION access.stepped_up() IS 'Whether this session has shown a one-time code within the time that it is good for: access.step_up.';
