#!/usr/bin/perl
# pgAudit beside the row trace: who changed structure and rights and who read which table is in the log; no identifier of a
# planted person is, whatever statement carried it: sent as a constant, as a parameter, in an error, slowly, by COPY.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Stack;
use Test::More;

my $stack = Ekok::Stack->new;
$stack->call('migrated-start');
my $dir = $stack->dir;
my ($code, $out) = $stack->capture($Ekok::Stack::STACK, 'run', $stack->{name}, $stack->bin('ekok'), 'harden', '--print');
is $code, 0, 'settings are printed' or diag $out;
$stack->write_file("$dir/hardened.conf", join('', grep { /^(?:log_|debug_|pgaudit|shared_preload)/ } map { "$_\n" } split /\n/, $out));
chmod 0644, "$dir/hardened.conf";
$stack->capture('sh', '-c', "echo \"include '$dir/hardened.conf'\" >> '$dir/data/postgresql.conf'");
$stack->call('server-kill');
$stack->call('server-restart');
$stack->sql('CREATE EXTENSION pgaudit');

sub logged { return $stack->read_file("$dir/server.log") }
my $before = length logged();
my ($nid, $mobile, $name) = ('1987654321', '01712345678', 'PLANTED PERSON');
$stack->sql(q{CREATE ROLE rahima LOGIN IN ROLE ekok_analyst});
$stack->sql(q{ALTER ROLE rahima VALID UNTIL '2030-01-01'});
$stack->sql(q{GRANT ekok_operator TO rahima});
$stack->sql(q{CREATE TABLE public.mine (nid text, name text)});

# as a person reads, in every way that carries a value
$stack->sql_script(<<"END");
SET SESSION AUTHORIZATION rahima;
SELECT count(*) FROM registry.enrolment WHERE name_en = '$name' OR record_id = '$nid';
PREPARE p (text) AS SELECT count(*) FROM registry.enrolment WHERE record_id = \$1;
EXECUTE p ('$mobile');
COPY (SELECT id FROM registry.enrolment WHERE record_id = '$nid') TO STDOUT;
RESET SESSION AUTHORIZATION;
INSERT INTO public.mine VALUES ('$nid', '$name');
END
for my $wrong ("SELECT '$nid'::date", "SELECT * FROM registry.enrolment WHERE nid_token = '$nid' AND x = '$mobile'", "SELECT ekok.nid '$nid$nid'",
    "DO \$\$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = '$nid'; END \$\$",
    "CREATE UNIQUE INDEX ON public.mine (nid)", "INSERT INTO public.mine VALUES ('$nid', '$name')",
    "ALTER ROLE rahima PASSWORD 'verifier-$nid'", "COMMENT ON TABLE public.mine IS '$nid'") {
    eval { $stack->sql($wrong) };
}
my $log = substr logged(), $before;
like $log, qr/AUDIT: SESSION,\d+,\d+,ROLE,CREATE ROLE/, 'a role that was made is in the log';
like $log, qr/,ROLE,ALTER ROLE/, '  one that was changed';
like $log, qr/,ROLE,GRANT ROLE/, '  membership that was given';
like $log, qr/,DDL,CREATE TABLE,TABLE,public\.mine/, 'a table that was made';
like $log, qr/rahima|postgres\@registry.*AUDIT: SESSION,\d+,\d+,READ,SELECT,TABLE,registry\.enrolment/, 'a sensitive table that was read, and by whom';
my $reads = () = $log =~ /AUDIT: SESSION,\d+,\d+,READ,SELECT,TABLE,registry\.enrolment/g;
cmp_ok $reads, '>=', 3, "  in every way ($reads reads)";
like $log, qr/<not logged>/, '  without the statement';
for my $value ($nid, $mobile, $name) {
    is index($log, $value), -1, 'no value of the planted person is in it';
}
$before = length logged();
$stack->sql(q{SET pgaudit.log_statement = on; SET log_min_error_statement = error; SELECT count(*) FROM registry.enrolment WHERE record_id = '1987654321'});
isnt index(substr(logged(), $before), $nid), -1, 'with statements logged it would be: the search can find';
eval { $stack->sql_script("SET SESSION AUTHORIZATION rahima; SET pgaudit.log = 'none';") };
like $@, qr/permission denied to set parameter "pgaudit\.log"/, 'a person does not switch it off';

done_testing;
