#!/usr/bin/perl
# Three staged incidents - an expired certificate, a field that drifted, a quota that is used up - each mended by the runbook
# alone: the sign that `ekok status` shows is looked up in the table "Alarms" of docs/OPERATIONS.md, and what stands there is
# done, its commands as they are written. Afterwards the registry holds what an undisturbed one holds.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 1500, '--seed', 37, '--defects', '0.01');
$stack->set_sources('deadlines', page => 20, retries => 1, first_delay => 10);
$stack->change_definitions(sub { $_[0]{paging}{size} = 50 if $_[0]{source}{name} eq 'dwa' });
my $certs = $stack->dir . '/certs';

my ($code, $out) = $stack->etld;
is $code, 0, 'an undisturbed run' or BAIL_OUT $out;
my $undisturbed = $stack->contents;

# The rows of the table: [signs, what to do].
my ($table) = $stack->read_file("$Ekok::Stack::ROOT/docs/OPERATIONS.md") =~ /^## Alarms\n.*?^\| sign .*?\n\|[-| ]+\n((?:\|[^\n]*\n)+)/ms;
my @row = map { [(split / \| /, s/^\| | \|$//gr)[0, 2]] } split /\n/, $table;

# runbook(shown): the one row most of whose signs stand in what the operator sees: what to do, and the commands named in it.
sub runbook {
    my ($shown, $what) = @_;
    my %fit;
    for my $row (@row) {
        my $signs = grep { index($shown, $_) >= 0 } $row->[0] =~ /`([^`]+)`/g;
        push @{ $fit{$signs} }, $row if $signs > 0;
    }
    my ($most) = sort { $b <=> $a } keys %fit;
    my @best = $most ? @{ $fit{$most} } : ();
    is scalar @best, 1, "$what: the runbook has one row for what ekok status shows" or diag $shown, map { "$_->[0]\n" } @best;
    return ($best[0][1] // '', ($best[0][1] // '') =~ /`([^`]+)`/g);
}

sub status { my ($status, $shown) = $stack->ekok('status'); return $shown =~ s/\s*\n\s*/ /gr; }

# A command of the runbook; `systemctl reload` has nobody to reload where each run is a process of its own.
sub follow {
    my ($command, %value) = @_;
    return 0 if $command eq 'systemctl reload ekok-etld';
    $command =~ s/\b$_\b/$value{$_}/ for keys %value;
    my ($program, @word) = map { s/^"|"$//gr } $command =~ /("[^"]*"|\S+)/g;
    die "no command of ours: $command" if $program ne 'ekok';
    my ($status, $said) = $stack->ekok(@word);
    diag $said if $status != 0;
    return $status;
}

sub is_mended {
    my ($what) = @_;
    ($code, $out) = $stack->etld;
    is $code, 0, "$what: mended, all ten are pulled" or diag $out;
    is $stack->contents, $undisturbed, '  and the registry holds what an undisturbed one holds';
    unlike status(), qr/held|failed|waits/, '  ekok status has nothing left to say of it';
    return;
}

# 1. Our certificate expires.
$stack->reset;
my $run_as = sub { my @command = @_; return $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, @command); };
$run_as->('sh', '-c', "cd $certs && cp client.pem good.pem && openssl req -new -key client.key -subj \"\$(openssl x509 -in client.pem -noout -subject -nameopt compat | sed 's/^subject= *//')\" -out old.csr && "
    . 'openssl x509 -req -in old.csr -CA ca.pem -CAkey ca.key -sha256 -days 0 -out client.pem && sleep 2');
like +($run_as->('openssl', 'x509', '-in', "$certs/client.pem", '-noout', '-checkend', 0))[1], qr/will expire/, 'a certificate that has expired';
($code, $out) = $stack->etld;
is $code, 3, '  nothing is pulled';
my ($do, @command) = runbook(status(), 'expired certificate');
like $do, qr/renew/, '  renew, it says';
$run_as->('mv', "$certs/good.pem", "$certs/client.pem");
is follow($_), 0, "  $_" for @command;
is_mended('expired certificate');

# 2. A field drifts, and its owner confirms that it is right so.
$stack->reset;
my $right = $stack->definition('hsp');
my $drifting = $stack->definition('hsp');
$drifting->{contract} = { fields => { 'student.shoeSize' => 'number' }, unknown => 'allowed' };
$stack->define(hsp => $drifting);
($code, $out) = $stack->etld('--source', 'hsp');
is $code, 3, 'a source broke its contract';
($do, @command) = runbook(status(), 'drifted field');
my ($release) = grep { /release/ } @command;
is follow($release, RUN => $stack->sql("SELECT id FROM etl.run WHERE state = 'held'")), 0, "  $release";
is_mended('drifted field');

# 3. The quota of a day is used up, and its owner grants more.
$stack->reset;
$stack->define(hsp => $right);
my $narrow = $stack->definition('dwa');
my %granted = %{ $narrow->{limits} // {} };
$narrow->{limits}{daily_quota} = 2;
$stack->define(dwa => $narrow);
($code, $out) = $stack->etld;
is $code, 3, 'a source may be asked no more today';
($do, @command) = runbook(status(), 'exhausted quota');
like $do, qr/ask the owner for more/, '  ask the owner for more, it says';
$narrow->{limits} = {%granted, daily_quota => 10000};
$stack->write_file($stack->dir . '/sources/dwa.json', JSON::PP->new->canonical->encode($narrow));
is follow("$_ " . $stack->dir . '/sources/dwa.json'), 0, "  $_ FILE" for grep { /source add/ } @command;
is_mended('exhausted quota');

done_testing;
