#!/usr/bin/perl
# sweep.pl KEYS ROUNDS - the sweep of an evidence index beside the best that plain SQL has for the same question, and the
# look-up of four keys beside one written by hand. CPU time of the server's process and wall time, medians of all rounds.
# Everything is in shared buffers: the table and the index of one side at a time. The keys are made, no person is among them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($keys, $rounds) = @ARGV;
my $enrolments = int($keys / 4);
my $stack = Ekok::Stack->new;
$0 = 'bench-sweep';
$stack->{name} = 'bench-sweep';
$stack->call('remove');
my $buffers = int($keys * 85 / 2**20) + 256;
$stack->call('server-start', "shared_buffers=${buffers}MB", 'autovacuum=off', 'max_wal_size=8GB', 'fsync=off', 'jit=off',
    'maintenance_work_mem=1GB', 'max_parallel_maintenance_workers=1', 'checkpoint_timeout=1h', 'track_io_timing=off');
$stack->sql('CREATE DATABASE bench TEMPLATE template0', 'postgres');
$stack->sql('CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; CREATE EXTENSION pg_prewarm', 'bench');

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }
sub commas { my $n = reverse shift; $n =~ s/(\d{3})(?=\d)/$1,/g; return scalar reverse $n; }

# Four pieces of evidence an enrolment; 3 % are further enrolments of somebody, and share some of theirs.
my $MADE = <<"SQL";
    SELECT ekok.evidence(k.kind, (CASE WHEN i % 33 = 0 AND i / 33 % 10 < k.shared THEN i::bigint * 2654435761 % $enrolments + 1
        ELSE i END)::text, 1 + i * 7 % 23) AS e, i
    FROM generate_series(1, $enrolments) i, (VALUES ('nid', 7), ('mobile', 6), ('account', 3), ('dob', 9)) k (kind, shared)
SQL

# measure(settings, query, rounds): (answer, median CPU seconds, median wall seconds) of a query in one session, once unmeasured.
sub measure {
    my ($settings, $query, $times) = @_;
    my $clock = q{SELECT 'at ' || split_part(pg_read_file('/proc/self/schedstat'), ' ', 1) || ' '
        || extract(epoch FROM clock_timestamp()) * 1e9;};
    my $out = $stack->sql_script("$settings $query; " . "\n$clock\n$query;\n$clock\n" x $times, 'bench');
    my @line = split /\n/, $out;
    my ($answer, @cpu, @wall) = (shift @line);
    for my $n (0 .. $times - 1) {
        my ($from, $got, $to) = @line[ 3 * $n .. 3 * $n + 2 ];
        die "the answer changed: $answer, $got" if $got ne $answer;
        my @from = split / /, $from;
        my @to = split / /, $to;
        push @cpu, ($to[1] - $from[1]) / 1e9;
        push @wall, ($to[2] - $from[2]) / 1e9;
    }
    return ($answer, median(@cpu), median(@wall));
}

sub row {
    my ($what, $answer, $cpu, $wall, $beside) = @_;
    printf "%-52s %11s %9.3f %9.3f  %s\n", $what, commas($answer), $cpu, $wall, $beside // '';
    return;
}

# The same look-up 20 000 times inside one session, each timed by the server's clock: (p50, p99) in microseconds.
sub inside {
    my ($what, $query) = @_;
    $query =~ s/:p\b/p/g;
    $stack->sql(<<"SQL", 'bench');
CREATE OR REPLACE FUNCTION timed(n int, most int) RETURNS float8[] LANGUAGE plpgsql AS \$\$
DECLARE
    began timestamptz;
    p int;
    took float8[] := '{}';
BEGIN
    FOR i IN 1..n LOOP
        p := 1 + floor(random() * most)::int;
        began := clock_timestamp();
        PERFORM FROM ($query) q;
        took := took || (extract(epoch FROM clock_timestamp() - began) * 1e6)::float8;
    END LOOP;
    RETURN (SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY us) FROM unnest(took) us);
END \$\$
SQL
    my ($p50, $p99) = split /,/, $stack->sql("SELECT array_to_string(timed(20000, $enrolments), ',')", 'bench');
    printf "%-52s p50 %6d us   p99 %6d us\n", $what, $p50, $p99;
    return ($p50, $p99);
}

