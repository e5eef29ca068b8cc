-- ekok 0.1.0, made from sql/parts by cat; names go to the extension's own schema.
\echo Use "CREATE EXTENSION ekok" to load this file. \quit

