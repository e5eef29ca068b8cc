#!/usr/bin/perl
# Definitions of sources: added with versions, never changed, tried without a trace, retired. A source that breaks its
# contract loads nothing. What a wrong mapping set aside is looked at, exported and replayed once the mapping is mended:
# exactly the mended records load, and the registry is what it would have been.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 4000, '--seed', 7, '--defects', '0.02');
my $dir = $stack->dir;
sub json { my ($code, $out) = $stack->ekok(@_); return JSON::PP->new->decode($out =~ s/\A[^{]*//r); }
sub narrow { my ($text) = @_; return !grep { length > 80 } split /\n/, $text; }

# Versions.
my ($code, $out) = $stack->ekok('source', 'list');
is $code, 0, 'the sources are listed';
like $out, qr/^hsp +active +1 +mtls +\d+ +start +Harmonised/m, '  each with its version';
ok narrow($out), '  in 80 columns';
my $hsp = $stack->definition('hsp');
$hsp->{source}{title} = 'Harmonised Stipends';
$stack->write_file("$dir/hsp2.json", JSON::PP->new->encode($hsp));
($code, $out) = $stack->ekok('source', 'add', "$dir/hsp2.json");
is "$code $out", "0 hsp: version 2\n", 'another definition is the next version';
($code, $out) = $stack->ekok('source', 'add', "$dir/hsp2.json");
is "$code $out", "0 hsp: version 2 says the same, nothing was added\n", 'the same again is none';
my $shown = json('source', 'show', 'hsp', '--json');
is $shown->{definition}{source}{title}, 'Harmonised Stipends', 'the definition in force is shown';
is join(' ', map { "$_->{version} $_->{added_by}" } @{ $shown->{versions} }), '1 etld 2 etld', '  with all versions and who added them';
like eval { $stack->sql("UPDATE etl.source_definition SET added_by = 'nobody'"); 'changed' } // $@, qr/refuses UPDATE/, 'a version never changes';

# A trial writes nothing and shows nobody.
my $before = $stack->row_versions;
($code, $out) = $stack->ekok('source', 'test', 'hsp');
like $out, qr/^Record 10\b/m, 'a trial shows ten records';
unlike $out, qr/^Record 11\b/m, '  and no more';
like $out, qr/^\d+ records on the page: \d+ would be taken, \d+ set aside; announced in all: \d+$/m, '  and the books of the page';
like $out, qr/^  brn +\*\d{4} +student\.birthRegNo$/m, '  numbers masked, beside where they come from';
unlike $out, qr/(?<!\d)\d{10}/, '  no number longer than that of a bank';
ok narrow($out), '  in 80 columns' or diag $out;
is $stack->row_versions, $before, '  nothing was written';
my $tried = json('source', 'test', "$dir/hsp2.json", '--json', '--rows', 3);
is scalar @{ $tried->{records} }, 3, 'a file is tried before it is added, as JSON';
is $tried->{page}{records}, $tried->{page}{taken} + $tried->{page}{set_aside}, '  its books balance';

# Drift.
($code, $out) = $stack->etld;
is $code, 0, 'an undisturbed run' or BAIL_OUT $out;
my $whole = $stack->contents('quarantine', 'audit', 'households_audited', 'books', 'cursor');
$stack->reset;
my %drifted = (
    'gone'    => [{ 'student.shoeSize' => 'number' }, qr/drift: the promised field student\.shoeSize is gone in (\d+) of \1 records; no run has found it as promised/],
    'retyped' => [{ beneficiaryId => 'number' },      qr/drift: the promised field beneficiaryId is no longer number in \d+ of \d+ records/],
    'strange' => [{ beneficiaryId => 'text' },        qr/drift: the field \S+, of which nothing is promised, stands in \d+ of \d+ records/],
);
for my $kind (sort keys %drifted) {
    my ($fields, $problem) = @{ $drifted{$kind} };
    my $definition = $stack->definition('hsp');
    $definition->{contract} = { fields => $fields, unknown => $kind eq 'strange' ? 'held' : 'allowed' };
    $stack->define(hsp => $definition);
    ($code, $out) = $stack->etld('--source', 'hsp');
    is $code, 3, "a field that is $kind stops the run";
    is $stack->sql('SELECT state || \' \' || held_for FROM etl.run ORDER BY id DESC LIMIT 1'), 'held drift', '  which is held';
    is $stack->sql('SELECT count(*) FROM etl.breaker WHERE failures > 0'), 0, '  and no failure of the source';
    like $stack->sql('SELECT problem FROM etl.run ORDER BY id DESC LIMIT 1'), $problem, '  the run says which';
    is $stack->sql('SELECT (SELECT count(*) FROM registry.enrolment) + (SELECT count(*) FROM etl.page) + (SELECT count(*) FROM etl.cursor)'), 0,
        '  nothing is loaded, no page counted, no cursor moved';
}

# A hold that is released: what drifted is accepted under this definition, and nothing else is.
my $drifting = $stack->definition('hsp');
$drifting->{contract} = { fields => { 'student.shoeSize' => 'number', 'student.hat' => 'text' }, unknown => 'allowed' };
$stack->define(hsp => $drifting);
$stack->etld('--source', 'hsp');
my $held = $stack->sql('SELECT max(id) FROM etl.run');
is $stack->sql("SELECT array_to_string(drift, ', ') FROM etl.run WHERE id = $held"), 'gone student.hat, gone student.shoeSize', 'all that drifted is named'
    or diag $stack->sql("SELECT drift FROM etl.run WHERE id = $held");
($code, $out) = $stack->ekok('status');
like $out, qr/^ *hsp +held .*run $held found drift$/m, '  ekok status says so';
like $out, qr/accept it: ekok run release $held --reason TEXT/, '  and what to do';
ok narrow($out), '  in 80 columns' or diag $out;
($code, $out) = $stack->ekok('run', 'release', $held, '--reason', 'the owner measures feet no more');
is $out, "Run $held is released: accepted until the definition changes: gone student.hat, gone student.shoeSize.\n", 'an operator accepts it';
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 0, '  and the next run goes on' or diag $out;
is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'held'"), 0, '  no run is held';
cmp_ok $stack->sql("SELECT count(*) FROM registry.enrolment WHERE source = 'hsp'"), '>', 500, '  all is loaded';
$drifting->{contract}{fields}{'student.glove'} = 'number';
$stack->define(hsp => $drifting);
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 3, 'under another definition nothing is accepted';
is $stack->sql('SELECT cardinality(drift) FROM etl.run ORDER BY id DESC LIMIT 1'), 3, '  and all of it is named again';
$drifting->{contract}{fields} = { beneficiaryId => 'text' };
$stack->define(hsp => $drifting);
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 0, 'a mended definition goes on' or diag $out;
like $stack->sql("SELECT problem FROM etl.run WHERE held_for = 'drift' AND state = 'stopped' ORDER BY id DESC LIMIT 1"), qr/overtaken the hold/,
    '  the hold is overtaken';
$stack->reset;

my $kept = $stack->definition('hsp');
$kept->{contract} = { fields => { beneficiaryId => 'text', student => 'object', 'student.nid' => 'text?', 'stipend.monthly' => 'any' } };
$stack->define(hsp => $kept);
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 0, 'a kept contract does not disturb' or diag $out;
delete $kept->{contract};

# A mapping that lacks a value, and one that reads a date the wrong way.
delete $kept->{values}{status}{ACTIVE};
my %right  = (hsp => $stack->definition('hsp'), molwa => $stack->definition('molwa'));
delete $right{hsp}{contract};
my $molwa = $stack->definition('molwa');
$molwa->{format}{birth_date} = 'mm/dd/yyyy';
$stack->define(hsp => $kept, molwa => $molwa);
$stack->reset;
($code, $out) = $stack->etld;
is $code, 0, 'a run with wrong mappings';
my $mended = $stack->sql(q{SELECT count(*) FROM etl.quarantine WHERE source = 'hsp' AND jsonb_path_exists(reasons, '$[*] ? (@.field == "status")')});
cmp_ok $mended, '>', 500, "$mended records of hsp are set aside for a value that is not listed";

my $list = json('quarantine', 'list', '--source', 'hsp', '--reason', 'unknown_value', '--json');
my ($by) = grep { $_->{reason} eq 'unknown_value' && $_->{field} eq 'status' } @{ $list->{by_reason} };
is $by->{records}, $mended, 'they are listed by reason';
is_deeply json('quarantine', 'list', '--until', '2020-01-01', '--json')->{records}, [], 'none is from before they came';
my $id = $list->{records}[0]{id};
my $readings = $stack->sql('SELECT count(*) FROM audit.reading');
($code, $out) = $stack->ekok('quarantine', 'show', $id);
is $code, 0, 'one is shown' or diag $out;
like $out, qr/"status"\s*:\s*"xxxxxx"/, '  its values hidden but for their shape';
unlike $out =~ s/^.*\n.*\n//r, qr/[0-8]/, '  no digit but 9';
is $stack->sql('SELECT count(*) FROM audit.reading'), $readings + 1, '  and the reading is recorded';
($code, $out) = $stack->ekok('quarantine', 'show', $id, '--clear');
is $code, 2, 'in the clear only with a purpose';
($code, $out) = $stack->ekok('quarantine', 'show', $id, '--clear', '--purpose', 'test of the mapping');
like $out, qr/"status"\s*:\s*"ACTIVE"/, '  then as it came';
is $stack->sql('SELECT purpose FROM audit.reading ORDER BY id DESC LIMIT 1'), 'test of the mapping', '  and the purpose is recorded';
my $file = "$dir/sim/export.jsonl";
($code, $out) = $stack->ekok('quarantine', 'export', $file, '--source', 'hsp');
is $code, 0, 'they are exported' or diag $out;
is sprintf('%04o', (stat $file)[2] & 07777), '0600', '  into a file for us alone';
my $export = $stack->read_file($file);
is scalar(() = $export =~ /"sealed" *: *"01/g), $stack->sql(q{SELECT count(*) FROM etl.quarantine WHERE source = 'hsp'}), '  each sealed';
unlike $export, qr/ACTIVE/, '  nothing in the clear';
($code, $out) = $stack->ekok('quarantine', 'export', $file);
is $code, 2, '  and never over another file';

# Before the mapping is mended a replay loads nothing; after it, exactly what was mended.
my $cursor = $stack->sql('SELECT string_agg(c::text, chr(10) ORDER BY source) FROM etl.cursor c');
my $replay = json('quarantine', 'replay', '--source', 'hsp', '--reason', 'unknown_value', '--json');
is $replay->{inserted}, 0, 'a replay before mending loads nothing';
is $replay->{quarantined}, $replay->{looked_at}, '  and leaves all set aside';
$stack->define(%right);
$replay = json('quarantine', 'replay', '--source', 'hsp', '--reason', 'unknown_value', '--json');
is $replay->{fetched}, $replay->{inserted} + $replay->{updated} + $replay->{unchanged} + $replay->{quarantined} + $replay->{refused}, 'the books of a replay balance';
is $stack->sql("SELECT concat_ws(' ', kind, state, fetched, inserted, quarantined) FROM etl.run WHERE id = $replay->{run}"),
    "replay finished $replay->{fetched} $replay->{inserted} $replay->{quarantined}", '  they stand in a run of its own kind';
is $stack->sql("SELECT count(*) FROM etl.quarantine WHERE resolved_run = $replay->{run} AND resolution = 'loaded'"), $replay->{inserted},
    '  what is loaded has left quarantine';
is $stack->sql(q{SELECT count(*) FROM etl.quarantine WHERE source = 'hsp' AND resolved_run IS NULL AND jsonb_path_exists(reasons, '$[*] ? (@.field == "status")')}),
    0, '  no record is set aside any more for what was mended';
is $stack->sql('SELECT string_agg(c::text, chr(10) ORDER BY source) FROM etl.cursor c'), $cursor, '  no cursor moved';
($code, $out) = $stack->ekok('quarantine', 'replay', '--source', 'molwa');
like $out, qr/^Replay, run \d+: \d+ records looked at$/m, 'the other source is replayed too' or diag $out;
my $loaded = $replay->{inserted};
my $again = json('quarantine', 'replay', '--source', 'hsp', '--json');
is $again->{inserted}, 0, 'a second replay finds nothing to load';
# molwa's dates of days up to 12 were read as months: they are wrong, not set aside, until the source is pulled again.
($code, $out) = $stack->etld('--source', 'molwa');
is $stack->contents('quarantine', 'audit', 'households_audited', 'books', 'cursor'), $whole, 'the registry is what an undisturbed run makes of it';
is $stack->sql('SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused'), 0, 'all books balance';

# What the source has sent since is not overwritten by what was set aside before.
$stack->reset;
$stack->define(hsp => $kept);
$stack->etld('--source', 'hsp');
$stack->sql(q{UPDATE etl.quarantine SET at = at - interval '1 day'});
$stack->define(%right);
$stack->etld('--source', 'hsp');
$replay = json('quarantine', 'replay', '--source', 'hsp', '--reason', 'unknown_value', '--json');
is "$replay->{superseded} $replay->{inserted} $replay->{updated}", "$loaded 0 0", 'what is superseded is not replayed';

# Retired.
($code, $out) = $stack->ekok('source', 'retire', 'hsp');
is $code, 0, 'a source is retired' or diag $out;
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 2, '  and not pulled any more';
($code, $out) = $stack->ekok('source', 'retire', 'hsp');
is $code, 5, '  once';
$stack->define(%right);
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 0, '  until a definition is added again' or diag $out;

# A definition that came in behind our back and cannot be read delays no other source.
$stack->sql(q{INSERT INTO etl.source_definition (source, version, definition, sha256) SELECT 'dss', 99, d, sha256(convert_to(d::text, 'UTF8'))
    FROM (SELECT '{"source": {"name": "dss"}}'::jsonb) x(d)});
($code, $out) = $stack->etld;
is $code, 5, 'a definition that cannot be read ends the run with 5';
like $out, qr/event=definition_refused source=dss|source=dss event=definition_refused/, '  says which';
is $stack->sql(q{SELECT count(DISTINCT source) FROM etl.run WHERE state = 'finished'}), 9, '  and the other nine are pulled';

done_testing;
