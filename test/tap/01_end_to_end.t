#!/usr/bin/perl
# The main job: ten sources in, double dipping out; a second run writes nothing; changes at a source arrive as updates.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP;
use Test::More;

my $persons = 3000;
my @sim     = ('--persons', $persons, '--seed', 7, '--defects', '0.01');
my $stack   = Ekok::Stack->new;
$stack->up(@sim);

my ($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'ekok run --all ends with 0 although some rows are damaged' or diag $out;

my $truth = $stack->dir . '/sim/truth.tsv';
($code) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-sim'), 'truth', @sim, '--out', $truth);
is $code, 0, 'the simulator writes its truth';

# The books, against the truth.
my %served;
my %damaged;
open my $in, '<', $truth or die;
my @column = split /\t/, scalar(<$in>) =~ s/\n//r;
while (my $line = <$in>) {
    chomp $line;
    my %row;
    @row{@column} = split /\t/, $line, -1;
    $served{ $row{source} }++;
    $damaged{ $row{defect} }++ if $row{defect} ne '';
}
is $stack->sql('SELECT count(*) FROM etl.run WHERE state = \'finished\''), 10, 'ten runs finished';
is $stack->sql('SELECT string_agg(source || \' \' || fetched, \',\' ORDER BY source) FROM etl.run'),
    join(',', map { "$_ $served{$_}" } sort keys %served), 'each source: fetched is what the simulator served';
is $stack->sql('SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused'), 0,
    'the books balance';
ok keys %damaged >= 8, 'the simulator damaged records in many ways: ' . join ' ', sort keys %damaged;
my $set_aside = $stack->sql('SELECT sum(quarantined + refused) FROM etl.run');
my $broken    = 0;
$broken += $_ for values %damaged;
is $set_aside, $broken, 'every damaged record is set aside, and no sound one';
is $stack->sql('SELECT count(*) FROM registry.enrolment'), $stack->sql('SELECT sum(inserted) FROM etl.run'), 'one enrolment a sound record';
is $stack->sql(q{SELECT count(*) FROM etl.quarantine WHERE jsonb_array_length(reasons) = 0}), 0, 'each set aside with a reason';
is $stack->sql(q{SELECT count(*) FROM audit.entry WHERE table_name = 'registry.enrolment' AND op = 'INSERT'
        AND source IS NOT NULL AND run_id IS NOT NULL AND page_sha256 IS NOT NULL}),
    $stack->sql('SELECT count(*) FROM registry.enrolment'), 'each enrolment has an audit entry with source, run and page';

# Sweep and evaluation.
($code, $out) = $stack->ekok('sweep');
is $code, 0, 'ekok sweep' or diag $out;
($code, $out) = $stack->capture("$Ekok::Stack::ROOT/test/sim/evaluate.sh", $stack->{name}, $truth, '--json');
my $evaluation = decode_json($out);
for my $kind (@{ $evaluation->{recall} }) {
    cmp_ok $kind->{judged}, '>', 0, "$kind->{overlap}: there are pairs to judge";
    cmp_ok $kind->{recall}, '>=', $kind->{overlap} =~ /^(?:same|nid_13)/ ? 1 : 0.8, "$kind->{overlap}: recall";
    # Near names of one day and family may be twins: a human is asked, but nobody is missed.
    cmp_ok $kind->{joined} + $kind->{queued}, '>=', 0.97 * $kind->{judged}, "$kind->{overlap}: nearly all are joined or asked about";
    is $kind->{joined} + $kind->{queued}, $kind->{judged}, "$kind->{overlap}: each is joined or asked about" if $kind->{shares};
}
for my $row (@{ $evaluation->{precision} }) {
    is $row->{precision} + 0, 1, "certain by $row->{kind}: precision is 1.00" if $row->{state} eq 'certain';
}
cmp_ok $evaluation->{pairwise}{f1}, '>=', 0.98, 'pairwise F1';
is $_->{joined_wrongly}, 0, "no $_->{who} joined" for @{ $evaluation->{apart} };
cmp_ok $_->{pairs}, '>', 0, "there are $_->{who}" for @{ $evaluation->{apart} };

# The report.
($code, $out) = $stack->ekok('report');
is $code, 0, 'ekok report';
my @wide = grep { (my $bare = $_) =~ s/[\x80-\xBF]//g; length $bare > 80 } split /\n/, $out;
is scalar(@wide), 0, 'the report fits 80 columns' or diag join "\n", @wide;
unlike $out, qr/\d{8,}/, 'the report shows no number of eight digits or more';
($code, $out) = $stack->ekok('report', '--json');
my $report = eval { decode_json($out) };
ok $report, 'ekok report --json is JSON' or diag $@, substr $out, 0, 500;
cmp_ok $stack->sql('SELECT count(*) FROM audit.reading'), '>', 0, 'each identifier opened for the report left a trace';
for my $command (['status'], ['source', 'list'], ['quarantine', 'list']) {
    ($code, $out) = $stack->ekok(@$command);
    is $code, 0, "ekok @$command" or diag $out;
    unlike $out, qr/\d{10,}/, "ekok @$command shows no identifier";
}

# Nothing changed: a second run and a second sweep write not one row version.
my $before = $stack->row_versions;
($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'second run' or diag $out;
is $stack->sql('SELECT sum(inserted + updated) FROM etl.run WHERE id > 10'), 0, 'second run: nothing inserted or updated';
is $stack->sql('SELECT count(*) FROM etl.run WHERE id > 10 AND fetched <> inserted + updated + unchanged + quarantined + refused'), 0,
    'second run: the books balance';
($code, $out) = $stack->ekok('sweep');
is $stack->row_versions, $before, 'second run and sweep over unchanged sources: zero row versions';

# Something changed.
my $audited = $stack->sql('SELECT max(id) FROM audit.entry');
$stack->epoch(1);
($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'third run' or diag $out;
my $updated = $stack->sql('SELECT sum(updated) FROM etl.run WHERE id > 20');
cmp_ok $updated, '>', 0, "third run: $updated changed records arrive as updates";
is $stack->sql("SELECT count(*) FROM audit.entry WHERE id > $audited AND table_name = 'registry.enrolment' AND op = 'UPDATE'"),
    $updated, 'each with one audit entry';
is $stack->sql("SELECT count(*) FROM audit.entry WHERE id > $audited AND op = 'UPDATE' AND (old IS NULL OR new IS NULL OR old::text = new::text)"), 0,
    'each with its old and its new image';

done_testing;
