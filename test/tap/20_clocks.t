#!/usr/bin/perl
# Clocks that are apart: ours ahead of a source's or behind, by minutes, hours and years; one that is set while a run is under
# way; a source that dates a change earlier than what it has shown already. Tokens, signatures, messages, certificates and positions
# in time are judged as they should be, and what fails by a clock says so. libfaketime moves the daemon's clock alone; that which only
# goes forward is left as it is. No clock of this machine is touched, and the simulated systems have the true time.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my ($library) = glob '/usr/lib/*/faketime/libfaketimeMT.so.1';
BAIL_OUT('libfaketime is not installed: tools/setup.sh check') if !$library;
my @people = ('--persons', 3000, '--seed', 11);
my $stack = Ekok::Stack->new;
my $dir = $stack->dir;
$stack->call('server-start', 'autovacuum=off');
# Certificates of two days ago, so that a clock that is behind does not fail by them.
mkdir "$dir/certs";
system('env', "LD_PRELOAD=$library", 'FAKETIME=-2d', "$FindBin::Bin/../sim/make_certs.sh", "$dir/certs") == 0 or BAIL_OUT 'no certificates';
$stack->call('migrate');
$stack->sql('ALTER DATABASE registry RENAME TO clean', 'postgres');
$stack->reset;
$stack->{sim} = [@people];
$stack->call('sim-start', @people);
$stack->call('lists', @people);

# One round over a source with the daemon's clock so far from the true one: its exit code, and the run's problem.
sub at { my ($far) = @_; return { LD_PRELOAD => $library, FAKETIME => $far, FAKETIME_DONT_FAKE_MONOTONIC => 1, FAKETIME_NO_CACHE => 1 }; }
sub pull {
    my ($far, $source) = @_;
    my ($code, $out) = $stack->etld(at($far), '--source', $source);
    return ($code, $stack->sql("SELECT coalesce(problem, '') FROM etl.run WHERE source = '$source' ORDER BY id DESC LIMIT 1"), $out);
}
sub loaded { my ($source) = @_; return $stack->sql("SELECT count(*) FROM registry.enrolment WHERE source = '$source'") }
sub grants { return scalar grep { /^gate source=hsp/ } split /\n/, $stack->read_file("$dir/sim.log") }

# A certificate that is not yet valid by our clock, and one that has expired by it.
my ($code, $problem, $out) = pull('-3d', 'hsp');
is $code, 3, 'our clock is three days behind: certificates of two days ago are of tomorrow';
like $problem, qr/the server's certificate is not yet valid by this machine's clock, which shows \d{4}-\d\d-\d\d \d\d:\d\d UTC; set the clock if it is wrong/,
    '  the run names the clock, and what it shows';
($code, $problem) = pull('+4000d', 'hsp');
like $problem, qr/the server's certificate has expired by this machine's clock, which shows 20[3-9]\d-/, 'eleven years ahead, they have expired by it' or diag $problem;
is loaded('hsp'), 0, '  nothing was loaded';

