#!/usr/bin/perl
# The examples of README.md and docs/ are run: each ```console block's commands, and what they print must be what stands there.
# A line `...` stands for any lines. Times, rates and sizes that differ from run to run are compared as T.
use strict;
use warnings;
use FindBin;
use Test::More;

my $root = "$FindBin::Bin/../..";
chdir $root or die;
delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};    # a user types the commands; no make is above them

sub plain {
    my ($line) = @_;
    $line =~ s/\e\[[0-9;]*[A-Za-z]//g;
    $line =~ s/\[ *\d+s\]/[T]/g;
    $line =~ s/\b\d[\d,.]*( (?:rows\/s|records\/s|rows a second|seconds|second|min|ms|s|MiB)\b)/T$1/g;
    $line =~ s/\s+$//;
    return $line;
}

# matches(have, want): both lists of lines; a `...` in want takes any number of lines.
sub matches {
    my ($have, $want) = @_;
    my ($h, $w) = (0, 0);
    while ($w < @$want) {
        if ($want->[$w] =~ /^\s*\.\.\.$/) {
            $w++;
            return 1 if $w == @$want;
            $h++ while $h < @$have && $have->[$h] ne $want->[$w];
            return 0 if $h == @$have;
            next;
        }
        if ($h >= @$have || $have->[$h] ne $want->[$w]) {
            diag 'printed:   ' . ($have->[$h] // '(the end)'), "\nthe page:  $want->[$w]";
            return 0;
        }
        $h++;
        $w++;
    }
    return $h == @$have;
}

my $commands = 0;
for my $page ('README.md', glob 'docs/*.md') {
    open my $in, '<', $page or die "$page: $!";
    local $/ = undef;
    my $text = <$in>;
    while ($text =~ /^```console\n(.*?)^```$/msg) {
        my @part = split /^\$ (.*)\n/m, $1;
        shift @part;
        while (my ($command, $want) = splice @part, 0, 2) {
            my $have = qx{($command) 2>&1 </dev/null};
            my $ok = matches([map { plain($_) } split /\n/, $have], [map { plain($_) } split /\n/, $want // '']);
            ok $ok, "$page: $command" or diag "It printed:\n$have";
            $commands++;
        }
    }
}
cmp_ok $commands, '>', 0, "$commands commands of the documentation were run";
is system('perl', 'tools/reference.pl', '--check'), 0, 'docs/reference is what the .def tables say';
done_testing;
