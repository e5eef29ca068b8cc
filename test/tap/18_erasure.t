#!/usr/bin/perl
# A subject is erased and the tree still verifies: old checkpoints, an old proof, the trace. Who destroys images without a receipt,
# puts one back or forges a receipt is found. kill -9 leaves all or nothing. The name is gone from the files of the database.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 300, '--seed', 21);
my $dir     = $stack->dir;
my @witness = map { "$dir/witness-$_" } 'a', 'b';
my $socket  = $stack->socket;

sub run      { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); }
sub conninfo { my ($role, $database) = @_; return "host=$socket port=5432 dbname=" . ($database // 'registry') . " user=$role"; }
sub erase    { my ($role, @word) = @_; return run($stack->bin('ekok'), 'erase', @word, '--database', conninfo($role)); }

sub seal {
    my ($code, $out) = run($stack->bin('ekok-sealer'), '--database', conninfo('sealer'), '--key', "$dir/audit.key", (map { ('--witness', $_) } @witness), '--once');
    is $code, 0, 'sealed' or diag $out;
    return;
}

sub verify {
    my ($database, @witnesses) = @_;
    @witnesses = @witness if !@witnesses;
    return run($stack->bin('ekok'), 'verify-audit', '--database', conninfo('auditor', $database), '--keys', "$dir/audit.key.pub",
        map { ('--witness', $_) } @witnesses);
}

sub is_whole {
    my ($what) = @_;
    my ($code, $out) = verify('registry');
    is $code, 0, $what or diag $out;
    return $out;
}

# Files of the database that hold the planted name.
sub planted_files {
    my $oid = $stack->sql("SELECT oid FROM pg_database WHERE datname = 'registry'");
    $stack->sql('CHECKPOINT');
    my ($code, $files) = $stack->capture('grep', '-rlai', 'Zorvanplanted', "$dir/data/base/$oid");
    return scalar(my @file = split /\n/, $files);
}

my ($code, $out) = run($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");
is $code, 0, 'a key for the audit' or diag $out;
run('mkdir', @witness);
($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
($code, $out) = $stack->ekok('sweep');
is $code, 0, 'and swept' or diag $out;
seal();
run('cp', '-r', $witness[0], "$dir/old-witness");
my $sealed = $stack->sql('SELECT id FROM audit.entry WHERE salt IS NOT NULL ORDER BY xact, id OFFSET 700 LIMIT 1');
my $parts  = q{DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass UNION SELECT 'audit.entry'::regclass LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', t); END LOOP; END $$; };

# a subject is erased: what was sealed, and what was proved before, holds as it did
my $planted = 'Zorvanplanted Qexbegum';
my ($subject, $enrolment) = split /\|/, $stack->sql(q{SELECT person_id, enrolment_id FROM registry.membership m WHERE NOT EXISTS (
    SELECT FROM registry.membership o JOIN registry.enrolment e ON e.id = o.enrolment_id WHERE o.person_id = m.person_id AND e.status IS DISTINCT FROM 'inactive')
    ORDER BY person_id LIMIT 1});
$stack->sql("UPDATE registry.enrolment SET name_en = '$planted' WHERE id = '$enrolment'");
my $told = $stack->sql("SELECT max(id) FROM audit.entry WHERE row_id = '$enrolment' AND op = 'UPDATE'");
$stack->operators('first', 'second');
seal();
is_whole('a name is planted');
run('cp', '-r', $witness[0], "$dir/before-erasure");
($code, $out) = run($stack->bin('ekok'), 'audit', 'prove', $told, "$dir/proof-before", '--database', conninfo('auditor'));
is $code, 0, 'its entry is proved to somebody' or diag $out;
like $stack->read_file("$dir/proof-before/images"), qr/$planted/, '  with its images';
cmp_ok planted_files(), '>', 0, 'the name stands in files of the database';

($code, $out) = erase('first', 'propose', $subject, '--dry-run');
is $code, 0, 'a dry run' or diag $out;
like $out, qr/^registry\.enrolment +\d+\b.*Nothing speaks against it/ms, '  counts' or diag $out;
unlike $out, qr/planted/i, '  and shows no value';
($code, $out) = erase('first', 'propose', $subject, '--reason', 'PDPO 2025 s. 13', '--case', 'C-1');
is $code, 0, 'proposed' or diag $out;
($code, $out) = erase('first', 'approve', 1);
is $code, 4, 'nobody erases by their own proposal' or diag $out;

# a hold keeps the subject, and neither operator alone lifts it; nor keeps a programme for less time
sub hold { my ($role, @word) = @_; return run($stack->bin('ekok'), 'hold', @word, '--database', conninfo($role)); }
($code, $out) = hold('first', 'place', $subject, '--reason', 'a case in court');
is "$code $out", "0 Hold 1 stands.\n", 'one operator places a hold';
($code, $out) = erase('second', 'approve', 1);
like "$code $out", qr/^4 .*1 legal hold\(s\) stand/s, '  which keeps the subject';
($code, $out) = hold('first', 'lift', 1, '--reason', 'it is over');
like "$code $out", qr/^0 Proposal 1 waits for another operator/, '  and whose end is proposed';
($code, $out) = hold('first', 'approve', 1);
like "$code $out", qr/^4 .*nobody approves their own proposal/s, '  not approved by who proposed it';
($code, $out) = erase('second', 'approve', 1);
is $code, 4, '  so that it stands still' or diag $out;
my $programme = $stack->sql('SELECT min(code) FROM registry.programme');
($code, $out) = hold('first', 'term', $programme, '10 days', '--reason', 'some law');
is "$code $out", "0 In force.\n", 'a first term is in force at once';
($code, $out) = hold('first', 'term', $programme, 'none', '--reason', 'that law ended');
like "$code $out", qr/^0 Proposal 2 waits for another operator/, '  its end waits';
($code, $out) = hold('second', 'status', '--json');
my $shown = JSON::PP->new->utf8->decode($out);
is_deeply [map { $_->{state} } @{ $shown->{holds} }], ['stands'], 'the status shows the hold';
is_deeply [map { "$_->{proposal}, $_->{outcome}" } @{ $shown->{proposals} }], ['lift hold 1, waits', "keep $programme by no term, not 10 days, waits"], '  and what waits';
($code, $out) = hold('second', 'status');
like $out, qr/^ *$programme +10 days .*lift hold 1 /ms, '  for people too';
($code, $out) = hold('second', 'approve', 2);
is "$code $out", "0 Enrolments of $programme are kept by no term any more.\n", 'another approves the one';
($code, $out) = hold('second', 'approve', 1);
is "$code $out", "0 Hold 1 is lifted.\n", '  and the other';
($code, $out) = hold('first', 'end', 1);
is $code, 4, 'what is done is not ended' or diag $out;
($code, $out) = hold('first', 'lift', 'x', '--reason', 'y');
is $code, 2, 'a hold has a number' or diag $out;

# kill -9 of the whole server when all is done but the commit
my $killed = $stack->start("$dir/killed.log", $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'registry', '-U', 'second', '-c',
    'BEGIN; SELECT * FROM registry.erase_subject(1); SELECT pg_sleep(900) FROM (SELECT 1) s; COMMIT');
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'BEGIN; SELECT%' AND wait_event = 'PgSleep'") }, 120),
    'erased, but for the commit';
$stack->call('server-kill');
waitpid $killed, 0;
$stack->call('server-restart');
is $stack->sql("SELECT count(*) FROM registry.enrolment WHERE name_en = '$planted'"), 1, 'after kill -9 nobody was erased';
is $stack->sql('SELECT count(*) FROM audit.entry WHERE commitment IS NOT NULL AND salt IS NULL'), 0, '  and no image is gone';
seal();
is_whole('  and all is whole');

$stack->sql(qq{CREATE TABLE public.kept AS SELECT * FROM audit.entry WHERE id = $told});
($code, $out) = erase('second', 'approve', 1);
is $code, 0, 'another erases' or diag $out;
like $out, qr/^Erased: \d+ rows; images and salts of \d+ entries/m, '  and is told how much';
like is_whole('whole before the receipt is sealed'), qr/^erased +\d+ entries without images/m, '  and erased entries are counted';
seal();
is_whole('whole after');
($code, $out) = verify('registry', "$dir/before-erasure");
is $code, 0, 'checkpoints from before the erasure hold' or diag $out;
($code, $out) = verify('registry', "$dir/old-witness");
is $code, 0, '  and the oldest' or diag $out;
($code, $out) = run($stack->bin('ekok'), 'audit', 'check', "$dir/proof-before", '--keys', "$dir/audit.key.pub");
is $code, 0, 'the proof from before holds, with the images that somebody was given' or diag $out;
($code, $out) = run($stack->bin('ekok'), 'audit', 'prove', $told, "$dir/proof-after", '--database', conninfo('auditor'));
is $code, 0, 'the entry is proved anew' or diag $out;
is $stack->read_file("$dir/proof-after/entry"), $stack->read_file("$dir/proof-before/entry"), '  the same leaf';
ok !-e "$dir/proof-after/images", '  without images';
my $images = $stack->read_file("$dir/proof-before/images");
$stack->write_file("$dir/proof-before/images", $images =~ s/Zorvan/Borvan/r);
($code, $out) = run($stack->bin('ekok'), 'audit', 'check', "$dir/proof-before", '--keys', "$dir/audit.key.pub");
is $code, 8, 'other images than those that were sealed are found out' or diag $out;

for my $attack (
    ['an image is put back', "$parts UPDATE audit.entry e SET old = k.old, new = k.new, salt = k.salt FROM public.kept k WHERE e.id = k.id",
        qr/entry $told and so 1 in all: a receipt says that its images were destroyed, and they were not/],
    ['another image is put there', "$parts UPDATE audit.entry e SET old = k.old, new = '{}', salt = k.salt FROM public.kept k WHERE e.id = k.id",
        qr/entry $told: its images are not those that it was sealed with/],
    ['a receipt names an entry that is not erased', "INSERT INTO audit.erasure (id, subject, basis, case_id, proposed_by, counts, entries)
        VALUES (99, '$subject', 'b', 'c', 'x', '{}', '{$sealed}')", qr/entry $sealed and so 1 in all: a receipt says/],
    ['two receipts name one', "INSERT INTO audit.erasure (id, subject, basis, case_id, proposed_by, counts, entries)
        VALUES (99, '$subject', 'b', 'c', 'x', '{}', '{$told}')", qr/entry $told and so 1 in all: more than one receipt/],
    ['a receipt is destroyed', "$parts UPDATE audit.entry SET new = NULL, salt = NULL WHERE table_name = 'audit.erasure'", qr/a receipt of an erasure was destroyed/],
    ['a receipt is changed', "ALTER TABLE audit.erasure DISABLE TRIGGER USER; UPDATE audit.erasure SET entries = '{}'; " .
        join('; ', map { "ALTER TABLE audit.erasure ENABLE ALWAYS TRIGGER audit_$_" } qw(insert update delete truncate)),
        qr/audit\.erasure: 1 row\(s\): differs from its last entry/],
    ['a row that stands loses its image, with a receipt', "INSERT INTO audit.erasure (id, subject, basis, case_id, proposed_by, counts, entries)
        SELECT 99, '$subject', 'b', 'c', 'x', '{}', ARRAY[max(id)] FROM audit.entry WHERE table_name = 'registry.programme' AND salt IS NOT NULL;
        UPDATE audit.entry SET old = NULL, new = NULL, salt = NULL WHERE id = (SELECT entries[1] FROM audit.erasure WHERE id = 99)",
        qr/registry\.programme: 1 row\(s\): differs from its last entry/],
) {
    my ($what, $sql, $said) = @$attack;
    $stack->sql('CREATE DATABASE attacked TEMPLATE registry STRATEGY file_copy', 'postgres');
    $stack->sql($sql, 'attacked');
    ($code, $out) = verify('attacked');
    is $code, 8, "$what: found out" or diag $out;
    like $out =~ s/\s+/ /gr, $said, '  and told';
    $stack->sql('DROP DATABASE attacked WITH (FORCE)', 'postgres');
}

# what the server's files still hold, until they are written anew
$stack->sql('DROP TABLE public.kept');
$stack->sql('VACUUM (FULL, ANALYZE)');
is planted_files(), 0, 'after VACUUM FULL the name stands in no file of the database';
is_whole('which changes nothing in the trace');
$stack->epoch(0);

done_testing;
