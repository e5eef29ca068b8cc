#!/usr/bin/perl
# Every kind of proof that a source may want: with it the source is pulled, without it or with a wrong one the run says
# what to mend and asks once; an expired token is renewed once and the run goes on; no secret is seen anywhere.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 3000, '--seed', 11);
my $dir = $stack->dir;
my ($url) = $stack->definition('hsp')->{source}{url} =~ m{^(https://[^/]+)};
my %secret = (client => 'sim-client', secret => 'sim-secret', user => 'sim-user', password => 'sim-password',
    'app-key' => 'sim-app-key', 'app-secret' => 'sim-app-secret', wrong => 'not-the-secret', jws => $stack->read_file("$dir/certs/jws.key"));
$stack->secret(%secret);
my $other = qx(openssl genpkey -algorithm ed25519);
$stack->secret(stranger => $other);
my @seen;

my %kind = (
    oauth2 => { token_url => "$url/token", id => 'client', secret => 'secret' },
    grant  => { token_url => "$url/grant", refresh_url => "$url/refresh", id => 'user', secret => 'password', app_id => 'app-key',
        app_secret => 'app-secret' },
    key  => { header => 'X-Api-Key', secret => 'secret' },
    hmac => { id => 'client', secret => 'secret' },
    jws  => { id => 'client', secret => 'jws' },
);

sub definition {
    my ($kind, %change) = @_;
    my $definition = $stack->definition('hsp');
    $definition->{auth} = { kind => $kind, %{ $kind{$kind} // {} }, %change };
    $definition->{paging}{size} = 50;
    $definition->{deadlines} = { retries => 3, first_delay => 10, longest_delay => 20 };
    return $definition;
}

sub pull {
    my ($definition) = @_;
    $stack->define(hsp => $definition);
    my ($code, $out) = $stack->etld('--verbose', '--source', 'hsp');
    push @seen, $out;
    return ($code, $stack->sql("SELECT coalesce(problem, '') FROM etl.run ORDER BY id DESC LIMIT 1"), $out);
}

sub gate { return [grep { /^gate source=hsp/ } split /\n/, $stack->read_file("$dir/sim.log")] }

my ($code, $problem) = pull($stack->definition('hsp'));
is $code, 0, 'without a demand the certificate is enough';
my $all = $stack->sql('SELECT count(*) FROM registry.enrolment');

for my $kind (sort keys %kind) {
    $stack->reset;
    $stack->auth("hsp $kind\n");
    my $grants = @{ gate() };
    ($code, $problem) = pull(definition($kind));
    is $code, 0, "$kind: the source is pulled" or diag $problem;
    is $stack->sql('SELECT count(*) FROM registry.enrolment'), $all, '  with all its records';
    is scalar @{ gate() }, $grants + ($kind =~ /oauth2|grant/ ? 1 : 0), '  one token for all pages, where there are tokens';

    $stack->reset;
    my $tried = @{ gate() };
    ($code, $problem) = pull(definition($kind, secret => $kind eq 'jws' ? 'stranger' : 'wrong'));
    is $code, 3, "$kind: a wrong secret fails";
    like $problem, qr/auth\.secret of its definition/, '  the run says what to mend';
    unlike $problem, qr/not-the-secret/, '  without the secret';
    cmp_ok scalar @{ gate() } - $tried, '<=', 1, '  it was asked once: no storm';
    is $stack->sql('SELECT count(*) FROM etl.page'), 0, '  nothing is loaded';

    next if $kind !~ /oauth2|grant/;
    # The two grants an hour are used up for `grant` by now: its token is renewed, not granted.
    $stack->reset;
    $stack->call('sim-stop');
    $stack->call('sim-start', '--persons', 3000, '--seed', 11);
    ($url) = $stack->definition('hsp')->{source}{url} =~ m{^(https://[^/]+)};
    $kind{$_}{token_url} =~ s{^https://[^/]+}{$url}, defined $kind{$_}{refresh_url} && $kind{$_}{refresh_url} =~ s{^https://[^/]+}{$url} for qw(oauth2 grant);
    $stack->auth("hsp $kind 2\n");
    ($code, $problem) = pull(definition($kind));
    if ($kind eq 'grant') {
        is $code, 0, 'grant: a token that expires after every second page is renewed' or diag $problem;
        is $stack->sql('SELECT count(*) FROM registry.enrolment'), $all, '  and all records come';
        is scalar(grep { m{path=/grant} } @{ gate() }), 1, '  with one grant';
        cmp_ok scalar(grep { m{path=/refresh} } @{ gate() }), '>', 1, '  and several renewals';
    } else {
        is $code, 3, 'oauth2: more tokens an hour than the definition allows are not asked for';
        like $problem, qr/2 tokens were granted within the hour/, '  the run says when it goes on';
        $stack->reset;
        ($code, $problem) = pull(definition($kind, grants_per_hour => 60));
        is $code, 0, '  where it allows more, each expired token is exchanged' or diag $problem;
        is $stack->sql('SELECT count(*) FROM registry.enrolment'), $all, '  and all records come';
    }
}

# A source that wants more than a certificate, a secret file that others can read, and one that is missing.
$stack->reset;
$stack->auth("hsp key\n");
($code, $problem) = pull(definition('mtls'));
is $code, 3, 'a certificate alone is refused by a source that wants a key';
like $problem, qr/answered 401; it wants more than our certificate/, '  the run says so';
chmod 0640, "$dir/secrets/secret";
my $out;
$stack->define(hsp => definition('key'));
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 5, 'a secret that others could read is refused before anything begins';
like $out, qr{secrets/secret: others could read it; it must be yours, with mode 0600 or 0400}, '  its file is named';
unlink "$dir/secrets/secret";
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 5, 'so is one that is missing';
my $given = "$dir/given";
mkdir $given;
$stack->write_file("$given/secret", "sim-secret\n");
system 'chown', '-R', 'postgres', $given if $> == 0;
($code, $out) = $stack->etld({ CREDENTIALS_DIRECTORY => $given }, '--source', 'hsp');
is $code, 0, 'unless systemd hands it over' or diag $out;

# Nothing of it anywhere: logs, database, definitions.
my $dump = join "\n", @seen, $stack->sql(q{SELECT string_agg(t::text, ' ') FROM etl.run t}),
    $stack->sql(q{SELECT string_agg(t::text, ' ') FROM etl.source_definition t});
unlike $dump, qr/sim-secret|sim-password|sim-app-secret|sim-token|sim-refresh|PRIVATE KEY/, 'no secret and no token in logs, runs or definitions';
done_testing;
