#!/usr/bin/perl
# nhd.pl RECORDS TRUTH >FILE - the National Household Database as a CSV extract: who lives with whom, of `ekok-sim records` and
# `ekok-sim truth`, each with the proxy means score of the household. Shape of the extract, scores and who was never surveyed are
# invented; the survey lies two to three and a half years back, whenever that is.
use strict;
use warnings;
use Digest::MD5 qw(md5);
use POSIX qw(strftime);

my ($records, $truth) = @ARGV;
@ARGV == 2 or die "usage: nhd.pl RECORDS TRUTH >FILE\n";

sub rows {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!";
    my @name = split /\t/, <$in> =~ s/\n//r;
    return map { chomp; my %r; @r{@name} = split /\t/, $_, -1; \%r } <$in>;
}

sub quoted { my ($text) = @_; $text =~ s/"/""/g; return qq{"$text"}; }

my %household = map { ($_->{person} => $_->{household}) } rows($truth);
print "Household,Member,Name (Bangla),Name,Sex,Born,NID,BRN,PCode,PMT,Surveyed\r\n";
my %seen;
for my $r (rows($records)) {
    my $household = $household{ $r->{person} };
    next if !defined $household || $seen{ $r->{person} }++;
    my ($chance, $score, $day) = unpack 'nnn', md5("nhd $household");
    next if $chance % 4 == 0;    # never surveyed
    my $surveyed = strftime '%d/%m/%Y', gmtime(time - 86400 * (730 + $day % 540));
    my ($year, $month, $date) = split /-/, $r->{birth_date};
    printf "%s,%s,%s,%s,%s,%s,%s,%s,%s,%.2f,%s\r\n", "H$household", "M$r->{person}", quoted($r->{name_bn}), quoted($r->{name_en}), $r->{sex}, "$date/$month/$year",
        $r->{nid}, $r->{brn}, $r->{place}, 700 + $score % 16000 / 100, $surveyed;
}
