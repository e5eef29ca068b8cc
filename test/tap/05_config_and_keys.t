#!/usr/bin/perl
# Wrong configuration is one line with file, line, key and what is accepted; a key file that others can read is refused.
# The wrapping key in a PKCS#11 token: the daemon with the key file and the key agent both start from it and fill the same
# registry as before; the PIN and the key are in no file, log, argument, environment or memory image; a wrong PIN is tried once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Ekok::Token;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 5);
my $dir    = $stack->dir;
my $config = $stack->read_file("$dir/ekok.ini");

sub refused {
    my ($what, $exit, $pattern) = @_;
    my ($code, $out) = $stack->etld;
    is $code, $exit, "$what: exit code $exit";
    my @line = grep { !/event=/ } split /\n/, $out;
    is scalar(@line), 1, '  one line' or diag $out;
    like $line[0] // '', $pattern, '  it names what, where and what is accepted';
    is $stack->sql('SELECT count(*) FROM etl.run'), 0, '  nothing was begun';
    return;
}

my @wrong_config = (
    ['a number out of range', sub { s/^workers = .*/workers = 900/m },        qr/ekok\.ini:\d+: .*workers.*1 to 64/],
    ['a key nobody knows',    sub { s/^workers = .*/workforce = 3/m },        qr/ekok\.ini:\d+: .*workforce.*accepted/],
    ['a missing key',         sub { s/^conninfo = .*\n//m },                  qr/ekok\.ini:\d*:?.*conninfo/],
    ['a section nobody knows', sub { s/^\[run\]/[runs]/m },                   qr/ekok\.ini:\d+: .*runs/],
);
for my $case (@wrong_config) {
    local $_ = $config;
    $case->[1]->();
    $stack->write_file("$dir/ekok.ini", $_);
    refused("configuration: $case->[0]", 5, $case->[2]);
}
$stack->write_file("$dir/ekok.ini", $config);

# A definition is judged when it is added, and changes nothing when it is wrong.
my @wrong_source = (
    ['plain http',         sub { $_->{source}{url} =~ s/^https/http/ },         qr{/source/url: is http, not https; accepted: https:}],
    ['an unknown target',  sub { $_->{map}{shoe_size} = 'x' },                  qr{/map/shoe_size: there is no such target; accepted: record_id}],
    ['an unknown style',   sub { $_->{paging}{style} = 'random' },              qr{/paging/style: is not one of the words; accepted: page}],
    ['a bad date pattern', sub { $_->{format}{birth_date} = 'hh-qq' },          qr{/format/birth_date: is not a date pattern; accepted: yyyy}],
    ['no record_id',       sub { delete $_->{map}{record_id} },                 qr{/map/record_id: is missing; accepted: path}],
    ['another programme',  sub { $_->{programmes} = ['PEN'] },                  qr{may report other programmes}],
    ['an unknown ministry', sub { $_->{source}{name} = 'new'; $_->{source}{ministry} = 'XX'; $_->{programmes} = ['PEN'] },
        qr{ministry "XX" is not known}],
    ['an unknown source',  sub { $_->{source}{name} = 'new' },                  qr{source "new" is not known}],
);
my $versions = $stack->sql('SELECT count(*) FROM etl.source_definition');
for my $case (@wrong_source) {
    local $_ = $stack->definition('dss');
    $case->[1]->();
    $stack->write_file("$dir/wrong.json", JSON::PP->new->encode($_));
    my ($code, $out) = $stack->ekok('source', 'add', "$dir/sources/hsp.json", "$dir/wrong.json");
    is $code, 5, "definition: $case->[0]: exit code 5";
    my ($line) = grep { /^ekok: / } split /\n/, $out;
    like $line, qr{wrong\.json: }, '  the line names the file';
    like $line, $case->[2], '  and what is wrong';
    is $stack->sql('SELECT count(*) FROM etl.source_definition'), $versions, '  nothing is added';
}

# The key file.
my ($key) = $stack->read_file("$dir/etld.keys") =~ /^data 1 (\w+)/m;
like $key, qr/^[0-9a-f]{64}$/, 'the key file holds keys of 32 bytes';
is sprintf('%04o', (stat "$dir/etld.keys")[2] & 07777), '0600', 'ekok keys init writes it with mode 0600';
my ($code, $out) = $stack->ekok('keys', 'init', "$dir/etld.keys");
isnt $code, 0, 'ekok keys init never writes over a key file';
for my $mode (0640, 0604, 0666) {
    chmod $mode, "$dir/etld.keys";
    refused(sprintf('key file of mode %04o', $mode), 6, qr/etld\.keys.*06?00/);
}
chmod 0600, "$dir/etld.keys";
($code, $out) = $stack->etld;
is $code, 0, 'with mode 0600 the run goes through' or diag $out;

my $other = "$dir/other.keys";
($code, $out) = $stack->ekok('keys', 'init', $other);
is $code, 0, 'another key file';
(my $text = $config) =~ s/etld\.keys/other.keys/;
$stack->write_file("$dir/ekok.ini", $text);
($code, $out) = $stack->etld;
is $code, 6, 'a key file that did not seal this registry is refused';
like $out, qr/not the key/, '  and it says so' or diag $out;
unlike $out, qr/[0-9a-f]{32}/, '  without a key byte';
is $stack->sql("SELECT count(*) FROM etl.run"), 10, '  nothing was begun';
$stack->write_file("$dir/ekok.ini", $config);

# No secret in the process list, the environment or the logs.
$stack->reset;
unlink "$dir/held";
my $pid = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_copied:1:hold',
    "EKOK_STOP_FILE=$dir/held", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once');
ok $stack->wait_for(sub { -e "$dir/held" }, 120), 'a run held in the middle';
my $process = '/proc/' . $stack->daemon_pid;
my $seen = $stack->read_file("$process/cmdline");
like $seen, qr/ekok-etld/, 'its command line can be read';
$seen .= eval { $stack->read_file("$process/environ") } // '';    # closed to all but root: it leaves no core either
my @secret = $stack->read_file("$dir/etld.keys") =~ /\b([0-9a-f]{64})\b/g;
is scalar(grep { index($seen, $_) >= 0 } @secret), 0, 'no key in a command line or the environment';
unlink "$dir/held";
waitpid $pid, 0;
is scalar(grep { index($stack->read_file("$dir/etld.log") . $stack->read_file("$dir/server.log"), $_) >= 0 } @secret), 0,
    'no key in the logs';

# A token. Everything that programs print is kept, to be searched.
$stack->reset;
my $agent = "$dir-keyd";
my $token = Ekok::Token->new($stack, "$dir/token");
my $pin   = $token->pin;
$ENV{SOFTHSM2_CONF} = $token->conf;
my $said = '';    # all that programs print
sub ekok { my ($code, $out) = $stack->ekok(@_); $said .= $out; return ($code, $out); }
sub wrapped_by { return ($stack->read_file($_[0]) =~ /^wrap (\S+ \S+) /m)[0] // 'nothing'; }
sub process { return join '', map { eval { $stack->read_file("/proc/$_[0]/$_") } // '' } qw(cmdline environ); }

($code, $out) = ekok('run', 'dss');
is $code, 0, 'a run with a key file in the open' or BAIL_OUT $out;
my $expected = $stack->contents;

# Never a PIN in the words, which are an argument.
($code, $out) = ekok('keys', 'upgrade', '--wrap', $token->words('kek') . '&pin-value=739155');
is $code, 2, 'a PIN in the URI is refused';
like $out, qr/holds a PIN \(pin-value\), which others can then read: change that PIN/, 'and said to be known now';
unlike $out, qr/739155/, 'without being repeated';
is wrapped_by("$dir/etld.keys"), 'nothing', 'the key file is as it was';

# Into the token, from key to key in it, by the daemon's own user.
($code, $out) = ekok('keys', 'upgrade', '--wrap', $token->words('kek'));
is $code, 0, 'the keys are wrapped by the token' or BAIL_OUT $out;
like wrapped_by("$dir/etld.keys"), qr/^pkcs11 token=ekok;object=kek\?/, 'as the key file says';
my $first = $token->kek('kek');
($code, $out) = ekok('keys', 'rotate', 'wrap');
is $code, 0, 'a rotation of the wrapping key' or diag $out;
my ($label) = wrapped_by("$dir/etld.keys") =~ /^pkcs11 .*\bobject=(kek-\d{10})\b/;
ok $label, 'stays in the token, with a key of its own' or BAIL_OUT wrapped_by("$dir/etld.keys");
my $kek = $token->kek($label);
isnt $kek, $first, 'which is another';

# What the token wrapped is RFC 5649 and nothing else, and the key that is searched for below is the one.
my ($commitment, $wrapped) = $stack->read_file("$dir/etld.keys") =~ /^data 1 active (\w+) (\w+)$/m;
$key = Ekok::Token::unwrap($kek, pack 'H*', $wrapped);
ok defined $key && unpack('H*', Ekok::Token::commitment($key)) eq $commitment, 'the token\'s key opens what it wrapped';
ok !defined Ekok::Token::unwrap($first, pack 'H*', $wrapped), 'the one before does not';

# The daemon with the key file.
$stack->reset;
my $hold = "$dir/hold";
my $run  = $stack->start("$dir/held.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_copied:1:hold',
    "EKOK_STOP_FILE=$hold", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once', '--source', 'dss');
ok $stack->wait_for(sub { -e $hold }, 120), 'the daemon pulls' or diag $stack->read_file("$dir/held.log");
$seen = process($stack->daemon_pid);
like $seen, qr/ekok-etld/, 'its arguments can be read';
unlink $hold;
waitpid $run, 0;
is $? >> 8, 0, 'to the end';
ekok('run', 'dss');    # nothing new, but the sweep
is $stack->contents, $expected, 'the registry is the same';

# The key agent.
$stack->reset;
$stack->call('keyd-start');
($code, $out) = ekok('run', 'dss');
is $code, 0, 'the daemon pulls through an agent that started from the token' or diag $out;
is $stack->contents, $expected, 'the registry is the same again';
unlike $stack->read_file("$dir/ekok.ini"), qr/^file/m, 'the daemon has no key file';
($pid) = split /\n/, ($stack->capture('pgrep', '-f', '^' . $stack->bin('ekok-keyd') . " --config $agent/"))[1];
$seen .= process($pid);
like $seen, qr/ekok-keyd/, 'the agent\'s arguments can be read';
my %sought = (PIN => $pin, key => $kek, 'key in digits' => unpack('H*', $kek), 'key before' => $first, 'key before in digits' => unpack('H*', $first));
my $pattern = join '|', map { quotemeta } values %sought;
SKIP: {
    skip 'the agent\'s memory is for root', 4 if $> != 0;
    my @open = map { readlink($_) // '' } glob "/proc/$pid/fd/*";
    is scalar(grep { index($_, "$dir/token") == 0 } @open), 0, 'no file of the token is open in the agent';
    my @outside = grep { $stack->read_file("/proc/$pid/task/$_/status") !~ /^Seccomp:\t2$/m } map { m{(\d+)$} } glob "/proc/$pid/task/*";
    is "@outside", '', 'all its threads are in the cage';
    is $token->memory_of($pid, $pattern), 0, 'neither PIN nor wrapping key in its memory';
    cmp_ok $token->memory_of($pid, quotemeta $key), '>', 0, 'where the keys are that it works with (so the search can find)';
}

# Files, logs, a dump, arguments and environments.
$stack->sql('CHECKPOINT');
($code) = $stack->capture('sh', '-c', "pg_dump -h '@{[$stack->socket]}' -U postgres registry >'$dir/dump.sql'");
is $code, 0, 'a dump';
my @file = grep { $_ ne $token->pin_file } split /\n/, ($stack->capture('find', $dir, $agent, '-type', 'f'))[1];
my @holds = grep { (eval { $stack->read_file($_) } // '') =~ /$pattern/ } @file;
is "@holds", '', 'none of them in ' . @file . ' files: token, key file, data, WAL, logs, trace, dump';
ok scalar(grep { $_ eq "$agent/keys" || $_ eq "$dir/server.log" || m{^\Q$dir\E/token/tokens/} } @file) > 5, 'those were among them';
like $stack->read_file($token->pin_file), qr/$pattern/, 'the PIN is where it belongs (so the search can find)';
unlike $seen . $said, qr/$pattern/, 'nor in arguments, environments, or what was said';

# The agent ends, and does not start with a wrong PIN; it does not try again what the token has refused.
kill 'TERM', $pid;
ok $stack->wait_for(sub { !-e "/proc/$pid" }, 120), 'the agent ends';
my @start = ($stack->bin('ekok-keyd'), '--config', "$agent/ini");
$token->set_pin_file('Pin-wrong');
($code, $out) = $token->as_user(@start);
is $code, 6, 'a wrong PIN: exit code 6';
like $out, qr/^ekok-keyd: PKCS#11 module \S+: the token refuses the PIN; it is not tried again: mend the file or credential/m, 'with what, where and how to mend';
unlike $out, qr/Pin-/, 'without the PIN';
$token->set_pin_file($pin);
($code, $out) = $token->as_user(@start);
is $code, 6, 'nor is another tried';
like $out, qr/it was given a wrong PIN before, so none is tried unattended/, 'before a person has';

done_testing;
