#!/usr/bin/perl
# Files dropped into folders: an Excel programme and a CSV one load, what is damaged is set aside with its reason and line, a
# second run writes nothing, a content is taken once under whatever name, a file that can't be read does not stop the next,
# and a daemon killed at any point ends in the state of one that never was.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Ekok::Workbook;
use File::Path qw(make_path remove_tree);
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 3);
my $inbox = $stack->dir . '/inbox';

# Two programmes that no system reports: their registers are kept in Excel.
my %format = (excel => 'xlsx', csv => 'csv', lines => 'jsonl');
my %ending = (excel => 'xlsx', csv => 'csv', lines => 'jsonl');

sub definition {
    my ($name) = @_;
    my %table = $name eq 'lines' ? () : (
        table   => { header_rows => 2, title_rows => 1 },
        columns => { no => 'Serial No.', name => 'নাম (বাংলা)', english => 'Name', born => 'Date of Birth', nid => 'NID No',
            mobile => 'Mobile', district => 'Address / District', upazila => 'Address / Upazila' });
    return {
        source => { name => $name, format => $format{$name}, folder => "$inbox/$name", names => "*.$ending{$name}", page_bytes => 65536,
            row_bytes => 4096, ministry => 'MoDMR' },
        programmes => [$name eq 'excel' ? 'WFM' : 'TRE'],
        paging => { style => 'file', size => 20 },
        file   => { settle => 0 },
        map    => { record_id => 'no', programme => $name eq 'excel' ? "'WFM'" : "'TRE'", name_bn => 'name in bijoy', name_en => 'english',
            birth_date => 'born', nid => 'nid', mobile => 'mobile', geo => 'district + upazila' },
        format => { birth_date => 'dd/mm/yyyy' }, %table };
}

remove_tree($stack->dir . '/sources');
make_path($stack->dir . '/sources', map { "$inbox/$_" } keys %format);
system 'chown', '-R', 'postgres', $inbox, $stack->dir . '/sources' if $> == 0;
$stack->write_file($stack->dir . "/sources/$_.json", JSON::PP->new->encode(definition($_))) for keys %format;
$stack->reset;

# Person n as a row: NIDs of 13 digits and 10 by turns, some dates as dates, some as text; nobody's numbers.
sub nid13 { my ($n) = @_; return sprintf '26%011d', 10_000_000 + $n; }
my $bijoy = "Av\xE2\x80\xA0qkv";

sub person {
    my ($n, %change) = @_;
    my %row = (no => "W-$n", name => undef, english => "PERSON NUMBER $n", born => { d => 20000 + $n }, nid => { n => nid13($n) },
        mobile => { n => 1_700_000_000 + $n }, district => '26', upazila => { n => 14 }, %change);
    return [@row{qw(no english name born nid mobile district upazila)}];
}

my @head = (['Work For Money'], ['Serial No.', 'Name', 'নাম (বাংলা)', 'Date of Birth', 'NID No', 'Mobile', 'Address', undef],
    [undef, undef, undef, undef, undef, undef, 'District', 'Upazila']);
my @merges = (map({ "${_}2:${_}3" } 'A' .. 'F'), 'G2:H2');
my @sound  = map { person($_) } 1 .. 110;
$sound[4] = person(5, born => '07/05/1971', name => 'রহিমা');
$sound[4] = person(5, born => '07/05/1971');
my @damaged = (
    person(201, nid => { n => '1.9712614123456701E+16' }),    # 17 digits as a number: the last are gone
    person(202, nid => { n => '9212345678' }, mobile => { e => '#N/A' }),
    person(203, nid => { n => '123456789012' }),              # 13 digits, a leading zero lost
    person(204, born => { d => 60 }),                         # 29 February 1900, which spreadsheets believe in
    person(205, english => { b => 1 }),
);

sub drop_excel {
    my ($name, @rows) = @_;
    Ekok::Workbook::write("$inbox/excel/$name", sheet => [@head, @rows], merges => \@merges);
    return;
}

sub csv_rows { return join '', map { join(',', @$_) . "\r\n" } @_; }

