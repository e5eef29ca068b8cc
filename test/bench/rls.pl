#!/usr/bin/perl
# rls.pl ROWS ROUNDS - what row-level security costs a reader: each query as an analyst with a scope, and by a reader whom no policy
# binds, with the scope's conditions written by hand. CPU of the backend (user and system, to the nanosecond, /proc/PID/schedstat),
# medians over rounds, both in one run and in turn. Naming whom a statement read is part of the first: the library is preloaded.
# Asserts nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($rows, $rounds) = @ARGV;
my $stack = Ekok::Stack->new;
$stack->call('server-start', 'autovacuum=off', 'synchronous_commit=off', 'max_wal_size=8GB', 'shared_buffers=1GB', 'max_parallel_workers_per_gather=0', 'shared_preload_libraries=ekok');
$stack->call('migrate');
my $dir = $stack->dir;

# Programmes of all ministries in turn, places over all unions; no trace, no rules: the rows are to be read.
$stack->sql_script(<<"SQL");
SET session_replication_role = replica;
ALTER TABLE registry.enrolment DISABLE TRIGGER ALL;
ALTER TABLE registry.membership DISABLE TRIGGER ALL;
CREATE TEMP TABLE place AS SELECT code, row_number() OVER (ORDER BY code) - 1 AS n FROM registry.geo WHERE level = 4;
CREATE TEMP TABLE programme AS SELECT code, row_number() OVER (ORDER BY code) - 1 AS n FROM registry.programme;
INSERT INTO registry.enrolment (id, source, record_id, programme, status, name_en, birth_date, geo, amount_paisa, nid_digits, nid_sealed, nid_token, row_mac, first_run, last_run)
SELECT md5(i::text)::uuid, 'dss', i::text, p.code, 'active', 'Somebody ' || i % 9973, date '1940-01-01' + i % 20000, g.code, 60000, 10, '\\x01',
       substr(sha256(i::text::bytea), 1, 16), substr(sha256(i::text::bytea), 1, 16), 1, 1
FROM generate_series(1, $rows) i
JOIN programme p ON p.n = i % (SELECT count(*) FROM programme)
JOIN place g ON g.n = (i::bigint * 7919) % (SELECT count(*) FROM place);
INSERT INTO registry.person (id) SELECT id FROM registry.enrolment;
INSERT INTO registry.membership (enrolment_id, person_id, basis, programme, geo) SELECT id, id, 'alone', programme, geo FROM registry.enrolment;
CREATE ROLE by_hand LOGIN IN ROLE ekok_analyst BYPASSRLS;
CREATE ROLE of_ministry LOGIN;
CREATE ROLE of_district LOGIN;
CREATE ROLE of_all LOGIN;
INSERT INTO access.account (login, holder, kind) SELECT r, r, 'person' FROM unnest(ARRAY['of_ministry', 'of_district', 'of_all']) r;
INSERT INTO access.scope (login, duty, ministry, geo, purpose, expires_at)
SELECT v.login, 'analyst', (SELECT ministry FROM registry.programme WHERE code = v.programme), v.geo, 'bench', now() + interval '1 day'
FROM (VALUES ('of_ministry', 'OAA', NULL), ('of_district', NULL, '3026'), ('of_all', NULL, NULL)) v(login, programme, geo);
SELECT access.fit_roles(login) FROM access.account;
VACUUM ANALYZE registry.enrolment, registry.membership, registry.person;
SQL
my $programmes = join ', ', map { "'$_'" } split /\n/, $stack->sql(q{SELECT code FROM registry.programme WHERE ministry = (SELECT ministry FROM registry.programme WHERE code = 'OAA')});
my $all = join ', ', map { "'$_'" } split /\n/, $stack->sql('SELECT code FROM registry.programme');
my %scope = (of_ministry => "e.programme IN ($programmes)", of_district => "e.programme IN ($all) AND e.geo >= '3026' AND e.geo < '3026:'", of_all => 'true');
my ($id, $token) = split /\|/, $stack->sql(q{SELECT id, nid_token FROM registry.enrolment WHERE geo LIKE '3026%' AND programme = 'OAA' LIMIT 1});

# Each: who, how often a round, the query with SCOPE for what the reader by hand must write.
my @query = (
    ['all rows of a ministry',           'of_ministry', 6,   'SELECT count(*), sum(e.amount_paisa) FROM registry.enrolment e WHERE SCOPE'],
    ['all rows of a district',           'of_district', 60,  'SELECT count(*), sum(e.amount_paisa) FROM registry.enrolment e WHERE SCOPE'],
    ['everything',                       'of_all',      4,   'SELECT count(*), sum(e.amount_paisa) FROM registry.enrolment e WHERE SCOPE'],
    ['a district by birth year',         'of_district', 60,  q{SELECT date_part('year', e.birth_date), count(*) FROM registry.enrolment e WHERE SCOPE AND e.birth_date < '1970-01-01' GROUP BY 1}],
    ['one enrolment by its id',          'of_district', 2000, "SELECT e.name_en FROM registry.enrolment e WHERE SCOPE AND e.id = '$id'"],
    ['a district joined with persons',   'of_district', 30,  'SELECT count(DISTINCT m.person_id) FROM registry.enrolment e JOIN registry.membership m ON m.enrolment_id = e.id WHERE SCOPE'],
    ['a ministry joined with persons',   'of_ministry', 1,   'SELECT count(DISTINCT m.person_id) FROM registry.enrolment e JOIN registry.membership m ON m.enrolment_id = e.id WHERE SCOPE'],
);

# CPU milliseconds a query: one session, whose process tells its own before and after.
sub measure {
    my ($login, $sql, $times) = @_;
    my $stat = q{pg_read_file('/proc/' || pg_backend_pid() || '/schedstat')};
    my $out = $stack->sql_script(join "\n", 'SET search_path = pg_catalog;', "SET SESSION AUTHORIZATION $login;", "$sql;",
        'RESET SESSION AUTHORIZATION;', "SELECT 'begin ' || $stat;", "SET SESSION AUTHORIZATION $login;", ("$sql;") x $times, 'RESET SESSION AUTHORIZATION;', "SELECT 'end ' || $stat;");
    my %spent = $out =~ /^(begin|end) (\d+) /mg;
    return ($spent{end} - $spent{begin}) / 1e6 / $times;
}
sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }

my %figure;
for my $round (1 .. $rounds) {
    print STDERR "round $round of $rounds\n";
    for my $q (@query) {
        my ($what, $login, $times, $sql) = @$q;
        push @{ $figure{$what}{policy} }, measure($login, $sql =~ s/SCOPE/true/r, $times);
        push @{ $figure{$what}{hand} }, measure('by_hand', $sql =~ s/SCOPE/$scope{$login}/r, $times);
    }
}
printf "\nRow-level security over %d enrolments, CPU of the backend, medians of %d rounds\n%-34s %12s %12s %8s\n", $rows, $rounds, '', 'policy ms', 'by hand ms', 'ratio';
for my $q (@query) {
    my ($policy, $hand) = map { median(@{ $figure{ $q->[0] }{$_} }) } qw(policy hand);
    printf "%-34s %12.2f %12.2f %7.2fx\n", $q->[0], $policy, $hand, $hand > 0 ? $policy / $hand : 0;
}
$stack->call('remove');
