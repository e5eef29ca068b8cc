#!/usr/bin/perl
# Two daemons on one registry, a daemon that is stopped and wakes too late, decoders that are killed, settings read again:
# the contents are those of a run that nobody disturbed. And what the service manager and the metrics are told.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 3000, '--seed', 23, '--defects', '0.01');
$stack->set_sources('deadlines', page => 2, retries => 1);
my $dir = $stack->dir;

# A second configuration is a second daemon.
my $text = $stack->read_file("$dir/ekok.ini") =~ s/^workers = .*/workers = 4\nlease = 3\nmetrics = metrics.sock/mr;
$stack->write_file("$dir/a.ini", $text);
$stack->write_file("$dir/b.ini", $text =~ s/metrics.sock/other.sock/r);

my ($code, $out) = $stack->etld;
is $code, 0, 'an undisturbed run' or BAIL_OUT $out;
my $undisturbed = $stack->contents;

# begin(name, service?, point): a daemon with the configuration NAME.ini, held at a stop point where one is given.
sub begin {
    my ($name, $service, $point, @set) = @_;
    my @only = ref $set[-1] ? @{ pop @set } : ();
    unlink "$dir/held";
    my @hold = $point ? ("EKOK_STOP_POINT=$point:hold", "EKOK_STOP_FILE=$dir/held") : ();
    my $pid = $stack->start("$dir/$name.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', @hold, @set,
        $stack->bin('ekok-etld'), '--config', "$dir/$name.ini", $service ? () : '--once', @only);
    ok $stack->wait_for(sub { -e "$dir/held" }, 120), "daemon $name held at $point" if $point;
    return $pid;
}
sub log_of { my ($name) = @_; return eval { $stack->read_file("$dir/$name.log") } // ""; }
sub ended { my ($pid) = @_; waitpid $pid, 0; return $? >> 8; }
sub says { my ($name, $what) = @_; return $stack->wait_for(sub { log_of($name) =~ $what }, 120); }
sub all_finished {
    return $stack->wait_for(sub { $stack->sql("SELECT count(DISTINCT source) FROM etl.run WHERE state = 'finished'") == 10 }, 120);
}

# Wakes a stopped daemon, and the program that changed user for it, which stops with its child.
sub wake {
    my ($daemon) = @_;
    my ($parent) = $stack->read_file("/proc/$daemon/stat") =~ /\) \S (\d+) /;
    return kill 'CONT', $parent, $daemon;
}

# Stopped, not dead: another takes the source when the lease has run out, and the one that wakes writes nothing.
for my $point ('page_copied:6', 'page_merged:6') {
    $stack->reset;
    my $first = begin('a', 0, $point);
    my $daemon = $stack->daemon_pid("$dir/a.ini");
    kill 'STOP', $daemon;
    ($code, $out) = $stack->etld;
    is $code, 0, '  stopped there; another one takes its sources over when their leases have run out' or diag $out;
    is $stack->contents, $undisturbed, '  and ends with the contents of an undisturbed run';
    my $versions = $stack->row_versions;
    unlink "$dir/held";
    wake($daemon);
    like ended($first), qr/^[34]$/, '  the first one wakes: exit code 3, or 4 where the server had to end its session';
    like log_of('a'), qr/lease of source|is aborted, not running|connection was lost/, '  and says why';
    is $stack->row_versions, $versions, '  it wrote nothing';
    is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'running'"), 0, '  no run is left open';
}

# A standby daemon takes over when the first one dies, or is stopped.
for my $signal ('KILL', 'STOP') {
    $stack->reset;
    my $first = begin('a', 1, 'page_copied:6');
    my $daemon = $stack->daemon_pid("$dir/a.ini");
    like $stack->sql("SELECT condition FROM report.ingestion WHERE pulling LIMIT 1"), qr/pulling/, '  it pulls';
    my $second = begin('b', 1);
    ok says('b', qr/event=standing_by/), '  a second one stands by';
    kill $signal, $daemon;
    ended($first) if $signal eq 'KILL';
    ok says('b', qr/event=seat_taken stood_by=yes/), "  the first gets SIG$signal: the second takes the seat";
    ok all_finished(), '  and pulls all ten';
    is $stack->contents, $undisturbed, '  to the contents of an undisturbed run';
    if ($signal eq 'STOP') {
        unlink "$dir/held";
        wake($daemon);
        ok says('a', qr/event=seat_lost/), '  the first one wakes and finds its seat lost';
        ok says('a', qr/event=standing_by/), '  and stands by';
        kill 'TERM', $daemon;
        is ended($first), 0, '  SIGTERM ends it';
        is $stack->contents, $undisturbed, '  it changed nothing';
    }
    kill 'TERM', $stack->daemon_pid("$dir/b.ini");
    is ended($second), 0, '  SIGTERM ends the second';
}

