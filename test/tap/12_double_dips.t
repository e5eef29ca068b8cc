#!/usr/bin/perl
# The sweep against sessions that insert, delete, update, vacuum and rebuild the index while it runs, after kill -9, and on a
# streaming standby: always the rows of the plain query in the same snapshot. Sweeps are made slow, by a wait between
# keys, so that pages split, are emptied and are used again under them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->call('server-start', 'autovacuum=off', 'wal_level=replica', 'max_prepared_transactions=5', 'checkpoint_timeout=30s');
my $bin = '/usr/lib/postgresql/15/bin';
my $dir = $stack->dir;
my $socket = $stack->socket;
my $path = 'SET search_path = public, ekok; SET work_mem = 64;';    # the smallest lots
my $keys = 30_000;

$stack->sql('CREATE DATABASE busy TEMPLATE template0', 'postgres');
$stack->sql_script(<<"SQL", 'busy');
CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; CREATE EXTENSION dblink; CREATE EXTENSION amcheck;
$path
CREATE TABLE held (id bigint GENERATED ALWAYS AS IDENTITY, e evidence, note text DEFAULT 'x') WITH (fillfactor = 80);
CREATE INDEX held_e ON held (e);
CREATE INDEX held_d ON held (e DESC);
INSERT INTO held (e) SELECT evidence('nid', (random() * $keys)::int::text, (random() * 9)::int) FROM generate_series(1, 2 * $keys);
CREATE FUNCTION some_evidence() RETURNS evidence LANGUAGE sql VOLATILE AS
    \$\$ SELECT ekok.evidence('nid', (random() * $keys)::int::text, (random() * 9)::int) \$\$;
-- A stretch of keys, which lie side by side in the index: a hundredth of all.
CREATE PROCEDURE thin_out() LANGUAGE plpgsql AS \$\$
DECLARE from_key bigint := (random() * ((1::bigint << 52) - 1) * 0.99)::bigint;
BEGIN
    DELETE FROM held WHERE e >= ekok.evidence_of_key(from_key) AND e < ekok.evidence_of_key(from_key + (1::bigint << 52) / 100);
END \$\$;
CREATE PROCEDURE fill_up() LANGUAGE plpgsql AS \$\$
BEGIN
    IF (SELECT count(*) FROM held) < 2 * $keys THEN
        INSERT INTO held (e) SELECT some_evidence() FROM generate_series(1, 1500);
    END IF;
END \$\$;
VACUUM ANALYZE held;
SQL

my %script = (
    insert => q{SET search_path = public, ekok; CALL fill_up();},
    delete => q{SET search_path = public, ekok; CALL thin_out();},
    update => q{SET search_path = public, ekok; UPDATE held SET note = note || 'y' WHERE ctid = ANY (SELECT format('(%s,%s)', (random() * 400)::int, i)::tid FROM generate_series(1, 40) i);},
    move   => q{SET search_path = public, ekok; UPDATE held SET e = some_evidence() WHERE ctid = ANY (SELECT format('(%s,%s)', (random() * 400)::int, i)::tid FROM generate_series(1, 20) i);},
    undo   => q{BEGIN; SET LOCAL search_path = public, ekok; INSERT INTO held (e) SELECT some_evidence() FROM generate_series(1, 300); ROLLBACK;},
    vacuum => q{VACUUM held;},
);
$stack->write_file("$dir/$_.sql", "$script{$_}\n") for keys %script;

# Sessions that write until they are told to stop: pgbench over the scripts, at their weights.
sub writers {
    my ($seconds) = @_;
    return $stack->start("$dir/writers.log", $Ekok::Stack::STACK, 'run', $stack->{name}, "$bin/pgbench", '-n', '-c', 3, '-T', $seconds, '--max-tries', 100,
        (map { my ($name, $weight) = @$_; ('-f', "$dir/$name.sql\@$weight") } ['insert', 6], ['delete', 2], ['update', 6], ['move', 6], ['undo', 1], ['vacuum', 1]), 'busy');
}

# sweep_query(call, plain, wait): "missing|wrong|found" in one statement, so in one snapshot; it waits after that share of the keys.
sub sweep_query {
    my ($call, $plain, $wait) = @_;
    return "$path WITH got AS MATERIALIZED (SELECT (s.d).* FROM (SELECT $call AS d, CASE WHEN random() < $wait THEN pg_sleep(0.002)::text END) s),
        plain AS MATERIALIZED ($plain)
        SELECT (SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE got) a) || '|' ||
            (SELECT count(*) FROM (TABLE got EXCEPT ALL TABLE plain) b) || '|' || (SELECT count(*) FROM got)";
}
my $both_tables = q{SELECT p.evidence_key, p.programmes, array_agg(r ORDER BY programme(h.e), i, r), array_agg(i ORDER BY programme(h.e), i, r),
    array_agg('held'::regclass ORDER BY programme(h.e), i, r) FROM double_dips_plain('held_e') p, unnest(p.rows) r JOIN held h ON h.ctid = r,
    unnest('{held_e,held_d}'::regclass[]) WITH ORDINALITY AS x(i, n) GROUP BY 1, 2};
