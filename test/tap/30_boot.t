#!/usr/bin/perl
# docs/installation.md from top to bottom on a machine of its own, with systemd as process 1: the units come up as installed, confined
# as they say; they come back after kill -9, a hang and a restart of the machine; the wrapping key comes as systemd's credential.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Machine;
use Test::More;

my $machine = Ekok::Machine->new('boot');
my $missing = $machine->cannot_be;
plan skip_all => $missing if $missing;
my @services = qw(ekok-keyd ekok-etld ekok-sealer);

sub good {
    my ($what, $text) = @_;
    my ($code, $out) = $machine->sh($text);
    is $code, 0, $what or diag $out;
    return $out;
}
sub answer { my ($sql) = @_; my ($code, $out) = $machine->run(qw(runuser -u postgres -- psql -XqAt -d registry -c), $sql); chomp $out; return $out; }
sub wait_for { my ($what, $test) = @_; ok(Ekok::Stack->wait_for($test, 180), $what) or diag +($machine->run(qw(journalctl --no-pager -n 60)))[1]; return; }
sub all_active { return !grep { $machine->show($_, 'ActiveState') ne 'active' } @services; }

$machine->boot;

# Before the page: Debian's own cluster as its package makes it, and ten ministries that listen, with the certificate that they gave us.
good 'a machine with PostgreSQL on it', <<'END';
systemctl stop postgresql
for old in $(pg_lsclusters -h | cut -d' ' -f1,2 --output-delimiter=/); do pg_dropcluster --stop ${old%/*} ${old#*/} || pg_dropcluster ${old%/*} ${old#*/}; done
pg_createcluster 15 main
systemctl enable --now postgresql
END
my $ministries = <<'END';
mkdir -p /srv/ministries/state /etc/ekok/sources
rm -f /srv/ministries/state/ports
test/sim/make_certs.sh /srv/ministries/certs
systemd-run --quiet --unit=ministries build/bin/ekok-sim serve --certs /srv/ministries/certs --state /srv/ministries/state \
    --fault-file /srv/ministries/faults --auth-file /srv/ministries/auth --epoch-file /srv/ministries/epoch --persons 300 --seed 7 --defects 0
for _ in {1..1200}; do [ ! -e /srv/ministries/state/ports ] || break; sleep 0.1; done
cp /srv/ministries/certs/{ca.pem,client.pem,client.key} /etc/ekok
while read -r source port; do sed "s/@PORT@/$port/g" "test/sim/sources/$source.json.in" >"/etc/ekok/sources/$source.json"; done </srv/ministries/state/ports
END
good 'ministries', $ministries;