# Decoders that are killed: the page at hand is decoded again by others. One source: its second page finds the decoder of
# the first one dead.
$stack->reset;
my $pid = begin('a', 0, 'page_begun:2', ['--source', 'dss']);
my @decoders = $stack->decoder_pids($stack->daemon_pid("$dir/a.ini"));
cmp_ok scalar(@decoders), '>=', 2, '  it has decoders';
kill 'KILL', @decoders;
unlink "$dir/held";
is ended($pid), 0, '  all of them killed: the run ends well' or diag log_of('a');
like log_of('a'), qr/event=decoder_died/, '  their death is told';
($code, $out) = $stack->etld(map { ('--source', $_) } grep { $_ ne 'dss' } $stack->sources);
is $stack->contents, $undisturbed, '  and the contents are those of an undisturbed run';

SKIP: {
    skip 'only root may read the memory of a process that is not dumpable', 2 if $> != 0;
    $stack->reset;
    $stack->write_file("$dir/a.ini", $text =~ s/workers = 4/workers = 10/r);
    $pid = begin('a', 0, 'page_merged:12');
    my $daemon = $stack->daemon_pid("$dir/a.ini");
    my $kib = 0;
    for my $process ($daemon, $stack->decoder_pids($daemon)) {
        $kib += $1 if $stack->read_file("/proc/$process/smaps_rollup") =~ /^Pss: +(\d+) kB/m;
    }
    cmp_ok $kib, '<', 64 * 1024, "  daemon and decoders together take $kib KiB, under 64 MiB";
    unlink "$dir/held";
    is ended($pid), 0, '  the run ends well';
    $stack->write_file("$dir/a.ini", $text);
}

# SIGHUP: the page in hand is finished, the settings are read again, nothing is lost; wrong settings change nothing.
$stack->reset;
$pid = begin('a', 1, 'page_copied:6');
my $daemon = $stack->daemon_pid("$dir/a.ini");
$stack->write_file("$dir/a.ini", $text =~ s/workers = 4/workers = 0/r);
kill 'HUP', $daemon;
ok says('a', qr/event=reloading/), 'SIGHUP in the middle of a page';
unlink "$dir/held";
ok says('a', qr/event=reload_refused problem=".*workers/), '  wrong settings are refused, and told';
$stack->write_file("$dir/a.ini", $text =~ s/workers = 4/workers = 3/r);
kill 'HUP', $daemon;
ok says('a', qr/event=reloaded sources=10/), '  right ones are taken';
ok all_finished(), '  all ten are pulled to their end';
is $stack->contents, $undisturbed, '  to the contents of an undisturbed run';

my $curl = sub { my ($status, $body) = $stack->capture('curl', '-sS', '--max-time', 10, '--unix-socket', "$dir/metrics.sock",
    "http://localhost/$_[0]"); return $body; };
my $metrics = $curl->('metrics');
like $metrics, qr/^ekok_database_up 1$/m, 'metrics on a Unix socket: the database';
like $metrics, qr/^ekok_drill_well 0$/m, '  that no backup was shown to come back';
like $metrics, qr/^ekok_standing_by 0$/m, '  who keeps the schedule';
for my $source (qw(dss dwa)) {
    my $quarantined = $stack->sql("SELECT count(*) FROM etl.quarantine WHERE source = '$source'");
    like $metrics, qr/^ekok_quarantined_records\{source="$source"\} $quarantined$/m, "  $source: what is set aside";
    like $metrics, qr/^ekok_age_seconds\{source="$source"\} \d+$/m, '  lag';
    like $metrics, qr/^ekok_breaker_open\{source="$source"\} 0$/m, '  breaker';
    my $rows = $stack->sql("SELECT sum(fetched) FROM etl.run WHERE source = '$source'");
    like $metrics, qr/^ekok_rows_total\{source="$source"\} $rows$/m, '  rows';
}
like $metrics, qr/^ekok_resident_peak_bytes \d{7,8}$/m, '  memory';
is $curl->('health'), "well\n", '  health';
like $curl->('other'), qr{/metrics or /health}, '  and nothing else';
kill 'TERM', $daemon;
is ended($pid), 0, 'SIGTERM ends it';
ok !-e "$dir/metrics.sock", '  its socket is gone';

# The service manager.
my $notify = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "$dir/notify.sock") or die $!;
chmod 0777, "$dir/notify.sock";
$pid = begin('a', 1, undef, "NOTIFY_SOCKET=$dir/notify.sock", 'WATCHDOG_USEC=600000');
my $heard = '';
local $SIG{ALRM} = sub { die "silent: $heard\n" };
my $hear = sub {
    my ($what) = @_;
    alarm 120;
    eval { while ($heard !~ $what) { $notify->recv(my $message, 4096); $heard .= "$message\n"; } };
    alarm 0;
    return $heard =~ $what;
};
ok $hear->(qr/READY=1\nSTATUS=Pulling on schedule/), 'the service manager is told that it is ready';
ok $hear->(qr/WATCHDOG=1\n(.*\n)*WATCHDOG=1/), '  that it lives';
kill 'TERM', $stack->daemon_pid("$dir/a.ini");
ok $hear->(qr/STOPPING=1/), '  and that it stops';
ended($pid);

done_testing;