sub look_up {
    my ($what, $script) = @_;
    my $dir = $stack->dir;
    $stack->write_file("$dir/look.sql", $script);
    my (@p50, @p99, @cpu);
    for my $round (1 .. $rounds) {
        unlink glob "$dir/look.*.log $dir/look_log*";
        my $before = $stack->sql("SELECT 1", 'bench');
        my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, '/usr/lib/postgresql/15/bin/pgbench', '-n', '-M', 'prepared',
            '-T', 4, '-c', 1, '-D', "most=$enrolments", '-f', "$dir/look.sql", '-l', "--log-prefix=$dir/look_log", 'bench');
        die $out if $code != 0;
        my @us = sort { $a <=> $b } map { (split / /)[2] } split /\n/, join '', map { $stack->read_file($_) } glob "$dir/look_log*";
        push @p50, $us[ $#us * 0.5 ];
        push @p99, $us[ $#us * 0.99 ];
    }
    printf "%-52s p50 %6d us   p99 %6d us\n", $what, median(@p50), median(@p99);
    return (median(@p50), median(@p99));
}

print STDERR 'making ', commas($keys), " keys\n";
$stack->sql("CREATE UNLOGGED TABLE held AS $MADE", 'bench');
$stack->sql('CREATE INDEX held_e ON held (e)', 'bench');
$stack->sql('VACUUM ANALYZE held', 'bench');
$stack->sql(q{SELECT pg_prewarm('held'), pg_prewarm('held_e')}, 'bench');
chomp(my $machine = `sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1`);
print 'Machine: ', scalar(grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo')), " x $machine; PostgreSQL 15; load ",
    (split / /, $stack->read_file('/proc/loadavg'))[0], "\n";
printf "%s keys, index %s, table %s, all in %d MB of shared buffers; %d rounds\n\n", commas($keys),
    (map { $stack->sql("SELECT pg_size_pretty(pg_relation_size('$_'))", 'bench') } 'held_e', 'held'), $buffers, $rounds;
printf "%-52s %11s %9s %9s\n", 'keys of two programmes or more', 'keys found', 'cpu s', 'wall s';
my $memory = q{SET work_mem = '256MB'; SET search_path = ekok, public;};
my ($found, $counts, $counts_wall) = measure($memory, q{SELECT count(*) FROM double_dip_counts('held_e')}, $rounds);
row('double_dip_counts: key, programmes, rows', $found, $counts, $counts_wall);
my @full = measure($memory, q{SELECT count(*) FROM double_dips('held_e')}, $rounds);
row('double_dips: key, programmes, TIDs of all rows', @full);
die 'the two sweeps disagree' if $full[0] != $found;
my @half = measure($memory, q{SELECT count(*) FROM double_dip_counts('held_e', 2, 1, 2)}, $rounds);
row('double_dip_counts, one part of two', @half);

print "\nlook-up of one person by 4 pieces of evidence\n";
my $choose = "\\set p random(1, :most)\n";
my @key = map { "evidence('$_', (:p)::text, 0)" } qw(nid mobile account dob);
my $array = 'ARRAY[' . join(', ', map { "ekok.$_" } @key) . ']';
my $each = join ' UNION ALL ', map {
    "SELECT e, ctid FROM held WHERE e OPERATOR(ekok.>=) ekok.evidence_first(ekok.$_) AND e OPERATOR(ekok.<=) ekok.evidence_last(ekok.$_)"
} @key;
my %p99;
($p99{ours}) = [look_up('holders(index, 4 keys)', "${choose}SELECT * FROM ekok.holders('held_e', $array);\n")];
($p99{hand}) = [look_up('four ranges by hand, UNION ALL', "$choose$each;\n")];
($p99{join}) = [look_up('unnest(4 keys) joined by ~', "${choose}SELECT h.e, h.ctid FROM unnest($array) k JOIN held h ON h.e OPERATOR(ekok.~) k;\n")];
printf "through a client: p50 %.2f of the one by hand, p99 %.2f; a wake-up of client and server each is in it\n",
    $p99{ours}[0] / $p99{hand}[0], $p99{ours}[1] / $p99{hand}[1];
my @inside = inside('holders(index, 4 keys), inside the server', "SELECT * FROM ekok.holders('held_e', $array)");
my @by_hand = inside('four ranges by hand, inside the server', $each);
printf "p99 under 300 us inside the server %s; %.2f of the one by hand\n\n", $inside[1] < 300 ? 'met' : 'missed', $inside[1] / $by_hand[1];

print STDERR "making the peers' table\n";
$stack->sql('CREATE UNLOGGED TABLE plain AS SELECT ekok.evidence_key(e) AS key, ekok.programme(e)::smallint AS programme FROM held', 'bench');
$stack->sql('DROP TABLE held', 'bench');
$stack->sql('CREATE INDEX plain_key ON plain (key, programme)', 'bench');
$stack->sql('VACUUM ANALYZE plain', 'bench');
$stack->sql(q{SELECT pg_prewarm('plain_key'), pg_prewarm('plain')}, 'bench');
my $ask = 'SELECT count(*) FROM (SELECT key FROM plain GROUP BY key HAVING min(programme) <> max(programme)) s';
my $serial = 'SET max_parallel_workers_per_gather = 2;';
my @grouped = measure("SET enable_seqscan = off; SET enable_hashagg = off; $serial", $ask, $rounds);
row('peer: index-only scan of (key, programme), GroupAggregate', @grouped, sprintf '%.1f x cpu (>= 20 %s)', $grouped[1] / $counts,
    $grouped[1] / $counts >= 20 ? 'met' : 'missed');
my @hashed = measure("SET work_mem = '2GB'; SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_sort = off; $serial", $ask,
    $rounds > 1 ? 2 : 1);
row('peer: hash aggregation of the table', @hashed, sprintf '%.1f x cpu (>= 100 %s)', $hashed[1] / $counts,
    $hashed[1] / $counts >= 100 ? 'met' : 'missed');
printf "double_dips with TIDs: %.1f x and %.1f x the peers, which give none\n", $grouped[1] / $full[1], $hashed[1] / $full[1];
die "the peers found other keys: $grouped[0], $hashed[0]" if $grouped[0] != $found || $hashed[0] != $found;
$stack->call('remove');
