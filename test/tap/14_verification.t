#!/usr/bin/perl
# Verification end to end: what the simulated registers answer becomes verdicts equal to their truth; nothing valid is
# asked twice, no quota is exceeded, a third bKash token within an hour is never asked for, nothing is left in clear.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use JSON::PP;
use Test::More;

my $stack = Ekok::Stack->new;
my @sim = ('--persons', 700, '--seed', 5, '--defects', 0);
$stack->up(@sim);
my $dir = $stack->dir;
my ($code, $out) = $stack->ekok('run', '--all');
is $code, 0, 'a pull' or BAIL_OUT $out;
($code, $out) = $stack->ekok('sweep');
is $code, 0, 'a sweep' or BAIL_OUT $out;
$stack->sql("UPDATE registry.verification_system SET quota_minute = 100000");
$stack->sql('ANALYZE');

# What the registers were asked, by system; tokens they were asked for.
sub asked { my %n; /(\S+) (\d+)/ and $n{$1} += $2 for split /\n/, eval { $stack->read_file("$dir/sim/asked") } // ''; return \%n; }
sub grants { my ($name) = @_; return grep { /^$name / } split /\n/, eval { $stack->read_file("$dir/sim/grants") } // ''; }
sub verdicts {
    return $stack->sql(q{SELECT string_agg(concat_ws(' ', e.source, e.record_id, v.system, v.answer, v.verdict), E'\n' ORDER BY e.id, v.system)
        FROM registry.verification v JOIN registry.enrolment e ON e.id = v.enrolment_id});
}

subtest 'a first look' => sub {
    my ($c, $o) = $stack->ekok('verify', '--dry-run');
    is $c, 0, 'a dry run';
    like $o, qr/^ec\s+never asked\s+[\d,]+/m, 'says what would be asked, and why';
    is_deeply asked(), {}, 'and asks nothing';
    is $stack->sql('SELECT count(*) FROM audit.reading'), 0, 'nor opens anything';
};

($code, $out) = $stack->ekok('verify');
is $code, 0, 'a pass over thirteen systems' or diag $out;
$stack->write_file("$dir/verify.log", $out);
my $first = asked();
is scalar(keys %$first), 13, 'each was asked';
is_deeply { map { split / / } split /\n/, $stack->sql(q{SELECT system || ' ' || asked FROM etl.verification_spent}) },
    $first, 'the books count what the registers were asked';
is $stack->sql(q{SELECT count(*) FROM audit.reading WHERE purpose LIKE 'verification by %'}),
    $stack->sql(q{SELECT sum(x.asked * (cardinality(s.asks) - ('birth_date' = ANY (s.asks))::int)) FROM etl.verification_spent x
        JOIN registry.verification_system s ON s.code = x.system}), 'a reading for each value that was opened';

# The truth, in the simulator's words; the meaning of each word is written down here a second time.
my %means = (
    'found=false' => 'unknown', 'dead=true' => 'mismatch', 'status=registered' => 'match', 'status=corrected' => 'match',
    'status=cancelled' => 'mismatch', 'match=Y' => 'match', 'match=N' => 'mismatch', 'match=NOT_FOUND' => 'unknown',
    'statusCode=2045' => 'unknown', 'accountStatus=INACTIVE' => 'mismatch', 'accountStatus=CLOSED' => 'mismatch',
    'nidMatch=Y' => 'match', 'nidMatch=N' => 'mismatch', 'status=NotFound' => 'unknown', 'status=Inactive' => 'mismatch',
    'nidMatched=true' => 'match', 'nidMatched=false' => 'mismatch', 'wallet=NOT_FOUND' => 'unknown', 'wallet=INACTIVE' => 'mismatch',
    'wallet=CLOSED' => 'mismatch', 'nid_match=Y' => 'match', 'nid_match=N' => 'mismatch', 'http=403' => 'unknown', 'http=404' => 'unknown',
    'verified=true' => 'match', 'verified=false' => 'mismatch', 'listed=yes' => 'match', 'listed=no' => 'mismatch', 'listed=not_found' => 'unknown');
($code) = $stack->capture($stack->bin('ekok-sim'), 'verdicts', @sim, '--out', "/tmp/ekok-verdicts.$$");
my %inactive = map { $_ => 1 } split /\n/, $stack->sql(q{SELECT source || ' ' || record_id FROM registry.enrolment WHERE status = 'inactive'});
my @truth = sort grep { my ($s, $r) = split / /; !$inactive{"$s $r"} }
    map { my ($source, $record, $system, $answer) = split /\t/; "$source $record $system $answer $means{$answer}" }
    grep { !/^source\t/ } split /\n/, $stack->read_file("/tmp/ekok-verdicts.$$");
unlink "/tmp/ekok-verdicts.$$";
my @have = sort split /\n/, verdicts();
cmp_ok scalar(@truth), '>', 3000, scalar(@truth) . ' verdicts to compare';
is_deeply \@have, \@truth, 'verdicts equal the truth of the registers, each with its reason';
my %seen = map { (split / /)[3] => 1 } @have;
cmp_ok scalar(grep { $means{$_} eq 'unknown' } keys %seen), '>=', 5, 'among them several ways of not being found, all unknown';

subtest 'nothing valid is asked twice' => sub {
    my $before = $stack->row_versions;
    my ($c, $o) = $stack->ekok('verify');
    is $c, 0, 'a second pass' or diag $o;
    is_deeply asked(), $first, 'asks nothing';
    is $stack->row_versions, $before, 'and writes nothing';
    is scalar(grants('bkash')), 1, 'the token is kept from one process to the next';
    $stack->sql(q{UPDATE registry.verification SET valid_until = asked_at WHERE system = 'rocket' AND id IN
        (SELECT id FROM registry.verification WHERE system = 'rocket' LIMIT 3)});
    is $stack->sql(q{SELECT string_agg(DISTINCT reason, ',') FROM registry.verification_queue}), 'expired', 'what is out of date waits again';
    $stack->ekok('verify', 'rocket');
    cmp_ok asked()->{rocket}, '<=', $first->{rocket} + 3, 'and alone is asked again';
    cmp_ok asked()->{rocket}, '>', $first->{rocket}, 'is asked again';
};

subtest 'before a payment' => sub {
    is $stack->sql(q{SELECT count(*) FROM registry.payment_check('OAA') WHERE verdict NOT IN ('match', 'mismatch', 'unknown') OR why IS NULL}), 0, 'tri-state, with a reason';
    is $stack->sql(q{SELECT count(*) FROM registry.payment_check('OAA')}), $stack->sql(q{SELECT count(*) FROM registry.enrolment WHERE programme = 'OAA'}), 'a row for each enrolment';
    cmp_ok $stack->sql(qq{SELECT count(*) FROM registry.payment_check('OAA') WHERE verdict = '$_'}), '>', 0, $_ for qw(match mismatch unknown);
    is $stack->sql(q{SELECT count(*) FROM registry.payment_check('OAA') p WHERE p.verdict = 'match' AND NOT EXISTS (SELECT FROM registry.verification v
        WHERE v.enrolment_id = p.enrolment_id AND v.system = p.system AND v.verdict = 'match')}), 0, 'who may be paid has a match of the wallet';
};

subtest 'status' => sub {
    my ($c, $o) = $stack->ekok('verify', 'status');
    is $c, 0, 'ekok verify status';
    is scalar(grep { length($_) > 80 } split /\n/, $o), 0, 'fits 80 columns';
    ($c, $o) = $stack->ekok('verify', 'status', '--json');
    is scalar(@{ (eval { decode_json($o) } // {})->{systems} // [] }), 13, 'and is JSON with --json';
};

subtest 'nothing in clear' => sub {
    my ($c) = $stack->capture($stack->bin('ekok-sim'), 'records', @sim, '--out', "/tmp/ekok-records.$$");
    my %number;
    for (split /\n/, $stack->read_file("/tmp/ekok-records.$$")) {
        my @field = split /\t/;
        next if $field[0] eq 'id';
        $number{ $_ =~ s/^\w+://r }++ for grep { /\d{10,}/ } @field[9 .. 13];
    }
    unlink "/tmp/ekok-records.$$";
    my %known = map { $_ => 1 } map { /(\d+)/g } split /\n/, $stack->sql('SELECT record_id FROM registry.enrolment UNION SELECT household FROM registry.enrolment WHERE household IS NOT NULL');
    my @number = grep { !$known{$_} } sort keys %number;
    cmp_ok scalar(@number), '>', 1000, scalar(@number) . ' identifiers to search for';
    $stack->write_file("$dir/numbers.txt", join "\n", @number, 'sim-token-', 'sim-voter-token', 'sim-app-secret', 'sim-password', '');
    $stack->sql('CHECKPOINT');
    my $log = ($stack->capture('grep', '-raFlf', "$dir/numbers.txt", "$dir/data", "$dir/server.log", "$dir/verify.log", "$dir/sim/asked"))[1];
    is $log, '', 'no identifier, token or password in the database, its WAL and the logs';
    my ($c2, $found) = $stack->capture('grep', '-raFlf', "$dir/numbers.txt", "$dir/credentials");
    like $found, qr/bkash/, 'the search finds a password where it stands (so it can find)';
};

# From here on each case begins with the pulled registry, nothing asked.
$stack->sql('TRUNCATE etl.verification_request, etl.verification_batch, etl.verification_spent, etl.verification_grant CASCADE');
$stack->sql('ALTER TABLE registry.verification DISABLE TRIGGER audit_truncate; TRUNCATE registry.verification; ALTER TABLE registry.verification ENABLE ALWAYS TRIGGER audit_truncate');
$stack->sql('CREATE DATABASE loaded TEMPLATE registry STRATEGY file_copy', 'postgres');
sub again {
    my (%option) = @_;
    $stack->sql('DROP DATABASE registry', 'postgres');
    $stack->sql('CREATE DATABASE registry TEMPLATE loaded STRATEGY file_copy', 'postgres');
    $stack->call('sim-start', @sim) if $option{sim};
    unlink "$dir/sim/asked", "$dir/sim/grants";
    $stack->fault('');
    return;
}
sub ask { my ($system, @more) = @_; my %set = ref $more[0] ? %{ shift @more } : (); return $stack->etld(\%set, '--verify', '--source', $system, @more); }

subtest 'quota' => sub {
    again();
    $stack->sql(q{UPDATE registry.verification_system SET quota_day = 25 WHERE code = 'btrc'});
    for my $nth (1, 2) {
        my ($c, $o) = ask('btrc');
        is $c, 0, "pass $nth";
        is asked()->{btrc}, 25, '  25 were asked, the quota of the day';
    }
    like +($stack->ekok('verify', 'btrc'))[1], qr/the quota of the day is used up/, '  which is said';
    $stack->sql(q{SELECT registry.change_verification('btrc', 40, NULL, NULL)});
    ask('btrc');
    is asked()->{btrc}, 40, 'a greater quota is used to its end';
    $stack->sql(q{UPDATE registry.verification_system SET quota_day = 1000, quota_minute = 60 WHERE code = 'rocket'});
    my @pid = map { $stack->start("$dir/two$_.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--verify', '--most', 30, '--source', 'nagad') } 1, 2;
    waitpid $_, 0 for @pid;
    is asked()->{nagad}, $stack->sql(q{SELECT asked FROM etl.verification_spent WHERE system = 'nagad'}), 'two daemons at once: counted together';
    is asked()->{nagad}, $stack->sql(q{SELECT count(DISTINCT basis) FROM registry.verification WHERE system = 'nagad'}), '  and nothing is asked twice';
};

subtest 'the order' => sub {
    again();
    my $programme = $stack->sql(q{SELECT programme FROM registry.enrolment WHERE wallet_provider = 'BKASH' AND nid_token IS NOT NULL GROUP BY 1 ORDER BY count(*) LIMIT 1});
    $stack->sql(qq{SELECT registry.announce_payment('$programme', current_date + 3)});
    my $mine = qq{SELECT count(DISTINCT q.enrolment_id) FROM registry.verification_queue q WHERE q.system = 'bkash' AND q.reason = 'payment list'};
    my $first_ones = $stack->sql($mine);
    cmp_ok $first_ones, '>', 0, "$first_ones wallets of $programme come first";
    ask('bkash', '--most', $first_ones);
    is $stack->sql($mine), 0, 'and are asked first';
    is $stack->sql(qq{SELECT count(*) FROM registry.verification v JOIN registry.enrolment e ON e.id = v.enrolment_id WHERE e.programme <> '$programme'
        AND v.basis NOT IN (SELECT w.basis FROM registry.verification w JOIN registry.enrolment x ON x.id = w.enrolment_id WHERE x.programme = '$programme')}), 0, 'no other was asked for its own sake';
};

subtest 'bKash tokens' => sub {
    again(sim => 1);
    $stack->fault("bkash token\n");
    for my $nth (1 .. 4) {
        my ($c, $o) = ask('bkash');
        is $c, 3, "pass $nth fails";
        like $o, $nth < 3 ? qr/no token is granted: answered 403/ : qr/no token may be asked for until \d+ minutes from now/, '  and says why';
    }
    is scalar(grants('bkash')), 2, 'a third token within the hour is never asked for';
    $stack->fault('');
    ask('bkash');
    is scalar(grants('bkash')), 2, 'not even when the system is well again';
    $stack->sql(q{UPDATE etl.verification_grant SET asked_at = asked_at - interval '70 minutes'});
    again(sim => 1);
    my ($c, $o) = ask('bkash', '--most', 5);
    is $c, 0, 'an hour later' or diag $o;
    is join(',', grants('bkash')), 'bkash given', '  one is asked for, and given';
};

subtest 'failures' => sub {
    again();
    my %expected = (
        http500 => [3, qr/answered 500/], down => [3, qr/connection|cut|answer/], html => [3, qr/content type/],
        garbage => [3, qr/cannot be read|broken/], truncated => [3, qr/cannot be read|broken/], 'slow 3' => [3, qr/no full answer/]);
    my $patient = $stack->read_file("$dir/verify/rocket.ini");
    (my $hasty = $patient) =~ s/^(url = .*)$/$1\ntimeout = 1/m;
    for my $fault (sort keys %expected) {
        $stack->write_file("$dir/verify/rocket.ini", $fault =~ /^slow/ ? $hasty : $patient);
        $stack->fault("rocket $fault\n");
        my ($c, $o) = ask('rocket');
        is $c, $expected{$fault}[0], "$fault: exit code";
        like $o, $expected{$fault}[1], '  the reason is said';
        is $stack->sql(q{SELECT count(*) FROM registry.verification}), 0, '  and no verdict is written';
    }
    $stack->fault("rocket http429\n");
    my ($c, $o) = ask('rocket');
    is $c, 0, 'a quota that the other side says is used up';
    like $o, qr/quota is used up/, '  is said';
    $stack->fault('');
    my $before = asked()->{rocket} // 0;
    ask('rocket');
    is asked()->{rocket} // 0, $before, '  nothing more is asked today';
    ($c, $o) = $stack->ekok('verify', 'reopen', 'rocket');
    is $c, 0, '  until a person reopens it';
    ask('rocket');
    cmp_ok asked()->{rocket}, '>', $before, '  then it is';
    $stack->fault("ec locked\n");
    ($c, $o) = ask('ec', '--most', 5);
    is $c, 0, 'locked voters';
    is $stack->sql(q{SELECT string_agg(DISTINCT verdict || ': ' || reason, ',') FROM registry.verification WHERE system = 'ec'}),
        'unknown: the voter is locked: details cannot be fetched', '  are unknown, and say so';
    $stack->fault("btrc token\n");
    ($c, $o) = ask('btrc', '--most', 5);
    is $c, 3, 'a refused token';
    is $stack->sql(q{SELECT count(*) FROM registry.verification WHERE system = 'btrc'}), 0, '  is no verdict about anybody';
    is asked()->{bdris} // 0, 0, 'who is not named is not asked';
};

subtest 'kill -9 at each step' => sub {
    again(sim => 1);
    ask('bkash');
    my ($undisturbed, $count) = (verdicts(), asked()->{bkash});
    cmp_ok $count, '>', 100, 'two batches to ask';
    my @points = map { /^X\((verify_\w+)/ ? $1 : () } split /\n/, $stack->read_file("$Ekok::Stack::ROOT/etl-daemon/src/base/stop_point.def");
    is scalar(@points), 6, 'stop points';
    for my $point (@points) {
        again(sim => 1);
        my ($c) = ask('bkash', { EKOK_STOP_POINT => "$point:1:kill" });
        is $c, 137, "killed at $point";
        ($c, my $o) = ask('bkash');
        is $c, 0, '  a rerun ends well' or diag $o;
        ok verdicts() eq $undisturbed, '  with the verdicts of a pass never killed';
        my $spent = $stack->sql(q{SELECT asked FROM etl.verification_spent WHERE system = 'bkash'});
        cmp_ok $spent, '<=', $count + 100, '  one batch at most is spent in vain';
        cmp_ok asked()->{bkash}, '<=', $spent, '  and the other side never counts more than we do';
        cmp_ok scalar(grants('bkash')), '<=', 2, '  two tokens at most';
        is $stack->sql(q{SELECT count(*) FROM etl.verification_batch WHERE state = 'open'}), 0, '  no batch is left open';
    }
};

subtest 'kill -9 of the server' => sub {
    again(sim => 1);
    ask('bkash');
    my $undisturbed = verdicts();
    for my $point (qw(verify_reserved verify_answered)) {
        again(sim => 1);
        my $file = "$dir/held";
        unlink $file;
        my $pid = $stack->start("$dir/etld.log", $Ekok::Stack::STACK, 'run', $stack->{name}, 'env', "EKOK_STOP_POINT=$point:2:hold",
            "EKOK_STOP_FILE=$file", $stack->bin('ekok-etld'), '--config', "$dir/ekok.ini", '--verify', '--source', 'bkash');
        ok $stack->wait_for(sub { -e $file }, 120), "held at $point, second batch" or next;
        $stack->call('server-kill');
        unlink $file;
        waitpid $pid, 0;
        isnt $? >> 8, 0, '  the daemon says that the server is gone';
        $stack->call('server-restart');
        my ($c, $o) = ask('bkash');
        is $c, 0, '  a rerun ends well' or diag $o;
        is verdicts(), $undisturbed, '  with the verdicts of a pass never disturbed';
    }
};

subtest 'by itself' => sub {
    again();
    (my $text = $stack->read_file("$dir/ekok.ini")) .= "\n[verify]\ninterval = 1\nmost = 10\n";
    $stack->write_file("$dir/timed.ini", $text);
    my $pid = $stack->start("$dir/timed.log", $Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok-etld'), '--config', "$dir/timed.ini", '--source', 'dol');
    ok $stack->wait_for(sub { $stack->sql('SELECT count(DISTINCT system) FROM registry.verification') == 13 }, 120), 'the daemon asks every system when the sources are quiet';
    my ($daemon) = grep {
        my ($program, @word) = split /\0/, eval { $stack->read_file("/proc/$_/cmdline") } // '';
        ($program // '') eq $stack->bin('ekok-etld') && grep { $_ eq "$dir/timed.ini" } @word;
    } map { m{(\d+)$} } glob '/proc/[0-9]*';
    ok $daemon, 'it is there' or BAIL_OUT 'the daemon is not found';
    kill 'TERM', $daemon;
    waitpid $pid, 0;
    like $? >> 8, qr/^[07]$/, 'and stops when told to: 7 where something was under way';
    is $stack->sql(q{SELECT count(*) FROM etl.verification_batch WHERE state = 'open'}), 0, 'with no batch left open';
};

done_testing;