my @QUERY = (
    ['rows', "double_dips('held_e', 2)", q{SELECT * FROM double_dips_plain('held_e')}, 0.01],
    ['rows, three programmes', "double_dips('held_e', 3)", q{SELECT * FROM double_dips_plain('held_e', 3)}, 0.02],
    ['counts', "double_dip_counts('held_e', 2)", q{SELECT evidence_key, cardinality(programmes), cardinality(rows)::bigint FROM double_dips_plain('held_e')}, 0.01],
    ['a descending index', "double_dips('held_d', 2)", q{SELECT * FROM double_dips_plain('held_d')}, 0.01],
    ['two indexes', "double_dips_across('{held_e,held_d}', 2)", $both_tables, 0.01],
);

# What a query that ran beside REINDEX CONCURRENTLY may say instead of an answer: the index went away under its name.
my $GONE = qr/is not valid|not an index: \d+|no relation has OID|is too young|could not open relation|cache lookup failed|changed its table/;

sub check_sweeps {
    my ($rounds, $may_be_gone, @how) = @_;
    my ($right, $gone, @wrong) = (0, 0);
    for my $round (1 .. $rounds) {
        for my $case (@QUERY) {
            my ($what, @query) = @$case;
            my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'env', @how, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1',
                '-d', 'busy', '-c', sweep_query(@query));
            if ($code == 0 && $out =~ /^0\|0\|(\d+)\n\z/ && $1 > 1000) { $right++ }
            elsif ($may_be_gone && $out =~ $GONE) { $gone++ }
            else { push @wrong, "$what: $out" }
        }
    }
    is "@wrong", '', '  every sweep gave the rows of the plain query';
    note "$right right, $gone beside a rebuild of the index";
    return $right;
}
sub sound { return $stack->sql(q{SELECT count(bt_index_check(x, true)) FROM unnest('{held_e,held_d}'::regclass[]) x}, 'busy') == 2; }

note 'writers, vacuum';
my $before = $stack->sql('SELECT pg_current_wal_lsn()', 'busy');
my $pid = writers(3600);
is check_sweeps(4, 0), 4 * @QUERY, '  none was refused';
my $pages = $stack->sql(qq{SELECT sum(count) FROM (SELECT n_tup_ins + n_tup_upd + n_tup_del AS count FROM pg_stat_user_tables) s}, 'busy');
cmp_ok $pages, '>', 5000, "  beside $pages writes";

note 'REINDEX CONCURRENTLY';
my $rebuild = $stack->start("$dir/rebuild.log", '/bin/sh', '-c', "while :; do $Ekok::Stack::STACK psql $stack->{name} -q -d busy -c 'REINDEX TABLE CONCURRENTLY held' || exit 1; done");
cmp_ok check_sweeps(2, 1), '>', 0, '  some ran beside it';
kill 'TERM', $rebuild;
waitpid $rebuild, 0;
$stack->sql('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE $$REINDEX%$$ AND pid <> pg_backend_pid()', 'busy');
$stack->sql(q{SELECT pg_sleep(0.1)}, 'busy');
unlike $stack->read_file("$dir/rebuild.log"), qr/corrupt|unexpected page|no leaf|deadlock/, '  and it said nothing of corruption';

note 'kill -9 of the server';
for my $round (1 .. 2) {
    select undef, undef, undef, 1;
    $stack->call('server-kill');
    waitpid $pid, 0;
    $stack->call('server-restart');
    $stack->sql_script(join("\n", map { "DROP INDEX $_;" } split /\n/, $stack->sql(
        q{SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'held'::regclass AND NOT indisvalid}, 'busy')), 'busy');
    check_sweeps(1, 0);
    ok sound(), '  the index is sound after recovery';
    $pid = writers(3600);
}

note 'a streaming standby';
$stack->write_file("$dir/pg_hba.conf", $stack->read_file("$dir/pg_hba.conf") . "local replication all peer map=ekok\n");
$stack->sql('SELECT pg_reload_conf()', 'postgres');
sub standby {
    my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @_);
    is $code, 0, "  @_[0 .. 0]" or diag $out;
    return;
}
my $tree = "$Ekok::Stack::BUILD/pg/lib/postgresql/15/bin";
standby("$bin/pg_basebackup", '-D', "$dir/standby", '-R', '-X', 'stream', '-c', 'fast');
standby("$tree/pg_ctl", '-D', "$dir/standby", '-l', "$dir/standby.log", '-w', '-o',
    '-p 5433 -c hot_standby_feedback=on -c max_standby_streaming_delay=-1', 'start');
