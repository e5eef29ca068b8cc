#!/usr/bin/perl
# keys.pl VALUES ROUNDS - what it costs to seal and tokenise a value of ten digits into a COPY line: by keys at hand and by the
# key agent, one after the other in each round; elapsed, and CPU of both processes together. And one token for one number, as
# registry.find asks for it, with its line in the trace brought to the disk. Medians over rounds.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;
use File::Temp qw(tempdir);
use IO::Socket::UNIX;
use Time::HiRes qw(time sleep);

my ($values, $rounds) = @ARGV;
die "keys.pl VALUES ROUNDS\n" if !$rounds;
system('make', '-s', '-C', $FindBin::Bin, 'key-costs') == 0 or die 'the programs of the benchmarks are not built';
my $bin = "$Ekok::Stack::BUILD/bin";
my $dir = tempdir('/tmp/ekok-bench-keys-XXXXXX', CLEANUP => 1);

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }
sub slurp { my ($path) = @_; open my $in, '<', $path or die "$path: $!"; local $/; return scalar <$in>; }
sub cpu_of { my @field = split ' ', slurp("/proc/$_[0]/stat") =~ s/^.*\) //r; return ($field[11] + $field[12]) / 100; }

system("$bin/ekok keys init $dir/keys >/dev/null") == 0 or die;
open my $ini, '>', "$dir/ini" or die;
print $ini "[agent]\nsocket = socket\nkeys = keys\ntrace = trace\n[caller bench]\nuser = $>\nmay = seal, find, status\nnames_users = yes\n",
    map { "$_ = 100000\n" } qw(per_hour per_day all_per_hour all_per_day burst);
close $ini;
my $agent = fork // die;
if ($agent == 0) {
    open STDERR, '>', "$dir/log" or die;
    exec "$bin/ekok-keyd", '--config', "$dir/ini" or die;
}
END { kill 'TERM', $agent if $agent; }
my $waited = 0;
sleep 0.1 while system("$bin/ekok agent status --agent $dir/socket >/dev/null 2>&1") != 0 && $waited++ < 300;

my (%elapsed, %cpu);
for (1 .. $rounds) {
    for my $way (['keys at hand', "$dir/keys", ''], ['key agent', '', "$dir/socket"]) {
        my ($name, @where) = @$way;
        my $before = cpu_of($agent);
        open my $from, '-|', "$bin/key-costs", $values, @where or die;
        my ($took, $own) = split ' ', <$from> // die "key-costs: no answer";
        close $from;
        push @{ $elapsed{$name} }, 1e6 * $took / $values;
        push @{ $cpu{$name} }, 1e6 * ($own + cpu_of($agent) - $before) / $values;
    }
}
# One token, as the extension asks: head, kind, subject, user, role, purpose, case.
sub text { return pack 'C/a*', $_[0]; }
my $ask = IO::Socket::UNIX->new("$dir/socket") or die "socket: $!";
my @one;
for my $i (1 .. 200) {
    my @told = ('token_nid', sprintf('10:%010d', 1_000_000_007 + 40_000_003 * $i), 'user' . $i % 5, 'analyst', 'a benchmark', '');
    my $payload = join '', map { text($_) } @told;
    my $began = time;
    syswrite $ask, pack('CCnN', 1, 2, 0, length $payload) . $payload;
    sysread $ask, my $answer, 64 or die;
    push @one, 1e6 * (time - $began);
}
printf "Sealing and tokenising %d values, medians of %d rounds\n", $values, $rounds;
printf "  %-14s %6.2f us a value elapsed, %6.2f us CPU (agent included)\n", $_, median(@{ $elapsed{$_} }), median(@{ $cpu{$_} })
    for 'keys at hand', 'key agent';
printf "  the agent costs %.2fx CPU and %.2fx time of the keys at hand\n", median(@{ $cpu{'key agent'} }) / median(@{ $cpu{'keys at hand'} }),
    median(@{ $elapsed{'key agent'} }) / median(@{ $elapsed{'keys at hand'} });
my @sorted = sort { $a <=> $b } @one;
printf "One token with its line on the disk: median %.0f us, p95 %.0f us of %d\n", $sorted[ $#sorted / 2 ], $sorted[ 0.95 * $#sorted ], scalar @one;
