#!/usr/bin/perl
# seal.pl ENTRIES ROUNDS - sealing and verifying the trace: CPU and elapsed time for so many entries, of the sealer or the
# verifier and of its server process apart, beside the least that anyone would do: copying the same lines out and hashing them
# with sha256sum as one stream. Entries are those of rows inserted into an audited table like registry.enrolment, 100 a transaction; the
# verifier compares that table's rows too.
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
CREATE TABLE public.enrolled (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), source text, record_id text, programme text, status text,
    name_bn text, name_en text, father_name text, mother_name text, sex text, birth_date date, geo text, household uuid,
    amount_paisa bigint, enrolled_on date, nid_digits smallint, nid_sealed bytea, nid_token bytea, row_mac bytea,
    changed_at timestamptz DEFAULT now());
SELECT audit.attach('public.enrolled');
ALTER TABLE public.enrolled OWNER TO ekok_owner;
CREATE PROCEDURE public.fill(entries bigint) LANGUAGE plpgsql AS \$\$
BEGIN
    PERFORM set_config('ekok.source', 'dss', false), set_config('ekok.run', '1', false), set_config('ekok.purpose', 'ingestion', false);
    FOR n IN 1..entries / $per LOOP
        PERFORM set_config('ekok.page_sha256', encode(sha256(n::text::bytea), 'hex'), false);
        INSERT INTO public.enrolled (source, record_id, programme, status, name_bn, name_en, father_name, mother_name, sex, birth_date,
            geo, household, amount_paisa, enrolled_on, nid_digits, nid_sealed, nid_token, row_mac)
        SELECT 'dss', g, 'OAA', 'active', 'রহিমা খাতুন', 'Rahima Khatun', 'Abdul Karim', 'Amena Begum', 'female', '1950-02-03', '30261801',
            gen_random_uuid(), 50000, '2020-01-01', 10, sha256(g::text::bytea), substr(sha256(g::text::bytea), 1, 16), sha256(g::text::bytea)
        FROM generate_series(1, $per) g;
        COMMIT;
    END LOOP;
END \$\$;
SQL
$stack->sql("CALL public.fill($entries)");
$stack->sql('VACUUM (ANALYZE) audit.entry');
my $bytes = $stack->sql(q{SELECT avg(length(e::text))::int FROM (SELECT * FROM audit.entry ORDER BY xact DESC, id DESC LIMIT 1000) e});
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
my ($status, $proofs) = $stack->capture('make', '--no-print-directory', '-s', '-C', $FindBin::Bin, 'proof-times');
die $proofs if $status != 0;
($status, $proofs) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('proof-times'), "${database}auditor", 1000, "$dir/key.pub");
die $proofs if $status != 0;
print "\nInclusion proofs of 1000 entries spread over the trace, target 1000 us\n$proofs";
