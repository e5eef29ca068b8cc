#!/usr/bin/perl
# known_names.pl [--check] - writes extension/core/name_known.def and name_known_*.def from name_known.txt; with --check only
# says whether they are current. Hears every spelling through build/bin/name-scores (make -C test/bench), and the Latin forms
# that a Bengali spelling has without being listed: its inherent vowels written a or o. Judges no names.
use strict;
use warnings;
use utf8;
use File::Temp qw(tempfile);
use FindBin;
chdir "$FindBin::Bin/.." or die;
binmode $_, ':encoding(UTF-8)' for *STDOUT, *STDERR;

my $CORE = 'extension/core';
my ($SOUNDS_MAX, $KEY_MAX, $SPELLINGS_MAX) = (15, 12, 8);
my ($FIRST_PLAIN, $FIRST_SET, $SET_MAX) = (1001, 32768, 4);    # as name_known.h says
my $check = grep { $_ eq '--check' } @ARGV;

# ---- What is heard.

my %class;
for my $row (rows_of("$CORE/name_phone.def", qr/^X\(\w+, '(.)', ('(.)'|0),/)) { $class{ $row->[0] } = $row->[2] // $row->[0] }

sub rows_of {
    my ($file, $row) = @_;
    open my $in, '<:encoding(UTF-8)', $file or die "$file: $!";
    return map { /$row/ ? [$1, $2, $3] : () } <$in>;
}

# Sounds of each spelling that is one word; others have none.
sub hear {
    my %sounds;
    while (my @some = splice @_, 0, 10_000) {
        my ($to, $file) = tempfile(UNLINK => 1);
        binmode $to, ':encoding(UTF-8)';
        print {$to} "$_\t$_\n" for @some;
        close $to;
        open my $from, '-|:encoding(UTF-8)', 'build/bin/name-scores', $file, 'keys' or die 'build/bin/name-scores: make -C test/bench';
        my @heard = map { chomp; [split /\t/] } <$from>;
        close $from or die 'name-scores failed';
        @heard == @some or die 'a spelling is several words, or none: ', join ' ', first_unlike(\@heard, \@some), "\n";
        $sounds{ $some[$_] } = $heard[$_][3] for 0 .. $#some;
    }
    return \%sounds;
}

sub first_unlike {
    my ($heard, $some) = @_;
    for my $i (0 .. $#$some) { next if @$heard == @$some; return ($some->[$i], $heard->[$i][0] // '') if ($heard->[$i][0] // '') ne $some->[$i] }
    return;
}

# What the table is searched by, as ekok_known_sounds makes it.
sub searched { return join '', map { $class{$_} } grep { $_ ne '@' } split //, shift }

# ---- The Latin forms of Bengali sounds.

my %LATIN = ('@' => [''], O => [qw(a o)], A => ['a'], E => [qw(e a ya)], Y => [qw(ai ae)], W => ['au'], K => ['kh'], x => ['ksh'], G => ['gh'],
    c => ['ch'], X => ['s'], J => ['jh'], T => ['th'], D => ['dh'], N => ['ng'], B => ['bh'], R => ['r'], S => ['sh'], H => ['h'],
    '~' => ['', 'n']);

sub latin_forms {
    my ($sounds, $spelling) = @_;
    my @sounds = split //, $sounds;
    my $glides = $spelling =~ /\x{9af}\x{9bc}[\x{995}-\x{9b9}]|\x{9df}[\x{995}-\x{9b9}]/;    # as in নয়ন
    my @forms = ('');
    for my $i (0 .. $#sounds) {
        my @here = @{ $LATIN{ $sounds[$i] } // [$sounds[$i]] };
        @here = ('', 'a', 'o') if $sounds[$i] eq '@';
        push @here, '' if $sounds[$i] eq 'O' && $i > 1 && $i < $#sounds - 1 && grep { $_ eq '@' } @sounds[$i + 1 .. $#sounds - 1];
        push @here, qw(aya oyo oya) if $sounds[$i] eq 'Y' && $glides;
        push @here, '' if $sounds[$i] eq 'O' && ($sounds[$i + 1] // '') =~ /[hH]/;
        @here = @here[0 .. 0] if @forms > 64;
        @forms = map { my $form = $_; map { "$form$_" } @here } @forms;
    }
    return grep { /[aeiou]/ } @forms;
}

# ---- The names: {told apart, spellings}; names that share a spelling, or a Bengali sound, are one.

sub read_names {
    open my $in, '<:encoding(UTF-8)', "$CORE/name_known.txt" or die "$CORE/name_known.txt: $!";
    my ($apart, @names) = (0);
    while (<$in>) {
        next if /^#/ || !/\S/;
        if (/^\[(\w+)\]/) { $apart = $1 eq 'apart'; next }
        push @names, { apart => $apart, spellings => [split] };
    }
    return @names;
}

sub is_bengali { return shift =~ /^[\x{980}-\x{9ff}]/ }

sub join_names {
    my ($names, $sounds) = @_;
    my (%owner, @joined);
    for my $name (@$names) {
        my @keys = map { is_bengali($_) ? searched($sounds->{$_}) : () } @{ $name->{spellings} };
        my %same = map { $owner{$_} ? ($owner{$_} => $owner{$_}) : () } @keys;
        my @same = sort { $a->{at} <=> $b->{at} } values %same;
        my $into = shift @same;
        if (!$into) { $into = $name; $into->{at} = @joined; push @joined, $into }
        else { push @{ $into->{spellings} }, @{ $name->{spellings} } }
        for my $other (@same) {
            warn "joined: @{$into->{spellings}} | @{$other->{spellings}}\n" if $into->{apart} && $other->{apart};
            push @{ $into->{spellings} }, @{ $other->{spellings} };
            $into->{apart} ||= $other->{apart};
            $other->{gone} = 1;
            $_ == $other and $_ = $into for values %owner;
        }
        $owner{$_} = $into for @keys;
    }
    return grep { !$_->{gone} } @joined;
}

# ---- The tables.

sub tables {
    my @names = read_names();
    my %all = map { $_ => 1 } map { @{ $_->{spellings} } } @names;
    my $sounds = hear(sort keys %all);
    @names = join_names(\@names, $sounds);
    my %next = (1 => 1, 0 => $FIRST_PLAIN);
    $_->{number} = $next{ $_->{apart} ? 1 : 0 }++ for @names;
    my %forms;
    for my $name (@names) {
        my %seen;
        for my $bengali (grep { is_bengali($_) } @{ $name->{spellings} }) {
            $seen{$_} = 1 for latin_forms($sounds->{$bengali}, $bengali);
        }
        push @{ $name->{forms} }, sort keys %seen;
        $forms{$_} = 1 for keys %seen;
    }
    my $derived = hear(sort keys %forms);
    my (%who, %owner, %spelling, %keys);
    for my $name (@names) {
        for my $spelling (@{ $name->{spellings} }, @{ $name->{forms} }) {
            my $key = searched($sounds->{$spelling} // $derived->{$spelling});
            next if length $key > $SOUNDS_MAX || length $key < 2;
            $who{$key}{ $name->{number} } = 1;
            $owner{$key} = $name->{number} if is_bengali($spelling);
            $keys{ coarse($key) }{ $name->{number} } = 1;
            $spelling{$key} //= $spelling;
        }
    }
    my (%set, @sets, $known, $count);
    for my $key (sort { byte_order($a, $b) } keys %who) {
        my $own = $owner{$key} // 0;
        my @numbers = sort { ($b == $own) <=> ($a == $own) || $a <=> $b } keys %{ $who{$key} };
        @numbers = @numbers[0 .. $SET_MAX - 1] if @numbers > $SET_MAX;
        my $number = $numbers[0];
        if (@numbers > 1) {
            my $set = join ', ', @numbers, (0) x ($SET_MAX - @numbers), $own ? 1 : 0;
            if (!defined $set{$set}) { $set{$set} = @sets; push @sets, $set }
            $number = $FIRST_SET + $set{$set};
        }
        $known .= qq{X("$key", $number, "$spelling{$key}")\n};
        $count++;
    }
    printf "%d names told apart, %d others, %d forms, %d sets\n", $next{1} - 1, $next{0} - $FIRST_PLAIN, $count, scalar @sets;
    return ($known, join('', map { "X($_)\n" } @sets), of_keys(\%keys));
}

# The keys of an index, as ekok_index_coarse makes them of the sounds that the table is searched by.
sub coarse {
    my $key = join '', shift =~ /[KGCJTDNPBMRLS]/g;
    $key =~ tr/C/S/;
    $key =~ s/(.)\1+/$1/g;
    return substr $key, 0, $KEY_MAX;
}

# The keys of the names that are told apart, each once: of the others too much would not be asked for that is spelt in a way
# no table knows. And those of the names that have several.
sub of_keys {
    my ($keys) = @_;
    my (%of, $several);
    for my $key (sort keys %$keys) { push @{ $of{$_} }, $key for keys %{ $keys->{$key} } }
    for my $number (sort { $a <=> $b } keys %of) {
        next if @{ $of{$number} } < 2;
        @{ $of{$number} } <= $SPELLINGS_MAX or die "more than $SPELLINGS_MAX keys of one name: @{ $of{$number} }\n";
        $several .= qq{X($number, "$_")\n} for @{ $of{$number} };
    }
    my @common = grep { my $key = $_; length $key && grep { $_ < $FIRST_PLAIN } keys %{ $keys->{$key} } } sort keys %$keys;
    return (join('', map { qq{X("$_")\n} } @common), $several);
}

sub byte_order { my ($x, $y) = @_; return $x cmp $y }

# What each table says of itself.
my @about = (
    ['name_known.def', <<'END'],
common names by their sounds, made from name_known.txt: X("sounds", number, "spelling"). Forms of one
 * name have one number: below 1001 it is told apart from all others however near they sound; from 32768 the form is that of
 * several names, which stand in name_known_set.def. Sounds are what ekok_known_sounds makes of the spelling (a unit test holds
 * them to it); sorted by bytes.
END
    ['name_known_set.def', <<'END'],
names that share a form, as Latin kamal is that of two in Bengali: X(number, number, number, number, owned),
 * 0 for none; owned is 1 where the form in Bengali letters is that of the first alone.
END
    ['name_known_key.def', <<'END'],
the consonants that names told apart are written with, as an index keeps them: X("key"), each once;
 * sorted by bytes.
END
    ['name_known_spelling.def', <<'END'],
known names whose forms have different consonants: X(number, "key"), sorted by number.
END
);

my @rows = tables();
my %file = map { ("$CORE/$about[$_][0]" => "/*\n * $about[$_][0] - $about[$_][1] * Written by tools/known_names.pl.\n */\n$rows[$_]") } 0 .. $#about;
my $stale = 0;
for my $file (sort keys %file) {
    my $is = '';
    if (open my $in, '<:encoding(UTF-8)', $file) { local $/ = undef; $is = <$in> }
    $stale ||= $is ne $file{$file};
}
if ($check) { print $stale ? "stale\n" : "current\n"; exit $stale }
for my $file (sort keys %file) {
    open my $out, '>:encoding(UTF-8)', $file or die "$file: $!";
    print {$out} $file{$file};
    close $out or die "$file: $!";
}
