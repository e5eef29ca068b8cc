package Ekok::Stack;

# A private server with its simulated ministries for one TAP test: tools/stack.sh behind a few methods, and the
# comparison that the crash tests stand on: the contents of every table that must not depend on how often a run died.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname basename);
use JSON::PP ();
use Time::HiRes qw(sleep time);

our $ROOT  = abs_path(dirname(__FILE__) . '/../../../..');
our $BUILD = abs_path("$ROOT/build");    # a link where the checkout is closed to the unprivileged user
our $STACK = "$ROOT/tools/stack.sh";

# new(name): names the stack after the test file and makes sure nothing of an earlier run is left.
sub new {
    my ($class, %option) = @_;
    (my $name = basename($0, '.t')) =~ tr/a-z0-9-/-/c;
    my $self = bless { name => "tap-$name", option => \%option, pid => $$ }, $class;
    $self->call('remove');
    return $self;
}

sub dir { my $self = shift; return "$BUILD/$self->{name}"; }
sub bin { my ($self, $program) = @_; return "$BUILD/bin/$program"; }

# The folder of its socket, for programs that are not run through tools/stack.sh.
sub socket {
    my ($self) = @_;
    my ($status, $out) = $self->capture($STACK, 'run', $self->{name}, 'printenv', 'PGHOST');
    die "no socket: $out" if $status != 0;
    chomp $out;
    return $out;
}

# Runs tools/stack.sh and dies on failure.
sub call {
    my ($self, $command, @arguments) = @_;
    system($STACK, $command, $self->{name}, @arguments) == 0 or die "stack.sh $command failed: $?";
    return;
}

# A migrated, empty registry, kept as a template so that reset() is quick; simulated ministries beside it.
sub up {
    my ($self, @sim) = @_;
    $self->call('migrated-start', 'autovacuum=off');
    $self->sql('ALTER DATABASE registry RENAME TO clean', 'postgres');
    $self->reset;
    $self->{sim} = [@sim];
    $self->call('sim-start', @sim);
    return;
}

# By file copy, which ends in a checkpoint: PostgreSQL 15's other way copies a sequence's page with the values that its
# original had logged ahead, logs no advance past them in the copy, and after a kill -9 hands the same values out again.
sub reset {
    my ($self) = @_;
    $self->sql('DROP DATABASE IF EXISTS registry', 'postgres');
    $self->sql('CREATE DATABASE registry TEMPLATE clean STRATEGY file_copy', 'postgres');
    $self->call('define') if $self->{sim};
    return;
}

# The definitions of the sources: their names; one as data, its texts bytes of UTF-8; a changed one put in force.
sub sources { my ($self) = @_; return sort map { m{(\w+)\.json$} } glob $self->dir . '/sources/*.json'; }
sub definition { my ($self, $source) = @_; return JSON::PP->new->decode($self->read_file($self->dir . "/sources/$source.json")); }

# define(source => definition, ...): as data; the files are written and all of them put in force.
sub define {
    my ($self, %definition) = @_;
    $self->write_file($self->dir . "/sources/$_.json", JSON::PP->new->canonical->encode($definition{$_})) for keys %definition;
    $self->call('define');
    return;
}

# secret(name => text, ...): files as the daemon wants them.
sub secret {
    my ($self, %text) = @_;
    my $folder = $self->dir . '/secrets';
    mkdir $folder;
    while (my ($name, $text) = each %text) {
        $self->write_file("$folder/$name", $text);
        chmod 0600, "$folder/$name";
    }
    system 'chown', '-R', 'postgres', $folder if $> == 0;
    return;
}

# change_definitions(code): every definition through code($definition), which changes it in place.
sub change_definitions {
    my ($self, $change) = @_;
    my %definition = map { $_ => $self->definition($_) } $self->sources;
    $change->($_) for values %definition;
    $self->define(%definition);
    return;
}

