#!/usr/bin/perl
# dedupe.pl PERSONS ROUNDS - a table of the simulated people's records de-duplicated by ekok.dedupe, in one thread and in two,
# and by plain SQL, which is what one would write otherwise: blocking joins and weights added up, PostgreSQL's own similarity.
# Then a list with mistakes of typing and reading (mistakes.pl) and one of people as other lists hold them (variations.pl), by
# ekok.dedupe alone. Splink, the usual tool, is not packaged
# by Debian and so is not run here. Medians over rounds; says what it measured on; asserts nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;
use Time::HiRes qw(time);

my ($persons, $rounds) = @ARGV;
my $stack = Ekok::Stack->new;
$stack->call('server-start', 'maintenance_work_mem=2GB', 'work_mem=256MB', 'autovacuum=off');
$stack->sql('CREATE DATABASE bench', 'postgres');

sub sql { my ($text) = @_; return $stack->sql_script($text, 'bench'); }
sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }

# sum(work): seconds, CPU seconds and peak MiB of one session that runs it.
sub measure {
    my ($work) = @_;
    my $began = time;
    my $out = sql(qq{SELECT 'pid ' || pg_backend_pid(); $work;
        SELECT 'cpu ' || (string_to_array(regexp_replace(s, '^.*\\) ', ''), ' '))[12]::int + (string_to_array(regexp_replace(s, '^.*\\) ', ''), ' '))[13]::int
            FROM pg_read_file('/proc/self/stat') s;
        SELECT 'peak ' || substring(s FROM 'VmHWM:\\s+(\\d+)') FROM pg_read_file('/proc/self/status') s});
    my ($cpu) = $out =~ /cpu (\d+)/;
    my ($peak) = $out =~ /peak (\d+)/;
    return (time - $began, $cpu / 100, $peak / 1024);
}

# The pairwise figures of a table found(record, cluster): precision, recall, F1, then recall by kind, then wrong merges.
my $JUDGE = q{
    CREATE TEMP TABLE judged AS SELECT l.person, l.overlap, l.twin_of, l.namesake_of, l.id, f.cluster FROM list l LEFT JOIN found f ON f.record = l.id;
    WITH t AS (SELECT sum(n * (n - 1) / 2) v FROM (SELECT count(*) n FROM judged GROUP BY person) x),
         p AS (SELECT sum(n * (n - 1) / 2) v FROM (SELECT count(*) n FROM judged WHERE cluster IS NOT NULL GROUP BY cluster) x),
         o AS (SELECT sum(n * (n - 1) / 2) v FROM (SELECT count(*) n FROM judged WHERE cluster IS NOT NULL GROUP BY cluster, person) x)
    SELECT format('  precision %s, recall %s, F1 %s over %s true pairs', round(o.v / p.v, 4), round(o.v / t.v, 4),
        round(2 * o.v / (p.v + t.v), 4), t.v) FROM t, p, o;
    SELECT format('    %s of %s %s joined to the first record', count(*) FILTER (WHERE a.cluster = b.cluster), count(*), b.overlap)
        FROM judged a JOIN judged b USING (person) WHERE a.overlap = 'first' AND b.overlap <> 'first' GROUP BY b.overlap ORDER BY b.overlap;
    SELECT format('    %s of %s pairs of twins merged', count(DISTINCT (a.person, b.person)) FILTER (WHERE a.cluster = b.cluster), count(DISTINCT (a.person, b.person)))
        FROM judged a JOIN judged b ON b.person = a.twin_of;
    SELECT format('    %s of %s pairs of namesakes merged', count(DISTINCT (a.person, b.person)) FILTER (WHERE a.cluster = b.cluster), count(DISTINCT (a.person, b.person)))
        FROM judged a JOIN judged b ON b.person = a.namesake_of;
    DROP TABLE judged};

sub judge { print join("\n", grep { /\S/ } split /\n/, sql($JUDGE)), "\n"; return; }

# ours(more): by so many more threads than the session's own.
sub ours {
    my ($more) = @_;
    return "SET max_parallel_maintenance_workers = $more; "
        . q{DROP TABLE IF EXISTS found; CREATE UNLOGGED TABLE found AS SELECT record, cluster FROM ekok.dedupe('list')};
}

