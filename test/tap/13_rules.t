#!/usr/bin/perl
# Many sessions try to put the same persons into more programmes than allowed: one row at a time, by pages of two hundred in
# no order, by COPY, and by one statement of 100 000 rows. The rules hold, nobody deadlocks for good, no lock table overflows.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->call('migrated-start', 'autovacuum=off', 'fsync=off', 'max_locks_per_transaction=64');
my $dir = $stack->dir;
my $pgbench = '/usr/lib/postgresql/15/bin/pgbench';
my $root = $Ekok::Stack::ROOT;

my $helper = join '', map { $stack->read_file("$root/test/pgtap/helper/$_.psql") } qw(page rule);
$helper =~ s/pg_temp\./spec./g;
$stack->sql_script("CREATE SCHEMA spec;\n$helper" . <<'SQL');
SELECT spec.rule('three', '{"kind": "max programmes", "limit": 3}');
SELECT spec.rule('apart', '{"kind": "excluded combination", "benefit": null, "programmes": ["OAA"], "not_with": ["WDA"]}');
SELECT spec.rule('wallet', '{"kind": "max per evidence", "evidence": "wallet", "counted": "enrolments", "limit": 4, "benefit": "any"}');
SELECT spec.rule('house', '{"kind": "max per household", "counted": "enrolments", "limit": 5, "benefit": "any", "mode": "hold"}');
CREATE SEQUENCE spec.next;
-- One attempt: a person of 40 by NID, BRN or both; a wallet of 40, a household of 10.
CREATE FUNCTION spec.race() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    person int := 40 * random();
    kind float := random();
BEGIN
    RETURN spec.attempt('race' || nextval('spec.next'), (ARRAY['OAA', 'WDA', 'DIS', 'MCB', 'TEA', 'TBD'])[1 + floor(6 * random())::int],
        jsonb_strip_nulls(jsonb_build_object('nid', CASE WHEN kind < 0.7 THEN person END, 'brn', CASE WHEN kind > 0.4 THEN person END,
            'wallet', CASE WHEN random() < 0.3 THEN (40 * random())::int END, 'household', CASE WHEN random() < 0.3 THEN (10 * random())::int END)));
END $$;
SQL

# run(sessions, transactions, script): pgbench with retries of deadlocks; returns how many failed for good.
sub run {
    my ($sessions, $transactions, $script) = @_;
    $stack->write_file("$dir/race.sql", $script);
    chmod 0644, "$dir/race.sql";
    my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', 'tap-13-rules', $pgbench, '-n', '-c', $sessions, '-j', 2,
        '-t', $transactions, '--max-tries=20', '-f', "$dir/race.sql", '-U', 'postgres', 'registry');
    is($code, 0, "$sessions sessions, $transactions transactions each") or diag $out;
    my ($failed) = $out =~ /number of failed transactions: (\d+)/;
    return $failed // 'unknown';
}

is(run(8, 60, "SELECT spec.race();\n"), 0, 'none fails for good');
# Persons that break a rule, by plain SQL over the tokens.
my $BROKEN = <<'SQL';
WITH d AS (SELECT e.*, p.benefit FROM registry.enrolment e JOIN registry.programme p ON p.code = e.programme
           WHERE (e.status = 'active' OR e.status IS NULL)
             AND NOT EXISTS (SELECT FROM registry.hold h WHERE h.enrolment_id = e.id AND h.released_at IS NULL))
SELECT (SELECT count(*) FROM (SELECT FROM d WHERE nid_token IS NOT NULL GROUP BY nid_token HAVING count(DISTINCT programme) FILTER (WHERE benefit = 'cash') > 3) x)
     + (SELECT count(*) FROM (SELECT FROM d WHERE brn_token IS NOT NULL GROUP BY brn_token HAVING count(DISTINCT programme) FILTER (WHERE benefit = 'cash') > 3) x)
     + (SELECT count(*) FROM d a JOIN d b ON a.nid_token = b.nid_token OR a.brn_token = b.brn_token WHERE a.programme = 'OAA' AND b.programme = 'WDA')
     + (SELECT count(*) FROM (SELECT FROM d WHERE wallet_token IS NOT NULL GROUP BY wallet_token HAVING count(*) > 4) x)
     + (SELECT count(*) FROM (SELECT FROM d WHERE household IS NOT NULL GROUP BY household HAVING count(*) > 5) x)
