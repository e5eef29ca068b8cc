#!/usr/bin/perl
# mistakes.pl SEED <records.tsv >list.tsv - a list with the mistakes of typing and reading, made independently of the simulator's
# own overlaps: of its records (as `ekok-sim records` writes them) the first of each person stays as it is, the others are left
# out, and six persons in ten get one to three more records with mistakes of these rates, in hundredths. Which keys records
# are looked up by, and when near names of one day and family may be certain, were chosen with these lists in view: a figure on
# them is not one of data never seen.
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));

my %rate = (
    name_typo => 22, name_word_lost => 7, name_turned => 6, name_split => 4, parent_typo => 18, parent_word_lost => 8, lookalike => 8,
    father_missing => 10, mother_missing => 14, script_missing => 30,
    birth_missing => 3, birth_swapped => 5, birth_digit => 6, birth_january => 6, birth_year => 2,
    sex_wrong => 1, sex_missing => 4, place_missing => 5, place_other => 8,
    nid_missing => 45, nid_digit => 6, brn_missing => 45, brn_digit => 6, mobile_missing => 25, mobile_other => 20, mobile_digit => 5, wallet_missing => 50,
);
srand($ARGV[0] // die "usage: mistakes.pl SEED <records.tsv >list.tsv\n");

sub happens { my ($what) = @_; return rand(100) < $rate{$what}; }

# What eyes and scanners take for each other.
my %like = ('a' => 'o', 'o' => 'a', 'i' => 'l', 'l' => 'i', 'n' => 'u', 'u' => 'n', 'e' => 'c', 'h' => 'b', 'm' => 'n', 'রে' => 'বে', "\x{9b0}" => "\x{9ac}",
    "\x{9ac}" => "\x{9b0}", "\x{9ae}" => "\x{9b8}", "\x{9b8}" => "\x{9ae}", "\x{9a8}" => "\x{9b2}", "\x{9bf}" => "\x{9c0}", "\x{9c1}" => "\x{9c2}");

sub look_alike {
    my ($text) = @_;
    my @at = grep { exists $like{ substr $text, $_, 1 } } 0 .. length($text) - 1;
    return $text if !@at;
    my $at = $at[ rand @at ];
    substr($text, $at, 1) = $like{ substr $text, $at, 1 };
    return $text;
}

# One letter of one word dropped, doubled, exchanged with its neighbour, or another.
sub slip {
    my ($text) = @_;
    my $n = length $text;
    return $text if $n < 4;
    my $at = 1 + int rand($n - 2);
    my $what = int rand 4;
    my $letter = substr $text, $at, 1;
    return $text if $letter eq ' ';
    substr($text, $at, 1) = $what == 0 ? '' : $what == 1 ? $letter x 2 : $what == 2 ? substr($text, $at + 1, 1) . $letter : substr($text, int rand $n, 1);
    substr($text, $at + 2, 1) = '' if $what == 2;
    return $text;
}

sub lose_word { my @w = split / /, $_[0]; splice @w, int rand @w, 1 if @w > 1; return join " ", @w; }
sub turn { my @w = split / /, $_[0]; push @w, shift @w if @w > 1; return join " ", @w; }
sub digit { my ($text) = @_; my $at = int rand length $text; substr($text, $at, 1) = (substr($text, $at, 1) + 1 + int rand 9) % 10 if substr($text, $at, 1) =~ /\d/; return $text; }

sub misspell {
    my ($text, $whose) = @_;
    return $text if $text eq '';
    $text = slip($text) if happens("${whose}_typo");
    $text = look_alike($text) if happens('lookalike');
    $text = lose_word($text) if happens("${whose}_word_lost");
    return $text;
}

sub wrong_date {
    my ($date) = @_;
    my ($y, $m, $d) = split /-/, $date;
    return '' if happens('birth_missing');
    return "$y-01-01" if happens('birth_january');
    return "$y-$d-$m" if $d <= 12 && happens('birth_swapped');
    return sprintf '%s-%s-%02d', $y, $m, 1 + ($d + 9) % 28 if happens('birth_digit');
    return sprintf '%d-%s-%s', $y + (rand 2 < 1 ? 1 : -1), $m, $d > 28 ? 28 : $d if happens('birth_year');
    return $date;
}

my @places;
sub spoil {
    my (%r) = @_;
    for my $field (qw(name_bn name_en)) {
        $r{$field} = misspell($r{$field}, 'name');
        $r{$field} = turn($r{$field}) if happens('name_turned');
        $r{$field} =~ s/(\w{3})(\w{3})/$1 $2/ if happens('name_split');
    }
    $r{ rand 2 < 1 ? 'name_bn' : 'name_en' } = '' if $r{name_bn} ne '' && $r{name_en} ne '' && happens('script_missing');
    $r{$_} = happens("${_}_missing") ? '' : misspell($r{$_}, 'parent') for qw(father mother);
    $r{birth_date} = wrong_date($r{birth_date});
    $r{sex} = happens('sex_missing') ? '' : happens('sex_wrong') ? ($r{sex} =~ /^f/i ? 'm' : 'f') : $r{sex};
    $r{place} = happens('place_missing') ? '' : happens('place_other') ? $places[ rand @places ] : $r{place};
    for my $number (qw(nid brn mobile)) {
        $r{$number} = digit($r{$number}) if $r{$number} ne '' && happens("${number}_digit");
        $r{$number} = '' if happens("${number}_missing");
    }
    $r{mobile} = '017' . sprintf '%08d', int rand 1e8 if happens('mobile_other');
    $r{wallet} = '' if happens('wallet_missing') || $r{mobile} eq '';
    $r{account} = '';
    return %r;
}

my @head = split /\t/, <STDIN> =~ s/\n//r;
print join("\t", @head), "\n";
while (my $line = <STDIN>) {
    chomp $line;
    my %r;
    @r{@head} = split /\t/, $line, -1;
    next if $r{overlap} ne 'first';
    push @places, $r{place} if $r{place} ne '';
    print "$line\n";
    next if rand(10) >= 6;
    for my $copy (1 .. 1 + int rand 3) {
        my %copy = spoil(%r);
        @copy{qw(id overlap)} = ("$r{id}-$copy", 'mistaken');
        print join("\t", @copy{@head}), "\n";
    }
}
