#!/usr/bin/perl
# workbook.pl FILE <RECORDS - the register of the Food Friendly Programme as an upazila office keeps it in Excel: some of the
# people of `ekok-sim records` again, under titles and merged headers, birth dates as dates, NIDs as text where somebody
# took care and as numbers elsewhere. Two rows are spoilt as Excel spoils them. Whom the programme feeds is invented.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Workbook;
use Time::Local qw(timegm);

my ($file) = @ARGV or die "usage: workbook.pl FILE <RECORDS\n";
my @name = split /\t/, <STDIN> =~ s/\n//r;
my @row;
while (<STDIN>) {
    chomp;
    my %r;
    @r{@name} = split /\t/, $_, -1;
    next if $r{overlap} ne 'first' || !$r{nid} || $r{person} % 40 != 7;
    my ($year, $month, $day) = split /-/, $r{birth_date};
    my $serial = 25569 + int(timegm(0, 0, 0, $day, $month - 1, $year) / 86400);
    my @place = $r{place} =~ /^(..)(..)(..)/;
    push @row, [sprintf('FFP-%07d', $r{person}), $r{name_bn} || undef, $r{name_en} || undef, $r{father} || undef, { d => $serial },
        length $r{nid} < 16 && $r{nid} !~ /^0/ && $r{person} % 3 ? { n => $r{nid} } : $r{nid}, $r{mobile} || undef, map({ { n => $_ + 0 } } @place)];
}
$row[3][5] = { n => '1.9712614123456701E+16' } if @row > 3;    # a number of 17 digits: Excel keeps fifteen
$row[5][4] = { e => '#N/A' } if @row > 5;
my @head = (['Food Friendly Programme'],
    ['Card No.', 'নাম', 'Name', 'Father or Husband', 'Date of Birth', 'NID No.', 'Mobile', 'Address', undef, undef],
    [(undef) x 7, 'Division', 'District', 'Upazila']);
Ekok::Workbook::write($file, sheet => [@head, @row], merges => [map({ "${_}2:${_}3" } 'A' .. 'G'), 'H2:J2']);
