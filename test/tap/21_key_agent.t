#!/usr/bin/perl
# The key agent: the registry filled through it is the same as by the keys at hand, also when it is killed in mid-page; the
# database server holds no key and no number, in memory, files or logs; who may not, is refused, and its trace tells it all.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use DBI;
use Digest::SHA qw(sha256_hex);
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
my $root  = $> == 0;
my $user  = $root ? 'daemon' : getpwuid($>);       # the agent's own
my ($dir, $bin) = ($stack->dir, $stack->bin('ekok'));
my $agent = "$dir-keyd";
$stack->up('--persons', 300, '--seed', 23, '--defects', '0.02');

sub status { return { map { split /=/, $_, 2 } split /\n/, ($stack->ekok('agent', 'status'))[1] }; }
sub trace  { return $stack->read_file("$agent/trace"); }
sub verify { return $stack->capture($stack->bin('ekok-keyd'), '--verify-trace', "$agent/trace", @_); }
# The agent itself, not the processes that read and move files for it: their parent is the agent.
sub agent_pid {
    my %is = map { $_ => 1 } my @pid = split /\n/, ($stack->capture('pgrep', '-f', '^' . $stack->bin('ekok-keyd') . " --config $agent/"))[1];
    return (grep { my $said = eval { $stack->read_file("/proc/$_/status") } // ''; $said =~ /^PPid:\s+(\d+)/m && !$is{$1} } @pid)[0];
}

my ($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'a run with the keys at hand' or BAIL_OUT $out;
my $expected = $stack->contents;
my @key = $stack->read_file("$dir/etld.keys") =~ /^\w+ \d+ ([0-9a-f]{64})$/mg;
cmp_ok scalar(@key), '>=', 7, 'keys to search for';

# In mid-page the agent is killed; the page waits for it, and nothing is lost.
$stack->reset;
{
    local $ENV{EKOK_KEYD_CALLER} = "per_hour = 30\nper_day = 40\nall_per_hour = 100000\nall_per_day = 100000\n";
    local $ENV{EKOK_KEYD_MORE} = $root ? "[caller officer]\nuser = nobody\nmay = status, release\n" : '';
    $stack->call('keyd-start', $user);
    my $file = "$dir/hold";
    my $run = $stack->start("$dir/held.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_begun:1:hold',
        "EKOK_STOP_FILE=$file", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once', '--source', 'dss');
    ok $stack->wait_for(sub { -e $file }, 120), 'a page has begun';
    $stack->call('keyd-kill');
    unlink $file;
    ok $stack->wait_for(sub { $stack->read_file("$dir/held.log") =~ /event=key_agent_lost/ }, 120), 'the daemon misses the agent';
    $stack->call('keyd-start', $user);
    waitpid $run, 0;
    is $? >> 8, 0, 'the run goes on when the agent is there again';
}
($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'the other sources' or diag $out;
is $stack->contents, $expected, 'the registry is the same, tokens and MACs too';
unlike $stack->read_file("$dir/ekok.ini"), qr/^file/m, 'the daemon has no key file';
($code) = verify();
is $code, 0, 'the trace is whole after a kill -9';

# A person opens one value.
# Some sources number their records or households by an identifier; the number looked for below is none of those.
my $own = $stack->sql('SELECT string_agg(DISTINCT concat_ws($$ $$, record_id, household), $$ $$) FROM registry.enrolment');
my ($id, $nid);
for my $candidate (split /\n/, $stack->sql('SELECT id FROM registry.enrolment WHERE nid_digits = 10 ORDER BY id LIMIT 12')) {
    $id = $candidate;
    ($code, $nid) = $stack->ekok('open', $id, 'nid', '--purpose', 'a complaint at the counter', '--case', 'C-7');
    chomp $nid;
    last if $code != 0 || index($own, $nid) < 0;
}
is $code, 0, 'a value is opened' or diag $nid;
cmp_ok index($own, $nid), '<', 0, 'which is nobody\'s record number';
like $nid, qr/^\d{10}$/, 'it is a number';
like trace(), qr/ open caller=stack uid=\d+ user= role= of=registry.enrolment.nid_sealed\/$id ref=[0-9a-f]{16} why=a%20complaint%20at%20the%20counter case=C-7 /,
    'the trace says who, which, why';
is $stack->sql("SELECT count(*) FROM audit.reading WHERE row_id = '$id'"), 1, 'and so does the database';
($code, $out) = $stack->ekok('open', $id, 'nid');
is $code, 2, 'not without a purpose';
($code, $out) = $stack->ekok('open', $id, 'nid', '--purpose', "about $nid");
is $code, 2, 'nor with a number for a purpose';
unlike $out, qr/$nid/, 'which is not repeated';
unlike trace(), qr/$nid/, 'the trace holds no number';

# An analyst finds the record of a number.
$stack->sql('CREATE ROLE karim LOGIN; CREATE ROLE rahima LOGIN; CREATE ROLE guest LOGIN');
$stack->sql(qq{INSERT INTO access.account (login, holder, kind) VALUES ('$_', 'holder of $_', 'person');
    INSERT INTO access.scope (login, duty, purpose, granted_at, expires_at) VALUES ('$_', 'analyst', 'test', now() - interval '1 hour', now() + interval '1 day');
    SELECT access.fit_roles('$_')}) for qw(karim rahima);
my $socket = $stack->socket;
sub session {
    my ($as) = @_;
    my $db = DBI->connect("dbi:Pg:dbname=registry;host=$socket", 'postgres', undef,
        { RaiseError => 0, PrintError => 0, AutoCommit => 1, pg_server_prepare => 1, pg_switch_prepared => 1 }) or die DBI->errstr;
    $db->do("SET SESSION AUTHORIZATION $as");
    return $db;
}
# find(session, number, purpose): ids, or the SQLSTATE.
sub find {
    my ($db, $number, $why) = @_;
    my $ask = $db->prepare('SELECT enrolment_id FROM registry.find($1::text::ekok.nid, $2, $3)');
    $ask->execute($number, $why // 'a complaint', 'C-8') or return $ask->state;
    return join ',', map { $_->[0] } @{ $ask->fetchall_arrayref };
}
my $karim = session('karim');
my $found = find($karim, $nid);
like $found, qr/$id/, 'the record of the number is found';
is $found, $stack->sql("SELECT string_agg(e.id::text, ',' ORDER BY e.id) FROM registry.enrolment e, registry.enrolment k WHERE k.id = '$id' AND e.nid_token = k.nid_token"),
    'with all that hold it and no other';
is find($karim, '1000000016'), '', 'nobody holds this one';
like trace(), qr/ find caller=stack uid=\d+ user=karim role=karim of=token_nid ref=[0-9a-f]{16} why=a%20complaint case=C-8 /, 'written down under his name';
my $before = status()->{trace_lines};
$karim->begin_work;
is find($karim, '7777777770'), '', 'another, in a transaction';
$karim->rollback;
cmp_ok status()->{trace_lines}, '>', $before, 'a rollback leaves it in the trace';
is find($karim, $nid, ''), '22023', 'no purpose, no answer';
my $guest = session('guest');
is find($guest, $nid), '42501', 'nobody else may ask';

SKIP: {
    skip 'other users of the machine are for root', 9 if !$root;
    my @as = ('runuser', '-u');
    ($code, $out) = $stack->capture(@as, 'games', '--', $bin, 'agent', 'status', '--agent', "$agent/socket");
    is $code, 6, 'a stranger is refused';
    like $out, qr/nobody here/, 'and told so';
    ($code, $out) = $stack->capture(@as, 'nobody', '--', $bin, 'agent', 'status', '--agent', "$agent/socket");
    is $code, 0, 'who may look at counters does';
    my $pid = agent_pid();
    like $stack->read_file("/proc/$pid/status"), qr/^Seccomp:\t2$/m, 'the agent is in its cage';
    my @outside = grep { (eval { $stack->read_file("/proc/$pid/task/$_/status") } // '') !~ /^Seccomp:\t2$/m } map { m{(\d+)$} } glob "/proc/$pid/task/*";
    is "@outside", '', 'with all its threads';
    is((stat "/proc/$pid/environ")[4], 0, 'its memory is closed to its own user: not dumpable');
    like $stack->read_file("/proc/$pid/limits"), qr/^Max core file size\s+0\s+0/m, 'no core file';
    my $said = $stack->read_file("/proc/$pid/environ") . $stack->read_file("/proc/$pid/cmdline");
    is scalar(grep { index($said, $_) >= 0 || index($said, pack('H*', $_)) >= 0 } @key), 0, 'no key in its environment or arguments';
    is scalar(grep { index($stack->read_file("$agent/log"), $_) >= 0 } @key, $nid), 0, 'nor in its log, where no number stands either';
}

# Quotas and enumeration. What fails leaves no number in the server's log, not even as a literal, not even when cancelled.
$stack->sql(q{ALTER SYSTEM SET log_min_error_statement = 'error'});
$stack->sql('SELECT pg_reload_conf()');
my $rahima = session('rahima');
my @answer = map { find($rahima, sprintf '%010d', 4_138_205_960 + 3 * $_) } 1 .. 8;
is_deeply \@answer, [ ('') x 5, ('42501') x 3 ], 'neighbouring numbers lock her';
is find($karim, '5300000011'), '', 'and nobody else';
is status()->{locked}, 1, 'the agent counts it';
like $stack->read_file("$agent/log"), qr/event=key_alarm kind=neighbours caller=stack user=rahima/, 'and gives an alarm';
like trace(), qr/ lock of=stack user=rahima pattern=neighbours /, 'which is in the trace';
my ($message) = $rahima->errstr =~ /^(.*)/;
is $message, 'ERROR:  the key agent refuses: locked after an alarm (neighbours) until somebody with that right releases it: ekok agent release',
    'the message says what and how to mend';
SKIP: {
    skip 'an officer is another user of the machine', 3 if !$root;
    $stack->call('keyd-kill');
    {
        local $ENV{EKOK_KEYD_CALLER} = "per_hour = 30\nper_day = 40\nall_per_hour = 100000\nall_per_day = 100000\n";
        local $ENV{EKOK_KEYD_MORE} = "[caller officer]\nuser = nobody\nmay = status, release\n";
        $stack->call('keyd-start', $user);
    }
    is find($rahima, '8800000007'), '42501', 'a restart does not unlock';
    my @release = ('agent', 'release', 'stack/rahima', '--reason', 'she was asked', '--agent', "$agent/socket");
    is(($stack->ekok(@release))[0], 6, 'who may not release does not');
    ($code, $out) = $stack->capture('runuser', '-u', 'nobody', '--', $bin, @release);
    is find($rahima, '8800000007'), '', 'the officer does' or diag $out;
}
my $had = 0;
$had++ while $had < 60 && find($karim, sprintf '%010d', 6_000_000_000 + 7_654_321 * $had) eq '';
cmp_ok $had, '<', 30, 'the quota of the hour ends';
is find($karim, '6930518274'), '53400', 'with its own SQLSTATE';
is find($karim, $nid), $found, 'what was found already may be found again';
$karim->do("SELECT * FROM registry.find('9191919191'::ekok.nid, 'a literal')");
is $karim->state, '53400', 'a literal is refused too';

$stack->call('keyd-kill');
is find($karim, $nid), '08006', 'an agent that is not there: its own SQLSTATE';
like $karim->errstr, qr/the key agent does not answer\nDETAIL:  It is asked at the socket "[^"]+"\.\nHINT:  Is ekok-keyd running/, 'with what, where and how to mend';
# One that accepts and says nothing.
unlink "$agent/socket";
my $mute = IO::Socket::UNIX->new(Local => "$agent/socket", Listen => 5) or die;
chmod 0666, "$agent/socket";
$stack->sql_script(qq{LOAD 'ekok';\nALTER SYSTEM SET ekok.agent_timeout = '60s';\n});
$stack->sql('SELECT pg_reload_conf()');
my $slow = session('karim');
my $slow_pid = $slow->selectrow_array('SELECT pg_backend_pid()');
my $canceller = fork // die;
if ($canceller == 0) {
    for (1 .. 600) {
        my $waits = $stack->sql("SELECT count(*) FROM pg_stat_activity WHERE pid = $slow_pid AND wait_event_type = 'Extension'");
        if ($waits) { $stack->sql("SELECT pg_cancel_backend($slow_pid)"); last }
        select undef, undef, undef, 0.1;
    }
    require POSIX;
    POSIX::_exit(0);
}
$slow->do("SELECT * FROM registry.find('9292929292'::ekok.nid, 'a literal')");
waitpid $canceller, 0;
is $slow->state, '57014', 'a statement that waits for the agent can be cancelled';
$slow->disconnect;
close $mute;
# Nobody names another agent: it would be told the numbers.
my $false = "$dir/false";
my $listens = IO::Socket::UNIX->new(Local => $false, Listen => 5) or die;
chmod 0666, $false;
my $spy = session('karim');
$spy->do("SET ekok.agent_socket = '$false'");
is find($spy, $nid), '08006', 'a user cannot send the question elsewhere';
unlike $spy->errstr, qr/\Q$false\E/, 'not even before the library is there';
my $log = $stack->read_file("$dir/server.log");
like $log, qr/canceling statement due to user request/, 'the log tells what failed';
unlike $log, qr/$_/, 'without the number' for $nid, '9191919191', '9292929292', '6930518274', '4138205963';
$_->disconnect for $spy, $guest, $rahima;

# What the server holds: no key and no number, when the sessions that asked have ended.
my @number = map { chomp(my $n = $_); $n } $nid, '6930518274', '4138205963';
# What is met is told by its place in this list, never by its value.
my @needle = (@number, (map { substr $_, 0, 32 } @key), map { substr pack('H*', $_), 0, 16 } @key);
my %named  = map { $needle[$_] => "needle $_" } 0 .. $#needle;
my $pattern = join '|', map { quotemeta } @needle;
my %met;
sub search_memory {
    no warnings 'portable';    # addresses of 64 bits
    my ($pid, $what) = @_;
    my ($hits, $seen) = (0, 0);
    my $maps = eval { $stack->read_file("/proc/$pid/maps") } // return (0, 0);
    open my $mem, '<:raw', "/proc/$pid/mem" or return (0, 0);
    for my $line (split /\n/, $maps) {
        my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) r/ or next;
        next if $line =~ /\[v(var|syscall|dso)\]/;
        my ($at, $end, $kept) = (hex $from, hex $to, '');
        while ($at < $end) {
            sysseek $mem, $at, 0 or last;
            my $n = sysread $mem, my $piece, $end - $at < 1 << 22 ? $end - $at : 1 << 22;
            last if !$n;
            my $all = $kept . $piece;
            while ($all =~ /($what)/gs) { $hits++; $met{ $named{$1} // 'a name' }++ }
            $kept = substr $all, -40 if length $all > 40;
            $at += $n;
            $seen += $n;
        }
    }
    return ($hits, $seen);
}
SKIP: {
    skip 'memory of other users is for root', 3 if !$root;
    my ($postmaster) = split /\n/, $stack->read_file("$dir/data/postmaster.pid");
    my $backend = $karim->selectrow_array('SELECT pg_backend_pid()');
    my ($hits) = search_memory($backend, $pattern);
    note "$hits places in the memory of a session that has asked, while it lasts";
    $karim->disconnect;
    ok $stack->wait_for(sub { !-e "/proc/$backend" }, 120), 'the session ends';
    my $name = $stack->sql('SELECT name_bn FROM registry.enrolment WHERE name_bn IS NOT NULL ORDER BY id LIMIT 1');
    my ($control) = search_memory($postmaster, quotemeta $name);
    %met = ();
    cmp_ok $control, '>', 0, 'the search finds a name in memory (so it can find)';
    my ($all, $bytes) = (0, 0);
    for my $pid ($postmaster, split /\s+/, ($stack->capture('pgrep', '-P', $postmaster))[1]) {
        my ($found_here, $seen) = search_memory($pid, $pattern);
        $all += $found_here;
        $bytes += $seen;
    }
    is $all, 0, sprintf 'no key and no number in %d MB of the server\'s memory', $bytes >> 20 or diag join ', ', %met;
}
$stack->sql('CHECKPOINT');
($code) = $stack->capture('sh', '-c', "pg_dump -h '$socket' -U postgres registry >'$dir/dump.sql'");
is $code, 0, 'a dump';
my @file = ("$dir/dump.sql", "$dir/server.log", split /\n/, ($stack->capture('find', "$dir/data", '-type', 'f'))[1]);
%met = ();
my @holds = grep { my $text = eval { local $/; open my $in, '<:raw', $_ or die; <$in> } // ''; $text =~ /($pattern)/ && ++$met{ $named{$1} } } @file;
is "@holds", '', 'none in ' . @file . ' files: data, WAL, log, dump' or diag join ', ', %met;

# Both traces together, as an auditor with a copy of the agent's holds them against each other.
my $copy = "$dir/agent-trace";
sub audit {
    my ($what, @more) = @_;
    $stack->write_file($copy, trace());
    chmod 0644, $copy;
    return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $bin, 'audit', $what, @more, '--database', "host=$socket port=5432 dbname=registry user=auditor");
}
my @with   = ('--agent-trace', $copy);
my $minute = qr/20\d\d-\d\d-\d\d \d\d:\d\d/;
($code, $out) = audit('who-saw', $id, @with);
is $code, 0, 'who saw this citizen: both traces agree' or diag $out;
like $out, qr/^$minute  etld  nid   stack      a complaint at the counter$/m, 'login, cell, who opened it by the agent, what for';
is scalar(grep { length > 80 } split /\n/, $out), 0, 'on 80 columns';
my $person = $stack->sql("SELECT person_id FROM registry.membership WHERE enrolment_id = '$id'");
is((audit('who-saw', $person, @with))[1], $out, 'the same by the person') if $person;
($code, $out) = audit('seen-by', 'etld', @with);
is $code, 0, 'what did this user look at';
like $out, qr/^$minute  \Q@{[substr $id, 0, 8]}\E\.\.\.  nid   stack      a complaint at the counter$/m, 'which row, what, what for';
($code, $out) = audit('seen-by', 'karim', @with);
is $code, 0, 'who only looked for numbers';
like $out, qr/^\s*\d+  $minute  stack      -    token_nid  a complaint$/m, 'is told from the agent\'s trace';
is((audit('who-saw', $id, @with, '--since', '2099-01-01'))[1] =~ /No reading is recorded/, 1, 'a time is kept to');
is((audit('compare', @with))[0], 0, 'all readings have an opening, all openings a reading');
my ($count) = (trace() =~ tr/\n//);
my ($last) = trace() =~ / ([0-9a-f]{64})\n\z/;
is((audit('compare', @with, '--head', "$count:$last"))[0], 0, 'the remembered line is there');
is((audit('compare', @with, '--head', "$count:" . '0' x 64))[0], 8, 'another is not');

# A reading is written, and nothing is opened.
my $other = $stack->sql("SELECT id FROM registry.enrolment WHERE nid_sealed IS NOT NULL AND id <> '$id' ORDER BY id DESC LIMIT 1");
$stack->sql_script("SET SESSION AUTHORIZATION etld;\nSELECT length(registry.sealed_value('$other', 'nid', 'curious'));");
($code, $out) = audit('who-saw', $other, @with);
is $code, 3, 'a reading without an opening is told';
like $out, qr/^$minute  etld  nid   NOBODY     curious$/m, 'in its row';
is((audit('who-saw', $other))[0], 0, 'not without the agent\'s trace');
is((audit('who-saw', $id, @with))[0], 0, 'nor of another citizen');

# A superuser takes a reading out, with all triggers off.
$stack->sql("ALTER TABLE audit.reading DISABLE TRIGGER USER; DELETE FROM audit.reading WHERE row_id = '$id'; ALTER TABLE audit.reading ENABLE TRIGGER USER");
($code, $out) = audit('who-saw', $id, @with);
is $code, 8, 'a reading that a superuser took out is told';
like $out, qr/^OPENED WITHOUT A READING: 1$/m, 'as an opening without a reading';
like $out, qr/^\s*\d+  $minute  stack      \Q@{[substr $id, 0, 8]}\E\.\.\.  nid   a complaint at the counter$/m, 'with who, what and what for';
is((audit('seen-by', 'stack', @with))[0], 8, 'also by who opened it');
($code, $out) = audit('compare', @with, '--json');
is $code, 8, 'and over all';
my $told = JSON::PP->new->decode($out =~ s/^ekok: .*//mr);
is_deeply [ map { [ @$_{qw(caller of purpose case)} ] } @{ $told->{openings_without_reading} } ],
    [ [ 'stack', "registry.enrolment.nid_sealed/$id", 'a complaint at the counter', 'C-7' ] ], 'which JSON names';
is_deeply [ map { $_->{row} } grep { exists $_->{opened} && !$_->{opened} } @{ $told->{readings} } ], [$other], 'beside the one that was not opened';

# The trace cannot be changed unseen.
my $whole = trace();
is((verify('--head', "$count:$last"))[0], 0, 'who remembers the last line finds it');
sub spoil { my ($text) = @_; $stack->write_file("$agent/trace", $text); return verify(@_[1 .. $#_]); }
(my $changed = $whole) =~ s/user=rahima/user=nobody/;
($code, $out) = spoil($changed);
is $code, 8, 'a line changed is found';
is((audit('compare', @with))[0], 8, 'also when the traces are compared');
like $out, qr/line \d+ does not follow from the one before/, 'and named';
($changed = $whole) =~ s/^[^\n]* lock [^\n]*\n//m;
is((spoil($changed))[0], 8, 'a line taken out is found');
($changed = $whole) =~ s/[^\n]*\n\z//;
is((spoil($changed))[0], 0, 'an end cut off is a whole trace');
is((spoil($changed, '--head', "$count:$last"))[0], 8, 'but not to who remembers the last line');
($changed = $whole) =~ s/user=rahima/user=nobody/;
$stack->write_file("$agent/trace", $changed);
chown +(getpwnam $user)[2, 3], "$agent/trace";
chmod 0600, "$agent/trace";
($code, $out) = $stack->capture($root ? ('runuser', '-u', $user, '--') : (), $stack->bin('ekok-keyd'), '--config', "$agent/ini");
is $code, 8, 'the agent does not go on with a changed trace';

# The trace goes over to another file while the agent serves. Killed at each point of that, no line is lost, none is there twice.
my $most = 1 << 20;
(my $ini = $stack->read_file("$agent/ini")) =~ s/^\[agent\]$/[agent]\ntrace_size = 1/m;
$ini =~ s/^(per_\w+|all_per_\w+|burst) = \d+/$1 = 100000/gm;
sub give { my ($file, $text) = @_; $stack->write_file($file, $text); chown +(getpwnam $user)[2, 3], $file if $root; chmod 0600, $file; return; }
give("$agent/small.ini", $ini);
give("$agent/trace", $whole);

# As long as it may be but for some 1,000 bytes: a start with its keys, and two or three values.
sub fill {
    my ($text) = trace() =~ /\A((?:[^\n]*\n)*)/;
    my ($number, $hash) = $text =~ /^(\d+) [^\n]* ([0-9a-f]{64})\n\z/m;
    while ((my $left = $most - 1000 - length $text) > 200) {
        my $line = sprintf '%d %s note ', ++$number, POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);
        $line .= 'x' x (($left < 1900 ? $left : 1900) - length($line) - 66);
        $hash = sha256_hex(pack('H*', $hash) . $line);
        $text .= "$line $hash\n";
    }
    give("$agent/trace", $text);
    return;
}
my $agent_process;
sub serve_small {
    my (@stop) = @_;
    $agent_process = $stack->start("$dir/small.log", 'env', @stop, $root ? ('runuser', '-u', $user, '--') : (), $stack->bin('ekok-keyd'), '--config', "$agent/small.ini");
    ok $stack->wait_for(sub { ($stack->ekok('agent', 'status'))[0] == 0 }, 120), '  the agent serves';
    return;
}
sub kept_files { my @file = glob "$agent/trace.0*"; return scalar @file; }

# Opens a value over and over until the file is long enough, or another has its place; how often it was answered.
sub open_until_long {
    my ($why) = @_;
    my ($answered, $kept) = (0, kept_files());
    while ($answered < 20 && -s "$agent/trace" <= $most && kept_files() == $kept) {
        my ($done, $said) = $stack->ekok('open', $id, 'nid', '--purpose', $why);
        return fail("  $why: $said") if $done != 0;
        $answered++;
    }
    return $answered;
}
sub lines_of {
    my ($why) = @_;
    my $all = join '', map { $stack->read_file($_) } (sort glob "$agent/trace.0*"), "$agent/trace";
    $stack->write_file("$dir/whole", $all);
    my ($done, $said) = $stack->capture('sh', '-c', $stack->bin('ekok-keyd') . " --verify-trace '$dir/whole' | tail -n 1");
    like $said, qr/^whole: \d+ lines/, '  all files are one whole trace';
    $why =~ s/ /%20/g;
    return scalar(() = $all =~ / why=$why case=/g);
}
fill();
serve_small();
my $kept = kept_files();
my $answered = open_until_long('files undisturbed');
ok $stack->wait_for(sub { kept_files() == $kept + 1 }, 120), 'a trace that has grown goes on in another file while the agent serves';
ok $stack->wait_for(sub { $stack->read_file("$dir/small.log") =~ /event=trace_turned/ }, 60), '  which is said';
($code) = $stack->ekok('open', $id, 'nid', '--purpose', 'files undisturbed');
is $code, 0, '  and it answers';
cmp_ok -s "$agent/trace", '<', $most / 2, '  in the new file';
is((verify())[0], 0, '  which is whole by itself');
$stack->call('keyd-kill');
waitpid $agent_process, 0;
is lines_of('files undisturbed'), $answered + 1, '  with every line once';

for my $point (qw(trace_next trace_begun trace_kept trace_turned)) {
    fill();
    serve_small("EKOK_STOP_POINT=$point:1:hold", "EKOK_STOP_FILE=$agent/held");
    $answered = open_until_long("files $point");
    ok $stack->wait_for(sub { -e "$agent/held" }, 120), "held at $point";
    $stack->call('keyd-kill');
    waitpid $agent_process, 0;
    unlink "$agent/held";
    serve_small();
    ($code) = $stack->ekok('open', $id, 'nid', '--purpose', "files $point");
    is $code, 0, '  killed there and started again it answers';
    $stack->call('keyd-kill');
    waitpid $agent_process, 0;
    is lines_of("files $point"), $answered + 1, '  with every line once';
}

# The process that moves the files dies while it does: the agent does not guess, and ends.
fill();
serve_small('EKOK_STOP_POINT=trace_kept:1:kill');
$answered = open_until_long('files of a dead keeper');
ok $stack->wait_for(sub { waitpid($agent_process, POSIX::WNOHANG()) != 0 }, 120), 'without the process that moves the files, in mid-move, the agent ends';
like $stack->read_file("$dir/small.log"), qr/event=trace_not_turned [^\n]*is gone[^\n]*file=unknown/, '  and says why';
serve_small();
$stack->call('keyd-kill');
waitpid $agent_process, 0;
is lines_of('files of a dead keeper'), $answered, '  with every line once';

done_testing;
