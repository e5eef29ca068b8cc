#!/usr/bin/perl
# source_schema.pl [--check] - writes docs/reference/source.schema.json, the JSON Schema (draft 2020-12) of a source's
# definition, from the tables that the daemon reads it by; with --check only says whether it is current.
# What a schema cannot say - which keys go with which paging style, connector and authentication - `ekok source add` says.
use strict;
use warnings;
use FindBin;
use JSON::PP ();
chdir "$FindBin::Bin/.." or die;

my $config = 'etl-daemon/src/config';
my $target = 'docs/reference/source.schema.json';

sub rows {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!";
    local $/ = undef;
    (my $text = <$in>) =~ s{/\*.*?\*/}{}gs;
    my @rows;
    while ($text =~ /^X\(((?:[^()"]|"(?:[^"\\]|\\.)*")*)\)/mg) {
        my ($inside, @argument) = ($1);
        push @argument, $1 =~ s/^\s*"?|"?\s*$//gr while $inside =~ /\G\s*("(?:[^"\\]|\\.)*"|[^,"]+)\s*(?:,|$)/g;
        push @rows, \@argument;
    }
    return @rows;
}

my %words = map { my ($member, @word) = @$_; ($member => \@word) } rows("$config/source_choice.def");
my $path = '^[^\\s.+=\']+(\\.[^\\s.+=\']+)*$';
my %kind = (
    NAME   => { type => 'string', pattern => '^[a-z0-9_]{1,31}$' },
    TEXT   => { type => 'string', minLength => 1 },
    URL    => { type => 'string', pattern => '^https://[^\\s?#@]+$', maxLength => 255 },
    FILE   => { type => 'string', pattern => '^/', maxLength => 255 },
    PATH   => { type => 'string', pattern => $path },
    PARAM  => { type => 'string', pattern => '^[A-Za-z0-9_.-]+$', maxLength => 63 },
    SECRET => { type => 'string', pattern => '^[a-z0-9_-]{1,63}$' },
    CRON   => { type => 'string', pattern => '^\\s*\\S+(\\s+\\S+){4}\\s*$' },
    DATE   => { type => 'string', pattern => 'yyyy' },
    UNIT   => { enum => [qw(taka paisa)] },
);

sub schema_of {
    my ($member, $kind, $default, $accepted, $least, $most) = @_;
    my %schema = (%{ $kind{$kind} // {} }, description => $accepted);
    $schema{enum} = $words{$member} if $kind eq 'CHOICE';
    my $number = $kind =~ /^(?:INT|LONG|SIZE)$/;
    @schema{qw(type minimum maximum)} = ('integer', $least + 0, $most + 0) if $number;
    $schema{default} = $number ? $default + 0 : $default if $default ne 'NULL' && $default ne '';
    return \%schema;
}

my %section;
for my $row (rows("$config/source_key.def")) {
    my ($section, $key, $member, $kind, $styles, $default, $accepted, $least, $most) = @$row;
    $section{$section}{properties}{$key} = schema_of($member, $kind, $default, $accepted, $least, $most);
    push @{ $section{$section}{required} }, $key if $default eq 'NULL' && $styles eq 'ANY';
}
for my $part (values %section) {
    $part->{type} = 'object';
    $part->{additionalProperties} = JSON::PP::false;
}

my @target = rows('etl-daemon/src/row/target.def');
my $rule = { type => 'string', minLength => 1,
    description => "path, path + path, or 'text', and behind it, if wanted, in bijoy (names), when path = text" };
my %closed = (type => 'object', additionalProperties => JSON::PP::false);
$section{map} = { %closed,
    properties => { map { $_->[1] => { anyOf => [$rule, { type => 'array', items => $rule }], description => "at most $_->[2] bytes" } } @target } };
$section{values} = { %closed,
    properties => { map { $_->[1] => { type => 'object', additionalProperties => { type => 'string', minLength => 1, maxLength => 63 } } } @target } };
$section{columns} = { type => 'object', description => 'field: the text of its header, or the number of its column',
    additionalProperties => { anyOf => [{ type => 'string', minLength => 1 }, { type => 'integer', minimum => 1, maximum => 256 }] } };
$section{contract}{properties}{fields} = { type => 'object', description => 'path: type, with ? when it may be absent or null',
    additionalProperties => { type => 'string', pattern => '^(text|number|boolean|object|array|any)\\??$' } };
$section{programmes} = { type => 'array', items => { type => 'string', pattern => '^[A-Z0-9_-]{1,16}$' }, maxItems => 64,
    description => 'what a source that is not known yet may report' };

my $schema = {
    '$schema' => 'https://json-schema.org/draft/2020-12/schema',
    title => 'Definition of a source of the Single Registry', %closed, properties => \%section, required => ['source'] };
my $text = JSON::PP->new->canonical->pretty->indent_length(2)->encode($schema);
my $now = -e $target ? do { open my $in, '<', $target or die "$target: $!"; local $/ = undef; <$in> } : '';
exit 0 if $now eq $text;
if (@ARGV && $ARGV[0] eq '--check') {
    print "$target is not current: perl tools/source_schema.pl\n";
    exit 1;
}
open my $out, '>', $target or die "$target: $!";
print $out $text;
close $out or die "$target: $!";
