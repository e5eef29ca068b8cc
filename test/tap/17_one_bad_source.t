#!/usr/bin/perl
# One bad source never delays another: with a single worker, sources that hang before a connection, before a first byte, in
# the middle of a page, or are tried again and again, keep nobody else from being pulled to the end; nor do more sources that
# hang than the daemon has connections. And a database that does not move holds the sockets back, not the daemon's memory.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use IO::Socket::INET;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 3000, '--seed', 37, '--defects', '0.01');
my $dir = $stack->dir;
my $text = $stack->read_file("$dir/ekok.ini") =~ s/^workers = .*/workers = 1/mr;
$stack->write_file("$dir/ekok.ini", $text);

# Deadlines that no test waits for: whoever is stuck stays stuck.
$stack->set_sources('deadlines', connect => 600, first_byte => 3600, page => 3600, retries => 20, first_delay => 60000, longest_delay => 600000);
my ($code, $out) = $stack->etld;
is $code, 0, 'with one worker all ten are pulled' or BAIL_OUT $out;
my $undisturbed = $stack->contents('books');

# A port on which somebody listens and nobody answers: TCP connects, TLS does not.
my $deaf = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', Proto => 'tcp') or die $!;
my $hsp = $stack->definition('hsp');
my $right = $hsp->{source}{url};
$hsp->{source}{url} = 'https://localhost:' . $deaf->sockport . '/';
$stack->reset;
$stack->define(hsp => $hsp);
my @stuck = qw(hsp dss dwa dme);
$stack->fault("dss slow 3000\ndwa drip\ndme down\n");
my $pid = $stack->serve('ekok');
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'finished'") == 6 }, 120),
    'a source that does not connect, one that does not answer, one that drips, one that is tried again: six others finish';
is $stack->sql("SELECT string_agg(source, ' ' ORDER BY source) FROM etl.run WHERE state = 'running'"), join(' ', sort @stuck),
    '  while these four are still waited for';
$stack->fault('');
$hsp->{source}{url} = $right;
is $stack->end_service($pid, 'ekok'), 7, 'SIGTERM gives them up: exit code 7';
is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'stopped'"), 4, '  they are stopped';
$stack->define(hsp => $hsp);
($code, $out) = $stack->etld;
is $code, 0, '  and go on when they are well' or diag $out;
is $stack->contents('books'), $undisturbed, '  to the contents of an undisturbed run';

# A database that does not move: every page waits at the one desk, and what the sources send stays on their side.
sub resident { my ($process) = @_; return $stack->read_file("/proc/$process/status") =~ /^VmRSS:\s+(\d+) kB/m ? $1 : 0; }
$stack->reset;
$stack->set_sources('paging', size => 100);
my $lock = $stack->start("$dir/lock.log", $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'registry', '-c',
    "BEGIN; LOCK TABLE registry.enrolment IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3000)");
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM pg_locks WHERE relation = 'registry.enrolment'::regclass AND mode = 'AccessExclusiveLock' AND granted") }, 120),
    'a lock on the registry';
$pid = $stack->serve('ekok');
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'running'") == 10
        && $stack->sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ekok-etld' AND wait_event_type = 'Lock'") == 1 }, 90),
    '  ten runs are open, one page waits in the database';
my $daemon = $stack->daemon_pid;
my $before = resident($daemon);
select undef, undef, undef, 2;
cmp_ok resident($daemon) - $before, '<', 4096, '  two seconds later the daemon has not grown';
cmp_ok resident($daemon), '<', 64 * 1024, '  it is under 64 MiB';
is $stack->sql('SELECT count(*) FROM etl.page'), 0, '  nothing is loaded';
$stack->sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'registry.enrolment'::regclass AND mode = 'AccessExclusiveLock' AND granted");
waitpid $lock, 0;
ok $stack->wait_for(sub { $stack->sql("SELECT count(DISTINCT source) FROM etl.run WHERE state = 'finished'") == 10 }, 120), 'the lock is gone: all ten are pulled to the end';
is $stack->contents('books', 'cursor', 'quarantine'), join("\n", grep { !/^(cursor|quarantine) / } split /\n/, $undisturbed), '  nothing is lost, nothing twice';
is $stack->end_service($pid, 'ekok'), 0, 'SIGTERM ends it';

# Eighty sources that hang, and sixty-four connections. When it is known that they have them all, ten others become due.
$stack->reset;
$stack->change_definitions(sub { $_[0]{schedule} = { cron => '0 4 1 1 *' }, $_[0]{paging}{size} = 100 });
my ($ministry, $programmes) = map { $stack->sql($_) } "SELECT ministry FROM etl.source WHERE code = 'dss'",
    "SELECT string_agg(programme, ' ') FROM etl.source_programme WHERE source = 'dss'";
my %hanging;
for my $name (map { sprintf 'h%02d', $_ } 1 .. 80) {
    my $definition = $stack->definition('dss');
    $definition->{source} = { %{ $definition->{source} }, name => $name, url => 'https://localhost:' . $deaf->sockport . '/', ministry => $ministry };
    $definition->{programmes} = [split / /, $programmes];
    delete $definition->{schedule};
    $hanging{$name} = $definition;
}
$stack->define(%hanging);
$pid = $stack->serve('ekok');
ok $stack->wait_for(sub { ($stack->ekok('status'))[1] =~ /^ *h\d\d +waits for connection /m }, 120),
    'eighty sources hang: ekok status says that some of them wait for a connection';
is $stack->sql("SELECT count(*) FROM etl.run WHERE source !~ '^h'"), 0, '  no other was due yet';
$stack->clock('2027-03-01 10:00:00+06');
ok $stack->wait_for(sub { $stack->sql("SELECT count(DISTINCT source) FROM etl.run WHERE state = 'finished'") == 10 }, 120), 'ten others become due, and are pulled to the end'
    or diag $stack->read_file("$dir/ekok.log");
is $stack->contents('books', 'cursor', 'quarantine', 'audit'), join("\n", grep { !/^(cursor|quarantine|audit) / } split /\n/, $undisturbed),
    '  to what an undisturbed run reads'; # the trace holds eighty more definitions
is $stack->sql("SELECT count(*) FROM etl.run WHERE source ~ '^h' AND state = 'running'"), 80, '  while all eighty are still waited for: none failed by that';
like $stack->read_file("$dir/ekok.log"), qr/source=h\d\d event=connection_yielded silent_seconds=10 lane=slow/, '  those that were silent made room';
is $stack->sql("SELECT count(*) FROM report.ingestion WHERE condition = 'waits for connection' AND source !~ '^h'"), 0, '  nobody else waits';
is $stack->end_service($pid, 'ekok'), 7, 'SIGTERM gives them up: exit code 7';

done_testing;