# sql(text, database): unaligned output as one string, lines by "\n".
sub sql {
    my ($self, $text, $database) = @_;
    my ($status, $out) = $self->capture($STACK, 'psql', $self->{name}, '-qAt', '-v', 'ON_ERROR_STOP=1', '-d',
        $database // 'registry', '-c', $text);
    die "psql failed: $out" if $status != 0;
    chomp $out;
    return $out;
}

# sql_script(text, database): several commands and backslash commands in one session; output as sql() gives it.
sub sql_script {
    my ($self, $text, $database) = @_;
    my $file = $self->dir . "/script.$$.sql";
    $self->write_file($file, $text);
    my ($status, $out) = $self->capture($STACK, 'psql', $self->{name}, '-qAt', '-v', 'ON_ERROR_STOP=1', '-d',
        $database // 'registry', '-f', $file);
    unlink $file;
    die "psql failed: $out" if $status != 0;
    chomp $out;
    return $out;
}

# Runs a command, returns (exit code, standard output and error together); 128 + signal when killed.
sub capture {
    my ($self, @command) = @_;
    my $pid = open(my $from, '-|') // die "fork: $!";
    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT or die;
        exec @command or die "exec $command[0]: $!";
    }
    local $/ = undef;
    my $out = <$from> // '';
    close $from;
    my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    return ($code, $out);
}

# ekok(arguments): the operator's command as the unprivileged user; environment may be given as a leading hash.
sub ekok {
    my ($self, @arguments) = @_;
    my %set = ref $arguments[0] ? %{ shift @arguments } : ();
    return $self->capture($STACK, 'run', $self->{name}, 'env', (map { "$_=$set{$_}" } sort keys %set),
        $self->bin('ekok'), @arguments);
}

# The daemon itself, one round over all sources.
sub etld {
    my ($self, @arguments) = @_;
    my %set = ref $arguments[0] ? %{ shift @arguments } : ();
    return $self->capture($STACK, 'run', $self->{name}, 'env', (map { "$_=$set{$_}" } sort keys %set),
        $self->bin('ekok-etld'), '--config', $self->dir . '/ekok.ini', '--once', @arguments);
}

# start(command): runs it in the background, output to a file; returns the process number.
sub start {
    my ($self, $log, @command) = @_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        open STDOUT, '>', $log or die;
        open STDERR, '>&', \*STDOUT or die;
        open STDIN, '<', '/dev/null' or die;
        exec @command or die;
    }
    return $pid;
}

