package Ekok::Token;

# A SoftHSM token in a folder, and what only a software token allows: to take its keys out of its files with the PIN, so
# that a test can look for the wrapping key, and open with it what the token wrapped.

use strict;
use warnings;
use Digest::SHA qw(sha256 hmac_sha256);
use File::Basename qw(basename);

my $MODULE = '/usr/lib/softhsm/libsofthsm2.so';

# new(stack, folder): token "ekok" with a PIN nobody else has, in a file of mode 0600, all as the unprivileged user.
sub new {
    my ($class, $stack, $folder) = @_;
    open my $random, '<:raw', '/dev/urandom' or die;
    read $random, my $bytes, 8;
    my $self = bless { stack => $stack, folder => $folder, pin => 'Pin-' . unpack 'H*', $bytes }, $class;
    mkdir $_, 0700 or die "$_: $!" for $folder, "$folder/tokens";
    $stack->write_file("$folder/softhsm2.conf", "directories.tokendir = $folder/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
    $self->set_pin_file($self->{pin});
    system('chown', '-R', 'postgres:', $folder) == 0 or die if $> == 0;
    my ($code, $out) = $self->as_user('softhsm2-util', '--init-token', '--free', '--label', 'ekok', '--pin', $self->{pin}, '--so-pin', "so-$self->{pin}");
    die $out if $code != 0;
    return $self;
}

sub pin      { my ($self) = @_; return $self->{pin}; }
sub pin_file { my ($self) = @_; return "$self->{folder}/pin"; }
sub conf     { my ($self) = @_; return "$self->{folder}/softhsm2.conf"; }

sub set_pin_file {
    my ($self, $pin) = @_;
    $self->{stack}->write_file($self->pin_file, "$pin\n");
    chmod 0600, $self->pin_file;
    chown +(getpwnam 'postgres')[2, 3], $self->pin_file if $> == 0;
    return;
}

# As the words of --wrap.
sub words {
    my ($self, $object) = @_;
    return "pkcs11:token=ekok;object=$object?module-path=$MODULE&pin-source=" . $self->pin_file;
}

# as_user(command): with the token within reach; (exit code, output).
sub as_user {
    my ($self, @command) = @_;
    local $ENV{SOFTHSM2_CONF} = $self->conf;
    return $self->{stack}->capture($> == 0 ? ('runuser', '-u', 'postgres', '--') : (), @command);
}

sub _aes {
    my ($mode, $way, $key, $iv, $data) = @_;
    my @command = ('openssl', 'enc', "-aes-256-$mode", $way, '-K', unpack('H*', $key), $mode eq 'ecb' ? '-nopad' : ('-iv', unpack 'H*', $iv));
    pipe my $in, my $feed or die;
    my $pid = open(my $out, '-|') // die;
    if ($pid == 0) {
        close $feed;
        open STDIN, '<&', $in or die;
        exec @command or die;
    }
    binmode $_ for $feed, $out;
    print $feed $data;
    close $feed;
    local $/ = undef;
    my $text = <$out>;
    close $out or die "openssl enc: $?";
    return $text;
}

# Attributes of one of SoftHSM's files, by their number: a flag, a number or bytes.
sub _attributes {
    my ($self, $file) = @_;
    open my $in, '<:raw', $file or die "$file: $!";
    local $/ = undef;
    my $text = <$in>;
    my ($at, %value) = (8);
    while ($at < length $text) {
        my ($type, $kind) = unpack 'Q>Q>', substr $text, $at, 16;
        $at += 16;
        my $size = $kind == 1 ? 1 : $kind == 2 ? 8 : unpack 'Q>', substr $text, $at, 8;
        $at += 8 if $kind > 2;
        $size *= 8 if $kind == 5;    # a set of mechanisms
        $value{$type} = substr $text, $at, $size;
        $at += $size;
    }
    return \%value;
}

# kek(label): the bytes of that key, as SoftHSM keeps them under a key that the PIN opens.
sub kek {
    my ($self, $label) = @_;
    my ($token) = glob "$self->{folder}/tokens/*/token.object";
    my $blob = $self->_attributes($token)->{0x8000534d};    # CKA_OS_USERPIN: salt, IV, master key
    my $salt = substr $blob, 0, 8;
    my $by = sha256($salt . $self->{pin});
    $by = sha256($by) for 2 .. 1500 + ord substr $salt, 7;
    my $master = _aes('cbc', '-d', $by, substr($blob, 8, 16), substr $blob, 24);
    die 'not SoftHSM\'s form' if $master !~ s/^RJR// || length $master != 32;
    my $clear = sub { my ($sealed) = @_; return _aes('cbc', '-d', $master, substr($sealed, 0, 16), substr $sealed, 16) };
    for my $file (grep { basename($_) ne 'token.object' } glob "$self->{folder}/tokens/*/*.object") {
        my $object = $self->_attributes($file);
        return $clear->($object->{0x11}) if $clear->($object->{3}) eq $label;
    }
    die "no key $label";
}

# unwrap(kek, wrapped): RFC 5649, block by block; undef when the check value is wrong.
sub unwrap {
    my ($kek, $wrapped) = @_;
    my ($check, @block) = unpack '(a8)*', $wrapped;
    for my $step (reverse 1 .. 6 * @block) {
        my $i = ($step - 1) % @block;
        ($check, $block[$i]) = unpack 'a8a8', _aes('ecb', '-d', $kek, undef, ($check ^ pack 'Q>', $step) . $block[$i]);
    }
    return $check eq pack('H8N', 'a65959a6', 8 * @block) ? join '', @block : undef;
}

# commitment(key): as a key file has it.
sub commitment { my ($key) = @_; return hmac_sha256('ekok commitment', $key); }

# How often a pattern is met in the memory of a process.
sub memory_of {
    my ($self, $of, $what) = @_;
    my $hits = 0;
    no warnings 'portable';    # addresses of 64 bits
    open my $mem, '<:raw', "/proc/$of/mem" or die;
    for my $line (split /\n/, $self->{stack}->read_file("/proc/$of/maps")) {
        my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) r/ or next;
        next if $line =~ /\[v(var|syscall|dso)\]/;
        sysseek $mem, hex $from, 0 or next;
        my ($left, $text) = (hex($to) - hex $from, '');
        while ($left > 0) {
            my $n = sysread $mem, $text, $left, length $text or last;
            $left -= $n;
        }
        $hits++ while $text =~ /$what/gs;
    }
    return $hits;
}

1;
