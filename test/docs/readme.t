#!/usr/bin/perl
# The examples of README.md and docs/ are run, and what they print must be what stands there.
#   ```console  each line `$ command` is run by the shell, with the lines below it as its output
#   ```sql      in a page that says `<!-- runs in: registry -->`: all such blocks go through one psql session, in order, in
#               a migrated registry of the page's own, as `make sandbox` makes it; a ```text block right after one is its
#               output; where none follows, all that counts is that it raises no error. Shell commands find that registry
#               too, by PGHOST and its like.
# A line `...` stands for any lines. Times, rates and sizes that differ from run to run are compared as T.
# readme.t [PAGE ...]: these pages, by default README.md and docs/*.md.
use strict;
use warnings;
use FindBin;
use IPC::Open2 qw(open2);
use lib "$FindBin::Bin/../tap/lib";
use Ekok::Stack;
use Test::More;

my $root = "$FindBin::Bin/../..";
chdir $root or die;
delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};    # a user types the commands; no make is above them

sub plain {
    my ($line) = @_;
    $line =~ s/\e\[[0-9;]*[A-Za-z]//g;
    $line =~ s/\[ *\d+s\]/[T]/g;
    $line =~ s/\b\d[\d,.]*( (?:rows\/s|records\/s|rows a second|MiB)\b)/T$1/g;
    $line =~ s/\b\d[\d,.:]* (?:seconds|second|min|ms|s)\b/T s/g;    # 44 s on a quiet machine is 1:12 min on a busy one
    $line =~ s/\s+$//;
    return $line;
}

# matches(have, want): both lists of lines; a `...` in want takes any number of lines.
sub matches {
    my ($have, $want) = @_;
    my ($h, $w) = (0, 0);
    while ($w < @$want) {
        if ($want->[$w] =~ /^\s*\.\.\.$/) {
            $w++;
            return 1 if $w == @$want;
            $h++ while $h < @$have && $have->[$h] ne $want->[$w];
            return 0 if $h == @$have;
            next;
        }
        if ($h >= @$have || $have->[$h] ne $want->[$w]) {
            diag 'printed:   ' . ($have->[$h] // '(the end)'), "\nthe page:  $want->[$w]";
            return 0;
        }
        $h++;
        $w++;
    }
    return $h == @$have;
}

# Compares as plain lines; blank lines at the end do not count.
sub prints {
    my ($have, $want, $what) = @_;
    s/\s+\z/\n/ for $have, $want;
    my $ok = matches([map { plain($_) } split /\n/, $have], [map { plain($_) } split /\n/, $want]);
    ok $ok, $what or diag "It printed:\n$have";
    return;
}

# One psql session; psql writes line by line, so that errors stand where they happened.
sub session {
    my $pid = open2(my $from, my $to, 'stdbuf -oL psql -X -v ON_ERROR_STOP=0 2>&1');
    return { pid => $pid, from => $from, to => $to };
}

# run_sql(session, text): what the session prints for it. The session is one that \quit or a lost server ends: then dies.
sub run_sql {
    my ($session, $text) = @_;
    my $mark = 'end of block ' . ++$session->{blocks};
    print { $session->{to} } "$text\n\\echo $mark\n";
    $session->{to}->flush;
    my $out = '';
    while (defined(my $line = readline $session->{from})) {
        return $out if $line eq "$mark\n";
        $out .= $line;
    }
    die "psql ended: $out";
}

my ($commands, $stack) = (0);

# The registry that a page works on, its settings in the environment of all that the page runs.
sub registry {
    $stack = Ekok::Stack->new;
    $stack->call('migrated-start');
    # Whom the pages let type, beside the owner and the programs. A session that begins after the reload knows them.
    my ($map, $loaded) = ($stack->dir . '/pg_ident.conf', $stack->sql('SELECT pg_conf_load_time()'));
    $stack->write_file($map, $stack->read_file($map) . 'ekok ' . getpwuid($>) . " officer_one\n");
    $stack->sql('SELECT pg_reload_conf()');
    $stack->wait_for(sub { $stack->sql('SELECT pg_conf_load_time()') ne $loaded }, 60) or die 'the server does not reload its settings';
    $ENV{PGHOST}     = $stack->socket;
    $ENV{PGUSER}     = 'postgres';
    $ENV{PGDATABASE} = 'registry';
    $ENV{PGTZ}       = 'UTC';
    return;
}

sub run_console {
    my ($page, $block) = @_;
    my @part = split /^\$ (.*)\n/m, $block;
    shift @part;
    while (my ($command, $want) = splice @part, 0, 2) {
        prints(scalar qx{($command) 2>&1 </dev/null}, $want // '', "$page: $command");
        $commands++;
    }
    return;
}

sub run_page {
    my ($page) = @_;
    my $text = do { open my $in, '<', $page or die "$page: $!"; local $/ = undef; <$in> };
    my $session;
    my $runs_sql = $text =~ /^<!-- runs in: registry -->$/m;
    registry() if $runs_sql;
    while ($text =~ /^```(console|sql)\n(.*?)^```$(?:\n+```text\n(.*?)^```$)?/msg) {
        my ($kind, $block, $want) = ($1, $2, $3);
        if ($kind eq 'console') { run_console($page, $block); next }
        next if !$runs_sql;
        $session //= session();
        my $have = run_sql($session, $block);
        my ($first) = $block =~ /^(.*)$/m;
        if (defined $want) { prints($have, $want, "$page: $first") }
        else { unlike $have, qr/^(?:ERROR|FATAL|invalid command)/m, "$page: $first" }
        $commands++;
    }
    if ($session) { close $session->{to}; waitpid $session->{pid}, 0 }
    undef $stack;
    delete @ENV{qw(PGHOST PGUSER PGDATABASE PGTZ)};
    return;
}

run_page($_) for @ARGV ? @ARGV : ('README.md', glob 'docs/*.md');
cmp_ok $commands, '>', 0, "$commands examples of the documentation were run";
is system('perl', 'tools/reference.pl', '--check'), 0, 'docs/reference is what the .def tables say';
is system('perl', 'tools/source_schema.pl', '--check'), 0, 'the JSON Schema of a definition is what the daemon reads by';
done_testing;
