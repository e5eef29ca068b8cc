package Ekok::Person;

# Somebody who logs in for real: by network, TLS and password, with an authenticator (RFC 6238) and, where given, a certificate.

use strict;
use warnings;
use Digest::SHA qw(hmac_sha1);

# new(login => ..., password => ..., secret => base 32, host => ..., ca => file, certificate => [file, key])
sub new { my ($class, %self) = @_; return bless {%self}, $class; }

sub decode32 {
    my ($text) = @_;
    my $bits = join '', map { sprintf '%05b', index 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', $_ } split //, $text;
    return pack 'B' . (length($bits) - length($bits) % 8), $bits;
}

# code(step): the code of a time step, relative to now.
sub code {
    my ($self, $step) = @_;
    my $mac = hmac_sha1(pack('Q>', int(time / 30) + ($step // 0)), decode32($self->{secret}));
    my $offset = ord(substr $mac, -1) & 15;
    return sprintf '%06d', (unpack('N', substr $mac, $offset, 4) & 0x7fffffff) % 1_000_000;
}

# A code that the server takes. Where the one of this moment was used, the test's own `forget` makes the server forget that, since
# half a minute a code would be long to wait.
sub fresh_code {
    my ($self) = @_;
    $self->{forget}->($self->{login});
    return $self->code;
}

sub conninfo {
    my ($self) = @_;
    my $certificate = $self->{certificate} ? "sslcert=$self->{certificate}[0] sslkey=$self->{certificate}[1]" : 'sslcert=/nowhere';
    return "host=$self->{host} port=5432 dbname=registry user=$self->{login} sslmode=verify-ca sslrootcert=$self->{ca} $certificate";
}

# run(command ...): with the password in the environment of the test's own child; output and exit code.
sub run {
    my ($self, $input, @command) = @_;
    local $ENV{PGPASSWORD} = $self->{password} // '';
    delete local @ENV{qw(PGHOST PGUSER PGPORT PGDATABASE)};
    my $file = "/tmp/ekok-person-$$";
    open my $to, '>', $file or die;
    print {$to} $input;
    close $to;
    my $pid = open(my $from, '-|') // die;
    if ($pid == 0) {
        open STDIN, '<', $file or die;
        open STDERR, '>&', \*STDOUT or die;
        exec @command or die;
    }
    my $out = do { local $/ = undef; <$from> } // '';
    close $from;
    my $code = $? >> 8;
    unlink $file;
    chomp $out;
    return wantarray ? ($code, $out) : $out;
}

# sql(text ...): statements of one session, its output; errors stand in it.
sub sql {
    my ($self, @text) = @_;
    my (undef, $out) = $self->run(join("\n", @text) . "\n", 'psql', '-XqAt', '-v', 'VERBOSITY=terse', $self->conninfo);
    return $out;
}

1;
