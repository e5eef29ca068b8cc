#!/usr/bin/perl
# ekok.dedupe with any number of threads: one answer to the byte, for any order of rows; one snapshot, whatever is written
# meanwhile; a cancel, a timeout, the end of the session or a kill -9 of the server in its middle leaves nothing behind and
# harms nobody else; and what its threads run calls nothing of the server.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;
use Time::HiRes qw(sleep);

my $stack = Ekok::Stack->new;
$stack->call('server-start', 'autovacuum=off', 'maintenance_work_mem=1GB', 'restart_after_crash=on');
$stack->sql('CREATE DATABASE people', 'postgres');

sub sql { my ($text) = @_; return $stack->sql_script($text, 'people'); }

my $file = $stack->dir . '/records.tsv';
my ($code, $said) = $stack->capture($stack->bin('ekok-sim'), 'records', '--persons', 30000, '--seed', 11, '--out', $file);
is $code, 0, 'records of simulated people' or BAIL_OUT $said;
sql(q{CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; CREATE UNLOGGED TABLE list (id text, programme text, name_bn text, name_en text,
    father text, mother text, birth_date date, sex text, place text, nid text, brn text, mobile text, wallet text, account text, routing text,
    person bigint, overlap text, twin_of bigint, namesake_of bigint)});
sql("\\copy list FROM '$file' WITH (FORMAT csv, DELIMITER E'\\t', HEADER, NULL '')");
sql(q{CREATE TABLE shuffled AS SELECT * FROM list ORDER BY md5(id || 'a');
    CREATE VIEW often AS SELECT l.* FROM list l, generate_series(1, 8)});    # the same eight times: long enough to be caught at work

# One line for the whole answer: the order of its rows counts as well.
my $pairs = q{SELECT md5(string_agg(concat_ws(' ', a, b, state, score, probability, basis), E'\n')) FROM (SELECT * FROM ekok.dedupe_pairs('TABLE')) p};
my $clusters = q{SELECT md5(string_agg(concat_ws(' ', record, cluster, members, score, basis), E'\n')) FROM (SELECT * FROM ekok.dedupe('TABLE')) c};

sub answer {
    my ($query, $table, @settings) = @_;
    return sql(join(' ', (map { "SET $_;" } @settings), $query =~ s/TABLE/$table/r, ';'));
}

my $alone = answer($pairs, 'list', 'max_parallel_maintenance_workers = 0');
my $persons = answer($clusters, 'list', 'max_parallel_maintenance_workers = 0');
for my $threads (1, 2, 7) {
    is answer($pairs, 'list', "max_parallel_maintenance_workers = $threads"), $alone, "the same pairs, byte by byte, with $threads more threads";
}
is answer($clusters, 'list', 'max_parallel_maintenance_workers = 3'), $persons, 'the same persons with three more threads';
is answer($pairs, 'list', 'max_parallel_maintenance_workers = 7', 'max_parallel_workers = 0'), $alone, 'and where no worker is allowed';
is answer($pairs, 'shuffled', 'max_parallel_maintenance_workers = 2'), $alone, 'the same pairs from a table in another order';
is answer($clusters, 'shuffled', 'max_parallel_maintenance_workers = 0'), $persons, 'and the same persons';

# Nobody joined to a twin or a namesake in this list, and nothing is right by joining nobody.
is sql(q{SELECT count(*) FROM ekok.dedupe('list') x JOIN ekok.dedupe('list') y USING (cluster) JOIN list a ON a.id = x.record JOIN list b ON b.id = y.record
    WHERE b.person IN (a.twin_of, a.namesake_of)}), '0', 'no twins or namesakes joined';
cmp_ok sql(q{SELECT count(*) FROM ekok.dedupe('list') x JOIN ekok.dedupe('list') y USING (cluster) JOIN list a ON a.id = x.record JOIN list b ON b.id = y.record
    AND b.person = a.person WHERE a.id < b.id}), '>', 5000, 'though many are joined';

# A session at work in several threads: its process and how many threads that has.
my $slow = q{SELECT count(*) FROM ekok.dedupe('often')};

