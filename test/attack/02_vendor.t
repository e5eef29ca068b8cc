#!/usr/bin/perl
# A vendor with root on the database host copies the data directory with WAL, the logs and the configuration, and reads the
# memory of every process of the server while rows come in: no key, no identifier. Both were never on that host.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Planted;
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 92);
my $planted = Ekok::Planted->new($stack);
$stack->sql('ALTER SYSTEM SET shared_buffers = 4096', 'postgres');
$stack->call('server-kill');
$stack->call('server-restart');
my $dir     = $stack->dir;
my @secret  = ($planted->numbers, $planted->keys);
cmp_ok scalar(@secret), '>', 20, scalar(@secret) . ' identifiers and keys to look for';

my $held = "$dir/held";
my $pid  = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_merged:1:hold', "EKOK_STOP_FILE=$held",
    $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once');
ok $stack->wait_for(sub { -e $held }, 120), 'a daemon is at work, its page is merged';
my ($postmaster) = $stack->read_file("$dir/data/postmaster.pid") =~ /^(\d+)/;
my @process = ($postmaster, split ' ', `pgrep -P $postmaster`);
cmp_ok scalar(@process), '>', 5, scalar(@process) . ' processes of the server';
SKIP: {
    skip 'memory of other processes is closed to this user', 2 if !open my $memory, '<', "/proc/$postmaster/mem";
    my (%secret, %name);
    for my $process (@process) {
        my $shared = $process == $postmaster;
        %name   = (%name, $planted->found_in_memory($process, $shared, $planted->names));
        %secret = (%secret, $planted->found_in_memory($process, $shared, @secret));
    }
    cmp_ok scalar(CORE::keys %name), '>', 0, 'names are found in the server\'s memory: the search can find';
    is_deeply [ sort CORE::keys %secret ], [], '  identifiers and keys are not: they live in the daemon\'s process alone';
}
unlink $held;
waitpid $pid, 0;
my ($code, $out) = $stack->etld;    # one that was held for long may have lost its lease
is $code, 0, 'the planted people are pulled' or BAIL_OUT $out;
$stack->sql('CHECKPOINT');
my %name = $planted->found_below("$dir/data", $planted->names);
is scalar(CORE::keys %name), 5, 'names lie in the data directory, as is stated';
my %secret = $planted->found_below("$dir/data", @secret);
is_deeply [ sort map { $secret{$_} } CORE::keys %secret ], [], '  no identifier and no key lies in data or WAL';
($code, $out) = $stack->capture('sh', '-c', "cat '$dir/server.log' '$dir/pg_hba.conf' '$dir/pg_ident.conf' '$dir/data/postgresql.conf' '$dir/data/postgresql.auto.conf'");
is_deeply [ Ekok::Planted::found_in($out, @secret) ], [], '  nor in logs and configuration';

# with all of that, and a key of his own, a sealed value does not open
my ($made) = $stack->ekok('keys', 'init', "$dir/other.keys");
is $made, 0, 'the vendor makes keys of his own';
my $config = $stack->read_file("$dir/ekok.ini") =~ s/etld\.keys/other.keys/r;
$stack->write_file("$dir/other.ini", $config);
chmod 0644, "$dir/other.ini";
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config', "$dir/other.ini", '--once');
is $code, 6, '  a daemon with them is refused' or diag $out;
like $out, qr/not the key file of this registry/, '  for the commitment that the registry holds';

done_testing;
