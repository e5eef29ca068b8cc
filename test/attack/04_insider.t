#!/usr/bin/perl
# People and programs with a duty, trying to leave it: analyst, operator, auditor; the daemon's role and the sealer's when their
# programs were taken over. Each attempt fails for the stated reason; what a taken-over sealer can write, verification refuses.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Planted;
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 94);
Ekok::Planted->new($stack);
my $dir    = $stack->dir;
my $socket = $stack->socket;
my ($code, $out) = $stack->etld;
is $code, 0, 'the planted people are pulled' or BAIL_OUT $out;
$stack->ekok('sweep');
$stack->sql("CREATE ROLE evil_$_ LOGIN IN ROLE ekok_$_") for qw(analyst operator auditor etl sealer drill);

# duty, what is tried, SQLSTATE
my $denied = '42501';
my @attempt = (
    ['analyst', 'SELECT nid_sealed FROM registry.enrolment', $denied, 'reads sealed values'],
    ['analyst', 'SELECT nid_token FROM registry.enrolment', $denied, 'reads tokens'],
    ['analyst', 'SELECT * FROM registry.evidence', $denied, 'reads evidence'],
    ['analyst', 'SELECT * FROM audit.reading', $denied, 'sees who looked at whom'],
    ['analyst', q{UPDATE registry.enrolment SET amount_paisa = 1}, $denied, 'changes a payment'],
    ['operator', q{UPDATE audit.entry SET actor = 'somebody'}, $denied, 'edits the trace'],
    ['operator', q{DELETE FROM registry.hold}, $denied, 'lifts a hold by hand'],
    ['operator', q{UPDATE etl.run SET fetched = 0}, $denied, 'cooks the books'],
    ['operator', q{SELECT keyring.check_key('data', 1, decode(repeat('00', 32), 'hex'))}, $denied, 'registers a key of his own'],
    ['auditor', q{DELETE FROM audit.entry}, $denied, 'removes entries'],
    ['auditor', q{ALTER TABLE audit.entry DISABLE TRIGGER USER}, $denied, 'switches the guard off'],
    ['auditor', q{SELECT name_en FROM registry.enrolment}, $denied, 'reads people'],
    ['drill', q{SELECT * FROM registry.enrolment}, $denied, 'reads people'],
    ['drill', q{DELETE FROM audit.drill_result}, $denied, 'forgets a drill that failed'],
    ['drill', q{SELECT * FROM audit.entry}, $denied, 'reads the trace'],
    ['etl', 'SELECT * FROM registry.enrolment', $denied, 'reads people'],
    ['etl', 'SELECT * FROM audit.entry', $denied, 'reads the trace'],
    ['etl', q{INSERT INTO audit.entry (table_name, op, new) VALUES ('registry.enrolment', 'INSERT', '{}')}, $denied, 'forges an entry'],
    ['etl', q{UPDATE registry.programme SET benefit = 'in kind'}, $denied, 'takes a programme out of the cash limit'],
    ['etl', q{SELECT registry.activate_rule('max-cash-programmes', 0)}, $denied, 'changes the rules'],
    ['etl', q{SELECT etl.add_definition('{}')}, $denied, 'points a source elsewhere'],
    ['etl', q{SELECT etl.release_run(1, 'x')}, $denied, 'releases a held loss'],
    ['etl', q{COPY (SELECT 1) TO PROGRAM 'id'}, $denied, 'runs a program on the server'],
    ['etl', q{SELECT pg_read_file('postgresql.conf')}, $denied, 'reads its files'],
    ['etl', 'SET ROLE ekok_owner', $denied, 'becomes the owner'],
    ['etl', q{CREATE ROLE another LOGIN}, $denied, 'makes itself an account'],
    ['etl', q{SET session_replication_role = replica}, $denied, 'puts triggers to rest'],
    ['etl', q{CREATE FUNCTION pg_catalog.now2() RETURNS int LANGUAGE sql RETURN 1}, $denied, 'plants a function'],
    ['etl', q{CREATE TEMP TABLE stage (x int); CREATE TEMP TABLE stage_bad (x int); SELECT * FROM etl.merge_page(1, 1, NULL, '\x00', 1, 0)}, '42809', 'merges from a table of another shape'],
    ['etl', q{UPDATE registry.verification_system SET quota_day = 1000000000}, $denied, 'lifts a quota'],
    ['sealer', 'SELECT * FROM registry.enrolment', $denied, 'reads people'],
    ['sealer', q{UPDATE audit.entry SET new = '{}'}, $denied, 'changes an entry'],
    ['sealer', q{INSERT INTO audit.entry (table_name, op, new) VALUES ('x', 'INSERT', '{}')}, $denied, 'puts one in'],
    ['sealer', q{DELETE FROM audit.checkpoint}, $denied, 'forgets a checkpoint'],
    ['sealer', q{UPDATE audit.tile SET hashes = hashes}, $denied, 'changes a hash'],
);
for my $attempt (@attempt) {
    my ($duty, $sql, $state, $what) = @$attempt;
    my ($c, $o) = $stack->capture('psql', '-XqAt', '-h', $socket, '-U', 'postgres', '-d', 'registry', '-v', 'VERBOSITY=sqlstate', '-v', 'ON_ERROR_STOP=1',
        '-c', "SET SESSION AUTHORIZATION evil_$duty", '-c', $sql);
    my ($got) = $o =~ /ERROR:\s+([0-9A-Z]{5})/;
    like $got // "done: $o", qr/^$state$/, "$duty $what: refused";
}

