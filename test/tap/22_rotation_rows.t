#!/usr/bin/perl
# Rotation of the key of content MACs, by which unchanged records are known, while ministries are pulled: nothing unchanged is ever
# taken for changed, what was set aside can still be opened and replayed, whatever is killed, and without the key before.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
my @people = ('--persons', 300, '--seed', 29, '--defects', '0.03');
$stack->up(@people);
my $dir = $stack->dir;
$stack->call('lists', @people);
unlink "$dir/sources/vwb.json", "$dir/sources/ffp.json";
my $right = $stack->definition('hsp');
my $wrong = $stack->definition('hsp');
delete $wrong->{values}{status}{ACTIVE};
$stack->define(hsp => $wrong);
$stack->reset;
my $extract = $stack->read_file("$dir/inbox/nhd/extract.csv");

sub rotate { my (%set) = @_; return $stack->ekok(\%set, 'keys', 'rotate', 'row'); }
sub start_rotation { my (@with) = @_; return $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, @with[0 .. $#with], $stack->bin('ekok'), 'keys', 'rotate', 'row'); }
sub states { return $stack->sql(q{SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM keyring.key WHERE purpose = 'row' AND state <> 'destroyed'}); }
sub receipt { return $stack->sql("SELECT receipt ->> '$_[0]' FROM keyring.rotation ORDER BY id DESC LIMIT 1"); }

# Everything but MACs and seals: who, with what, as of when, and what is set aside.
sub rest {
    return $stack->sql(q{SELECT count(*) || ' ' || md5(string_agg(x, E'\n' ORDER BY x COLLATE "C")) FROM (
        SELECT (to_jsonb(e) - 'row_mac')::text AS x FROM registry.enrolment e UNION ALL SELECT (to_jsonb(m) - 'row_mac')::text FROM registry.household_member m
        UNION ALL SELECT (to_jsonb(q) - ARRAY['row_mac', 'sealed'])::text FROM etl.quarantine q
        UNION ALL SELECT table_name || op || row_id FROM audit.entry WHERE op <> 'REKEY' AND table_name LIKE 'registry.%') t});
}
sub macs { return $stack->sql(q{SELECT md5(string_agg(row_mac::text, '' ORDER BY id)) FROM (SELECT id::text, row_mac FROM registry.enrolment UNION ALL SELECT id::text, row_mac FROM registry.household_member
    UNION ALL SELECT id::text, row_mac FROM etl.quarantine) t}); }

# Every record of a source, or of all, is sent and read again, whatever is remembered of its page.
sub pull_again {
    my (@arguments) = @_;
    $stack->sql('DELETE FROM etl.cursor; DELETE FROM etl.page_content');
    return $stack->etld(@arguments);
}
sub is_unchanged {
    my ($rest, $what, @source) = @_;
    my ($code, $out) = pull_again(map { ('--source', $_) } @source);
    is $code, 0, "$what @{[@source ? @source : 'everything']} is pulled again" or diag $out;
    unlike $out, qr/(?:inserted|updated)=[1-9]/, '  no record is new or changed';
    return is rest(), $rest, '  and nothing is written but MACs';
}

my ($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
($code, $out) = $stack->ekok('keys', 'upgrade');
is $code, 0, 'the keys are wrapped' or diag $out;
my $aside = $stack->sql('SELECT count(*) FROM etl.quarantine');
cmp_ok $aside, '>', 20, "$aside records are set aside";
my $all = $stack->sql('SELECT (SELECT count(*) FROM registry.enrolment) + (SELECT count(*) FROM registry.household_member)') + $aside;
my $shown = $stack->sql(q{SELECT min(id) FROM etl.quarantine WHERE source = 'hsp'});
($code) = $stack->ekok('quarantine', 'show', $shown);
is $code, 0, 'one of them is looked at';
my $named = $stack->sql("SELECT encode(row_mac, 'hex') FROM etl.quarantine WHERE id = $shown");
my $rest = rest();
is_unchanged($rest, 'before any rotation');

# Whatever is killed wherever, a pull between finds nothing changed, and the next rotation goes on to the same end.
my ($version, $macs) = (1, macs());
for my $point (qw(keys_added keys_activated keys_sealed keys_written keys_committed keys_proved)) {
    ($code) = rotate(EKOK_STOP_POINT => "$point:1:kill");
    is $code, 137, "rotation killed at $point";
    is_unchanged($rest, '  then', 'dss');
    ($code, $out) = rotate();
    is $code, 0, '  the next one ends it' or diag $out;
    $version++;
    is states(), ($version - 1) . " retired, $version active", '  one new version, the one before retired';
    is receipt('checked'), $all, '  every MAC was made anew of what stands';
    isnt macs(), $macs, '  and is another';
    $macs = macs();
    is $stack->sql('SELECT count(*) FROM etl.page_content'), 0, '  what pages came to is forgotten';
    ($code, $out) = $stack->ekok('keys', 'destroy', 'row', $version - 1);
    is $code, 0, '  the one before is destroyed' or diag $out;
    is_unchanged($rest, '  without it', 'dss');
    is macs(), $macs, '  nor they';
}
is $stack->sql('SELECT count(*) FROM audit.unaccounted()'), 0, 'every row is accounted for in the trace';
is $stack->sql(q{SELECT count(*) FROM audit.readings(ARRAY[(SELECT encode(row_mac, 'hex') FROM etl.quarantine WHERE id = }
    . "$shown)], NULL, NULL, NULL) WHERE cell_row = '$named'"), 1, 'what was looked at is found, under the MAC by which the agent knew it then';
$stack->etld;
($code, $out) = $stack->etld;
cmp_ok $stack->sql('SELECT count(*) FROM etl.page WHERE known AND run_id > (SELECT max(id) - 12 FROM etl.run)'), '>', 0, 'pages are remembered again' or diag $out;

# A page that was staged before a rotation began, and is merged when it has ended and its key is gone.
$stack->sql('DELETE FROM etl.cursor; DELETE FROM etl.page_content');
my $pulling = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_copied:1:hold', "EKOK_STOP_FILE=$dir/staged",
    $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once', '--source', 'molwa');
ok $stack->wait_for(sub { -e "$dir/staged" }, 120), 'a page is held as it is staged';
($code, $out) = rotate();
is $code, 0, '  a rotation passes it by' or diag $out;
$version++;
unlink "$dir/staged";
waitpid $pulling, 0;
is $? >> 8, 0, '  the page goes on';
like $stack->read_file("$dir/etld.log"), qr/event=page_again/, '  is made again';
unlike $stack->read_file("$dir/etld.log"), qr/(?:inserted|updated)=[1-9]/, '  and nothing of it is new or changed';
is rest(), $rest, '  nor written';
is_unchanged($rest, 'after it', 'molwa');

# Held in the middle: unchanged stays unchanged by either version, a change is one once, and a host without the new key changes nothing.
unlink "$dir/held";
my $behind = $stack->read_file("$dir/etld.keys");
my $rotating = start_rotation('env', 'EKOK_STOP_POINT=keys_committed:1:hold', "EKOK_STOP_FILE=$dir/held");
ok $stack->wait_for(sub { -e "$dir/held" }, 120), 'a rotation is held after its first part';
$stack->write_file("$dir/behind.keys", $behind);
(my $config = $stack->read_file("$dir/ekok.ini")) =~ s/etld\.keys/behind.keys/;
$stack->write_file("$dir/behind.ini", $config);
chmod 0600, "$dir/behind.keys";
system 'chown', 'postgres', "$dir/behind.keys" if $> == 0;
$stack->sql('DELETE FROM etl.cursor; DELETE FROM etl.page_content');
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config', "$dir/behind.ini", '--once', '--source', 'molwa');
isnt $code, 0, '  a host with the key file of before loads nothing';
like $out, qr/content MACs are made by version $version of their key/, '  and says why' or diag $out;
is rest(), $rest, '  nothing is written';
is_unchanged($rest, '  with the new file', 'dss');
$stack->epoch(3);
($code, $out) = pull_again();
is $code, 0, '  changes come in' or diag $out;
like $out, qr/updated=[1-9]/, '  and are taken for changes';
$rest = rest();
is_unchanged($rest, '  a second time they are none:', 'dss');
(my $again = $extract) =~ s/,(\d{3})\.(\d\d)(?=,)/',' . ($1 + 1) . ".$2"/e;
$stack->write_file("$dir/inbox/nhd/again.csv", $again);
system 'chown', '-R', 'postgres', "$dir/inbox" if $> == 0;
($code, $out) = $stack->etld('--source', 'nhd');
is $code, 0, '  the survey is read again with one other score' or diag $out;
is $stack->sql(q{SELECT concat_ws(' ', sum(inserted), sum(updated), sum(unchanged) > 0) FROM etl.run WHERE source = 'nhd' AND id > (SELECT max(id) - 1 FROM etl.run)}), '0 1 t',
    '  and one member is changed';
unlink "$dir/held";
waitpid $rotating, 0;
is $? >> 8, 0, '  the rotation ends' or diag $stack->read_file("$dir/rotate.log");
$version++;
is states(), ($version - 2) . ' retired, ' . ($version - 1) . " retired, $version active", '  on the new version';
($code) = $stack->ekok('keys', 'destroy', 'row', $_) for $version - 2, $version - 1;
is_unchanged(rest(), 'without the versions before:');

# Pulls all the time beside one that takes its time.
$rest = rest();
$rotating = $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'rotate', 'row', '--most', 200);
my ($failed, $changed, $pulls) = ('', 0, 0);
do {
    my ($pulled, $said) = pull_again('--source', 'dss');
    $failed .= $said if $pulled != 0;
    $changed++ if $said =~ /(?:inserted|updated)=[1-9]/;
    $pulls++;
} while (waitpid($rotating, 1) == 0);
is $? >> 8, 0, "a rotation with $pulls pulls beside it ends" or diag $stack->read_file("$dir/rotate.log");
is $failed, '', '  no pull failed';
is $changed, 0, '  and none found anything changed';
is rest(), $rest, '  nor wrote anything but MACs';
$version++;

# A row that is not what its MAC was made of turns by the pull of what was sent; until then the rotation stays open.
my $altered = $stack->sql(q{SELECT id FROM registry.enrolment WHERE source = 'molwa' AND status <> 'absent' ORDER BY id LIMIT 1});
$stack->sql("UPDATE registry.enrolment SET father_name = 'Altered by hand' WHERE id = '$altered'");
($code, $out) = rotate();
is $code, 3, 'a row that was altered by hand does not turn from what stands' or diag $out;
like $out, qr/1 rows are not what their content MACs were made of.*\(row $altered\)/s, '  it is named';
is $stack->sql(q{SELECT state FROM keyring.rotation ORDER BY id DESC LIMIT 1}), 'running', '  and the rotation stays open';
is $stack->sql('SELECT string_agg(row_id::text, $$ $$) FROM keyring.unmade_mac'), $altered, '  what is left can be counted';
is_unchanged(rest(), '  then', 'molwa');
($code, $out) = rotate();
is $code, 0, '  the pull has turned it: the next one ends' or diag $out;
$version++;
is $stack->sql("SELECT father_name FROM registry.enrolment WHERE id = '$altered'"), 'Altered by hand', '  and has left it as it was altered';
is $stack->sql('SELECT count(*) FROM keyring.unmade_mac'), 0, '  nothing is left';
is_unchanged(rest(), 'at the end', 'molwa');

# Rows whose source never sends them again are counted, and given up by two operators; if one does come again it counts as changed.
$stack->operators('first', 'second');
sub settle { my ($login, @word) = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'settle', @word,
    '--database', "host=" . $stack->socket . " port=5432 dbname=registry user=$login"); }
$stack->sql("UPDATE registry.enrolment SET father_name = 'Altered again' WHERE id = '$altered'");
my $lost = $stack->sql(q{UPDATE registry.household_member SET name_en = 'Altered' WHERE id = (SELECT min(id::text)::uuid FROM registry.household_member WHERE status = 'listed') RETURNING id});
($code, $out) = settle('first', '--reason', 'the list was closed');
like "$code $out", qr/^4 .*kept open/s, 'before a rotation there is nothing to give up';
($code, $out) = rotate();
is $code, 3, 'rows that were altered by hand keep a rotation open' or diag $out;
like $out =~ s/\s+/ /gr, qr/2 rows are not what .*never come again: ekok keys settle/, '  and it says what else can be done';
my $shown_left = JSON::PP->new->decode(($stack->ekok('keys', 'status', '--json'))[1])->{left};
is_deeply [map { "$_->{table} $_->{source} $_->{rows}" } @$shown_left], ['registry.enrolment molwa 1', 'registry.household_member nhd 1'], '  the status counts them by source';
like((($stack->ekok('keys', 'status'))[1]), qr/^keeps open +table .*registry\.enrolment +molwa +1 /ms, '  for people too');
($code, $out) = settle('first', '--reason', 'the lists were closed');
like "$code $out", qr/^0 Proposal 1 waits for another operator/, '  one operator proposes to give them up';
($code, $out) = settle('first', 'approve', 1);
like "$code $out", qr/^4 .*nobody approves their own/s, '  who does not approve it';
($code) = rotate();
is $code, 3, '  nothing is given up yet';
($code, $out) = settle('second', 'approve', 1);
like "$code $out", qr/^0 2 rows are given up/, '  another does';
($code, $out) = rotate();
is $code, 0, '  and the rotation ends' or diag $out;
$version++;
is states() =~ /(\d+) active/ ? $1 : '', $version, '  on the new version';
is receipt('given_up'), 2, '  with a receipt of how many were given up';
is receipt('checked'), $stack->sql(q{SELECT (SELECT count(*) FROM registry.enrolment WHERE row_mac <> decode(repeat('00', 16), 'hex')) + (SELECT count(*) FROM registry.household_member WHERE row_mac <> decode(repeat('00', 16), 'hex'))
    + (SELECT count(*) FROM etl.quarantine WHERE sealed IS NOT NULL)}), '  every other MAC was made anew';
($code, $out) = rotate();
is $code, 0, 'the next rotation passes them by' or diag $out;
$version++;
($code, $out) = pull_again('--source', 'molwa');
is $code, 0, 'the source is pulled after all' or diag $out;
is $stack->sql(q{SELECT inserted || ' ' || updated FROM etl.run ORDER BY id DESC LIMIT 1}), '0 1', '  the one record counts as changed, no other';
isnt $stack->sql("SELECT father_name FROM registry.enrolment WHERE id = '$altered'"), 'Altered again', '  and is what the source says';
is_unchanged(rest(), 'then', 'molwa');
is $stack->sql("SELECT row_mac = decode(repeat('00', 16), 'hex') FROM registry.household_member WHERE id = '$lost'"), 't', 'the one that never came has no MAC';

# What was set aside opens by its new seals alone, and is loaded once the mapping is mended.
($code, $out) = $stack->ekok('keys', 'destroy', 'row', $_) for $version - 2, $version - 1;
is $code, 0, 'the versions before are destroyed' or diag $out;
($code, $out) = $stack->ekok('quarantine', 'show', $shown);
is $code, 0, 'a record that was set aside before all of it opens' or diag $out;
$stack->define(hsp => $right);
($code, $out) = $stack->ekok('quarantine', 'replay', '--source', 'hsp', '--json');
my $replay = JSON::PP->new->decode($out);
cmp_ok $replay->{inserted}, '>', 20, "  $replay->{inserted} records are loaded";
is $replay->{looked_at}, $replay->{inserted} + $replay->{updated} + $replay->{unchanged} + $replay->{quarantined} + ($replay->{superseded} // 0), '  all are accounted for';
is_unchanged(rest(), 'after the replay', 'hsp');
is $stack->sql('SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused'), 0, 'all books balance';
is $stack->sql('SELECT count(*) FROM audit.unaccounted()'), 0, 'every row is accounted for in the trace';

done_testing;
