-- ekok, made from sql/parts by sql/expand.awk; names go to the extension's own schema.
\echo Use "CREATE EXTENSION ekok" to load this file. \quit

