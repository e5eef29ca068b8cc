#!/usr/bin/perl
# A superuser in SQL reads every table, every statistic and, with everything logged, every statement: he learns no identifier,
# because none was ever sent to the server. He edits history with triggers off: witnesses remember another.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Digest::SHA qw(sha256 sha256_hex);
use Ekok::Planted;
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 91);
my $planted = Ekok::Planted->new($stack);
my $dir     = $stack->dir;
my $socket  = $stack->socket;
my @number  = $planted->numbers;
my @name    = $planted->names;

# with all that a DBA can switch on, from the first pull on
$stack->sql("ALTER SYSTEM SET $_", 'postgres') for q(log_statement = 'all'), 'log_min_duration_statement = 0', 'log_parameter_max_length = -1',
    'log_parameter_max_length_on_error = -1', q(log_min_error_statement = 'error'), 'debug_print_plan = on', q(log_error_verbosity = 'verbose'), 'track_activity_query_size = 65536';
$stack->call('server-kill');
$stack->call('server-restart');
my $held = "$dir/held";
my $pid  = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_copied:1:hold', "EKOK_STOP_FILE=$held",
    $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once');
ok $stack->wait_for(sub { -e $held }, 120), 'a daemon is at work, its rows are staged';
my $activity = $stack->sql('SELECT * FROM pg_stat_activity');
like $activity, qr/stage/, 'the DBA sees its statements';
is_deeply [ Ekok::Planted::found_in($activity, @number) ], [], '  and no identifier in them';
unlink $held;
waitpid $pid, 0;
is $? >> 8, 0, 'the planted people are pulled' or BAIL_OUT $stack->read_file("$dir/etld.log");
is $stack->sql(q{SELECT count(*) FROM registry.enrolment WHERE nid_sealed IS NOT NULL AND mobile_sealed IS NOT NULL}), 5, '  sealed';
$stack->ekok('sweep');

my ($code) = $stack->capture('sh', '-c', "pg_dump -h '$socket' -U postgres registry > '$dir/dump.sql'");
is $code, 0, 'the DBA dumps it all';
my %found = map { $_ => 1 } Ekok::Planted::found_in($stack->read_file("$dir/dump.sql"), @name, @number);
is_deeply [ grep { !$found{$_} } @name ], [], '  names are there, as is stated';
is_deeply [ grep { $found{$_} } @number ], [], '  identifiers are not: they were sealed before they came';
is_deeply [ Ekok::Planted::found_in($stack->sql('SELECT * FROM pg_stats'), @number) ], [], '  nor in the statistics';
my $log = $stack->read_file("$dir/server.log");
like $log, qr/merge_page/, 'the log with everything in it';
is_deeply [ Ekok::Planted::found_in($log, @number) ], [], '  has none';

# a token cannot be made without its key: every number hashed without it fits none
my %token = map { $_ => 1 } split /\n/, $stack->sql(q{SELECT encode(nid_token, 'hex') FROM registry.enrolment UNION SELECT encode(mobile_token, 'hex') FROM registry.enrolment});
cmp_ok scalar(CORE::keys %token), '>=', 10, 'tokens are there';
my @guess = map { my $n = $_; map { substr sha256_hex($_), 0, 32 } $n, "10:$n", "nid:$n", "nid:10:$n", "mobile:$n" } @number;
is_deeply [ grep { $token{$_} } @guess ], [], '  no plain hash of a number is one: guessing all numbers needs the key';

# history
my @witness = map { "$dir/witness-$_" } 'a', 'b';
sub run { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); }
run($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");
run('mkdir', @witness);
my ($sealed) = run($stack->bin('ekok-sealer'), '--database', "host=$socket port=5432 dbname=registry user=sealer", '--key', "$dir/audit.key",
    (map { ('--witness', $_) } @witness), '--once');
is $sealed, 0, 'the trace is sealed';
my $off = q{DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass UNION SELECT 'audit.entry'::regclass LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', t); END LOOP; END $$; };
for my $attack (
    ['an entry is rewritten', "$off UPDATE audit.entry SET new = new::jsonb || '{\"amount_paisa\": 1}' WHERE id = (SELECT max(id) - 3 FROM audit.entry)", qr/its images are not those that it was sealed with/],
    ['a row is changed with triggers off', q{ALTER TABLE registry.enrolment DISABLE TRIGGER USER; UPDATE registry.enrolment SET amount_paisa = 999999 WHERE record_id = 'P-1';
        ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER audit_insert; ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER audit_update;
        ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER audit_delete; ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER audit_truncate},
        qr/registry\.enrolment: 1 row\(s\): differs from its last entry/],
    ['as a replica, where triggers rest', q{SET session_replication_role = replica; DELETE FROM registry.verification_answer}, undef],
) {
    my ($what, $sql, $told) = @$attack;
    $stack->sql('CREATE DATABASE attacked TEMPLATE registry STRATEGY file_copy', 'postgres');
    my $entries = $stack->sql('SELECT count(*) FROM audit.entry', 'attacked');
    $stack->sql($sql, 'attacked');
    my ($c, $out) = run($stack->bin('ekok'), 'verify-audit', '--database', "host=$socket port=5432 dbname=attacked user=auditor", '--keys', "$dir/audit.key.pub",
        map { ('--witness', $_) } @witness);
    if (!$told) {
        cmp_ok $stack->sql('SELECT count(*) FROM audit.entry', 'attacked'), '>', $entries, "$what: it is traced all the same";
    } else {
        is $c, 8, "$what: found out";
        like $out =~ s/\s+/ /gr, $told, '  for this reason';
    }
    $stack->sql('DROP DATABASE attacked WITH (FORCE)', 'postgres');
}

done_testing;
