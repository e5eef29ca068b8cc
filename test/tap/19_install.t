#!/usr/bin/perl
# make install puts everything where a user finds it: the programs beside each other, the units, the extension with every
# script that an older version is brought up to date by; and what is installed runs.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use File::Temp qw(tempdir);
use Test::More;

delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};
my $to = tempdir(CLEANUP => 1);
my ($code, $out) = Ekok::Stack->capture('make', '-C', $Ekok::Stack::ROOT, 'install', "DESTDIR=$to");
is $code, 0, 'make install' or diag $out;
for my $program (qw(ekok ekok-etld ekok-decode ekok-sealer)) {
    ok -x "$to/usr/local/bin/$program", $program;
}
for my $unit (qw(ekok-etld ekok-sealer ekok-drill)) {
    my $text = eval { Ekok::Stack->read_file("$to/usr/local/lib/systemd/system/$unit.service") } // '';
    like $text, qr{^ExecStart=/usr/local/bin/(?:\Q$unit\E|ekok drill) }m, "$unit.service starts what is installed";
}
($code, $out) = Ekok::Stack->capture("$to/usr/local/bin/ekok", 'help');
is $code, 0, 'the installed command runs';
like $out, qr/verify-audit/, '  and helps';
($code, $out) = Ekok::Stack->capture("$to/usr/local/bin/ekok-etld", '--config', "$to/none.ini");
is $code, 5, 'the installed daemon says that its configuration is missing' or diag $out;
my ($control) = glob "$to/usr/share/postgresql/*/extension/ekok.control";
ok $control, 'the extension is there' or diag `find $to -name 'ekok*'`;
my ($version) = ($control ? Ekok::Stack->read_file($control) : '') =~ /default_version = '([^']+)'/;
ok -e ($control // '') =~ s/ekok\.control$/ekok--$version.sql/r, "  version $version, with its script";
ok -e (glob "$to/usr/lib/postgresql/*/lib/ekok.so")[0], '  and its library';

# The units, as systemd reads them: no word of warning, and an exposure (systemd-analyze security, 0 best, 10 worst) as it was
# measured with systemd 252, with a third of a point for how other versions count. docs/SECURITY.md lists them.
my %exposed = ('ekok-etld.service' => 1.5, 'ekok-keyd.service' => 0.8, 'ekok-sealer.service' => 1.5, 'ekok-drill.service' => 1.7, 'ekok-backup@.service' => 2.0);
my @confined = qw(NoNewPrivileges=yes CapabilityBoundingSet= ProtectSystem=strict ProtectHome=yes PrivateDevices=yes ProtectKernelTunables=yes
    ProtectKernelModules=yes ProtectKernelLogs=yes ProtectControlGroups=yes ProtectClock=yes RestrictNamespaces=yes RestrictRealtime=yes RestrictSUIDSGID=yes
    LockPersonality=yes SystemCallArchitectures=native SystemCallFilter=@system-service LimitCORE=0);
my $units = tempdir(CLEANUP => 1);
my @unit = sort map { m{([^/]+)$} } glob "$to/usr/local/lib/systemd/system/*";
is_deeply [grep { /\.service$/ } @unit], [sort keys %exposed], 'the units that are known here are all that there are';
for my $unit (@unit) {    # with programs where they are now, else systemd would miss them
    my $text = Ekok::Stack->read_file("$to/usr/local/lib/systemd/system/$unit") =~ s{^(ExecStart=)/usr/local/}{$1$to/usr/local/}mr;
    open my $file, '>', "$units/$unit" or die "$units/$unit: $!";
    print {$file} $text;
    close $file or die $!;
}
for my $unit (@unit) {
    my ($status, $told) = Ekok::Stack->capture('env', "SYSTEMD_UNIT_PATH=$units:", 'systemd-analyze', 'verify', '--man=no', "$units/$unit" =~ s/\@\./\@full./r);
    is join("\n", grep { /\Q$units\E|ekok/ } split /\n/, $told), '', "$unit: systemd has nothing to say of it";
    is $status, 0, '  and reads it';
    next if !exists $exposed{$unit};
    my $text = Ekok::Stack->read_file("$units/$unit");
    is join(' ', grep { $text !~ /^\Q$_\E/m } @confined), '', '  it is confined as every unit is';
    ($status, $told) = Ekok::Stack->capture('systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=' . int($exposed{$unit} * 10 + 3.5), "$units/$unit");
    is $status, 0, sprintf '  its exposure is at most %.1f', $exposed{$unit} + 0.3 or diag $told =~ /(Overall.*)/;
}

done_testing;
