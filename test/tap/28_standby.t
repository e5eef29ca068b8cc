#!/usr/bin/perl
# A standby from the repository of backups, streaming by a slot, a role and a certificate of its own. The primary dies in
# mid-run; the standby is promoted and takes its address; the daemon goes on against it: nothing lost, nothing twice, and the
# sealer too.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Backup;
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 300, '--seed', 28, '--defects', '0.02');
my $dir     = $stack->dir;
my $socket  = $stack->socket;
my $bin     = "$Ekok::Stack::BUILD/pg/lib/postgresql/15/bin";
my $standby = "$dir/places/standby";
my $aside   = "$dir/places/aside";
my $address = sprintf '127.%d.%d.%d', 64 + $$ % 64, int($$ / 64) % 250 + 1, 28;
my @witness = map { "$dir/witness-$_" } 'a', 'b';

sub run { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); }

sub seal {
    my ($code, $out) = run($stack->bin('ekok-sealer'), '--database', "host=$socket port=5432 dbname=registry user=sealer", '--key', "$dir/audit.key",
        (map { ('--witness', $_) } @witness), '--once');
    return is $code, 0, 'sealed' || diag $out;
}

# two rounds that nothing disturbs; sealed, since a sealer that first signs is in the trace by its key
my ($code, $out) = run($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");
is $code, 0, 'a key for the trace' or diag $out;
run('mkdir', @witness);
($code, $out) = $stack->etld;
is $code, 0, 'a first round' or BAIL_OUT $out;
$stack->epoch(1);
$stack->etld;
$stack->ekok('sweep');
seal();
my $undisturbed = $stack->contents;
$stack->epoch(0);
run('rm', '-r', @witness);
run('mkdir', @witness);
$stack->reset;

# the standby
$stack->capture('sh', '-c', "cd '$dir/certs' && openssl ecparam -name prime256v1 -genkey -noout -out standby.key && openssl req -new -key standby.key -subj '/CN=ekok-standby' -out standby.csr"
    . " && openssl x509 -req -in standby.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out standby.pem && chmod 600 standby.key && chown --reference=client.key standby.*");
$stack->write_file("$dir/pg_hba.conf", $stack->read_file("$dir/pg_hba.conf") . "hostssl replication standby all cert map=ekok\nhost all all all reject\n");
$stack->write_file("$dir/pg_ident.conf", $stack->read_file("$dir/pg_ident.conf") . "ekok ekok-standby standby\n");
chmod 0644, "$dir/pg_hba.conf", "$dir/pg_ident.conf";
my $backup = Ekok::Backup->new($stack);
$backup->setting(ssl => 'on', ssl_cert_file => "$dir/certs/server.pem", ssl_key_file => "$dir/certs/server.key", ssl_ca_file => "$dir/certs/ca.pem",
    listen_addresses => $address);
$backup->restart;
$stack->sql('CREATE ROLE standby LOGIN REPLICATION CONNECTION LIMIT 2', 'postgres');
$stack->sql(q{SELECT pg_create_physical_replication_slot('standby')}, 'postgres');
$backup->backup('full');
my $conninfo = "host=localhost hostaddr=$address port=5432 user=standby sslmode=verify-full sslrootcert=$dir/certs/ca.pem";
($code, $out) = $backup->restore($standby, '--type=standby', "--recovery-option=primary_conninfo=$conninfo sslcert=$dir/certs/standby.pem sslkey=$dir/certs/standby.key application_name=standby",
    '--recovery-option=primary_slot_name=standby');
is $code, 0, 'a standby is restored from the repository' or diag $out;
run('mkdir', '-m', '700', $aside);
sub standby_up {
    my ($at) = @_;
    my ($c, $o) = run("$bin/pg_ctl", '-D', $standby, '-l', "$dir/places/standby.log", '-w', '-t', 60, '-o',
        "-c unix_socket_directories=$at -c listen_addresses= -c archive_mode=off", 'start');
    return is $c, 0, 'the standby starts' || diag $o, $stack->read_file("$dir/places/standby.log");
}
standby_up($aside);
ok $stack->wait_for(sub { $stack->sql(q{SELECT count(*) FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid) WHERE r.usename = 'standby' AND r.state = 'streaming'
    AND s.ssl AND s.client_dn = '/CN=ekok-standby'}) }, 60), 'it streams, over TLS, with its certificate';
is $stack->sql(q{SELECT active FROM pg_replication_slots WHERE slot_name = 'standby'}), 't', '  by its slot';
($code, $out) = run('psql', '-XqAtc', 'IDENTIFY_SYSTEM', "$conninfo dbname=registry replication=true sslcert=/nonexistent sslkey=/nonexistent");
isnt $code, 0, 'without the certificate nobody replicates';
like $out, qr/certificate/, '  for want of it';
($code, $out) = run('psql', '-XqAtc', 'SELECT 1', "$conninfo dbname=registry sslcert=$dir/certs/standby.pem sslkey=$dir/certs/standby.key");
isnt $code, 0, 'and with it nobody reads tables';
like $out, qr/pg_hba\.conf rejects/, '  for the rule in pg_hba.conf';
($code, $out) = run('psql', '-XqAt', '-h', $aside, '-U', 'postgres', '-d', 'registry', '-c', 'CREATE TABLE x ()');
like $out, qr/read-only transaction/, 'the standby takes no writes';

# the primary dies in mid-run
$stack->call('define');
($code, $out) = $stack->etld;
is $code, 0, 'the first round' or diag $out;
seal();
$stack->epoch(1);
my $held = "$dir/held";
my $pid  = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_merged:4:hold', "EKOK_STOP_FILE=$held",
    $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once');
ok $stack->wait_for(sub { -e $held }, 120), 'the second is under way';
ok $stack->wait_for(sub { $stack->sql('SELECT coalesce(bool_and(replay_lsn >= (SELECT max(l) FROM (SELECT pg_current_wal_flush_lsn() l) x)), false) FROM pg_stat_replication') eq 't' }, 120),
    'the standby has what was committed';
$stack->call('server-kill');
unlink $held;
waitpid $pid, 0;
isnt $? >> 8, 0, 'the primary is dead, and the daemon says so';
run("$bin/pg_ctl", '-D', $standby, '-m', 'fast', '-w', 'stop');
standby_up($socket);
($code, $out) = run("$bin/pg_ctl", '-D', $standby, '-w', 'promote');
is $code, 0, 'the standby is promoted, at the address of the primary' or diag $out;
($code, $out) = $stack->etld;
is $code, 0, 'the daemon goes on against it' or diag $out;
($code, $out) = $stack->ekok('sweep');
is $code, 0, '  a sweep too' or diag $out;
is $stack->contents, $undisturbed, '  and the contents are those of a registry that never lost its server';
seal();
($code, $out) = run($stack->bin('ekok'), 'verify-audit', '--database', "host=$socket port=5432 dbname=registry user=auditor", '--keys', "$dir/audit.key.pub",
    map { ('--witness', $_) } @witness);
is $code, 0, '  with a trace that verifies against witnesses of before' or diag $out;
run("$bin/pg_ctl", '-D', $standby, '-m', 'fast', '-w', 'stop');

done_testing;
