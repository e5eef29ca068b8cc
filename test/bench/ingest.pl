#!/usr/bin/perl
# ingest.pl PERSONS ROUNDS - the main job's figures beside a peer, medians over rounds, each pair run one after the other;
# and where the processor's time goes, a record, in each program. Says what it measured on; asserts nothing.
# The simulated ministries make their pages once, in a pull that is not counted: who is measured is who asks.
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

sub median { my @s = sort { $a <=> $b } @_; return $s[ $#s / 2 ]; }
sub commas { my $n = sprintf '%.0f', shift; 1 while $n =~ s/^(\d+)(\d{3})/$1,$2/; return $n; }

# Runs the daemon once; returns (seconds, rows fetched by these runs, its peak resident memory in MiB, CPU seconds by program).
sub pull {
    my (@arguments) = @_;
    my $from  = $stack->sql('SELECT coalesce(max(id), 0) FROM etl.run');
    my ($began, $took);
    my ($told, $cpu) = Ekok::Cpu::during($stack, sub {
        $began = time;
        my @ended = $stack->ekok('run', @arguments);
        $took = time - $began;
        return @ended;
    });
    my ($code, $out) = @$told;
    die "the run ended with $code: $out" if $code != 0;
    my ($peak) = $out =~ /peak memory of ekok-etld ([\d.]+) MiB/;
    return ($took, $stack->sql("SELECT sum(fetched) FROM etl.run WHERE id > $from"), $peak // 0, $cpu);
}

# The peer: pages of one source by curl, fields picked by jq, copied into a bare table.
sub peer {
    my ($source) = @_;
    my ($port) = $stack->read_file("$dir/sim/ports") =~ /^$source (\d+)$/m;
    my $definition = $stack->definition($source);
    my $url = $definition->{source}{url};
    my %paging = (%{ $definition->{paging} }, rows => $definition->{source}{rows});
    die "$source does not page by number" if $paging{style} ne 'page';
    my $first = $paging{first} // 1;
    $stack->sql('DROP TABLE IF EXISTS bare; CREATE TABLE bare (record text)');
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
    my $began = time;
    my ($code, $out) = $stack->capture('bash', '-c', $script);
    my $took = time - $began;
    die "the peer ended with $code: $out" if $code != 0;
    return ($took, $stack->sql('SELECT count(*) FROM bare'));
}

my ($source) = grep { $stack->definition($_)->{paging}{style} eq 'page' } $stack->sources;
my (@load, @again, @ours, @theirs, @peak, @cpu_load, @cpu_again);
pull('--all');
for my $round (1 .. $rounds) {
    print STDERR "round $round of $rounds\n";
    $stack->reset;
    my ($took, $rows, $peak, $cpu) = pull('--all');
    push @load, $rows / $took;
    push @peak, $peak;
    push @cpu_load, { map { $_ => 1e6 * $cpu->{$_} / $rows } keys %$cpu };
    ($took, $rows, $peak, $cpu) = pull('--all');
    push @again, $rows / $took;
    push @cpu_again, { map { $_ => 1e6 * $cpu->{$_} / $rows } keys %$cpu };
    $stack->reset;
    ($took, $rows) = pull($source);
    push @ours, $rows / $took;
    ($took, $rows) = peer($source);
    push @theirs, $rows / $took;
}
my $load = commas((split ' ', $stack->read_file('/proc/loadavg'))[0] * 100) / 100;
printf "\nIngestion, %s persons, %d rounds, medians; %d cores, load %.2f at the end\n\n", commas($persons), $rounds,
    scalar(grep { /^processor/ } split /\n/, $stack->read_file('/proc/cpuinfo')), $load;
printf "%-62s %14s\n", 'what', 'figure';
printf "%-62s %8s rows/s\n", 'ten sources at once, HTTPS to committed, sealed, audited', commas(median(@load));
printf "%-62s %8s rows/s\n", 'the same again, nothing changed', commas(median(@again));
printf "%-62s %10.1f MiB\n", "the daemon's peak memory, ten sources at once", median(@peak);
printf "%-62s %8s rows/s\n", "one source ($source) alone", commas(median(@ours));
printf "%-62s %8s rows/s\n", "the same by curl | jq | psql \\copy, bare", commas(median(@theirs));
printf "%-62s %14.2f\n", 'ratio, ours to the bare peer', median(map { $ours[$_] / $theirs[$_] } 0 .. $#ours);
printf "\n%-44s %8s %8s %8s %9s %8s\n", 'CPU microseconds a record', qw(daemon decoders server simulator together);
for my $line (['the first pull', \@cpu_load], ['the same again', \@cpu_again]) {
    my ($what, $rounds_of) = @$line;
    my @used = map { my $program = $_; median(map { $_->{$program} // 0 } @$rounds_of) } qw(daemon decoders server simulator);
    my $sum = 0;
    $sum += $_ for @used;
    printf "%-44s %8.1f %8.1f %8.1f %9.1f %8.1f\n", $what, @used, $sum;
}
