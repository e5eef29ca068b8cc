#!/usr/bin/perl
# A ministry's system that was taken over answers with whatever it likes: redirects, endless and compressed pages, garbage,
# a listing without end, records of others' programmes, a list that vanished. None stops another source, none is believed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 600, '--seed', 95);
$stack->set_sources('deadlines', page => 3, retries => 1);
$stack->change_definitions(sub { $_[0]{paging}{size} = 5 if $_[0]{source}{name} eq 'dwa' });
my ($code, $out) = $stack->etld;
is $code, 0, 'all ten are well' or BAIL_OUT $out;

# what it answers => what its run says
my %hostile = (
    'dss redirect'  => qr/redirects are not followed/,
    'dss gzip'      => qr/compressed/,
    'dss huge'      => qr/larger|bytes/,
    'dss html'      => qr/content type/i,
    'dss drip'      => qr/time|slow/i,
    'dss truncated' => qr/cut|short|early|closed|transfer|end/i,
    'dwa back'      => qr{goes in a circle},
);
for my $fault (sort keys %hostile) {
    $stack->reset;
    $stack->fault("$fault\n");
    ($code, $out) = $stack->etld;
    my ($source) = split / /, $fault;
    is $code, 3, "$fault: this source alone fails" or diag $out;
    like $stack->sql(qq{SELECT problem FROM etl.run WHERE source = '$source' ORDER BY id DESC LIMIT 1}), $hostile{$fault}, '  for this reason';
    is $stack->sql(qq{SELECT count(*) FROM etl.run WHERE state = 'finished' AND source <> '$source'}), 9, '  the other nine are loaded';
    is $stack->sql(q{SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused}), 0, '  and the books balance';
}
$stack->fault('');

# it reports people into a programme that is not its own
$stack->reset;
$stack->sql(q{DELETE FROM etl.source_programme WHERE source = 'dss' AND programme = 'OAA'});
($code, $out) = $stack->etld;
is $stack->sql(q{SELECT count(*) FROM registry.enrolment WHERE source = 'dss' AND programme = 'OAA'}), 0, 'records of a programme that it may not report are not taken';
cmp_ok $stack->sql(q{SELECT coalesce(sum(refused), 0) FROM etl.run WHERE source = 'dss'}), '>', 0, '  they are refused, and counted so';

done_testing;
