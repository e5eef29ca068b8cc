#!/usr/bin/perl
# variations.pl SEED <records.tsv >list.tsv - people as other lists hold them: of the simulator's records (as `ekok-sim records`
# writes them) each person's first stays as it is, and half of the persons get one or two records of other programmes that vary:
# fields missing, day and month exchanged, slips of a key in an NID, a woman under the name she took when she married, names in
# the other script or in both at once. Rates in hundredths are guesses of ours and independent of each other. Two rules
# came of a figure on such a list (seed 9): mistyped NIDs, and words of marriage. Another seed shows that the draw was not fitted, no more.
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));
use utf8;

my %rate = (
    name_missing_script => 40, name_mixed => 12, name_slip => 10, parent_slip => 8, married => 35, husband => 40,
    father_missing => 12, mother_missing => 12, birth_missing => 4, birth_swapped => 7, birth_january => 7, sex_missing => 5,
    place_missing => 6, place_upazila => 10, nid_missing => 30, nid_slip => 8, nid_short => 30, brn_missing => 30, mobile_missing => 30,
    mobile_other => 35, wallet_missing => 60,
);
my %married = (en => [qw(Begum Khatun Bibi Khanam)], bn => [qw(বেগম খাতুন বিবি খানম)]);
srand($ARGV[0] // die "usage: variations.pl SEED <records.tsv >list.tsv\n");

sub happens { my ($what) = @_; return rand(100) < $rate{$what}; }
sub one_of { my (@of) = @_; return $of[ rand @of ]; }

# A key missed, struck twice, or its neighbour's turn.
sub slip {
    my ($text) = @_;
    my $at = 1 + int rand(length($text) - 2);
    return $text if length $text < 4 || substr($text, $at, 2) =~ /\s/;
    my $how = int rand 3;
    substr($text, $at, 2) = $how == 0 ? substr($text, $at, 1) : $how == 1 ? substr($text, $at, 1) . substr($text, $at, 2) : reverse substr $text, $at, 2;
    return $text;
}

# Another digit, or two neighbours exchanged.
sub digits_slip {
    my ($number) = @_;
    my $at = int rand(length($number) - 1);
    substr($number, $at, 2) = reverse substr $number, $at, 2;
    substr($number, $at, 1) = (substr($number, $at, 1) + 1 + int rand 9) % 10 if rand 2 < 1;
    return $number;
}

# The last word gives way to one that married women bear; the same one in both scripts.
sub marry {
    my ($r) = @_;
    my $which = int rand 4;
    for my $script (qw(en bn)) {
        my @word = split / /, $r->{"name_$script"};
        next if !@word;
        splice @word, -1, 1 if @word > 1;
        $r->{"name_$script"} = join ' ', @word, $married{$script}[$which];
    }
    return;
}

# Half of the words in either script, where both have as many.
sub mix {
    my ($r) = @_;
    my @bn = split / /, $r->{name_bn};
    my @en = split / /, $r->{name_en};
    return if @bn != @en || @bn < 2;
    $r->{name_en} = join ' ', map { $_ % 2 == 0 ? $en[$_] : $bn[$_] } 0 .. $#bn;
    $r->{name_bn} = '';
    return;
}

my (@men, @programmes);

sub vary {
    my (%r) = @_;
    my $grown = $r{birth_date} lt '2004';
    marry(\%r) if $grown && $r{sex} =~ /^f/i && happens('married');
    if ($r{name_bn} ne '' && $r{name_en} ne '') {
        happens('name_mixed') ? mix(\%r) : happens('name_missing_script') ? ($r{ one_of(qw(name_bn name_en)) } = '') : ();
    }
    for (qw(name_bn name_en)) { $r{$_} = slip($r{$_}) if $r{$_} ne '' && happens('name_slip'); }
    for (qw(father mother)) { $r{$_} = happens("${_}_missing") ? '' : $r{$_} ne '' && happens('parent_slip') ? slip($r{$_}) : $r{$_}; }
    $r{father} = one_of(@men) if $grown && @men && $r{sex} =~ /^f/i && happens('married') && happens('husband');
    my ($y, $m, $d) = split /-/, $r{birth_date};
    $r{birth_date} = happens('birth_missing') ? '' : happens('birth_january') ? "$y-01-01" : $d <= 12 && happens('birth_swapped') ? "$y-$d-$m" : $r{birth_date};
    $r{sex} = '' if happens('sex_missing');
    $r{place} = happens('place_missing') ? '' : happens('place_upazila') ? substr($r{place}, 0, 6) : $r{place};
    if ($r{nid} ne '') {
        $r{nid} = substr $r{nid}, 4 if length $r{nid} == 17 && happens('nid_short');
        $r{nid} = happens('nid_missing') ? '' : happens('nid_slip') ? digits_slip($r{nid}) : $r{nid};
    }
    $r{brn} = '' if happens('brn_missing');
    $r{mobile} = happens('mobile_missing') ? '' : happens('mobile_other') ? '018' . sprintf '%08d', int rand 1e8 : $r{mobile};
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
    push @men, $r{father} if $r{father} ne '' && @men < 5000;
    push @programmes, $r{programme} if !grep { $_ eq $r{programme} } @programmes;
    print "$line\n";
    next if rand(10) >= 5;
    for my $copy (1 .. 1 + int rand 2) {
        my %copy = vary(%r);
        @copy{qw(id overlap programme)} = ("$r{id}-$copy", 'varied', one_of(grep { $_ ne $r{programme} || @programmes == 1 } @programmes));
        print join("\t", @copy{@head}), "\n";
    }
}
