#!/usr/bin/perl
# lint_code.pl - the house rules that no formatter knows: lengths, parameters, include directions, whose library is
# called from where, and words that must not stand in the tree. Prints file:line: complaint; ends with 1 on any.
use strict;
use warnings;

my $complaints = 0;

sub complain {
    my ($file, $line, $text) = @_;
    print "$file:$line: $text\n";
    $complaints++;
}

# Which folders of the daemon may include which others (beside themselves); "core" is extension/core.
my @below = qw(row wire secret config base);
my %daemon = (
    base     => [],
    config   => [qw(base row)],
    row      => [qw(base)],
    secret   => [qw(base core)],
    wire     => [qw(base)],
    agent    => [ qw(secret config base core) ],
    (map { $_ => [@below] } qw(source decode map trace)),
    load     => [ @below, 'agent' ],
    validate => [ @below, 'core' ],
    cell     => [ @below, 'decode' ],
    job      => [ @below, qw(agent source cell decode map validate load) ],
    verify   => [ @below, qw(agent cell decode) ],
    rotate   => [ @below, qw(validate load) ],
    schedule => [ @below, qw(job) ],
    cli      => [ qw(agent trace rotate wire secret config base row) ],
);
my %library = (    # header => the one folder that may include it
    'libpq-fe.h' => 'wire', 'curl/' => 'wire', 'openssl/' => 'secret', 'ini.h' => 'config', 'yajl/' => 'config|decode',
    'zip.h' => 'decode', 'expat.h' => 'decode', 'seccomp.h' => 'cell|agent', 'p11-kit/' => 'secret',
);

sub check_daemon_include {
    my ($file, $line, $header, $quoted) = @_;
    my ($folder) = $file =~ m{^etl-daemon/src/(?:(\w+)/)?[^/]+$} or return;
    $folder //= 'main';
    if (!$quoted) {
        for my $prefix (keys %library) {
            complain($file, $line, "$header is included outside $library{$prefix}/")
                if index($header, $prefix) == 0 && $folder !~ m{^(?:$library{$prefix})$};
        }
        return;
    }
    my ($to) = $header =~ m{^(\w+)/};
    complain($file, $line, "includes are rooted at the component's source folder: \"$header\"") if !defined $to && $folder ne 'main';
    return if !defined $to || $folder eq 'main' || $to eq $folder;
    my %allowed = map { $_ => 1 } @{ $daemon{$folder} // [] };
    complain($file, $line, "$folder/ may not include $to/") if !$allowed{$to};
    complain($file, $line, 'config/ may include row/target.h only')
        if $folder eq 'config' && $to eq 'row' && $header ne 'row/target.h';
}

sub check_extension_include {
    my ($file, $line, $header, $quoted) = @_;
    if ($file =~ m{^extension/core/}) {
        my %standard = map { $_ => 1 } qw(stddef.h stdint.h stdbool.h string.h);
        complain($file, $line, "the core is plain C: <$header>") if !$quoted && !$standard{$header};
        complain($file, $line, "the core includes nothing but itself: \"$header\"") if $quoted && $header =~ m{/};
        return;
    }
    my ($folder) = $file =~ m{^extension/src/(\w+)/} or return;
    return if !$quoted;
    complain($file, $line, "$folder/ may not include $header")
        if $header =~ m{^(type|match|rule|doubledip|audit)/} && $1 ne $folder && $1 ne 'type'
        && !($folder eq 'rule' && $1 eq 'doubledip');
    complain($file, $line, 'nothing includes module') if $header eq 'module.h';
}

# One pass over a C file: function lengths, parameters, comment width, includes.
sub check_c {
    my ($file, @text) = @_;
    my ($start, $head, $comment) = (0, '', '');
    for my $i (0 .. $#text) {
        my ($line, $n) = ($text[$i], $i + 1);
        complain($file, $n, 'line longer than 120 columns') if length($line) > 120;
        if ($line =~ /^\s*#\s*include\s*([<"])([^>"]+)/) {
            check_daemon_include($file, $n, $2, $1 eq '"');
            check_extension_include($file, $n, $2, $1 eq '"');
        }
        complain($file, $n, 'PG_VERSION_NUM belongs in compat.h') if $line =~ /PG_VERSION_NUM/ && $file !~ /compat\.h$/;
        if ($line eq '{') {
            $start = $n;
            my $j = $i - 1;
            $head = '';
            while ($j >= 0 && $text[$j] =~ /\S/ && $text[$j] !~ m!^\s*[*/]|[;}]\s*$|^#!) { $head = "$text[$j] $head"; $j--; }
            $comment = '';
            while ($j >= 0 && $text[$j] =~ m!^\s*(/\*|\*|//)!) { $comment .= $text[$j]; $j--; }
        } elsif ($line =~ /^\}/ && $start) {
            my $length = $n - $start - 1;
            complain($file, $start, "function of $length lines (120 is the most)") if $length > 120;
            complain($file, $start, "function of $length lines; past 60 it needs a comment `long: reason`")
                if $length > 60 && $length <= 120 && $comment !~ /long:/;
            if ($head =~ /\((.*)\)\s*$/s) {
                my $list = $1;
                1 while $list =~ s/\([^()]*\)//g;
                my $count = ($list =~ tr/,//) + 1;
                complain($file, $start, "function of $count parameters (5 is the most)") if $count > 5 && $comment !~ /signature:/;
            }
            $start = 0;
        }
    }
    my $first = $text[0] // '';
    complain($file, 1, 'a file opens with what it promises') if $first !~ m{^/\*};
    if ($file =~ m{([^/]+)\.c$} && $file !~ m{^test/|/main_|module\.c$}) {
        my $own = "$1.h";
        (my $path = $file) =~ s/\.c$/.h/;
        if (-e $path) {
            my ($inc) = grep { /^#include/ && !/"postgres\.h"/ } @text;
            complain($file, 1, "includes its own header first: $own") if ($inc // '') !~ m{"(?:[\w/]*/)?\Q$own\E"};
        }
    }
}

open my $list, '-|', 'git', 'ls-files', '-co', '--exclude-standard' or die "git ls-files: $!";
chomp(my @files = <$list>);
for my $file (sort @files) {
    next if !-f $file || $file =~ m{\.(csv|tsv|json|png)$|^test/fuzz/seed/};
    open my $in, '<:encoding(UTF-8)', $file or die "$file: $!";
    chomp(my @text = <$in>);
    complain($file, scalar @text, 'file of ' . @text . ' lines (500 is the most)')
        if @text > 500 && $file =~ /\.(c|h|sql|pl|pm|t|sh)$/;
    check_c($file, @text) if $file =~ /\.[ch]$/;
}
exit($complaints ? 1 : 0);
