#!/usr/bin/perl
# ALTER EXTENSION ekok UPDATE from every version that ever was ends where a fresh install begins: the same objects,
# definitions, comments and dependencies; and tables filled under the old version keep their contents and indexes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->call('server-start');

# One line for each fact about a member of the extension. Names stand for oids.
my $CATALOG = <<'SQL';
WITH member AS (
    SELECT d.classid, d.objid, (pg_identify_object(d.classid, d.objid, 0)).identity AS name
    FROM pg_depend d WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'ekok')
), part AS (
    SELECT classid, objid FROM member
    UNION ALL
    SELECT 'pg_amop'::regclass, a.oid FROM pg_amop a JOIN member m ON m.classid = 'pg_opfamily'::regclass AND m.objid = a.amopfamily
    UNION ALL
    SELECT 'pg_amproc'::regclass, a.oid FROM pg_amproc a JOIN member m ON m.classid = 'pg_opfamily'::regclass AND m.objid = a.amprocfamily
), fact (line) AS (
    SELECT concat_ws(' ', 'member', classid::regclass, name) FROM member
    UNION ALL
    SELECT concat_ws(' ', 'comment', classid::regclass, name, obj_description(objid, classid::regclass::name)) FROM member
    UNION ALL
    SELECT concat_ws(' ', 'function', pg_get_functiondef(p.oid), p.prosupport, p.probin, p.proacl, p.procost, p.prorows)
    FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid WHERE p.prokind <> 'a'
    UNION ALL
    SELECT concat_ws(' ', 'aggregate', g.aggfnoid::regprocedure, g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggserialfn,
        g.aggdeserialfn, g.aggsortop::regoperator, g.aggtranstype::regtype, g.aggtransspace, g.agginitval, p.proisstrict,
        p.provolatile, p.proparallel, p.proacl)
    FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
    UNION ALL
    SELECT concat_ws(' ', 'operator', o.oid::regoperator, o.oprresult::regtype, o.oprcode::regprocedure, o.oprcom::regoperator,
        o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash)
    FROM pg_operator o JOIN member m ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid
    UNION ALL
    SELECT concat_ws(' ', 'type', t.oid::regtype, t.typlen, t.typbyval, t.typalign, t.typstorage, t.typtype, t.typcategory,
        t.typispreferred, t.typdelim, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze,
        t.typsubscript, t.typarray::regtype, t.typbasetype::regtype, t.typdefault, t.typacl)
    FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
    UNION ALL
    SELECT concat_ws(' ', 'cast', c.castsource::regtype, c.casttarget::regtype, c.castfunc::regprocedure, c.castcontext, c.castmethod)
    FROM pg_cast c JOIN member m ON m.classid = 'pg_cast'::regclass AND m.objid = c.oid
    UNION ALL
    SELECT concat_ws(' ', 'class', m.name, c.opcintype::regtype, c.opckeytype::regtype, c.opcdefault,
        (pg_identify_object('pg_opfamily'::regclass, c.opcfamily, 0)).identity)
    FROM pg_opclass c JOIN member m ON m.classid = 'pg_opclass'::regclass AND m.objid = c.oid
    UNION ALL
    SELECT concat_ws(' ', 'class operator', m.name, a.amopstrategy, a.amoppurpose, a.amopopr::regoperator)
    FROM pg_amop a JOIN member m ON m.classid = 'pg_opfamily'::regclass AND m.objid = a.amopfamily
    UNION ALL
    SELECT concat_ws(' ', 'class function', m.name, a.amprocnum, a.amproclefttype::regtype, a.amprocrighttype::regtype, a.amproc::regprocedure)
    FROM pg_amproc a JOIN member m ON m.classid = 'pg_opfamily'::regclass AND m.objid = a.amprocfamily
    UNION ALL
    SELECT concat_ws(' ', 'dependency', d.deptype, d.classid::regclass, (pg_identify_object(d.classid, d.objid, d.objsubid)).identity,
        d.refclassid::regclass, (pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid)).identity)
    FROM pg_depend d JOIN part USING (classid, objid)
)
SELECT regexp_replace(line, E'\n', ' ', 'g') FROM fact ORDER BY 1
SQL

