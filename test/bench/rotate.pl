#!/usr/bin/perl
# rotate.pl PERSONS ROUNDS - rotation of the data key beside 1,000 writes a second: values sealed anew a second (of the whole
# command, its waiting for writers and its proof included), CPU of the program and of the server, and the 99th percentile of
# the writes' latency, against the same writes with nothing beside them. Then a rotation with nothing beside it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;
use JSON::PP ();
use Time::HiRes qw(sleep time);

my ($persons, $rounds) = @ARGV;
die "rotate.pl PERSONS ROUNDS\n" if !$rounds;
my $stack = Ekok::Stack->new;

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }

# CPU seconds of the server's processes that have ended, so of every session that was closed.
sub server_cpu {
    my ($postmaster) = split /\n/, $stack->read_file($stack->dir . '/data/postmaster.pid');
    my @field = split ' ', $stack->read_file("/proc/$postmaster/stat") =~ s/^.*\) //r;
    return ($field[13] + $field[14]) / 100;
}

$stack->up('--persons', $persons, '--seed', 3, '--defects', '0.01');
my ($code, $out) = $stack->etld;
die $out if $code != 0;
$stack->ekok('keys', 'upgrade');
$stack->sql(q{CREATE TABLE public.pick AS SELECT row_number() OVER (ORDER BY id)::int AS n, id FROM registry.enrolment; ALTER TABLE public.pick ADD PRIMARY KEY (n)});
$stack->sql('VACUUM ANALYZE');
my $rows = $stack->sql('SELECT count(*) FROM public.pick');
my $values = $stack->sql('SELECT sum("values") FROM keyring.count_values()');
my $dir = $stack->dir . '/bench';
mkdir $dir;
chmod 0777, $dir;
$stack->write_file("$dir/write.sql", "\\set n random(1, $rows)\nUPDATE registry.enrolment SET amount_paisa = 50000 + :n % 7 WHERE id = (SELECT p.id FROM public.pick p WHERE p.n = :n);\n");
my $socket = $stack->socket;

# Writes for so many seconds; returns its process. What each took lies in files named after `name`.
sub write_beside {
    my ($name, $seconds) = @_;
    return $stack->start("$dir/$name.out", $Ekok::Stack::STACK, 'run', $stack->{name}, '/usr/lib/postgresql/15/bin/pgbench', '-n', '-h', $socket, '-U', 'postgres',
        '-c', 4, '-j', 1, '-R', 1000, '-T', $seconds, '-l', '--log-prefix', "$dir/$name", '-f', "$dir/write.sql", 'registry');
}

# (p99 in ms, how many a second) of the writes that ended between two moments.
sub latency {
    my ($name, $from, $to) = @_;
    my @took;
    for my $file (glob "$dir/$name.*") {
        next if $file =~ /out$/;
        for my $line (split /\n/, $stack->read_file($file)) {
            my (undef, undef, $us, undef, $second, $micro) = split ' ', $line;
            push @took, $us / 1000 if $second + $micro / 1e6 >= $from && $second + $micro / 1e6 <= $to;
        }
    }
    @took = sort { $a <=> $b } @took;
    return @took ? ($took[ int($#took * 0.99) ], @took / ($to - $from)) : (0, 0);
}

# (values a second, CPU of the program and of the server in us a value, begin, end) of one rotation.
sub rotation {
    my ($server, @before) = (server_cpu(), times);
    my $from = time;
    my ($code, $out) = $stack->ekok('keys', 'rotate', 'data', '--json');
    my $to = time;
    die $out if $code != 0;
    my @after = times;
    my $told = JSON::PP->new->decode($out);
    sleep 1;    # the session's process is gone
    return ($told->{values} / $told->{seconds}, 1e6 * ($after[2] + $after[3] - $before[2] - $before[3]) / $told->{values},
        1e6 * (server_cpu() - $server) / $told->{values}, $from, $to);
}

my (@alone, @beside, @quiet);
for my $round (1 .. $rounds) {
    my $from = time;
    waitpid write_beside("alone$round", 6), 0;
    push @quiet, [latency("alone$round", $from + 1, $from + 6)];
    my $pid = write_beside("beside$round", 30);
    sleep 2;
    my @r = rotation();
    waitpid $pid, 0;
    push @beside, [@r, latency("beside$round", $r[3], $r[4])];
    $stack->sql('VACUUM ANALYZE registry.enrolment');
    push @alone, [rotation()];
    $stack->sql('VACUUM ANALYZE registry.enrolment');
}
my ($load) = split ' ', $stack->read_file('/proc/loadavg');
my $of = sub { my ($runs, $k) = @_; return median(map { $_->[$k] } @$runs); };
printf "\n%d enrolments with %d sealed values; medians of %d rounds, elapsed; load %s at the end\n\n", $rows, $values, $rounds, $load;
printf "%-44s %14s %14s %14s\n", '', 'values/s', 'own CPU us', 'server CPU us';
printf "%-44s %14.0f %14.2f %14.2f\n", 'rotation, nothing beside it', map { $of->(\@alone, $_) } 0 .. 2;
printf "%-44s %14.0f %14.2f %14s\n", 'rotation beside the writes', $of->(\@beside, 0), $of->(\@beside, 1), '-';
printf "\n%-44s %14s %14s\n", '', 'p99, ms', 'writes/s';
printf "%-44s %14.2f %14.0f\n", 'writes, nothing beside them', map { $of->(\@quiet, $_) } 0 .. 1;
printf "%-44s %14.2f %14.0f\n", 'writes beside a rotation', map { $of->(\@beside, $_) } 5 .. 6;
printf "\np99 beside a rotation is %.1f times that without; the goal is 2, and 50,000 values/s.\n", $of->(\@beside, 5) / $of->(\@quiet, 0);
