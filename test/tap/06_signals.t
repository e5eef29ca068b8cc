#!/usr/bin/perl
# SIGTERM finishes the page in hand and stops; the next run goes on from there; only one session pulls a source.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 4000, '--seed', 13, '--defects', '0.01');
my $dir = $stack->dir;

my ($code, $out) = $stack->etld;
is $code, 0, 'an undisturbed run' or BAIL_OUT $out;
$stack->ekok('sweep');
my $undisturbed = $stack->contents;

sub start_held {
    my ($point) = @_;
    unlink "$dir/held";
    my $pid = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', "EKOK_STOP_POINT=$point:hold",
        "EKOK_STOP_FILE=$dir/held", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once');
    ok $stack->wait_for(sub { -e "$dir/held" }, 120), "a run held at $point";
    return $pid;
}

$stack->reset;
my $pid = start_held('page_copied:6');
kill 'TERM', $stack->daemon_pid;
select undef, undef, undef, 0.3;
unlink "$dir/held";
waitpid $pid, 0;
is $? >> 8, 7, 'SIGTERM: exit code 7';
is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'running'"), 0, 'no run is left open';
cmp_ok $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'stopped'"), '>=', 1, 'runs are stopped';
cmp_ok $stack->sql('SELECT count(*) FROM etl.page'), '>=', 1, 'the page in hand was finished';
($code, $out) = $stack->etld;
is $code, 0, 'the next run goes on' or diag $out;
$stack->ekok('sweep');
is $stack->contents, $undisturbed, 'and ends in the same contents';

$stack->reset;
$pid = start_held('page_begun:1');
($code, $out) = $stack->etld;
is $code, 3, 'a second daemon beside the first: partial';
like $out, qr/another session/, '  it says that another session pulls a source' or diag $out;
unlink "$dir/held";
waitpid $pid, 0;
is $? >> 8, 0, '  the first ends well';
($code, $out) = $stack->etld;
$stack->ekok('sweep');
is $stack->contents, $undisturbed, '  the contents are right';

# As a daemon: a round at once, another after the interval, and SIGTERM between two rounds is a good end.
my $config = $stack->read_file("$dir/ekok.ini");
$stack->write_file("$dir/ekok.ini", $config =~ s/^interval = .*/interval = 10/mr);
my $runs = $stack->sql('SELECT count(*) FROM etl.run');
$pid = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config',
    "$dir/ekok.ini");
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'finished'") >= $runs + 20 }, 120),
    'the daemon pulls every source again after the interval';
select undef, undef, undef, 1;    # the last run's thread has ended, the next round is nine seconds away
kill 'TERM', $stack->daemon_pid;
waitpid $pid, 0;
is $? >> 8, 0, 'SIGTERM between two rounds: exit code 0';
is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'running'"), 0, '  no run is left open';

done_testing;
