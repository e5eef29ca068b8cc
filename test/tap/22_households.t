#!/usr/bin/perl
# Surveyed households as a source, from a CSV extract to a verdict on who draws: books, reasons, replay, nothing in the clear,
# kill -9 at each step, and the same verdicts as the extract itself gives.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my @people = ('--persons', 2000, '--seed', 4, '--defects', 0);
my $stack = Ekok::Stack->new;
$stack->up(@people);
my $dir = $stack->dir;
$stack->call('lists', @people);
my $definition = $stack->definition('nhd');
my $extract = $stack->read_file("$dir/inbox/nhd/extract.csv");

# Rows that cannot be taken, each for a reason of its own.
my ($head, @line) = split /(?<=\r\n)/, $extract;
my @bad = (['700.123', 'bad_score', 9], ['2000.01', 'bad_score', 9], ['-5', 'bad_score', 9], ['', 'missing', 9], ['', 'missing', 10], ['31/02/2025', 'impossible_date', 10],
    ['', 'missing', 0]);
my $n = 0;
for my $bad (@bad) {
    my @cell = $line[ $n * 3 ] =~ /((?:"(?:[^"]|"")*"|[^,\r\n])*)(?:,|\r\n)/g;
    $cell[ $bad->[2] ] = $bad->[0];
    $line[ $n++ * 3 ] = join(',', @cell[0 .. 10]) . "\r\n";
}
my $total = @line;

sub begin {
    $stack->reset;
    $stack->define(nhd => $_[0] // $definition);
    unlink glob "$dir/inbox/nhd/done/*";
    $stack->write_file("$dir/inbox/nhd/extract.csv", join '', $head, @line);
    system 'chown', '-R', 'postgres', "$dir/inbox" if $> == 0;
    return;
}

sub pull { my (@source) = @_; return $stack->etld(ref $source[0] ? shift @source : (), map { ('--source', $_) } @source) }
my $members = q{SELECT count(*) || ' ' || md5(string_agg(concat_ws('|', m.record_id, h.household_key, m.name_bn, m.name_en, m.sex, m.birth_date, m.geo, m.nid_digits,
    encode(m.nid_token, 'hex'), encode(m.brn_token, 'hex'), m.pmt, m.surveyed_on, m.status), ',' ORDER BY m.record_id)) FROM registry.household_member m JOIN registry.household h ON h.id = m.household_id};

begin();
my ($code, $out) = pull('nhd');
is $code, 0, 'the extract is read' or BAIL_OUT $out;
is $stack->sql('SELECT concat_ws(\' \', fetched, inserted, quarantined, refused) FROM etl.run'), join(' ', $total, $total - @bad, scalar @bad, 0), 'all but what is spoilt comes in';
is $stack->sql(q{SELECT string_agg(r ->> 'reason' || ':' || (r ->> 'field'), ' ' ORDER BY (r ->> 'line')::int) FROM etl.quarantine, jsonb_array_elements(reasons) r}),
    'bad_score:pmt bad_score:pmt bad_score:pmt missing:pmt missing:surveyed_on impossible_date:surveyed_on missing:household', 'each for its reason';
my $right = $stack->sql($members);
is $stack->sql('SELECT count(*) FROM registry.enrolment'), 0, 'nobody is enrolled by it';
my $dump = $stack->sql(q{SELECT string_agg(m::text, ' ') FROM registry.household_member m}) . $stack->sql(q{SELECT string_agg(concat(old, new), ' ') FROM audit.entry});
my @nid = map { (split /,/)[-5] } grep { !/"[^"]*,/ } @line;
is scalar(grep { length $_ >= 10 && index($dump, $_) >= 0 } @nid), 0, 'no NID stands in the clear, in the table or in the trace';

# Again: nothing. Killed at each step: the same.
my $versions = $stack->row_versions;
($code) = pull('nhd');
is $stack->row_versions, $versions, 'a second run writes nothing';
for my $point (qw(page_copied page_merged page_committed file_loaded)) {
    begin();
    ($code) = pull({ EKOK_STOP_POINT => "$point:1:kill" }, 'nhd');
    isnt $code, 0, "killed at $point";
    ($code, $out) = pull('nhd');
    is $code, 0, '  the next run ends it' or diag $out;
    is $stack->sql($members), $right, '  with the same members';
}

# A mapping that reads the survey's day wrongly, then mended: what was set aside is loaded.
my $wrong = JSON::PP->new->decode(JSON::PP->new->encode($definition));
$wrong->{format}{surveyed_on} = 'yyyy-mm-dd';
begin($wrong);
($code) = pull('nhd');
is $stack->sql('SELECT count(*) FROM registry.household_member'), 0, 'a wrong form of date sets all aside';
$stack->define(nhd => $definition);
($code, $out) = $stack->ekok('quarantine', 'replay', '--source', 'nhd');
is $code, 3, 'once it is mended a replay loads them, and says that some stay' or diag $out;
is $stack->sql($members), $right, '  as if it had been right from the start';
is $stack->sql('SELECT count(*) FROM etl.quarantine WHERE resolved_run IS NULL'), scalar @bad, '  but for what is spoilt';
is $stack->sql('SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused'), 0, '  the books balance';

# Verdicts on who draws, counted a second time from tokens and scores by hand.
($code, $out) = pull('dss', 'dwa');
is $code, 0, 'two ministries beside it' or diag $out;
is $stack->sql('SELECT count(DISTINCT verdict) FROM report.pmt'), 3, 'verdicts of all three states';
is $stack->sql(q{SELECT count(*) FROM report.pmt v JOIN registry.enrolment e ON e.id = v.enrolment_id
    WHERE v.verdict <> CASE WHEN NOT EXISTS (SELECT FROM registry.household_member m WHERE m.nid_token = e.nid_token OR m.brn_token = e.brn_token) THEN 'unknown'
        WHEN v.pmt < (SELECT c.below FROM registry.pmt_cutoff c JOIN registry.household_member m ON m.nid_token = e.nid_token OR m.brn_token = e.brn_token
                      WHERE c.programme = e.programme AND c.division IN ('', left(m.geo, 2)) ORDER BY c.division DESC LIMIT 1) THEN 'match' ELSE 'mismatch' END}), 0,
    'each as score and cut-off say';

# What a definition may not say.
for my $change ([sub { $_[0]{map}{amount} = 'pmt'; $_[0]{format}{amount} = 'taka' }, qr{/map/amount: does not belong to such records; see source\.records}],
    [sub { delete $_[0]{map}{pmt} }, qr{/map/pmt: is missing}], [sub { delete $_[0]{source}{records} }, qr{/map/programme: is missing}]) {
    my $other = JSON::PP->new->decode(JSON::PP->new->encode($definition));
    $change->[0]->($other);
    $stack->write_file("$dir/other.json", JSON::PP->new->encode($other));
    ($code, $out) = $stack->ekok('source', 'add', "$dir/other.json");
    is $code, 5, 'a definition with a mistake is refused';
    like $out, $change->[1], '  and says which';
}
done_testing;
