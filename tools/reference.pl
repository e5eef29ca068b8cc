#!/usr/bin/perl
# reference.pl [--check] - writes docs/reference/*.md from the *.def tables; with --check only says whether they are current.
use strict;
use warnings;
use FindBin;
chdir "$FindBin::Bin/.." or die;

# page => [title, what a reader finds there, .def file, columns, which of the table's arguments they are]
my %page = (
    'reasons.md' => [
        'Reasons', 'Why a record is set aside (`etl.quarantine.reasons`). Codes are stable.',
        'etl-daemon/src/row/reason.def', [qw(code meaning)], [1, 2],
    ],
    'fields.md' => [
        'Fields', 'What a source definition may map to. A longer value is the reason `too_long`.',
        'etl-daemon/src/row/target.def', ['field', 'ceiling, bytes', 'required'], [1, 2, 3],
    ],
    'statuses.md' => [
        'Statuses of the core', 'What identifier parsers answer; SQLSTATE 22P02 in SQL, a reason\'s detail in the daemon.',
        'extension/core/status.def', [qw(code message detail hint)], [1, 2, 3, 4],
    ],
    'stop-points.md' => [
        'Stop points', 'Where a test can kill or hold the daemon (`EKOK_STOP_POINT=name:n:kill` or `:hold`).',
        'etl-daemon/src/base/stop_point.def', ['name', 'what has happened'], [0, 1],
    ],
    'source-keys.md' => [
        'Keys of a source definition', 'Beside these: `map`, `values`, `columns`, `contract` and `programmes`, see ../OPERATIONS.md and source.schema.json.',
        'etl-daemon/src/config/source_key.def', ['section', 'key', 'paging style', 'default', 'accepted'], [0, 1, 4, 5, 6],
    ],
    'inquiry-keys.md' => [
        'Keys of a file that says how a system is asked', 'One file a system in `[verify] directory`; see ../verification.md.',
        'etl-daemon/src/config/inquiry_key.def', [qw(section key default accepted)], [0, 1, 4, 5],
    ],
    'hardening.md' => [
        'Settings of a hardened server', 'Printed by `ekok harden --print`, held against a running server by `ekok harden --check`; see ../continuity.md.',
        'etl-daemon/src/cli/harden_setting.def', [qw(setting wanted why source)], [0, 3, 4, 5],
    ],
    'hardening-checks.md' => [
        'What else is checked of a server', 'By `ekok harden --check`; see ../continuity.md.',
        'etl-daemon/src/cli/harden_check.def', ['check', 'what must hold', 'how to mend it', 'source'], [0, 1, 3, 4],
    ],
    'settings.md' => [
        'Settings', 'The daemon\'s configuration file (`ekok.ini`); relative paths are taken from the file\'s own folder.',
        'etl-daemon/src/config/option.def', [qw(section key default accepted)], [0, 1, 4, 5],
    ],
);

my %style = (NETWORK => 'all but file', LISTS => 'any', ANY => 'any, and verification', SIZED => 'page, offset, cursor, since, link',
    PARTS => 'all but whole', FILE_STYLE => 'file');

# The X(...) rows of a .def file, each a list of its arguments without quotes.
sub rows {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!";
    local $/ = undef;
    my $text = <$in>;
    $text =~ s{/\*.*?\*/}{}gs;
    my @rows;
    while ($text =~ /^X\(((?:[^()"]|"(?:[^"\\]|\\.)*")*)\)/mg) {
        my $inside = $1;
        my @argument;
        while ($inside =~ /\G\s*((?:"(?:[^"\\]|\\.)*"\s*)+|[^,"]+)\s*(?:,|$)/g) {
            my $value = $1;
            $value =~ s/"\s*"//g;
            $value =~ s/^\s*"?|"?\s*$//g;
            push @argument, $value;
        }
        push @rows, \@argument;
    }
    return @rows;
}

my $stale = 0;
for my $name (sort keys %page) {
    my ($title, $about, $file, $columns, $pick) = @{ $page{$name} };
    my @rows = rows($file);
    die "$file: no row found" if !@rows;
    my $text = "<!-- Generated from $file by tools/reference.pl; do not edit. -->\n# $title\n\n$about\n\n";
    $text .= '| ' . join(' | ', @$columns) . " |\n|" . '---|' x @$columns . "\n";
    for my $row (@rows) {
        my @cell = map { my $c = $row->[$_] // ''; $c = 'required' if $c eq 'NULL'; $c =~ s/\|/\\|/g; $c } @$pick;
        $cell[2] = $style{ $cell[2] } // lc $cell[2] if $name eq 'source-keys.md';
        $text .= '| ' . join(' | ', @cell) . " |\n";
    }
    my $path = "docs/reference/$name";
    my $old = '';
    if (open my $in, '<', $path) { local $/ = undef; $old = <$in> // ''; }
    next if $old eq $text;
    if (@ARGV && $ARGV[0] eq '--check') {
        print "$path is not what $file says: run tools/reference.pl\n";
        $stale = 1;
        next;
    }
    mkdir 'docs/reference';
    open my $out, '>', $path or die "$path: $!";
    print $out $text;
    close $out or die;
}
exit $stale;