SQL
cmp_ok($stack->sql('SELECT count(*) FROM registry.enrolment'), '>', 100, 'many are enrolled');
cmp_ok($stack->sql('SELECT count(*) FROM registry.hold'), '>', 0, 'some on hold');
is($stack->sql($BROKEN), 0, 'and no rule is broken');
$stack->sql(q{SELECT registry.sweep()});
is($stack->sql(q{SELECT count(*) FROM registry.rule_hit WHERE rule IN ('wallet', 'house')}), 0,
    'nor does the sweep find one by wallet or household');

# Pages in no order, each a transaction, from eight sources at once.
$stack->sql_script(<<'SQL');
CREATE FUNCTION spec.page() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    origin text := (ARRAY['dss', 'dwa', 'molwa', 'spbmu', 'pesp', 'hsp', 'dol', 'dshe'])[1 + nextval('spec.next') % 8];
    run bigint;
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS stage (LIKE etl.stage_shape) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS stage_bad (LIKE etl.stage_bad_shape) ON COMMIT DELETE ROWS;
    run := (SELECT r.id FROM etl.run r WHERE r.source = origin AND r.state = 'running' FOR UPDATE SKIP LOCKED);
    IF run IS NULL THEN
        RETURN;
    END IF;
    PERFORM spec.give(origin, 'p' || n, (SELECT p.programme FROM etl.source_programme p WHERE p.source = origin ORDER BY random() LIMIT 1),
                      jsonb_build_object('nid', 'page' || n)) FROM (SELECT n FROM generate_series(1, 200) n ORDER BY random() LIMIT 60) x;
    PERFORM spec.merge(run);
END $$;
SELECT spec.open(s) FROM unnest(ARRAY['dss', 'dwa', 'molwa', 'spbmu', 'pesp', 'hsp', 'dol', 'dshe']) s;
SQL
is(run(8, 6, "SELECT spec.page();\n"), 0, 'pages: none fails for good');
cmp_ok($stack->sql('SELECT sum(refused) FROM etl.run'), '>', 0, 'some records are refused');
is($stack->sql('SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused'), 0, 'the books balance');
is($stack->sql($BROKEN), 0, 'no rule is broken');

# A ministry's own table: COPY and one statement of 100 000 rows against single rows.
$stack->sql_script(<<'SQL');
CREATE TABLE allowance (person int, programme int, evidence ekok.evidence);
CREATE INDEX allowance_evidence ON allowance (evidence);
SELECT ekok.enforce_at_most('allowance_evidence', 3);
SQL
my $single = $stack->start("$dir/single.log", $Ekok::Stack::STACK, 'psql', 'tap-13-rules', '-qX', '-d', 'registry', '-c',
    join ';', map { my $p = 5 + $_ % 3; "INSERT INTO allowance SELECT p, $p, ekok.evidence('nid', p::text, $p) "
        . "FROM (SELECT (random() * 100000)::int p FROM generate_series(1, 5)) x; COMMIT" } 1 .. 300);
my @bulk = map {
    $stack->start("$dir/bulk$_.log", $Ekok::Stack::STACK, 'psql', 'tap-13-rules', '-qX', '-d', 'registry', '-c',
        "INSERT INTO allowance SELECT n, $_, ekok.evidence('nid', n::text, $_) FROM generate_series(1, 100000) n ORDER BY random()")
} 1 .. 4;
my $refused = 0;
for my $pid (@bulk) {
    waitpid $pid, 0;
    $refused++ if $? != 0;
}
waitpid $single, 0;
my $log = join '', map { $stack->read_file("$dir/bulk$_.log") } 1 .. 4;
cmp_ok($refused, '>=', 1, 'of four loads of 100 000 that give everybody a fourth programme one is refused');
unlike($log, qr/shared memory|deadlock/, 'by the rule, not for want of memory');
is($stack->sql('SELECT count(*) FROM (SELECT FROM allowance GROUP BY person HAVING count(DISTINCT programme) > 3) x'), 0, 'nobody is in more than three');
my $copy = join '', map {"7\t$_\t" . $stack->sql("SELECT ekok.evidence('nid', 'copy', $_)") . "\n"} 11 .. 14;
my $out = eval { $stack->sql_script("COPY allowance FROM STDIN;\n$copy\\.\n"); 'loaded' } // $@;
like($out, qr/more than 3 programmes/, 'COPY is held to it too');