# The running daemon of this stack, found by its command line: /proc/N/exe of a process without core dumps is closed to all
# but root. Dies when there is none.
sub daemon_pid {
    my ($self, $config) = @_;
    $config //= $self->dir . '/ekok.ini';
    for my $process (glob '/proc/[0-9]*') {
        my ($program, @word) = split /\0/, eval { $self->read_file("$process/cmdline") } // '';
        return $process =~ s{/proc/}{}r
            if ($program // '') eq $self->bin('ekok-etld') && grep { $_ eq $config } @word;
    }
    die 'no daemon is running';
}

# Its decoding processes: the program that gives cells, and the cells.
sub decoder_pids {
    my ($self, $daemon) = @_;
    return grep { (eval { $self->read_file("/proc/$_/stat") } // '') =~ /^\d+ \(ekok-decode\) \S+ $daemon / }
        map { s{/proc/}{}r } glob '/proc/[0-9]*';
}

# operators(login, ...): persons with the duty of operators over everything, as whom ekok may be called by --database.
sub operators {
    my ($self, @login) = @_;
    $self->sql(join ';', map { qq{CREATE ROLE $_ LOGIN; INSERT INTO access.account (login, holder, kind) VALUES ('$_', 'holder of $_', 'person');
        INSERT INTO access.scope (login, duty, purpose, granted_at, expires_at) VALUES ('$_', 'operator', 'test', now() - interval '1 hour', now() + interval '1 day');
        SELECT access.fit_roles('$_')} } @login);
    my $file   = $self->dir . '/pg_ident.conf';
    my $before = $self->read_file($file);
    my @line   = grep { / postgres$/ } split /\n/, $before;
    $self->write_file($file, $before . join '', map { my $login = $_; map { s/ postgres$/ $login/r . "\n" } @line } @login);
    $self->sql('SELECT pg_reload_conf()');
    return;
}

# set_sources(section, key => value, ...): the same in every source's definition, in force.
sub set_sources {
    my ($self, $section, %value) = @_;
    return $self->change_definitions(sub { $_[0]{$section}{$_} = $value{$_} for keys %value });
}

sub write_file {
    my ($self, $path, $text) = @_;
    open my $out, '>', "$path.new" or die "$path: $!";
    print $out $text;
    close $out or die "$path: $!";
    rename "$path.new", $path or die "$path: $!";
    return;
}

sub read_file {
    my ($self, $path) = @_;
    open my $in, '<', $path or die "$path: $!";
    local $/ = undef;
    return scalar <$in>;
}

# clock(time): the clock that schedules, hours and quotas go by shows this time, as 2027-03-01 02:29:50+06, and runs on.
sub clock {
    my ($self, $time) = @_;
    $self->sql("CREATE OR REPLACE FUNCTION etl.clock() RETURNS timestamptz LANGUAGE sql VOLATILE RETURN clock_timestamp() + interval '"
        . $self->sql("SELECT timestamptz '$time' - clock_timestamp()") . "'");
    return;
}

# A daemon that serves, its log in NAME.log; end it with SIGTERM.
sub serve {
    my ($self, $name, @set) = @_;
    return $self->start($self->dir . "/$name.log", $STACK, 'run', $self->{name}, 'env', @set, $self->bin('ekok-etld'), '--config',
        $self->dir . "/$name.ini");
}
sub end_service {
    my ($self, $pid, $name) = @_;
    kill 'TERM', $self->daemon_pid($self->dir . "/$name.ini");
    waitpid $pid, 0;
    return $? >> 8;
}

sub fault { my ($self, $text) = @_; return $self->write_file($self->dir . '/sim/faults', $text); }
sub auth  { my ($self, $text) = @_; return $self->write_file($self->dir . '/sim/auth', $text); }
sub epoch { my ($self, $epoch) = @_; return $self->write_file($self->dir . '/sim/epoch', "$epoch\n"); }

sub wait_for {
    my ($self, $what, $seconds) = @_;
    my $end = time + $seconds;
    while (time < $end) {
        return 1 if $what->();
        sleep 0.05;
    }
    return 0;
}

# What must be equal however often daemon or server died: all but random nonces, times and numbers of runs, and what a
# source that had finished before counted once more as unchanged.
# Sealed values have random nonces; that each is there is what counts here, that it opens is tested in C.
my %CONTENTS = (
    enrolment => q{SELECT to_jsonb(e) - ARRAY['nid_sealed', 'brn_sealed', 'mobile_sealed', 'wallet_sealed', 'account_sealed',
        'first_run', 'last_run', 'created_at', 'changed_at'] || jsonb_build_object('sealed', ARRAY[octet_length(nid_sealed),
        octet_length(brn_sealed), octet_length(mobile_sealed), octet_length(wallet_sealed), octet_length(account_sealed)])
        FROM registry.enrolment e},
    evidence   => q{SELECT to_jsonb(e) FROM registry.evidence e},
    household  => q{SELECT to_jsonb(h) - 'id' FROM registry.household h},
    membership => q{SELECT to_jsonb(m) FROM registry.membership m},
    matches    => q{SELECT to_jsonb(m) - 'found_at' FROM registry.match m},
    rule_hit   => q{SELECT to_jsonb(h) - 'found_at' FROM registry.rule_hit h},
    quarantine => q{SELECT to_jsonb(q) - ARRAY['id', 'sealed', 'first_run', 'first_page', 'at'] FROM etl.quarantine q},
    cursor     => q{SELECT jsonb_build_array(source, value) FROM etl.cursor},
    audit      => q{SELECT jsonb_build_array(table_name, op, row_id) FROM audit.entry WHERE table_name <> 'registry.household'},
    households_audited => q{SELECT jsonb_build_array(op) FROM audit.entry WHERE table_name = 'registry.household'},
    books      => q{SELECT jsonb_build_array(source, sum(inserted), sum(updated)) FROM etl.run GROUP BY source},
);

# contents: one line a table, its name, its count of rows and a checksum.
sub contents {
    my ($self, @without) = @_;
    my %skip = map { $_ => 1 } @without;
    my @part = map {
        "SELECT '$_ ' || count(*) || ' ' || coalesce(md5(string_agg(row::text, E'\\n' ORDER BY row::text COLLATE \"C\")), '-')"
            . " FROM ($CONTENTS{$_}) AS t (row)"
    } grep { !$skip{$_} } sort keys %CONTENTS;
    return join "\n", sort split /\n/, $self->sql(join ' UNION ALL ', @part);
}

# Where every row version of the registry, the audit log and the quarantine lies: equal when nothing at all was written, but
# for the books that a sweep keeps of itself.
sub row_versions {
    my ($self) = @_;
    my $tables = $self->sql(q{SELECT string_agg(format('%I.%I', schemaname, tablename), ' ' ORDER BY 1) FROM pg_tables
        WHERE schemaname IN ('registry', 'audit') AND tablename NOT IN ('sweep_run', 'sweep_count') OR (schemaname, tablename) = ('etl', 'quarantine')});
    return join "\n", sort split /\n/, $self->sql(join ' UNION ALL ', map {
        "SELECT '$_ ' || count(*) || ' ' || coalesce(md5(string_agg(concat_ws(',', ctid, xmin, xmax), ' ' ORDER BY tableoid, ctid)), '-') FROM $_"
    } split / /, $tables);
}

sub DESTROY {
    my ($self) = @_;
    return if !$self->{name} || $self->{option}{keep} || ($self->{pid} // $$) != $$;
    local ($?, $@);
    system($STACK, 'remove', $self->{name});
    return;
}

1;
