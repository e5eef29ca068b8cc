#!/usr/bin/perl
# A disk that is full, and a power cut that takes with it all that was not synced, under the server, the sealer's witnesses
# and the folder of dropped files: when there is room again, or power, the contents are those of a run never disturbed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Disk;
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 300, '--seed', 25, '--defects', '0.02');
my $dir    = $stack->dir;
my $config = "$dir/ekok.ini";
my $held   = "$dir/held";
my $server = Ekok::Disk->new($stack, "$dir/data");

(my $text = $stack->read_file($config)) =~ s/^workers = .*/workers = 2/m;
$stack->write_file($config, $text);
my ($code, $out) = $stack->etld;
is $code, 0, 'a run that nothing disturbs' or BAIL_OUT $out;
$stack->ekok('sweep');
my $undisturbed = $stack->contents;
unlike $undisturbed, qr/^(enrolment|evidence|audit) 0 /m, 'there is something to compare';

sub restart_with {
    my (%set) = @_;
    $stack->call('server-kill');
    local @ENV{ keys %set } = values %set;
    return $stack->call('server-restart');
}

# A daemon held at the n-th passage of a stop point; `then` happens; returns how it ended.
sub hold_at {
    my ($point, $nth, $then) = @_;
    unlink $held;
    my $pid = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', "EKOK_STOP_POINT=$point:$nth:hold",
        "EKOK_STOP_FILE=$held", $stack->bin('ekok-etld'), '--config', $config, '--once');
    ok $stack->wait_for(sub { -e $held }, 60), "daemon held at $point, passage $nth";
    $then->();
    unlink $held;
    waitpid $pid, 0;
    return $? >> 8;
}

sub is_undisturbed {
    my ($what) = @_;
    my ($c, $o) = $stack->etld;
    is $c, 0, '  a rerun ends well' or diag $o;
    ($c, $o) = $stack->ekok('sweep');
    is $c, 0, '  a sweep too' or diag $o;
    return is $stack->contents, $undisturbed, "  $what: the contents are those of a run never disturbed";
}

# a full disk under the server
my $full = 0;
for my $case (['page_begun', 1], ['page_copied', 2], ['page_merged', 4], ['page_committed', 3], ['run_closing', 2]) {
    my ($point, $nth) = @$case;
    $server->free;
    $stack->reset;
    restart_with($server->env('full'));
    my $ended = hold_at($point, $nth, sub { $server->fill });
    $full++ if $ended != 0;
    my $log = $stack->read_file("$dir/etld.log") . $stack->read_file("$dir/server.log");
    like $log, qr/No space left on device|could not extend file/, "  the disk is full, and it is told (exit $ended)";
    $server->free;
    restart_with();
    is_undisturbed('full disk');
}
is $full, 5, 'each time the daemon ended with a failure';

# a full disk that the kernel makes: the database in a tablespace of its own size
SKIP: {
    skip 'a small filesystem needs root', 6 if $> != 0;
    mkdir "$dir/small";
    skip 'mount is not permitted here', 6 if system('mount', '-t', 'tmpfs', '-o', 'size=96m,mode=0700,uid=' . (getpwnam 'postgres')[2], 'tmpfs', "$dir/small") != 0;
    $stack->reset;
    $stack->sql("CREATE TABLESPACE small LOCATION '$dir/small'", 'postgres');
    $stack->sql('ALTER DATABASE registry SET TABLESPACE small', 'postgres');
    my $ended = hold_at('page_committed', 2, sub { $stack->capture('dd', 'if=/dev/zero', "of=$dir/small/filler", 'bs=64k') });
    isnt $ended, 0, '  the disk is full in truth';
    like $stack->read_file("$dir/etld.log"), qr/No space left on device|could not extend file/, '  and it is told';
    unlink "$dir/small/filler";
    is_undisturbed('a full filesystem');
    $stack->sql('DROP DATABASE registry', 'postgres');
    $stack->sql('DROP TABLESPACE small', 'postgres');
    system 'umount', "$dir/small";
}

# the power fails under the server: what it had not synced is gone
my $taken = 0;
for my $case (['page_copied', 2], ['page_merged', 3], ['page_committed', 1], ['page_committed', 5], ['run_closing', 2], ['run_closed', 2]) {
    my ($point, $nth) = @$case;
    $stack->reset;
    $stack->call('server-kill');
    $stack->call('server-restart');
    $stack->sql('CHECKPOINT');
    $stack->call('server-kill');
    $server->forget_nothing;
    restart_with($server->env('forgetful'));
    my $ended = hold_at($point, $nth, sub {
        $stack->call('server-kill');
        my ($writes) = $server->take_back;
        $taken += $writes;
    });
    isnt $ended, 0, '  the power failed, and the daemon says so';
    $stack->call('server-restart');
    is_undisturbed('a power cut');
}
cmp_ok $taken, '>', 0, "$taken writes were lost in all";

# the same with a server that does not sync: the test can tell the difference
$stack->reset;
$stack->sql('CHECKPOINT');
$stack->call('server-kill');
$server->forget_nothing;
$stack->write_file("$dir/data/postgresql.auto.conf", "fsync = off\n");
system 'chown', 'postgres:', "$dir/data/postgresql.auto.conf" if $> == 0;
restart_with($server->env('forgetful'));
my $pages;
hold_at('page_committed', 5, sub {
    $pages = $stack->sql('SELECT count(*) FROM etl.page');
    $stack->call('server-kill');
    $server->take_back;
});
$stack->write_file("$dir/data/postgresql.auto.conf", '');
system 'chown', 'postgres:', "$dir/data/postgresql.auto.conf" if $> == 0;
my $kept = eval { $stack->call('server-restart'); $stack->sql('SELECT count(*) FROM etl.page') } // 'no server';
isnt $kept, $pages, "without fsync committed pages are lost ($pages, then $kept): the disk forgets indeed";

done_testing;
