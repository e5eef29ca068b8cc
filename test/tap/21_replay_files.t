#!/usr/bin/perl
# Rows of CSV files and workbooks that a wrong mapping set aside: once the mapping is mended a replay loads them, and the
# registry is as if it had been right from the start; what is still bad stays, at its line; a line whose header does not fit
# the definition any more is left alone.
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
my %words = (running => 'active', stopped => 'suspended');

# header_rows and the words of the column "State" that the mapping knows.
sub definition {
    my ($name, $rows, @known) = @_;
    return {
        source => { name => $name, format => $name eq 'excel' ? 'xlsx' : 'csv', folder => "$inbox/$name", ministry => 'MoDMR', row_bytes => 4096 },
        programmes => [$name eq 'excel' ? 'WFM' : 'TRE'],
        paging => { style => 'file', size => 20 },
        file   => { settle => 0 },
        table  => { header_rows => $rows, title_rows => 1 },
        columns => { no => $rows == 2 ? 'Card / No.' : 'Card', name => 'Name', born => 'Date of Birth', nid => 'NID', state => 'State' },
        map    => { record_id => 'no', programme => $name eq 'excel' ? "'WFM'" : "'TRE'", name_en => 'name', birth_date => 'born', nid => 'nid', status => 'state' },
        values => { status => { map { $_ => $words{$_} } @known } },
        format => { birth_date => 'dd/mm/yyyy' } };
}

# Thirty people in each, every third of them stopped, one with a NID that is none.
my @row = map { [$_, "PERSON, THE $_", '07/05/1971', $_ == 12 ? '12' : sprintf('26%011d', 10_000_000 + $_), $_ % 3 ? 'running' : 'stopped'] } 1 .. 30;
my @head = (['A register'], ['Card', 'Name', 'Date of Birth', 'NID', 'State'], ['No.']);

sub drop {
    remove_tree($inbox);
    make_path("$inbox/excel", "$inbox/csv");
    Ekok::Workbook::write("$inbox/excel/a.xlsx", sheet => [@head, map { ["E-$_->[0]", @$_[1 .. 4]] } @row]);
    $stack->write_file("$inbox/csv/a.csv", join '', "\xEF\xBB\xBFA register;;;;\r\n", "Card;Name;\"Date\r\nof Birth\";NID;State\r\n", "No.;;;;\r\n",
        map { qq{C-$_->[0];"$_->[1]";$_->[2];$_->[3];$_->[4]\r\n} } @row);
    system 'chown', '-R', 'postgres', $inbox if $> == 0;
    return;
}

sub fresh {
    my (@known) = @_;
    drop();
    remove_tree($stack->dir . '/sources');
    make_path($stack->dir . '/sources');
    $stack->write_file($stack->dir . "/sources/$_.json", JSON::PP->new->encode(definition($_, 2, @known))) for qw(excel csv);
    system 'chown', '-R', 'postgres', $stack->dir . '/sources' if $> == 0;
    $stack->reset;
    my ($code, $out) = $stack->etld;
    is $code, 0, 'both files are read' or diag $out;
    return;
}

sub mend { my ($rows, @known) = @_; $stack->define(map { $_ => definition($_, $rows, @known) } qw(excel csv)); return; }
sub replay { my ($name, @more) = @_; my ($code, $out) = $stack->ekok('quarantine', 'replay', '--source', $name, '--json', @more); return JSON::PP->new->decode($out =~ /(\{.*\})/s ? $1 : '{}'); }
sub contents { return $stack->contents(qw(cursor quarantine audit households_audited books)) }
sub still_bad {
    return $stack->sql(q{SELECT string_agg(format('%s %s:%s', source, r ->> 'line', r ->> 'reason'), ', ' ORDER BY source, (r ->> 'line')::int)
        FROM etl.quarantine q, jsonb_array_elements(q.reasons) r WHERE resolved_run IS NULL});
}

fresh(qw(running stopped));
my $right = contents();
my $bad = still_bad();
is $bad, 'csv 16:bad_nid, excel 15:bad_nid', 'one row of each is no good whatever the mapping';

fresh('running');
is $stack->sql(q{SELECT count(*) FROM registry.enrolment}), 40, 'a word that the mapping does not know sets ten aside in each';
for my $name (qw(csv excel)) {
    my $said = replay($name);
    is $said->{inserted}, 0, "$name: before the mapping is mended a replay loads nothing";
    is $said->{quarantined}, 10, '  all ten stay';
}
mend(2, qw(running stopped));
for my $name (qw(csv excel)) {
    my $said = replay($name);
    is $said->{inserted}, 9, "$name: once it is mended nine are loaded" or diag explain $said;
    is $said->{quarantined}, 1, '  one stays';
}
is contents(), $right, 'the registry is as if the mapping had been right from the start';
is still_bad(), $bad, 'what is still bad says why, at its line of the file';
is $stack->sql(q{SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused}), 0, 'the books balance';
is $stack->sql(q{SELECT count(*) FROM etl.quarantine WHERE resolution = 'loaded'}), 18, 'what was loaded left quarantine';
my $versions = $stack->row_versions;
replay($_) for qw(csv excel);
is $stack->row_versions, $versions, 'again: nothing is written';

# Killed in the middle: each line is loaded once.
for my $point (qw(page_merged page_committed)) {
    fresh('running');
    mend(2, qw(running stopped));
    for my $name (qw(csv excel)) {
        my ($code) = $stack->ekok({ EKOK_STOP_POINT => "$point:" . ($name eq 'csv' ? 4 : 1) . ':kill' }, 'quarantine', 'replay', '--source', $name);
        isnt $code, 0, "$name: killed at $point";
        replay($name);
    }
    is contents(), $right, '  the next replay ends it, with the same registry';
}

# The header of a kept line is the one that it came under.
fresh('running');
mend(1, qw(running stopped));
my $said = replay('csv');
is $said->{inserted} + $said->{quarantined}, 0, 'a definition with another number of header rows loads no line that came under two';
is $said->{unreadable}, 10, '  and says so';
is $stack->sql(q{SELECT count(*) FROM etl.quarantine WHERE source = 'csv' AND resolved_run IS NULL}), 10, '  they stay as they were';
done_testing;
