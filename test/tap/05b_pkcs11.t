#!/usr/bin/perl
# The wrapping key in a PKCS#11 token: the daemon with the key file and the key agent both start from it and fill the same
# registry as before; the PIN and the key are in no file, log, argument, environment or memory image; a wrong PIN is tried once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Ekok::Token;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 41);
my $dir   = $stack->dir;
my $agent = "$dir-keyd";
my $token = Ekok::Token->new($stack, "$dir/token");
my $pin   = $token->pin;
$ENV{SOFTHSM2_CONF} = $token->conf;
my $said = '';    # all that programs print
sub ekok { my ($code, $out) = $stack->ekok(@_); $said .= $out; return ($code, $out); }
sub wrapped_by { return ($stack->read_file($_[0]) =~ /^wrap (\S+ \S+) /m)[0] // 'nothing'; }
sub process { return join '', map { eval { $stack->read_file("/proc/$_[0]/$_") } // '' } qw(cmdline environ); }

my ($code, $out) = ekok('run', 'dss');
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
my $key = Ekok::Token::unwrap($kek, pack 'H*', $wrapped);
ok defined $key && unpack('H*', Ekok::Token::commitment($key)) eq $commitment, 'the token\'s key opens what it wrapped';
ok !defined Ekok::Token::unwrap($first, pack 'H*', $wrapped), 'the one before does not';

# The daemon with the key file.
$stack->reset;
my $hold = "$dir/hold";
my $run  = $stack->start("$dir/held.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_copied:1:hold',
    "EKOK_STOP_FILE=$hold", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once', '--source', 'dss');
ok $stack->wait_for(sub { -e $hold }, 120), 'the daemon pulls' or diag $stack->read_file("$dir/held.log");
my $seen = process($stack->daemon_pid);
like $seen, qr/ekok-etld/, 'its arguments can be read';
unlink $hold;
waitpid $run, 0;
is $? >> 8, 0, 'to the end';
is $stack->contents('evidence', 'membership', 'matches', 'rule_hit'), $expected, 'the registry is the same';

# The key agent.
$stack->reset;
$stack->call('keyd-start');
($code, $out) = ekok('run', 'dss');
is $code, 0, 'the daemon pulls through an agent that started from the token' or diag $out;
is $stack->contents, $expected, 'the registry is the same again';
unlike $stack->read_file("$dir/ekok.ini"), qr/^file/m, 'the daemon has no key file';
my ($pid) = split /\n/, ($stack->capture('pgrep', '-f', '^' . $stack->bin('ekok-keyd') . " --config $agent/"))[1];
$seen .= process($pid);
like $seen, qr/ekok-keyd/, 'the agent\'s arguments can be read';
my %secret = (PIN => $pin, key => $kek, 'key in digits' => unpack('H*', $kek), 'key before' => $first, 'key before in digits' => unpack('H*', $first));
my $pattern = join '|', map { quotemeta } values %secret;
SKIP: {
    skip 'the agent\'s memory is for root', 4 if $> != 0;
    my @open = map { readlink($_) // '' } glob "/proc/$pid/fd/*";
    is scalar(grep { index($_, "$dir/token") == 0 } @open), 0, 'no file of the token is open in the agent';
    my @outside = grep { $stack->read_file("/proc/$pid/task/$_/status") !~ /^Seccomp:\t2$/m } map { m{(\d+)$} } glob "/proc/$pid/task/*";
    is "@outside", '', 'all its threads are in the cage';
    is memory_of($pid, $pattern), 0, 'neither PIN nor wrapping key in its memory';
    cmp_ok memory_of($pid, quotemeta $key), '>', 0, 'where the keys are that it works with (so the search can find)';
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

# How often a pattern is met in the memory of a process.
sub memory_of {
    my ($of, $what) = @_;
    my $hits = 0;
    no warnings 'portable';    # addresses of 64 bits
    open my $mem, '<:raw', "/proc/$of/mem" or die;
    for my $line (split /\n/, $stack->read_file("/proc/$of/maps")) {
        my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) r/ or next;
        next if $line =~ /\[v(var|syscall|dso)\]/;
        sysseek $mem, hex $from, 0 or next;
        my ($left, $text) = (hex($to) - hex $from, '');
        while ($left > 0) {
            my $n = sysread $mem, $text, $left, length $text or last;
            $left -= $n;
        }
        $hits++ while $text =~ /$what/gs;
    }
    return $hits;
}
