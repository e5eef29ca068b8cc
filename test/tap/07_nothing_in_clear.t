#!/usr/bin/perl
# Law 6: no clear identifier at rest. What the sources really sent is searched for in the data directory with its WAL,
# a dump, and every log.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 400, '--seed', 17, '--defects', '0.05');
my $dir = $stack->dir;
my ($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'a run' or BAIL_OUT $out;
$stack->write_file("$dir/run.log", $out);
($code, $out) = $stack->ekok('sweep');
($code, $out) = $stack->ekok('report');
$stack->write_file("$dir/report.log", $out);

# Numbers of ten digits and more as the sources send them: any script of digits, with or without separators.
my %number;
for my $line (split /\n/, $stack->read_file("$dir/sim/ports")) {
    my ($source, $port) = split ' ', $line;
    my ($path) = $stack->definition($source)->{source}{url} =~ m{^https://localhost:\d+(\S+)};
    my ($status, $page) = $stack->capture('curl', '-sS', '--cacert', "$dir/certs/ca.pem", '--cert', "$dir/certs/client.pem",
        '--key', "$dir/certs/client.key", "https://localhost:$port$path");
    is $status, 0, "$source answers";
    for my $digit (0 .. 9) {
        my $bengali = pack 'C3', 0xE0, 0xA7, 0xA6 + $digit;
        $page =~ s/$bengali/$digit/g;
    }
    $page =~ s/(?<=\d)[ -](?=\d)//g;
    $number{$_}++ for grep { length($_) >= 10 && length($_) <= 17 } $page =~ /(?<!\d)(\d+)(?!\d)/g;
}
# The sources' own record and household numbers, and moments in time, are no identifiers of people.
my %known = map { $_ => 1 } map { /(\d+)/g } split /\n/, $stack->sql(q{SELECT record_id FROM registry.enrolment UNION SELECT household FROM
    registry.enrolment WHERE household IS NOT NULL UNION SELECT record_id FROM etl.quarantine WHERE record_id IS NOT NULL});
my @number = grep { !$known{$_} && !/^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d+$/ } sort keys %number;
cmp_ok scalar(@number), '>', 200, scalar(@number) . ' identifiers to search for';

$stack->sql('CHECKPOINT');
my $list = "$dir/numbers.txt";
$stack->write_file($list, join "\n", @number[0 .. ($#number < 4999 ? $#number : 4999)], '');
($code) = $stack->capture('sh', '-c', "pg_dump -h '$dir' -U postgres registry >'$dir/dump.sql'");
is $code, 0, 'a dump';
my $control = $stack->sql('SELECT name_bn FROM registry.enrolment WHERE name_bn IS NOT NULL ORDER BY id LIMIT 1');
$stack->write_file("$dir/control.txt", "$control\n");
sub found { my ($patterns, @where) = @_; return ($stack->capture('grep', '-raFlf', $patterns, @where))[1]; }
like found("$dir/control.txt", "$dir/data"), qr/base/, 'the search finds a name in the data directory (so it can find)';
is found($list, "$dir/data"), '', 'no identifier in the data directory, WAL included';
is found($list, "$dir/dump.sql"), '', 'none in a dump';
is found($list, "$dir/server.log", "$dir/run.log", "$dir/report.log", "$dir/sim.log"), '', 'none in a log or the report';

done_testing;
