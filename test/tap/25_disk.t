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
    ok $stack->wait_for(sub { -e $held }, 120), "daemon held at $point, passage $nth";
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
for my $case (['page_begun', 1], ['page_copied', 2], ['page_committed', 3]) {
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
is $full, 3, 'each time the daemon ended with a failure';

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
for my $case (['page_merged', 3], ['page_committed', 5], ['run_closing', 2]) {
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
$stack->reset;

# the sealer's witnesses: what a checkpoint was given to them is on the disk, and a full one is told
my @witness = map { "$dir/witnesses/$_" } 'a', 'b';
$stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'mkdir', '-p', @witness);
my $socket = $stack->socket;
my $paper  = Ekok::Disk->new($stack, "$dir/witnesses");
$stack->ekok('keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");

sub seal {
    my (%set) = @_;
    return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'env', (map { "$_=$set{$_}" } sort keys %set), $stack->bin('ekok-sealer'),
        '--database', "host=$socket port=5432 dbname=registry user=sealer", '--key', "$dir/audit.key", (map { ('--witness', $_) } @witness), '--once');
}

sub newest { return $stack->sql('SELECT note FROM audit.checkpoint ORDER BY size DESC LIMIT 1') . "\n"; }

$paper->forget_nothing;
$paper->fill;
($code, $out) = seal($paper->env('full'));
isnt $code, 0, 'witnesses on a full disk' or diag $out;
like $out, qr/cannot be written: No space left on device/, '  are told';
$paper->free;
for my $round (1, 2) {
    $stack->sql(qq{UPDATE registry.programme SET name_en = name_en || '$round' WHERE code = 'OAA'});
    $paper->forget_nothing;
    ($code, $out) = seal($paper->env('forgetful'));
    is $code, 0, 'a checkpoint is given to witnesses' or diag $out;
    cmp_ok scalar($paper->notes), '>', 4, '  on a disk that forgets';
    $paper->take_back;
    is $stack->read_file("$_/checkpoint"), newest() =~ s/\n\n$/\n/r, '  and is there when the power has failed' for @witness;
}
($code, $out) = $stack->ekok('verify-audit', '--keys', "$dir/audit.key.pub", '--database', "host=$socket port=5432 dbname=registry user=auditor",
    map { ('--witness', $_) } @witness);
is $code, 0, 'the trace verifies against them' or diag $out;

# a dropped file: put away, the power fails, it lies there again; it is known by its content and loaded once
my $inbox = "$dir/inbox";
$stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'mkdir', '-p', $inbox);
my $folder = Ekok::Disk->new($stack, $inbox);
$stack->capture('rm', '-f', glob "$dir/sources/*.json");
$stack->write_file("$dir/sources/lines.json", JSON::PP->new->encode({
    source => { name => 'lines', format => 'jsonl', folder => $inbox, names => '*.jsonl', page_bytes => 65536, row_bytes => 4096, ministry => 'MoDMR' },
    programmes => ['TRE'], paging => { style => 'file', size => 20 }, file => { settle => 0 },
    map => { record_id => 'no', programme => "'TRE'", name_en => 'name', birth_date => 'born', nid => 'nid' }, format => { birth_date => 'yyyy-mm-dd' } }));
$stack->reset;
$stack->write_file("$inbox/one.jsonl", join '', map { sprintf qq({"no":"L-%d","name":"PERSON %s","born":"1970-01-01","nid":"26%011d"}\n), $_, chr(64 + $_), 10_000_000 + $_ } 1 .. 25);
system 'chown', '-R', 'postgres:', $inbox if $> == 0;
$folder->forget_nothing;
($code, $out) = $stack->etld({ $folder->env('forgetful') });
is $code, 0, 'a dropped file is loaded' or diag $out;
my $loaded = $stack->sql('SELECT count(*) FROM registry.enrolment');
my $once   = $stack->contents;
ok !-e "$inbox/one.jsonl", '  and put away';
my (undef, $renamed) = $folder->take_back;
is $renamed, 1, "  until the power fails: it lies there again";
($code, $out) = $stack->etld;
is $code, 0, 'after a power cut the daemon ends well' or diag $out;
ok !-e "$inbox/one.jsonl", '  the file is put away';
is $loaded, 25, '  all of it was loaded';
is $stack->contents, $once, '  once';

done_testing;