sub drop_csv {
    my ($name, @rows) = @_;
    my $head = "\xEF\xBB\xBFTest relief,,,,,,,\r\n" . csv_rows(['Serial No.', 'Name', 'নাম (বাংলা)', 'Date of Birth', 'NID No',
        'Mobile', 'Address', ''], ['', '', '', '', '', '', 'District', 'Upazila']);
    $stack->write_file("$inbox/csv/$name", $head . join '', @rows);
    return;
}

sub csv_person { my ($n) = @_; return csv_rows(["C-$n", "\"PERSON, $n\"", '', '07/05/1971', nid13(500 + $n), '017' . sprintf('%08d', $n), 26, 14]); }

drop_excel('2026-01.xlsx', @sound[0 .. 59], @damaged, @sound[60 .. 109]);
drop_csv('a.csv', map({ csv_person($_) } 1 .. 30), "C-31,only,three\r\n", csv_rows(['C-32', '', 'iwngv', '07/05/1971', nid13(900), '', 26, 14]),
    csv_rows(['C-33', '', 'xx', "\"07/05/\n1971\"", nid13(901), '', 26, 14]), csv_person(34));
$stack->write_file("$inbox/lines/a.jsonl", join "\n", map({ qq({"no":"L-$_","english":"LINE $_","born":"07/05/1971","nid":") . nid13(700 + $_) . '"}' } 1 .. 25),
    '{"no":"L-26", broken', '', '{"no":"L-27"}{"no":"L-28"}', '{"no":"L-29","english":"LAST","born":"07/05/1971","nid":"' . nid13(799) . '"}');
system 'chown', '-R', 'postgres', $inbox if $> == 0;

my ($code, $out) = $stack->etld;
is $code, 0, 'three folders load' or BAIL_OUT $out;

is $stack->sql(q{SELECT string_agg(format('%s %s %s %s', source, fetched, inserted, quarantined), ', ' ORDER BY source) FROM etl.run}),
    'csv 34 32 2, excel 115 110 5, lines 28 26 2', 'books of each source';
is $stack->sql(q{SELECT string_agg(format('%s %s', source, pages), ', ' ORDER BY source) FROM etl.run}), 'csv 2, excel 6, lines 2',
    'in pages of twenty';
sub reasons {
    my ($source) = @_;
    return $stack->sql(qq{SELECT string_agg(format('%s:%s', coalesce(r->>'line', '-'), r->>'reason'), ' ' ORDER BY (r->>'line')::int, r->>'reason')
        FROM etl.quarantine q, jsonb_array_elements(q.reasons) r WHERE q.source = '$source'});
}
is reasons('excel'), join(' ', '64:birth_year_contradicts', '64:digits_lost', '65:cell_error', '66:bad_nid', '66:digits_lost', '67:impossible_date', '68:wrong_type'),
    'Excel: each reason, at its row of the sheet';
is reasons('csv'), '34:ragged_row 36:bad_bijoy 36:control_character', 'CSV: each reason, at its line of the file';
is reasons('lines'), '26:malformed 28:duplicate_field 28:malformed', 'JSON Lines: a bad line is one record';
is $stack->sql(q{SELECT birth_date FROM registry.enrolment WHERE record_id = 'W-1'}), '1954-10-04', 'a date of a cell';
is $stack->sql(q{SELECT birth_date FROM registry.enrolment WHERE record_id = 'W-5'}), '1971-05-07', 'a date as text';
is $stack->sql(q{SELECT name_bn FROM registry.enrolment WHERE record_id = 'C-32'}), 'রহিমা', 'a name in Bijoy is Unicode now';
is $stack->sql(q{SELECT DISTINCT geo FROM registry.enrolment WHERE source = 'excel'}), '2614', 'merged headers: address / district, upazila';
ok !-e "$inbox/excel/2026-01.xlsx" && -e "$inbox/excel/done/2026-01.xlsx", 'a loaded file is in done/';
is $stack->sql(q{SELECT string_agg(state, ' ') FROM etl.file}), 'loaded loaded loaded', 'and ended in the books';

# Nothing new, and the same again under another name.
my $versions = $stack->row_versions;
system 'cp', "$inbox/excel/done/2026-01.xlsx", "$inbox/excel/2026-02.xlsx";
system 'chown', '-R', 'postgres', $inbox if $> == 0;
($code, $out) = $stack->etld;
is $code, 0, 'a second run' or diag $out;
is $stack->row_versions, $versions, 'zero row versions';
is $stack->sql('SELECT sum(fetched) FROM etl.run WHERE id > 3'), 0, 'nothing was fetched';
ok !-e "$inbox/excel/2026-02.xlsx" && 2 == (() = glob "$inbox/excel/done/*.xlsx"), 'the known content is put away unread';

# One file that cannot be read to its end stops neither what stood before its fault nor the next file.
drop_csv('b.csv', map({ csv_person($_) } 101 .. 125), "C-126,\"a quote that is not closed,,07/05/1971,1,2,3,4\r\n", csv_person(127), csv_person(128));
drop_csv('c.csv', csv_person(129));
$stack->write_file("$inbox/excel/old.xlsx", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" . "\0" x 2000);
$stack->write_file("$inbox/excel/new.part.xlsx.part", 'x');
symlink '/etc/passwd', "$inbox/csv/link.csv";
system 'chown', '-R', '-h', 'postgres', $inbox if $> == 0;
($code, $out) = $stack->etld;
is $code, 3, 'a run with files that can\'t be read ends with 3';
is $stack->sql(q{SELECT string_agg(name || ': ' || problem, '; ' ORDER BY name) FROM etl.file WHERE state = 'refused'}),
    'b.csv: broken at line 29: a quote that is missing or too many: rows can\'t be told apart from here on; old.xlsx: an old Excel file (.xls): save it as .xlsx', 'each with its fault in words';
is $stack->sql(q{SELECT count(*) FROM registry.enrolment WHERE record_id ~ '^C-1[0-9][0-9]$'}), 21, 'the page before the fault and the file behind it are loaded';
ok -e "$inbox/csv/refused/b.csv" && -e "$inbox/excel/refused/old.xlsx", 'they are in refused/';
ok -l "$inbox/csv/link.csv" && -e "$inbox/excel/new.part.xlsx.part", 'a link and a half written file are left alone';

# kill -9 at every point of every file and page.
unlink "$inbox/csv/link.csv", "$inbox/excel/new.part.xlsx.part";
sub lay_out {
    remove_tree("$inbox/$_") for keys %format;
    make_path(map { "$inbox/$_" } keys %format);
    drop_excel('1.xlsx', @sound[0 .. 49], @damaged);
    drop_excel('2.xlsx', @sound[50 .. 79]);
    drop_csv('1.csv', map { csv_person($_) } 1 .. 45);
    system 'chown', '-R', 'postgres', $inbox if $> == 0;
    $stack->reset;
    return;
}
my $config = $stack->dir . '/ekok.ini';
(my $text = $stack->read_file($config)) =~ s/^workers = .*/workers = 1/m;
$stack->write_file($config, $text);
lay_out();
($code, $out) = $stack->etld;
is $code, 0, 'a run that nobody kills' or BAIL_OUT $out;
my $undisturbed = $stack->contents;
my $files = $stack->sql(q{SELECT string_agg(name || ' ' || state, ', ' ORDER BY name) FROM etl.file});
is $files, '1.csv loaded, 1.xlsx loaded, 2.xlsx loaded', 'loads three files';
my @points = grep { /^(?:run|page|file)_/ } map { /^X\((\w+)/ ? $1 : () } split /\n/, $stack->read_file("$Ekok::Stack::ROOT/etl-daemon/src/base/stop_point.def");
for my $point (@points) {
    for my $nth ($point =~ /^run/ ? 1 : $point =~ /^file/ ? (1, 2, 3) : (2, 5, 7)) {
        lay_out();
        ($code) = $stack->etld({ EKOK_STOP_POINT => "$point:$nth:kill" });
        is $code, 137, "killed at $point, passage $nth";
        ($code, $out) = $stack->etld;
        is $code, 0, '  a rerun ends well' or diag $out;
        is $stack->contents, $undisturbed, '  the contents are those of a run never killed';
        is $stack->sql(q{SELECT string_agg(name || ' ' || state, ', ' ORDER BY name) FROM etl.file}), $files, '  so are the files';
        is join(' ', sort map { s{.*/(\w+/done/)}{$1}r } glob("$inbox/*/done/*"), glob("$inbox/*/*.*")), 'csv/done/1.csv excel/done/1.xlsx excel/done/2.xlsx',
            '  which are put away';
    }
}

done_testing;
