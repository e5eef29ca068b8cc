#!/usr/bin/perl
# Pages that are taken by what they came to before: the same series of pulls is run by a daemon that remembers its pages and
# by one that is made to forget them before each pull. Registry, quarantine, audit and the books of every run are the same;
# what is unchanged writes nothing; kill -9 at any point of a page that is taken so loses and doubles nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 900, '--seed', 20, '--defects', '0.03');
my @pulled = qw(dwa dme hsp);    # paged by cursor and by page, with and without an announced total
my %right;
for my $source (@pulled) {
    my $definition = $stack->definition($source);
    $definition->{paging}{size} = 20;
    $definition->{limits}{largest_drop} = 200;
    $right{$source} = $definition;
}
$stack->define(%right);

sub pull {
    my ($code, $out) = $stack->etld((map { ('--source', $_) } @pulled), @_);
    return ($code, $out);
}

# The books of the last run of each source, and how many of its pages were taken unread.
sub books {
    return $stack->sql(q{SELECT string_agg(concat_ws(' ', source, state, pages, fetched, inserted, updated, unchanged, quarantined, refused, vanished),
        ', ' ORDER BY source) FROM (SELECT DISTINCT ON (source) * FROM etl.run ORDER BY source, id DESC) r});
}

sub unread {
    return $stack->sql(q{SELECT coalesce(sum(known::int), 0) || ' of ' || count(*) FROM etl.page
        WHERE run_id IN (SELECT max(id) FROM etl.run GROUP BY source)});
}

