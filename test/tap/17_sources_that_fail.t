#!/usr/bin/perl
# Sources that answer what nobody asked for, go round in circles, or lose records. The other nine are not held up, nothing
# that came is lost, and what a source lost is marked only where that is plausible or a human says so.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use IO::Socket::INET;
use JSON::PP;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 6000, '--seed', 19, '--defects', '0.01');
$stack->set_sources('deadlines', page => 5, retries => 1, first_delay => 10, longest_asked => 3);

my ($code, $out) = $stack->etld;
is $code, 0, 'all ten are well' or BAIL_OUT $out;
my $well = $stack->contents;
cmp_ok $stack->sql("SELECT pages FROM etl.run WHERE source = 'dwa'"), '>=', 4, 'pages enough to go round in';

sub state_of { my ($source) = @_; return $stack->sql("SELECT state FROM etl.run WHERE source = '$source' ORDER BY id DESC LIMIT 1"); }

# fault => what the run's problem line says; then the source is well again.
my @fault = (
    ['dss redirect', qr/redirects are not followed/], ['dss gzip', qr/compressed, which was not asked for/],
    ['dss cutoff', qr/cut before/], ['dss busy 1', qr/answered 503/], ['dwa back', qr/goes in a circle/],
    ['hsp repeat', qr/does not move/], ['dwa longer', qr/cannot be decoded and is kept/], ['dss plain', qr{content type text/plain}],
);
for (@fault) {
    my ($fault, $told) = @$_;
    my ($source) = split / /, $fault;
    $stack->reset;
    $stack->fault("$fault\n");
    ($code, $out) = $stack->etld;
    is $code, 3, "$fault: exit code 3, partial";
    is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'finished'"), 9, '  the other nine finished';
    like $stack->sql("SELECT problem FROM etl.run WHERE source = '$source'"), $told, '  this one failed, and its run says why';
    is $stack->sql("SELECT state || ' ' || failures FROM etl.breaker WHERE source = '$source'"), 'closed 1', '  which is counted';
    $stack->fault('');
    ($code, $out) = $stack->etld;
    is $code, 0, '  well again' or diag $out;
    is $stack->contents, $well, '  it catches up: the contents are those of a run without fault';
    is $stack->sql("SELECT failures FROM etl.breaker WHERE source = '$source'"), 0, '  and the count begins anew';
}

# Order within a page means nothing where it is no position.
$stack->reset;
$stack->fault("dwa reverse\nhsp reverse\n");
($code, $out) = $stack->etld;
is $code, 0, 'records of a page in another order' or diag $out;
is $stack->contents, $well, '  make the same contents';
$stack->fault('');

# Pages that overlap, and pages in another order: each record once.
$stack->reset;
$stack->fault("dshe overlap 10\n");
($code, $out) = $stack->etld;
is $code, 0, 'pages that begin with records of the one before' or diag $out;
is $stack->sql("SELECT sign(unchanged) FROM etl.run WHERE source = 'dshe'"), 1, '  some came twice';
is $stack->contents, $well, '  and make the same contents';
$stack->fault('');
my $hsp = $stack->definition('hsp');
$hsp->{paging}{size} = 100;
$stack->reset;
$stack->define(hsp => $hsp);
$stack->etld;
my $in_order = $stack->contents;
$stack->reset;
$stack->fault("hsp swap\n");
($code, $out) = $stack->etld;
is $code, 0, 'pages in another order' or diag $out;
is $stack->contents, $in_order, '  make the same contents';
$stack->fault('');

# Deadlines of their own for what comes before a page: the connection, and the first byte.
my $deaf = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', Proto => 'tcp') or die $!;
my $dss = $stack->definition('dss');
my $right = { %{ $dss->{source} } };
my %hanging = (
    'a source whose connection does not come about' => [sub { $dss->{source}{url} = 'https://localhost:' . $deaf->sockport . '/'; $dss->{deadlines} = { connect => 1, page => 600, retries => 0 } }, qr/within the time allowed/],
    'a source whose answer does not begin' => [sub { $dss->{deadlines} = { first_byte => 1, page => 600, retries => 0 } }, qr/no first byte of an answer within the time allowed \(1 s\)/],
);
for my $what (sort keys %hanging) {
    my ($change, $told) = @{ $hanging{$what} };
    $dss->{source} = { %$right };
    $change->();
    $stack->define(dss => $dss);
    $stack->fault("dss slow 900\n");
    ($code, $out) = $stack->etld('--source', 'dss');
    is $code, 3, "$what: exit code 3";
    like $stack->sql("SELECT problem FROM etl.run WHERE source = 'dss' ORDER BY id DESC LIMIT 1"), $told, '  the run says so, after its own deadline';
}
$stack->fault('');
$dss->{source} = $right;
$dss->{deadlines} = $hsp->{deadlines};
$stack->define(dss => $dss);

