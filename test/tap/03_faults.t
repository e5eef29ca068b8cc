#!/usr/bin/perl
# A source that is down, slow, cut short or answers garbage does not stop the other nine, and catches up when it is well.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 800, '--seed', 3, '--defects', '0.01');

# Faults are to be met, not waited for.
$stack->set_sources('deadlines', page => 3, retries => 1);

my ($code, $out) = $stack->etld;
is $code, 0, 'all ten are well' or BAIL_OUT $out;
my $well = $stack->contents;

# fault => what the run's problem line says
my %fault = (
    'dss down'       => qr/connect|refused|closed|empty/i,
    'dss slow 30'    => qr/time|slow/i,
    'dss http500'    => qr/500/,
    'dss http429 1'  => qr/429/,
    'dss html'       => qr/content type/i,
    'dss truncated'  => qr/cut|short|early|closed|transfer|end/i,
    'dss drip'       => qr/time|slow/i,
    'dss huge'       => qr/larger|large|bytes/i,
);
for my $fault (sort keys %fault) {
    $stack->reset;
    $stack->fault("$fault\n");
    ($code, $out) = $stack->etld;
    is $code, 3, "$fault: exit code 3, partial";
    is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'finished'"), 9, '  the other nine finished';
    is $stack->sql("SELECT state FROM etl.run WHERE source = 'dss'"), 'failed', '  this one failed';
    like $stack->sql("SELECT problem FROM etl.run WHERE source = 'dss'"), $fault{$fault}, '  and its run says why';
    $stack->fault('');
    ($code, $out) = $stack->etld;
    is $code, 0, '  well again' or diag $out;
    is $stack->contents, $well, '  it catches up: the contents are those of a run without fault';
}

# A page that can't be decoded at all is kept whole, sealed, hashed and reported.
for my $fault ('dss garbage', 'dss wrongtype') {
    $stack->reset;
    $stack->fault("$fault\n");
    ($code, $out) = $stack->etld;
    is $code, 3, "$fault: exit code 3, partial";
    is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'finished' AND source <> 'dss'"), 9, '  the other nine finished';
    cmp_ok $stack->sql("SELECT count(*) FROM etl.page WHERE state = 'broken' AND octet_length(kept) = bytes + 45
        AND octet_length(sha256) = 32 AND problem <> ''"), '>=', 1, '  the page is kept whole, sealed and hashed';
    cmp_ok $stack->sql("SELECT broken_pages FROM etl.run WHERE source = 'dss'"), '>=', 1, '  and the run counts it';
    like $out, qr/dss/, '  and the daemon names the source';
}

done_testing;
