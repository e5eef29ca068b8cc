#!/usr/bin/perl
# A thief of the repository of backups holds cipher text: not even a name. With its key too he holds a database, in which
# identifiers stay sealed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Backup;
use Ekok::Planted;
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 100, '--seed', 93);
my $planted = Ekok::Planted->new($stack);
my $dir     = $stack->dir;
my $backup  = Ekok::Backup->new($stack);
my ($code, $out) = $stack->etld;
is $code, 0, 'the planted people are pulled' or BAIL_OUT $out;
$backup->backup('full');
$stack->sql('SELECT pg_switch_wal()');
ok $stack->wait_for(sub { $stack->sql('SELECT archived_count > 0 FROM pg_stat_archiver') eq 't' }, 120), 'and backed up, WAL too';

my %found = $planted->found_below($backup->{repository}, $planted->names, $planted->numbers, $planted->keys, 'registry', 'PostgreSQL');
is_deeply \%found, {}, 'the repository alone holds not even a name: all of it is cipher text';
my ($first) = grep { -f } split /\n/, ($stack->capture('find', $backup->{repository}, '-type', 'f'))[1];
like substr($stack->read_file($first), 0, 8), qr/^Salted__/, '  of AES-256-CBC, salted';
$stack->capture('sh', '-c', "cp -r '$dir/pgbackrest' '$dir/stolen' && rm '$dir/stolen/conf.d/cipher.conf' && chown -R --reference='$dir/pgbackrest' '$dir/stolen'");
$stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'mkdir', '-m', '700', "$dir/places/none");
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'pgbackrest', "--config-path=$dir/stolen", '--stanza=ekok', "--pg1-path=$dir/places/none", 'restore');
isnt $code, 0, 'without the key nothing is restored';
like $out, qr/repo1-cipher-pass/, '  for want of the key';

($code, $out) = $backup->restore("$dir/places/copy");
is $code, 0, 'with the key it is' or diag $out;
%found = $planted->found_below("$dir/places/copy", $planted->names);
is scalar(CORE::keys %found), 5, '  names are read from it, as is stated';
%found = $planted->found_below("$dir/places/copy", $planted->numbers, $planted->keys);
is_deeply \%found, {}, '  identifiers stay sealed, and their keys are elsewhere';

done_testing;
