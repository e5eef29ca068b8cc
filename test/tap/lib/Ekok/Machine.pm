package Ekok::Machine;

# A machine of our own for one test: systemd as process 1 over a copy-on-write of this machine's files, with its own processes,
# network (loopback alone), host name and control groups. What it writes is thrown away with it, but for empty control groups, which
# the kernel keeps until the next boot; it can be switched off and on.
# Wants root, namespaces and overlayfs; cannot_be() says why there can be none.

use strict;
use warnings;
use POSIX ();
use Time::HiRes qw(sleep time);
use Ekok::Stack;

our $SOURCE = '/usr/local/src/ekok';    # where the project lies in it

# The folder of its files and the script that becomes its process 1. $1: the folder; $2: the project; $3: its place there.
my $BOOT = <<'END';
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/files,workdir=$1/work" "$1/root"
mkdir -p "$1/root$3"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/project,workdir=$1/project-work" "$1/root$3"
[ -z "$4" ] || exit 0
cd "$1/root"
# Nothing of what this machine starts, mounts or waits for. Once: what is enabled in it later stays.
if [ ! -e "$1/once" ]; then
    rm -rf etc/systemd/system/* etc/systemd/system-generators
    mkdir -p etc/systemd/system-generators
    for unit in systemd-udevd.service systemd-udev-trigger.service systemd-timesyncd.service systemd-networkd.service systemd-resolved.service \
        systemd-logind.service getty.target systemd-pstore.service e2scrub_reap.service cron.service ssh.service; do
        ln -s /dev/null "etc/systemd/system/$unit"
    done
    for made in systemd-sysv-generator systemd-fstab-generator systemd-getty-generator; do
        ln -s /dev/null "etc/systemd/system-generators/$made"
    done
    mkdir -p .old
    touch "$1/once"
fi
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=0755 tmpfs dev
for device in null zero full random urandom tty; do
    mknod -m 0666 dev/$device c $(stat -c '0x%t 0x%T' /dev/$device)
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
# In a plain chroot the root is no mount point, so it cannot be left by pivoting.
enter=
if pivot_root . .old 2>/dev/null; then umount -l .old; else enter='chroot .'; fi
mount --make-rshared / # as systemd does where it is not in a container: credentials are mounts that propagate
exec $enter /usr/bin/env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console --unit=multi-user.target
END

my @APART = qw(unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child --);
my @CALM  = ('env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8');

sub new {
    my ($class, $name) = @_;
    my $self = bless { dir => "$Ekok::Stack::BUILD/machine-$name", owner => $$ }, $class;
    $self->clear;
    system('mkdir', '-p', map { "$self->{dir}/$_" } qw(files work root project project-work)) == 0 or die 'no folder for a machine';
    return $self;
}

# cannot_be: the reason, in words for a person; nothing when it can be tried.
sub cannot_be {
    my ($self) = @_;
    return 'a machine of its own wants root' if $> != 0;
    return 'systemd is not installed' if !-x '/lib/systemd/systemd';
    my ($code, $out) = Ekok::Stack->capture(@APART, 'sh', '-c', $BOOT, 'boot', $self->{dir}, $Ekok::Stack::ROOT, $SOURCE, 'try');
    return $code == 0 ? undef : 'namespaces or overlays are not to be had here: ' . (split /\n/, $out)[-1];
}

sub boot {
    my ($self) = @_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        POSIX::setsid();
        open STDIN, '<', '/dev/null' or die;
        open STDOUT, '>>', "$self->{dir}/console" or die;
        open STDERR, '>&', \*STDOUT or die;
        chdir '/';
        exec @APART, 'sh', '-c', $BOOT, 'boot', $self->{dir}, $Ekok::Stack::ROOT, $SOURCE, '' or die;
    }
    $self->{outer} = $pid;
    my $up = sub {
        my ($child) = split ' ', eval { Ekok::Stack->read_file("/proc/$pid/task/$pid/children") } // '';
        return 0 if !$child || (readlink("/proc/$child/exe") // '') !~ m{/systemd$};
        $self->{init} = $child;
        my ($code, $state) = $self->run('systemctl', 'is-system-running');
        return $state =~ /^(?:running|degraded)$/m;
    };
    Ekok::Stack->wait_for($up, 180) or die "the machine does not come up:\n" . (eval { Ekok::Stack->read_file("$self->{dir}/console") } // '');
    return;
}

# run(command): in the machine, as root; (exit code, what it printed). sh(text): the same by a shell that ends at the first error.
sub run {
    my ($self, @command) = @_;
    return Ekok::Stack->capture('nsenter', '-t', $self->{init}, qw(-m -p -n -u -i -C -r -w --), @CALM, @command);
}
sub sh { my ($self, $text) = @_; return $self->run('bash', '-e', '-o', 'pipefail', '-c', "cd $SOURCE\n$text"); }

# What a unit is, as systemctl show has it.
sub show {
    my ($self, $unit, $property) = @_;
    my ($code, $out) = $self->run('systemctl', 'show', '--value', "--property=$property", $unit);
    chomp $out;
    return $out;
}

# Off as by its switch, once its services have ended; true when it is gone.
sub off {
    my ($self) = @_;
    $self->run('systemctl', 'stop', @_[1 .. $#_]);
    kill 'KILL', $self->{init};
    waitpid $self->{outer}, 0;
    delete @$self{qw(init outer)};
    return;
}

sub clear {
    my ($self) = @_;
    system('rm', '-rf', $self->{dir}) == 0 or warn "$self->{dir} stays";
    return;
}

sub DESTROY {
    my ($self) = @_;
    return if $self->{owner} != $$;
    local ($?, $@);
    if ($self->{outer}) {
        kill 'KILL', $self->{init} // (), $self->{outer};
        waitpid $self->{outer}, 0;
    }
    $self->clear;
    return;
}

1;
