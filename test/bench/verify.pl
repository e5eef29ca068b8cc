#!/usr/bin/perl
# verify.pl ENROLMENTS ROUNDS - what planning costs that decides whom to ask of another system: from the list of what is due
# (etl.plan_verification), and beside it by reading every enrolment (registry.verification_needed, which is what the list must agree
# with). CPU of the server process by /proc/PID/stat, medians over rounds; rows read by pg_stat_xact_user_tables. Asserts nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($rows, $rounds) = @ARGV;
my $stack = Ekok::Stack->new;
$stack->call('server-start', 'autovacuum=off', 'synchronous_commit=off', 'max_wal_size=8GB', 'shared_buffers=1GB', 'max_parallel_workers_per_gather=0');
$stack->call('migrate');

# Pages of a thousand; no trace, no rules: of the triggers only those that leave word for verification.
$stack->sql_script(<<"SQL");
ALTER TABLE registry.enrolment DISABLE TRIGGER ALL;
ALTER TABLE registry.verification DISABLE TRIGGER ALL;
ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER zz_verification_arrived, ENABLE ALWAYS TRIGGER zz_verification_changed;
ALTER TABLE registry.verification ENABLE ALWAYS TRIGGER zz_verification_told;
ALTER TABLE registry.evidence DISABLE TRIGGER ALL;
UPDATE registry.verification_system SET quota_day = 20000;
DO \$\$ BEGIN
    FOR page IN 0 .. $rows / 1000 - 1 LOOP
        INSERT INTO registry.enrolment (id, source, record_id, programme, status, name_en, birth_date, nid_digits, nid_sealed, nid_token, row_mac, first_run, last_run, changed_at)
        SELECT md5(i::text)::uuid, 'dss', i::text, (ARRAY['OAA', 'WDA', 'DIS'])[page % 3 + 1], 'active', 'Somebody ' || i % 9973, date '1940-01-01' + i % 20000, 10, '\\x01',
               substr(sha256((i % ($rows * 9 / 10))::text::bytea), 1, 16), substr(sha256(i::text::bytea), 1, 16), 1, 1, now() - interval '1 year' + page * interval '1 minute'
        FROM generate_series(page * 1000 + 1, page * 1000 + 1000) i;
    END LOOP;
END \$\$;
INSERT INTO registry.evidence (enrolment_id, kind, key) SELECT id, 'nid', ekok.evidence('nid', nid_token, 1) FROM registry.enrolment;
VACUUM ANALYZE;
SQL

# CPU milliseconds of each of the statements, in a session of their own.
sub cpu {
    my (@sql) = @_;
    my $stat = q{pg_read_file('/proc/' || pg_backend_pid() || '/stat')};
    my @ticks = map { my @field = split / /, /^\d+ \(.*\) (.*)$/ ? $1 : ''; $field[11] + $field[12] }
        grep { /^\d+ \(/ } split /\n/, $stack->sql_script(join "\n", "SELECT $stat;", map { ("$_;", "SELECT $stat;") } @sql);
    return map { ($ticks[$_] - $ticks[$_ - 1]) * 10 } 1 .. $#ticks;
}
sub median { my @v = sort { $a <=> $b } @_; return $v[@v / 2]; }

# Rows that a statement reads of each table, in a transaction of its own.
sub reads {
    my ($sql) = @_;
    return $stack->sql_script("BEGIN; $sql; SELECT string_agg(schemaname || '.' || relname || ' ' || n, ', ' ORDER BY n DESC) FROM (SELECT schemaname, relname, "
        . 'coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS n FROM pg_stat_xact_user_tables) x WHERE n > 0; COMMIT;') =~ s/\A.*?\n(?=\S+\.\S)//sr;
}

printf "verify: %d enrolments with a NID, one in ten of them shared; system ec, 20000 a day\n", $rows;
my $plan = q{SELECT etl.plan_verification('ec', 20000)};
my $whole = q{SELECT count(*) FROM registry.verification_needed('ec')};
my ($first, $again) = cpu($plan, $plan);
printf "  nothing told yet: first plan %d ms (takes in all that came), a plan after it %d ms; by reading everything %d ms\n", $first, $again, median(map { cpu($whole) } 1 .. $rounds);
my $told = <<"SQL";
DO \$\$ BEGIN
    FOR page IN 0 .. $rows / 1000 - 1 LOOP
        INSERT INTO registry.verification (enrolment_id, system, verdict, asked_at, valid_until, request_id, answer, reason, basis, risk)
        SELECT e.id, 'ec', 'match', now(), now() + interval '1 year', 'r', 'verified=true', 'as asked', registry.verification_basis(e, '{nid,birth_date}'), 0
        FROM generate_series(page * 1000 + 1, page * 1000 + 1000) i JOIN registry.enrolment e ON e.id = md5(i::text)::uuid;
    END LOOP;
END \$\$
SQL
$stack->sql($told);
$stack->sql('VACUUM ANALYZE');
my ($taken) = cpu(q{SELECT etl.share_verdicts('ec')}, $plan);
$stack->sql('VACUUM ANALYZE');
printf "  verdicts of all: taken in for %.1f us each\n", $taken * 1000 / $rows;
my @idle = cpu(($plan) x 20);
printf "  nothing due: a plan %.1f ms (mean of 20); by reading everything %d ms\n", eval { my $sum = 0; $sum += $_ for @idle; $sum / @idle }, median(map { cpu($whole) } 1 .. $rounds);
printf "    rows read: %s\n", reads($plan) =~ s/\n//r;
# What people look at: all thirteen systems, as `ekok verify status` and `ekok verify --dry-run` do.
sub look {
    my ($when) = @_;
    printf "  looked at by hand, %s: what waits %d ms, what would be asked %d ms, quotas and verdicts %d ms; by reading everything %d ms\n", $when,
        map { my $sql = $_; median(map { cpu($sql) } 1 .. $rounds) } 'SELECT count(*) FROM report.verification_waiting', 'SELECT count(*) FROM registry.preview_verification(NULL, 10000)',
        'SELECT count(*) FROM report.verification', 'SELECT count(*) FROM (SELECT system, reason, count(*), max(risk), min(since) FROM registry.verification_queue GROUP BY system, rank, reason) x';
    return;
}
look('nothing due of one system, twelve not looked at');
$stack->sql(q{UPDATE registry.enrolment SET nid_token = substr(sha256(nid_token), 1, 16), changed_at = now() WHERE record_id::int % 1000 = 7});
my ($changed) = cpu($plan);
printf "  %d changed: a plan %d ms, %d planned\n", $rows / 1000, $changed, $stack->sql(q{SELECT count(*) FROM etl.verification_request});
printf "  on disk: %s\n", $stack->sql(q{SELECT string_agg(relname || ' ' || pg_size_pretty(pg_total_relation_size(oid)), ', ') FROM pg_class
    WHERE relnamespace = 'etl'::regnamespace AND relname IN ('verification_news', 'verification_arrival', 'verification_due')});
