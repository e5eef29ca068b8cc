#!/usr/bin/perl
# seal.pl ENTRIES ROUNDS - sealing and verifying the trace: CPU and elapsed time for so many entries, of the sealer or the
# verifier and of its server process apart, beside the least that anyone would do: copying the same lines out and hashing them
# with sha256sum as one stream. Entries are of one size, images as of an enrolment, in transactions of 100.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;
use Time::HiRes qw(time);

my ($entries, $rounds) = @ARGV;
die "seal.pl ENTRIES ROUNDS\n" if !$rounds;
my $stack = Ekok::Stack->new;

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }

# CPU seconds of the server's processes that have ended, so of every session that was closed.
sub server_cpu {
    my ($postmaster) = split /\n/, $stack->read_file($stack->dir . '/data/postmaster.pid');
    my @field = split ' ', $stack->read_file("/proc/$postmaster/stat") =~ s/^.*\) //r;
    return ($field[13] + $field[14]) / 100;
}

# (elapsed, own CPU, server's CPU) of a command that must succeed.
sub timed {
    my @command = @_;
    my ($server, @before) = (server_cpu(), times);
    my $began = time;
    my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command);
    die "$command[0]: $out" if $code != 0;
    my @after = times;
    my $elapsed = time - $began;
    sleep 1;    # the session's process is gone
    return ($elapsed, $after[2] + $after[3] - $before[2] - $before[3], server_cpu() - $server);
}

$stack->call('server-start', 'max_wal_size=8GB', 'autovacuum=off');
$stack->call('migrate');
my ($dir, $socket) = ($stack->dir, $stack->socket);
my $per = 100;
$stack->sql(<<"SQL");
CREATE PROCEDURE public.fill(entries bigint) LANGUAGE plpgsql AS \$\$
BEGIN
    FOR n IN 1..entries / $per LOOP
        INSERT INTO audit.entry (source, run_id, page_sha256, purpose, table_name, op, row_id, new)
        SELECT 'dss', 1, sha256(n::text::bytea), 'ingestion', 'bench.enrolment', 'INSERT', gen_random_uuid(),
            jsonb_build_object('id', gen_random_uuid(), 'source', 'dss', 'record_id', g, 'programme', 'OAA', 'status', 'active', 'name_bn',
                'রহিমা খাতুন', 'name_en', 'Rahima Khatun', 'father_name', 'Abdul Karim', 'mother_name', 'Amena Begum', 'sex', 'female',
                'birth_date', '1950-02-03', 'geo', '30261801', 'household', 'H1', 'amount_paisa', 50000, 'enrolled_on', '2020-01-01',
                'nid_digits', 10, 'nid_sealed', sha256(g::text::bytea), 'nid_token', sha256(g::text::bytea), 'row_mac', sha256(g::text::bytea))
        FROM generate_series(1, $per) g;
        COMMIT;
    END LOOP;
END \$\$;
SQL
$stack->sql("CALL public.fill($entries)");
$stack->sql('VACUUM (ANALYZE) audit.entry');
my $bytes = $stack->sql(q{SELECT avg(length(e::text))::int FROM (SELECT * FROM audit.entry ORDER BY xact, id LIMIT 1000) e});
$stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'mkdir', "$dir/one", "$dir/two");
$stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'keys', 'init-audit', 'bench', "$dir/key");
my $database = "host=$socket dbname=registry user=";
my @seal = timed($stack->bin('ekok-sealer'), '--once', '--database', "${database}sealer", '--key', "$dir/key", '--witness', "$dir/one", '--witness',
    "$dir/two");
my (@verify, @peer);
my $copy = 'COPY (SELECT xact, id, at, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, old, new FROM audit.entry ORDER BY xact, id) TO STDOUT';
for my $round (1 .. $rounds) {
    push @verify, [timed($stack->bin('ekok'), 'verify-audit', '--database', "${database}auditor", '--keys', "$dir/key.pub", '--witness', "$dir/one")];
    push @peer, [timed('bash', '-c', "psql -qX -d '${database}postgres' -c '$copy' | sha256sum")];
}
my $total = $stack->sql('SELECT count(*) FROM audit.entry');
my ($load) = split ' ', $stack->read_file('/proc/loadavg');
printf "\n%d entries of about %d bytes as text; medians of %d rounds (sealing: once); load %s at the end\n\n", $total, $bytes, $rounds, $load;
printf "%-34s %12s %14s %14s %16s\n", '', 'elapsed s', 'own CPU us', 'server CPU us', 'both, us';
my $line = sub {
    my ($what, $elapsed, $own, $server) = @_;
    printf "%-34s %12.1f %14.2f %14.2f %16.2f\n", $what, $elapsed, map { 1e6 * $_ / $total } $own, $server, $own + $server;
};
my $of = sub { my ($runs, $k) = @_; return median(map { $_->[$k] } @$runs); };
$line->('sealed (an entry)', @seal);
$line->('verified, tables compared too', map { $of->(\@verify, $_) } 0 .. 2);
$line->('COPY | sha256sum', map { $of->(\@peer, $_) } 0 .. 2);
printf "\nverified in %.2f times the elapsed time of the bare stream; 10 million at this rate: %.0f s elapsed (target 60 s on one core)\n",
    $of->(\@verify, 0) / $of->(\@peer, 0), 1e7 * $of->(\@verify, 0) / $total;
