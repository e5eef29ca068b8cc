package Ekok::Planted;

# People whose numbers a test knows, pulled through the real daemon from a dropped file: what an attacker looks for, and a
# search over files, memory and answers of the database that finds it in any of the forms in which it could lie there.

use strict;
use warnings;
use Ekok::Stack;
use JSON::PP ();

# Numbers of nobody: right in form, and found nowhere else.
our @PEOPLE = map { { no => "P-$_", name => "PLANTED PERSON $_", born => '1970-02-0' . $_, nid => sprintf('8462%06d', 731_900 + 7 * $_),
    mobile => sprintf('0174%07d', 8_153_390 + 3 * $_) } } 1 .. 5;

# new(stack): a registry with these people in it, and the ministries' own if the stack has them; sealed by its key file.
sub new {
    my ($class, $stack) = @_;
    my $dir = $stack->dir;
    $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, 'mkdir', '-p', "$dir/inbox");
    $stack->capture('rm', '-f', glob "$dir/sources/*.json");
    $stack->write_file("$dir/sources/planted.json", JSON::PP->new->encode({
        source => { name => 'planted', format => 'jsonl', folder => "$dir/inbox", names => '*.jsonl', page_bytes => 65536, row_bytes => 4096, ministry => 'MoDMR' },
        programmes => ['TRE'], paging => { style => 'file', size => 20 }, file => { settle => 0 },
        map => { record_id => 'no', programme => "'TRE'", name_en => 'name', birth_date => 'born', nid => 'nid', mobile => 'mobile' },
        format => { birth_date => 'yyyy-mm-dd' } }));
    $stack->reset;
    my $self = bless { stack => $stack }, $class;
    $self->drop('one', @PEOPLE);
    return $self;
}

# drop(name, people): a file of them into the folder.
sub drop {
    my ($self, $name, @people) = @_;
    my $file = $self->{stack}->dir . "/inbox/$name.jsonl";
    $self->{stack}->write_file($file, join '', map { JSON::PP->new->canonical->encode($_) . "\n" } @people);
    system 'chown', 'postgres:', $file if $> == 0;
    return;
}

sub names   { return map { $_->{name} } @PEOPLE }
sub numbers { return map { ($_->{nid}, $_->{mobile}, substr($_->{mobile}, 1)) } @PEOPLE }

# The raw bytes of each key of the stack's key file, and the same as text.
sub keys {
    my ($self) = @_;
    my @hex = map { lc } grep { length >= 32 } $self->{stack}->read_file($self->{stack}->dir . '/etld.keys') =~ /(?<![0-9a-fA-F])([0-9a-fA-F]{32,})(?![0-9a-fA-F])/g;
    die 'the key file holds no keys that are known here' if @hex < 3;
    return map { ($_, pack 'H*', $_) } @hex;
}

# found_in(text, what): which of them lie in it, as text or as the eight bytes of a number.
sub found_in {
    my ($text, @what) = @_;
    return grep { index($text, $_) >= 0 || (/^\d{10,17}$/ && (index($text, pack 'q<', $_) >= 0 || index($text, pack 'q>', $_) >= 0)) } @what;
}

# found_below(folder, what): over all plain files.
sub found_below {
    my ($self, $folder, @what) = @_;
    my %found;
    open my $list, '-|', 'find', $folder, '-type', 'f' or die "find: $!";
    while (my $file = <$list>) {
        chomp $file;
        open my $in, '<:raw', $file or next;
        my $before = '';
        while (read $in, my $piece, 8 << 20) {
            $found{$_} = $file for found_in($before . $piece, @what);
            $before = substr $piece, -64;
        }
    }
    return %found;
}

# found_in_memory(process, what, shared): over what the process has mapped and may write, with what it shares with others or without; needs
# the right to read it.
sub found_in_memory {
    my ($self, $process, $shared, @what) = @_;
    my %found;
    open my $maps, '<', "/proc/$process/maps" or return;
    open my $memory, '<:raw', "/proc/$process/mem" or return;
    while (my $line = <$maps>) {
        my ($from, $to, $kind) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) rw.(.)/ or next;
        next if $kind eq 's' && !$shared;
        next if $line =~ /\[v(?:var|syscall|dso)/;
        no warnings 'portable';    # addresses have 64 bits
        ($from, $to) = (hex $from, hex $to);
        for (my $at = $from; $at < $to; $at += 8 << 20) {
            my $bytes = $to - $at < (8 << 20) ? $to - $at : 8 << 20;
            sysseek $memory, $at, 0 or last;
            sysread $memory, my $piece, $bytes or last;
            $found{$_} = sprintf '%x', $at for found_in($piece, @what);
        }
    }
    return %found;
}

1;
