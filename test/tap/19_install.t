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

done_testing;
