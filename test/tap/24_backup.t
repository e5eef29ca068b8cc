#!/usr/bin/perl
# Backups with real pgBackRest: encrypted, brought back to any moment, tried by ekok drill, which tells what is wrong with
# one: damaged, a wrong key, a piece of the WAL missing, an older state, no room; and leaves nothing behind when it is killed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Backup;
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 400, '--seed', 24, '--defects', '0.01');
$stack->sql('DROP DATABASE clean', 'postgres');    # nothing is reset here, and each copy is the smaller
my $dir    = $stack->dir;
my $socket = $stack->socket;
my $place  = "$dir/places/drill";
my $bin    = "$Ekok::Stack::BUILD/pg/lib/postgresql/15/bin";
my @witness = map { "$dir/witness-$_" } 'a', 'b';

sub run { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); }
sub conninfo { my ($role) = @_; return "host=$socket port=5432 dbname=registry user=$role"; }

sub seal {
    my ($code, $out) = run($stack->bin('ekok-sealer'), '--database', conninfo('sealer'), '--key', "$dir/audit.key",
        (map { ('--witness', $_) } @witness), '--once');
    is $code, 0, 'sealed' or diag $out;
    return;
}

sub drill_words {
    my (%set) = @_;
    return ('drill', '--database', conninfo('drill'), '--keys', "$dir/audit.key.pub", (map { ('--witness', $_) } @witness),
        '--into', $set{into} // $place, '--repository', $set{repository} // "$dir/pgbackrest", '--programs', $bin, '--wait', $set{wait} // 300,
        @{ $set{more} // [] });
}
sub drill { my (%set) = @_; return $stack->ekok($set{env} // {}, drill_words(%set)); }
sub told { my ($text) = @_; return $text =~ s/\s+/ /gr; }

my ($code, $out) = run($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");
is $code, 0, 'a key for the audit' or diag $out;
run('mkdir', @witness);
my $backup = Ekok::Backup->new($stack);
is +(stat $backup->{key})[2] & 07777, 0600, 'the repository\'s key is readable by its owner alone';
my ($secret) = $stack->read_file($backup->{key}) =~ /repo1-cipher-pass=(\S+)/;
like $secret, qr{^[A-Za-z0-9+/]{64}$}, '  384 bits of it';
($code, $out) = $stack->ekok('keys', 'init-backup', $backup->{key});
is $code, 6, '  and is never written over' or diag $out;

($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
seal();
($code, $out) = $stack->ekok('status');
is $code, 0, 'a registry that was never drilled';
like $out, qr/^Backup: none was ever restored/m, '  says so';
($code, $out) = $stack->ekok('drill', 'status');
is $code, 9, '  and drill status is not content';
($code, $out) = drill();
is $code, 9, 'a drill without any backup fails' or diag $out;
like told($out), qr/the repository has no backup of stanza ekok/, '  and says why';

$backup->backup('full');
$stack->epoch(1);
$stack->etld;
seal();
$backup->backup('incr');
$stack->epoch(2);
$stack->etld;
seal();

# a drill that passes, while rows come in
my $writes = $stack->start("$dir/writes.log", $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-v', 'ON_ERROR_STOP=1', '-d', 'registry', '-c', q{
    DO $$ BEGIN FOR i IN 1..400 LOOP
        INSERT INTO registry.ministry (code, name_en, source, confidence) SELECT 'T' || i, 'Test', source, confidence FROM registry.ministry LIMIT 1;
        DELETE FROM registry.ministry WHERE code = 'T' || (i - 5); COMMIT; PERFORM pg_sleep(0.02); END LOOP; END $$});
ok $stack->wait_for(sub { $stack->sql(q{SELECT count(*) FROM registry.ministry WHERE code ~ '^T[0-9]+$'}) > 3 }, 120), 'rows come and go';
($code, $out) = drill();
is $code, 0, 'a drill beside running work passes' or diag $out, -e "$place/server.log" ? $stack->read_file("$place/server.log") : '';
my $label = qr/\d{8}-\d{6}F_\d{8}-\d{6}I/;
like $out, qr/^Drill \d+ passed: backup $label can be had back\.$/m, '  of the newest backup, an incremental one';
like $out, qr/^recovery time +\d/m, '  with its recovery time';
like $out, qr/^recovery point +20\d\d-.* UTC/m, '  and point';
like $out, qr/^rows +[\d,]+ in \d+ tables/m, '  rows compared';
waitpid $writes, 0;
is $? >> 8, 0, '  the work went on';
is_deeply [ sort grep { !m{/\.} } glob "$place/*" ], ["$place/ekok-drill"], '  nothing but its mark stays behind';
is $stack->sql('SELECT passed AND entries > 1000 AND recovery_seconds >= 0 AND archived_seconds >= 0 AND recovery_point < ended_at FROM audit.drill_result ORDER BY drill DESC LIMIT 1'),
    't', '  and the book has it';
is $stack->sql(q{SELECT setting FROM pg_settings WHERE name = 'archive_mode'}), 'on', '  the live server goes on archiving';
($code, $out) = $stack->ekok('drill', 'status');
is $code, 0, 'drill status is content' or diag $out;
like $out, qr/^Backup: restored and verified \d+ s ago, back in/, '  and says why';
($code, $out) = $stack->ekok('drill', 'history', '--json');
is scalar @{ JSON::PP->new->decode($out)->{drills} }, 2, 'history has both';

# overdue
$stack->sql(q{ALTER TABLE audit.drill DISABLE TRIGGER USER; UPDATE audit.drill SET begun_at = begun_at - interval '9 days', next_due = next_due - interval '9 days';
    ALTER TABLE audit.drill ENABLE ALWAYS TRIGGER insert_only});
($code, $out) = $stack->ekok('status');
is $code, 9, 'a drill that is overdue is an alarm' or diag $out;
like $out, qr/^BACKUP: THE DRILL IS OVERDUE; the last that passed: \d+:/m, '  in ekok status';

# kill -9 in mid-drill: the copy ends with it, and the next drill finds its place free
for my $moment ('restore', 'copy') {
    my $pid = $stack->start("$dir/killed.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), drill_words());
    my $sign = $moment eq 'restore' ? "$place/restore.log" : "$place/data/postmaster.pid";
    ok $stack->wait_for(sub { -e $sign || kill(0, $pid) == 0 }, 120), "a drill is at its $moment";
    my ($drilling) = grep { my ($program, @word) = split /\0/, eval { $stack->read_file("/proc/$_/cmdline") } // ''; ($program // '') eq $stack->bin('ekok') && $word[0] eq 'drill' }
        map { s{/proc/}{}r } glob '/proc/[0-9]*';
    ok defined $drilling, '  and is found';
    kill 'KILL', $drilling;
    waitpid $pid, 0;
    ok $stack->wait_for(sub { !grep { ((readlink "$_/cwd") // '') eq "$place/data" } glob '/proc/[0-9]*' }, 120),
        '  its server ends with it';
}
($code, $out) = drill();
is $code, 0, 'the next drill passes' or diag $out;
is $stack->sql(q{SELECT count(*) FROM report.drills WHERE outcome = 'broken off'}), 2, '  and the book shows the two that were broken off';

# a moment before a DELETE
$stack->sql('CREATE TABLE public.kept AS SELECT generate_series(1, 500) AS i');
my $moment = $stack->sql('SELECT clock_timestamp()');
$stack->sql('SELECT pg_sleep(1.1)');
$stack->sql('DELETE FROM public.kept');
my $wal = $stack->sql('SELECT pg_walfile_name(pg_current_wal_insert_lsn())');
$stack->sql('SELECT pg_switch_wal()');
ok $stack->wait_for(sub { $stack->sql(qq{SELECT coalesce(left(last_archived_wal, 24) >= '$wal', false) FROM pg_stat_archiver}) eq 't' }, 120),
    'the DELETE lies in the archive';
($code, $out) = $backup->restore("$dir/places/moment", '--type=time', "--target=$moment", '--target-action=promote');
is $code, 0, 'restored to the moment before a DELETE' or diag $out;
is copy_sql("$dir/places/moment", 'SELECT count(*) FROM public.kept'), 500, '  its rows are there';
is $stack->sql('SELECT count(*) FROM public.kept'), 0, '  on the live server they are not';
($code, $out) = $backup->restore("$dir/places/full", '--type=immediate', '--target-action=promote', '--set=' . ($backup->must('info') =~ /(\d{8}-\d{6}F)\n/)[0]);
is $code, 0, 'the full backup alone, an older state' or diag $out;
copy_do("$dir/places/full", sub {
    my ($at) = @_;
    my ($c, $o) = run($stack->bin('ekok'), 'verify-audit', '--database', "host=$at port=5432 dbname=registry user=auditor", '--keys', "$dir/audit.key.pub",
        map { ('--witness', $_) } @witness);
    is $c, 8, '  is found by verify-audit' or diag $o;
    like told($o), qr/restored to an older state/, '  which says so';
});

# what is wrong with a backup is told
run('chmod', '0644', $backup->{key});
($code, $out) = drill();
is $code, 6, 'a cipher key that others can read' or diag $out;
like told($out), qr/cipher\.conf: holds the repository's cipher key and has mode 0644; accepted: 0600/, '  is refused';
run('chmod', '0600', $backup->{key});
run('cp', '-r', "$dir/pgbackrest", "$dir/wrong");
run('sh', '-c', "printf '[global]\\nrepo1-cipher-pass=wrong\\n' > $dir/wrong/conf.d/cipher.conf");
($code, $out) = drill(repository => "$dir/wrong");
is $code, 9, 'a wrong cipher key' or diag $out;
like told($out), qr/the repository cannot be read, under a wrong cipher key or damaged/, '  is told';
($code, $out) = drill(into => "$dir/data");
is $code, 5, 'the live data directory as the place of a drill' or diag $out;
like told($out), qr/holds something and is no place of drills/, '  is refused';

my ($largest) = sort { -s $b <=> -s $a } grep { -f } glob("$backup->{repository}/backup/ekok/latest/bundle/*"), glob("$backup->{repository}/backup/ekok/2*F/bundle/*");
my $whole = $stack->read_file($largest);
damage($largest);
($code, $out) = drill();
is $code, 9, 'a damaged backup' or diag $out;
like told($out), qr/the backup cannot be restored: ERROR: /, '  is found';
($code, $out) = $stack->ekok('status');
is $code, 9, '  and alarms';
like $out, qr/^BACKUP: THE DRILL IS FAILED: the backup cannot be restored/m, '  in ekok status';
write_back($largest, $whole);

$backup->setting(archive_command => 'false');
$stack->sql('SELECT pg_reload_conf()');
($code, $out) = drill(wait => 20);
is $code, 9, 'WAL that is not archived' or diag $out;
like told($out), qr/WAL is not archived: [0-9A-F]{24} was written \d+ s ago, the last in the repository is [0-9A-F.]+, archiving fails at [0-9A-F]{24}/, '  is told';
$backup->setting(archive_command => "pgbackrest --config-path=$backup->{path} --stanza=ekok archive-push %p");
$stack->sql('SELECT pg_reload_conf()');
($code, $out) = drill();
is $code, 0, 'it passes again' or diag $out, $stack->sql('SELECT row_to_json(s) FROM pg_stat_archiver s'), ' ', `ls $dir/data/pg_wal/archive_status`;

my @segment = sort glob "$backup->{repository}/archive/ekok/*/*/0*-*";
my $newest = $segment[-2];
run('mv', $newest, "$dir/hidden.segment");
($code, $out) = drill();
is $code, 9, 'a piece of the WAL is missing in the repository' or diag $out;
like told($out), qr/the copy ends before the drill began, its newest commit is of 20.*: a piece of the WAL is missing/, '  is told';
run('mv', "$dir/hidden.segment", $newest);

SKIP: {
    skip 'a small filesystem needs root', 2 if $> != 0;
    mkdir "$dir/small";
    skip 'mount is not permitted here', 2 if system('mount', '-t', 'tmpfs', '-o', 'size=8m,mode=0777', 'tmpfs', "$dir/small") != 0;
    ($code, $out) = drill(into => "$dir/small/drill");
    is $code, 9, 'no room for the copy' or diag $out;
    like told($out), qr/small\/drill: the backup needs \d+ MB, \d+ MB are free/, '  is told before it begins';
    system 'umount', "$dir/small";
}

# nothing of the key and nothing in clear lies in the repository or the logs
($code, $out) = $stack->capture('grep', '-rlF', $secret, "$dir/data", "$dir/server.log", "$dir/repository", "$dir/pgbackrest-log");
is $out, '', 'no byte of the cipher key lies in the database, logs or repository';

done_testing;

# A copy that was restored by hand, started on a socket of its own for as long as the code runs.
sub copy_do {
    my ($data, $code_with) = @_;
    my $at = "$dir/places/socket";
    run('mkdir', '-p', '-m', '700', $at);
    run('sh', '-c', "printf 'local all all trust\\n' > $at/pg_hba.conf");
    my ($c, $o) = run("$bin/pg_ctl", '-D', $data, '-l', "$at/server.log", '-w', '-t', 60, '-o',
        "-c unix_socket_directories=$at -c hba_file=$at/pg_hba.conf -c archive_mode=off", 'start');
    BAIL_OUT "the copy does not start: $o" . $stack->read_file("$at/server.log") if $c != 0;
    $stack->wait_for(sub { (run('psql', '-XqAt', '-h', $at, '-U', 'postgres', '-d', 'registry', '-c', 'SELECT NOT pg_is_in_recovery()'))[1] eq "t\n" }, 120)
        or BAIL_OUT 'the copy does not end its recovery: ' . $stack->read_file("$at/server.log");
    my @answer = $code_with->($at);
    run("$bin/pg_ctl", '-D', $data, '-m', 'immediate', '-w', 'stop');
    run('rm', '-rf', $data);
    return @answer;
}

sub copy_sql {
    my ($data, $sql) = @_;
    my ($answer) = copy_do($data, sub { my ($at) = @_; return (run('psql', '-XqAt', '-h', $at, '-U', 'postgres', '-d', 'registry', '-c', $sql))[1] });
    chomp $answer;
    return $answer;
}

sub damage {
    my ($file) = @_;
    open my $io, '+<', $file or die "$file: $!";
    seek $io, int((-s $file) / 2), 0;
    print $io 'damaged' x 600;
    close $io or die;
    return;
}

sub write_back {
    my ($file, $bytes) = @_;
    open my $io, '>', $file or die "$file: $!";
    print $io $bytes;
    close $io or die;
    return;
}