sub catalog { my ($database) = @_; return [split /\n/, $stack->sql($CATALOG, $database)]; }

# What stands on one side only.
sub difference {
    my ($one, $other) = @_;
    my %count;
    $count{$_}++ for @$one;
    $count{$_}-- for @$other;
    return map { ($count{$_} > 0 ? 'only fresh: ' : 'only updated: ') . $_ } grep { $count{$_} } sort keys %count;
}

sub database {
    my ($name, $version) = @_;
    $stack->sql("CREATE DATABASE $name TEMPLATE template0", 'postgres');
    my $what = $version ? " VERSION '$version'" : '';
    $stack->sql("CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok$what", $name);
    return;
}

database('fresh');
my $now   = $stack->sql(q{SELECT extversion FROM pg_extension WHERE extname = 'ekok'}, 'fresh');
my $fresh = catalog('fresh');
cmp_ok scalar(@$fresh), '>', 500, 'there is something to compare';

my @old = split /\n/, $stack->sql(q{SELECT version FROM pg_available_extension_versions
    WHERE name = 'ekok' AND version <> (SELECT default_version FROM pg_available_extensions WHERE name = 'ekok') ORDER BY 1}, 'fresh');
is_deeply \@old, [ '0.1.0', '0.2.0', '0.3.0' ], 'every earlier version can be installed';
is $stack->sql(q{SELECT string_agg(source || ' to ' || target, ', ' ORDER BY source, target) FROM pg_extension_update_paths('ekok')
    WHERE path IS NOT NULL AND target <> (SELECT default_version FROM pg_available_extensions WHERE name = 'ekok')}, 'fresh'),
    '0.1.0 to 0.2.0, 0.1.0 to 0.3.0, 0.2.0 to 0.3.0', 'no path leads backwards';

for my $version (@old) {
    (my $name = "from_$version") =~ tr/./_/;
    database($name, $version);
    isnt scalar(difference($fresh, catalog($name))), 0, "$version differs before the update";
    $stack->sql(<<'SQL', $name);
CREATE TABLE held (n ekok.nid, e ekok.evidence);
INSERT INTO held SELECT lpad(i::text, 10, '0')::ekok.nid, ekok.evidence(lpad(i::text, 10, '0')::ekok.nid, i % 7 + 1)
    FROM generate_series(1, 20000) i;
INSERT INTO held SELECT ('1979' || 9920000000000 + i)::ekok.nid, NULL FROM generate_series(1, 20000) i;
CREATE INDEX held_n ON held (n);
CREATE INDEX held_n_hash ON held USING hash (n);
CREATE INDEX held_e ON held (e);
CREATE VIEW seen AS SELECT n, ekok.check_digit_ok(n), ekok.birth_year(n) FROM held WHERE n OPERATOR(ekok.~=) '9920000000007';
SQL
    my $ask = q{SET search_path = ekok, public; SET enable_seqscan = off; SELECT count(*), md5(string_agg(held::text, ' ' ORDER BY n)) FROM held;
        SELECT count(*) FROM double_dips('held_e'); TABLE seen; SELECT n FROM held WHERE n = '0000000042'};
    my $before = $stack->sql($ask, $name);
    $stack->sql('ALTER EXTENSION ekok UPDATE', $name);
    is $stack->sql(q{SELECT extversion FROM pg_extension WHERE extname = 'ekok'}, $name), $now, "$version updates to $now";
    my @difference = difference($fresh, catalog($name));
    is scalar(@difference), 0, '  and its catalog is that of a fresh install' or diag map { "$_\n" } @difference[0 .. ($#difference < 30 ? $#difference : 30)];
    is $stack->sql($ask, $name), $before, '  tables, indexes and views of the old version answer as before';
    is $stack->sql(q{CREATE EXTENSION amcheck; SELECT count(bt_index_check(i::regclass, true)) FROM unnest(ARRAY['held_n', 'held_e']) i}, $name),
        2, '  their indexes are sound';
}
done_testing;
