#!/usr/bin/perl
# Names by their sound, as a registry lives: in a database of the C locale, dumped and restored, under REINDEX CONCURRENTLY
# with writers at work; always the rows that a sequential scan finds. Names are put together from words of the test's own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->call('server-start');
my $bin  = '/usr/lib/postgresql/15/bin';
my $dir  = $stack->dir;
my $path = 'SET search_path = public, ekok;';
my $ROWS = 40_000;

sub database {
    my ($name, $locale) = @_;
    $stack->sql("CREATE DATABASE $name TEMPLATE template0 ENCODING 'UTF8' LOCALE '$locale'", 'postgres');
    return;
}

# Names of three words in one script or the other, by the number of the row.
sub fill {
    my ($name) = @_;
    $stack->sql_script("$path CREATE SCHEMA ekok; CREATE EXTENSION ekok SCHEMA ekok; " . <<"SQL", $name);
CREATE TABLE held (i integer PRIMARY KEY, name text);
INSERT INTO held SELECT i, CASE i % 2 WHEN 0 THEN concat_ws(' ', bn[1 + i % 16], bn[1 + i / 16 % 16], bn[1 + i / 256 % 16])
        ELSE concat_ws(' ', la[1 + i % 16], la[1 + i / 16 % 16], la[1 + i / 256 % 16]) END
    FROM generate_series(1, $ROWS) i, (SELECT ARRAY['রহিম', 'করিম', 'সালমা', 'নাসরিন', 'জামাল', 'ফাতেমা', 'রোকেয়া', 'শাহানা', 'বিলকিস', 'দিলারা',
        'পারুল', 'আনোয়ার', 'মোশাররফ', 'কামরুল', 'হাবিব', 'ইদ্রিস'], ARRAY['Rahim', 'Karim', 'Salma', 'Nasrin', 'Jamal', 'Fatema', 'Rokeya',
        'Shahana', 'Bilkis', 'Dilara', 'Parul', 'Anwar', 'Mosharraf', 'Kamrul', 'Habib', 'Idris']) w(bn, la);
CREATE INDEX held_sound ON held USING gin (name gin_sound_ops);
VACUUM ANALYZE held;
SQL
    return;
}

my @ASKED = ('Rohim Korim Solma', 'ফাতেমা রোকেয়া শাহানা', 'Anowar Mosarraf Idris', 'মোঃ হাবিব কামরুল করিম');

# found(database, settings): for each name asked for, how many rows and which.
sub found {
    my ($name, $settings) = @_;
    my $counts = join '; ', map { "SELECT count(*) || ' ' || coalesce(md5(string_agg(i::text, ' ' ORDER BY i)), '') FROM held WHERE name ~% '$_'" } @ASKED;
    return $stack->sql("$path $settings $counts", $name);
}

sub same_answers {
    my ($name, $moment) = @_;
    my $by_index = found($name, 'SET enable_seqscan = off;');
    is $by_index, found($name, 'SET enable_bitmapscan = off;'), "$moment: the rows of a sequential scan";
    unlike $by_index, qr/^0 /m, "$moment: something is found for each";
    return $by_index;
}

database('usual', 'C.UTF-8');
database('plain', 'C');
fill($_) for 'usual', 'plain';
is same_answers('plain', 'locale C'), same_answers('usual', 'locale C.UTF-8'), 'the locale does not matter';
is $stack->sql("$path SELECT string_agg(sound_key(name) || sound_equal_key(name) || bn_normalize(upper(name)), ' ' ORDER BY i) FROM held WHERE i < 5000", 'plain'),
    $stack->sql("$path SELECT string_agg(sound_key(name) || sound_equal_key(name) || bn_normalize(upper(name)), ' ' ORDER BY i) FROM held WHERE i < 5000", 'usual'),
    '  nor does it to the keys';
like $stack->sql("$path EXPLAIN (COSTS OFF) SELECT * FROM held WHERE name ~% 'Rahim Karim Salma'", 'plain'), qr/EkokSoundScan.*Index: held_sound/s,
    '  the index is chosen';

# Dumped and restored.
my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, "$bin/pg_dump", '-Fc', '-f', "$dir/dump", '-d', 'usual');
is $code, 0, 'pg_dump' or diag $out;
$stack->sql('CREATE DATABASE restored TEMPLATE template0', 'postgres');
($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, "$bin/pg_restore", '-e', '-d', 'restored', "$dir/dump");
is $code, 0, '  and restore' or diag $out;
$stack->sql('ANALYZE held', 'restored');
is same_answers('restored', 'restored'), found('usual', ''), '  the same answers';

# Made again while others write.
my $writer = $stack->start("$dir/writer.log", $Ekok::Stack::STACK, 'psql', $stack->{name}, '-qAt', '-d', 'usual', '-c', <<'SQL');
DO $$ BEGIN FOR n IN 1..2000 LOOP
    UPDATE held SET name = (SELECT o.name FROM held o WHERE o.i = 1 + n * 7 % 4000) WHERE held.i = 10 * n;
    COMMIT;
END LOOP; END $$
SQL
$stack->sql('REINDEX INDEX CONCURRENTLY held_sound', 'usual') for 1 .. 3;
waitpid $writer, 0;
is $?, 0, 'a writer beside REINDEX CONCURRENTLY is not disturbed';
is $stack->sql(q{SELECT count(*) FROM pg_index WHERE indrelid = 'held'::regclass AND NOT indisvalid}, 'usual'), 0, '  every index is valid';
same_answers('usual', 'after REINDEX CONCURRENTLY');
done_testing;
