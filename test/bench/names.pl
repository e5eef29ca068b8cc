#!/usr/bin/perl
# names.pl ROWS ROUNDS - names by their sound in a table of synthetic full names, beside pg_trgm on the same column in the
# same run; medians of rounds. Says `met` or `missed` beside each target; ends with 0 either way.
#
# Names come from name_list.c: the simulated ministries' words with their frequencies, both scripts. 200 of the people are
# asked for by their names spelt otherwise, half of them in the other script.
#
# Method. Every figure of speed is processor time (user and system) of the backend, as the server's log_statement_stats counts
# it, planning included; elapsed times stand beside those of the searches. One backend, no parallel workers, no JIT, an
# unlogged table, vacuumed and in shared buffers.
#   search      SELECT count(*) ... WHERE name ~% $1, by the index; each name's figure is the median of its rounds, then the
#               median and the 95th percentile of all names. Peer: name % $1 by a GIN index of pg_trgm, at its usual threshold;
#               it finds nothing across scripts. Below it the cost of what PostgreSQL does for any such search: the heap rows
#               that ~% looked at, read by a bitmap of their places (TIDs from a btree on a number).
#   complete    rows found by the index of those that a sequential scan finds, for every fifth name
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
my $EVERY_SCANNED = 5;
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

# Index builds: the median of the rounds, and the size.
sub build {
    my ($class) = @_;
    my @ms = map {
        (spent("DROP INDEX IF EXISTS held_$class", "CREATE INDEX held_$class ON held USING gin (name $class)"))[0][0]
    } 1 .. $rounds;
    return (median(@ms) / 1000, $stack->sql("SELECT pg_relation_size('held_$class') / 1048576.0", 'bench'));
}

# [median CPU, p95 CPU, median elapsed, p95 elapsed, rows of each name] of one query for each name.
sub searches {
    my ($settings, $query, $times, @names) = @_;
    my (@cpu, @elapsed, @found);
    for my $round (1 .. $times) {
        my @got = spent("$settings SELECT count(*) FROM held WHERE i = 0 AND name ~% 'a'", map { sprintf $query, quoted($_) } @names);
        for my $n (0 .. $#got) {
            push @{ $cpu[$n] }, $got[$n][0];
            push @{ $elapsed[$n] }, $got[$n][1];
            $found[$n] = $got[$n][2];
        }
    }
    my @of_name = map { median(@$_) } @cpu;
    my @waited  = map { median(@$_) } @elapsed;
    return { cpu => median(@of_name), cpu95 => rank(0.95, @of_name), elapsed => median(@waited), elapsed95 => rank(0.95, @waited),
        found => \@found };
}

# How many rows are candidates of each name, by EXPLAIN ANALYZE's count of what the index hands out.
sub candidates {
    my (@names) = @_;
    my $out = $stack->sql_script("$quiet SET enable_seqscan = off;\n" . join('', map {
        "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, SUMMARY OFF) SELECT 1 FROM held WHERE name ~% " . quoted($_) . ";\n" } @names), 'bench');
    return $out =~ /Bitmap Index Scan on \w+ \(actual rows=(\d+)/g;
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
    printf "%-50s %-4s %9.3f %9s %6s  %s\n", $what, $unit, $ours, defined $peer ? sprintf('%.3f', $peer) : '-', $ratio,
        defined $target ? $target . ($met ? ' met' : ' missed') : '';
    return;
}

my @names = prepare();
my ($our_build, $our_size) = build('gin_sound_ops');
my ($trgm_build, $trgm_size) = build('gin_trgm_ops');
my $longest = $stack->sql("$quiet SELECT max(n) FROM (SELECT count(*) AS n FROM held, unnest(sound_index_keys(name)) AS k GROUP BY k) l",
    'bench');
my $ours  = searches('', 'SELECT count(*) FROM held WHERE name ~%% %s', $rounds, @names);
my @some  = map { $names[ $_ * $EVERY_SCANNED ] } 0 .. $#names / $EVERY_SCANNED;
my $scans = searches('SET enable_bitmapscan = off;', 'SELECT count(*) FROM held WHERE name ~%% %s', 1, @some);
my $trgm  = searches('', 'SELECT count(*) FROM held WHERE name %% %s', 1, @some);
my @looked = candidates(@names);
my @floor_queries = map { "SELECT count(*) FROM held WHERE i = ANY(ARRAY(SELECT (random() * $rows)::integer FROM generate_series(1, $_)))" } @looked;
my @floor = map { $_->[0] } spent('SET enable_seqscan = off; SET enable_indexscan = off; SET enable_indexonlyscan = off', @floor_queries);
my ($through, $by_scan) = (0, 0);
for my $n (0 .. $#some) {
    $through += $ours->{found}[ $n * $EVERY_SCANNED ];
    $by_scan += $scans->{found}[$n];
}
my $similarity = function('sound_similarity(a, b)', 'length(a) + length(b)');
my $trgm_similarity = function('similarity(a, b)', 'length(a) + length(b)');
my $key = function('length(sound_key(a))', 'length(a)');
my $alike_share = median(@{ $ours->{found} });

my $load = (split ' ', $stack->read_file('/proc/loadavg'))[0];
my $cores = grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo');
printf "\nNames, %s rows, %d asked for, %d rounds, medians; %d cores, load %s at the end; PostgreSQL %s\n", commas($rows), $ASKED, $rounds,
    $cores, $load, $stack->sql('SHOW server_version', 'postgres');
printf "Rows alike: median %s, 95th percentile %s; rows looked at: %s, %s\n\n", (map { commas($_) } median(@{ $ours->{found} }),
    rank(0.95, @{ $ours->{found} }), median(@looked), rank(0.95, @looked));
printf "%-50s %-4s %9s %9s %6s  %s\n", 'what', '', 'ekok', 'pg_trgm', 'ratio', 'target';
line('search, median', 'ms', $ours->{cpu}, $trgm->{cpu});
line('search, 95th percentile', 'ms', $ours->{cpu95}, $trgm->{cpu95}, '< 5', $ours->{cpu95} < 5);
line('search, median, elapsed', 'ms', $ours->{elapsed}, $trgm->{elapsed});
line('search, 95th percentile, elapsed', 'ms', $ours->{elapsed95}, $trgm->{elapsed95}, '< 5', $ours->{elapsed95} < 5);
line('as many rows by primary key, median', 'ms', median(@floor));
line('as many rows by primary key, 95th percentile', 'ms', rank(0.95, @floor));
line('sequential scan, median', 'ms', $scans->{cpu});
line('found by the index, of the sequential scan\'s rows', '', $by_scan ? $through / $by_scan : 0, undef, '>= 0.99', $through >= 0.99 * $by_scan);
line('longest posting list, of the table', '%', 100 * $longest / $rows, undef, '<= 1', $longest * 100 <= $rows);
line('index build', 's', $our_build, $trgm_build);
line('index size', 'MiB', $our_size, $trgm_size);
line('sound_similarity, similarity: a pair', 'us', $similarity, $trgm_similarity, '<= 3', $similarity <= 3);
line('sound_key: a name', 'us', $key, undef, '<= 2', $key <= 2);
