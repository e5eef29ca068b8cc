#!/usr/bin/perl
# names.pl ROWS ROUNDS - names by their sound in a table of synthetic full names, beside pg_trgm on the same column in the
# same run. Says `met` or `missed` beside each target; ends with 0 either way.
#
# Names come from name_list.c: the simulated ministries' words with their frequencies, both scripts. 200 of the people are
# asked for by their names spelt otherwise, half of them in the other script.
#
# Method. Every figure of speed is processor time (user and system) of the backend, as the server's log_statement_stats counts
# it, planning included; elapsed times stand beside those of the searches. One backend, no parallel workers, no JIT, an
# unlogged table, vacuumed and in shared buffers.
#   search      a prepared statement in one session, each name once in each round. cold: the first round, so the first time
#               that the backend meets a name; warm: each name's median of the other rounds. Then the median, the 95th and the
#               99th percentile of all names. Peer: name % $1 by a GIN index of pg_trgm, at its usual threshold; it finds
#               nothing across scripts. Beside it what PostgreSQL needs to read as many rows as were found, by a bitmap of
#               their places (from a btree on a number): the least that any index can cost that finds these rows.
#   in order    the same search in a table written in the order of sound_equal_key, where rows that sound alike are neighbours
#   complete    rows found by the index of those that a sequential scan finds, for every tenth name, at .75 and .86
#   function    sum over all rows of the function, less the sum of length() of what it is given; a row's partner is the next row
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($rows, $rounds) = @ARGV;
die "names.pl ROWS ROUNDS\n" if !$rounds || $rows < 1000;
my $ASKED = 200;
my $SEED  = 20261122;
my $EVERY_SCANNED = 10;
my $stack = Ekok::Stack->new;
my $dir   = $stack->dir;
my $root  = $Ekok::Stack::ROOT;
my $quiet = 'SET jit = off; SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0; '
    . q{SET client_min_messages = warning; SET work_mem = '512MB'; SET maintenance_work_mem = '512MB'; }
    . 'SET search_path = public, ekok;';

