#!/usr/bin/perl
# person.pl PERSONS ROUNDS - one newcomer looked for in a registry of a million enrolments: registry.find_person with prepared calls, by the
# form of newcomer. Latency as pgbench sees it, one session, which other load of the machine lengthens, and beside it the
# server's CPU time a call; medians of rounds. The whole registry is in shared buffers. The people are simulated. Peer: the look-up of the same newcomers' numbers alone, which
# finds nobody who gives other numbers or none.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($persons, $rounds) = @ARGV;
my $each = 500;
my $stack = Ekok::Stack->new;
$stack->call('server-start', 'shared_buffers=3GB', 'maintenance_work_mem=1GB', 'max_wal_size=8GB', 'fsync=off', 'autovacuum=off', 'jit=off',
    'work_mem=64MB', 'wal_level=minimal', 'max_wal_senders=0');
$stack->call('migrate');
my ($dir, $bench) = ($stack->dir, $FindBin::Bin);

sub run_file {
    my ($file, @set) = @_;
    my ($code, $said) = $stack->capture($Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-v', 'ON_ERROR_STOP=1', (map { ('-v', $_) } @set), '-f', $file);
    die "$file: $said" if $code != 0;
    return;
}
sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }
sub at { my ($share, $sorted) = @_; return $sorted->[ $#$sorted * $share ]; }

my ($code, $said) = $stack->capture("$bench/../../build/bin/ekok-sim", 'records', '--persons', $persons, '--seed', 7, '--out', "$dir/records.tsv");
die "no records: $said" if $code != 0;
print STDERR "filling the registry\n";
run_file("$bench/person.sql", "records=$dir/records.tsv");
run_file("$bench/person_probe.sql", "each=$each");
$stack->sql('CREATE EXTENSION pg_prewarm');
$stack->sql(q{SELECT sum(pg_prewarm(c.oid)) FROM pg_class c WHERE c.relnamespace = 'registry'::regnamespace AND c.relkind IN ('r', 'i')});

my @form = split /\n/, $stack->sql('SELECT DISTINCT form COLLATE "C" FROM public.probe ORDER BY 1');
my %QUERY = (
    find => sub { "SELECT f.* FROM public.probe b CROSS JOIN LATERAL registry.find_person(b.p) f WHERE b.form = '$_[0]' AND b.n = :n;" },
    numbers => sub { "SELECT v.enrolment_id FROM public.probe b CROSS JOIN LATERAL unnest((b.p).evidence) g JOIN registry.evidence v "
        . "ON v.key OPERATOR(ekok.~) g.key WHERE b.form = '$_[0]' AND b.n = :n;" },
);

# ask(what): latencies in us, sorted, by form.
sub ask {
    my ($what) = @_;
    unlink glob "$dir/ask_log*";
    my @file = map { "$dir/$what.$_.sql" } 0 .. $#form;
    $stack->write_file($file[$_], "\\set n random(1, $each)\n" . $QUERY{$what}->($form[$_]) . "\n") for 0 .. $#form;
    my ($status, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, '/usr/lib/postgresql/15/bin/pgbench', '-n', '-M', 'prepared', '-T', 8,
        '-c', 1, '--random-seed=11', (map { ('-f', $_) } @file), '-l', "--log-prefix=$dir/ask_log", 'registry');
    die $out if $status != 0;
    my @us = map { [] } @form;
    for my $line (split /\n/, join '', map { $stack->read_file($_) } glob "$dir/ask_log*") {
        my @part = split / /, $line;
        push @{ $us[ $part[3] ] }, $part[2];
    }
    return [map { [sort { $a <=> $b } @$_] } @us];
}

chomp(my $machine = `sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1`);
my $load = sub { return (split / /, $stack->read_file('/proc/loadavg'))[0] };
print 'Machine: ', scalar(grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo')), " x $machine; PostgreSQL 15; load ", $load->(), "\n";
print $stack->sql('SELECT count(*) FROM registry.enrolment'), ' enrolments, ', $stack->sql('SELECT count(*) FROM registry.blocking'),
    " sounding keys; $each newcomers of each form, $rounds rounds\n\n";
# CPU microseconds a call: p50, p95, p99 over newcomers, each looked for ten times, since a process's clock ticks coarsely.
sub cpu_of_calls {
    return split /\|/, $stack->sql_script(<<'SQL');
CREATE TEMP TABLE took (cpu bigint);
CREATE FUNCTION pg_temp.cpu() RETURNS bigint LANGUAGE sql VOLATILE
    AS $$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint $$;
DO $d$
DECLARE
    b record;
    began bigint;
BEGIN
    FOR b IN SELECT p FROM public.probe WHERE n <= 40 LOOP
        PERFORM count(*) FROM registry.find_person(b.p);
        began := pg_temp.cpu();
        FOR i IN 1 .. 10 LOOP
            PERFORM count(*) FROM registry.find_person(b.p);
        END LOOP;
        INSERT INTO took VALUES ((pg_temp.cpu() - began) / 10000);
    END LOOP;
END $d$;
SELECT array_to_string(percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY cpu), '|') FROM took;
SQL
}
my (@find, @numbers);
for my $round (1 .. $rounds) {
    push @find, ask('find');
    push @numbers, ask('numbers');
}
printf "%-38s %7s %8s %8s %8s  %9s\n", 'registry.find_person, us', 'calls', 'p50', 'p95', 'p99', 'found';
for my $f (0 .. $#form) {
    my $found = $stack->sql("SELECT count(*) FROM public.probe b WHERE b.form = '$form[$f]' AND EXISTS (SELECT FROM registry.find_person(b.p))");
    printf "%-38s %7d %8d %8d %8d  %5d/%d\n", $form[$f], scalar @{ $find[0][$f] },
        (map { my $share = $_; median(map { at($share, $_->[$f]) } @find) } 0.5, 0.95, 0.99), $found, $each;
}
my @all = map { [sort { $a <=> $b } map { @$_ } @$_] } @find;
my @plain = map { [sort { $a <=> $b } map { @$_ } @$_] } @numbers;
my ($p50, $p95, $p99) = map { my $share = $_; median(map { at($share, $_) } @all) } 0.5, 0.95, 0.99;
printf "%-38s %7d %8d %8d %8d  (p95 under 5000 us %s, under 2000 us %s)\n", 'all', scalar @{ $all[0] }, $p50, $p95, $p99,
    $p95 < 5000 ? 'met' : 'missed', $p95 < 2000 ? 'met' : 'missed';
printf "%-38s %7d %8d %8d %8d\n", 'peer: by their numbers alone', scalar @{ $plain[0] }, map { my $share = $_; median(map { at($share, $_) } @plain) } 0.5, 0.95, 0.99;
printf "%-38s %7s %8d %8d %8d\n", 'all: CPU time of the server', '', cpu_of_calls();
print 'load at the end ', $load->(), "\n";
$stack->call('remove');
