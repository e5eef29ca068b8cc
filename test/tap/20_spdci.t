#!/usr/bin/perl
# A registry that speaks SP-DCI: its list is pulled page by page in signed messages; whatever is not the signed answer to the
# very message that was sent loads nothing and is kept; a listing that moved is not taken for whole; no fault loses a record.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my @people = ('--persons', 12000, '--seed', 5);
my $stack = Ekok::Stack->new;
$stack->up(@people);
my $dir = $stack->dir;
$stack->call('lists', @people);
my $sound = $stack->definition('vwb');
$sound->{deadlines} = { retries => 2, first_delay => 10, longest_delay => 20 };

sub pull {
    my (%change) = @_;
    $stack->fault($change{fault} ? "vwb $change{fault}\n" : '');
    my $definition = JSON::PP->new->decode(JSON::PP->new->encode($sound));
    while (my ($place, $value) = each %{ $change{definition} // {} }) {
        my ($section, $key) = split /\//, $place;
        if (defined $value) { $definition->{$section}{$key} = $value } else { delete $definition->{$section}{$key} }
    }
    $stack->define(vwb => $definition);
    my ($code, $out) = $stack->etld('--verbose', '--source', 'vwb');
    return ($code, $stack->sql("SELECT concat_ws(' | ', state, problem) FROM etl.run WHERE source = 'vwb' ORDER BY id DESC LIMIT 1"), $out);
}

sub loaded { return $stack->sql("SELECT count(*) FROM registry.enrolment WHERE source = 'vwb'") }
sub cursor { return $stack->sql("SELECT coalesce(value, '-') FROM etl.cursor WHERE source = 'vwb'") }
my $list = "SELECT md5(string_agg(concat_ws('|', record_id, programme, status, name_en, sex, birth_date, geo, enrolled_on,
    encode(nid_token, 'hex'), encode(brn_token, 'hex'), encode(mobile_token, 'hex')), ',' ORDER BY record_id)) FROM registry.enrolment WHERE source = 'vwb'";

my ($code, $problem, $out) = pull();
is $code, 0, 'the registry is pulled' or BAIL_OUT "$problem\n$out";
my $all = loaded();
cmp_ok $all, '>', 150, "all of it: $all records";
is $stack->sql("SELECT pages = ceil(fetched / 50.0) AND fetched = $all FROM etl.run WHERE source = 'vwb'"), 't',
    'in pages of fifty, none asked for beyond the end';
my $whole = $stack->sql($list);
is $stack->sql("SELECT count(*) FROM registry.enrolment WHERE source = 'vwb' AND (nid_token IS NULL AND brn_token IS NULL OR programme <> 'VWB' OR sex <> 'female' OR geo IS NULL)"),
    0, 'each with her number, programme and place';
my $versions = $stack->row_versions;
($code, $problem) = pull();
is $code, 0, 'again';
is $stack->row_versions, $versions, '  it writes nothing';
is $stack->sql('SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused'), 0, 'the books balance';

# ekok source test speaks the same messages and shows records masked.
($code, $out) = $stack->ekok('source', 'test', 'vwb', '--rows', 2);
is $code, 0, 'a trial reads the first page' or diag $out;
like $out, qr/nid|brn/, '  and shows what it maps';

# What is not the answer: page 2 of each run is wrong. The first page stays, nothing of the wrong one is taken, it is kept.
my %wrong = (
    unsigned => qr/the message has no signature/,
    forged   => qr/the message's signature is missing or not that of source\.signer/,
    stranger => qr/the message's signature is missing or not that of source\.signer/,
    replayed => qr/does not answer what was asked: its transaction_id is another/,
    expired  => qr/its message_ts lies more than five minutes away/,
    cut      => qr/the message has no signature/,
    pending  => qr/the registry has not answered the search yet/,
    reject   => qr/the registry rejects the search: rjct\.search\.too_many_records_found/,
);
for my $fault (sort keys %wrong) {
    $stack->reset;
    $stack->call('define');
    ($code, $problem) = pull(fault => "$fault 2");
    is $code, 3, "$fault: the run says that a page is not taken";
    like $stack->sql("SELECT problem FROM etl.page WHERE state = 'broken'"), $wrong{$fault}, '  and why';
    is loaded(), $all - 50, '  all but the fifty of that page are loaded';
    is $stack->sql("SELECT count(kept) FROM etl.page WHERE state = 'broken'"), 1, '  what came instead is kept, sealed';
    ($code, $problem) = pull();
    is $code, 0, '  the next run, when the registry answers soundly, reads all' or diag $problem;
    is $stack->sql($list), $whole, '  with what an undisturbed run has';
}