my @there = ('PGPORT=5433', "PGHOST=$socket");
is check_sweeps(2, 0, @there), 2 * @QUERY, '  while it replays what the primary writes';
my $replayed = sub { $stack->sql('SELECT replay_lsn > pg_current_wal_lsn() - 100000000 FROM pg_stat_replication', 'postgres') };
is $replayed->(), 't', '  which it did';
$stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, "$tree/pg_ctl", '-D', "$dir/standby", '-m', 'immediate', 'stop');
kill 'TERM', $pid;
$stack->sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgbench'}, 'postgres');
waitpid $pid, 0;
ok sound(), '  the index is sound at the end';

note 'SERIALIZABLE: a sweep and an enrolment that it did not see cannot both precede each other';
my $connect = "host=$socket dbname=busy";
is $stack->sql_script(<<"SQL", 'busy'), '0|0|40001', '  the second to commit is refused';
$path
CREATE TABLE looked (at int);
CREATE TABLE few (e evidence); CREATE INDEX few_e ON few (e);
INSERT INTO few VALUES ('0000000000001/1');
DO \$\$ BEGIN
    PERFORM dblink_connect(n, '$connect') FROM unnest('{one,two}'::text[]) n;
    PERFORM dblink_exec(n, 'BEGIN ISOLATION LEVEL SERIALIZABLE') FROM unnest('{one,two}'::text[]) n;
END \$\$;
CREATE TEMP TABLE first AS SELECT * FROM dblink('one', \$\$SELECT count(*) FROM ekok.double_dips('few_e')\$\$) AS s(n int);
CREATE TEMP TABLE second AS SELECT * FROM dblink('two', 'SELECT count(*) FROM looked') AS s(n int);
CREATE TEMP TABLE third (state text);
DO \$\$ BEGIN
    PERFORM dblink_exec('one', 'INSERT INTO looked VALUES (1)');
    PERFORM dblink_exec('two', 'INSERT INTO few VALUES (''0000000000001/2'')');
    PERFORM dblink_exec('one', 'COMMIT');
    PERFORM dblink_exec('two', 'COMMIT');
    INSERT INTO third VALUES ('both committed');
EXCEPTION WHEN OTHERS THEN
    INSERT INTO third VALUES (SQLSTATE);
END \$\$;
SELECT first.n || '|' || second.n || '|' || state FROM first, second, third;
SQL

note 'progress, interruption, a sweep left off';
is $stack->sql_script(<<"SQL", 'busy'), "1|held_e|2|3|4|t|t\n1|1\n0", '  shown while it runs, closed to others, gone after';
$path
BEGIN;
DECLARE d CURSOR FOR SELECT double_dips('held_e', 2, 3, 4);
MOVE 1 FROM d;
CREATE FUNCTION pg_temp.elsewhere(query text) RETURNS SETOF text LANGUAGE sql AS \$\$ SELECT * FROM public.dblink('$connect', query) AS s(t text) \$\$;
SELECT pg_temp.elsewhere('SELECT concat_ws(''|'', count(*), min(index::text), 2 * min(indexes), min(part), min(parts), bool_and(pages_done < pages_total), bool_and(pages_total > 10)) FROM ekok.double_dip_progress');
CREATE ROLE stranger;
GRANT USAGE ON SCHEMA ekok TO stranger;
COMMIT;
BEGIN;
DECLARE d CURSOR FOR SELECT double_dips('held_e', 2, 3, 4);
MOVE 1 FROM d;
DO \$\$ BEGIN PERFORM public.dblink_connect('three', '$connect'), public.dblink_exec('three', 'SET ROLE stranger'); END \$\$;
SELECT t FROM public.dblink('three', 'SELECT count(*) || ''|'' || count(*) FILTER (WHERE index IS NULL AND pages_done IS NULL)
    FROM ekok.double_dip_progress') AS s(t text);
CLOSE d;
SELECT pg_temp.elsewhere('SELECT count(*) FROM ekok.double_dip_progress');
COMMIT;
SQL
my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'psql', $stack->{name}, '-XqAt', '-d', 'busy', '-c',
    "$path SET statement_timeout = 300; SELECT count(*) FROM (SELECT double_dips('held_e'), pg_sleep(0.01)) s");
like $out, qr/ERROR:  canceling statement due to statement timeout/, '  a sweep can be stopped';
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'psql', $stack->{name}, '-XqAt', '-d', 'busy', '-c',
    "$path SELECT count(*) FROM (SELECT double_dips('held_e') LIMIT 3) s UNION ALL SELECT count(*) FROM (SELECT double_dip_counts('held_e') LIMIT 1) s");
is $out, "3\n1\n", '  or left off, and leaves nothing held';
done_testing;
