#!/usr/bin/perl
# Mutual TLS is mutual: a wrong client certificate is refused by the source, a wrong server certificate by the daemon.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
my @sim   = ('--persons', 200, '--seed', 5);
$stack->up(@sim);
my $certs  = $stack->dir . '/certs';
my $config = $stack->read_file($stack->dir . '/ekok.ini');

for my $file (glob $stack->dir . '/sources/*.ini') {
    my $text = $stack->read_file($file);
    $text =~ s/^(retries\s*=).*/$1 0/m or $text =~ s/^(\[source\]\n)/$1retries = 0\n/m;
    $stack->write_file($file, $text);
}

sub with_client {
    my ($name) = @_;
    (my $text = $config) =~ s{certs/client\.}{certs/$name.}g;
    $stack->write_file($stack->dir . '/ekok.ini', $text);
    return;
}

sub nothing_loaded {
    my ($what, $problem) = @_;
    my ($code, $out) = $stack->etld;
    is $code, 3, "$what: the run ends with 3";
    is $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'failed'"), 10, '  no source is pulled';
    is $stack->sql('SELECT count(*) FROM registry.enrolment'), 0, '  nothing is loaded';
    is $stack->sql(qq{SELECT count(*) FROM etl.run WHERE problem !~* '$problem'}), 0, '  and each run says why' or
        diag $stack->sql('SELECT problem FROM etl.run LIMIT 2');
    $stack->reset;
    return;
}

with_client('rogue-client');
nothing_loaded('client certificate of another CA', 'certificate|tls|403|refused');
with_client('stranger');
nothing_loaded('client certificate of a consumer nobody knows', 'certificate|tls|403|refused');

my ($source, $port) = split ' ', (split /\n/, $stack->read_file($stack->dir . '/sim/ports'))[0];
my ($code, $out) = $stack->capture('curl', '-sS', '--max-time', 10, '-o', '/dev/null', '-w', '%{http_code}', '--cacert',
    "$certs/ca.pem", "https://localhost:$port/");
unlike $out, qr/^200/, "no client certificate at all: $source does not answer 200";

with_client('client');
$stack->call('sim-stop');
my %kept;
for my $part (qw(pem key)) {
    $kept{$part} = $stack->read_file("$certs/server.$part");
    my $rogue = $stack->read_file("$certs/rogue-server.$part");
    $stack->write_file("$certs/server.$part", $rogue);
}
$stack->call('sim-start', @sim);
for my $file (glob $stack->dir . '/sources/*.ini') {
    my $text = $stack->read_file($file);
    $text =~ s/^(retries\s*=).*/$1 0/m or $text =~ s/^(\[source\]\n)/$1retries = 0\n/m;
    $stack->write_file($file, $text);
}
nothing_loaded('server certificate of another CA', 'certificate');
$stack->call('sim-stop');
$stack->write_file("$certs/server.$_", $kept{$_}) for keys %kept;
$stack->call('sim-start', @sim);
($code, $out) = $stack->etld;
is $code, 0, 'with both certificates right all ten are pulled' or diag $out;

done_testing;
