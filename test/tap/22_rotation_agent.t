#!/usr/bin/perl
# Keys turn while all that seals is the key agent: pulls go on before, during and after, a number in hand is found at every
# moment, what was sealed anew opens at once, also when the agent is killed in the middle; nothing is restarted for it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use DBI;
use Ekok::Person;
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 300, '--seed', 29, '--defects', '0.02');
my ($dir, $agent) = ($stack->dir, $stack->dir . '-keyd');
my $socket = $stack->socket;

# The officer who rotates has the key file; the daemon has the agent, and no key.
(my $officer = $stack->read_file("$dir/ekok.ini")) =~ s{^file = .*}{file = $agent/keys}m;
$stack->write_file("$dir/officer.ini", $officer);
$stack->call('keyd-start');
unlike $stack->read_file("$dir/ekok.ini"), qr/^file/m, 'the daemon has no key file';

sub keys_of { return $stack->ekok({ EKOK_CONFIG => "$dir/officer.ini" }, 'keys', @_); }
sub begin_rotation {
    my ($key, $hold) = @_;
    return $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', "EKOK_STOP_POINT=keys_committed:1:hold",
        "EKOK_STOP_FILE=$hold", "EKOK_CONFIG=$dir/officer.ini", $stack->bin('ekok'), 'keys', 'rotate', $key);
}
sub receipt { return $stack->sql("SELECT receipt ->> '$_[0]' FROM keyring.rotation ORDER BY id DESC LIMIT 1"); }
sub status { return { map { split /=/, $_, 2 } split /\n/, ($stack->ekok('agent', 'status'))[1] }; }