# The same by the command line: one operator proposes, another looks at what it does and puts it in force.
my %as = (maker => 'dbname=registry user=postgres', checker => 'dbname=registry user=etld');
sub rule { my ($who, @words) = @_; return $stack->ekok('rule', @words, '--database', $as{$who}); }
$stack->sql(q{DELETE FROM registry.hold; SELECT registry.retire_rule(code) FROM registry.rule WHERE state = 'active' AND code <> 'max-cash-programmes'});
$stack->sql(q{SELECT registry.sweep()});
my $breaking = $stack->sql(q{SELECT count(*) FROM (SELECT FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id JOIN registry.programme p ON p.code = e.programme
    WHERE p.benefit = 'cash' AND (e.status = 'active' OR e.status IS NULL) GROUP BY m.person_id HAVING count(DISTINCT e.programme) > 1) x});
cmp_ok($breaking, '>', 0, 'there are persons in two cash programmes');
sub rule_file { my ($name, $text) = @_; $stack->write_file("$dir/$name.json", $text); chmod 0644, "$dir/$name.json"; return "$dir/$name.json"; }
my $fields = '"kind": "max programmes", "benefit": "cash", "limit": 1, "source": "circular 12", "confidence": "documented", "valid_from": "2020-01-01"';
my $good = rule_file('good', qq({"code": "one-cash", "mode": "report", $fields}));
my $bad  = rule_file('bad',  qq({"code": "no-mode", $fields}));
my ($code, $told) = rule('maker', 'propose', $good, $bad);
is($code, 5, 'a rule that lacks something is refused');
like($told, qr/bad\.json: rule "no-mode" lacks "mode"/, '  by the name of its file');
is($stack->sql(q{SELECT count(*) FROM registry.rule WHERE code = 'one-cash'}), 0, '  and none of the files proposed');
($code, $told) = rule('maker', 'propose', rule_file('broken', '{"code": '));
is($code, 5, 'nor is what is no JSON');
($code, $told) = rule('maker', 'propose', rule_file('list', '["one-cash"]'));
is $code, 5, 'what is no object is no rule';
like $told, qr/: is not a rule; accepted: one JSON object/, '  and the file is told so';
($code, $told) = rule('maker', 'propose', $good);
is($code, 0, 'a whole one is proposed') or diag $told;
($code, $told) = rule('checker', 'list');
like($told, qr/^one-cash +proposed +max programmes +1 +cash +report +2020-01-01 +postgres/m, 'it is listed');
($code, $told) = rule('checker', 'show', 'one-cash', '--json');
like($told, qr/"limit": 1\b.*"state": "proposed"/, 'and shown');
is((rule('checker', 'show', 'two-cash'))[0], 2, 'one that does not exist is not');
($code, $told) = rule('checker', 'check', 'one-cash', '--json');
like($told, qr/"persons": $breaking, "newly": $breaking,/, 'what it would do is told in numbers');
unlike($told, qr/[0-9a-f]{8}-[0-9a-f]{4}/, '  and names nobody');
is($stack->sql(q{SELECT count(*) FROM registry.rule_hit WHERE rule = 'one-cash'}), 0, '  and is not done');
is((rule('maker', 'activate', 'one-cash', $breaking))[0], 4, 'who proposed it does not put it in force');
is((rule('checker', 'activate', 'one-cash', $breaking + 1))[0], 4, 'nor who gives another number');
is((rule('checker', 'activate', 'one-cash', '-1'))[0], 2, '  or none');
($code, $told) = rule('checker', 'activate', 'one-cash', $breaking);
is($code, 0, 'another with the right one does') or diag $told;
is($stack->sql(q{SELECT count(*) FROM registry.rule_hit WHERE rule = 'one-cash'}), $breaking, '  and it does what it was said to');
like((rule('checker', 'list'))[1], qr/^one-cash +active .* postgres +etld/m, '  under both names');

$stack->call('remove');
done_testing;
