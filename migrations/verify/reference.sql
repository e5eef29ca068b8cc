-- Verify ekok:reference on pg

BEGIN;

SELECT code, name_en, name_bn, source, confidence FROM registry.ministry WHERE false;
SELECT code, level, parent, name_en, name_bn, source, confidence FROM registry.geo WHERE false;
SELECT code, number, name_en, name_bn, ministry, benefit, integrated, source, confidence FROM registry.programme WHERE false;
SELECT code, kind, benefit, "limit", mode, source, confidence, valid_from, valid_to FROM registry.rule WHERE false;

ROLLBACK;