# The agent itself, not the processes that read and move files for it: their parent is the agent.
sub agent_pid {
    my %is = map { $_ => 1 } my @pid = split /\n/, ($stack->capture('pgrep', '-f', '^' . $stack->bin('ekok-keyd') . " --config $agent/"))[1];
    return (grep { my $said = eval { $stack->read_file("/proc/$_/status") } // ''; $said =~ /^PPid:\s+(\d+)/m && !$is{$1} } @pid)[0];
}
sub pull {
    my ($what) = @_;
    my ($code, $out) = $stack->etld;
    is $code, 0, $what or diag $out;
    return $out;
}

# Who shares a number with whom, by the index and by the tokens; no token stands in it. And all else that was made of them.
sub dips {
    return $stack->sql(q{SELECT count(*) || ' ' || md5(string_agg(t.x, E'\n' ORDER BY t.x COLLATE "C")) FROM (
        SELECT v.kind || ' ' || string_agg(e.source || '/' || e.record_id, ' ' ORDER BY e.id) AS x
        FROM ekok.double_dips('registry.evidence_key_idx'::regclass, 2) d CROSS JOIN LATERAL unnest(d.rows) AS r(at)
        JOIN registry.evidence v ON v.ctid = r.at JOIN registry.enrolment e ON e.id = v.enrolment_id
        GROUP BY v.kind, registry.token_of(e, v.kind)) t});
}
sub rest {
    return $stack->sql(q{SELECT md5(string_agg(x, E'\n' ORDER BY x COLLATE "C")) FROM (
        SELECT (to_jsonb(e) - ARRAY['nid_sealed', 'brn_sealed', 'mobile_sealed', 'wallet_sealed', 'account_sealed', 'nid_token', 'brn_token',
            'mobile_token', 'wallet_token', 'account_token', 'first_run', 'last_run', 'created_at', 'changed_at'])::text AS x FROM registry.enrolment e
        UNION ALL SELECT enrolment_id || ' ' || kind FROM registry.evidence UNION ALL SELECT to_jsonb(m)::text FROM registry.membership m
        UNION ALL SELECT (to_jsonb(m) - 'found_at')::text FROM registry.match m
        UNION ALL SELECT (to_jsonb(q) - ARRAY['id', 'sealed', 'first_run', 'first_page', 'at'])::text FROM etl.quarantine q) t});
}

pull('the ministries are pulled through the agent');
$stack->ekok('sweep');
my ($code, $out) = keys_of('upgrade');
is $code, 0, 'the keys are wrapped while the agent runs' or diag $out;
kill 'HUP', agent_pid();
ok $stack->wait_for(sub { $stack->read_file("$agent/log") =~ /event=keys_read/ }, 60), 'SIGHUP: the agent reads its key file';
my $dips = dips();
like $dips, qr/^[1-9]\d+ /, "there is double dipping to find: $dips";

# Numbers that somebody has in hand: of enrolments of whom several hold one.
my %holders;
for my $id (split /\n/, $stack->sql(q{SELECT min(id::text) FROM registry.enrolment WHERE nid_token IS NOT NULL GROUP BY nid_token ORDER BY count(*) DESC, 1 LIMIT 3})) {
    ($code, my $number) = $stack->ekok('open', $id, 'nid', '--purpose', 'a complaint at the counter');
    chomp $number;
    $holders{$number} = $stack->sql("SELECT string_agg(e.id::text, ',' ORDER BY e.id) FROM registry.enrolment e, registry.enrolment k WHERE k.id = '$id' AND e.nid_token = k.nid_token");
}
is scalar(grep { /^\d{10,17}$/ } keys %holders), 3, 'three numbers in hand' or BAIL_OUT $code;
$stack->sql('CREATE ROLE karim LOGIN');
sub appoint {
    $stack->sql(q{INSERT INTO access.account (login, holder, kind) VALUES ('karim', 'holder of karim', 'person');
        INSERT INTO access.scope (login, duty, purpose, granted_at, expires_at) VALUES ('karim', 'analyst', 'test', now() - interval '1 hour', now() + interval '1 day');
        SELECT access.fit_roles('karim')});
    return;
}
appoint();

# Looks for them over and over until told to end; says how often, how often the agent was away, and what else it got.
sub look_for_them {
    my ($end, $said) = @_;
    my $db = DBI->connect("dbi:Pg:dbname=registry;host=$socket", 'postgres', undef, { RaiseError => 0, PrintError => 0, AutoCommit => 1 }) or die;
    $db->do('SET SESSION AUTHORIZATION karim');
    my ($found, $away, @wrong) = (0, 0);
    while (!-e $end) {
        for my $number (keys %holders) {
            my $got = $db->selectcol_arrayref('SELECT enrolment_id FROM registry.find($1::text::ekok.nid, $2)', undef, $number, 'a complaint');
            my $state = $got ? join ',', sort @$got : $db->state;
            if    ($state eq $holders{$number}) { $found++ }
            elsif ($state eq '08006')           { $away++ }
            else                                { push @wrong, $state if @wrong < 5 }
        }
        select undef, undef, undef, 0.02;
    }
    $db->disconnect;
    $stack->write_file($said, "found=$found away=$away wrong=@wrong\n");
    return;
}
my $seeker = fork // die;
if ($seeker == 0) {
    look_for_them("$dir/end", "$dir/sought");
    require POSIX;
    POSIX::_exit(0);
}

# A daemon with a page in hand whose values are still to be sealed: no page is taken unread.
sub hold_a_page {
    unlink "$dir/pulls";
    $stack->sql('DELETE FROM etl.page_content');
    my $pid = $stack->start("$dir/held.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=page_begun:1:hold',
        "EKOK_STOP_FILE=$dir/pulls", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--once', '--source', 'dss');
    ok $stack->wait_for(sub { -e "$dir/pulls" }, 120), '  a page has begun';
    return $pid;
}

# In the middle of everything the agent is killed: a rotation is held after its first part, a page of a daemon as it begins.
sub disturb {
    my ($key, $epoch, $inside) = @_;
    unlink "$dir/rotates";
    my $rotating = begin_rotation($key, "$dir/rotates");
    ok $stack->wait_for(sub { -e "$dir/rotates" }, 120), "$key: a rotation is held after its first part";
    $inside->();
    $stack->epoch($epoch);
    my $pulling = hold_a_page();
    $stack->call('keyd-kill');
    unlink "$dir/pulls";
    ok $stack->wait_for(sub { $stack->read_file("$dir/held.log") =~ /event=key_agent_lost/ }, 120), '  the agent is killed';
    $stack->call('keyd-start');
    waitpid $pulling, 0;
    is $? >> 8, 0, '  the pull goes on to its end when it is there again' or diag $stack->read_file("$dir/held.log");
    like pull('  the other sources are pulled'), qr/updated=[1-9]/, '  with changes';
    unlink "$dir/rotates";
    waitpid $rotating, 0;
    is $? >> 8, 0, '  so does the rotation' or diag $stack->read_file("$dir/rotate.log");
    return;
}
disturb('token_nid', 1, sub {
    is status()->{key_token_nid}, '1,2', '  the agent knows both versions';
    is dips(), $dips, '  the same double dipping is found';
});
is $stack->sql(q{SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM keyring.key WHERE purpose = 'token_nid'}), '1 retired, 2 active', '  and is done';
ok $stack->wait_for(sub { status()->{key_token_nid} eq '2' }, 60), '  the agent follows to the new version';
$stack->epoch(2);
like pull('a pull after it'), qr/updated=[1-9]/, '  with changes';
is dips(), $dips, '  the same double dipping is found';
($code, $out) = keys_of('destroy', 'token_nid', 1);
is $code, 0, '  and the version before is destroyed' or diag $out;

# A daemon that lives on through all of it: it was held before the rotation, and seals after it, by a new connection.
$stack->epoch(3);
my $long = hold_a_page();
($code, $out) = keys_of('rotate', 'token_mobile');
is $code, 0, '  a rotation goes by' or diag $out;
$stack->call('keyd-kill');
$stack->call('keyd-start');
unlink "$dir/pulls";
waitpid $long, 0;
is $? >> 8, 0, '  and the daemon goes on with an agent that has a newer key' or diag $stack->read_file("$dir/held.log");
pull('the others too');

# A second factor is sealed by the data key too: the agent has looked at codes of it on the old version, and does on the new one.
($code, $out) = $stack->ekok('access', 'install', 'o1', 'Officer o1', '--agent', "$agent/socket", '--database', "host=$socket port=5432 dbname=registry user=postgres");
my $holder = Ekok::Person->new(login => 'o1', secret => ($out =~ /secret=([A-Z2-7]{32})&/)[0]);
sub step_of_code { return $stack->sql("SELECT coalesce(ekok.agent_code('o1', sealed, '" . $holder->code . "', 0), 0) > 0 FROM access.factor WHERE login = 'o1'"); }
is $code, 0, 'an officer has a second factor' or diag $out;
is step_of_code(), 't', '  whose code is right';
is $stack->sql(q{SELECT keyring.sealed_version(sealed) FROM access.factor WHERE login = 'o1'}), 1, '  on the old version';

my ($anew, $number);
disturb('data', 5, sub {
    ok $stack->wait_for(sub { status()->{key_data} eq '2,1' }, 60), '  the agent seals by the new version, and opens what is on the old one';
    $stack->epoch(4);
    pull('  changes come in meanwhile');
    $anew = $stack->sql(q{SELECT min(id::text) FROM registry.enrolment WHERE nid_sealed IS NOT NULL AND substr(nid_sealed, 2, 4) = '\x00000002'});
    ($code, $number) = $stack->ekok('open', $anew, 'nid', '--purpose', 'a complaint at the counter');
    is $code, 0, '  a value that was sealed by it a moment ago opens' or diag $number;
});
is $stack->sql(q{SELECT string_agg(DISTINCT version::text, ' ') FROM keyring.count_values()}), 2, '  and every value is on the new version';
($code, $out) = $stack->ekok('open', $anew, 'nid', '--purpose', 'a complaint at the counter');
is $out, $number, '  and opens';
is status()->{key_data}, 2, '  the agent seals by it';
is $stack->sql(q{SELECT keyring.sealed_version(sealed) FROM access.factor WHERE login = 'o1'}), 2, '  the second factor is on it too';
is step_of_code(), 't', '  and its code is right';
($code, $out) = keys_of('destroy', 'data', 1);
is $code, 0, '  the version before is destroyed' or diag $out;
is step_of_code(), 't', '  which changes nothing';

# The key of content MACs: every record comes again, and none is taken for changed, by a daemon that has no key of its own.
sub is_unchanged {
    my ($what) = @_;
    $stack->sql('DELETE FROM etl.cursor; DELETE FROM etl.page_content');
    unlike pull($what), qr/(?:inserted|updated)=[1-9]/, '    and none is new or changed';
    return;
}
my $macs = q{SELECT md5(string_agg(row_mac::text, '' ORDER BY id)) FROM (SELECT id::text, row_mac FROM registry.enrolment UNION ALL SELECT id::text, row_mac FROM etl.quarantine) t};
my ($made, $aside) = ($stack->sql($macs), $stack->sql(q{SELECT min(id) FROM etl.quarantine WHERE sealed IS NOT NULL}));
isnt $aside, '', 'a record is set aside';
disturb('row', 6, sub {
    ok $stack->wait_for(sub { status()->{key_row} eq '2,1' }, 60), '  the agent makes MACs by both versions';
    is_unchanged('  every record comes again in the middle');
});
is receipt('on_older_version'), 0, '  and no MAC is of the version before';
is receipt('checked'), $stack->sql('SELECT (SELECT count(*) FROM registry.enrolment WHERE status IS DISTINCT FROM $$absent$$) + (SELECT count(*) FROM registry.household_member) + (SELECT count(*) FROM etl.quarantine WHERE sealed IS NOT NULL)'),
    '  of all that there are';
isnt $stack->sql($macs), $made, '  they are others';
is_unchanged('  every record comes again after it');
ok $stack->wait_for(sub { status()->{key_row} eq '2' }, 60), '  the agent follows to the new version';
($code, $out) = keys_of('destroy', 'row', 1);
is $code, 0, '  and the version before is destroyed' or diag $out;
ok !$stack->sql(q{SELECT count(*) FROM keyring.key WHERE purpose = 'row' AND version = 1 AND state <> 'destroyed'}), '  everywhere';
is_unchanged('  every record comes again without it');
($code, $out) = $stack->ekok('quarantine', 'show', $aside);
is $code, 0, '  a record that was set aside before opens, under its new MAC' or diag $out;
like $stack->read_file("$agent/trace"), qr/ keys data=2,1 token_nid=2 /, 'the agent\'s trace says which keys it took when';
is(($stack->capture($stack->bin('ekok-keyd'), '--verify-trace', "$agent/trace"))[0], 0, '  and is whole');

$stack->write_file("$dir/end", '');
waitpid $seeker, 0;
my ($found, $away, $wrong) = $stack->read_file("$dir/sought") =~ /^found=(\d+) away=(\d+) wrong=(.*)$/m;
note "found $found times, $away times the agent was away";
cmp_ok $found, '>', 30, 'numbers were looked for throughout';
is $wrong, '', '  and found every time that the agent was there';
is $stack->sql(q{SELECT count(*) FROM etl.run WHERE state <> 'finished'}), 0, 'no run failed';
is $stack->sql(q{SELECT count(*) FROM etl.page WHERE state <> 'loaded'}), 0, '  and no page';
is $stack->sql('SELECT count(*) FROM audit.unaccounted()'), 0, 'every row is accounted for in the trace';
$stack->ekok('sweep');
my @ended = (dips(), rest());

$stack->epoch(0);
$stack->reset;
for my $epoch (0 .. 6) {
    $stack->epoch($epoch);
    pull("epoch $epoch, undisturbed");
    $stack->ekok('sweep') if $epoch == 0 || $epoch == 6;
}
is_deeply [dips(), rest()], \@ended, 'a registry whose keys never turned holds the same';

# A file that holds other keys, or none, is not taken; the agent goes on with what it has.
my $kept = $stack->read_file("$agent/keys");
my @owner = (stat "$agent/keys")[4, 5];
$stack->write_file("$agent/keys", "ekok-keys 2\nnothing\n");
kill 'HUP', agent_pid();
ok $stack->wait_for(sub { $stack->read_file("$agent/log") =~ /event=keys_unreadable/ }, 60), 'a key file that went bad is said';
$stack->epoch(7);
pull('  and pulls go on');
$stack->write_file("$agent/keys", $kept);
chown @owner, "$agent/keys";
chmod 0600, "$agent/keys";

# The process that reads the file is gone: the same.
my ($reader) = split /\n/, ($stack->capture('pgrep', '-P', agent_pid(), 'ekok-keyd-load'))[1];
kill 'KILL', $reader;
ok $stack->wait_for(sub { $stack->read_file("$agent/log") =~ /event=keys_unreadable[^\n]*is gone/ }, 60), 'a reader that is gone is said';
$stack->epoch(8);
pull('  and pulls go on');

done_testing;
