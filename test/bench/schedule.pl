#!/usr/bin/perl
# schedule.pl SOURCES ROUNDS - that many sources due in the same minute, over ROUNDS minutes; then once more with one system of
# ten hanging. How late after its minute each run was opened, by the registry's books, and how late its thread took it up, by
# the daemon's log, which is after the books were committed; memory of the daemon and its decoders; CPU of the server's opening.
# Says what it measured on; asserts nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;
use POSIX qw(ceil);
use Time::HiRes qw(sleep);

my ($sources, $rounds) = @ARGV;
my $persons = $ENV{BENCH_SCHEDULE_PERSONS} // 1000;
my $workers = $ENV{BENCH_WORKERS} // 10;
my $stack = Ekok::Stack->new;
$stack->up('--persons', $persons, '--seed', 1, '--defects', 0);
my $dir = $stack->dir;
$stack->write_file("$dir/ekok.ini", $stack->read_file("$dir/ekok.ini") =~ s/^workers = .*/workers = $workers/mr);

# Each of the ten systems stands for a tenth of the sources.
sub definitions {
    my @base = $stack->sources;
    my %owner = map { split /\|/ } split /\n/, $stack->sql('SELECT code, ministry FROM etl.source');
    my %reports = map { split /\|/ } split /\n/, $stack->sql("SELECT source, string_agg(programme, ' ' ORDER BY programme) FROM etl.source_programme GROUP BY 1");
    my %new;
    for my $n (1 .. $sources) {
        my $of = $base[ $n % @base ];
        my $definition = $stack->definition($of);
        my $name = sprintf 's%03d_%s', $n, $of;
        $definition->{source}{name} = $name;
        $definition->{source}{ministry} = $owner{$of};
        $definition->{programmes} = [split / /, $reports{$of}];
        $definition->{schedule} = { cron => '* * * * *' };
        $definition->{deadlines} = { page => 40, first_byte => 40, retries => 0 };
        $new{$name} = $definition;
    }
    unlink map { "$dir/sources/$_.json" } @base;
    $stack->define(%new);
    $stack->ekok('source', 'retire', $_) for @base;
    return;
}

sub field { my ($process, $file, $what) = @_; return (eval { $stack->read_file("/proc/$process/$file") } // '') =~ /^$what:\s+(\d+) kB/m ? $1 : 0; }

# Waits, and looks at the memory of daemon and decoders: proportional size, the most of all looks, in MiB.
sub watch {
    my ($daemon, $until) = @_;
    my $most = 0;
    until ($until->()) {
        my $kib = 0;
        $kib += field($_, 'smaps_rollup', 'Pss') for $daemon, $stack->decoder_pids($daemon);
        $most = $kib if $kib > $most;
        sleep 0.5;
    }
    return $most / 1024;
}

sub minutes { return $stack->sql("SELECT count(*) FROM (SELECT FROM etl.run GROUP BY date_trunc('minute', started_at) HAVING count(*) >= $_[0]) x"); }

sub books {
    my ($what, $where) = @_;
    printf "  %s\n", $what;
    for (split /\n/, $stack->sql("SELECT to_char(minute, 'HH24:MI'), count(*), round(max(late) * 1000), round(percentile_cont(0.99) WITHIN GROUP (ORDER BY late)::numeric * 1000), "
        . "round(percentile_cont(0.5) WITHIN GROUP (ORDER BY late)::numeric * 1000), round(max(took)::numeric, 1), sum(fetched) "
        . "FROM (SELECT date_trunc('minute', started_at) AS minute, extract(epoch FROM started_at - date_trunc('minute', started_at)) AS late, "
        . "extract(epoch FROM ended_at - date_trunc('minute', started_at)) AS took, fetched FROM etl.run WHERE $where) x GROUP BY 1, minute ORDER BY minute")) {
        my ($minute, $runs, $max, $p99, $median, $last, $rows) = split /\|/;
        printf "    %s UTC: %d runs opened, late by %d ms at most, %d ms at the 99th percentile, %d ms in the middle; the last ended after %s s; %d records\n",
            $minute, $runs, $max, $p99, $median, $last || '?', $rows;
    }
    return;
}

# How late each run went on, of those that opened in a minute with others: milliseconds after the minute, from the log.
sub went_on {
    my ($from, $to) = @_;
    my @late;
    for ($stack->read_file("$dir/ekok.log") =~ /^(time=\S+ .*event=run_opened.*)$/mg) {
        my ($seconds, $run) = /^time=\S+:([\d.]+)Z .* run=(\d+)/ or next;
        push @late, $seconds * 1000 if $run > $from && $run <= $to;
    }
    @late = sort { $a <=> $b } @late;
    printf "    their threads went on late by %d ms in the middle, %d ms at most, of %d runs\n", $late[@late / 2], $late[-1], scalar @late if @late;
    return;
}

# What etl.open_runs takes of one core in the server, for all sources at once, none of them known to be free beforehand: rolled back.
sub opening {
    my $wanted = q{SELECT count(run_id) FROM etl.open_runs((SELECT jsonb_agg(jsonb_build_object('source', d.source, 'sha256', encode(d.sha256, 'hex'), 'terms', '{"whole": true, "lease": 60}'::jsonb)) FROM etl.definition_in_force d))};
    my $cpu = q{SELECT 'ns ' || split_part(pg_read_file('/proc/' || pg_backend_pid() || '/schedstat'), ' ', 1)};
    my @ns = $stack->sql_script("BEGIN; $cpu; $wanted; $cpu; ROLLBACK; BEGIN; $cpu; $wanted; $cpu; ROLLBACK;") =~ /^ns (\d+)$/mg;
    printf "  opening all of them: %d ms of the server's CPU in a new session, %d ms after that\n", ($ns[1] - $ns[0]) / 1e6, ($ns[3] - $ns[2]) / 1e6;
    return;
}

definitions();
print "schedule: $sources sources due at once, $workers workers, systems of $persons persons\n";
my $pid = $stack->serve('ekok');
$stack->wait_for(sub { eval { $stack->daemon_pid } }, 60) or die $stack->read_file("$dir/ekok.log");
my $daemon = $stack->daemon_pid;
my $whole = watch($daemon, sub { minutes($sources) >= $rounds && $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'running'") == 0 });
my $from = $stack->sql('SELECT max(id) FROM etl.run');
books('all systems well', "id <= $from");
went_on(0, $from);
$stack->fault("dol slow 35\n");
my $hanging = watch($daemon, sub { $stack->sql("SELECT count(*) FROM etl.run WHERE id > $from") >= $sources && $stack->sql("SELECT count(*) FROM etl.run WHERE state = 'running'") == 0 });
books('one system in ten hangs for 35 s', "id > $from");
printf "    without the hanging ones: the last ended after %s s\n", $stack->sql("SELECT round(max(extract(epoch FROM ended_at - date_trunc('minute', started_at)))::numeric, 1) FROM etl.run WHERE id > $from AND source NOT LIKE '%dol'");
printf "  memory: daemon at most %.1f MiB resident; with its decoders %.1f MiB, while one system hangs %.1f MiB (proportional sizes, every half second)\n",
    field($daemon, 'status', 'VmHWM') / 1024, $whole, $hanging;
printf "  failed runs: %s\n", $stack->sql("SELECT coalesce(string_agg(n || ' ' || why, '; '), 'none') FROM (SELECT count(*) AS n, "
    . "regexp_replace(problem, '^.*: ', '') AS why FROM etl.run WHERE state = 'failed' GROUP BY 2) x");
$stack->end_service($pid, 'ekok');
opening();
