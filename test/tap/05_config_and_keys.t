#!/usr/bin/perl
# Wrong configuration is one line with file, line, key and what is accepted; a key file that others can read is refused.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 5);
my $dir    = $stack->dir;
my $config = $stack->read_file("$dir/ekok.ini");

sub refused {
    my ($what, $exit, $pattern) = @_;
    my ($code, $out) = $stack->etld;
    is $code, $exit, "$what: exit code $exit";
    my @line = grep { !/event=/ } split /\n/, $out;
    is scalar(@line), 1, '  one line' or diag $out;
    like $line[0] // '', $pattern, '  it names what, where and what is accepted';
    is $stack->sql('SELECT count(*) FROM etl.run'), 0, '  nothing was begun';
    return;
}

my @wrong_config = (
    ['a number out of range', sub { s/^workers = .*/workers = 900/m },        qr/ekok\.ini:\d+: .*workers.*1 to 64/],
    ['a key nobody knows',    sub { s/^workers = .*/workforce = 3/m },        qr/ekok\.ini:\d+: .*workforce.*accepted/],
    ['a missing key',         sub { s/^conninfo = .*\n//m },                  qr/ekok\.ini:\d*:?.*conninfo/],
    ['a section nobody knows', sub { s/^\[run\]/[runs]/m },                   qr/ekok\.ini:\d+: .*runs/],
);
for my $case (@wrong_config) {
    local $_ = $config;
    $case->[1]->();
    $stack->write_file("$dir/ekok.ini", $_);
    refused("configuration: $case->[0]", 5, $case->[2]);
}
$stack->write_file("$dir/ekok.ini", $config);

# A definition is judged when it is added, and changes nothing when it is wrong.
my @wrong_source = (
    ['plain http',         sub { $_->{source}{url} =~ s/^https/http/ },         qr{/source/url: is http, not https; accepted: https:}],
    ['an unknown target',  sub { $_->{map}{shoe_size} = 'x' },                  qr{/map/shoe_size: there is no such target; accepted: record_id}],
    ['an unknown style',   sub { $_->{paging}{style} = 'random' },              qr{/paging/style: is not one of the words; accepted: page}],
    ['a bad date pattern', sub { $_->{format}{birth_date} = 'hh-qq' },          qr{/format/birth_date: is not a date pattern; accepted: yyyy}],
    ['no record_id',       sub { delete $_->{map}{record_id} },                 qr{/map/record_id: is missing; accepted: path}],
    ['another programme',  sub { $_->{programmes} = ['PEN'] },                  qr{may report other programmes}],
    ['an unknown ministry', sub { $_->{source}{name} = 'new'; $_->{source}{ministry} = 'XX'; $_->{programmes} = ['PEN'] },
        qr{ministry "XX" is not known}],
    ['an unknown source',  sub { $_->{source}{name} = 'new' },                  qr{source "new" is not known}],
);
my $versions = $stack->sql('SELECT count(*) FROM etl.source_definition');
for my $case (@wrong_source) {
    local $_ = $stack->definition('dss');
    $case->[1]->();
    $stack->write_file("$dir/wrong.json", JSON::PP->new->encode($_));
    my ($code, $out) = $stack->ekok('source', 'add', "$dir/sources/hsp.json", "$dir/wrong.json");
    is $code, 5, "definition: $case->[0]: exit code 5";
    my ($line) = grep { /^ekok: / } split /\n/, $out;
    like $line, qr{wrong\.json: }, '  the line names the file';
    like $line, $case->[2], '  and what is wrong';
    is $stack->sql('SELECT count(*) FROM etl.source_definition'), $versions, '  nothing is added';
}

# The key file.
my ($key) = $stack->read_file("$dir/etld.keys") =~ /^data 1 (\w+)/m;
like $key, qr/^[0-9a-f]{64}$/, 'the key file holds keys of 32 bytes';
is sprintf('%04o', (stat "$dir/etld.keys")[2] & 07777), '0600', 'ekok keys init writes it with mode 0600';
my ($code, $out) = $stack->ekok('keys', 'init', "$dir/etld.keys");
isnt $code, 0, 'ekok keys init never writes over a key file';
for my $mode (0640, 0604, 0666) {
    chmod $mode, "$dir/etld.keys";
    refused(sprintf('key file of mode %04o', $mode), 6, qr/etld\.keys.*06?00/);
}
chmod 0600, "$dir/etld.keys";
($code, $out) = $stack->etld;
is $code, 0, 'with mode 0600 the run goes through' or diag $out;

my $other = "$dir/other.keys";
($code, $out) = $stack->ekok('keys', 'init', $other);
is $code, 0, 'another key file';
(my $text = $config) =~ s/etld\.keys/other.keys/;
$stack->write_file("$dir/ekok.ini", $text);
($code, $out) = $stack->etld;
is $code, 6, 'a key file that did not seal this registry is refused';
like $out, qr/not the key/, '  and it says so' or diag $out;
unlike $out, qr/[0-9a-f]{32}/, '  without a key byte';
is $stack->sql("SELECT count(*) FROM etl.run"), 10, '  nothing was begun';
$stack->write_file("$dir/ekok.ini", $config);

# No secret in the process list, the environment or the logs.
$stack->reset;
unlink "$dir/held";
my $pid = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_copied:1:hold',
    "EKOK_STOP_FILE=$dir/held", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once');
ok $stack->wait_for(sub { -e "$dir/held" }, 120), 'a run held in the middle';
my $process = '/proc/' . $stack->daemon_pid;
my $seen = $stack->read_file("$process/cmdline");
like $seen, qr/ekok-etld/, 'its command line can be read';
$seen .= eval { $stack->read_file("$process/environ") } // '';    # closed to all but root: it leaves no core either
my @secret = $stack->read_file("$dir/etld.keys") =~ /\b([0-9a-f]{64})\b/g;
is scalar(grep { index($seen, $_) >= 0 } @secret), 0, 'no key in a command line or the environment';
unlink "$dir/held";
waitpid $pid, 0;
is scalar(grep { index($stack->read_file("$dir/etld.log") . $stack->read_file("$dir/server.log"), $_) >= 0 } @secret), 0,
    'no key in the logs';

done_testing;