# an operator alone against a hold and a term, which keep a subject whose erasure he got proposed: by every way there is
my $subject = $stack->sql('SELECT enrolment_id FROM registry.membership ORDER BY 1 LIMIT 1');
$stack->sql_script(join ';', map { my ($login, $holder) = @$_; qq{CREATE ROLE $login LOGIN; INSERT INTO access.account (login, holder, kind, disabled_at, disabled_because)
    VALUES ('$login', '$holder', 'person', } . ($login eq 'insider_before' ? q{now(), 'left'} : 'NULL, NULL') . qq{);
    INSERT INTO access.scope (login, duty, purpose, granted_at, expires_at) VALUES ('$login', 'operator', 'test', now() - interval '1 hour', now() + interval '1 day');
    SELECT access.fit_roles('$login')} } ['colleague', 'Colleague'], ['insider_before', 'Insider'], ['insider', 'insider']);
sub as { my ($login, $sql) = @_; return $stack->capture('psql', '-XqAt', '-h', $socket, '-U', 'postgres', '-d', 'registry', '-v', 'VERBOSITY=sqlstate',
    '-v', 'ON_ERROR_STOP=1', '-c', "SET SESSION AUTHORIZATION $login", '-c', $sql); }
as('colleague', qq{SELECT registry.place_legal_hold('$subject', 'a case in court'); SELECT registry.set_retention(code, '10 years', 'a law') FROM registry.programme});
as('colleague', qq{SELECT registry.propose_erasure('$subject', 'a law', 'C-1')});
$stack->sql(q{SET SESSION AUTHORIZATION colleague; SELECT registry.lift_legal_hold(1, 'a reason'); RESET SESSION AUTHORIZATION;
    UPDATE registry.keeping_proposal SET proposed_by = 'insider_before'});    # his own, from before, under the login he had
$stack->sql(qq{UPDATE registry.enrolment SET status = 'inactive' WHERE id IN (SELECT unnest((registry.subject_ids('$subject')).enrolments))});
for my $attempt (
    ['SELECT registry.approve_keeping(1)', $denied, 'approves what he proposed under the login he had before'],
    ['SELECT registry.lift_legal_hold(1, $$over$$)', '23505', 'proposes it again'],
    ['SELECT registry.end_keeping(1); SELECT registry.lift_legal_hold(1, $$over$$); SELECT registry.approve_keeping((SELECT max(id) FROM registry.keeping_proposal))',
        $denied, 'ends that, proposes his own and approves it'],
    ['SELECT registry.propose_keeping(NULL)', $denied, 'writes a proposal in another form'],
    [q{INSERT INTO registry.keeping_proposal (hold, basis, proposed_by) VALUES (1, 'over', 'colleague')}, $denied, 'writes one in another name'],
    [q{UPDATE registry.legal_hold SET until = '2000-01-01'}, $denied, 'lets the hold end'],
    [q{UPDATE registry.legal_hold SET lifted_by = 'colleague', lifted_at = now()}, $denied, 'lifts it by hand'],
    [q{UPDATE registry.retention SET keep = '1 day'}, $denied, 'shortens a term by hand'],
    [q{DELETE FROM registry.retention}, $denied, 'deletes it'],
    [q{SELECT registry.set_retention(code, '1 day', 'a law') FROM registry.programme; SELECT registry.approve_keeping(max(id)) FROM registry.keeping_proposal},
        $denied, 'shortens every term'],
    [q{SET ROLE ekok_owner}, $denied, 'becomes the owner'],
    ['SELECT registry.erase_subject(1)', '55000', 'erases all the same'],
) {
    my ($sql, $state, $what) = @$attempt;
    my ($c, $o) = as('insider', $sql);
    my ($got) = $o =~ /ERROR:\s+([0-9A-Z]{5})/;
    like $got // "done: $o", qr/^$state$/, "an operator alone $what: refused";
}
is $stack->sql('SELECT count(*) FROM registry.legal_hold WHERE lifted_at IS NULL AND until IS NULL'), 1, 'the hold stands';
is $stack->sql(q{SELECT count(*) FROM registry.retention WHERE keep <> interval '10 years'}), 0, 'and every term';

# what a sealer may write, it may write wrongly: verification goes by witnesses and keys
my @witness = map { "$dir/witness-$_" } 'a', 'b';
sub run { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); }
run($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");
run('mkdir', @witness);
run($stack->bin('ekok-sealer'), '--database', "host=$socket port=5432 dbname=registry user=sealer", '--key', "$dir/audit.key", (map { ('--witness', $_) } @witness), '--once');
sub verify { return run($stack->bin('ekok'), 'verify-audit', '--database', "host=$socket port=5432 dbname=registry user=auditor", '--keys', "$dir/audit.key.pub", map { ('--witness', $_) } @witness) }
($code, $out) = verify();
is $code, 0, 'the trace is whole' or diag $out;
$stack->sql_script(q{SET SESSION AUTHORIZATION evil_sealer;
    INSERT INTO audit.checkpoint (size, root, signature, at, note, last_xact, last_id)
    SELECT size + 1, root, signature, at, replace(note, E'\n' || size || E'\n', E'\n' || size + 1 || E'\n'), last_xact, last_id FROM audit.checkpoint ORDER BY size DESC LIMIT 1;});
($code, $out) = verify();
is $code, 8, 'a taken-over sealer without the key writes a checkpoint: found out';
like $out =~ s/\s+/ /gr, qr/not signed by any of the keys/, '  for its signature';

done_testing;
