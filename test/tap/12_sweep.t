#!/usr/bin/perl
# A sweep is killed with kill -9 - its client, then the server under it - and gone on with: it ends where an undisturbed one
# ends. How far it is can be read while it works; what comes meanwhile is linked; the numbers are kept for the next. Two at a
# time share one sweep, and both end well.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 3000, '--seed', 21, '--defects', '0');
my ($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'records are loaded' or BAIL_OUT $out;
$stack->sql('CREATE TABLE public.loaded AS SELECT count(*) AS n FROM registry.enrolment');

# The process of `ekok sweep` of this stack.
sub sweeper {
    for my $process (glob '/proc/[0-9]*') {
        my ($program, @word) = split /\0/, eval { $stack->read_file("$process/cmdline") } // '';
        return $process =~ s{/proc/}{}r if ($program // '') eq $stack->bin('ekok') && ($word[0] // '') eq 'sweep';
    }
    return;
}

sub percent { return eval { $stack->sql(q{SELECT percent FROM registry.sweep_progress WHERE state = 'running'}) } || 0 }

# Starts a sweep and waits until it is somewhere in its middle.
sub half_swept {
    my $pid = $stack->start($stack->dir . '/sweep.log', $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'sweep');
    ok $stack->wait_for(sub { percent() >= 20 }, 120), 'a sweep is under way, and says how far it is';
    return $pid;
}

my $pid = half_swept();
kill 'KILL', sweeper() // ();
waitpid $pid, 0;
my $done = percent();
cmp_ok $done, '<', 100, "killed at $done percent";
($code, $out) = $stack->ekok('sweep');
is $code, 0, 'called again' or diag $out;
like $out, qr/^Going on with a sweep that was begun before/, 'it goes on';
is $stack->sql(q{SELECT count(*) || ' ' || min(state) FROM registry.sweep_run}), '1 finished', 'with the same sweep';
my $resumed = $stack->contents('audit');
cmp_ok $stack->sql('SELECT count(*) FROM registry.match'), '>', 0, 'and finds matches';

# Two commands at a time. The lock of the sweep is held until both wait for it.
my $keeper = $stack->start($stack->dir . '/keeper.log', $Ekok::Stack::STACK, 'psql', $stack->{name}, '-c',
    q{SET application_name = 'keeper'; SELECT pg_advisory_lock(1701539691, hashtext('ekok sweep')), pg_sleep(120)});
my $LOCKS = q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1701539691 AND };
ok $stack->wait_for(sub { $stack->sql("$LOCKS granted") == 1 }, 120), 'the lock of the sweep is taken';
my @log = map { $stack->dir . "/both_$_.log" } 1, 2;
my @both = map { $stack->start($_, $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'sweep') } @log;
ok $stack->wait_for(sub { $stack->sql("$LOCKS NOT granted") == 2 }, 120), 'two sweeps wait for it';
$stack->sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keeper'});
waitpid $keeper, 0;
for my $n (0, 1) {
    waitpid $both[$n], 0;
    is $?, 0, 'of two sweeps at a time each ends well' or diag $stack->read_file($log[$n]);
}
my $told_by_both = join '', map { $stack->read_file($_) } @log;
is scalar(() = $told_by_both =~ /^Swept in /mg), 2, 'each says what was found';
is $stack->sql(q{SELECT count(*) || ' ' || min(state) FROM registry.sweep_run}), '2 finished', 'and they were one sweep';
$stack->sql('DELETE FROM registry.sweep_count WHERE run_id = (SELECT max(id) FROM registry.sweep_run); DELETE FROM registry.sweep_run WHERE id = (SELECT max(id) FROM registry.sweep_run)');

# Everything anew, the server killed in between.
$stack->sql(q{DELETE FROM registry.rule_hit; DELETE FROM registry.match; DELETE FROM registry.membership; DELETE FROM registry.person;
    SELECT registry.rebuild_blocking()});
$pid = half_swept();
$stack->call('server-kill');
waitpid $pid, 0;
$stack->call('server-restart');
($code, $out) = $stack->ekok('sweep');
is $code, 0, 'after a crash of the server' or diag $out;
is $stack->sql(q{SELECT string_agg(state || ' ' || resumed, ', ' ORDER BY id) FROM registry.sweep_run}), 'finished 0, abandoned 0, finished 1',
    'the sweep begins anew';
is $stack->contents('audit'), $resumed, 'and ends in the same contents';

# What changes between two parts is linked at the end.
my $run = $stack->sql('SELECT registry.begin_sweep()');
$stack->sql("SELECT registry.step_sweep($run) FROM generate_series(1, 25)");
$stack->epoch(1);
($code, $out) = $stack->ekok('run', '--all');
cmp_ok $stack->sql('SELECT count(*) FROM registry.pending'), '>', 0, 'records change during a sweep';
is $stack->sql('SELECT registry.link_pending()'), 0, 'and wait for it';
($code, $out) = $stack->ekok('sweep', '--json');
my $told = eval { decode_json($out) } // {};
is $told->{persons}, $stack->sql('SELECT count(*) FROM registry.person'), 'ekok sweep --json counts persons' or diag $out;
is $stack->sql('SELECT count(*) FROM registry.pending'), 0, 'nothing is left to link';
my $linked = $stack->contents('audit');
$stack->ekok('sweep');
is $stack->contents('audit'), $linked, 'a sweep of all finds nothing else';
is $stack->sql(q{SELECT count(*) FROM report.sweep_ministry WHERE in_several_change IS DISTINCT FROM 0}), 0, 'and no change since the one before';
is $stack->sql(q{SELECT sum(enrolments) FROM report.sweep_programme}), $stack->sql('SELECT n FROM public.loaded'), 'programmes add up';
($code, $out) = $stack->ekok('report');
like $out, qr/What waits for a human/, 'the report tells what waits for a human';

# The daemon sweeps by itself when the last sweep is old enough, and at SIGTERM leaves nothing half done.
my $config = $stack->read_file($stack->dir . '/ekok.ini');
$stack->write_file($stack->dir . '/ekok.ini', "$config\n[sweep]\ninterval = 1\n");
my $sweeps = $stack->sql(q{SELECT count(*) FROM registry.sweep_run WHERE state = 'finished'});
$pid = $stack->start($stack->dir . '/etld.log', $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config',
    $stack->dir . '/ekok.ini');
ok $stack->wait_for(sub { $stack->sql(q{SELECT count(*) FROM registry.sweep_run WHERE state = 'finished'}) > $sweeps }, 120),
    'the daemon sweeps by itself' or diag $stack->read_file($stack->dir . '/etld.log');
kill 'TERM', $stack->daemon_pid;
waitpid $pid, 0;
ok $? >> 8 == 0 || $? >> 8 == 7, 'and ends when it is told to';
like $stack->read_file($stack->dir . '/etld.log'), qr/sweep_begun.*swept/s, 'its log says when it swept';
done_testing;
