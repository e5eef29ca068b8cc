#!/usr/bin/perl
# Rotation of a token key while ministries are pulled and the registry is swept: double dipping found before, during and after is
# the same, who is surveyed is known by the same enrolments, and the end is that of a registry whose keys never turned.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
my @people = ('--persons', 600, '--seed', 17, '--defects', '0.02');
$stack->up(@people);
my $dir = $stack->dir;
$stack->call('lists', @people);
unlink "$dir/sources/vwb.json", "$dir/sources/ffp.json";
$stack->reset;
my $extract = $stack->read_file("$dir/inbox/nhd/extract.csv");
my @kinds = qw(nid brn mobile wallet account);

sub rotate { my ($kind, %set) = @_; return $stack->ekok(\%set, 'keys', 'rotate', "token_$kind"); }

# Who shares a number with whom, by the double-dipping index and rechecked by the tokens: no token or key stands in it.
sub dips {
    return $stack->sql(q{SELECT count(*) || ' ' || md5(string_agg(t.x, E'\n' ORDER BY t.x COLLATE "C")) FROM (
        SELECT v.kind || ' ' || string_agg(e.source || '/' || e.record_id, ' ' ORDER BY e.id) AS x
        FROM ekok.double_dips('registry.evidence_key_idx'::regclass, 2) d CROSS JOIN LATERAL unnest(d.rows) AS r(at)
        JOIN registry.evidence v ON v.ctid = r.at JOIN registry.enrolment e ON e.id = v.enrolment_id
        GROUP BY v.kind, registry.token_of(e, v.kind)) t});
}
sub found { return $stack->sql(q{SELECT count(*) || ' ' || md5(string_agg(m::text, E'\n' ORDER BY m::text)) FROM (SELECT a, b, state, kinds, score FROM registry.match) m}); }

# Evidence that is not what its enrolment's token says, and tokens that were turned for others and not here.
sub stray {
    return $stack->sql(q{SELECT (SELECT count(*) FROM registry.evidence v JOIN registry.enrolment e ON e.id = v.enrolment_id
            JOIN registry.programme p ON p.code = e.programme
            WHERE v.key OPERATOR(ekok.<>) ekok.evidence(v.kind, registry.token_of(e, v.kind), p.number))
        + (SELECT count(*) FROM registry.enrolment e JOIN keyring.turned t ON t.old = registry.token_of(e, t.kind))
        + (SELECT count(*) FROM registry.household_member m JOIN keyring.turned t ON t.old = CASE t.kind WHEN 'nid' THEN m.nid_token WHEN 'brn' THEN m.brn_token END)});
}

# Which enrolments are those of surveyed members, by each kind of token.
sub links {
    return $stack->sql(q{SELECT count(*) || ' ' || md5(string_agg(concat_ws(' ', e.id, m.id, e.nid_token = m.nid_token, e.brn_token = m.brn_token), ',' ORDER BY e.id, m.id))
        FROM registry.enrolment e JOIN registry.household_member m ON m.nid_token = e.nid_token OR m.brn_token = e.brn_token});
}
sub receipt { my ($what) = @_; return $stack->sql("SELECT receipt ->> '$what' FROM keyring.rotation ORDER BY id DESC LIMIT 1"); }

# The registry but for tokens, keys and what is made of them; the trace but for the rotations.
sub rest {
    return $stack->sql(q{SELECT md5(string_agg(x, E'\n' ORDER BY x COLLATE "C")) FROM (
        SELECT (to_jsonb(e) - ARRAY['nid_sealed', 'brn_sealed', 'mobile_sealed', 'wallet_sealed', 'account_sealed', 'nid_token', 'brn_token',
            'mobile_token', 'wallet_token', 'account_token', 'row_mac', 'first_run', 'last_run', 'created_at', 'changed_at'])::text AS x FROM registry.enrolment e
        UNION ALL SELECT enrolment_id || ' ' || kind FROM registry.evidence UNION ALL SELECT to_jsonb(m)::text FROM registry.membership m
        UNION ALL SELECT table_name || op || row_id FROM audit.entry WHERE op <> 'REKEY' AND table_name = 'registry.enrolment') t});
}

