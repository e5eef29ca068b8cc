#!/usr/bin/perl
# An analyst of one ministry reads another's beneficiaries: row-level security shows none, by table, view, function, count,
# nor by what an error or a plan tells. Wants schema access as of change access_scopes; move to test/attack with it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../tap/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->up('--persons', 600, '--seed', 96);
my ($code, $out) = $stack->etld;
is $code, 0, 'the ministries are pulled' or BAIL_OUT $out;
$stack->ekok('sweep');
my ($mine, $other) = split /\n/, $stack->sql(q{SELECT p.ministry FROM registry.enrolment e JOIN registry.programme p ON p.code = e.programme GROUP BY 1 ORDER BY count(*) DESC LIMIT 2});
$stack->sql(qq{CREATE ROLE spy LOGIN; INSERT INTO access.account (login, holder, kind) VALUES ('spy', 'a spy', 'person');
    INSERT INTO access.scope (login, duty, ministry, purpose, granted_at, expires_at)
    VALUES ('spy', 'analyst', '$mine', 'test', clock_timestamp() - interval '1 hour', clock_timestamp() + interval '1 day');
    UPDATE access.duty SET step_up = false; SELECT access.fit_roles('spy')});

sub as_spy { my ($sql) = @_; return $stack->sql_script("SET SESSION AUTHORIZATION spy;\n$sql;\n"); }
my $theirs = qq{FROM registry.enrolment e JOIN registry.programme p ON p.code = e.programme WHERE p.ministry = '$other'};
cmp_ok $stack->sql("SELECT count(*) $theirs"), '>', 0, 'the other ministry has enrolments';
cmp_ok as_spy("SELECT count(*) FROM registry.enrolment"), '>', 0, 'the analyst sees those of his own';
is as_spy("SELECT count(*) $theirs"), 0, '  and none of the other\'s';
is as_spy(q{SELECT count(*) FROM registry.beneficiary b JOIN registry.programme p ON p.code = b.programme WHERE p.ministry = '} . $other . q{'}), 0, '  nor through a view';
my $victim = $stack->sql("SELECT e.id $theirs ORDER BY 1 LIMIT 1");
is as_spy("SELECT count(*) FROM registry.enrolment WHERE id = '$victim'"), 0, '  nor by its id';
is as_spy("SELECT count(*) FROM registry.membership WHERE enrolment_id = '$victim'"), 0, '  nor to whom it belongs';
is as_spy("SELECT count(*) FROM registry.verification WHERE enrolment_id = '$victim'"), 0, '  nor what was verified of it';
is as_spy("SELECT count(*) FROM registry.match WHERE a = '$victim' OR b = '$victim'"), 0, '  nor what it resembles';
# a condition that would fail on rows of others is never shown them
unlike as_spy(q{SELECT count(*) FROM registry.enrolment WHERE 1 / (CASE WHEN programme IN (SELECT code FROM registry.programme WHERE ministry = '} . $other . q{') THEN 0 ELSE 1 END) = 1}),
    qr/division/, '  and no error tells of them';

done_testing;
