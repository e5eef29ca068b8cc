#!/usr/bin/perl
# Identifiers as they are kept: dumped and restored, sent and received, the same bytes in every database, and found by
# index where row-level security or a generic plan stands in the way. All numbers are synthetic.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->call('server-start', 'autovacuum=off');
my $bin = '/usr/lib/postgresql/15/bin';
my $dir = $stack->dir;
my $path = 'SET search_path = public, ekok;';

# column => [type, expression for row i, another way to write the value of row 1]
my @COLUMN = (
    n   => ['nid', q{'99' || 1 + i % 5 || lpad(i::text, 10, '0')}, '99-2-0000-000001'],
    s   => ['nid(strict)', q{'1979' || '99' || 1 + i % 5 || lpad(i::text, 10, '0')}, '1979 9920000000001'],
    b   => ['brn', q{'1979' || '99' || 1 + i % 5 || lpad(i::text, 10, '0')}, '1979 9920000000001'],
    c   => ['brn', q{'1979' || '99' || 1 + i % 5 || lpad(i::text, 9, '0')}, '1979 9920000 000001'],
    m   => ['msisdn', q{'01' || 3 + i % 7 || lpad(i::text, 8, '0')}, '+880 1400-000001'],
    w   => ['wallet', q{CASE i % 3 WHEN 0 THEN 'NAGAD:01' || 3 + i % 7 || lpad(i::text, 8, '0') WHEN 1 THEN
                        'BKASH:01' || 3 + i % 7 || lpad(i::text, 8, '0')
                        ELSE 'ROCKET:01' || 3 + i % 7 || lpad(i::text, 8, '0') || i % 10 END}, 'bKash 01400-000001'],
    r   => ['bank_routing', q{pg_temp.routing(i)}, '000 00 001 3'],
    a   => ['bank_account', q{lpad(i::text, 8 + i % 10, '0')}, '0000-00001'],
    g   => ['geocode', q{10 + i % 50 || lpad((i / 50 % 1000000)::text, 6, '0')}, '11 00 00 00'],
    t   => ['tin', q{lpad(i::text, 12, '0')}, '000000 000001'],
);
my @name = map { $COLUMN[ 2 * $_ ] } 0 .. $#COLUMN / 2;
my %column = @COLUMN;

