package Ekok::Backup;

# pgBackRest for a stack of Ekok::Stack: an encrypted repository below the stack's own folder, the cipher key in a file of
# its own, archiving by the second. Real pgBackRest, the one that Debian packages.

use strict;
use warnings;
use Ekok::Stack;

# new(stack): writes the configuration and puts archiving into the stack's server, which is started again.
sub new {
    my ($class, $stack) = @_;
    my $dir  = $stack->dir;
    my $self = bless { stack => $stack, path => "$dir/pgbackrest", repository => "$dir/repository", key => "$dir/pgbackrest/conf.d/cipher.conf" }, $class;
    for my $folder ($self->{path}, "$self->{path}/conf.d", $self->{repository}, "$dir/pgbackrest-log", "$dir/pgbackrest-lock", "$dir/places") {
        mkdir $folder, 0700;
    }
    $self->write_config(socket => $stack->socket, data => "$dir/data");
    chown_to_user($self->{path}, "$self->{path}/conf.d");
    my ($code, $out) = $stack->ekok('keys', 'init-backup', $self->{key});
    die "no cipher key: $out" if $code != 0;
    chown_to_user($self->{path}, "$self->{path}/conf.d", "$self->{path}/pgbackrest.conf", $self->{repository}, "$dir/pgbackrest-log",
        "$dir/pgbackrest-lock", "$dir/places");
    $self->setting(archive_mode => 'on', archive_command => "pgbackrest --config-path=$self->{path} --stanza=ekok archive-push %p",
        archive_timeout => 2);
    $self->restart;
    $self->must('stanza-create');
    return $self;
}

sub chown_to_user { system 'chown', 'postgres:', @_ if $> == 0; return; }

sub write_config {
    my ($self, %at) = @_;
    my $dir = $self->{stack}->dir;
    $self->{stack}->write_file("$self->{path}/pgbackrest.conf", <<"END");
[global]
repo1-path=$self->{repository}
repo1-cipher-type=aes-256-cbc
repo1-retention-full=9
repo1-bundle=y
start-fast=y
compress-type=lz4
log-path=$dir/pgbackrest-log
lock-path=$dir/pgbackrest-lock
log-level-console=warn
log-level-file=off
archive-timeout=30
[ekok]
pg1-path=$at{data}
pg1-socket-path=$at{socket}
pg1-port=5432
pg1-user=postgres
END
    return;
}

# setting(name => value, ...): ALTER SYSTEM.
sub setting {
    my ($self, %value) = @_;
    $self->{stack}->sql("ALTER SYSTEM SET $_ = '$value{$_}'", 'postgres') for sort keys %value;
    return;
}

sub restart {
    my ($self) = @_;
    $self->{stack}->call('server-kill');
    $self->{stack}->call('server-restart');
    return;
}

# run(words): pgbackrest with this configuration; (exit code, output).
sub run {
    my ($self, @word) = @_;
    return $self->{stack}->capture($Ekok::Stack::STACK, 'run', $self->{stack}{name}, 'pgbackrest', "--config-path=$self->{path}",
        '--stanza=ekok', @word);
}

sub must {
    my ($self, @word) = @_;
    my ($code, $out) = $self->run(@word);
    die "pgbackrest @word: $out" if $code != 0;
    return $out;
}

sub backup { my ($self, $type) = @_; return $self->must("--type=$type", 'backup'); }

# restore(folder, options): a copy beside the live server, not started.
sub restore {
    my ($self, $folder, @option) = @_;
    $self->{stack}->capture($Ekok::Stack::STACK, 'run', $self->{stack}{name}, 'mkdir', '-m', '700', $folder);
    return $self->run("--pg1-path=$folder", '--archive-mode=off', @option, 'restore');
}

1;
