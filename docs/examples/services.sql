-- services.sql - the logins of the services, with no password: each comes as its own user of the machine, or with a certificate
-- (ekok harden --print pg_ident.conf says who is who).
\set ON_ERROR_STOP on
CREATE ROLE etld LOGIN IN ROLE ekok_etl, ekok_operator;
CREATE ROLE sealer LOGIN IN ROLE ekok_sealer;
CREATE ROLE auditor LOGIN IN ROLE ekok_auditor;
CREATE ROLE drill LOGIN IN ROLE ekok_drill, ekok_auditor;
