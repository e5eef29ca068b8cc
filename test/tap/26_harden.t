#!/usr/bin/perl
# A server set up as ekok harden --print says holds every check of ekok harden --check; each check is made to fail once, and
# says what it found.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use IO::Socket::INET;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->call('migrated-start');
my $dir    = $stack->dir;
my $socket = $stack->socket;
$stack->capture("$Ekok::Stack::ROOT/test/sim/make_certs.sh", "$dir/certs");
system 'chown', '-R', 'postgres:', "$dir/certs" if $> == 0;

sub run { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); }
sub printed { my ($file) = @_; my ($code, $out) = run($stack->bin('ekok'), 'harden', '--print', $file); is $code, 0, "$file is printed" or diag $out; return $out; }

# every check by its name: { holds, found, mend }
sub verdicts {
    my ($port) = @_;
    my ($code, $out) = run($stack->bin('ekok'), 'harden', '--check', '--json', '--database', "host=$socket port=" . ($port // 5432) . ' dbname=registry user=postgres');
    my $list = eval { JSON::PP->new->decode($out =~ s/^ekok: [^\n]*\n//mr) } or BAIL_OUT "no verdicts: $@ " . substr $out, -300;
    my %verdict = map { $_->{check} => $_ } @{ $list->{checks} };
    my @broken = sort grep { !$verdict{$_}{holds} } keys %verdict;
    is $code, @broken ? 9 : 0, 'exit code: ' . (@broken ? "@broken" : 'all hold');
    return %verdict;
}
sub broken { my (%verdict) = @_; return join ' ', sort grep { !$verdict{$_}{holds} } keys %verdict; }

$stack->call('server-kill');
$stack->write_file("$dir/hardened.conf", printed('postgresql.conf') . <<"END");
ssl_cert_file = '$dir/certs/server.pem'
ssl_key_file = '$dir/certs/server.key'
ssl_ca_file = '$dir/certs/ca.pem'
unix_socket_permissions = 0700
listen_addresses = ''
archive_command = 'test archive-push = archive-push'
END
$stack->capture('sh', '-c', "echo \"include '$dir/hardened.conf'\" >> '$dir/data/postgresql.conf'; chmod 0644 '$dir/hardened.conf'");
my $map = $stack->read_file("$dir/pg_ident.conf");
my $hba = printed('pg_hba.conf');
$stack->write_file("$dir/pg_ident.conf", printed('pg_ident.conf') . $map);
sub hba { my ($text) = @_; $stack->write_file("$dir/pg_hba.conf", $text); chmod 0644, "$dir/pg_hba.conf", "$dir/pg_ident.conf"; return; }
hba($hba);
sub restart { $stack->call('server-kill'); return $stack->call('server-restart'); }
restart();
$stack->call('stop');
my ($code, $out) = run('/usr/lib/postgresql/15/bin/pg_checksums', '--enable', '-D', "$dir/data");
is $code, 0, 'checksums' or diag $out;
$stack->call('server-restart');
$stack->sql('CREATE EXTENSION pgaudit SCHEMA public');

my %good = verdicts();
is broken(%good), '', 'a server as printed holds every check' or diag explain [ grep { !$_->{holds} } values %good ];
like $good{ssl_ciphers}{source}, qr/20\.3/, 'each names its source';
my %tried;

# settings: all made wrong at once, one restart
my $port = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)->sockport;
my %wrong = (
    password_encryption => 'md5', ssl => 'off', ssl_min_protocol_version => 'TLSv1.1', ssl_ciphers => 'HIGH:MEDIUM', ssl_prefer_server_ciphers => 'off',
    listen_addresses => '127.0.0.1,0.0.0.0', unix_socket_permissions => '0777', authentication_timeout => '90', shared_preload_libraries => 'pgaudit',
    session_preload_libraries => 'ekok', dynamic_library_path => '$libdir:/tmp', row_security => 'off',
    search_path => 'public', log_connections => 'off', log_disconnections => 'off', log_line_prefix => '%p ', log_file_mode => '0644',
    log_statement => 'all', log_min_error_statement => 'error', log_min_messages => 'warning', log_error_verbosity => 'default', log_parameter_max_length => '-1',
    log_parameter_max_length_on_error => '10', log_min_duration_statement => '5000', log_min_duration_sample => '5000',
    log_transaction_sample_rate => '0.5', debug_print_parse => 'on', debug_print_rewritten => 'on', debug_print_plan => 'on', 'pgaudit.log' => 'ddl',
    'pgaudit.log_relation' => 'off', 'pgaudit.log_parameter' => 'on', 'pgaudit.log_statement' => 'on', 'pgaudit.log_catalog' => 'on', fsync => 'off',
    full_page_writes => 'off', synchronous_commit => 'off', data_checksums => 'off', wal_level => 'minimal', archive_mode => 'off',
    archive_timeout => '0', idle_in_transaction_session_timeout => '0');
$stack->call('stop');
run('/usr/lib/postgresql/15/bin/pg_checksums', '--disable', '-D', "$dir/data");
my $kept = $stack->read_file("$dir/hardened.conf");
$stack->write_file("$dir/hardened.conf", $kept . "max_wal_senders = 0\nport = $port\n"
    . join '', map { "$_ = '$wrong{$_}'\n" } grep { $_ ne 'data_checksums' } sort keys %wrong);
chmod 0644, "$dir/hardened.conf";
$stack->call('server-restart');
my %bad = verdicts($port);
for my $name (sort keys %wrong) {
    $tried{$name} = 1;
    ok !$bad{$name}{holds}, "$name = $wrong{$name}: does not hold";
    is $bad{$name}{found}, $wrong{$name}, '  and is told' if $name !~ /^log_transaction/;
    like $bad{$name}{mend}, qr/\S: \S/, '  with how to mend it, and why';
}
$stack->call('stop');
run('/usr/lib/postgresql/15/bin/pg_checksums', '--enable', '-D', "$dir/data");
$stack->write_file("$dir/hardened.conf", $kept);
chmod 0644, "$dir/hardened.conf";
$stack->call('server-restart');

# The server reads its settings again, until new sessions have this command.
sub reload {
    my ($command) = @_;
    $stack->sql('SELECT pg_reload_conf()');
    return $stack->wait_for(sub { $stack->sql('SHOW archive_command') eq $command }, 120);
}

# everything else: one wrong thing at a time
my @case = (
    [hba_errors => sub { hba("$hba\nnonsense\n") }, sub { hba($hba) }, qr/^line \d+$/],
    [hba_methods => sub { hba("$hba\nlocal all guest trust\n") }, sub { hba($hba) }, qr/^line \d+: trust$/],
    [hba_remote_tls => sub { hba("$hba\nhost registry guest all scram-sha-256\n") }, sub { hba($hba) }, qr/^line \d+: host$/, 'hba_client_certificate'],
    [hba_client_certificate => sub { hba("$hba\nhostssl registry guest all scram-sha-256\n") }, sub { hba($hba) }, qr/^line \d+$/],
    [hba_remote_superuser => sub { hba($hba =~ s/^host +all +postgres +all +reject\n//mr) }, sub { hba($hba) }, qr/^postgres by line \d+$/],
    # What the hooks refuse stands in the catalog as if it had been there before them.
    [role_superusers => 'CREATE ROLE guest SUPERUSER NOLOGIN', 'DROP ROLE guest', qr/^guest$/],
    [role_createrole => q{CREATE ROLE guest; UPDATE pg_authid SET rolcreaterole = true WHERE rolname = 'guest'}, 'DROP ROLE guest', qr/^guest$/],
    [role_bypassrls => 'CREATE ROLE guest BYPASSRLS', 'DROP ROLE guest', qr/^guest$/],
    [role_server_files => 'CREATE ROLE guest IN ROLE pg_execute_server_program', 'DROP ROLE guest', qr/^guest is pg_execute_server_program$/],
    [role_verifiers => q{CREATE ROLE guest; UPDATE pg_authid SET rolpassword = 'md5' || md5('xguest') WHERE rolname = 'guest'}, 'DROP ROLE guest', qr/^guest$/],
    [role_replication => 'CREATE ROLE guest REPLICATION IN ROLE ekok_auditor', 'DROP ROLE guest', qr/^guest$/],
    [extensions => 'CREATE EXTENSION pgtap SCHEMA public', 'DROP EXTENSION pgtap', qr/^pgtap$/],
    [languages => 'CREATE LANGUAGE guest HANDLER plpgsql_call_handler', 'DROP LANGUAGE guest', qr/^guest$/],
    [schema_public => 'GRANT CREATE ON SCHEMA public TO PUBLIC', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC', qr/^PUBLIC$/],
    [database_public => 'GRANT CONNECT ON DATABASE registry TO PUBLIC', 'REVOKE ALL ON DATABASE registry FROM PUBLIC', qr/^CONNECT$/],
    [definer_search_path => 'CREATE FUNCTION report.guest() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1; REVOKE ALL ON FUNCTION report.guest() FROM PUBLIC',
        'DROP FUNCTION report.guest()', qr/^report\.guest\(\)$/],
    [definer_public => 'CREATE FUNCTION report.guest() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog RETURN 1; GRANT EXECUTE ON FUNCTION report.guest() TO PUBLIC',
        'DROP FUNCTION report.guest()', qr/^report\.guest\(\)$/],
    [view_invoker => 'CREATE VIEW report.guest AS SELECT 1 AS x', 'DROP VIEW report.guest', qr/^report\.guest$/],
    [foreign_servers => 'CREATE FOREIGN DATA WRAPPER guest; CREATE SERVER guest FOREIGN DATA WRAPPER guest', 'DROP FOREIGN DATA WRAPPER guest CASCADE', qr/^guest$/],
    [setting_by_role => q{ALTER ROLE etld SET log_statement = 'all'}, 'ALTER ROLE etld RESET log_statement', qr/^etld: log_statement=all$/],
    [archive_command => sub { $stack->sql(q{ALTER SYSTEM SET archive_command = 'true'}); reload('true') },
        sub { $stack->sql('ALTER SYSTEM RESET archive_command'); reload('test archive-push = archive-push') }, qr/^true$/],
    [archiver => sub {
        $stack->sql(q{ALTER SYSTEM SET archive_command = 'test archive-push = failed'});
        $stack->sql('SELECT pg_reload_conf()');
        $stack->sql('CREATE TABLE public.some (x int)');
        $stack->sql('SELECT pg_switch_wal()');
        $stack->wait_for(sub { $stack->sql('SELECT failed_count > 0 FROM pg_stat_archiver') eq 't' }, 120);
    }, sub {
        $stack->sql('DROP TABLE public.some');
        $stack->sql('ALTER SYSTEM RESET archive_command');
        $stack->sql('SELECT pg_reload_conf()');
        $stack->wait_for(sub { $stack->sql('SELECT last_archived_time > last_failed_time FROM pg_stat_archiver') eq 't' }, 120);
    }, qr/^[0-9A-F]{24} failed at 20/],
);
for my $case (@case) {
    my ($name, $break, $mend, $told, @also) = @$case;
    $tried{$name} = 1;
    ref $break ? $break->() : $stack->sql($break);
    my %now = verdicts();
    is broken(%now), join(' ', sort $name, grep { !$now{$_}{holds} } @also), "$name does not hold, and nothing else";
    like $now{$name}{found} // '', $told, '  and is told';
    ref $mend ? $mend->() : $stack->sql($mend);
}
is broken(verdicts()), '', 'mended, everything holds again';
is_deeply [ sort keys %tried ], [ sort keys %good ], 'no check is untried';

($code, $out) = run($stack->bin('ekok'), 'harden', '--check', '--database', "host=$socket port=5432 dbname=registry user=postgres");
is $code, 0, 'for people' or diag $out;
like $out, qr/^check +holds +found$/m, '  a table';
is scalar(grep { length > 80 } split /\n/, $out), 0, '  of 80 columns';
($code, $out) = run($stack->bin('ekok'), 'harden', '--print', 'sudoers');
is $code, 2, 'another file is not printed' or diag $out;

done_testing;
