#!/usr/bin/perl
# identifiers.pl ROWS ROUNDS - the type nid beside bigint, text and contrib isn's ean13 on the same digits; medians of
# rounds, the peers of one row of the table one after the other within each round. Says `met` or `missed` beside each
# target; ends with 0 either way.
#
# Method. Every figure is processor time (user and system) of the backend for one statement, as the server's own
# log_statement_stats counts it, so that a busy machine changes it little; one backend, no parallel workers, no JIT,
# tables unlogged, vacuumed and in shared buffers, each statement run once before the first round.
#   input    sum(num_nulls(t::TYPE, ...)), ten times the same, over a column of texts, less the same with textout(t):
#            what is left is ten calls of the type's input function alone, as the conversion calls text's output and then
#            that input. Each query is the least of five runs, all peers in turns in one session.
#   output   the same with TYPEout(column), less the same with the bare column.
#   COPY     a whole command into an empty table, without indexes; here the input function is only a part.
#   sort     ORDER BY over all rows in memory, less count(column).
#   index    CREATE INDEX (btree, default fill factor) and its size. A btree needs at least 20 bytes a row for 8 bytes of
#            value, 28 for 10 to 15 ASCII digits as text, 36 for 17, 68 for 17 Bengali ones (tuple header 8, value with
#            its length byte, rounded up to 8, line pointer 4).
# Numbers are synthetic: 10 digits with a run of three and a true Luhn digit (the reported allocation rule forbids runs),
# 13 and 17 digits in district 99, which does not exist; ean13 gets the first twelve of the 13 and its own check digit.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;

my ($rows, $rounds) = @ARGV;
die "identifiers.pl ROWS ROUNDS\n" if !$rounds || $rows < 1000;
my $stack = Ekok::Stack->new;
my $dir   = $stack->dir;

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }
sub commas { my $n = sprintf '%.0f', shift; 1 while $n =~ s/^(\d+)(\d{3})/$1,$2/; return $n; }

# Luhn's digit for nine digits.
sub luhn {
    my ($total, $place) = (0, 0);
    for my $digit (reverse split //, shift) {
        my $d = $place++ % 2 ? $digit : 2 * $digit;
        $total += $d > 9 ? $d - 9 : $d;
    }
    return (10 - $total % 10) % 10;
}

# EAN's digit for twelve digits.
sub ean {
    my @d = split //, shift;
    my $total = 0;
    $total += $d[$_] * ($_ % 2 ? 3 : 1) for 0 .. 11;
    return (10 - $total % 10) % 10;
}

# The same numbers in every run.
sub write_numbers {
    srand 20261122;
    my %file;
    for my $form (10, 13, 17, 'ean') {
        open $file{$form}, '>', "$dir/$form.txt" or die "$dir/$form.txt: $!";
    }
    for (1 .. $rows) {
        my $nine = 1 + int(rand 9) . (int(rand 10) x 3) . sprintf('%05d', rand 1e5);
        my $thirteen = sprintf '99%d%04d%06d', 1 + int(rand 5), rand 1e4, rand 1e6;
        my $twelve = substr $thirteen, 0, 12;
        print { $file{10} } $nine, luhn($nine), "\n";
        print { $file{13} } "$thirteen\n";
        print { $file{17} } 1930 + int(rand 80), "$thirteen\n";
        print { $file{ean} } $twelve, ean($twelve), "\n";
    }
    close $_ or die "numbers: $!" for values %file;
    return;
}

# The settings of every session.
my $quiet = 'SET jit = off; SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0; '
    . 'SET enable_indexscan = off; SET enable_indexonlyscan = off; SET client_min_messages = warning; '
    . "SET work_mem = '512MB'; SET maintenance_work_mem = '512MB'; SET search_path = public, ekok;";

# spent(command, before): milliseconds of processor time of one command, run after others that are not counted.
sub spent {
    my ($command, $before) = @_;
    $before //= 'SELECT';
    my @ms = statistics($before, $command);
    return $ms[0];
}

# least(queries): for each query the least milliseconds of $REPEAT times, in turns within one session: what differs between
# two queries by some nanoseconds a row would drown in the noise of single runs.
my $REPEAT = 5;
sub least {
    my (@queries) = @_;
    my @ms = statistics('SELECT', (@queries) x $REPEAT);
    return map { my $first = $_; (sort { $a <=> $b } map { $ms[ $first + $_ * @queries ] } 0 .. $REPEAT - 1)[0] } 0 .. $#queries;
}

# A query that works out the expression $TIMES times for each row of the table, and little else.
my $TIMES = 10;
sub often { my ($expression, $table) = @_; return 'SELECT sum(num_nulls(' . join(', ', ($expression) x $TIMES) . ")) FROM $table"; }

