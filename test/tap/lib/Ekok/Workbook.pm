package Ekok::Workbook;

# Writes workbooks (.xlsx) for tests, as Excel lays them out: shared strings, styles with a date format, sheets whose cells
# are given as Perl values. Nothing here is read by the product.

use strict;
use warnings;
use IO::Compress::Zip qw(:constants $ZipError);

my $TIME = 1_577_836_800;    # the same cells give the same bytes

# write(path, sheet => [[cell, ...], ...], merges => ['C1:D1', ...], date1904 => 0, name => 'Sheet1')
# A cell is undef (absent), a string (text), or { n => number } { d => serial } { b => 0|1 } { e => '#N/A' } { i => inline }.
sub write {
    my ($path, %book) = @_;
    my (%index, @string);
    my $shared = sub { my ($text) = @_; $index{$text} //= push(@string, $text) - 1; return $index{$text} };
    my $rows = '';
    my $number = 0;
    for my $row (@{ $book{sheet} }) {
        $number++;
        next if !defined $row;
        my $column = 0;
        $rows .= qq{<row r="$number">} . join('', map { cell($_, letters($column++) . $number, $shared) } @$row) . '</row>';
    }
    my $merges = join '', map { qq{<mergeCell ref="$_"/>} } @{ $book{merges} // [] };
    my $main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
    my $rel  = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    my $name = escape($book{name} // 'Sheet1');
    my %part = (
        '[Content_Types].xml' => '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        'xl/workbook.xml' => qq{<workbook xmlns="$main" xmlns:r="$rel"><workbookPr date1904="} . ($book{date1904} ? 1 : 0)
            . qq{"/><sheets><sheet name="hidden" sheetId="1" state="hidden" r:id="rId9"/>}
            . qq{<sheet name="$name" sheetId="2" r:id="rId1"/></sheets></workbook>},
        'xl/_rels/workbook.xml.rels' => '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            . qq{<Relationship Id="rId1" Type="$rel/worksheet" Target="worksheets/sheet1.xml"/>}
            . qq{<Relationship Id="rId2" Type="$rel/sharedStrings" Target="sharedStrings.xml"/>}
            . qq{<Relationship Id="rId3" Type="$rel/styles" Target="styles.xml"/></Relationships>},
        'xl/styles.xml' => qq{<styleSheet xmlns="$main"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/></numFmts>}
            . '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>',
        'xl/sharedStrings.xml' => qq{<sst xmlns="$main">} . join('', map { '<si><t xml:space="preserve">' . escape($_) . '</t></si>' } @string)
            . '</sst>',
        'xl/worksheets/sheet1.xml' => qq{<worksheet xmlns="$main"><sheetData>$rows</sheetData>}
            . ($merges ? "<mergeCells>$merges</mergeCells>" : '') . '</worksheet>',
    );
    my $zip;
    for my $part (sort keys %part) {
        if   (!$zip) { $zip = IO::Compress::Zip->new("$path.part", Name => $part, Time => $TIME) or die "zip: $ZipError" }
        else         { $zip->newStream(Name => $part, Time => $TIME) or die "zip: $ZipError" }
        $zip->print($part{$part});
    }
    $zip->close;
    rename "$path.part", $path or die "$path: $!";
    return;
}

sub letters {
    my ($column) = @_;
    return ($column >= 26 ? chr(64 + int($column / 26)) : '') . chr(65 + $column % 26);
}

sub escape { my ($text) = @_; $text =~ s/&/&amp;/g; $text =~ s/</&lt;/g; $text =~ s/"/&quot;/g; return $text; }

sub cell {
    my ($value, $at, $shared) = @_;
    return '' if !defined $value;
    return qq{<c r="$at" t="s"><v>} . $shared->($value) . '</v></c>' if !ref $value;
    my ($kind, $text) = %$value;
    return qq{<c r="$at"><v>$text</v></c>} if $kind eq 'n';
    return qq{<c r="$at" s="1"><v>$text</v></c>} if $kind eq 'd';
    return qq{<c r="$at" t="inlineStr"><is><t>} . escape($text) . '</t></is></c>' if $kind eq 'i';
    return qq{<c r="$at" t="$kind"><v>$text</v></c>};
}

1;