my ($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
$stack->ekok('sweep');
($code, $out) = $stack->ekok('keys', 'upgrade');
is $code, 0, 'the keys are wrapped' or diag $out;
my ($dips, $found, $rest, $links) = (dips(), found(), rest(), links());
like $dips, qr/^[1-9]\d+ /, "there is double dipping to find: $dips";
like $links, qr/^[1-9]\d+ /, "surveyed members draw: $links";

# Decisions and verdicts rest on tokens.
my ($x, $y) = split /\|/, $stack->sql(q{SELECT a, b FROM registry.match WHERE 'nid' = ANY (kinds) ORDER BY a LIMIT 1});
$stack->sql("SELECT registry.decide('$x', '$y', 'same', 'a test')");
is $stack->sql("SELECT fingerprint = registry.fingerprint(a, b) FROM registry.decision"), 't', 'a decision rests on what stands';
$stack->sql(q{INSERT INTO registry.verification (enrolment_id, system, verdict, asked_at, valid_until, request_id, basis)
    SELECT e.id, s.code, 'match', now(), now() + interval '1 day', 'r', registry.verification_basis(e, s.asks)
    FROM registry.enrolment e JOIN registry.verification_system s ON 'nid' = ANY (s.asks) OR 'mobile' = ANY (s.asks)
    WHERE registry.verification_basis(e, s.asks) IS NOT NULL ORDER BY e.id, s.code LIMIT 40});
my $standing = q{SELECT count(*) FROM registry.verification v JOIN registry.enrolment e ON e.id = v.enrolment_id
    JOIN registry.verification_system s ON s.code = v.system WHERE v.basis = registry.verification_basis(e, s.asks)};
is $stack->sql($standing), 40, 'verdicts rest on what stands';
($found, $rest) = (found(), rest());

# Killed at each point, with a pull between: the next one ends it, and at no moment is anything found otherwise.
my $version = 1;
for my $point (qw(keys_added keys_sealed keys_written keys_committed keys_activated keys_proved)) {
    ($code) = rotate('nid', EKOK_STOP_POINT => "$point:1:kill");
    is $code, 137, "rotation killed at $point";
    is dips(), $dips, '  the same double dipping is found then';
    ($code, $out) = $stack->etld;
    is $code, 0, '  a pull between is well' or diag $out;
    is_deeply [dips(), stray(), links()], [$dips, 0, $links], '  and finds the same';
    ($code, $out) = rotate('nid');
    is $code, 0, '  the next one ends it' or diag $out;
    $version++;
    is $stack->sql(q{SELECT string_agg(version || ' ' || state, ', ' ORDER BY version) FROM keyring.key WHERE purpose = 'token_nid' AND state <> 'destroyed'}),
        ($version - 1) . " retired, $version active", '  one new version, the one before retired';
    is_deeply [dips(), found(), stray(), rest(), links()], [$dips, $found, 0, $rest, $links], '  the registry is the same but for its tokens';
    ($code, $out) = $stack->ekok('keys', 'destroy', 'token_nid', $version - 1);
    is $code, 0, '  and the one before is destroyed' or diag $out;
}
is $stack->sql("SELECT fingerprint = registry.fingerprint(a, b) FROM registry.decision"), 't', 'the decision still rests on what stands';
is $stack->sql($standing), 40, 'so do the verdicts: nobody is asked again';
is $stack->sql('SELECT count(*) FROM audit.unaccounted()'), 0, 'every row is accounted for in the trace';
is receipt('checked'), $stack->sql('SELECT (SELECT count(nid_token) FROM registry.enrolment) + (SELECT count(nid_token) FROM registry.household_member)'),
    'every value was opened and its token compared, of members too';

# A member that somebody is writing: nobody who shares its number is turned before it.
my ($shared, $enrolled) = split /\|/, $stack->sql(q{SELECT m.id, e.id FROM registry.household_member m JOIN registry.enrolment e ON e.nid_token = m.nid_token ORDER BY 1, 2 LIMIT 1});
my $token = "SELECT m.nid_token || e.nid_token FROM registry.household_member m, registry.enrolment e WHERE m.id = '$shared' AND e.id = '$enrolled'";
my $tokens = $stack->sql($token);
my $writer = $stack->start("$dir/writer.log", $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'registry', '-c',
    "SET application_name = 'writer'; BEGIN; SELECT FROM registry.household_member WHERE id = '$shared' FOR UPDATE; SET application_name = 'writes'; SELECT pg_sleep(3000)");
ok $stack->wait_for(sub { $stack->sql(q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'writes'}) == 1 }, 120), 'a member is being written';
my $turning = $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'rotate', 'token_nid');
ok $stack->wait_for(sub { $stack->sql(q{SELECT count(*) FROM keyring.progress p JOIN keyring.rotation r ON r.id = p.rotation_id AND r.state = 'running'
    WHERE p.table_name = 'registry.household_member' AND p.pass > 2}) == 1 }, 60), '  a rotation comes back to it';
is $stack->sql($token), $tokens, '  and turns nobody who shares its number';
is $stack->sql(q{SELECT count(*) > 0 FROM keyring.turned WHERE kind = 'nid'}), 't', '  but the others';
$stack->sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'writes'});
waitpid $writer, 0;
waitpid $turning, 0;
is $? >> 8, 0, '  then it goes on to its end' or diag $stack->read_file("$dir/rotate.log");
isnt $stack->sql($token), $tokens, '  and has turned them';
is_deeply [dips(), stray(), links()], [$dips, 0, $links], '  all who share a value have one token';