# One enrolment of dwa, always the same.
my $ONE = q{(SELECT id FROM registry.enrolment WHERE source = 'dwa' AND status = 'active' ORDER BY record_id OFFSET 7 LIMIT 1)};
my @series = (
    ['the first pull',                 sub { }, qr/^0 of/],
    ['nothing changed',                sub { }, qr/^(\d+) of \1$/],
    ['some records changed',           sub { $stack->epoch(1) }, qr/^[1-9]/],
    ['nothing changed again',          sub { }, qr/^(\d+) of \1$/],
    ['dwa reverses each page',         sub { $stack->fault("dwa reverse\n") }, qr/^[1-9]/],
    ['dwa does not any more',          sub { $stack->fault('') }, qr/^[1-9]/],
    ['some of dwa vanish',             sub { $stack->fault("dwa lose 30\n") }, qr/^[1-9]/],
    ['and come again',                 sub { $stack->fault('') }, qr/^[1-9]/],
    ['an enrolment marked absent',     sub { $stack->sql("UPDATE registry.enrolment SET status = 'absent', row_mac = decode(repeat('00', 16), 'hex') WHERE id = $ONE") }, qr/^[1-9]/],
    ['one deleted',                    sub { $stack->sql("BEGIN; CREATE TEMP TABLE one AS SELECT $ONE AS id; DELETE FROM registry.pending WHERE enrolment_id IN (TABLE one);
        DELETE FROM registry.evidence WHERE enrolment_id IN (TABLE one); DELETE FROM registry.enrolment WHERE id IN (TABLE one); COMMIT") }, qr/^[1-9]/],
    ['quarantined records taken out',  sub { $stack->sql(q{UPDATE etl.quarantine SET resolved_run = first_run, resolution = 'superseded' WHERE source = 'dme'}) }, qr/^[1-9]/],
    ['a definition changed',           sub { my $d = $stack->definition('dwa'); delete $d->{map}{mother_name}; $stack->define(dwa => $d) }, qr/^[1-9]/],
    ['and changed back',               sub { $stack->define(dwa => $right{dwa}) }, qr/^[1-9]/],
    ['dme may report nothing it does', sub { $stack->sql(q{UPDATE etl.source_programme SET programme = 'TRE' WHERE source = 'dme'}) }, qr/^[1-9]/],
    ['and may again',                  sub { $stack->sql(q{UPDATE etl.source_programme SET programme = 'SGT' WHERE source = 'dme'}) }, qr/^[1-9]/],
    ['nothing changed at last',        sub { }, qr/^(\d+) of \1$/],
);

# Runs the series; returns for each step the books and the contents. $forget: what is remembered is wiped before each pull.
sub run_series {
    my ($forget) = @_;
    my @told;
    $stack->reset;
    $stack->epoch(0);
    $stack->fault('');
    for my $step (@series) {
        my ($name, $change, $wanted) = @$step;
        $change->();
        $stack->sql('DELETE FROM etl.page_content') if $forget;
        my $versions = $forget ? '' : $stack->row_versions;
        my ($code, $out) = pull();
        is $code, 0, "$name" . ($forget ? ', forgetting' : '') or diag $out;
        if (!$forget) {
            like unread(), $wanted, '  pages taken unread: ' . unread();
            is $stack->row_versions, $versions, '  and not one row version, audit entries included' if $name =~ /^nothing/;
        }
        push @told, [$name, books(), $stack->contents];
    }
    return @told;
}

my @remembering = run_series(0);
my @forgetting = run_series(1);
for my $i (0 .. $#series) {
    my ($name, $books, $contents) = @{ $remembering[$i] };
    is $books, $forgetting[$i][1], "$name: the same books";
    is $contents, $forgetting[$i][2], '  and contents';
}
is $stack->sql('SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused'), 0, 'all books balance';

# A mended mapping: what it loads by a replay stands, whichever definition the pages were remembered by.
$stack->reset;
my $broken = $stack->definition('hsp');
delete $broken->{values}{status}{ACTIVE};
$stack->define(hsp => $broken);
pull();
pull();
like unread(), qr/^(\d+) of \1$/, 'pages of which most is set aside are taken unread too';
$stack->define(%right);
my ($code, $out) = $stack->ekok('quarantine', 'replay', '--source', 'hsp');
like $code, qr/^[03]$/, 'they are replayed after mending' or diag $out;
my $replayed = $stack->contents('books', 'quarantine');
pull();
is $stack->contents('books', 'quarantine'), $replayed, 'and the next pull changes nothing';
is $stack->sql(q{SELECT updated + inserted FROM etl.run WHERE source = 'hsp' ORDER BY id DESC LIMIT 1}), 0, '  by its books';

# kill -9 of the daemon at each point that a page taken unread passes, and of the server at the same.
$stack->reset;
pull();
my $undisturbed = $stack->contents;
my $versions = $stack->row_versions;
for my $point (qw(page_fetched page_begun page_merged page_committed)) {
    ($code) = $stack->etld({ EKOK_STOP_POINT => "$point:3:kill" }, map { ('--source', $_) } @pulled);
    is $code, 137, "daemon killed at $point";
    ($code, $out) = pull();
    is $code, 0, '  a rerun ends well' or diag $out;
    is $stack->contents, $undisturbed, '  the contents are those of a run never killed';
    is $stack->row_versions, $versions, '  to the last row version';
    my $file = $stack->dir . '/held';
    unlink $file;
    my $pid = $stack->start($stack->dir . '/etld.log', $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', "EKOK_STOP_POINT=$point:3:hold",
        "EKOK_STOP_FILE=$file", $stack->bin('ekok-etld'), '--config', $stack->dir . '/ekok.ini', '--once', map { ('--source', $_) } @pulled);
    ok $stack->wait_for(sub { -e $file }, 120), "daemon held at $point";
    $stack->call('server-kill');
    unlink $file;
    waitpid $pid, 0;
    $stack->call('server-restart');
    ($code, $out) = pull();
    is $code, 0, '  a rerun after the server was killed' or diag $out;
    is $stack->contents, $undisturbed, '  the contents are the same';
}
cmp_ok $stack->sql('SELECT count(*) FROM etl.page WHERE known'), '>', 20, 'pages were taken unread all the while';
is $stack->sql(q{SELECT count(*) FROM etl.generation WHERE state IN ('whole', 'dropped') IS NOT TRUE}), 0, 'and every listing was concluded';

done_testing;