# Plain SQL: blocks by exact number, and by birth date or father's name with upazila; trigrams for names; weights as ours in
# spirit; clusters are the smallest record reached in a few rounds.
my $PEER = q{
    CREATE EXTENSION IF NOT EXISTS pg_trgm; SET max_parallel_workers_per_gather = 2;
    DROP TABLE IF EXISTS found, pair; CREATE UNLOGGED TABLE pair AS
    WITH c AS (SELECT a.id AS a, b.id AS b FROM list a JOIN list b ON a.nid = b.nid AND a.id < b.id
        UNION SELECT a.id, b.id FROM list a JOIN list b ON a.brn = b.brn AND a.id < b.id
        UNION SELECT a.id, b.id FROM list a JOIN list b ON a.birth_date = b.birth_date AND a.place = b.place AND a.id < b.id
        UNION SELECT a.id, b.id FROM list a JOIN list b ON a.father = b.father AND a.place = b.place AND a.id < b.id)
    SELECT c.a, c.b FROM c JOIN list x ON x.id = c.a JOIN list y ON y.id = c.b WHERE x.sex = y.sex AND
        CASE WHEN x.nid = y.nid OR x.brn = y.brn THEN 20 ELSE 0 END + CASE WHEN x.birth_date = y.birth_date THEN 12 ELSE -6 END
        + CASE WHEN x.place = y.place THEN 8 ELSE -3 END
        + (SELECT CASE WHEN s > 0.8 THEN 10 WHEN s > 0.4 THEN 5 ELSE -5 END FROM (SELECT greatest(similarity(x.name_bn, y.name_bn), similarity(x.name_en, y.name_en)) s) v)
        + CASE WHEN similarity(x.father, y.father) > 0.4 THEN 8 ELSE -3 END
        + CASE WHEN similarity(x.mother, y.mother) > 0.4 THEN 8 ELSE -3 END >= 27;
    CREATE UNLOGGED TABLE found AS SELECT id AS record, id AS cluster FROM (SELECT a AS id FROM pair UNION SELECT b FROM pair) v;
    DO $$DECLARE moved bigint; BEGIN LOOP
        UPDATE found f SET cluster = m.least FROM (SELECT v.id, min(v.c) AS least FROM (
            SELECT p.b AS id, f.cluster AS c FROM pair p JOIN found f ON f.record = p.a UNION ALL
            SELECT p.a, f.cluster FROM pair p JOIN found f ON f.record = p.b) v GROUP BY v.id) m WHERE m.id = f.record AND m.least < f.cluster;
        GET DIAGNOSTICS moved = ROW_COUNT; EXIT WHEN moved = 0; END LOOP; END$$};

my $file = $stack->dir . '/records.tsv';
my $mistaken = $stack->dir . '/mistaken.tsv';

sub records {
    my ($people, $seed) = @_;
    my ($code, $said) = $stack->capture("$FindBin::Bin/../../build/bin/ekok-sim", 'records', '--persons', $people, '--seed', $seed, '--out', $file);
    die "no records: $said" if $code != 0;
    return $file;
}

# fill(file): the table `list` anew; how many records.
sub fill {
    my ($from) = @_;
    sql(q{DROP TABLE IF EXISTS list; CREATE UNLOGGED TABLE list (id text, programme text, name_bn text, name_en text,
        father text, mother text, birth_date date, sex text, place text, nid text, brn text, mobile text, wallet text, account text, routing text,
        person bigint, overlap text, twin_of bigint, namesake_of bigint)});
    sql("\\copy list FROM '$from' WITH (FORMAT csv, DELIMITER E'\\t', HEADER, NULL '')");
    sql('VACUUM ANALYZE list');
    return sql('SELECT count(*) FROM list');
}

sub try_it {
    my ($records, $what, $work) = @_;
    my (@wall, @cpu, @peak);
    for my $round (1 .. $rounds) {
        my ($wall, $cpu, $peak) = measure($work);
        push @wall, $wall; push @cpu, $cpu; push @peak, $peak;
    }
    printf "\n%s, %d records: %.1f s, %.1f CPU s of its leading process with its threads, peak %.0f MiB (%d rounds, medians)\n", $what, $records,
        median(@wall), median(@cpu), median(@peak), $rounds;
    judge();
    return;
}

sql('CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok');
my $records = fill(records($persons, 7));
try_it($records, 'ekok.dedupe, one thread', ours(0));
try_it($records, 'ekok.dedupe, two threads', ours(1));
try_it($records, 'plain SQL, joins and pg_trgm', $PEER);

# A list made of the people of that seed by a program of test/bench.
sub changed {
    my ($program, $people, $seed) = @_;
    records($people, $seed);
    system("$^X $FindBin::Bin/$program.pl 5 <$file >$mistaken") == 0 or die "no list by $program.pl";
    return fill($mistaken);
}

$records = changed('variations', 60000, 55);
try_it($records, 'ekok.dedupe on a list of variations', ours(1));

# Mistakes of another hand. Which pairs were compared at all shows with weights that keep every pair, but those of one that
# contradict each other.
$records = changed('mistakes', 25000, 7);
try_it($records, 'ekok.dedupe on a list of mistakes', ours(1));
print sql(q{WITH truth AS (SELECT least(a.id, b.id) AS a, greatest(a.id, b.id) AS b FROM list a JOIN list b USING (person) WHERE a.id < b.id),
        met AS (SELECT least(a, b) AS a, greatest(a, b) AS b FROM ekok.dedupe_pairs('list', NULL, (SELECT array_agg(10::real) FROM ekok.match_weights()))),
        kept AS (SELECT least(a, b) AS a, greatest(a, b) AS b, state FROM ekok.dedupe_pairs('list'))
    SELECT format('  of %s true pairs %s were compared and do not contradict each other, %s are certain, %s probable; of the other pairs %s and %s',
        (SELECT count(*) FROM truth), (SELECT count(*) FROM truth JOIN met USING (a, b)), count(r.a) FILTER (WHERE state = 'certain'), count(r.a) FILTER (WHERE state = 'probable'),
        count(*) FILTER (WHERE state = 'certain' AND r.a IS NULL), count(*) FILTER (WHERE state = 'probable' AND r.a IS NULL))
    FROM kept LEFT JOIN truth r USING (a, b)}), "\n";
printf "\n%d cores, load %s at the end. Splink is not packaged by Debian: not run.\n",
    scalar(grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo')), (split ' ', $stack->read_file('/proc/loadavg'))[0];
