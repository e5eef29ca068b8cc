#!/usr/bin/perl
# run.pl - the benchmark of women's names (README.md beside it): the gold, the peers and their figures, in one run.
# usage: run.pl [--stack | --psql COMMAND] [--matcher NAME=COMMAND ...] [--dev FOLDER] [--pairs FILE] [--tuning] [--only REGEX]
#   --stack      starts a private server with the extension and contrib in it (tools/stack.sh), as `tools/bench.sh likeness` does
#   --psql       a psql command that reaches a UTF-8 database, not of locale C, with pg_trgm and fuzzystrmatch; ekok is measured
#                if it is there. Without --psql and --stack only the matchers given are measured.
#   --matcher    your own: a shell command that reads lines "name<TAB>name" and writes a similarity from 0 to 1 for each;
#                NAME@0.86 gives its threshold for the second table, which else is that of its best F1 in the first
#   --dev        a folder with *_pairs_dev.tsv, variants_*_dev.tsv, token_pairs_dev.tsv, name_affixes_curated.tsv: they are
#                measured by the same gold after the project's own
#   --pairs      only the pairs of this file, of the form of pairs_female.tsv
#   --tuning     the list in dev/, which may be tuned on, in place of the benchmark: shares accepted alone
#   --only       measures only the matchers whose names this regular expression meets
# Needs plain Perl; uconv (Debian: icu-devtools) for the chains of peers. Writes nothing but its report.
use strict;
use warnings;
use utf8;
use File::Temp qw(tempfile);
use FindBin;
use Getopt::Long qw(GetOptions);
use Unicode::Normalize qw(NFC);

my $FLOOR = 0.3;    # what scores below counts as not found
my %option = (matcher => []);
GetOptions(\%option, 'stack', 'psql=s', 'matcher=s@', 'dev=s', 'pairs=s', 'tuning', 'only=s') && !@ARGV or die "run.pl: see the head of the file\n";
binmode $_, ':encoding(UTF-8)' for *STDOUT, *STDERR;
my $here = $FindBin::Bin;

