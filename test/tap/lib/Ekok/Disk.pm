package Ekok::Disk;

# A disk that is full, or that forgets what was not synced when the power fails: test/fault/disk_shim.c, built on demand,
# around whatever is started while env() stands in %ENV; and take_back(), which is the power failing.

use strict;
use warnings;
use Ekok::Stack;
use File::Find qw(find);

# new(stack, folder): what lies below the folder is on that disk.
sub new {
    my ($class, $stack, $below) = @_;
    my $shim   = "$Ekok::Stack::BUILD/lib/disk_shim.so";
    my $source = "$Ekok::Stack::ROOT/test/fault/disk_shim.c";
    if (!-e $shim || -M $shim > -M $source) {
        system('gcc', qw(-shared -fPIC -O2 -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE -o), "$shim.$$", $source, '-ldl') == 0
            or die 'the shim does not compile';
        rename "$shim.$$", $shim or die "$shim: $!";
    }
    my $dir = $stack->dir;
    return bless { stack => $stack, shim => $shim, below => $below, full => "$dir/disk-is-full", journal => "$dir/disk.journal" }, $class;
}

# What a disk that can be full, or forgets, puts into the environment.
sub env {
    my ($self, $kind) = @_;
    return (LD_PRELOAD => $self->{shim}, EKOK_DISK_BELOW => $self->{below},
        $kind eq 'full' ? (EKOK_DISK_FULL => $self->{full}) : (EKOK_DISK_JOURNAL => $self->{journal}));
}

sub fill { my ($self) = @_; return $self->{stack}->write_file($self->{full}, ''); }
sub free { my ($self) = @_; unlink $self->{full}; return; }

# An empty journal; only while nobody writes to that disk.
sub forget_nothing {
    my ($self) = @_;
    unlink glob "$self->{journal}*";
    $self->{stack}->write_file($self->{journal}, '');
    chmod 0666, $self->{journal};
    return;
}

my $HEAD = 56;

sub notes {
    my ($self) = @_;
    my $text = $self->{stack}->read_file($self->{journal});
    my ($at, @note) = (0);
    while ($at + $HEAD <= length $text) {
        my %note;
        @note{qw(kind device inode offset old_size bytes path other)} = unpack 'a1 x7 Q5 L2', substr $text, $at, $HEAD;
        $at += $HEAD;
        for my $part (qw(path other)) {
            my $bytes = $note{$part};
            $note{$part} = substr $text, $at, $bytes;
            $at += $bytes;
        }
        $note{old} = substr $text, $at, $note{bytes};
        $at += $note{bytes};
        push @note, \%note;
    }
    die 'the journal of the disk is cut' if $at != length $text;
    return @note;
}

# The power fails, once all that wrote is dead: in reverse order, what no later sync has covered. Returns how many writes and
# renames were taken back.
sub take_back {
    my ($self) = @_;
    my (%synced, %path);
    my ($writes, $renames) = (0, 0);
    find({ no_chdir => 1, wanted => sub { my ($device, $inode) = lstat; $path{"$device $inode"} = $_ if -f _ } }, $self->{below});
    for my $note (reverse $self->notes) {
        my $file = "$note->{device} $note->{inode}";
        if ($note->{kind} eq 'S') {
            $synced{$file} = 1;
        } elsif ($synced{$file}) {
            next;
        } elsif ($note->{kind} eq 'R') {
            rename $note->{other}, $note->{path} or next;
            $path{ join ' ', (stat $note->{path})[0, 1] } = $note->{path};
            if (length $note->{old}) {
                rename $note->{old}, $note->{other} or die "$note->{other}: $!";
                $path{ join ' ', (stat $note->{other})[0, 1] } = $note->{other};
            }
            $renames++;
        } elsif ($path{$file} && open my $io, '+<', $path{$file}) {    # under whatever name it lies now
            if ($note->{bytes}) {
                seek $io, $note->{offset}, 0;
                print $io $note->{old};
            }
            $io->flush;
            truncate $io, $note->{old_size};
            close $io or die "$note->{path}: $!";
            $writes++;
        }
    }
    return ($writes, $renames);
}

1;