# A sweep under way holds the rotation up, not the other way round.
$stack->sql('SELECT registry.begin_sweep()');
my $pid = $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'rotate', 'token_brn');
ok $stack->wait_for(sub { (eval { $stack->read_file("$dir/rotate.log") } // '') =~ /a sweep is under way/ }, 120), 'a rotation waits for a sweep that is not finished';
is $stack->sql(q{SELECT count(*) FROM keyring.turned WHERE kind = 'brn'}), 0, '  and has turned nothing';
($code, $out) = $stack->ekok('sweep');
is $code, 0, '  the sweep ends' or diag $out;
waitpid $pid, 0;
is $? >> 8, 0, '  and the rotation goes on to its end' or diag $stack->read_file("$dir/rotate.log");
is_deeply [dips(), found(), stray(), links()], [$dips, $found, 0, $links], '  nothing else has changed';

# A daemon of another host that does not know the new key yet is understood until the old one is destroyed.
my $ahead = $stack->read_file("$dir/etld.keys");
(my $behind = $ahead) =~ s/^token_brn 2 .*\n//m;
$behind =~ s/^(token_brn 1) retired/$1 active/m;
$stack->write_file("$dir/behind.keys", $behind);
(my $config = $stack->read_file("$dir/ekok.ini")) =~ s/etld\.keys/behind.keys/;
$stack->write_file("$dir/behind.ini", $config);
chmod 0600, "$dir/behind.keys";
system 'chown', 'postgres', "$dir/behind.keys" if $> == 0;
$stack->sql(q{UPDATE keyring.key SET state = 'decrypt-only' WHERE purpose = 'token_brn' AND version = 1; DELETE FROM etl.cursor});
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config', "$dir/behind.ini", '--once');
is $code, 0, 'a daemon with the key before pulls everything again' or diag $out;
unlike $out, qr/(?:inserted|updated)=[1-9]/, '  and nothing is new to it';
(my $again = $extract) =~ s/,(\d{3})\.(\d\d)(?=,)/',' . ($1 + 1) . ".$2"/ge;
$stack->write_file("$dir/inbox/nhd/again.csv", $again);
system 'chown', '-R', 'postgres', "$dir/inbox" if $> == 0;
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config', "$dir/behind.ini", '--once', '--source', 'nhd');
is $code, 0, 'it takes other scores from the survey' or diag $out;
like $out, qr/updated=[1-9]\d/, '  with tokens of the key before';
is_deeply [stray(), links()], [0, $links], '  which are turned as they are staged';
$stack->sql(q{UPDATE keyring.key SET state = 'retired' WHERE purpose = 'token_brn' AND version = 1});
is_deeply [dips(), stray()], [$dips, 0], '  the same double dipping is found';

# Held when everything is turned and nobody makes new tokens yet: what comes in under the old key is turned as it is staged.
$stack->epoch(9);
unlink "$dir/held";
$pid = $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', 'EKOK_STOP_POINT=keys_committed:1:hold',
    "EKOK_STOP_FILE=$dir/held", $stack->bin('ekok'), 'keys', 'rotate', 'token_mobile');
ok $stack->wait_for(sub { -e "$dir/held" }, 120), 'a rotation is held after its first part';
($code, $out) = $stack->etld;
is $code, 0, '  changes come in' or diag $out;
like $out, qr/updated=[1-9]/, '  under the old key';
is stray(), 0, '  and all who share a value have one token';
unlink "$dir/held";
waitpid $pid, 0;
is $? >> 8, 0, '  the rotation ends' or diag $stack->read_file("$dir/rotate.log");
$stack->ekok('keys', 'destroy', 'token_mobile', 1);
my $held = dips();

# Real changes come in while keys turn. A registry whose keys never turned says what is to be found.
my @expected;
for my $epoch (10 .. 12) {
    $stack->epoch($epoch);
    my $kind = (qw(mobile wallet account))[ $epoch - 10 ];
    my $rotating = $stack->start("$dir/rotate.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'rotate', "token_$kind", '--most', 400);
    my (@during, $pulls);
    do {
        my ($pulled, $said) = $stack->etld;
        $pulls .= $said if $pulled != 0;
        push @during, stray();
    } while (waitpid($rotating, 1) == 0);
    is $? >> 8, 0, "token_$kind is rotated while changes come in" or diag $stack->read_file("$dir/rotate.log");
    is $pulls, undef, '  no pull failed';
    is_deeply \@during, [(0) x @during], '  at ' . @during . ' moments all who share a value had one token';
    ($code, $out) = $stack->ekok('sweep');
    is $code, 0, '  a sweep ends well' or diag $out;
    push @expected, [dips(), found()];
}
is $stack->sql('SELECT count(*) FROM audit.unaccounted()'), 0, 'every row is accounted for in the trace';

$stack->epoch(0);
$stack->reset;
$stack->etld;
$stack->ekok('sweep');
$stack->sql("SELECT registry.decide('$x', '$y', 'same', 'a test')");
$stack->epoch(9);
$stack->etld;
is dips(), $held, 'what came in while the rotation was held: a registry whose keys never turned finds the same';
$stack->ekok('sweep');
for my $epoch (10 .. 12) {
    $stack->epoch($epoch);
    $stack->etld;
    $stack->ekok('sweep');
    is_deeply [dips(), found()], $expected[ $epoch - 10 ], "changes of epoch $epoch: a registry whose keys never turned finds the same";
}

done_testing;