# Rows of a table with tabs between its columns; lines that begin with # and the head, if it has one, left out.
sub rows_of {
    my ($file, $head) = @_;
    open my $in, '<:encoding(UTF-8)', $file or die "$file: $!\n";
    my @rows = map { chomp; [split /\t/, $_, -1] } grep { !/^#/ } <$in>;
    shift @rows if $head;
    return @rows;
}

# ---- The gold.

sub fold {
    my $text = NFC(lc shift);
    $text =~ s/[\x{200b}-\x{200f}\x{2060}\x{feff}]//g;
    return $text;
}
sub words { return grep { length } split /[^\w\x{980}-\x{9ff}]+/, fold(shift) }

my %optional;
sub telling { my @w = words(shift); my @t = grep { !$optional{$_} } @w; return @t ? @t : @w; }

# The words that the gold does not count: the project's own list, or the classes of the development sets' table.
sub read_optional {
    my ($table) = @_;
    my @words = !$table ? map { $_->[0] } rows_of("$here/affixes.txt")
        : map { split /\|/, "$_->[0]|$_->[1]" } grep { $_->[2] =~ /^(?:honorific|deceased|prefix_[mf])$/ } rows_of($table);
    %optional = map { $_->[0] => 1 } grep { @$_ == 1 } map { [words($_)] } @words;
    return;
}

# Which rows are one name: {group => [...]}, by the same words in one script, whatever their order.
sub group_rows {
    my (@columns) = @_;
    my @group = 0 .. $#{ $columns[0] };
    my $find;
    $find = sub { my $i = shift; $i = $group[$i] while $group[$i] != $i; return $i };
    for my $column (@columns) {
        my %first;
        for my $i (0 .. $#$column) {
            my $key = join ' ', @{ $column->[$i] };
            if (defined $first{$key}) { $group[ $find->($i) ] = $find->($first{$key}) }
            else { $first{$key} = $i }
        }
    }
    return map { $find->($_) } 0 .. $#group;
}

# Do the words meet one by one, each equal or a known variant of its partner?
sub alike {
    my ($x, $y, $near) = @_;
    return 0 if @$x != @$y;
    $x->[$_] eq $y->[$_] || $near->{"$x->[$_]\t$y->[$_]"} || return 0 for 0 .. $#$x;
    return 1;
}

# Do the Bengali words meet the Latin ones, in any order, through pairs that some row aligns?
sub aligned {
    my ($bengali, $latin, $seen) = @_;
    return 0 if @$bengali != @$latin;
    my @left = @$latin;
    for my $word (sort { keys %{ $seen->{$a} // {} } <=> keys %{ $seen->{$b} // {} } } @$bengali) {
        my ($at) = grep { $seen->{$word}{ $left[$_] } } 0 .. $#left;
        return 0 if !defined $at;
        splice @left, $at, 1;
    }
    return 1;
}

# Pairs of rows that real usage, not an algorithm, says may be one name: neither found nor missed.
sub dont_care {
    my ($set, $near, $seen) = @_;
    my ($bengali, $latin, $group) = @{$set}{qw(bengali_words latin_words group)};
    my (%dont, %label);
    for my $i (0 .. $#$group) {
        for my $j (0 .. $#$group) {
            next if $group->[$i] == $group->[$j];
            $dont{"$i\t$j"} = 1 if alike($bengali->[$i], $bengali->[$j], $near) || alike($latin->[$i], $latin->[$j], $near)
                || aligned($bengali->[$i], $latin->[$j], $seen);
        }
        push @{ $label{$1} }, $i if ($set->{note}[$i] // '') =~ /\bnear=(\d+)/;
    }
    for my $rows (values %label) {
        for my $i (@$rows) { $dont{"$i\t$_"} = 1 for grep { $group->[$_] != $group->[$i] } @$rows }
    }
    return \%dont;
}

# A set ready to be measured, from its columns and the variants (pairs of one script) and word pairs (of two) that are known.
sub prepare_set {
    my ($name, $columns, $variants, $word_pairs) = @_;
    my ($bengali, $latin, $note) = @$columns;
    my %set = (name => $name, bengali => $bengali, latin => $latin, note => $note);
    my @in_order = map { [map { [telling($_)] } @$_] } $bengali, $latin;
    @set{qw(bengali_words latin_words)} = map { [map { [sort @$_] } @$_] } @in_order;
    $set{group} = [group_rows(@set{qw(bengali_words latin_words)})];
    my (%near, %seen);
    for my $pair (@$variants) { my ($x, $y) = map { fold($_) } @$pair; $near{"$x\t$y"} = $near{"$y\t$x"} = 1 }
    $word_pairs //= [map { my $i = $_; my ($x, $y) = map { $_->[$i] } @in_order; @$x == @$y ? map { [$x->[$_], $y->[$_]] } 0 .. $#$x : () }
        0 .. $#$bengali];
    $seen{ fold($_->[0]) }{ fold($_->[1]) } = 1 for @$word_pairs;
    $set{dont} = dont_care(\%set, \%near, \%seen);
    my %size;
    $size{$_}++ for @{ $set{group} };
    $set{positives} += $_**2 for values %size;
    return \%set;
}

# ---- The matchers: each is {name, score => sub (first names, second names, all pairs?)}, giving [i, j, similarity].

sub through {
    my ($command, $lines) = @_;
    my ($to, $file) = tempfile(UNLINK => 1);
    binmode $to, ':encoding(UTF-8)';
    print {$to} $lines;
    close $to or die "cannot write: $!\n";
    open my $from, '-|:encoding(UTF-8)', "$command <'$file'" or die "$command: $!\n";
    my @out = <$from>;
    close $from or die "the command failed: $command\n";
    chomp @out;
    return @out;
}

sub ask { return through("$option{psql} -XqAt -v ON_ERROR_STOP=1", shift) }

sub transliterate { return through(q{uconv -f utf8 -t utf8 -x 'Any-Latin; Latin-ASCII; Lower'}, join '', map { "$_\n" } @_) }

# An expression of SQL over a, b and their transliterations ia, ib; with affixes, of names without words like Mst.
sub by_sql {
    my ($name, $expression, $threshold, $affixes) = @_;
    return { name => $name, threshold => $threshold, score => sub {
        my ($first, $second, $all) = @_;
        my $data = '';
        for ([l => $first], [r => $second]) {
            my ($table, $given) = @$_;
            my $names = $affixes ? [map { join ' ', telling($_) } @$given] : $given;
            my @icu = $expression =~ /\bi[ab]\b/ ? transliterate(@$names) : map { '' } @$names;
            my ($i, $x, $ix) = $table eq 'l' ? qw(i a ia) : qw(j b ib);
            $data .= "CREATE TEMP TABLE $table ($i int, $x text, $ix text);\nCOPY $table FROM stdin;\n"
                . join('', map { "$_\t$names->[$_]\t$icu[$_]\n" } 0 .. $#$names) . "\\.\n";
        }
        my ($from, $floor) = $all ? ('l, r', "WHERE s >= $FLOOR") : ('l JOIN r ON i = j', '');
        return map { [split /\t/] } ask($data
            . "COPY (SELECT i, j, s FROM (SELECT i, j, ($expression)::float4 AS s FROM $from OFFSET 0) x $floor) TO STDOUT;\n");
    } };
}

# Codes of the words of names by a function of contrib; a name is the bag of its codes.
sub codes_of {
    my ($function, $names) = @_;
    my @bags = map { [] } @$names;
    my $lines = "CREATE TEMP TABLE w (i int, w text);\nCOPY w FROM stdin;\n";
    for my $i (0 .. $#$names) { $lines .= "$i\t$_\n" for words($names->[$i]) }
    for (ask("$lines\\.\nCOPY (SELECT i, $function(w) FROM w) TO STDOUT;\n")) {
        my ($i, $code) = split /\t/;
        push @{ $bags[$i] }, $code if length($code // '');
    }
    return \@bags;
}

sub dice {
    my ($x, $y) = @_;
    return 0 if !@$x || !@$y;
    my (%left, $common);
    $left{$_}++ for @$x;
    $common += ($left{$_} // 0) > 0 && $left{$_}-- ? 1 : 0 for @$y;
    return 2 * $common / (@$x + @$y);
}

sub by_codes {
    my ($name, $function, %how) = @_;
    return { name => $name, threshold => $how{threshold}, score => sub {
        my ($first, $second, $all) = @_;
        my ($x, $y) = map {
            my @names = $how{affixes} ? map { join ' ', telling($_) } @$_ : @$_;
            codes_of($function, $how{icu} ? [transliterate(@names)] : \@names);
        } $first, $second;
        return map { [$_, $_, dice($x->[$_], $y->[$_])] } 0 .. $#$x if !$all;
        my (%holder, @found);
        for my $j (0 .. $#$y) { $holder{$_}{$j} = 1 for @{ $y->[$j] } }
        for my $i (0 .. $#$x) {
            my %near = map { %{ $holder{$_} // {} } } @{ $x->[$i] };
            push @found, grep { $_->[2] >= $FLOOR } map { [$i, $_, dice($x->[$i], $y->[$_])] } keys %near;
        }
        return @found;
    } };
}

sub by_command {
    my ($name, $threshold, $command) = shift =~ /^([^=@]+)(?:@([\d.]+))?=(.+)$/s or die "run.pl: --matcher wants NAME=COMMAND\n";
    return { name => $name, threshold => $threshold, score => sub {
        my ($first, $second, $all) = @_;
        my @pairs = $all ? map { my $i = $_; map { [$i, $_] } 0 .. $#$second } 0 .. $#$first : map { [$_, $_] } 0 .. $#$first;
        my @scores = through($command, join '', map { "$first->[$_->[0]]\t$second->[$_->[1]]\n" } @pairs);
        die "$name wrote " . @scores . ' lines for ' . @pairs . " pairs\n" if @scores != @pairs;
        return grep { !$all || $_->[2] >= $FLOOR } map { [@{ $pairs[$_] }, $scores[$_]] } 0 .. $#pairs;
    } };
}

sub matchers {
    my @matchers = map { by_command($_) } @{ $option{matcher} };
    return @matchers if !$option{psql};
    my ($ekok) = ask("SELECT 1 FROM pg_extension WHERE extname = 'ekok';\n");
    (undef, $ekok) = ask("SELECT ekok.sound_similarity('', ''); SHOW ekok.sound_threshold;\n") if $ekok;    # loaded by its first use
    my $ratio = sub { "1 - levenshtein($_[0], $_[1])::float8 / greatest(length($_[0]), length($_[1]))" };
    push @matchers, by_sql('Ekok', 'ekok.sound_similarity(a, b)', $ekok) if $ekok;
    return @matchers, by_sql('pg_trgm', 'similarity(a, b)', 0.3), by_sql('levenshtein', $ratio->('a', 'b'), 0.8),
        by_codes('soundex per word', 'soundex', threshold => 0.8), by_codes('dmetaphone per word', 'dmetaphone', threshold => 0.8),
        by_sql('ICU, pg_trgm', 'similarity(ia, ib)'), by_sql('ICU, levenshtein', $ratio->('ia', 'ib')),
        by_codes('ICU, soundex per word', 'soundex', icu => 1), by_codes('ICU, dmetaphone per word', 'dmetaphone', icu => 1),
        by_sql('affixes off, ICU, pg_trgm', 'similarity(ia, ib)', undef, 1),
        by_sql('affixes off, ICU, levenshtein', $ratio->('ia', 'ib'), undef, 1),
        by_codes('affixes off, ICU, soundex', 'soundex', icu => 1, affixes => 1);
}

# ---- The figures.

# {f1, precision, recall, threshold, 90, 95, 99, top1} of all pairs of a set, and own_precision, own_recall at a threshold given.
sub figures {
    my ($set, $own, @found) = @_;
    my ($group, %best, @judged) = ($set->{group});
    for (@found) {
        my ($i, $j, $s) = @$_;
        next if $set->{dont}{"$i\t$j"};
        my $right = $group->[$i] == $group->[$j] ? 1 : 0;
        push @judged, [$s, $right];
        my $b = $best{$i};
        if (!$b || $s > $b->[0]) { $best{$i} = [$s, 1, $right] }
        elsif ($s == $b->[0]) { $b->[1]++; $b->[2] += $right }
    }
    my %figure = (f1 => 0, precision => 0, recall => 0, threshold => 1, 90 => 0, 95 => 0, 99 => 0, top1 => 0);
    $figure{top1} += $_->[2] / $_->[1] / @$group for values %best;
    @judged = sort { $b->[0] <=> $a->[0] } @judged;
    my $right = 0;
    for my $k (0 .. $#judged) {
        $right += $judged[$k][1];
        next if $k < $#judged && $judged[$k][0] == $judged[ $k + 1 ][0] || !$right;
        my ($precision, $recall) = ($right / ($k + 1), $right / $set->{positives});
        @figure{qw(own_precision own_recall)} = ($precision, $recall) if $judged[$k][0] >= ($own // 2);
        for (90, 95, 99) { $figure{$_} = $recall if $precision >= $_ / 100 && $recall > $figure{$_} }
        my $f1 = 2 * $precision * $recall / ($precision + $recall);
        @figure{qw(f1 precision recall threshold)} = ($f1, $precision, $recall, $judged[$k][0]) if $f1 > $figure{f1};
    }
    return \%figure;
}

sub accepted {
    my ($matcher, $pairs, $threshold) = @_;
    my @found = $matcher->{score}->([map { $_->[0] } @$pairs], [map { $_->[1] } @$pairs], 0);
    my %yes = map { $_->[0] => 1 } grep { $_->[2] >= $threshold } @found;
    return wantarray ? map { $yes{$_} ? 1 : 0 } 0 .. $#$pairs : keys(%yes) / @$pairs;
}

sub report_set {
    my ($set, @matchers) = @_;
    printf "\n%s: %d names in each script, %d pairs, %d of one name, %d set aside\n", $set->{name}, scalar @{ $set->{group} },
        @{ $set->{group} }**2, $set->{positives}, scalar keys %{ $set->{dont} };
    printf "%-30s %6s %6s %6s %6s %6s %6s %6s %6s %8s\n", 'matcher', 'F1', 'P', 'R', 'at', 'R@P90', 'R@P95', 'R@P99', 'top-1', 'own P, R';
    for my $matcher (@matchers) {
        my $figure = figures($set, $matcher->{threshold}, $matcher->{score}->(@{$set}{qw(bengali latin)}, 1));
        $matcher->{best} //= $figure->{threshold};
        printf "%-30s %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f %s\n", $matcher->{name},
            @{$figure}{qw(f1 precision recall threshold 90 95 99 top1)},
            $figure->{own_recall} ? sprintf '   %.3f, %.3f', @{$figure}{qw(own_precision own_recall)} : '';
    }
    return;
}

# Hard negatives: each contrast of two names in four forms.
sub negatives_in_forms {
    my ($file) = @_;
    my %form;
    for (rows_of($file, 1)) {
        my (undef, $b1, $b2, $l1, $l2, $class) = @$_;
        push @{ $form{Bengali} }, [$b1, $b2, $class];
        push @{ $form{Latin} }, [$l1, $l2, $class];
        push @{ $form{across} }, [$b1, $l2, $class], [$b2, $l1, $class];
    }
    return %form;
}

sub report_accepted {
    my ($variants, $negatives, @matchers) = @_;
    my %form = negatives_in_forms($negatives);
    my %classes = map { $_->[2] => 1 } @{ $form{Bengali} };
    my @classes = sort keys %classes;
    printf "\nShare accepted at the threshold: of variants (as many as possible), of different names (none)\n%-30s %5s%s | %s | %s\n", 'matcher',
        'at', join('', map { sprintf ' %8s', "$_->[0]" } @$variants), join('', map { sprintf ' %8s', $_ } qw(Bengali Latin across all)),
        join(' ', map { sprintf '%9s', $_ } @classes);
    for my $matcher (@matchers) {
        my $threshold = $matcher->{threshold} // $matcher->{best} // die "$matcher->{name}: say its threshold, NAME\@0.8=COMMAND\n";
        printf '%-30s %5.2f', $matcher->{name}, $threshold;
        printf ' %8.3f', scalar accepted($matcher, $_->[1], $threshold) for @$variants;
        my (%yes, %of);
        for my $form (qw(Bengali Latin across)) {
            my @yes = accepted($matcher, $form{$form}, $threshold);
            for my $i (0 .. $#yes) {
                for ($form, 'all', $form{$form}[$i][2]) { $yes{$_} += $yes[$i]; $of{$_}++ }
            }
        }
        print ' |', map({ sprintf ' %8.3f', $yes{$_} / $of{$_} } qw(Bengali Latin across all)), ' |',
            map({ sprintf ' %9.3f', $yes{$_} / $of{$_} } @classes), "\n";
    }
    return;
}

sub columns { my ($rows, @which) = @_; return [map { my $c = $_; [map { $_->[$c] // '' } @$rows] } @which] }

sub report_own {
    my (@matchers) = @_;
    read_optional();
    my @variants = map { [$_ => [map { [@$_[1, 2]] } rows_of("$here/variants_\L$_.tsv", 1)]] } qw(Bengali Latin);
    my @rows = rows_of($option{pairs} // "$here/pairs_female.tsv", 1);
    report_set(prepare_set("women's names", columns(\@rows, 1, 2, 3), [map { @{ $_->[1] } } @variants]), @matchers);
    report_accepted(\@variants, "$here/negatives.tsv", @matchers) if !$option{pairs};
    return;
}

sub report_tuning {
    my (@matchers) = @_;
    my @variants = map { [$_ => [map { [@$_[1, 2]] } rows_of("$here/dev/variants_\L$_.tsv", 1)]] } qw(Bengali Latin across);
    report_accepted(\@variants, "$here/dev/negatives.tsv", @matchers);
    return;
}

sub report_dev {
    my ($folder, @matchers) = @_;
    read_optional("$folder/name_affixes_curated.tsv");
    my @variants = map { m{variants_(\w+?)_dev} ; [$1 => [rows_of($_)]] } sort glob "$folder/variants_*_dev.tsv";
    my @word_pairs = map { rows_of($_) } glob "$folder/token_pairs*.tsv";
    for my $file (sort glob "$folder/*_pairs_dev.tsv") {
        next if $file =~ /token_pairs/;
        my @rows = grep { @$_ > 1 } rows_of($file);
        @rows = @rows[0 .. 2499] if @rows > 2500;
        report_set(prepare_set($file =~ s{.*/}{}r, columns(\@rows, 0, 1), [map { @{ $_->[1] } } @variants], \@word_pairs), @matchers);
    }
    for my $matcher (@matchers) {
        my $threshold = $matcher->{threshold} // $matcher->{best};
        printf "%-30s %s\n", $matcher->{name}, join ', ', map { sprintf '%s %.3f accepted at %.2f', $_->[0],
            scalar accepted($matcher, $_->[1], $threshold), $threshold } @variants;
    }
    return;
}

# A private server with a database that knows what a letter is: with locale C pg_trgm sees no Bengali at all.
sub start_stack {
    require lib;
    lib->import("$here/../../tap/lib");
    require Ekok::Stack;
    my $stack = Ekok::Stack->new;
    $stack->call('server-start');
    $stack->sql(q{CREATE DATABASE names TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'}, 'postgres');
    $stack->sql('CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; CREATE EXTENSION pg_trgm; CREATE EXTENSION fuzzystrmatch', 'names');
    $option{psql} = 'psql -U postgres -d names -h ' . $stack->socket;
    return $stack;
}

$option{only} //= '';
my $stack = $option{stack} ? start_stack() : undef;
my @matchers = grep { $_->{name} =~ /$option{only}/ } matchers();
die "run.pl: nothing to measure: give --stack, --psql or --matcher\n" if !@matchers;
$option{tuning} ? report_tuning(@matchers) : report_own(@matchers);
report_dev($option{dev}, @matchers) if $option{dev};