# The page.
my $page = Ekok::Stack->read_file("$Ekok::Stack::ROOT/docs/installation.md");
my @part = split /^## /m, $page;
my $printed;
for my $part (@part[1 .. $#part]) {
    my ($title) = split /\n/, $part;
    while ($part =~ /^```sh\n(.*?)^```$/msg) {
        if ($title eq 'Does it work') {
            wait_for('a pull of every source has ended', sub { answer(q{SELECT count(DISTINCT source) FROM etl.run WHERE state = 'finished'}) eq '10' });
        }
        $printed = good "the page: $title", $1;
    }
}
like $printed, qr/^10 of 10 sources are well$/m, 'it says that all is well';
like $printed, qr/^well$/m, '  and so does the health of the daemon';
cmp_ok answer('SELECT count(*) FROM registry.enrolment'), '>', 200, 'people are in the registry';
wait_for('the trace is sealed up to its end', sub { answer('SELECT count(*) FROM audit.entry') eq answer('SELECT max(size) FROM audit.checkpoint') });
good 'the trace verifies against its witnesses', <<'END';
runuser -u ekok-sealer -- psql -XqAt -d registry -U sealer -c 'SELECT 1' >/dev/null
install -m 0644 /etc/ekok-sealer/key.pub /srv/audit.pub
runuser -u postgres -- ekok verify-audit --database dbname=registry --keys /srv/audit.pub --witness /srv/ekok-witness/one --witness /srv/ekok-witness/two
END

# As the kernel sees them, not as the files say.
my %user = ('ekok-keyd' => 'ekok-keyd', 'ekok-etld' => 'ekok', 'ekok-sealer' => 'ekok-sealer');
for my $service (@services) {
    my $main = $machine->show($service, 'MainPID');
    my (undef, $status) = $machine->run('cat', "/proc/$main/status");
    like $status, qr/^NoNewPrivs:\t1$/m, "$service: no new privileges";
    like $status, qr/^Seccomp:\t2$/m,    '  a filter of system calls';
    like $status, qr/^CapEff:\t0+$/m,    '  no capability';
    is +($machine->run('stat', '-c', '%U', "/proc/$main"))[1], "$user{$service}\n", '  its own user';
    my ($code) = $machine->run('nsenter', '-t', $main, '-m', '-r', 'touch', '/etc/written', '/usr/written');
    isnt $code, 0, '  and nothing to write to in the system';
    is $machine->show($service, 'NRestarts'), 0, '  it was never restarted';
}
my ($code) = $machine->run(qw(runuser -u ekok -- cat /etc/ekok-keyd/keys));
isnt $code, 0, "the daemon's user cannot read the keys";

# kill -9, and a hang, which the watchdog ends (it and what follows it sooner than in the unit, for the test's sake).
for my $service (@services) {
    my $before = $machine->show($service, 'MainPID');
    $machine->run('kill', '-9', $before);
    wait_for("$service comes back after kill -9", sub { $machine->show($service, 'MainPID') !~ /^(?:0|$before)$/ && all_active() });
}
good 'a watchdog of ten seconds', <<'END';
mkdir -p /etc/systemd/system/ekok-etld.service.d
printf '[Service]\nWatchdogSec=10\nTimeoutAbortSec=5\n' >/etc/systemd/system/ekok-etld.service.d/test.conf
systemctl daemon-reload
systemctl restart ekok-etld
END
my $hanging = $machine->show('ekok-etld', 'MainPID');
$machine->run('kill', '-STOP', $hanging);
wait_for('a daemon that hangs is ended and started again', sub { $machine->show('ekok-etld', 'MainPID') !~ /^(?:0|$hanging)$/ && all_active() });
good 'and all are pulled again', 'runuser -u ekok -- ekok --config /etc/ekok/ekok.ini run --all';

# The wrapping key as a credential of systemd: a file that the service's user cannot read; handed over, the agent starts with it.
good 'keys wrapped under a credential', <<'END';
install -d -m 0700 /etc/credstore
(umask 077 && openssl rand -hex 32 >/etc/credstore/kek)
printf '[database]\nconninfo = dbname=registry\n[keys]\nfile = /etc/ekok-keyd/keys\n[tls]\nca = none\ncertificate = none\nkey = none\n' >/etc/ekok-keyd/keys.ini
chown ekok-keyd /etc/ekok-keyd/keys.ini
mkdir -p /run/systemd/system
cat >/run/systemd/system/wrap.service <<'UNIT'
[Service]
Type=oneshot
User=ekok-keyd
LoadCredential=kek:/etc/credstore/kek
ExecStart=/usr/local/bin/ekok --config /etc/ekok-keyd/keys.ini keys upgrade --wrap credential:kek
UNIT
systemctl daemon-reload
systemctl start wrap
grep -q '^wrap credential kek' /etc/ekok-keyd/keys
END
($code) = $machine->run(qw(systemctl restart ekok-keyd));
isnt $code, 0, 'without it the agent does not start';
good '  with it, it does', <<'END';
mkdir -p /etc/systemd/system/ekok-keyd.service.d
printf '[Service]\nLoadCredential=kek:/etc/credstore/kek\n' >/etc/systemd/system/ekok-keyd.service.d/wrap.conf
systemctl daemon-reload
systemctl reset-failed ekok-keyd
systemctl restart ekok-keyd
END

# Off and on again: nobody types anything.
my $people = answer('SELECT count(*) FROM registry.enrolment');
$machine->off(qw(ekok-etld ekok-sealer postgresql ekok-keyd));
$machine->boot;
wait_for('after a restart of the machine all three are up by themselves', \&all_active);
is answer('SELECT count(*) FROM registry.enrolment'), $people, '  with everybody in the registry';
good '  the ministries too', $ministries;
good '  whose addresses have changed, and a pull', <<'END';
chown ekok:ekok /etc/ekok/*.pem /etc/ekok/client.key
runuser -u ekok -- ekok --config /etc/ekok/ekok.ini source add /etc/ekok/sources/*.json
systemctl reload ekok-etld
runuser -u ekok -- ekok --config /etc/ekok/ekok.ini run --all
END

good 'a stop is no failure', 'systemctl stop ekok-etld ekok-sealer ekok-keyd';
for my $service (@services) {
    is $machine->show($service, 'Result'), 'success', "$service ended well" or diag +($machine->run(qw(journalctl --no-pager -n 20 -u), $service))[1];
}

done_testing;