# Signatures with a date, which the source takes within five minutes.
my ($url) = $stack->definition('hsp')->{source}{url} =~ m{^(https://[^/]+)};
$stack->secret(client => 'sim-client', secret => 'sim-secret', jws => $stack->read_file("$dir/certs/jws.key"));
sub prove_by {
    my ($kind, %how) = @_;
    my $definition = $stack->definition('hsp');
    $definition->{auth} = { kind => $kind, id => 'client', %how };
    $definition->{paging}{size} = 20;
    $definition->{deadlines} = { retries => 3, first_delay => 10, longest_delay => 20 };
    $stack->reset;
    $stack->auth("hsp $kind\n");
    $stack->define(hsp => $definition);
    return;
}
for my $kind (['hmac', secret => 'secret'], ['jws', secret => 'jws']) {
    for my $far (['+3m', undef], ['-3m', undef], ['+20m', 'behind'], ['-20m', 'ahead of']) {
        prove_by(@$kind);
        ($code, $problem) = pull($far->[0], 'hsp');
        is $code, $far->[1] ? 3 : 0, "$kind->[0]: our clock is off by $far->[0]" or diag $problem;
        like $problem, qr/its clock is 1[12]\d\d s $far->[1] this machine's/, '  the run says by how much the other one is' if $far->[1];
    }
}

# A token of an hour. Its end is reckoned by the clock by which it was given, so an offset that stays changes nothing.
for my $far ('+5h', '-5h') {
    prove_by('oauth2', token_url => "$url/token", secret => 'secret');
    my $before = grants();
    ($code, $problem) = pull($far, 'hsp');
    is $code, 0, "oauth2: our clock is off by $far: the source is pulled" or diag $problem;
    is grants() - $before, 1, '  with one token';
}
my $all = loaded('hsp');

# The clock is set while a run holds a token: ahead, the token is over by it and another is asked for; back, a token that the source
# ends after two pages is found out by its refusal.
sub set_clock { my ($far) = @_; return $stack->write_file("$dir/clock", "$far\n"); }
for my $set (['+2h', ''], ['-2h', ' 2']) {
    prove_by('oauth2', token_url => "$url/token", secret => 'secret', grants_per_hour => 60);
    $stack->auth("hsp oauth2$set->[1]\n");
    my $before = grants();
    my $held = "$dir/held";
    unlink $held;
    set_clock('+0');
    my $pid = $stack->start("$dir/held.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', "LD_PRELOAD=$library", "FAKETIME_TIMESTAMP_FILE=$dir/clock",
        'FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_NO_CACHE=1', 'EKOK_STOP_POINT=page_committed:1:hold', "EKOK_STOP_FILE=$held",
        $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once', '--source', 'hsp');
    ok $stack->wait_for(sub { -e $held }, 120), 'a run has its token and its first page';
    is grants() - $before, 1, '  one token';
    set_clock($set->[0]);
    unlink $held;
    waitpid $pid, 0;
    is $? >> 8, 0, "  then the clock is set by $set->[0]: it ends well" or diag $stack->read_file("$dir/held.log");
    is loaded('hsp'), $all, '  with all records';
    cmp_ok grants() - $before, '>', 1, '  and another token';
}
$stack->auth('');

# SP-DCI messages, whose time the registry and we judge within five minutes.
$stack->reset;
for my $far ('+4m', '-4m') {
    ($code, $problem) = pull($far, 'vwb');
    is $code, 0, "SP-DCI: our clock is off by $far: the registry is pulled" or diag $problem;
}
my $women = loaded('vwb');
cmp_ok $women, '>', 0, '  all of it';
for my $far ('+6m', '-6m') {
    $stack->reset;
    ($code, $problem) = pull($far, 'vwb');
    is $code, 3, "SP-DCI: by $far: it is not";
    like $problem, qr/rjct\.message_ts\.invalid; is this machine's clock right\?/, '  the run asks for the clock';
    is loaded('vwb'), 0, '  nothing is loaded';
}

# A system that is asked for changes since a time: some of its records come to light later, dated earlier than others that were
# seen. Without an overlap they are lost, with one that reaches back so far none is, and what is read again is not written.
sub since {
    my ($overlap) = @_;
    $stack->reset;
    my $definition = $stack->definition('pesp');
    $definition->{paging}{overlap} = $overlap if $overlap;
    $stack->define(pesp => $definition);
    $stack->fault("pesp lose 100\n");
    my ($first) = pull('+0', 'pesp');
    my $seen = $stack->sql("SELECT fetched FROM etl.run WHERE source = 'pesp'");
    $stack->fault('');
    my ($second) = pull('+0', 'pesp');
    my ($read, $new, $written) = split /\|/, $stack->sql("SELECT fetched, inserted, updated FROM etl.run WHERE source = 'pesp' ORDER BY id DESC LIMIT 1");
    is "$first $second", '0 0', 'changes since a time: two rounds' . ($overlap ? " with an overlap of $overlap s" : '');
    return ($seen, $read, $new, $written);
}
my ($seen, $read, $new) = since(0);
cmp_ok $new, '<', $seen / 50, "  what was dated back is lost: $new of about @{[int $seen / 9]} records came";
($seen, $read, $new, my $written) = since(7200);
cmp_ok $new, '>', $seen / 20, "  what was dated back is there: $new records";
is $written, 0, '  nothing else was written';
$stack->reset;
($code) = pull('+0', 'pesp');
is $code, 0, 'a reading of all';
is loaded('pesp'), $stack->sql("SELECT fetched FROM etl.run WHERE source = 'pesp'"), '  for comparison';
is $seen + $new, loaded('pesp'), '  none is lost';

done_testing;
