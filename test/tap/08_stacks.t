#!/usr/bin/perl
# The private servers keep to themselves: two at once, cleaned up after a crash, none listening on TCP.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $first = Ekok::Stack->new;
my $second = bless { %$first, name => 'tap-08-second' }, ref $first;
$second->call('remove');
$_->call('server-start') for $first, $second;
is $first->sql('SELECT current_setting(\'listen_addresses\')', 'postgres'), '', 'no TCP';
isnt $first->sql('SHOW data_directory', 'postgres'), $second->sql('SHOW data_directory', 'postgres'), 'two servers at once';
$first->sql('CREATE TABLE mine ()', 'postgres');

# A crash of an earlier run: its server is dead, its pid file is not; and one whose server still runs.
$first->call('server-kill');
$first->call('server-start');
is $first->sql("SELECT to_regclass('mine') IS NULL", 'postgres'), 't', 'after a crash a new start is a clean start';
$first->call('server-start');
is $first->sql('SELECT 1', 'postgres'), 1, 'a start over a running server replaces it';
is $second->sql('SELECT 1', 'postgres'), 1, 'and leaves the other alone';

# A pid file that names somebody else's process is not believed.
$first->call('stop');
my $bystander = fork // die;
if ($bystander == 0) { exec 'sleep', 60 }
$first->write_file($first->dir . '/data/postmaster.pid', "$bystander\n");
$first->call('remove');
is kill(0, $bystander), 1, 'a process that is not ours is left alone';
kill 'KILL', $bystander;
waitpid $bystander, 0;
ok !-e $first->dir, 'remove leaves nothing';
$second->call('remove');
ok !-e $second->dir, 'nor of the other';

done_testing;