# A routing number of eight digits and its check digit, by the inferred weights 5-7-1.
my $ROUTING = <<'SQL';
CREATE FUNCTION pg_temp.routing(i bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT t || (100 - (5 * substr(t, 1, 1)::int + 7 * substr(t, 2, 1)::int + substr(t, 3, 1)::int + 5 * substr(t, 4, 1)::int
        + 7 * substr(t, 5, 1)::int + substr(t, 6, 1)::int + 5 * substr(t, 7, 1)::int + 7 * substr(t, 8, 1)::int) % 10) % 10
    FROM lpad(i::text, 8, '0') t $$;
SQL

sub database {
    my ($name, $first) = @_;
    $stack->sql("CREATE DATABASE $name TEMPLATE template0", 'postgres');
    $stack->sql(($first // '') . 'CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok', $name);
    return;
}

# A table `held` of all types, rows 1 to the count given.
sub fill {
    my ($name, $rows) = @_;
    my $columns = join ', ', map { "$_ $column{$_}[0]" } @name;
    my $values = join ', ', map { "($column{$_}[1])::$column{$_}[0]" } @name;
    $stack->sql("$path $ROUTING CREATE TABLE held (i bigint, $columns);
        INSERT INTO held SELECT i, $values FROM generate_series(1, $rows) i", $name);
    return;
}

sub index_all {
    my ($name) = @_;
    $stack->sql_script($path . join('', map { "CREATE INDEX held_${_}_btree ON held ($_); CREATE INDEX held_${_}_hash ON held USING hash ($_);" } @name)
        . 'VACUUM ANALYZE held', $name);
    return;
}

sub contents { my ($name) = @_; return $stack->sql("$path SELECT count(*), md5(string_agg(held::text, ' ' ORDER BY i)) FROM held", $name); }

# shown(settings, query): EXPLAIN's lines, without costs.
sub shown {
    my ($settings, $query, $database) = @_;
    return $stack->sql("$path $settings EXPLAIN (COSTS OFF) $query", $database // 'first');
}

database('first');
fill('first', 20000);
index_all('first');
is $stack->sql("$path SELECT count(*) FROM held WHERE " . join(' AND ', map { "$_ = '$column{$_}[2]' AND i = 1" } @name), 'first'),
    1, 'row 1, written in other ways' or diag $stack->sql("$path SELECT * FROM held WHERE i = 1", 'first');
is $stack->sql("$path SELECT count(*) FROM held WHERE " . join(' OR ', map { "pg_column_size($_) <> 8" } @name), 'first'), 0, '8 bytes each';

# pg_dump and pg_restore.
for my $format ('custom', 'plain') {
    my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, "$bin/pg_dump", '-F', substr($format, 0, 1), '-f', "$dir/dump", '-d', 'first');
    is $code, 0, "pg_dump, $format" or diag $out;
    my $other = "restored_$format";
    $stack->sql("CREATE DATABASE $other TEMPLATE template0", 'postgres');
    ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $format eq 'plain'
        ? ('psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-d', $other, '-f', "$dir/dump")
        : ("$bin/pg_restore", '-e', '-d', $other, "$dir/dump"));
    is $code, 0, '  and restore' or diag $out;
    is contents($other), contents('first'), '  the same contents';
    my $columns = q{SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'held'::regclass AND attnum > 0};
    like $stack->sql("$path $columns", $other), qr/\bs nid\(strict\)/, '  nid(strict) is still strict';
    is $stack->sql("$path $columns", $other), $stack->sql("$path $columns", 'first'), '  the same columns';
    my $indexes = q{SELECT string_agg(indexdef, E'\n' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'held'};
    is $stack->sql($indexes, $other), $stack->sql($indexes, 'first'), '  the same indexes';
    is $stack->sql(q{CREATE EXTENSION amcheck; SELECT count(bt_index_check(indexrelid, true)) FROM pg_index x JOIN pg_class c ON c.oid = indexrelid
        WHERE indrelid = 'held'::regclass AND relam = (SELECT oid FROM pg_am WHERE amname = 'btree')}, $other), scalar(@name), '  sound ones';
}
# Each value is found again, by one kind of index alone.
for my $case (['restored_custom', 'btree', 'hash'], ['restored_plain', 'hash', 'btree']) {
    my ($database, $kept, $dropped) = @$case;
    $stack->sql(join('', map { "DROP INDEX held_${_}_$dropped;" } @name), $database);
    my @lost = grep {
        $stack->sql("$path SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SELECT count(*) FROM held h
            WHERE i <= 2000 AND NOT EXISTS (SELECT FROM held o WHERE o.$_ = h.$_ AND o.i = h.i)", $database) ne '0'
    } @name;
    is "@lost", '', "every restored value is found again by $kept";
}

# One million rows through binary COPY.
database('sent');
fill('sent', 1_000_000);
$stack->sql("$path COPY held TO '$dir/held.bin' (FORMAT binary); CREATE TABLE back (LIKE held); COPY back FROM '$dir/held.bin' (FORMAT binary)", 'sent');
my $digest = 'count(*), ' . join ', ', map { "sum(hashtextextended($_\::text, 1))" } @name;
is $stack->sql("$path SELECT $digest FROM back", 'sent'), $stack->sql("$path SELECT $digest FROM held", 'sent'), 'a million rows out and in by binary COPY';
like $stack->sql("$path SELECT $digest FROM back", 'sent'), qr/^1000000\|/, '  all of them';
is $stack->sql("$path SELECT count(*) FROM held h JOIN back b USING (i) WHERE " . join(' OR ', map { "h.$_ <> b.$_" } @name), 'sent'),
    0, '  each in its row';

is $stack->sql("$path SELECT count(*) FILTER (WHERE was_converted(c)), count(*) FILTER (WHERE was_converted(b)) FROM back", 'sent'),
    '1000000|0', '  and a converted registration is still known as one';

# Wrong binary input is refused as wrong text is: a value that no text could have made.
for my $name (@name) {
    (my $type = $column{$name}[0]) =~ s/\(.*//;
    $stack->sql("$path COPY (SELECT int8 '-1') TO '$dir/wrong.bin' (FORMAT binary); CREATE TABLE wrong_$name ($name $type)", 'first');
    my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'first', '-v', 'VERBOSITY=verbose', '-c',
        "COPY wrong_$name FROM '$dir/wrong.bin' (FORMAT binary)");
    like $out, qr/ERROR:  22P0[23]:/, "$type: impossible bits are refused";
}

# No oid inside a value: the same bytes where the types have other oids.
database('second', join '', map { "CREATE TYPE public.ahead_$_ AS (x int);" } 1 .. 7);
fill('second', 1000);
$stack->sql_script("$path DELETE FROM held WHERE i > 1000; VACUUM FULL held", 'first');
$stack->sql('CREATE EXTENSION pageinspect', $_) for 'first', 'second';
my $oids = q{SELECT string_agg(atttypid::text, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'held'::regclass AND attnum > 1};
isnt $stack->sql($oids, 'first'), $stack->sql($oids, 'second'), 'the types have other oids in the second database';
my $bytes = q{SELECT md5(string_agg(t_data, NULL ORDER BY p, lp)) FROM generate_series(0, 8) p, heap_page_items(get_raw_page('held', p::int))};
is $stack->sql($bytes, 'second'), $stack->sql($bytes, 'first'), '  and the same bytes in the table';
$stack->sql("COPY held TO '$dir/$_.bin' (FORMAT binary)", $_) for 'first', 'second';
ok $stack->read_file("$dir/first.bin") eq $stack->read_file("$dir/second.bin"), '  and on the wire';

# Row-level security: a plain user's search by identifier goes through the index, as comparison is leakproof.
database('guarded');
fill('guarded', 20000);
index_all('guarded');
$stack->sql_script(<<'SQL', 'guarded');
CREATE ROLE plain_user NOLOGIN;
CREATE EXTENSION isn;
ALTER TABLE held ADD mine boolean;
UPDATE held SET mine = i % 2 = 0;
ALTER TABLE held ADD leaky ean13;
UPDATE held SET leaky = '9900000000004'::ean13;
CREATE INDEX held_leaky ON held (leaky);
VACUUM ANALYZE held;
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON held TO plain_user USING (mine);
GRANT SELECT ON held TO plain_user;
SQL
my $plainly = 'SET enable_seqscan = off; GRANT USAGE ON SCHEMA ekok TO plain_user; SET ROLE plain_user;';
like shown($plainly, q{SELECT * FROM held WHERE leaky = '9900000000004'}, 'guarded'), qr/Seq Scan/,
    'a type whose comparison is not leakproof is not searched by index under row-level security: the test can tell';
for my $name (@name) {
    for my $operator ('=', '<=') {
        my $plan = shown($plainly, "SELECT * FROM held WHERE $name $operator '$column{$name}[2]'", 'guarded');
        ok $plan =~ /Index Cond: \($name $operator / && $plan =~ /Filter: mine/ && $plan !~ /Filter:.*\b$name\b/,
            "$column{$name}[0] $operator under row-level security: by index, then the policy" or diag $plan;
    }
}
is $stack->sql("$path SET ROLE plain_user; SELECT count(*) FROM held WHERE n = '$column{n}[2]'", 'guarded'), 0, '  which hides row 1';
my $inside = shown($plainly, q{SELECT * FROM held WHERE g <@ '11'}, 'guarded');
like $inside, qr/Index Cond: .*\bg >= '11'.*\bg <=? /, '  geocode <@ too' or diag $inside;

# geocode: containment is one range of a btree index, whether the code is known when planning or not.
database('places');
$stack->sql_script("$path CREATE TABLE place (g geocode);
    INSERT INTO place SELECT d::text::geocode FROM generate_series(10, 59) d UNION ALL
        SELECT (d || lpad(z::text, 2, '0'))::geocode FROM generate_series(10, 59) d, generate_series(1, 20) z UNION ALL
        SELECT (d || lpad(z::text, 2, '0') || lpad(u::text, 2, '0'))::geocode FROM generate_series(10, 59) d, generate_series(1, 20) z, generate_series(1, 9) u UNION ALL
        SELECT (d || lpad(z::text, 2, '0') || lpad(u::text, 2, '0') || lpad(n::text, 2, '0'))::geocode
        FROM generate_series(10, 59) d, generate_series(1, 20) z, generate_series(1, 9) u, generate_series(10, 13) n;
    CREATE INDEX place_g ON place (g); VACUUM ANALYZE place", 'places');
my %count = ('10' => 1 + 20 + 20 * 9 + 20 * 9 * 4, '1007' => 1 + 9 + 36, '100703' => 5, '10070310' => 1, '99' => 0, '59' => 921);
for my $code (sort keys %count) {
    my $naive = $stack->sql("$path SELECT count(*) FROM place WHERE g::text LIKE '$code%'", 'places');
    is $naive, $count{$code}, "$code: as many as were made";
    for my $query ("g <@ '$code'", "'$code' \@> g") {
        is $stack->sql("$path SET enable_seqscan = off; SELECT count(*) FROM place WHERE $query", 'places'), $naive, "  $query by index";
        is $stack->sql("$path SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;
            SELECT count(*) FROM place WHERE $query", 'places'), $naive, "  $query by reading all";
    }
}
for my $query ('g <@ $1', '$1 @> g') {
    for my $mode ('custom', 'generic') {
        my $prepared = "$path SET plan_cache_mode = force_${mode}_plan; PREPARE q (geocode) AS SELECT count(*) FROM place WHERE $query;";
        my $plan = $stack->sql("$prepared EXPLAIN (COSTS OFF) EXECUTE q ('1007')", 'places');
        like $plan, qr/Index Cond: .*\bg >= .*\bg <=? /, "$query: one index range, $mode plan" or diag $plan;
        is $stack->sql("$prepared EXECUTE q ('1007')", 'places'), 46, '  with the right answer';
        is $stack->sql("$prepared EXECUTE q ('99')", 'places'), 0, '  and none where there is none';
    }
}
like shown('SET enable_hashjoin = off; SET enable_mergejoin = off;', q{SELECT * FROM (VALUES ('1007'::geocode), ('1103')) v (c) JOIN place ON g <@ c}, 'places'),
    qr/Index Cond: .*\bg >= .*\bg <=? /, 'a join takes one range for each row';
done_testing;
