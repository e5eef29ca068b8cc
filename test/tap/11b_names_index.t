#!/usr/bin/perl
# The index on names: how much of a sequential scan it finds and how long its lists are, on 20 000 synthetic names; when the
# planner takes it; and that a crash, a standby, an upgrade, parallel workers and strange names change no answer.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $ROWS  = 20_000;
my $ASKED = 80;
my $stack = Ekok::Stack->new;
$stack->call('server-start', 'autovacuum=off');
my $dir  = $stack->dir;
my $root = $Ekok::Stack::ROOT;
my $bin  = "$Ekok::Stack::BUILD/pg/lib/postgresql/15/bin";
my $path = 'SET search_path = public, ekok; SET client_min_messages = warning;';

sub sql    { my ($text, $database) = @_; return $stack->sql_script("$path $text", $database // q{names}); }
sub quoted { my $name = shift; $name =~ s/'/''/g; return "'$name'"; }

# The names of the bench: the same list for the same numbers.
my ($code, $out) = $stack->capture('cc', '-O2', "-I$root/test/sim", "-I$Ekok::Stack::BUILD/obj/sim/gen", '-o', "$dir/name_list",
    "$root/test/bench/name_list.c", "$root/test/sim/names.c");
is $code, 0, 'the maker of names' or BAIL_OUT $out;
($code, $out) = $stack->capture("$dir/name_list", $ROWS, 4);
$stack->write_file("$dir/names.txt", $out);
($code, $out) = $stack->capture("$dir/name_list", $ASKED, 4, $ROWS / $ASKED);
my @asked = split /\n/, $out;
is scalar(@asked), $ASKED, '  makes names';
$stack->sql('CREATE DATABASE names TEMPLATE template0', 'postgres');
sql('CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; CREATE TABLE held (i serial PRIMARY KEY, name text);
    CREATE INDEX held_sound ON held USING gin (name gin_sound_ops)');    # of a table without rows
is sql(q{SELECT count(*) FROM held WHERE name ~% 'Rahim Uddin'}), 0, 'an index of nothing finds nothing';
sql("COPY held (name) FROM '$dir/names.txt'");
sql('VACUUM ANALYZE held');

# found(settings, names): for each name the number of rows and a sum over them.
sub found {
    my ($settings, @names) = @_;
    return $stack->sql_script("$path $settings\n" . join('', map {
        "SELECT count(*) || ' ' || coalesce(sum(hashint4(i)::bigint), 0) FROM held WHERE name ~% " . quoted($_) . ";\n" } @names), 'names');
}
sub total { my $n = 0; $n += (split / /)[0] for split /\n/, shift; return $n; }

# The mean of each name's share of what a scan finds for it.
sub mean_share {
    my ($index, $scan) = @_;
    my @index = map { (split / /)[0] } split /\n/, $index;
    my @scan  = map { (split / /)[0] } split /\n/, $scan;
    my @named = grep { $scan[$_] > 0 } 0 .. $#scan;
    my $sum = 0;
    $sum += $index[$_] / $scan[$_] for @named;
    return $sum / @named;
}
my $BY_INDEX = 'SET enable_seqscan = off;';
my $BY_SCAN  = 'SET enable_bitmapscan = off;';

# How much is found.
for my $threshold (0.75, 0.78, 0.83, 0.92, 1) {
    my $set = "SET ekok.sound_threshold = $threshold;";
    my ($by_index, $by_scan) = (found("$set $BY_INDEX", @asked), found("$set $BY_SCAN", @asked));
    my ($index, $scan) = (total($by_index), total($by_scan));
    cmp_ok $scan, '>=', $ASKED, "threshold $threshold: there is something to find";
    cmp_ok $index, '>=', 0.99 * $scan, "  the index finds $index of $scan";
    cmp_ok $index, '<=', $scan, '  and nothing else';
    cmp_ok mean_share($by_index, $by_scan), '>=', 0.99, '  of the usual name too, not of the frequent ones alone';
}
for my $threshold (0.6, 0.7) {
    my $set = "SET ekok.sound_threshold = $threshold;";
    is found("$set $BY_INDEX", @asked[0 .. 9]), found("$set $BY_SCAN", @asked[0 .. 9]), "threshold $threshold: all of it, by reading the whole index";
}
# The scan of our own and PostgreSQL's bitmap scan: the same rows, from pages that all see and from others.
my $BY_BITMAP = 'SET enable_seqscan = off; SET ekok.sound_scan = off;';
is found($BY_INDEX, @asked), found($BY_BITMAP, @asked), 'a bitmap scan finds the same';
my $counts = join ';', map { 'SELECT count(*) FROM held WHERE name ~% ' . quoted($_) } @asked;
my $unfetched = sub { my $n = 0; $n += $_ for sql("$BY_INDEX EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT count(*) FROM held WHERE name ~% "
        . quoted($asked[0])) =~ /Rows Fetched: (\d+)/; return $n };
is $unfetched->(), 0, 'a count fetches no row of pages that all see';
is sql("$BY_INDEX $counts"), sql("$BY_BITMAP $counts"), '  and counts the same';
my $longest = sql('SELECT max(n) FROM (SELECT count(*) AS n FROM held, unnest(sound_index_keys(name)) AS k GROUP BY k) l');
cmp_ok $longest, '<=', $ROWS / 100, 'no posting list holds more than 1 % of the table';
cmp_ok sql('SELECT avg(cardinality(sound_index_keys(name))) FROM held'), '<=', 4, '  of few keys a name';

# What the planner does.
sub explained { my ($settings, $query) = @_; return sql("$settings EXPLAIN (COSTS OFF) $query"); }
my $query = 'SELECT * FROM held WHERE name ~% ' . quoted($asked[0]);
like explained('', $query), qr/EkokSoundScan.*Index: held_sound/s, 'the index is taken at the standard threshold';
like explained('SET ekok.sound_threshold = 0.6;', $query), qr/Seq Scan on held/, '  and left at one that it would be read whole for';
like explained('SET plan_cache_mode = force_generic_plan; PREPARE q AS SELECT * FROM held WHERE name ~% $1;', 'EXECUTE q (' . quoted($asked[0]) . ')'),
    qr/EkokSoundScan.*Index: held_sound/s, '  also when the name is not known yet';
is sql("SET plan_cache_mode = force_generic_plan; PREPARE q AS SELECT count(*) FROM held WHERE name ~% \$1; EXECUTE q (" . quoted($asked[0])
        . '); SET ekok.sound_threshold = 0.6; EXECUTE q (' . quoted($asked[0]) . ')'),
    sql("$BY_SCAN SELECT count(*) FROM held WHERE name ~% " . quoted($asked[0]) . '; SET ekok.sound_threshold = 0.6; SELECT count(*) FROM held WHERE name ~% '
        . quoted($asked[0])), 'a plan made before the threshold was lowered answers by the lower one';

# Parallel workers.
my $parallel = 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0;'
    . ' SET max_parallel_workers_per_gather = 2;';
like explained("$parallel $BY_SCAN", 'SELECT count(*) FROM held WHERE name ~% ' . quoted($asked[0])), qr/Parallel Seq Scan/, 'workers are asked to help';
is found("$parallel $BY_SCAN", @asked[0 .. 9]), found("SET max_parallel_workers_per_gather = 0; $BY_SCAN", @asked[0 .. 9]), '  and find the same';
is found("$parallel $BY_INDEX", @asked[0 .. 9]), found($BY_INDEX, @asked[0 .. 9]), '  by the index too';

# sound_equal_key in indexes, joins and groups.
sql('CREATE INDEX held_equal ON held (sound_equal_key(name)); CREATE INDEX held_hash ON held USING hash (sound_equal_key(name)); ANALYZE held');
my $same = 'SELECT count(*), sum(a.i::bigint * b.i) FROM held a JOIN held b ON sound_equal_key(a.name) = sound_equal_key(b.name) WHERE a.i < 400';
my $hash = 'SET enable_mergejoin = off; SET enable_nestloop = off;';
my $merge = 'SET enable_hashjoin = off; SET enable_nestloop = off;';
my $loop = 'SET enable_hashjoin = off; SET enable_mergejoin = off;';
like explained($hash, $same), qr/Hash Join/, 'equal keys join by hash';
like explained($merge, $same), qr/Merge Join/, '  by merge';
like explained($loop, $same), qr/Nested Loop/, '  by loop';
is sql("$hash $same"), sql("$merge $same"), '  with the same rows';
is sql("$hash $same"), sql("$loop $same"), '  all of them';
my $groups = 'SELECT count(*), sum(n * n) FROM (SELECT count(*) AS n FROM held GROUP BY sound_equal_key(name)) g';
is sql("SET enable_hashagg = off; $groups"), sql("SET enable_sort = off; $groups"), 'groups by hash and by order are the same';
like explained($BY_INDEX, q{SELECT * FROM held WHERE sound_equal_key(name) = sound_equal_key('Rahim Uddin')}), qr/held_(equal|hash)/, 'an index serves equality';

# Strange names among the others.
my @strange = ('', ' ', '...', '1234567890', '১২৩৪', "\x{f0}\x{9f}\x{98}\x{80}", 'রahiম করim', 'Rahim' x 2000, 'রহিম ' x 300, 'a' x 1024, 'a b ' x 256,
    '(' x 1024, 'ঃ' x 341, 'Rahim Uddin ' . 'Talukder ' x 12, 'Rahim Uddin Talukder', "রহিম\x{e2}\x{80}\x{8c} উদ্দিন\x1b", 'রহিম উদ্দিন ' x 12, "O'Rahim", '†gv: iwng', 'a/b/c/d S/O', "\t\n");
sql('INSERT INTO held (name) VALUES (NULL), ' . join(', ', map { '(' . quoted($_) . ')' } @strange));
for my $name (@strange) {
    my $q = quoted($name);
    my $text = substr($name, 0, 12) =~ s/\s/_/gr;
    is sql("$BY_INDEX SELECT count(*) FROM held WHERE name ~% $q"), sql("$BY_SCAN SELECT count(*) FROM held WHERE name ~% $q"),
        'as by a scan: "' . $text . '", ' . length($name) . ' bytes';
    is sql("SELECT sound_similarity($q, $q) IN (0, 1), coalesce(cardinality(sound_index_keys($q)), 0) <= 64, sound_similarity($q, 'Rahim') BETWEEN 0 AND 1,
        (sound_key($q) = '') IS TRUE, (sound_equal_key($q) = '') IS TRUE, (SELECT count(*) FROM sound_explain($q, 'Rahim')) <= 33"), 't|t|t|f|f|t',
        '  and every function answers';
}

# More rows on more pages than work_mem has room for: some pages are read whole, each row of them is heard again.
sql("CREATE TABLE wide (i integer, name text) WITH (fillfactor = 10); INSERT INTO wide SELECT i, CASE i % 5 WHEN 0 THEN 'Rahim Uddin' ELSE name END FROM held
    WHERE i <= $ROWS; CREATE INDEX ON wide USING gin (name gin_sound_ops); VACUUM ANALYZE wide");
my $count_common = q{SELECT count(*) FROM wide WHERE name ~% 'রহিম উদ্দীন'};
my $common = q{SELECT count(*), sum(i) FROM wide WHERE name ~% 'রহিম উদ্দীন'};
like sql("SET work_mem = '64kB'; $BY_BITMAP EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) $common"), qr/lossy=[1-9]/, 'with little memory pages are read whole';
is sql("SET work_mem = '64kB'; $BY_BITMAP $common"), sql("$BY_SCAN $common"), '  and the rows are those of a scan';
sql("INSERT INTO wide SELECT i, 'Rahim Uddin' FROM generate_series(1, 20000) i; VACUUM wide");
like sql("SET work_mem = '64kB'; SET max_parallel_workers_per_gather = 0; $BY_INDEX EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) $common"), qr/Whole Pages: [1-9]/, '  by our scan too';
is sql("SET work_mem = '64kB'; SET max_parallel_workers_per_gather = 0; $BY_INDEX $common"), sql("$BY_SCAN $common"), '  with the rows of a scan';
is sql("SET work_mem = '64kB'; SET max_parallel_workers_per_gather = 0; $BY_INDEX $count_common"), sql("$BY_SCAN $count_common"), '  counted too';

# A crash: rows of the pending list and of the index are there again.
$stack->call('server-kill');
$stack->call('server-restart');
sql('INSERT INTO held (name) SELECT name FROM held WHERE i <= 2000');
my $before = found($BY_INDEX, @asked);
is found($BY_BITMAP, @asked), $before, 'rows that wait in the pending list are found by both scans';
is sql("$BY_INDEX $counts"), sql("$BY_BITMAP $counts"), '  and counted';
$stack->call('server-kill');
$stack->call('server-restart');
is found($BY_INDEX, @asked), $before, 'after a crash: the same rows by the index';
sql('VACUUM held');
is found($BY_INDEX, @asked), $before, '  and when the pending list has been merged';
sql('REINDEX INDEX CONCURRENTLY held_sound');
is found($BY_INDEX, @asked), $before, '  and when it was made anew';

# A standby that streams.
sub standby {
    my ($text) = @_;
    my ($status, $printed) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-p', 5433,
        '-d', 'names', '-c', "$path $text");
    chomp $printed;
    return $status == 0 ? $printed : "failed: $printed";
}
sub control { return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, "$bin/pg_ctl", '-D', "$dir/standby", '-w', @_); }
sub caught_up {
    my $at = sql('SELECT pg_current_wal_lsn()');
    return $stack->wait_for(sub { standby("SELECT pg_last_wal_replay_lsn() >= '$at'") eq 't' }, 120);
}
$stack->write_file("$dir/pg_hba.conf", $stack->read_file("$dir/pg_hba.conf") . "local replication all peer map=ekok\n");
sql('SELECT pg_reload_conf()');
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, '/usr/lib/postgresql/15/bin/pg_basebackup', '-D', "$dir/standby", '-R', '-X', 'stream',
    '-c', 'fast');
is $code, 0, 'pg_basebackup' or diag $out;
($code, $out) = control('-o', '-p 5433', '-l', "$dir/standby.log", 'start');
is $code, 0, '  starts a standby' or diag $out;
sql('INSERT INTO held (name) SELECT name FROM held WHERE i BETWEEN 3000 AND 5000; DELETE FROM held WHERE i % 5 = 0; VACUUM held');
ok caught_up(), '  which follows' or diag $stack->read_file("$dir/standby.log");
is standby('SELECT pg_is_in_recovery()'), 't', '  and only reads';
my @pick = @asked[0 .. 19];
my $each = join(' UNION ALL ', map { "(SELECT $_ AS n, count(*), coalesce(sum(hashint4(i)::bigint), 0) FROM held WHERE name ~% " . quoted($pick[$_]) . ')' }
    0 .. $#pick) . ' ORDER BY n';
is standby("$BY_INDEX $each"), sql("$BY_INDEX $each"), '  the index answers there as here';
is standby("$BY_INDEX $counts"), standby("$BY_BITMAP $counts"), '  and counts there as a bitmap scan does';
is standby("$BY_INDEX EXPLAIN (COSTS OFF) $query") =~ /held_sound/, 1, '  by the index';
control('-m', 'immediate', 'stop');

# An index made by an older version is made anew by the upgrade.
$stack->sql('CREATE DATABASE older TEMPLATE template0', 'postgres');
sql("CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok VERSION '0.3.0'; CREATE TABLE old (name text);
    CREATE INDEX old_sound ON old USING gin (name gin_sound_ops); CREATE INDEX old_key ON old (sound_key(name)); CREATE INDEX old_name ON old (name)", 'older');
my $files = q{SELECT pg_relation_filenode('old_sound'), pg_relation_filenode('old_key'), pg_relation_filenode('old_name')};
my @old = split /\|/, sql($files, 'older');
sql('ALTER EXTENSION ekok UPDATE', 'older');
my @new = split /\|/, sql($files, 'older');
is sql(q{SELECT opcname FROM pg_index JOIN pg_opclass o ON o.oid = indclass[0] WHERE indexrelid = 'old_sound'::regclass}, 'older'), 'gin_sound_key_ops',
    'an older index keeps its operator class under its new name';
isnt $new[0], $old[0], 'the upgrade makes an index on sounds anew';
isnt $new[1], $old[1], '  and one on keys';
is $new[2], $old[2], '  and leaves others alone';
done_testing;
