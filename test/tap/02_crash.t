#!/usr/bin/perl
# kill -9 of the daemon and of the server at every named stop point, then a rerun: the same contents as a run never killed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 600, '--seed', 11, '--defects', '0.02');
my $config = $stack->dir . '/ekok.ini';
my $sources = () = $stack->sources;

# One worker after the other, so that the n-th passage is at the same place each time.
(my $text = $stack->read_file($config)) =~ s/^workers = .*/workers = 2/m;
$stack->write_file($config, $text);

my ($code, $out) = $stack->etld;
is $code, 0, 'a run that nobody kills' or BAIL_OUT $out;
$stack->ekok('sweep');
my $undisturbed = $stack->contents;
note $undisturbed;
unlike $undisturbed, qr/^(enrolment|evidence|audit) 0 /m, 'there is something to compare';

my @points = grep { /^(?:run|page)_/ } map { /^X\((\w+)/ ? $1 : () } split /\n/, $stack->read_file("$Ekok::Stack::ROOT/etl-daemon/src/base/stop_point.def");
cmp_ok scalar(@points), '>=', 8, 'stop points: ' . join ' ', @points;

for my $point (@points) {
    for my $nth ($point =~ /^run/ ? (1, 4) : (1, 5)) {
        $stack->reset;
        ($code) = $stack->etld({ EKOK_STOP_POINT => "$point:$nth:kill" });
        is $code, 137, "daemon killed at $point, passage $nth";
        ($code, $out) = $stack->etld;
        is $code, 0, '  a rerun ends well' or diag $out;
        $stack->ekok('sweep');
        is $stack->contents, $undisturbed, '  and the contents are those of a run never killed';
    }
}

for my $point (@points) {
    $stack->reset;
    my $file = $stack->dir . '/held';
    unlink $file;
    my $pid = $stack->start($stack->dir . '/etld.log', $Ekok::Stack::STACK, 'run', $stack->{name}, 'env',
        "EKOK_STOP_POINT=$point:3:hold", "EKOK_STOP_FILE=$file", $stack->bin('ekok-etld'), '--config', $config, '--once');
    ok $stack->wait_for(sub { -e $file }, 120), "daemon held at $point, passage 3";
    $stack->call('server-kill');
    unlink $file;
    waitpid $pid, 0;
    my $ended = $? >> 8;
    $stack->call('server-restart');
    # While one run is held the other worker goes on. Where the held one is closed, all of them may be when the server goes.
    my $finished = $stack->sql(q{SELECT count(DISTINCT source) FROM etl.run WHERE state = 'finished'});
    ok $ended != 0 || $finished == $sources, "  the server was killed, and the daemon says so, or was done (exit $ended, $finished finished)";
    ($code, $out) = $stack->etld;
    is $code, 0, '  a rerun ends well' or diag $out;
    $stack->ekok('sweep');
    is $stack->contents, $undisturbed, '  and the contents are those of a run never killed';
}

done_testing;