# Every page wrong: no endless asking.
for my $fault (qw(forged reject)) {
    $stack->reset;
    $stack->call('define');
    ($code, $problem) = pull(fault => $fault);
    is $code, 3, "$fault on all pages: the run ends";
    is $stack->sql('SELECT count(*) FROM etl.page'), 3, '  after three of them';
    is loaded(), 0, '  with nothing';
}

# The listing moves while it is read.
$stack->reset;
$stack->call('define');
($code, $problem) = pull(fault => 'shrink 2');
is $code, 3, 'a total that falls between pages';
like $problem, qr/^failed \| the registry's total fell while it was listed, so a record may be missed; the next run begins at the start/, '  is no finished run';
is cursor(), '-', '  and no position to go on from';
($code, $problem) = pull();
is $code, 0, '  the next run reads all' or diag $problem;
is $stack->sql($list), $whole, '  and has all';
$stack->reset;
$stack->call('define');
($code, $problem) = pull(fault => 'grow 2');
is $code, 0, 'a total that grows: new ones come last, so all are read' or diag $problem;
is $stack->sql($list), $whole, '  and are there';

# A position behind the end: the registry says that there is no such page.
$stack->reset;
$stack->call('define');
($code, $problem) = pull(fault => 'forged 2');
$stack->sql("UPDATE etl.cursor SET value = 'search=99&total=5000' WHERE source = 'vwb'");
($code, $problem) = pull();
is $code, 3, 'a page beyond the end';
like $problem, qr/^failed \| the listing ended after 4900 of 5000 records.*The next run begins at the start/, '  is said, and the next run begins anew';
is $stack->sql("SELECT count(*) FROM registry.enrolment WHERE source = 'vwb' AND status = 'absent'"), 0, '  nobody is marked absent for it';
($code, $problem) = pull();
is $stack->sql($list), $whole, '  which has all' or diag $problem;

# What the registry refuses of us.
my %refused = (
    'another key than the one it knows' => [{ 'search/secret' => 'wrong-key' }, qr/answered 401: it refuses our signature; see search\.secret/],
    'no signature at all' => [{ 'search/secret' => undef, 'search/key_id' => undef }, qr/answered 401/],
    'another sender'      => [{ 'search/sender' => 'somebody.example' }, qr/answered 400/],
    'a filter that it does not know' => [{ 'search/value' => 'OAA' }, qr/rjct\.filter\.invalid/],
    'an order that it does not know' => [{ 'search/sort'  => 'shoe_size' }, qr/rjct\.sort\.invalid/],
    'pages larger than it gives'     => [{ 'paging/size'  => 500 }, qr/rjct\.pagination\.invalid/],
);
$stack->secret('wrong-key' => scalar qx(openssl genpkey -algorithm ed25519));
for my $what (sort keys %refused) {
    $stack->reset;
    $stack->call('define');
    ($code, $problem) = pull(definition => $refused{$what}[0]);
    is $code, 3, "$what is refused";
    like $problem . $stack->sql('SELECT min(problem) FROM etl.page'), $refused{$what}[1], '  and the run says so';
    is loaded(), 0, '  nothing is loaded';
}

# kill -9 at every step of a run, and whatever was left undone is done by the next.
for my $point (qw(page_fetched page_copied page_merged page_committed run_closing)) {
    $stack->reset;
    $stack->call('define');
    $stack->fault('');
    ($code) = $stack->etld({ EKOK_STOP_POINT => "$point:" . ($point eq 'run_closing' ? 1 : 2) . ':kill' }, '--source', 'vwb');
    isnt $code, 0, "killed at $point";
    ($code, $problem) = pull();
    is $code, 0, '  the next run ends it' or diag $problem;
    is $stack->sql($list), $whole, '  with what an undisturbed run has';
}
done_testing;
