#!/usr/bin/perl
# The tables of the benchmark are what their README says: enough rows, each once, each column in its script, UTF-8 in NFC; and
# the runner's figures are right where the answer is known. Judges no matcher.
use strict;
use warnings;
use utf8;
use Encode qw(decode FB_CROAK);
use File::Temp qw(tempfile);
use FindBin;
use Test::More;
use Unicode::Normalize qw(NFC);

binmode $_, ':encoding(UTF-8)' for *STDOUT, *STDERR, Test::More->builder->output, Test::More->builder->failure_output;
my $here = $FindBin::Bin;
my $BENGALI = qr/^[\x{980}-\x{9e3} ()]+$/;
my $LATIN = qr{^[A-Za-z .'()/]+$};
my @CLASSES = qw(added consonant sex surname swapped vowel whole);

# table(file, letter of its ids, names of its columns): its rows; tests what all the tables have in common.
sub table {
    my ($file, $letter, @columns) = @_;
    open my $in, '<:raw', "$here/$file" or die "$file: $!";
    my $text = do { local $/ = undef; <$in> };
    my $valid = eval { $text = decode('UTF-8', $text, FB_CROAK); 1 };
    ok $valid, "$file is UTF-8";
    is $text, NFC($text), "$file is in NFC";
    unlike $text, qr/\r|[ \t]{2}|[\t\n] | [\t\n]|[\x{200b}-\x{200f}\x{2060}\x{feff}]/, "$file has no stray blanks and no invisible characters";
    my @lines = split /\n/, $text;
    is shift(@lines), join("\t", 'id', @columns), "$file names its columns";
    my @rows = map { [split /\t/, $_, -1] } @lines;
    is_deeply [grep { @$_ != 1 + @columns } @rows], [], "$file has every column in every row";
    is_deeply [map { $_->[0] } @rows], [map { sprintf '%s%03d', $letter, $_ } 1 .. @rows], "$file counts its rows";
    return @rows;
}

# in_script(what, script, values): each is written in it, without blanks at its ends.
sub in_script {
    my ($what, $script, @values) = @_;
    is_deeply [grep { !/$script/ || /^ | $|  / } @values], [], "$what: every one in its script";
    return;
}

sub once {
    my ($what, @values) = @_;
    my %seen;
    is_deeply [grep { $seen{$_}++ } @values], [], "$what: each once";
    return;
}

sub unordered { return join "\t", sort map { lc } @_ }

my @pairs = table('pairs_female.tsv', 'F', qw(bengali latin note));
cmp_ok scalar @pairs, '>=', 520, scalar(@pairs) . ' full names';
in_script('Bengali names', $BENGALI, map { $_->[1] } @pairs);
in_script('Latin names', $LATIN, map { $_->[2] } @pairs);
once('Bengali names', map { $_->[1] } @pairs);
once('Latin names', map { lc $_->[2] } @pairs);
my $notes = join '|', qw(muslim hindu christian buddhist old split joined initials nickname relation late chakma marma tripura santal munda
    oraon garo hajong manipuri bawm mro rakhain bede), 'tea garden', 'near=\d+';
is_deeply [grep { !/^(?:$notes)(?: (?:$notes))*$/ } map { $_->[3] } @pairs], [], 'notes are words that the README explains';
my %label;
/near=(\d+)/ and push @{ $label{$1} }, $_ for map { $_->[3] } @pairs;
is_deeply [grep { @{ $label{$_} } < 2 } keys %label], [], 'a label of names that may be one stands at two rows at least';

my %variant;
for my $script (qw(bengali latin)) {
    my @rows = table("variants_$script.tsv", uc substr($script, 0, 1), qw(first second));
    cmp_ok scalar @rows, '>=', 150, scalar(@rows) . " pairs of spellings, $script";
    in_script("variants, $script", $script eq 'latin' ? $LATIN : $BENGALI, map { @$_[1, 2] } @rows);
    once("variants, $script", map { unordered(@$_[1, 2]) } @rows);
    is_deeply [grep { lc $_->[1] eq lc $_->[2] } @rows], [], "variants, $script: two spellings";
    $variant{ unordered(@$_[1, 2]) } = 1 for @rows;
}

my @negatives = table('negatives.tsv', 'N', qw(first_bengali second_bengali first_latin second_latin class));
cmp_ok scalar @negatives, '>=', 320, scalar(@negatives) . ' hard negatives';
in_script('hard negatives, Bengali', $BENGALI, map { @$_[1, 2] } @negatives);
in_script('hard negatives, Latin', $LATIN, map { @$_[3, 4] } @negatives);
once('hard negatives, Bengali', map { unordered(@$_[1, 2]) } @negatives);
once('hard negatives, Latin', map { unordered(@$_[3, 4]) } @negatives);
is_deeply [grep { $variant{ unordered(@$_[1, 2]) } || $variant{ unordered(@$_[3, 4]) } } @negatives], [], 'no hard negative is a variant';
is_deeply [grep { lc $_->[1] eq lc $_->[2] || lc $_->[3] eq lc $_->[4] } @negatives], [], 'hard negatives are two names';
my %class = map { $_->[5] => 1 } @negatives;
is_deeply [sort keys %class], \@CLASSES, 'every class of hard negatives, and no other';

# ---- The development list: of the same form, and no row of it is one of the benchmark.
my (%of_benchmark, %tuned);
$of_benchmark{$_} = 1 for keys %variant, map { (unordered(@$_[1, 2]), unordered(@$_[3, 4])) } @negatives;
for my $of ([bengali => 'VB', $BENGALI, $BENGALI], [latin => 'VL', $LATIN, $LATIN], [across => 'VA', $BENGALI, $LATIN]) {
    my ($script, $letters, @scripts) = @$of;
    my @rows = table("dev/variants_$script.tsv", $letters, qw(first second));
    cmp_ok scalar @rows, '>=', 100, scalar(@rows) . " pairs of spellings to tune on, $script";
    for my $column (1, 2) { in_script("variants to tune on, $script, column $column", $scripts[ $column - 1 ], map { $_->[$column] } @rows) }
    $tuned{ unordered(@$_[1, 2]) } = 1 for @rows;
}
my @look_alikes = table('dev/negatives.tsv', 'D', qw(first_bengali second_bengali first_latin second_latin class));
cmp_ok scalar @look_alikes, '>=', 400, scalar(@look_alikes) . ' hard negatives to tune on';
in_script('hard negatives to tune on, Bengali', $BENGALI, map { @$_[1, 2] } @look_alikes);
in_script('hard negatives to tune on, Latin', $LATIN, map { @$_[3, 4] } @look_alikes);
once("hard negatives to tune on, $_->[0]", map { unordered(@$_) } @{ $_->[1] })
    for [Bengali => [map { [@$_[1, 2]] } @look_alikes]], [Latin => [map { [@$_[3, 4]] } @look_alikes]];
my @both = map { (unordered(@$_[1, 2]), unordered(@$_[3, 4])) } @look_alikes;
is_deeply [grep { $tuned{$_} } @both], [], 'no hard negative to tune on is a variant';
is_deeply [grep { $of_benchmark{$_} } @both, keys %tuned], [], 'nothing to tune on stands in the benchmark';
is_deeply [grep { !$class{ $_->[5] } } @look_alikes], [], 'their classes are those of the benchmark';

# ---- The runner, on four names: two of them one name in other order, two set aside.
my ($to, $file) = tempfile(UNLINK => 1);
binmode $to, ':encoding(UTF-8)';
print {$to} "id\tbengali\tlatin\tnote\n1\tক গ\tka ga\tx\n2\tগ ক\tgo ko\tx\n3\tমোছাঃ খ\tkha\tnear=1\n4\tখ খ\tkho kho\tnear=1\n";
close $to;

sub run_with {
    my ($matcher) = @_;
    local $ENV{PERL_UNICODE} = 'S';
    my $out = qx{perl '$here/run.pl' --pairs '$file' --matcher '$matcher'};
    my ($line) = $out =~ /^\S+ +([\d. ]+)$/m;
    return ($out, split / +/, $line // '');
}
my ($out, @figure) = run_with('best=perl -lne "print 1"');
like $out, qr/4 names in each script, 16 pairs, 6 of one name, 2 set aside/, 'the gold: order does not matter, a label sets aside';
is $figure[0], '0.600', 'one who says yes to all: F1 from six right of fourteen';
is $figure[7], '0.417', '... and top-1 shares the credit of ties';
($out, @figure) = run_with('none=perl -lne "print 0"');
is $figure[0], '0.000', 'one who says no to all';
($out, @figure) = run_with('letters=perl -CS -lne "print /\N{U+0997}.*\tg|\N{U+0997}.*\tk.*g/ ? 1 : 0.5"');
is "@figure[0, 6, 7]", '0.800 0.667 0.667', 'one who is sure of four and right: F1, recall at precision .99, top-1';
done_testing;