sub rank   { my ($share, @v) = @_; my @s = sort { $a <=> $b } @v; return $s[ int($share * $#s + 0.5) ]; }
sub median { return rank(0.5, @_); }
sub commas { my $n = sprintf '%.0f', shift; 1 while $n =~ s/^(\d+)(\d{3})/$1,$2/; return $n; }

# spent(before, commands): for each command [milliseconds of processor time, elapsed milliseconds, what it printed].
sub spent {
    my ($before, @commands) = @_;
    my $out = $stack->sql_script("$quiet $before;\nSET log_statement_stats = on; SET client_min_messages = log;\n"
        . join('', map { "\\echo counted\n$_;\n" } @commands), 'bench');
    my (undef, @part) = split /^counted\n/m, $out;
    return map {
        my ($user, $system, $elapsed) = /!\s+([\d.]+) s user, ([\d.]+) s system, ([\d.]+) s elapsed/ or die "no time in: $_";
        my ($printed) = /^(\d[\d.]*)$/m;
        [1000 * ($user + $system), 1000 * $elapsed, $printed // '']
    } @part;
}

sub write_names {
    my ($status, $out) = $stack->capture('cc', '-O2', "-I$root/test/sim", "-I$Ekok::Stack::BUILD/obj/sim/gen", '-o', "$dir/name_list",
        "$root/test/bench/name_list.c", "$root/test/sim/names.c");
    die "name_list.c: $out" if $status != 0;
    ($status, $out) = $stack->capture("$dir/name_list", $rows, $SEED);
    die 'name_list' if $status != 0;
    $stack->write_file("$dir/names.txt", $out);
    ($status, $out) = $stack->capture("$dir/name_list", $ASKED, $SEED, int($rows / $ASKED));
    die 'name_list' if $status != 0;
    return split /\n/, $out;
}

sub prepare {
    $stack->call('server-start', 'autovacuum=off', 'shared_buffers=1GB', 'fsync=off', 'checkpoint_timeout=30min', 'max_wal_size=8GB');
    my @names = write_names();
    $stack->sql('CREATE DATABASE bench TEMPLATE template0', 'postgres');
    $stack->sql('CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; CREATE EXTENSION pg_trgm', 'bench');
    $stack->sql("CREATE UNLOGGED TABLE held (i serial, name text); COPY held (name) FROM '$dir/names.txt'; "
        . 'ALTER TABLE held ADD PRIMARY KEY (i)', 'bench');
    $stack->sql('VACUUM ANALYZE held', 'bench');
    return @names;
}

sub quoted { my $name = shift; $name =~ s/'/''/g; return "'$name'"; }

# Index builds: seconds, the median of the rounds, and the size in MiB.
sub build {
    my ($class, $table, $times) = @_;
    my @ms = map {
        (spent("DROP INDEX IF EXISTS ${table}_$class", "CREATE INDEX ${table}_$class ON $table USING gin (name $class)"))[0][0]
    } 1 .. $times;
    $stack->sql("VACUUM ANALYZE $table", 'bench');
    return { seconds => median(@ms) / 1000, size => $stack->sql("SELECT pg_relation_size('${table}_$class') / 1048576.0", 'bench') };
}
sub forget { my ($class) = @_; $stack->sql("DROP INDEX held_$class", 'bench'); return; }

# What one query of a name costs: {cold, warm, waited => [a figure of each name]; found => [printed of each]}.
sub searches {
    my ($settings, $query, $times, @names) = @_;
    my @got = spent("$settings PREPARE q(text) AS $query;\n\\o /dev/null\nEXECUTE q('another name');\n\\o\nSELECT 1",
        map { 'EXECUTE q(' . quoted($_) . ')' } (@names) x $times);
    my @of_round = map { [splice @got, 0, scalar @names] } 1 .. $times;
    my @again = $times > 1 ? @of_round[ 1 .. $times - 1 ] : @of_round;
    my $of_names = sub { my ($n, @rounds) = @_; return [map { my $name = $_; median(map { $_->[$name][$n] } @rounds) } 0 .. $#names] };
    return { cold => $of_names->(0, $of_round[0]), warm => $of_names->(0, @again), waited => $of_names->(1, @again),
        found => [map { $_->[2] } @{ $of_round[0] }] };
}

# The least of rounds of one expression over all rows, less that of another, in microseconds a row.
sub function {
    my ($expression, $bare) = @_;
    my $query = 'SELECT sum(%s) FROM (SELECT name AS a, lead(name, 1, name) OVER (ORDER BY i) AS b FROM held OFFSET 0) p';
    my @ms = map { [map { $_->[0] } spent('SELECT', map { sprintf $query, $_ } $expression, $bare)] } 1 .. $rounds;
    return (median(map { $_->[0] } @ms) - median(map { $_->[1] } @ms)) * 1000 / $rows;
}

sub line {
    my ($what, $unit, $ours, $peer, $target, $met) = @_;
    my $ratio = defined $peer && $peer > 0 ? sprintf('%.2f', $ours / $peer) : '-';
    printf "%-56s %-4s %9.3f %9s %6s  %s\n", $what, $unit, $ours, defined $peer ? sprintf('%.3f', $peer) : '-', $ratio,
        defined $target ? $target . ($met ? ' met' : ' missed') : '';
    return;
}

# The median, the 95th and the 99th percentile of searches, beside those of a peer; a target in ms holds for the 95th.
sub search_lines {
    my ($what, $kind, $ours, $peer, $target) = @_;
    for (['median', 0.5], ['95th percentile', 0.95], ['99th percentile', 0.99]) {
        my $mine = rank($_->[1], @{ $ours->{$kind} });
        line("$what, $_->[0]", 'ms', $mine, $peer && rank($_->[1], @{ $peer->{$kind} }), $target && $_->[1] == 0.95 ? ("< $target", $mine < $target) : ());
    }
    return;
}

my @names = prepare();
my @some  = map { $names[ $_ * $EVERY_SCANNED ] } 0 .. $#names / $EVERY_SCANNED;
my $count = 'SELECT count(*) FROM held WHERE name ~% $1';
my $nearest = 'SELECT i FROM held WHERE name ~% $1 ORDER BY name <~> $1 LIMIT 10';

# Each index by itself, so that the planner has no choice.
my $trgm_build = build('gin_trgm_ops', 'held', 1);
my $trgm = searches('', 'SELECT count(*) FROM held WHERE name % $1', 2, @some);
forget('gin_trgm_ops');
my $key_build = build('gin_sound_key_ops', 'held', 1);
my $by_key = searches('', $count, 2, @names);
forget('gin_sound_key_ops');
my $our_build = build('gin_sound_ops', 'held', 1);
my $ours = searches('', $count, $rounds, @names);
my $rows_of = searches('', "SELECT count(*) FROM (SELECT i, name FROM held WHERE name ~% \$1 OFFSET 0) f WHERE name <> ''", $rounds, @names);
my $ten = searches('', "SELECT count(*) FROM ($nearest) n", $rounds, @names);

# Completeness, and a scan's cost.
my (%through, %by_scan, $scans);
for my $threshold (0.75, 0.86) {
    my $set = "SET ekok.sound_threshold = $threshold;";
    my $index = searches($set, $count, 1, @some);
    $scans = searches("$set SET enable_bitmapscan = off;", $count, 1, @some);
    $through{$threshold} += $_ for @{ $index->{found} };
    $by_scan{$threshold} += $_ for @{ $scans->{found} };
}

# The least that reading the rows found can cost.
my @found = @{ $ours->{found} };
my @floor = map { $_->[0] } spent('SET enable_seqscan = off; SET enable_indexscan = off; SET enable_indexonlyscan = off',
    map { "SELECT count(*) FROM held WHERE i = ANY(ARRAY(SELECT (random() * $rows)::integer FROM generate_series(1, $_)))" } @found);
my $longest = $stack->sql("$quiet SELECT max(n) FROM (SELECT count(*) AS n FROM held, unnest(sound_index_keys(name)) AS k GROUP BY k) l",
    'bench');
my $similarity = function('sound_similarity(a, b)', 'length(a) + length(b)');
my $trgm_similarity = function('similarity(a, b)', 'length(a) + length(b)');
my $key = function('length(sound_key(a))', 'length(a)');

# The same rows in the order of their sound.
$stack->sql("$quiet CREATE UNLOGGED TABLE ordered AS SELECT * FROM held ORDER BY sound_equal_key(name) COLLATE \"C\"", 'bench');
build('gin_sound_ops', 'ordered', 1);
my $in_order = searches('', 'SELECT count(*) FROM ordered WHERE name ~% $1', $rounds, @names);

my $load = (split ' ', $stack->read_file('/proc/loadavg'))[0];
my $cores = grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo');
printf "\nNames, %s rows, %d asked for, %d rounds; %d cores, load %s at the end; PostgreSQL %s\n", commas($rows), $ASKED, $rounds,
    $cores, $load, $stack->sql('SHOW server_version', 'postgres');
printf "Rows found: median %s, 95th percentile %s, 99th %s\n\n", map { commas(rank($_, @found)) } 0.5, 0.95, 0.99;
printf "%-56s %-4s %9s %9s %6s  %s\n", 'what', '', 'ekok', 'pg_trgm', 'ratio', 'target';
search_lines('search, cold', 'cold', $ours, $trgm, 5);
search_lines('search, warm', 'warm', $ours, $trgm, 5);
search_lines('search, warm, elapsed', 'waited', $ours, $trgm);
search_lines('search, rows returned, cold', 'cold', $rows_of);
search_lines('search, the ten nearest by <~>, cold', 'cold', $ten);
search_lines('search in order of sound, cold', 'cold', $in_order, undef, 5);
search_lines('search in order of sound, warm', 'warm', $in_order, undef, 5);
search_lines('search by gin_sound_key_ops, cold', 'cold', $by_key);
search_lines('as many rows by primary key', 'cold', { cold => \@floor });
line('sequential scan at .86, median', 'ms', median(@{ $scans->{cold} }));
line("found by the index of a scan's rows, at $_", '', $through{$_} / ($by_scan{$_} || 1), undef, '>= 0.99', $through{$_} >= 0.99 * $by_scan{$_})
    for sort keys %through;
line('longest list of a key, of the table', '%', 100 * $longest / $rows, undef, '<= 1', $longest * 100 <= $rows);
line('index build', 's', $our_build->{seconds}, $trgm_build->{seconds});
line('index size', 'MiB', $our_build->{size}, $trgm_build->{size});
line('index build, gin_sound_key_ops', 's', $key_build->{seconds}, $trgm_build->{seconds});
line('index size, gin_sound_key_ops', 'MiB', $key_build->{size}, $trgm_build->{size});
line('sound_similarity, similarity: a pair', 'us', $similarity, $trgm_similarity, '<= 3', $similarity <= 3);
line('sound_key: a name', 'us', $key, undef, '<= 2', $key <= 2);
