#!/usr/bin/perl
# The trace is sealed as it is committed, whatever dies in between, and whoever edits history behind the triggers is found
# out by what witnesses remember: by ekok verify-audit, and by an outsider with openssl, a hash and the public key alone.
use strict;
use warnings;
use Digest::SHA qw(sha256);
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64;
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 1500, '--seed', 21, '--defects', '0.01');
my $dir     = $stack->dir;
my @witness = map { "$dir/witness-$_" } 'a', 'b';
my $socket  = $stack->socket;

sub run { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); }

sub conninfo { my ($role, $database) = @_; return "host=$socket port=5432 dbname=" . ($database // 'registry') . " user=$role"; }

sub seal {
    my ($database, %set) = @_;
    my @more = @{delete $set{words} // ['--key', "$dir/audit.key"]};
    return run('env', (map { "$_=$set{$_}" } sort keys %set), $stack->bin('ekok-sealer'), '--database', conninfo('sealer', $database),
        @more, (map { ('--witness', $_) } @witness), '--once');
}

sub keys_command { my ($database, @word) = @_; return run($stack->bin('ekok'), 'keys', @word, '--database', $database); }

our $trusted = "$dir/audit.key.pub";    # what the auditor holds

sub verify {
    my ($database, @witnesses) = @_;
    @witnesses = @witness if !@witnesses;
    return run($stack->bin('ekok'), 'verify-audit', '--database', conninfo('auditor', $database), '--keys', $trusted,
        map { ('--witness', $_) } @witnesses);
}

sub is_whole {
    my ($what, $database) = @_;
    my ($code, $out) = verify($database);
    is $code, 0, $what or diag $out;
    return $out;
}

sub sealers {
    return map { s{/proc/}{}r } grep {
        my ($program, @word) = split /\0/, eval { $stack->read_file("$_/cmdline") } // '';
        ($program // '') eq $stack->bin('ekok-sealer') && grep { $_ eq "$dir/audit.key" } @word
    } glob '/proc/[0-9]*';
}

sub sealed_size { return $stack->sql('SELECT coalesce(max(size), 0) FROM audit.checkpoint'); }

my ($code, $out) = run($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");
is $code, 0, 'a key for the audit' or diag $out;
run('mkdir', @witness);

# sealing, and dying at it
($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
my $entries = $stack->sql('SELECT count(*) FROM audit.entry');
cmp_ok $entries, '>', 1000, "$entries entries";
for my $point (qw(audit_hashed audit_sealed)) {
    ($code, $out) = seal('registry', EKOK_STOP_POINT => "$point:1:kill");
    is $code, 137, "the sealer is killed at $point" or diag $out;
    $entries = $stack->sql('SELECT count(*) FROM audit.entry') if $point eq 'audit_hashed';    # the first sealer makes its key known
    is sealed_size(), $point eq 'audit_hashed' ? 0 : $entries, '  what was committed stands, and nothing else';
}
($code, $out) = verify();
is $code, 5, 'no witness remembers anything yet: nothing is verified' or diag $out;
($code, $out) = seal();
is $code, 0, 'the next sealer goes on' or diag $out;
like is_whole('all is sealed and whole'), qr/^sealed +[\d,]+ under a signed checkpoint, 0 waiting$/m;
is $stack->read_file("$_/checkpoint"), $stack->sql('SELECT note FROM audit.checkpoint ORDER BY size DESC LIMIT 1'), "$_ has it"
    for @witness;
# Whole tables are held against the trace by their sums; the server's search row by row is for those that differ.
$stack->sql('ALTER FUNCTION audit.unaccounted(regclass) RENAME TO put_aside');
is_whole('a whole trace needs no search row by row');
$stack->sql('ALTER FUNCTION audit.put_aside(regclass) RENAME TO unaccounted');
run('cp', '-r', $witness[0], "$dir/old-witness");
$stack->sql('CREATE DATABASE older TEMPLATE registry STRATEGY file_copy', 'postgres');

# a transaction that is still open holds back what came after it, so that the order never changes behind a leaf
my $slow = $stack->start("$dir/slow.log", $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'registry', '-c',
    q{BEGIN; UPDATE registry.programme SET name_en = name_en || '.' WHERE code = 'OAA'; SELECT pg_sleep(900) FROM (SELECT 1) s; COMMIT});
ok $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'BEGIN; UPDATE%' AND wait_event = 'PgSleep'") }, 120),
    'a writing transaction stays open';
$stack->sql(q{UPDATE registry.programme SET name_en = name_en || '!' WHERE code = 'WDA'});
seal();
is sealed_size(), $entries, 'what was written after it began is not sealed';
like is_whole('and is told as waiting'), qr/, 1 waiting$/m;
$stack->sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; UPDATE%' AND wait_event = 'PgSleep'});
waitpid $slow, 0;
seal();
is sealed_size(), $entries + 1, 'it is, once that has ended: rolled back, it left nothing';

# beside running work: a sealer by the second while the registry is pulled again and swept
my $sealer = $stack->start("$dir/sealer.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-sealer'), '--database',
    conninfo('sealer'), '--key', "$dir/audit.key", map { ('--witness', $_) } @witness);
($code, $out) = run('timeout', 120, $stack->bin('ekok-sealer'), '--database', conninfo('sealer'), '--key', "$dir/audit.key",
    (map { ('--witness', $_) } @witness), '--once')
    if $stack->wait_for(sub { $stack->sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ekok-sealer' AND state = 'idle'") }, 120);
is $code, 4, 'a second sealer beside it waits its turn' or diag $out;
$stack->epoch(1);
$stack->etld;
$stack->ekok('sweep');
ok $stack->wait_for(sub { sealed_size() == $stack->sql('SELECT count(*) FROM audit.entry') }, 120), 'everything is sealed as it comes';
my $checkpoints = $stack->sql('SELECT count(*) FROM audit.checkpoint');
cmp_ok $checkpoints, '>', 3, "in $checkpoints checkpoints";
$stack->sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ekok-sealer'});
$stack->sql(q{SELECT registry.decide(m.a, m.b, 'different', 'test') FROM registry.match m WHERE state = 'probable' LIMIT 1});
ok $stack->wait_for(sub { sealed_size() == $stack->sql('SELECT count(*) FROM audit.entry') }, 120), 'a sealer that lost its session comes back';
my @first   = sealers();
my $standby = $stack->start("$dir/standby.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-sealer'), '--database',
    conninfo('sealer'), '--key', "$dir/audit.key", '--verbose', map { ('--witness', $_) } @witness);
ok $stack->wait_for(sub { -s "$dir/standby.log" && $stack->read_file("$dir/standby.log") =~ /sealer_waits/ }, 120), 'another stands by';

# its key is changed under it, as docs/keys.md prints it
my ($page) = $stack->read_file("$Ekok::Stack::ROOT/docs/keys.md") =~ /^### The key that signs the audit$(.*?)^## /ms;
my ($rotate, $status, $destroy) = map { s{/etc/ekok-sealer/key}{$dir/audit.key}r } split /\n/, $page =~ s/.*^```sh\n(.*?)^```.*/$1/msr;
run('cp', '-p', "$dir/audit.key", "$dir/first.key");
run('cp', "$dir/audit.key.pub", "$dir/first.pub");
my ($first) = $stack->read_file("$dir/first.pub") =~ /\+([0-9a-f]{8})\+/;
my @rotate = split / /, $rotate =~ s/^ekok keys //r;
($code, $out) = run('env', 'EKOK_STOP_POINT=audit_key_handed_over:1:kill', $stack->bin('ekok'), 'keys', @rotate, '--database', conninfo('sealer'));
is $code, 137, 'a change of its key is killed half-way' or diag $out;
$stack->sql(q{UPDATE registry.programme SET name_en = name_en || '!' WHERE code = 'WDA'});
ok $stack->wait_for(sub { sealed_size() == $stack->sql('SELECT count(*) FROM audit.entry') }, 120), 'the old key goes on meanwhile';
is $stack->sql(q{SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM keyring.key WHERE purpose = 'audit'}), '1 decrypt-only, 2 active', '  as the states say';
my $handed = sealed_size();
($code, $out) = keys_command(conninfo('sealer'), @rotate);
is $code, 0, 'the same command ends it' or diag $out;
my ($second) = $stack->read_file("$dir/audit.key.pub") =~ /\+([0-9a-f]{8})\+/;
$stack->sql(q{UPDATE registry.programme SET name_en = name_en || '!' WHERE code = 'WDA'});
ok $stack->wait_for(sub { $stack->sql('SELECT count(*) FROM keyring.signer WHERE version = 2 AND first_size IS NOT NULL')
    && sealed_size() == $stack->sql('SELECT count(*) FROM audit.entry') }, 120), 'the sealer follows without a restart';
is $stack->sql(q{SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM keyring.key WHERE purpose = 'audit'}), '1 retired, 2 active', 'the old key is retired';
my $began = $stack->sql('SELECT first_size FROM keyring.signer WHERE version = 2');
is $stack->sql("SELECT size FROM audit.checkpoint WHERE size > $handed ORDER BY size LIMIT 1"), $began, 'its first checkpoint is the next one after the last of the old key';
is $stack->sql(qq{SELECT concat_ws(' ', new::jsonb ->> 'follows', new::jsonb ->> 'fingerprint', new::jsonb ->> 'first_size') FROM audit.entry
    WHERE table_name = 'keyring.signer' AND op = 'UPDATE' ORDER BY id DESC LIMIT 1}), "$first $second $began", 'the trace names both keys and that checkpoint';
for my $key ('first.pub', 'audit.key.pub') {
    local $trusted = "$dir/$key";
    is_whole("whole by $key alone");
}
($code, $out) = keys_command(conninfo('auditor'), split / /, $status =~ s/^ekok keys //r);
like $out, qr/^audit +1 +retired .*^audit +2 +active .*^ *2 +$second +$first +[\d,]+/ms, 'ekok keys status shows them';
kill 'TERM', @first;
waitpid $sealer, 0;
is $? >> 8, 0, 'SIGTERM ends it well';
$stack->sql(q{UPDATE registry.programme SET name_en = name_en || '!' WHERE code = 'WDA'});
ok $stack->wait_for(sub { sealed_size() == $stack->sql('SELECT count(*) FROM audit.entry') }, 120), 'the one that stood by with the old key takes over with the new one';
kill 'TERM', sealers();
waitpid $standby, 0;
is $? >> 8, 0, '  and ends well';
is_whole('and all is whole');
($code, $out) = seal('registry', words => ['--key', "$dir/first.key"]);
is $code, 6, 'a sealer with a copy of the old key is refused' or diag $out;
like $out, qr/its key is retired for the registry/, '  and told why';

# who edits history
my $newest = $stack->sql('SELECT max(id) FROM audit.entry');
my $sealed = $stack->sql('SELECT id FROM audit.entry ORDER BY xact, id OFFSET 700 LIMIT 1');
my $parts  = q{DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass UNION SELECT 'audit.entry'::regclass LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', t); END LOOP; END $$; };
my @attack = (
    ['an entry is changed', "$parts UPDATE audit.entry SET actor = 'somebody' WHERE id = $sealed",
        qr/not those that were signed.* first difference is at place 700, now held by entry $sealed\b/],
    ['what an entry says is changed', "$parts UPDATE audit.entry SET new = new::jsonb || '{\"status\": \"paid\"}' WHERE id = $sealed",
        qr/entry $sealed: its images are not those that it was sealed with/],
    ['and its commitment with it', "$parts UPDATE audit.entry SET new = '{}', commitment = audit.commit_images(salt, old, '{}') WHERE id = $sealed", qr/place 700/],
    ['its images are destroyed', "$parts UPDATE audit.entry SET old = NULL, new = NULL, salt = NULL WHERE id = $sealed",
        qr/entry $sealed and so 1 in all: its images were destroyed, and no receipt says so/],
    ['an entry is removed', "$parts DELETE FROM audit.entry WHERE id = $sealed", qr/place 700, now held by entry \d+/],
    ['an entry is put in', "$parts INSERT INTO audit.entry (xact, table_name, op, new) SELECT xact, table_name, op, new FROM audit.entry WHERE id = $sealed",
        qr/not those that were signed/],
    ['two entries change places', "$parts UPDATE audit.entry e SET row_id = o.row_id, new = o.new
        FROM audit.entry o WHERE (e.id, o.id) IN (($sealed, $sealed + 1), ($sealed + 1, $sealed))", qr/not those that were signed/],
    ['the tail is cut off', "$parts DELETE FROM audit.entry WHERE id > $newest - 10", qr/its end was cut off, or the database was restored/],
    ['the whole trace is emptied', "$parts TRUNCATE audit.entry", qr/its end was cut off/],
    ['a row is changed behind the triggers', q{ALTER TABLE registry.programme DISABLE TRIGGER USER;
        UPDATE registry.programme SET name_en = 'x' WHERE code = 'OAA'; ALTER TABLE registry.programme ENABLE ALWAYS TRIGGER audit_update;
        ALTER TABLE registry.programme ENABLE ALWAYS TRIGGER audit_insert; ALTER TABLE registry.programme ENABLE ALWAYS TRIGGER audit_delete;
        ALTER TABLE registry.programme ENABLE ALWAYS TRIGGER audit_truncate}, qr/registry\.programme: 1 row\(s\): differs from its last entry \(OAA\)/],
    ['a row is put in behind them', q{ALTER TABLE registry.rule DISABLE TRIGGER USER; INSERT INTO registry.geo SELECT '99', 1, NULL, 'x', NULL, 'x', 'high' WHERE false;
        ALTER TABLE registry.ministry DISABLE TRIGGER USER; INSERT INTO registry.ministry (code, name_en, source, confidence)
        SELECT 'GHOST', name_en, source, confidence FROM registry.ministry LIMIT 1}, qr/registry\.ministry: 1 row\(s\): has no entry \(GHOST\)/],
    ['triggers are left off', 'ALTER TABLE registry.rule DISABLE TRIGGER audit_update', qr/registry\.rule: an audit trigger is missing or switched off/],
    ['a row is taken out behind them', q{ALTER TABLE audit.reading DISABLE TRIGGER USER; ALTER TABLE registry.rule_hit DISABLE TRIGGER USER;
        DELETE FROM registry.rule_hit}, qr/registry\.rule_hit: \d+ row\(s\): is gone, and no entry says so/],
    ['a checkpoint in the database is forged', q{ALTER TABLE audit.checkpoint DISABLE TRIGGER USER;
        UPDATE audit.checkpoint SET note = replace(note, E'\n1', E'\n2')}, qr/not signed by any of the keys/],
);
for my $attack (@attack) {
    my ($what, $sql, $told) = @$attack;
    $stack->sql('CREATE DATABASE attacked TEMPLATE registry STRATEGY file_copy', 'postgres');
    $stack->sql($sql, 'attacked');
    ($code, $out) = verify('attacked');
    is $code, 8, "$what: found out" or diag $out;
    like $out =~ s/\s+/ /gr, $told, '  and told';
    $stack->sql('DROP DATABASE attacked WITH (FORCE)', 'postgres');
}
is_whole('the registry itself is whole still');

# an older state of the whole database, its own checkpoints in order
($code, $out) = verify('older');
is $code, 8, 'a database restored to an older state: found out';
like $out =~ s/\s+/ /gr, qr/restored to an older state/, '  and told';
($code, $out) = seal('older', words => ['--key', "$dir/audit.key", '--trusted', "$dir/first.pub"]);
is $code, 8, 'a sealer does not go on from it' or diag $out;
like $out, qr/remembers [\d,]+ entries, the database has sealed/, '  and says why';
{
    local $trusted = "$dir/first.pub";
    ($code, $out) = verify('older', "$dir/old-witness");
}
is $code, 0, 'by a witness of that time alone it is whole: witnesses must be kept apart';

# an insider with root and a key of his own writes the whole history anew
$stack->sql('CREATE DATABASE attacked TEMPLATE registry STRATEGY file_copy', 'postgres');
$stack->sql("$parts UPDATE audit.entry SET actor = 'somebody' WHERE id = $sealed; ALTER TABLE audit.tile DISABLE TRIGGER USER;
    ALTER TABLE audit.checkpoint DISABLE TRIGGER USER; DELETE FROM audit.tile; DELETE FROM audit.checkpoint", 'attacked');
my $forget = q{ALTER TABLE keyring.signer DISABLE TRIGGER USER; ALTER TABLE keyring.key DISABLE TRIGGER USER;
    DELETE FROM keyring.signer; DELETE FROM keyring.key WHERE purpose = 'audit'};
run($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/rogue.key");
run('mkdir', "$dir/rogue-a", "$dir/rogue-b");
my @rogue = ($stack->bin('ekok-sealer'), '--database', conninfo('sealer', 'attacked'), '--witness', "$dir/rogue-a", '--witness', "$dir/rogue-b",
    '--once', '--key');
($code, $out) = run(@rogue, "$dir/rogue.key");
is $code, 6, 'a key that the registry does not know does not seal' or diag $out;
$stack->sql($forget, 'attacked');
($code, $out) = run(@rogue, "$dir/rogue.key");
is $code, 0, 'a history written anew, sealed with another key';
($code, $out) = verify('attacked');
is $code, 8, '  is not the one that witnesses remember';
($code, $out) = verify('attacked', "$dir/rogue-a");
is $code, 8, '  nor signed by the key that auditors hold';
like $out, qr/not signed by any of the keys given/, '  which is told';
$stack->sql('DROP DATABASE attacked WITH (FORCE)', 'postgres');
my ($before) = $stack->read_file("$dir/rogue-a/checkpoint");
run('cp', '-r', $witness[1], "$dir/forged");
run('cp', "$dir/rogue-a/checkpoint", "$dir/forged/checkpoint");
($code, $out) = verify('registry', $witness[0], "$dir/forged");
is $code, 8, 'a forged checkpoint put into a witness: found out';

# who forges a change of the key: without the old one's word, and with a stolen old one
$stack->sql('CREATE DATABASE attacked TEMPLATE registry STRATEGY file_copy', 'postgres');
($code, $out) = keys_command("host=$socket port=5432 dbname=attacked user=postgres", 'rotate', 'audit', "$dir/own.key", 'lost');
is $code, 0, 'an insider calls the key lost and registers his own, triggers and all' or diag $out;
($code, $out) = verify('attacked');
is $code, 8, '  found out';
like $out =~ s/\s+/ /gr, qr/the change of the signing key to \S+ is not warranted by a key that is known/, '  and told';
$stack->sql("ALTER TABLE audit.tile DISABLE TRIGGER USER; ALTER TABLE audit.checkpoint DISABLE TRIGGER USER; DELETE FROM audit.tile;
    DELETE FROM audit.checkpoint; DELETE FROM audit.edge; $forget", 'attacked');
run('sh', '-c', "rm -rf $dir/rogue-*; mkdir $dir/rogue-a $dir/rogue-b");
($code, $out) = run(@rogue, "$dir/first.key");
is $code, 0, 'a thief of the old key signs with it' or diag $out;
$stack->sql('DROP DATABASE attacked WITH (FORCE)', 'postgres');
for my $key ('first.pub', 'audit.key.pub') {
    local $trusted = "$dir/$key";
    ($code, $out) = verify('registry', $witness[0], "$dir/rogue-a");
    is $code, 8, "  found out by $key";
    like $out =~ s/\s+/ /gr, qr/signed by the key $first, which another had followed at $began/, '  and told';
}

# the old key was stolen, and is trusted no further than before that
($code, $out) = keys_command(conninfo('sealer'), split / /, $destroy =~ s/^ekok keys //r =~ s/20852/$entries/r);
is $code, 0, 'the old key is given up' or diag $out;
my ($limited) = $out =~ /^(\S+ until $entries)$/m;
ok !-e "$dir/audit.key.1", 'its private half is gone';
($code, $out) = seal();
is $code, 0, 'sealing goes on' or diag $out;
like is_whole('and all is whole'), qr/^not counted +\d+ checkpoints beyond the trust in their key$/m, 'what it signed later counts no more';
$stack->write_file("$dir/limited.pub", "$limited\n");
{
    local $trusted = "$dir/limited.pub";
    ($code, $out) = verify('registry');
    is $code, 8, 'a key that is limited vouches for no other';
    $stack->write_file("$dir/limited.pub", "$limited\n" . $stack->read_file("$dir/audit.key.pub"));
    is_whole('with the new one by hand the trace is whole');
}
$stack->sql('UPDATE keyring.signer SET trusted_size = trusted_size + 1 WHERE version = 1');
($code, $out) = verify('registry');
like $out =~ s/\s+/ /gr, qr/the destruction of the signing key \S+ is not signed by a key that follows it/, 'a limit that nobody signed is told';
$stack->sql('UPDATE keyring.signer SET trusted_size = trusted_size - 1 WHERE version = 1');

# the next key is made ahead, and then the one in use is lost
($code, $out) = keys_command(conninfo('sealer'), 'add', 'audit', "$dir/audit.key");
is $code, 0, 'a key is made ahead' or diag $out;
like $stack->read_file("$dir/audit.key.new.pub"), qr{^registry\.test/audit\+}, '  and its public half can be given to auditors';
run('mv', "$dir/audit.key", "$dir/second.key");
run('cp', "$dir/audit.key.pub", "$dir/second.pub");
($code, $out) = keys_command(conninfo('sealer'), 'rotate', 'audit', "$dir/audit.key", 'lost');
is $code, 0, 'it takes the place of one that is lost' or diag $out;
($code, $out) = seal();
is $code, 0, 'a sealer that is started with it goes on' or diag $out;
is $stack->sql(q{SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM keyring.key WHERE purpose = 'audit'}),
    '1 destroyed, 2 retired, 3 active', '  in the state that it should have';
is_whole('whole for whoever was given its public half');
{
    local $trusted = "$dir/second.pub";
    ($code, $out) = verify('registry');
    is $code, 8, 'nobody vouches for it: the key before alone does not do' or diag $out;
    like $out =~ s/\s+/ /gr, qr/is not warranted by a key that is known: forged, or the key before it was lost/, '  which is told';
}

# an outsider: public key, entry, proof; no database, and then not even this program
my $proof = "$dir/proof";
($code, $out) = run($stack->bin('ekok'), 'audit', 'prove', $sealed, $proof, '--database', conninfo('auditor'));
is $code, 0, 'an entry and its proof' or diag $out;
($code, $out) = run('env', '-u', 'PGHOST', $stack->bin('ekok'), 'audit', 'check', $proof, '--keys', "$dir/audit.key.pub");
is $code, 0, 'hold without the database' or diag $out;
my $entry = $stack->read_file("$proof/entry");
like $out, qr/^The images are those that it was sealed with/m, '  with its images' or diag $out;
is $stack->sql("SELECT concat_ws(E'\\t', xact, id) FROM audit.entry WHERE id = $sealed"), join("\t", (split /\t/, $entry)[0, 1]), 'the entry is that one';
ok outsider($proof, $entry, "$dir/audit.key.pub"), 'an outsider with openssl and SHA-256 agrees';
ok !outsider($proof, $entry . ' ', "$dir/audit.key.pub"), 'and refuses another entry';
$stack->write_file("$proof/entry", $entry =~ s/\tINSERT\t/\tDELETE\t/r);
($code, $out) = run($stack->bin('ekok'), 'audit', 'check', $proof, '--keys', "$dir/audit.key.pub");
is $code, 8, 'so does the command' or diag $out;
($code, $out) = run($stack->bin('ekok'), 'audit', 'prove', $newest + 1000, $proof, '--database', conninfo('auditor'));
is $code, 2, 'an entry that is not there' or diag $out;

# wherever an entry lies: at the edges of tiles, in the one that is not full, in one that does not say which numbers it holds
sub holds {
    my ($what, $place) = @_;
    my $id = $stack->sql("SELECT id FROM audit.entry ORDER BY xact, id OFFSET $place LIMIT 1");
    my ($made, $said) = run($stack->bin('ekok'), 'audit', 'prove', $id, "$dir/proof-$place-$what", '--database', conninfo('auditor'));
    my ($good, $checked) = run($stack->bin('ekok'), 'audit', 'check', "$dir/proof-$place-$what", '--keys', "$dir/audit.key.pub");
    is "$made $good", '0 0', "a proof of entry $place of the tree holds: $what" or diag "$said$checked";
    like $stack->read_file("$dir/proof-$place-$what/proof"), qr/^index $place$/m, '  and is of that place';
    return;
}
holds('told', $_) for 0, 255, 256, sealed_size() - 1;
is $stack->sql('SELECT count(*) FROM audit.tile WHERE level = 0 AND (ids IS NULL OR times IS NULL)'), 0, 'each full tile says which numbers it holds';
$stack->sql('ALTER TABLE audit.tile DISABLE TRIGGER USER; UPDATE audit.tile SET ids = NULL; ALTER TABLE audit.tile ENABLE ALWAYS TRIGGER insert_only');
holds('untold', 300);

# the key stays with the sealer
my @secret = map { $stack->read_file($_) =~ m{\+([A-Za-z0-9+/]{44})\n$} } "$dir/audit.key", "$dir/first.key", "$dir/second.key";
($code, $out) = $stack->capture('grep', '-rlF', (map { ('-e', $_) } @secret), "$dir/data", "$dir/server.log", "$dir/sealer.log", "$dir/standby.log", @witness);
is $out, '', 'no byte of it lies in the database, its logs or with witnesses';

done_testing;

# RFC 9162, 2.1.3.2, and the signed note's signature by openssl: independent of the code under test.
sub outsider {
    my ($folder, $leaf, $key_file) = @_;
    my ($head, $note) = split /\n\n/, $stack->read_file("$folder/proof"), 2;
    my (undef, $index, @path) = split /\n/, $head;
    ($index) = $index =~ /^index (\d+)$/ or return 0;
    my ($body, $signatures) = $note =~ /^(.*?\n)\n(.*)$/s or return 0;
    my (undef, $size, $root) = split /\n/, $body;
    my ($node, $last, $sum) = ($index, $size - 1, sha256("\0$leaf"));
    for my $other (map { decode_base64($_) } @path) {
        return 0 if $last == 0;
        if ($node & 1 || $node == $last) {
            $sum = sha256("\1$other$sum");
            while (!($node & 1) && $node) { $node >>= 1; $last >>= 1; }
        } else {
            $sum = sha256("\1$sum$other");
        }
        $node >>= 1;
        $last >>= 1;
    }
    return 0 if $last != 0 || encode_base64($sum, '') ne $root;
    my ($name, $hash, $key) = $stack->read_file($key_file) =~ /^(\S+?)\+([0-9a-f]{8})\+(\S+)$/ or return 0;
    my ($signature) = map { substr decode_base64($_), 4 } $signatures =~ /^\xE2\x80\x94 \Q$name\E (\S+)$/m or return 0;
    # an Ed25519 public key as DER: fixed prefix of RFC 8410, then the 32 bytes
    my %file = ('key.der' => pack('H*', '302a300506032b6570032100') . substr(decode_base64($key), 1), body => $body, signature => $signature);
    $stack->write_file("$dir/outsider.$_", $file{$_}) for keys %file;
    my ($status) = $stack->capture('openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', "$dir/outsider.key.der",
        '-rawin', '-in', "$dir/outsider.body", '-sigfile', "$dir/outsider.signature");
    return $status == 0;
}
