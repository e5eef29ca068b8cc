#!/usr/bin/perl
# ingest.pl PERSONS ROUNDS - the main job's two figures, new rows and rows that are unchanged, each beside a peer in the same
# run, medians over rounds, each pair run one after the other; and where the processor's time goes, a record, in each class of
# programs. Says what it measured on; asserts nothing. The simulated ministries make their pages once, in a pull that is not
# counted, and send kept bytes from then on, as a server in front of a cached export would; what the fake still costs, its
# half of TLS included, is told apart and is in no figure of Ekok's CPU.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Cpu;
use Ekok::Stack;
use Time::HiRes qw(time);

my ($persons, $rounds) = @ARGV;
my $stack = Ekok::Stack->new;
$stack->up('--persons', $persons, '--seed', 1, '--defects', 0, '--keep-pages', 8000);
my $dir = $stack->dir;
my $cores = grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo');
my @CLASS = qw(daemon decoders clients server writers);    # clients: curl, jq, psql and the shell, of the peer

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }
sub commas { my $n = sprintf '%.0f', shift; 1 while $n =~ s/^(\d+)(\d{3})/$1,$2/; return $n; }
sub load { return (split ' ', $stack->read_file('/proc/loadavg'))[0]; }
my $load_before = load();

# Runs a command that returns (exit code, output) and asks how many rows it moved: rate, rows, peak memory, CPU by class.
sub measure {
    my ($what, $run, $rows_of) = @_;
    my ($told, $cpu) = Ekok::Cpu::during($stack, sub {
        my ($before, $began) = ((times)[2] + (times)[3], time);
        my ($code, $out) = $run->();
        return ($code, $out, time - $began, (times)[2] + (times)[3] - $before);
    });
    my ($code, $out, $took, $children) = @$told;
    die "$what ended with $code: $out" if $code != 0;
    my $rows = $rows_of->() || die "$what moved nothing";
    my %used = map { $_ => 1e6 * ($cpu->{$_} // 0) / $rows } @CLASS, 'simulator';
    $used{clients} = 1e6 * $children / $rows if $what eq 'the peer';
    my ($peak) = $out =~ /peak memory of ekok-etld ([\d.]+) MiB/;
    return { rate => $rows / $took, rows => $rows, peak => $peak // 0, cpu => \%used };
}

# The daemon, once.
sub pull {
    my (@arguments) = @_;
    my $from = $stack->sql('SELECT coalesce(max(id), 0) FROM etl.run');
    return measure('a pull', sub { return $stack->ekok('run', @arguments) },
        sub { return $stack->sql("SELECT sum(fetched) FROM etl.run WHERE id > $from") });
}

# The peer: pages of one source by curl, records picked by jq, copied into a bare table.
sub peer {
    my ($source) = @_;
    my ($port) = $stack->read_file("$dir/sim/ports") =~ /^$source (\d+)$/m;
    my $definition = $stack->definition($source);
    my $url = $definition->{source}{url};
    my %paging = (%{ $definition->{paging} }, rows => $definition->{source}{rows});
    my $first = $paging{first} // 1;
    my $script = <<"EOF";
set -e
page=$first
while :; do
    curl -sS --cacert $dir/certs/ca.pem --cert $dir/certs/client.pem --key $dir/certs/client.key \\
        "$url?$paging{page_param}=\$page&$paging{size_param}=$paging{size}" | jq -c '.$paging{rows}\[\]' >$dir/peer.jsonl
    psql -X -q -h $dir -U postgres -d registry -c "\\\\copy bare FROM '$dir/peer.jsonl' WITH (FORMAT csv, QUOTE E'\\\\x01', DELIMITER E'\\\\x02')"
    [ \$(wc -l <$dir/peer.jsonl) -eq $paging{size} ] || break
    page=\$((page + 1))
done
EOF
    $stack->sql('DROP TABLE IF EXISTS bare; CREATE TABLE bare (record text)');
    return measure('the peer', sub { return $stack->capture('bash', '-c', $script) }, sub { return $stack->sql('SELECT count(*) FROM bare') });
}

my ($source) = grep { $stack->definition($_)->{paging}{style} eq 'page' } $stack->sources;
my $size = $stack->definition($source)->{paging}{size};
my %seen;
pull('--all');
for my $round (1 .. $rounds) {
    print STDERR "round $round of $rounds\n";
    for my $pair (['--all', 'all'], [$source, 'one']) {
        $stack->reset;
        push @{ $seen{"new $pair->[1]"} }, pull($pair->[0]);
        pull($pair->[0]);    # the first pull that finds a page unchanged notes where its rows lie
        push @{ $seen{"unchanged $pair->[1]"} }, pull($pair->[0]);
    }
    push @{ $seen{peer} }, peer($source);
}

sub of { my ($what, $value) = @_; return median(map { $value->($_) } @{ $seen{$what} }); }
sub rate { my ($what) = @_; return of($what, sub { $_[0]{rate} }); }
sub used { my ($what, $class) = @_; return of($what, sub { $_[0]{cpu}{$class} }); }
sub ratio { my ($ours) = @_; return median(map { $seen{$ours}[$_]{rate} / $seen{peer}[$_]{rate} } 0 .. $rounds - 1); }

my ($new, $unchanged) = map { commas($seen{"$_ all"}[0]{rows}) } qw(new unchanged);
printf "\nIngestion, %s persons, %d rounds, medians; %d cores, load %.1f before and %.1f at the end\n\n", commas($persons), $rounds, $cores,
    $load_before, load();
printf "%-68s %9s %9s\n", 'what', 'new', 'unchanged';
printf "%-68s %9s %9s rows/s\n", "ten sources at once ($new and $unchanged rows), sealed, audited", map { commas(rate("$_ all")) } qw(new unchanged);
printf "%-68s %9s %9s rows/s\n", "one source ($source, pages of $size) alone", map { commas(rate("$_ one")) } qw(new unchanged);
printf "%-68s %9s %9s rows/s\n", 'the same by curl | jq | psql \copy, bare, which copies all again', (commas(rate('peer'))) x 2;
printf "%-68s %9.2f %9.2f\n", 'ratio, ours to the bare peer', map { ratio("$_ one") } qw(new unchanged);
printf "%-68s %9.1f %9.1f MiB\n", "the daemon's peak memory, ten sources at once", map { of("$_ all", sub { $_[0]{peak} }) } qw(new unchanged);
printf "\n%-28s %8s %8s %8s %8s %8s %8s | %8s\n", 'CPU microseconds a record', @CLASS, 'in all', 'the fake';
for my $line (['ten sources, new', 'new all'], ['ten sources, unchanged', 'unchanged all'], ["$source, new", 'new one'],
    ["$source, unchanged", 'unchanged one'], ["$source, the peer", 'peer']) {
    my ($what, $key) = @$line;
    my @used = map { used($key, $_) } @CLASS;
    my $sum = 0;
    $sum += $_ for @used;
    printf "%-28s %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f | %8.1f\n", $what, @used, $sum, used($key, 'simulator');
}
