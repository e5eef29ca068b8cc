use strict; use warnings; use FindBin; use lib "$FindBin::Bin/lib"; use Ekok::Stack; use Test::More;
my $stack = Ekok::Stack->new; $stack->up('--persons', 1000, '--seed', 11); my $dir=$stack->dir;
my %f = (LD_PRELOAD => '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1', FAKETIME_DONT_FAKE_MONOTONIC => 1, FAKETIME_NO_CACHE=>1);
for my $t ('+0', '+20m', '-20m', '-4000d') {
my ($code,$out) = $stack->etld({%f, FAKETIME => $t}, '--source', 'hsp'); diag "$t: $code\n$out";
}
ok 1; done_testing;
