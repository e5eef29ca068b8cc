#!/usr/bin/perl
# Rotation of the data key while ministries are pulled and reports are read: nothing fails, nothing is lost, whatever is killed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
my @people = ('--persons', 600, '--seed', 11, '--defects', '0.02');
$stack->up(@people);
my ($dir, $config) = ($stack->dir, $stack->dir . '/ekok.ini');

$stack->call('lists', @people);
unlink "$dir/sources/vwb.json", "$dir/sources/ffp.json";
$stack->reset;

sub rotate { my (%set) = @_; return $stack->ekok(\%set, 'keys', 'rotate', 'data'); }
sub standing { return $stack->sql(q{SELECT string_agg(DISTINCT version::text, ' ' ORDER BY version::text) FROM keyring.count_values()}); }
sub members { return $stack->sql(q{SELECT "values" FROM keyring.count_values(}. ($_[0] // 'NULL') . q{) WHERE table_name = 'registry.household_member'}); }
sub active { return $stack->sql(q{SELECT version FROM keyring.key WHERE purpose = 'data' AND state = 'active'}); }
sub whole { return $stack->sql('SELECT count(*) FROM audit.unaccounted()'); }
sub in_file { return join ' ', $stack->read_file("$dir/etld.keys") =~ /^data (\d+ \S+)/mg; }
sub opened { my ($code, $out) = $stack->ekok('report', '--cases', 50, '--json'); return ($code, $out =~ /sealed|"\*+"/ ? 0 : 1); }

my ($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
$stack->ekok('sweep');
my $members = $stack->sql('SELECT count(nid_sealed) + count(brn_sealed) FROM registry.household_member');
cmp_ok $members, '>', 100, "$members numbers of members of surveyed households stand beside";
is members(), $members, '  and are counted';
my $undisturbed = $stack->contents('audit');

($code, $out) = rotate();
is $code, 6, 'keys that are not wrapped are not rotated';
like $out, qr/format 1.*ekok keys upgrade/s, '  and it is said what to do';
my @bare = $stack->read_file("$dir/etld.keys") =~ /\b([0-9a-f]{64})\b/g;
($code, $out) = $stack->ekok('keys', 'upgrade');
is $code, 0, 'they are wrapped' or diag $out;
my $wrapped = $stack->read_file("$dir/etld.keys");
is scalar(grep { index($wrapped, $_) >= 0 } @bare), 0, '  and none of them stands in the file in the clear';
is sprintf('%04o', (stat $_)[2] & 07777), '0600', "  $_ has mode 0600" for "$dir/etld.keys", glob "$dir/etld.keys.kek-*";
($code) = $stack->etld;
is $code, 0, 'the daemon takes the wrapped file';

# Whatever is killed wherever, the next one goes on to the same end.
my @points = grep { /^keys_/ } map { /^X\((\w+)/ ? $1 : () } split /\n/, $stack->read_file("$Ekok::Stack::ROOT/etl-daemon/src/base/stop_point.def");
cmp_ok scalar(@points), '>=', 6, 'stop points: ' . join ' ', @points;
my $version = 1;
for my $point (@points) {
    my ($code) = rotate(EKOK_STOP_POINT => "$point:1:kill");
    is $code, 137, "rotation killed at $point";
    ($code, $out) = $stack->etld;
    is $code, 0, '  a pull between is well' or diag $out;
    ($code, $out) = rotate();
    is $code, 0, '  the next one finishes it' or diag $out;
    $version++;
    is standing(), $version, "  every value is on version $version, and no version was made beside it";
    is members($version), $members, '  those of members with them';
    is active(), $version, '  which is the active one';
    like in_file(), qr/(?:\d+ retired )+$version active$/, '  and the key file agrees';
    is $stack->contents('audit'), $undisturbed, '  nothing else has changed';
}
is whole(), 0, 'every row is accounted for in the trace';
cmp_ok $stack->sql(q{SELECT count(*) FROM audit.entry WHERE op = 'REKEY' AND purpose LIKE 'key rotation % of data'}), '>', 0, 'by entries that name the rotation';
is $stack->sql(q{SELECT count(*) FROM audit.entry WHERE op = 'UPDATE' AND table_name = 'registry.enrolment' AND purpose LIKE 'key%'}), 0, '  and no image of a row was written for it';
is $stack->sql(q{SELECT count(*) FROM audit.entry WHERE table_name = 'keyring.rotation' AND new::jsonb ? 'receipt'}), scalar(@points), 'each rotation left a receipt in the trace';

# A server that dies.
my $file = "$dir/held";
my $pid = $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=keys_written:1:hold',
    "EKOK_STOP_FILE=$file", $stack->bin('ekok'), 'keys', 'rotate', 'data');
ok $stack->wait_for(sub { -e $file }, 120), 'a rotation is held in the middle of a part';
($code, $out) = rotate();
is $code, 3, 'two rotations at once: the second is refused' or diag $out;
like $out, qr/another session is rotating keys/, '  and says why';
($code, $out) = $stack->etld;
is $code, 0, 'a pull beside it is well' or diag $out;
$stack->call('server-kill');
unlink $file;
waitpid $pid, 0;
cmp_ok $? >> 8, '!=', 0, 'the server was killed, and the rotation says so';
$stack->call('server-restart');
($code, $out) = rotate();
is $code, 0, 'the next one finishes it' or diag $out;
is standing(), ++$version, '  every value is on the new version';
is $stack->contents('audit'), $undisturbed, '  nothing else has changed';

# Real changes come in while keys go round: pulls, sweeps and openings, none of which may fail.
my $worked = 0;
for my $epoch (1 .. 4) {
    $stack->epoch($epoch);
    my $rotating = $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'rotate', 'data', '--most', 2000);
    my ($pulled, $said) = $stack->etld;
    my ($swept) = $stack->ekok('sweep');
    my ($read, $open) = opened();
    waitpid $rotating, 0;
    is_deeply [$? >> 8, $pulled, $swept, $read, $open], [0, 0, 0, 0, 1], "round $epoch: rotation, pull, sweep and openings are well"
        or diag $said, $stack->read_file("$dir/rotate.log");
    is standing(), ++$version, '  every value is on the new version';
    $worked++ if $said =~ /updated=[1-9]/;
}
cmp_ok $worked, '>', 0, 'and changes came in meanwhile';
is whole(), 0, 'every row is accounted for in the trace';

# What was sealed opens; what is destroyed does not come back.
($code, $out) = $stack->ekok('keys', 'destroy', 'data', $version);
is $code, 6, 'the active version is not destroyed';
$stack->sql("UPDATE keyring.key SET state = 'retired' WHERE purpose = 'data' AND version = $version");
($code, $out) = $stack->ekok('keys', 'destroy', 'data', $version);
is $code, 6, 'nor one that values are on';
like $out, qr/values are still on version/, '  and it says so';
$stack->sql("UPDATE keyring.key SET state = 'active' WHERE purpose = 'data' AND version = $version");
my $before = $stack->read_file("$dir/etld.keys");
for my $old (1 .. $version - 1) {
    ($code, $out) = $stack->ekok('keys', 'destroy', 'data', $old);
    is $code, 0, "version $old is destroyed" or diag $out;
}
unlike $stack->read_file("$dir/etld.keys"), qr/^data \d+ destroyed \w+ [0-9a-f]/m, 'their bytes are in the file no more';
($code, my $open) = opened();
is_deeply [$code, $open], [0, 1], 'everything still opens';
my $kept = $stack->read_file("$dir/etld.keys");
$stack->write_file("$dir/etld.keys", $before);
chmod 0600, "$dir/etld.keys";
system 'chown', 'postgres', "$dir/etld.keys" if $> == 0;
($code, $out) = $stack->etld;
is $code, 6, 'a copy of the key file from before is refused';
like $out, qr/not the key file of this registry: data version 1 differs/, '  by name';
$stack->write_file("$dir/etld.keys", $kept);
chmod 0600, "$dir/etld.keys";
system 'chown', 'postgres', "$dir/etld.keys" if $> == 0;

# A rotation of tokens opens every value that has one, of members too.
for my $kind (qw(nid brn)) {
    ($code, $out) = $stack->ekok('keys', 'rotate', "token_$kind");
    is $code, 0, "the tokens of ${kind}s are turned" or diag $out;
    is $stack->sql(q{SELECT receipt ->> 'checked' FROM keyring.rotation ORDER BY id DESC LIMIT 1}),
        $stack->sql("SELECT (SELECT count(${kind}_sealed) FROM registry.enrolment) + (SELECT count(${kind}_sealed) FROM registry.household_member)"), '  each value opened';
}

# The wrapping key turns without touching a value.
my $versions = $stack->row_versions;
($code, $out) = $stack->ekok('keys', 'rotate', 'wrap');
is $code, 0, 'the wrapping key is rotated' or diag $out;
unlike $stack->read_file("$dir/etld.keys"), qr/\Q@{[$kept =~ m{^(wrap .*)$}m]}\E/, '  to another one';
is $stack->row_versions, $versions, '  and no row was written for it';
my @kek = sort glob "$dir/etld.keys.kek-*";
my ($named) = $stack->read_file("$dir/etld.keys") =~ /^wrap file (\S+)/m;
unlink grep { $_ ne "$dir/$named" } @kek;
($code) = $stack->etld;
is $code, 0, '  the one before is needed no more';

# A member's value is in the way of a destruction, and its loss is told like any other.
$stack->sql('CREATE TABLE kept AS SELECT id, nid_sealed FROM registry.household_member WHERE nid_sealed IS NOT NULL ORDER BY id LIMIT 1');
my $put = 'UPDATE registry.household_member m SET nid_sealed = %s FROM kept k WHERE k.id = m.id';
$stack->sql(sprintf $put, q{overlay(k.nid_sealed PLACING int4send(1) FROM 2)});
($code, $out) = rotate();
is $code, 3, 'a member on a version that is no more is left, and the rotation does not claim to be done' or diag $out;
like $out, qr/1 values do not open.*\(row @{[$stack->sql('SELECT id FROM kept')]}\)/s, '  it names the row';
$version++;
$stack->sql(sprintf $put, 'k.nid_sealed');
($code, $out) = rotate();
is $code, 0, '  mended, it goes on to its end' or diag $out;
is_deeply [standing(), members($version)], [$version, $members], '  with every value on the new version';
$stack->sql('DROP TABLE kept');

# An auditor finds all of it whole: trace, tables whose cells were rewritten, and tables that were not.
my $run_as = sub { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); };
my $login = sub { return 'host=' . $stack->socket . " dbname=registry user=$_[0]" };
my $verify = sub { return $run_as->($stack->bin('ekok'), 'verify-audit', '--database', $login->('auditor'), '--keys', "$dir/audit.key.pub", '--witness', "$dir/witness"); };
$run_as->('mkdir', "$dir/witness", "$dir/other-witness");
$run_as->($stack->bin('ekok'), 'keys', 'init-audit', 'registry.test/audit', "$dir/audit.key");
($code, $out) = $run_as->($stack->bin('ekok-sealer'), '--database', $login->('sealer'), '--key', "$dir/audit.key", '--witness', "$dir/witness",
    '--witness', "$dir/other-witness", '--once');
is $code, 0, 'the trace of all rotations is sealed' or diag $out;
($code, $out) = $verify->();
is $code, 0, '  and verified: every row is what the trace says' or diag $out;

# A cell changed behind the triggers after its rotation is found.
$stack->sql(q{SET session_replication_role = replica; ALTER TABLE registry.enrolment DISABLE TRIGGER audit_update;
    UPDATE registry.enrolment SET nid_sealed = set_byte(nid_sealed, 40, get_byte(nid_sealed, 40) # 1)
    WHERE id = (SELECT min(id::text)::uuid FROM registry.enrolment WHERE nid_sealed IS NOT NULL);
    ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER audit_update});
is $stack->sql('SELECT string_agg(problem, $$ $$) FROM audit.unaccounted()'), 'differs from its last entry', 'a sealed cell changed with triggers off is found';
($code, $out) = $verify->();
is $code, 8, '  by the auditor too';
like $out, qr/registry\.enrolment: 1 row\(s\): differs from its last entry/, '  who is told the row';
($code, $out) = rotate();
is $code, 3, 'a value that does not open is left, and the rotation does not claim to be done';
like $out, qr/1 values do not open.*\(row [0-9a-f-]{36}\)/s, '  it names the row';
is $stack->sql(q{SELECT count(*) FROM keyring.rotation WHERE state = 'running'}), 1, '  and stays open until the row is mended';

done_testing;
