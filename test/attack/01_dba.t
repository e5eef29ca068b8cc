#!/usr/bin/perl
# A superuser in SQL reads every table, every statistic and, with everything logged, every statement: he learns no identifier,
# because none was ever sent to the server. He edits history with triggers off: witnesses remember another. He wants the second factor
# of an officer: it lies nowhere on the server but sealed, the key agent makes none for him, and ends his guesses.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use DBI;
use Digest::SHA qw(sha256 sha256_hex);
use Ekok::Person;
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

# an officer's second factor, made by the key agent for whoever sits at its host: not for the server's user
my $agent = "$dir-keyd";
{
    local $ENV{EKOK_KEYD_MAY}  = $> == 0 ? 'code, status' : 'code, status, enrol';
    local $ENV{EKOK_KEYD_MORE} = $> == 0 ? "[caller officer]\nuser = 0\nmay = enrol\n" : '';
    $stack->call('keyd-start', $> == 0 ? 'daemon' : scalar getpwuid $>);
}
my @install = ('--agent', "$agent/socket", '--database', "host=$socket port=5432 dbname=registry user=postgres");
my %otp;
for my $login ('o1', 'o2') {
    my ($c, $out) = $stack->capture($stack->bin('ekok'), 'access', 'install', $login, "Officer $login", @install);
    ($otp{$login}) = $out =~ /\?secret=([A-Z2-7]{32})&/;
    is $c, 0, "$login is installed" or BAIL_OUT $out;
}
my $officer = Ekok::Person->new(login => 'o1', secret => $otp{o1});
my $db = DBI->connect("dbi:Pg:dbname=registry;host=$socket;port=5432", 'postgres', undef, { RaiseError => 0, PrintError => 0, AutoCommit => 1 }) or die;
$db->do('SET SESSION AUTHORIZATION o1');
like $db->selectrow_array('SELECT access.step_up(?)', undef, $officer->code) // $db->errstr, qr/^20\d\d-/, 'her code is right: the agent looked at it';
my $raw   = Ekok::Person::decode32($otp{o1});
my @otp   = ($otp{o1}, lc $otp{o1}, $raw, unpack('H*', $raw), uc unpack('H*', $raw));
$stack->sql('CHECKPOINT');
($code) = $stack->capture('sh', '-c', "pg_dump -h '$socket' -U postgres registry > '$dir/dump.sql'");
is $code, 0, 'the DBA dumps all tables';
my $dump = $stack->read_file("$dir/dump.sql");
my $blob = $stack->sql(q{SELECT encode(sealed, 'hex') FROM access.factor WHERE login = 'o1'});
is length $blob, 130, '  and sees that she has a factor';
like $dump, qr/\Q$blob\E/, '  which is in the dump';
is_deeply [ Ekok::Planted::found_in($dump, @otp) ], [], '  sealed: its secret is not';
is_deeply [ Ekok::Planted::found_in($stack->read_file("$dir/server.log"), @otp) ], [], '  nor in the log with everything in it';
my %lies = $planted->found_below("$dir/data", @otp);
is_deeply [ sort values %lies ], [], '  nor in any file of the server';
SKIP: {
    my ($postmaster) = $stack->read_file("$dir/data/postmaster.pid") =~ /^(\d+)/;
    skip 'memory of other processes is closed to this user', 2 if !open my $memory, '<', "/proc/$postmaster/mem";
    my (%secret, %control);
    for my $process ($postmaster, split ' ', `pgrep -P $postmaster`) {
        %secret  = (%secret,  $planted->found_in_memory($process, $process == $postmaster, @otp));
        %control = (%control, $planted->found_in_memory($process, $process == $postmaster, pack "H*", $blob));
    }
    is scalar(CORE::keys %control), 1, '  in the memory of the server is the sealed one: the search can find';
    is_deeply [ sort values %secret ], [], '  and no other, also while her session lasts';
}

# what he can do is ask, as the server's user, whatever the tables say
sub guess {
    my ($login, $from, $guess) = @_;
    my $step = $stack->sql("UPDATE access.factor SET tries = 0, locked_until = NULL, last_step = 0; SELECT coalesce(ekok.agent_code('$login', sealed, '$guess', 0)::text, 'wrong') FROM access.factor WHERE login = '$from'");
    return $step;
}
sub refused { my @guess = @_; eval { guess(@guess); 1 } and return 'answered'; return $@; }
like refused('o2', 'o1', '000000'), qr/does not open: it is another login's/, 'her factor does not count for another login';
my ($answered, $last) = (0, '');
for my $n (1 .. 40) {
    my $said = eval { guess('o1', 'o1', sprintf '%06d', ($n * 7919 + 13) % 1_000_000) };
    if (!defined $said) { $last = $@; last }
    $answered++ if $said eq 'wrong';
}
is $answered, 10, 'ten guesses in an hour, of a million';
like $last, qr/the key agent refuses: the quota is used up \(codes-hour\)/, '  then none is looked at';
like refused('o1', 'o1', $officer->code), qr/codes-hour/, '  not even a right one';
my $trace = $stack->read_file("$agent/trace");
is scalar(() = $trace =~ / code caller=stack uid=\d+ user=o1 by=postgres step=0 /g), 10, '  each is in a trace that he does not reach, with who asked';
like $trace, qr/ refuse refusals=\d+ of=stack\.codes user=o1 pattern=codes-hour /, '  with the end of it';
like $stack->read_file("$agent/log"), qr/event=key_alarm kind=codes-hour caller=stack\.codes user=o1/, '  and an alarm was given';
SKIP: {
    skip 'one user of the machine is all there is', 2 if $> != 0;
    my ($c, $out) = run($stack->bin('ekok'), 'access', 'factor', 'o1', @install);
    is $c, 6, 'as the server\'s user he asks the agent for a factor of his own making';
    like $out, qr/this user may not do that here/, '  which it makes for others';
}
$db->disconnect;

done_testing;
