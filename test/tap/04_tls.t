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

$stack->set_sources('deadlines', page => 20, retries => 0);

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
        diag $stack->sql(qq{SELECT problem FROM etl.run WHERE problem !~* '$problem' LIMIT 2});
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

# An impostor: another server on other ports, with a certificate for localhost that another CA has signed.
my $impostor = $stack->dir . '/impostor';
$stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'sh', '-c', "cp -r $certs $impostor && cd $impostor &&
    cp rogue-server.pem server.pem && cp rogue-server.key server.key && mkdir state");
my $pid = $stack->start("$impostor/log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-sim'), 'serve', @sim,
    '--certs', $impostor, '--state', "$impostor/state");
ok $stack->wait_for(sub { -e "$impostor/state/ports" }, 120), 'an impostor serves' or diag $stack->read_file("$impostor/log");
my %source = map { $_ => $stack->definition($_) } $stack->sources;
for my $line (split /\n/, $stack->read_file("$impostor/state/ports")) {
    my ($name, $other) = split ' ', $line;
    my %moved = (%{ $source{$name} }, source => { %{ $source{$name}{source} } });
    $moved{source}{url} =~ s/localhost:\d+/localhost:$other/;
    $stack->define($name => \%moved);
}
nothing_loaded('server certificate of another CA', 'certificate');
kill 'TERM', (split /\s/, $stack->read_file("$impostor/state/pid"))[0];
waitpid $pid, 0;
$stack->define(%source);
($code, $out) = $stack->etld;
is $code, 0, 'with both certificates right all ten are pulled' or diag $out;

done_testing;