sub at_work {
    my $client = $stack->start($stack->dir . '/slow.log', $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'people',
        '-c', "SET max_parallel_maintenance_workers = 2", '-c', $slow);
    my $server;
    ok $stack->wait_for(sub {
        $server = sql(q{SELECT max(pid) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%dedupe(''often'')%'});
        return $server ne '' && (() = glob "/proc/$server/task/*") == 3;
    }, 60), 'a session is at work in three threads';
    return ($client, $server);
}

sub ended { my ($client) = @_; waitpid $client, 0; return $stack->read_file($stack->dir . '/slow.log'); }

my ($client, $server) = at_work();
sql("SELECT pg_cancel_backend($server)");
like ended($client), qr/canceling statement due to user request/, 'cancelled, it ends';

($client, $server) = at_work();
sql("SELECT pg_terminate_backend($server)");
like ended($client), qr/terminating connection due to administrator command/, 'its session terminated, it ends';

# In a session that goes on: after a cancel, and after memory is short in a thread, the next answer is right, by one thread.
is sql(qq{SET max_parallel_maintenance_workers = 2; SET statement_timeout = '300ms'; \\set ON_ERROR_STOP off
    $slow; SET statement_timeout = 0; SET maintenance_work_mem = '12MB'; $slow; RESET maintenance_work_mem; }
    . ($pairs =~ s/TABLE/list/r) . q{;} ) =~ /(\w{32})/ ? $1 : 'none', $alone, 'after a cancel and an error for memory the session answers as before';
is sql('SELECT count(*) FROM pg_stat_activity WHERE pid = ' . $server), '0', 'nothing is left of those that ended';

# One snapshot: whatever other sessions commit while it works.
my $busy = $stack->start($stack->dir . '/busy.log', $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'people', '-c', q{
    DO $$BEGIN FOR i IN 1..60 LOOP
        DELETE FROM list WHERE id IN (SELECT id FROM list ORDER BY md5(id || i) LIMIT 200); COMMIT;
        UPDATE list SET birth_date = birth_date + 1, nid = NULL WHERE id IN (SELECT id FROM list ORDER BY md5(id || i || 'u') LIMIT 200); COMMIT;
        INSERT INTO list (id, name_bn, birth_date) SELECT 'new' || i || '-' || n, 'রহিম উদ্দিন', '1971-03-26' FROM generate_series(1, 200) n; COMMIT;
    END LOOP; END$$});
my $twice = 0;
for (1 .. 4) {
    my ($one, $other) = split /\n/, sql(q{BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL max_parallel_maintenance_workers = 2; CREATE TEMP TABLE frozen ON COMMIT DROP AS SELECT * FROM list;}
        . ($clusters =~ s/TABLE/list/r) . q{;} . ($clusters =~ s/TABLE/frozen/r) . q{; COMMIT});
    $twice += $one eq $other;
}
waitpid $busy, 0;
is $twice, 4, 'while others insert, update and delete, the answer is that of one snapshot';

# The whole server killed in the middle.
$persons = answer($clusters, 'shuffled');
($client, $server) = at_work();
my $files = sub { my @f = split /\n/, sql(q{SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1}); return "@f"; };
my $before = $files->();
$stack->call('server-kill');
waitpid $client, 0;
ok !length(eval { $stack->read_file("/proc/$server/cmdline") } // ''), 'the process is gone with its threads';
$stack->call('server-restart');
is $files->(), $before, 'no table is left behind';
is join(' ', map { s{.*/}{}r } glob($stack->dir . '/data/base/pgsql_tmp/*')), '', 'nor a temporary file';
is answer($clusters, 'shuffled'), $persons, 'and the answer is the same';

# What threads run: code of this project, of libc and of threads, nothing of the server. (scorer, search and name_store also hold
# what only the session itself runs.)
my $objects = "$Ekok::Stack::BUILD/obj/extension/src/linkage";
my %ours = map { $_ => 1 } map { split /\n/, qx{nm --defined-only --extern-only --format=just-symbols $_} } glob "$Ekok::Stack::BUILD/obj/extension/core/*.o";
my @threads = map { "$objects/$_.o" } qw(heap spill pool blocks);
$ours{$_} = 1 for map { split /\n/, qx{nm --defined-only --extern-only --format=just-symbols $_} } @threads;
my %libc = map { $_ => 1 } qw(malloc free memcpy memset __stack_chk_fail __memcpy_chk __memset_chk sigfillset _GLOBAL_OFFSET_TABLE_);
my @foreign = grep { !$ours{$_} && !$libc{$_} && !/^pthread_/ } map { split /\n/, qx{nm --undefined-only --format=just-symbols $_} } @threads;
is "@foreign", '', 'the files of threads alone call nothing of the server';

done_testing;
