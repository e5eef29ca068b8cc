#!/usr/bin/perl
# Cron, hours, quota, freshness and tokens, by the registry's clock, which this test sets: a missed time is made up for once,
# nothing is pulled outside its hours, a used-up quota stops a run that goes on the next day, and all of it holds over
# processes. What was read in pieces is what an undisturbed run reads.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 3000, '--seed', 31, '--defects', '0.01');
$stack->set_sources('deadlines', page => 20, retries => 1, first_delay => 10);
$stack->change_definitions(sub { $_[0]{paging}{size} = 20 if $_[0]{source}{name} eq 'dwa' });
my $dir = $stack->dir;
my $text = $stack->read_file("$dir/ekok.ini") =~ s/^interval = .*/interval = 600\nmetrics = metrics.sock/mr;
$stack->write_file("$dir/a.ini", $text);

my ($code, $out) = $stack->etld;
is $code, 0, 'an undisturbed run' or BAIL_OUT $out;
my $undisturbed = $stack->contents('books');
my $pages = $stack->sql("SELECT pages FROM etl.run WHERE source = 'dwa'");
cmp_ok $pages, '>=', 4, 'dwa has pages enough to stop between';

sub runs { my ($source) = @_; return $stack->sql("SELECT count(*) FROM etl.run WHERE source = '$source' AND state <> 'running'"); }
sub reaches { my ($source, $least) = @_; return $stack->wait_for(sub { runs($source) >= $least }, 120); }
sub schedule { my (%of) = @_; return $stack->change_definitions(sub { $_[0]{schedule} = $of{ $_[0]{source}{name} } // $of{other} }); }

# The marker is due every minute: once it was pulled after the clock was moved, the daemon has seen the new time.
my $seen = 0;
sub clock {
    my ($time) = @_;
    $stack->clock($time);
    $seen = runs('dss');
    ok reaches('dss', $seen + 1), "the clock shows $time";
    return;
}

my %at = (other => { cron => '0 4 1 1 *' }, dss => { cron => '* * * * *' }, hsp => { cron => '30 2 * * *' },
    dwa => { cron => '0 * * * *', hours => 'office', freshness => 7200 });
$stack->reset;
schedule(%at);
$stack->clock('2027-03-01 02:00:30+06');    # a Monday, some months after the definitions came into force
my $pid = $stack->serve('a');
ok reaches('dss', 1), 'the daemon pulls what is due every minute';
ok reaches('hsp', 1), 'a source that missed many of its times is pulled at once';
clock('2027-03-01 02:05:01+06');
is runs('hsp'), 1, '  and once';
is runs('dwa'), 0, 'a source of office hours is not pulled at night, though it missed times';
clock('2027-03-01 02:30:01+06');
ok reaches('hsp', 2), 'at its time it is pulled again';
clock('2027-03-05 13:00:01+06');
is runs('dwa'), 0, 'nor on a Friday';
ok reaches('hsp', 3), 'four days later the other is pulled';
($code, $out) = $stack->ekok('status');
like $out, qr/^ *dwa +late +never .*late by \d+ days/m, 'ekok status tells of the broken promise' or diag $out;
like $out, qr/^ALARM dwa: late by \d+ days; it was never pulled to its end, promised is 2\s+h/m, '  as an alarm';
is scalar(grep { length > 80 } split /\n/, $out), 0, '  on 80 columns' or diag $out;
my ($status, $metrics) = $stack->capture('curl', '-sS', '--max-time', 10, '--unix-socket', "$dir/metrics.sock", 'http://localhost/metrics');
like $metrics, qr/^ekok_promised_seconds\{source="dwa"\} 7200$/m, '  metrics tell the promise';
like $metrics, qr/^ekok_late_seconds\{source="dwa"\} [1-9]\d{5,}$/m, '  and the lag';
clock('2027-03-07 09:00:01+06');
ok reaches('dwa', 1), 'on Sunday at nine it is pulled';
is runs('hsp'), 4, '  the daily one has caught up, four times in all';
($code, $out) = $stack->ekok('status');
unlike $out, qr/ALARM/, '  the promise is kept again' or diag $out;

# The hours end while it is pulled: the run stops after the page in hand, and goes on when they come again.
is $stack->sql("SELECT state FROM etl.run WHERE source = 'dwa' ORDER BY id DESC LIMIT 1"), 'finished', 'its run has finished';
$stack->fault("dwa slow 4\n");
clock('2027-03-07 16:00:01+06');
ok $stack->wait_for(sub { $stack->sql("SELECT coalesce(max(pages), 0) FROM etl.run WHERE source = 'dwa' AND state = 'running'") > 0 }, 120),
    'it is pulled again, slowly';
clock('2027-03-07 17:00:01+06');
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM etl.run WHERE waits_for = 'hours'") }, 120), 'the office closes: the run stops';
my ($stopped, $loaded) = split /\|/, $stack->sql("SELECT id, pages FROM etl.run WHERE waits_for = 'hours'");
cmp_ok $loaded, '<', $pages, "  after $loaded of $pages pages";
is $stack->sql("SELECT run_id || ' ' || (value IS NOT NULL) FROM etl.cursor WHERE source = 'dwa'"), "$stopped true", '  its cursor stands';
like +($stack->ekok('status'))[1], qr/^ *dwa +waits for hours/m, '  ekok status says why';
$stack->fault('');
my $before = runs('dwa');
clock('2027-03-08 03:00:01+06');
is runs('dwa'), $before, '  nothing is pulled at night';
clock('2027-03-08 09:00:01+06');
ok reaches('dwa', $before + 1), '  in the morning it goes on';
is $stack->sql("SELECT resumed_from IS NOT NULL AND pages = $pages - $loaded FROM etl.run WHERE source = 'dwa' AND id > $stopped ORDER BY id LIMIT 1"),
    't', '  behind the last page';
is $stack->end_service($pid, 'a'), 0, 'SIGTERM ends the daemon';

# A quota of two requests a day, over processes that end after each.
$stack->reset;
schedule(other => {});
$stack->change_definitions(sub { $_[0]{limits}{daily_quota} = 2 if $_[0]{source}{name} eq 'dwa' });
my $day = 10;
my @loaded;
do {
    $stack->clock("2027-03-$day 10:00:00+06");
    ($code, $out) = $stack->etld('--source', 'dwa');
    my $today = $stack->sql("SELECT requests FROM etl.allowance WHERE source = 'dwa'");
    push @loaded, $stack->sql("SELECT pages || ' ' || state FROM etl.run ORDER BY id DESC LIMIT 1");
    is $today, 2, "day $day: two requests" if $code == 3;
    if ($day == 10) {
        is $code, 3, '  then the run stops: partial';
        like $stack->sql('SELECT problem FROM etl.run ORDER BY id DESC LIMIT 1'), qr/^the quota of 2 requests a day is used up; it goes on tomorrow$/,
            '  its problem says why';
        like +($stack->ekok('status'))[1], qr/^ *dwa +waits for quota .*2 of 2 requests/m, '  ekok status too';
        ($code, $out) = $stack->etld('--source', 'dwa');
        is $stack->sql('SELECT pages FROM etl.run ORDER BY id DESC LIMIT 1'), 0, '  another process asks nothing more that day';
        is $stack->sql('SELECT count(*) FROM etl.breaker WHERE failures > 0'), 0, '  and it is no failure of the source';
    }
    $day++;
} while ($code == 3 && $day < 40);
is $code, 0, "after @{[scalar @loaded]} days all is read";
is $stack->sql("SELECT sum(pages) FROM etl.run WHERE source = 'dwa'"), $pages, '  each page once';
is $stack->sql("SELECT count(*) FROM etl.generation WHERE state = 'whole' AND vanished = 0"), 1, '  as one whole listing';

# The daemon itself: on the same day it does not ask again, on the next one it does; then the others bring the rest.
$stack->reset;
schedule(other => {}, dss => { cron => '* * * * *' });
$stack->change_definitions(sub { $_[0]{limits}{daily_quota} = $pages - 1 if $_[0]{source}{name} eq 'dwa' });
$stack->clock('2027-04-05 11:00:00+06');
$stack->etld('--source', 'dss');
$pid = $stack->serve('a');
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM etl.run WHERE waits_for = 'quota'") }, 120), 'a daemon whose source meets its quota';
clock('2027-04-05 23:20:01+06'); # with time to look before midnight
is runs('dwa'), 1, '  asks nothing more on that day';
($status, $metrics) = $stack->capture('curl', '-sS', '--max-time', 10, '--unix-socket', "$dir/metrics.sock", 'http://localhost/metrics');
like $metrics, qr/^ekok_quota_used_requests\{source="dwa"\} @{[$pages - 1]}$/m, '  metrics tell what is used';
like $metrics, qr/^ekok_waiting\{source="dwa"\} 1$/m, '  and that it waits';
clock('2027-04-06 00:00:01+06');
ok reaches('dwa', 2), '  and goes on after midnight in Dhaka';
is $stack->sql("SELECT state || ' ' || pages FROM etl.run WHERE source = 'dwa' ORDER BY id DESC LIMIT 1"), 'finished 1', '  to the end';
ok $stack->wait_for(sub { $stack->sql("SELECT count(DISTINCT source) FROM etl.run WHERE state = 'finished'") == 10 }, 120), 'all ten have finished';
is $stack->contents('books', 'cursor'), $undisturbed =~ s/^cursor .*\n//mr, 'the contents are those of an undisturbed run';

# Drift that is held is not asked again until it is released, and a daemon that runs notices the release.
$stack->change_definitions(sub { $_[0]{contract}{fields}{shoeSize} = 'number', delete $_[0]{limits}{daily_quota} if $_[0]{source}{name} eq 'dwa' });
kill 'HUP', $stack->daemon_pid("$dir/a.ini");
clock('2027-04-06 12:00:00+06');
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'held' AND held_for = 'drift'") }, 120), 'a run of a source that drifted is held';
$before = runs('dwa');
clock('2027-04-07 12:00:00+06');
is runs('dwa'), $before, '  it is not pulled again, a day later';
my $held = $stack->sql("SELECT id FROM etl.run WHERE state = 'held'");
$stack->ekok('run', 'release', $held, '--reason', 'no shoes any more');
ok reaches('dwa', $before + 1), '  released, it is';
is $stack->sql("SELECT state FROM etl.run WHERE source = 'dwa' ORDER BY id DESC LIMIT 1"), 'finished', '  to its end';
is $stack->end_service($pid, 'a'), 0, 'SIGTERM ends the daemon';

done_testing;
