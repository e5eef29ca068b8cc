#!/usr/bin/perl
# audit.pl SECONDS ROUNDS - what the trace of changed rows costs: enrolments a second by 8 clients of pgbench with
# ekok.record_change, and with ekok-sealer at work beside it, against the same without any trace and with the row trigger in
# PL/pgSQL that one would write. Rounds take the four in turns; medians.
#
# Each transaction inserts rows of the registry's own table of enrolments (its checks, indexes and other triggers stand),
# 1 or 100 of them, with synchronous_commit as the server has it. The tables are emptied of nothing between rounds: all
# three grow alike.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($seconds, $rounds) = @ARGV;
die "audit.pl SECONDS ROUNDS\n" if !$rounds;
my $stack = Ekok::Stack->new;
my %WAY = (none => 'without a trace', c => 'ekok.record_change', sealed => 'and sealed as it comes', plpgsql => 'row trigger in PL/pgSQL');
my @WAYS = qw(none c sealed plpgsql);

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }

# Four copies of the table, each with its own way of leaving a trace.
sub prepare {
    $stack->call('server-start', 'max_wal_size=4GB');
    $stack->call('migrate');
    for my $way (sort keys %WAY) {
        $stack->sql("CREATE TABLE public.enrol_$way (LIKE registry.enrolment INCLUDING ALL)");
        $stack->sql("CREATE TABLE public.trace_$way (LIKE audit.entry INCLUDING ALL)") if $way ne 'sealed';
    }
    $stack->sql(q{SELECT audit.attach('public.enrol_sealed')});
    my $dir = $stack->dir;
    $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'mkdir', "$dir/one", "$dir/two");
    $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'init-audit', 'bench', "$dir/audit.key");
    $stack->sql(q{CREATE TRIGGER trace AFTER INSERT ON enrol_c REFERENCING NEW TABLE AS n FOR EACH STATEMENT
        EXECUTE FUNCTION ekok.record_change('public.trace_c', 'id')});
    $stack->sql(q{CREATE FUNCTION public.trace_row() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.trace_plpgsql (source, run_id, page_sha256, purpose, table_name, op, row_id, new)
            VALUES (current_setting('ekok.source', true), nullif(current_setting('ekok.run', true), '')::bigint,
                    decode(current_setting('ekok.page_sha256', true), 'hex'), current_setting('ekok.purpose', true),
                    TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_OP, NEW.id, to_jsonb(NEW));
            RETURN NULL;
        END $$});
    $stack->sql('CREATE TRIGGER trace AFTER INSERT ON enrol_plpgsql FOR EACH ROW EXECUTE FUNCTION trace_row()');
    for my $way (sort keys %WAY) {
        write_script($way, $_) for 1, 100;
    }
    return;
}

sub write_script {
    my ($way, $rows) = @_;
    open my $out, '>', $stack->dir . "/$way-$rows.sql" or die "script: $!";
    print $out <<"SQL";
INSERT INTO public.enrol_$way (id, source, record_id, programme, status, name_bn, name_en, father_name, mother_name, sex,
    birth_date, geo, household, amount_paisa, enrolled_on, nid_digits, nid_sealed, nid_token, mobile_sealed, mobile_token,
    row_mac, first_run, last_run)
SELECT u, 'dss', u, 'OAA', 'active', 'রহিমা খাতুন', 'Rahima Khatun', 'Abdul Karim', 'Amena Begum', 'female', '1950-02-03',
    '30261801', 'H1', 50000, '2020-01-01', 10, s || s, substr(s, 1, 16), s || s, substr(s, 2, 16), substr(s, 3, 16), 1, 1
FROM (SELECT gen_random_uuid() AS u, sha256(random()::text::bytea) AS s FROM generate_series(1, $rows)) g;
SQL
    close $out or die "script: $!";
    return;
}

sub sealer {
    my @option = @_;
    my $dir = $stack->dir;
    return ($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-sealer'), '--database', 'host=' . $stack->socket . ' dbname=registry user=sealer',
        '--key', "$dir/audit.key", '--witness', "$dir/one", '--witness', "$dir/two", @option);
}

# Rows a second; of the sealed way beside a sealer that takes what comes every second, and must have all of it at the end.
sub measure {
    my ($way, $rows) = @_;
    return rate_of($way, $rows) if $way ne 'sealed';
    my $pid = $stack->start($stack->dir . '/sealer.log', sealer());
    my $rate = rate_of($way, $rows);
    $stack->wait_for(sub { $stack->sql('SELECT (SELECT max(size) FROM audit.checkpoint) = (SELECT count(*) FROM audit.entry)') eq 't' }, 300)
        or die 'the sealer does not keep up';
    my ($key) = $stack->dir . '/audit.key';
    for my $process (glob '/proc/[0-9]*') {
        my ($program, @word) = split /\0/, eval { $stack->read_file("$process/cmdline") } // '';
        kill 'TERM', $process =~ s{/proc/}{}r if ($program // '') eq $stack->bin('ekok-sealer') && grep { $_ eq $key } @word;
    }
    waitpid $pid, 0;
    return $rate;
}

sub rate_of {
    my ($way, $rows) = @_;
    my ($status, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'pgbench', '-n', '-c', 8, '-j', 2, '-T', $seconds,
        '-M', 'prepared', '-f', $stack->dir . "/$way-$rows.sql");
    my ($tps) = $out =~ /tps = ([0-9.]+)/ or die "pgbench: $out";
    return $tps * $rows;
}

prepare();
my %got;
for my $round (0 .. $rounds) {
    for my $rows (1, 100) {
        for my $way (@WAYS) {
            my $rate = measure($way, $rows);
            push @{ $got{$rows}{$way} }, $rate if $round > 0;    # the first round warms up
        }
    }
}
my ($load) = split ' ', $stack->read_file('/proc/loadavg');
printf "\nThe trace of changed rows, 8 clients, %d s each, %d rounds, medians; load %s at the end\n\n", $seconds, $rounds, $load;
printf "%-28s %18s %18s\n", 'enrolments a second', '1 a transaction', '100 a transaction';
printf "%-28s %18.0f %18.0f\n", $WAY{$_}, median(@{ $got{1}{$_} }), median(@{ $got{100}{$_} }) for @WAYS;
my $cost = sub {
    my ($rows, $way) = @_;
    my $part = median(map { $got{$rows}{$way}[$_] / $got{$rows}{none}[$_] } 0 .. $rounds - 1);
    return 100 * (1 - $part);
};
printf "%-28s %17.0f%% %17.0f%%\n", "$WAY{c} costs", $cost->(1, 'c'), $cost->(100, 'c');
printf "%-28s %17.0f%% %17.0f%%   target: 25 %%\n", 'with its sealing', $cost->(1, 'sealed'), $cost->(100, 'sealed');
printf "%-28s %17.0f%% %17.0f%%\n", 'PL/pgSQL costs', $cost->(1, 'plpgsql'), $cost->(100, 'plpgsql');
my $size = $stack->sql(q{SELECT pg_relation_size('trace_c') / count(*) FROM trace_c});
my $plain = $stack->sql(q{SELECT pg_relation_size('trace_plpgsql') / count(*) FROM trace_plpgsql});
printf "bytes of trace a row: %d, in PL/pgSQL %d\n", $size, $plain;