# A source that asks to be left alone for long is left alone, also by a new process, until a human asks.
$stack->reset;
$stack->fault("dss busy 1800\n");
$stack->etld;
is $stack->sql("SELECT state || ' ' || (pause_seconds BETWEEN 1500 AND 1800) FROM etl.breaker WHERE source = 'dss'"), 'open true',
    'Retry-After of half an hour, as a date, opens the breaker for that long';
($code, $out) = $stack->ekok('status');
like $out, qr/^9 of 10 sources are well, 1 left alone/, '  ekok status says so at its top' or diag $out;
like $out, qr/^ *dss +left alone .*again in 1[5-7]\d\d s, failed 1 times/m, '  and when it is tried again';
is scalar(grep { length > 80 } split /\n/, $out), 0, '  on 80 columns';
$stack->fault('');
($code, $out) = $stack->etld('--source', 'dss');
is $code, 0, '  a human asks, and it is well';
is $stack->sql("SELECT state FROM etl.breaker WHERE source = 'dss'"), 'closed', '  the breaker closes';

# What vanished at the source.
$stack->reset;
$stack->etld;
my $known = $stack->sql("SELECT count(*) FROM registry.enrolment WHERE source = 'dwa'");
$stack->fault("dwa lose 10\n");
($code, $out) = $stack->etld('--source', 'dwa');
is $code, 0, 'a source that lists one in a hundred less' or diag $out;
my $gone = $stack->sql("SELECT count(*) FROM registry.enrolment WHERE status = 'absent'");
cmp_ok $gone, '>', 0, "  $gone of $known are absent";
is $stack->sql("SELECT vanished FROM etl.run ORDER BY id DESC LIMIT 1"), $gone, '  as the books say';
is $stack->sql("SELECT count(*) FROM registry.enrolment WHERE source <> 'dwa' AND status = 'absent'"), 0, '  none of another source';
is $stack->sql("SELECT count(*) FROM audit.entry WHERE purpose = 'end of a whole listing' AND new ->> 'status' = 'absent'"), $gone,
    '  each in the audit';
$stack->fault('');
($code, $out) = $stack->etld('--source', 'dwa');
is $stack->sql("SELECT state || ' ' || updated || ' ' || vanished FROM etl.run ORDER BY id DESC LIMIT 1"), "finished $gone 0",
    '  listed again, they come back';

$stack->fault("dwa lose 400\n");
($code, $out) = $stack->etld('--source', 'dwa');
is $code, 3, 'a source that lists four in ten less: exit code 3';
is state_of('dwa'), 'held', '  its run is held';
is $stack->sql("SELECT count(*) FROM registry.enrolment WHERE status = 'absent'"), 0, '  and nothing is marked';
my ($run, $lost) = split /\|/, $stack->sql("SELECT id, vanished FROM etl.run ORDER BY id DESC LIMIT 1");
cmp_ok $lost, '>', $known * 0.3, "  $lost of $known would be";
($code, $out) = $stack->ekok('status');
like $out, qr/dwa +held .*run $run would lose $lost/, '  ekok status says so';
like $out, qr/ekok run release $run --reason TEXT/, '  and what to do';
($code, $out) = $stack->ekok('status', '--json');
my ($dwa) = grep { $_->{source} eq 'dwa' } @{ JSON::PP->new->decode($out)->{sources} };
is $dwa->{held_run}, $run, '  in JSON too';
($code, $out) = $stack->ekok('run', 'release', $run);
is $code, 2, 'it is not released without a reason';
($code, $out) = $stack->ekok('run', 'release', $run, '--reason', 'the directorate confirmed it by letter');
is $code, 0, 'an operator releases it' or diag $out;
like $out, qr/^Run $run is released: $lost enrolments are absent\.$/, '  and is told what that did';
is $stack->sql("SELECT count(*) FROM registry.enrolment WHERE status = 'absent'"), $lost, '  they are absent';
is $stack->sql('SELECT released_by || \': \' || reason FROM etl.release'), 'etld: the directorate confirmed it by letter', '  with who and why';
($code, $out) = $stack->ekok('run', 'release', $run, '--reason', 'once more');
isnt $code, 0, 'it is released once';
is $stack->sql('SELECT count(*) FROM etl.generation WHERE known <> listed + vanished'), 0, 'the books of every listing balance';

done_testing;