# The milliseconds of each of the commands, as the server counts them.
sub statistics {
    my ($before, @commands) = @_;
    my $out = $stack->sql_script("$quiet $before;\nSET log_statement_stats = on; SET client_min_messages = log;\n"
        . join('', map { "\\echo counted\n$_;\n" } @commands), 'bench');
    my (undef, @part) = split /^counted\n/m, $out;
    return map {
        /!\s+([\d.]+) s user, ([\d.]+) s system, [\d.]+ s elapsed/ ? 1000 * ($1 + $2) : die "no time in: $_"
    } @part;
}

# The forms compared: digits, and the peers that hold them. The first peer is the one the ratio is of.
my %PEERS = (10 => [qw(nid bigint text)], 13 => [qw(nid bigint text ean13)], 17 => [qw(nid bigint text)]);
sub file_of   { my ($form, $type) = @_; return "$dir/" . ($type eq 'ean13' ? 'ean' : $form) . '.txt'; }
sub column_of { my ($form, $type) = @_; return "held_${form}_$type"; }

sub prepare {
    $stack->call('server-start', 'autovacuum=off', 'shared_buffers=1GB', 'fsync=off', 'checkpoint_timeout=30min');
    $stack->sql('CREATE DATABASE bench TEMPLATE template0', 'postgres');
    $stack->sql('CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; CREATE EXTENSION isn', 'bench');
    write_numbers();
    for my $form (10, 13, 17) {
        for my $type (@{ $PEERS{$form} }) {
            my ($table, $file) = (column_of($form, $type), file_of($form, $type));
            $stack->sql("SET search_path = public, ekok; CREATE UNLOGGED TABLE $table (v $type); COPY $table FROM '$file';"
                . "CREATE UNLOGGED TABLE empty_$table (v $type)", 'bench');
            $stack->sql("VACUUM ANALYZE $table", 'bench');
        }
    }
    $stack->sql("CREATE UNLOGGED TABLE held_ean_text (v text); COPY held_ean_text FROM '$dir/ean.txt'", 'bench');
    $stack->sql('VACUUM ANALYZE held_ean_text', 'bench');
    return;
}

# The measurements of one round: name => milliseconds.
my %got;
sub note { my ($name, $value) = @_; push @{ $got{$name} }, $value; return; }

# Input and output functions: all peers of a form in turns, in one session.
sub measure_functions {
    my ($form) = @_;
    my @type = @{ $PEERS{$form} };
    my %texts = map { $_ => $_ eq 'ean13' ? 'held_ean_text' : column_of($form, 'text') } @type;
    my @cast = grep { $_ ne 'text' } @type;
    my @ms = least(map { (often('textout(v)', $texts{$_}), often("v::$_", $texts{$_})) } @cast);
    note("input $form $_", -(shift(@ms) - shift @ms) / $TIMES) for @cast;
    my %output = split /[|\n]/, $stack->sql('SELECT typname, typoutput::oid::regproc FROM pg_type', 'bench');
    $output{bigint} = 'int8out';
    @ms = least(map { (often('v', column_of($form, $_)), often("$output{$_}(v)", column_of($form, $_))) } @type);
    note("output $form $_", -(shift(@ms) - shift @ms) / $TIMES) for @type;
    return;
}

