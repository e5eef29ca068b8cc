#!/usr/bin/perl
# Mutual TLS is mutual: a wrong client certificate is refused by the source, a wrong server certificate by the daemon. And all
# that both sides show can be changed while pages are in flight: no page and no run fails for it.
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

# Overlap: first each side takes the old and the new, then each shows the new, then the old is taken no more.
sub put {
    my ($to, @from) = @_;
    $stack->write_file($to, join '', map { $stack->read_file("$certs/$_") } @from);
    chmod 0600, $to;
    system 'chown', 'postgres', $to if $> == 0;
    return;
}
my $log = $stack->dir . '/overlap.log';
sub logged { my ($what, $times) = @_; return $stack->wait_for(sub { (() = $stack->read_file($log) =~ /$what/g) >= ($times // 1) }, 120); }
my $rereads = 0;

sub ministries_reread {
    kill 'HUP', (split /\s/, $stack->read_file($stack->dir . '/sim/pid'))[0];
    $rereads++;
    return $stack->wait_for(sub { (() = $stack->read_file($stack->dir . '/sim.log') =~ /^tls reloaded=yes/mg) >= $rereads }, 120);
}

# Every source from its first page to its last, begun from now on.
sub round_of_all {
    my ($what) = @_;
    my $after = $stack->sql('SELECT coalesce(max(id), 0) FROM etl.run');
    ok $stack->wait_for(sub { $stack->sql("SELECT count(DISTINCT source) FROM etl.run WHERE id > $after AND state = 'finished'") == 10 }, 180), $what
        or diag $stack->sql(q{SELECT DISTINCT source, problem FROM etl.run WHERE problem IS NOT NULL});
    return;
}

$stack->reset;
$stack->change_definitions(sub { $_[0]{paging}{size} = 20; $_[0]{deadlines}{page} = 60 });    # no retry: one failed page fails its run
for my $epoch (0 .. 3) {
    $stack->epoch($epoch);
    ($code, $out) = $stack->etld;
    is $code, 0, "epoch $epoch, undisturbed" or diag $out;
}
$stack->ekok('sweep');
my $undisturbed = $stack->contents;
$stack->epoch(0);
$stack->reset;

my %auth = (dss => { kind => 'key', header => 'X-Api-Key', secret => 'secret' }, hsp => { kind => 'hmac', id => 'client', secret => 'secret' },
    dwa => { kind => 'oauth2', token_url => '/token', id => 'client', secret => 'secret' },
    dme => { kind => 'grant', token_url => '/grant', refresh_url => '/refresh', id => 'user', secret => 'password', app_id => 'app-key',
        app_secret => 'app-secret' });
for my $name (keys %auth) {
    my $definition = $stack->definition($name);
    my ($url) = $definition->{source}{url} =~ m{^(https://[^/]+)};
    $definition->{auth} = { map { $_ => $auth{$name}{$_} =~ m{^/} ? "$url$auth{$name}{$_}" : $auth{$name}{$_} } keys %{ $auth{$name} } };
    $stack->define($name => $definition);
}
my $demands = "hsp hmac\ndss key\ndwa oauth2\ndme grant\n";
my $old = join '', map { "$_ secret sim-secret\n" } qw(hsp dss dwa);
(my $new = $old) =~ s/$/-2/mg;
$_ .= "dme secret sim-password" . ($_ =~ /-2/ ? '-2' : '') . "\n" for $old, $new;
$stack->auth($demands . $old . $new);
$stack->secret(client => 'sim-client', secret => 'sim-secret', user => 'sim-user', password => 'sim-password', 'app-key' => 'sim-app-key',
    'app-secret' => 'sim-app-secret');

my $ours = $stack->dir . '/ours';
mkdir $ours;
put("$ours/ca.pem", 'ca.pem');
put("$ours/client.$_", "client.$_") for qw(pem key);
put("$certs/clients.pem", 'ca.pem', 'rogue-ca.pem');
ok ministries_reread(), 'the ministries take clients of the old authority and of the new';
(my $overlap = $config) =~ s{^(ca|certificate|key) = \S+/certs/}{$1 = $ours/}mg;
$stack->write_file($stack->dir . '/overlap.ini', $overlap =~ s/^interval = .*/interval = 10/mr);

# Half of the new pair lies there when the daemon reads it again, with a page in its hands.
my $held = $stack->dir . '/held';
my $serving = $stack->serve('overlap', 'EKOK_STOP_POINT=page_begun:12:hold', "EKOK_STOP_FILE=$held");
ok $stack->wait_for(sub { -e $held }, 120), 'a page is in flight' or diag $stack->read_file($log);
my $daemon = $stack->daemon_pid($stack->dir . '/overlap.ini');
put("$ours/client.pem", 'rogue-client.pem');
kill 'HUP', $daemon;
ok logged(qr/event=reloading/), '  when the daemon is told to read its settings again';
unlink $held;
ok logged(qr/event=reload_refused[^\n]*client\.key: is not the key of the certificate in [^\n]*in_force=as_before/),
    '  half of a new pair is refused, and the old one stays in force';
round_of_all('  and everything is pulled by it, whatever lies in the files');

# The whole pair, an authority more, new keys and passwords: while answers are slow, so that pages are in flight.
$stack->epoch(1);
$stack->fault(join '', map { "$_ slow 1\n" } $stack->sources);
put("$ours/client.key", 'rogue-client.key');
put("$ours/ca.pem", 'ca.pem', 'rogue-ca.pem');
$stack->secret(secret => 'sim-secret-2', password => 'sim-password-2');
ok $stack->wait_for(sub { $stack->sql(q{SELECT count(*) FROM etl.run WHERE state = 'running'}) >= 5 }, 120), 'runs are under way';
kill 'HUP', $daemon;
ok logged(qr/event=reloaded/), '  when certificate, authorities, keys and passwords are renewed';
$stack->fault('');
round_of_all('  and everything is pulled by the new ones');

# The ministries follow: another certificate, of the other authority; the old secrets are good no more.
put("$certs/server.$_", "rogue-server.$_") for qw(key pem);
ok ministries_reread(), 'the ministries show a certificate of the new authority';
$stack->auth($demands . $new);
$stack->epoch(2);
round_of_all('  and everything is pulled from them');

put("$ours/ca.pem", 'rogue-ca.pem');
kill 'HUP', $daemon;
ok logged(qr/event=reloaded/, 2), 'the old authority is trusted no more';
put("$certs/clients.pem", 'rogue-ca.pem');
ok ministries_reread(), '  nor by the ministries';
$stack->epoch(3);
round_of_all('  and everything is pulled');

is $stack->end_service($serving, 'overlap'), 0, 'the daemon ends well';
is $stack->sql(q{SELECT count(*) FROM etl.run WHERE state NOT IN ('finished', 'stopped')}), 0, 'of '
    . $stack->sql('SELECT count(*) FROM etl.run') . ' runs none failed'
    or diag $stack->sql(q{SELECT source, state, problem FROM etl.run WHERE state NOT IN ('finished', 'stopped')});
is $stack->sql(q{SELECT count(*) FROM etl.page WHERE state <> 'loaded'}), 0, 'of ' . $stack->sql('SELECT count(*) FROM etl.page') . ' pages none';
unlike $stack->read_file($log), qr/event=retry/, '  and none was asked for twice';
my @gate = split /\n/, $stack->read_file($stack->dir . '/sim.log');
is scalar(grep { m{^gate source=dme path=/grant status=200} } @gate), 1, 'one token was granted for all of it';
is scalar(grep { /^gate .*status=401/ } @gate), 0, '  and none refused';
$stack->ekok('sweep');
is $stack->contents, $undisturbed, 'the contents are those of an undisturbed registry';

done_testing;
