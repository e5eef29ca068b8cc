package Ekok::Cpu;

# CPU seconds that a stack's programs used while something ran, each program by itself: looked up in /proc every 20 ms, so
# a process that ends is short of what it used since the last look. Refuses to guess at processes that came and went between
# two looks.

use strict;
use warnings;
use Time::HiRes qw(sleep);

my %NAME = ('ekok-etld' => 'daemon', 'ekok-decode' => 'decoders', 'ekok-sim' => 'simulator', 'postgres' => 'server');
my $WRITER = qr/^postgres: (?:checkpointer|background writer|walwriter)/;    # what the server writes behind its sessions

sub text {
    my ($path) = @_;
    open my $in, '<', $path or return;
    local $/ = undef;
    return scalar <$in>;
}

# The postmaster's and the simulator's process numbers of a stack.
sub roots {
    my ($stack) = @_;
    my %root;
    for my $file ($stack->dir . '/data/postmaster.pid', $stack->dir . '/sim/pid') {
        my ($pid) = (text($file) // '') =~ /^(\d+)/;
        $root{$pid} = 1 if $pid;
    }
    return \%root;
}

# {pid => [program, ticks]} of the stack's processes now: children of its postmaster; daemons by their configuration, and
# the decoders that descend from them.
sub look {
    my ($stack, $root) = @_;
    my $config = $stack->dir . '/';
    my (%found, %parent, %ours);
    for my $stat (glob '/proc/[0-9]*/stat') {
        my ($pid, $name, $rest) = (text($stat) // '') =~ /^(\d+) \((.*)\) (.*)$/s or next;
        my $program = $NAME{$name} // next;
        my @field = split / /, $rest;
        $parent{$pid} = $field[1];
        $ours{$pid} = $root->{$pid} || $root->{ $field[1] } || $program eq 'daemon' && index(text("/proc/$pid/cmdline") // '', $config) >= 0;
        $found{$pid} = [$program, $field[11] + $field[12]];
    }
    for my $pid (keys %found) {
        my $above = $pid;
        $above = $parent{$above} while defined $above && !$ours{$above};
        delete $found{$pid} if !defined $above;
        $found{$pid}[0] = 'writers'
            if defined $above && $found{$pid}[0] eq 'server' && (text("/proc/$pid/cmdline") // '') =~ $WRITER;
    }
    return \%found;
}

# during(stack, code): what the code returns as a list reference, and {program => CPU seconds}.
sub during {
    my ($stack, $code) = @_;
    my $root = roots($stack);
    my $before = look($stack, $root);
    my %last = %$before;
    pipe my $done, my $open or die "pipe: $!";
    pipe my $told, my $tell or die "pipe: $!";
    my $watcher = fork // die "fork: $!";
    if ($watcher == 0) {
        close $open;
        my $ready = '';
        do {
            vec($ready = '', fileno $done, 1) = 1;
            my $now = look($stack, $root);
            $last{$_} = $now->{$_} for keys %$now;
        } until select $ready, undef, undef, 0.02;
        print {$tell} "$_ $last{$_}[0] $last{$_}[1]\n" for keys %last;
        close $tell;
        require POSIX;
        POSIX::_exit(0);
    }
    close $tell;
    my @result = $code->();
    close $open;
    my %used;
    while (my $line = <$told>) {
        my ($pid, $name, $ticks) = split ' ', $line;
        $used{$name} += ($ticks - ($before->{$pid} ? $before->{$pid}[1] : 0)) / 100;
    }
    waitpid $watcher, 0;
    return (\@result, \%used);
}

1;