sub measure_form {
    my ($form) = @_;
    measure_functions($form);
    for my $type (@{ $PEERS{$form} }) {
        my $table = column_of($form, $type);
        my ($scan) = least("SELECT count(v) FROM $table");
        note("sort $form $type", spent("SELECT count(v) FROM (SELECT v FROM $table ORDER BY v OFFSET 0) s") - $scan);
        note("copy $form $type", spent("COPY empty_$table FROM '" . file_of($form, $type) . q{'}, "TRUNCATE empty_$table"));
        note("build $form $type", spent("CREATE INDEX ${table}_i ON $table (v)", "DROP INDEX IF EXISTS ${table}_i"));
        note("size $form $type", $stack->sql("SELECT pg_relation_size('${table}_i')", 'bench'));
        next if $form != 17;
        note("binary out $form $type", spent("COPY $table TO '$dir/$table.bin' (FORMAT binary)"));
        note("binary in $form $type", spent("COPY empty_$table FROM '$dir/$table.bin' (FORMAT binary)", "TRUNCATE empty_$table"));
    }
    return;
}

# One line of the table: what, each peer's figure, the ratio to a peer, the target and how it came out.
sub line {
    my ($what, $name, $form, $against, $scale, $unit, $target) = @_;
    my $figure = sub {
        my $m = $got{"$name $form $_[0]"};
        return defined $m ? sprintf '%.*f', $unit eq 'MiB' ? 1 : 0, median(@$m) / $scale : '-';
    };
    my ($ours, $theirs) = map { $got{"$name $form $_"} } 'nid', $against;
    my $ratio = median(map { $ours->[$_] / $theirs->[$_] } 0 .. $#$ours);
    my $verdict = defined $target ? sprintf('<= %.2f %s', $target, $ratio <= $target ? 'met' : 'missed') : '';
    printf "%-34s %-4s %8s %8s %8s %8s  %5.2f of %-7s %s\n", $what, $unit, (map { $figure->($_) } qw(nid bigint text ean13)),
        $ratio, $against, $verdict;
    return;
}

sub report {
    my $load = (split ' ', $stack->read_file('/proc/loadavg'))[0];
    my $cores = grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo');
    printf "\nIdentifiers, %s rows, %d rounds, medians; %d cores, load %s at the end; PostgreSQL %s\n\n", commas($rows), $rounds,
        $cores, $load, $stack->sql('SHOW server_version', 'postgres');
    printf "%-34s %-4s %8s %8s %8s %8s  %-16s %s\n", 'what', '', qw(nid bigint text ean13), 'nid to peer', 'target';
    my $ns = $rows / 1e6;
    line("text input with check, $_ digits", 'input', $_, 'bigint', $ns, 'ns', 1.5) for 10, 13, 17;
    line('the same beside isn, 13 digits', 'input', 13, 'ean13', $ns, 'ns');
    line("COPY FROM as text, $_ digits", 'copy', $_, 'bigint', 1, 'ms') for 10, 13, 17;
    line('the same beside isn, 13 digits', 'copy', 13, 'ean13', 1, 'ms');
    line("output, $_ digits", 'output', $_, 'bigint', $ns, 'ns') for 10, 13, 17;
    line('the same beside isn, 13 digits', 'output', 13, 'ean13', $ns, 'ns');
    line("sort, $_ digits", 'sort', $_, 'text', 1, 'ms') for 13, 17;
    line("index build, $_ digits", 'build', $_, 'text', 1, 'ms', 1) for 10, 13, 17;
    line('the same beside isn, 13 digits', 'build', 13, 'ean13', 1, 'ms');
    line("index size, $_ digits", 'size', $_, 'text', 2**20, 'MiB', 0.45) for 10, 13, 17;
    line('the same beside isn, 13 digits', 'size', 13, 'ean13', 2**20, 'MiB');
    report_bengali();
    line('binary COPY out, 17 digits', 'binary out', 17, 'bigint', 1, 'ms');
    line('binary COPY in, 17 digits', 'binary in', 17, 'bigint', 1, 'ms');
    return;
}

# The same column as an officer types it, three bytes a digit.
sub report_bengali {
    my ($nid, $text) = split /\|/, $stack->sql(q{CREATE UNLOGGED TABLE bengali AS
            SELECT translate(v, '0123456789', '০১২৩৪৫৬৭৮৯') AS t FROM held_17_text;
        CREATE INDEX bengali_t ON bengali (t); CREATE INDEX bengali_n ON bengali ((t::ekok.nid));
        SELECT pg_relation_size('bengali_n') || '|' || pg_relation_size('bengali_t')}, 'bench');
    printf "%-34s %-4s %8.1f %8s %8.1f %8s  %5.2f of text    <= 0.45 %s\n", 'index size, 17 Bengali digits', 'MiB', $nid / 2**20, '-',
        $text / 2**20, '-', $nid / $text, $nid / $text <= 0.45 ? 'met' : 'missed';
    return;
}

sub report_size {
    my ($nid, $text, $stored) = split /\|/, $stack->sql(q{SELECT pg_column_size('19795525799000001'::ekok.nid),
        pg_column_size('19795525799000001'::text), (SELECT pg_column_size(v) FROM held_17_text LIMIT 1)}, 'bench');
    printf "%-34s %-4s %8d %8d %8d %8s  %5.2f of text    8 to 21 %s\n", 'pg_column_size, 17 digits', 'B', $nid, 8, $text, '-',
        $nid / $text, $nid == 8 && $text == 21 ? 'met' : 'missed';
    printf "%-34s %-4s %8d %8d %8d %8s  %5.2f of text\n", 'the same as stored in a table', 'B', $nid, 8, $stored, '-', $nid / $stored;
    return;
}

# What came in by binary COPY is what went out.
sub report_round_trip {
    my $same = $stack->sql('SELECT count(*) FROM ((TABLE held_17_nid EXCEPT ALL TABLE empty_held_17_nid) UNION ALL
        (TABLE empty_held_17_nid EXCEPT ALL TABLE held_17_nid)) d', 'bench');
    printf "%s rows out and in by binary COPY: %s differ\n", commas($rows), $same;
    return;
}

prepare();
measure_form($_) for 10, 13, 17;
%got = ();
for my $round (1 .. $rounds) {
    print STDERR "round $round of $rounds\n";
    measure_form($_) for 10, 13, 17;
}
report();
report_size();
print "\nThe least a btree can spend on a row is 20 bytes for nid, 28 for 10 or 13 ASCII digits as text, 36 for 17, 68 for 17\n",
    "Bengali ones: 0.71, 0.56 and 0.29 are the floors of the ratios of index size.\n";
report_round_trip();
