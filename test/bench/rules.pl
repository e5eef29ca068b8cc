#!/usr/bin/perl
# rules.pl SECONDS ROUNDS ATTEMPTS - what a rule costs the one who enrols, and whether it holds. Eight sessions insert
# enrolments into a table with evidence and its index: without a rule, with ekok.at_most, with the trigger in PL/pgSQL that one
# would write by hand; CPU seconds are those of the server's processes. Then ATTEMPTS racing attempts to put 2000 persons
# into more than three programmes, and a count of those who got in. Asserts nothing. ROUNDS 0: the race alone. It is run in
# slices of at most a million attempts; where several share a machine, BENCH_WRAP names a command that runs each of them
# ("flock FILE").
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($seconds, $rounds, $attempts) = @ARGV;
my $SESSIONS = 8;
my $SLICE = 1_000_000;
my $stack = Ekok::Stack->new;
$stack->call('server-start', 'autovacuum=off', 'synchronous_commit=off', 'max_wal_size=8GB', 'shared_buffers=1GB');
$stack->sql('CREATE DATABASE registry TEMPLATE template0', 'postgres');
my $dir = $stack->dir;
my ($name) = $dir =~ m{([^/]+)$};

$stack->sql_script(<<'SQL');
CREATE SCHEMA ekok;
CREATE EXTENSION ekok SCHEMA ekok;
CREATE FUNCTION by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    low ekok.evidence := ekok.with_programme(NEW.evidence, 0);
    high ekok.evidence := ekok.with_programme(NEW.evidence, 4095);
BEGIN
    PERFORM pg_advisory_xact_lock(7, (ekok.evidence_key(NEW.evidence) % 1024)::int);
    IF (SELECT count(DISTINCT ekok.programme(e.evidence)) FROM enrolment e
        WHERE e.evidence OPERATOR(ekok.>=) low AND e.evidence OPERATOR(ekok.<=) high) > 3 THEN
        RAISE 'too many' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
SQL

my %RULE = (
    none     => '',
    at_most  => q{SELECT ekok.enforce_at_most('enrolment_evidence', 3);},
    by_hand  => 'CREATE TRIGGER by_hand AFTER INSERT ON enrolment FOR EACH ROW EXECUTE FUNCTION by_hand();',
);

sub fresh {
    my ($rule) = @_;
    $stack->sql_script("DROP TABLE IF EXISTS enrolment; CREATE TABLE enrolment (id bigint, evidence ekok.evidence);\n"
        . "CREATE INDEX enrolment_evidence ON enrolment (evidence);\n"
        # A table that is not empty: 300 000 rows.
        . "INSERT INTO enrolment SELECT n, ekok.evidence('nid', n::text, 1) FROM generate_series(1, 300000) n;\nANALYZE enrolment;\n"
        . "$RULE{$rule}\nCHECKPOINT;");
    return;
}

# CPU seconds of the server: those of its live processes, and of those that have ended.
sub cpu {
    my ($postmaster) = $stack->read_file("$dir/data/postmaster.pid") =~ /^(\d+)/;
    my $ticks = 0;
    for my $stat (glob '/proc/[0-9]*/stat') {
        my $text = eval { $stack->read_file($stat) } // next;
        my ($pid, $rest) = $text =~ /^(\d+) \(.*\) (.*)$/s or next;
        my @field = split / /, $rest;
        $ticks += $field[11] + $field[12] if $pid == $postmaster || $field[1] == $postmaster;
        $ticks += $field[13] + $field[14] if $pid == $postmaster;
    }
    return $ticks / 100;
}

our @WRAP;

# pgbench of $SESSIONS sessions, wrapped in the command @WRAP; returns its output.
sub load_up {
    my ($script, @for) = @_;
    $stack->write_file("$dir/load.sql", $script);
    chmod 0644, "$dir/load.sql";
    my ($code, $out) = $stack->capture(@WRAP, $Ekok::Stack::STACK, 'run', $name, '/usr/lib/postgresql/15/bin/pgbench', '-n', '-M', 'prepared',
        '-c', $SESSIONS, '-j', 1, '--max-tries=10', @for, '-f', "$dir/load.sql", '-U', 'postgres', 'registry');
    die $out if $code != 0;
    return $out;
}

