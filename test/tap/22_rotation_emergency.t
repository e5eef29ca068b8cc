#!/usr/bin/perl
# The emergency rotation of docs/keys.md, line by line as it is printed there: a thief's copy of the keys opens nothing after it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 400, '--seed', 23, '--defects', '0.02');
my $dir = $stack->dir;
my ($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
$stack->ekok('sweep');

my ($page) = $stack->read_file("$Ekok::Stack::ROOT/docs/keys.md") =~ /^## Emergency rotation$(.*?)^## /ms;
my ($block) = $page =~ /^```sh\n(.*?)^```/ms;
my @line = split /\n/, $block;
cmp_ok scalar(@line), '>=', 12, 'the page has its lines';

# What the thief has: the key file of before, and reads the database.
my $stolen = $stack->read_file("$dir/etld.keys");
$stack->write_file("$dir/stolen.keys", $stolen);
(my $config = $stack->read_file("$dir/ekok.ini")) =~ s/etld\.keys/stolen.keys/;
$stack->write_file("$dir/stolen.ini", $config);
chmod 0600, "$dir/stolen.keys";
system 'chown', 'postgres', "$dir/stolen.keys" if $> == 0;

# Numbers that the program can open with a key file, of the striking cases.
sub masks {
    my ($code, $out) = $stack->ekok('report', '--config', shift, '--json', '--cases', 20);
    my $report = $code == 0 ? JSON::PP->new->utf8->decode($out) : {};
    my $text = JSON::PP->new->canonical->encode($report);
    return scalar(() = $text =~ /"\*+[0-9]{4}"/g);
}
my $open = masks("$dir/ekok.ini");
cmp_ok $open, '>', 0, "with the keys $open numbers are opened for the report, masked";
is masks("$dir/stolen.ini"), $open, '  by a thief too';

# MACs, tokens and what is made of them are others after it.
sub rest {
    return $stack->contents('audit', 'enrolment', 'evidence', 'quarantine')
        . $stack->sql(q{SELECT md5(string_agg((to_jsonb(q) - ARRAY['row_mac', 'sealed'])::text, E'\n' ORDER BY q.id)) FROM etl.quarantine q});
}
my $found = rest();
for my $line (@line) {
    my (undef, @word) = split / /, $line;
    like $line, qr/^ekok /, $line;
    ($code, $out) = $stack->ekok(@word);
    is $code, 0, '  is done' or diag $out;
}
is masks("$dir/ekok.ini"), $open, 'with the new keys the same numbers are opened';
is masks("$dir/stolen.ini"), 0, 'with the stolen ones none';
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config', "$dir/stolen.ini", '--once');
is $code, 6, '  and the registry refuses them';
($code, $out) = $stack->etld;
is $code, 0, 'the daemon pulls on with the new ones' or diag $out;
$stack->ekok('sweep');
is rest(), $found, 'and the registry is the same';
is $stack->sql('SELECT sum(inserted) + sum(updated) FROM etl.run WHERE started_at > (SELECT max(finished_at) FROM keyring.rotation)'), 0,
    '  and no record looked changed';
is $stack->sql('SELECT count(*) FROM keyring.turned'), 0, 'no old token is left anywhere';
is $stack->sql('SELECT count(*) FROM audit.unaccounted()'), 0, 'every row is accounted for in the trace';
my @bare = $stolen =~ /\b([0-9a-f]{64})\b/g;
my $now = $stack->read_file("$dir/etld.keys");
is scalar(grep { index($now, $_) >= 0 } @bare), 0, 'no stolen key stands in the key file';

done_testing;
