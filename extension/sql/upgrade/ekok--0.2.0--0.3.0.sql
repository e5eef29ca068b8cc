-- ekok 0.2.0 to 0.3.0: nothing changed in objects that were there. All parts of sql/parts that are new follow.
\echo Use "ALTER EXTENSION ekok UPDATE TO '0.3.0'" to load this file. \quit
