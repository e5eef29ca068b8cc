-- ekok 0.3.0 to 0.4.0: the parts 7x follow; where one changes an older object, it says so.
\echo Use "ALTER EXTENSION ekok UPDATE TO '0.4.0'" to load this file. \quit