# Enrolments per CPU second, $rows a statement: new persons nine times of ten, else one of those who stand.
sub measure {
    my ($rule, $rows) = @_;
    fresh($rule);
    my $before = $stack->sql('SELECT count(*) FROM enrolment');
    my $began = cpu();
    load_up(<<"SQL", '-T', $seconds);
\\set base random(1, 1000000000000)
\\set programme random(2, 3)
INSERT INTO enrolment SELECT :base::bigint + n, ekok.evidence('nid', (CASE WHEN n % 10 = 0 THEN (:base::bigint + n * 7919) % 300000 ELSE :base::bigint + n END)::text, :programme)
FROM generate_series(1, $rows) n;
SQL
    my $used = cpu() - $began;
    return ($stack->sql('SELECT count(*) FROM enrolment') - $before) / $used;
}

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }
sub commas { my $n = sprintf '%.0f', shift; 1 while $n =~ s/^(\d+)(\d{3})/$1,$2/; return $n; }

my %figure;
for my $round (1 .. $rounds) {
    print STDERR "round $round of $rounds\n";
    for my $rows (1, 100) {
        push @{ $figure{$rows}{$_} }, measure($_, $rows) for qw(none at_most by_hand);
    }
}

# The race: eight sessions over 2000 persons, every attempt a transaction of its own. So that there is something to race for
# to the end, each hundredth attempt first takes a person out of all programmes.
fresh('at_most');
$stack->sql('TRUNCATE enrolment');
$stack->sql_script(<<'SQL');
CREATE TABLE raced (session int, attempts bigint, refused bigint);
-- Every attempt is a transaction of its own.
CREATE PROCEDURE race(attempts int) LANGUAGE plpgsql AS $$
DECLARE
    refused int := 0;
    person int;
    programme int;
BEGIN
    FOR n IN 1 .. attempts LOOP
        person := 2000 * random();
        programme := 1 + 12 * random();
        BEGIN
            IF n % 100 = 0 THEN
                DELETE FROM enrolment WHERE id = person;
            END IF;
            INSERT INTO enrolment VALUES (person, ekok.evidence('nid', person::text, programme));
        EXCEPTION WHEN check_violation THEN
            refused := refused + 1;
        END;
        COMMIT;
    END LOOP;
    INSERT INTO raced VALUES (pg_backend_pid(), attempts, refused);
END $$;
CREATE FUNCTION violations() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM (SELECT FROM enrolment GROUP BY id HAVING count(DISTINCT ekok.programme(evidence)) > 3) x $$;
SQL
my $each = 1000;
my $used = 0;
for (my $left = $attempts; $left > 0; $left -= $SLICE) {
    my $now = $left < $SLICE ? $left : $SLICE;
    local @WRAP = split ' ', $ENV{BENCH_WRAP} // '';
    my $began = cpu();
    load_up("CALL race($each);\n", '-t', int($now / $each / $SESSIONS + 0.999));
    $used += cpu() - $began;
    printf STDERR "%d attempts, %d persons above the limit\n", split /\|/, $stack->sql('SELECT sum(attempts), violations() FROM raced');
}
my ($made, $refused) = split /\|/, $stack->sql('SELECT sum(attempts), sum(refused) FROM raced');
my $violations = $stack->sql('SELECT violations()');

my ($load) = split ' ', $stack->read_file('/proc/loadavg');
my $cores = grep {/^processor/} split /\n/, $stack->read_file('/proc/cpuinfo');
my ($version) = $stack->sql('SHOW server_version');
printf "\nRules: %d sessions, index on evidence, medians of %d rounds of %d s; PostgreSQL %s, %d cores, load %s at the end\n",
    $SESSIONS, $rounds, $seconds, $version, $cores, $load;
tell_costs() if $rounds > 0;
printf "\n%-52s %12s\n", 'racing attempts, 2000 persons', commas($made);
printf "%-52s %12s\n", 'of them refused', commas($refused);
printf "%-52s %12s\n", 'attempts per CPU second', commas($made / $used);
printf "%-52s %12s\n", 'persons in more than three programmes', commas($violations);
$stack->call('remove');

sub tell_costs {
    print "\n";
    printf "%-52s %12s %12s\n", 'enrolments per CPU second of the server', '1 a statement', '100';
    for my $rule ([none => 'no rule'], [at_most => 'ekok.at_most'], [by_hand => 'a trigger in PL/pgSQL, by row']) {
        printf "%-52s %12s %12s\n", $rule->[1], map { commas(median(@{ $figure{$_}{ $rule->[0] } })) } 1, 100;
    }
    printf "%-52s %12.2f %12.2f\n", 'ratio, at_most to no rule', map {
        my $f = $figure{$_};
        median(map { $f->{at_most}[$_] / $f->{none}[$_] } 0 .. $rounds - 1)
    } 1, 100;
    printf "%-52s %12.2f %12.2f\n", 'ratio, at_most to PL/pgSQL', map {
        my $f = $figure{$_};
        median(map { $f->{at_most}[$_] / $f->{by_hand}[$_] } 0 .. $rounds - 1)
    } 1, 100;
    return;
}
