#!/usr/bin/perl
# Access with real logins: SCRAM and certificates over TLS, one-time codes that the key agent looks at, passwords by the function alone,
# hooks that hold against a superuser and against CREATEROLE, tries and readings that no rollback undoes, and nothing secret in any log.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Ekok::Person;
use Ekok::Stack;
use JSON::PP ();
use Test::More;

my $stack = Ekok::Stack->new;
my $host  = '127.23.' . ($$ % 200 + 1) . '.23';
$stack->call('migrated-start', 'shared_preload_libraries=ekok,pg_stat_statements', "listen_addresses=$host", 'password_encryption=scram-sha-256',
    'log_statement=all', 'log_connections=on');
my $dir = $stack->dir;
my $own = "$dir/tls";
mkdir $own;
my $quiet = '2>/dev/null';
system "cd $own && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.pem $quiet";

sub certificate {
    my ($name) = @_;
    system "cd $own && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$name -keyout $name.key -out $name.csr $quiet"
        . " && openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out $name.pem $quiet && chmod 600 $name.key";
    return ["$own/$name.pem", "$own/$name.key"];
}
certificate('server');
system 'chown', '-R', 'postgres', $own if $> == 0;
$stack->write_file("$dir/pg_hba.conf", <<"HBA");
local all postgres,etld,sealer,auditor peer map=ekok
local all all scram-sha-256
hostssl all api_finance all cert map=ekok-certificates
hostssl all +ekok_account all scram-sha-256
hostssl all all all scram-sha-256
HBA
$stack->sql("ALTER SYSTEM SET $_") for 'ssl = on', "ssl_cert_file = '$own/server.pem'", "ssl_key_file = '$own/server.key'", "ssl_ca_file = '$own/ca.pem'";
$stack->sql('SELECT pg_reload_conf()');
$stack->sql('CREATE EXTENSION pg_stat_statements');

sub forget { my ($login) = @_; $stack->sql("UPDATE access.factor SET last_step = 0 WHERE login = '$login'"); return; }

sub person {
    my ($login, $password, $secret, %more) = @_;
    return Ekok::Person->new(login => $login, password => $password, secret => $secret, host => $host, ca => "$own/ca.pem", forget => \&forget, %more);
}
my $ekok = $stack->bin('ekok');

# passwd(person, new, code): as they would type it; the person knows it afterwards when it worked.
sub passwd {
    my ($who, $new, $code) = @_;
    my ($status, $out) = $who->run("$new\n$new\n" . ($code // $who->fresh_code) . "\n", $ekok, 'passwd', '--database', $who->conninfo, '--config', "$dir/none.ini");
    $who->{password} = $new if $status == 0;
    return $out;
}
my $good = 'Nodi-Akash-Boroi-27';

# The key agent, of another user: the server may ask it about codes, and makes no second factor; whoever sits here does.
my $agent = "$dir-keyd";
sub start_agent {
    local $ENV{EKOK_KEYD_MAY}  = $> == 0 ? 'code, status' : 'code, status, enrol';
    local $ENV{EKOK_KEYD_MORE} = $> == 0 ? "[caller officer]\nuser = 0\nmay = enrol\n" : '';
    $stack->call('keyd-start', $> == 0 ? 'daemon' : scalar getpwuid $>);
    return;
}
sub installer {    # who installs the registry, at its host
    my (@word) = @_;
    return $stack->capture($ekok, 'access', @word, '--agent', "$agent/socket", '--database', 'dbname=registry port=5432 user=postgres host=' . $stack->socket);
}

# The first officers.
my %officer;
my ($status, $said) = installer('install', 'o1', 'Officer o1');
is $status, 6, 'without the key agent no second factor is made';
like $said, qr/key agent/, 'which is told';
is $stack->sql(q{SELECT count(*) FROM access.account WHERE login = 'o1'}), 0, 'and nothing is changed';
start_agent();
for my $name ('o1', 'o2', 'o3') {
    ($status, $said) = installer('install', $name, "Officer $name");
    is $status, 0, "$name is installed" or diag $said;
    my ($password) = $said =~ /^First password, good for 24 hours: (\S+)$/m;
    my ($secret)   = $said =~ m{^Second factor: otpauth://totp/Ekok:$name\?secret=([A-Z2-7]{32})&issuer=Ekok$}m;
    $officer{$name} = person($name, $password, $secret);
}
like eval { $stack->sql(q{SELECT * FROM access.install_login('o4', 'Officer four')}) } // $@, qr/there are three access officers/, 'three officers are installed, not four';
my ($o1, $o2, $o3) = @officer{qw(o1 o2 o3)};
is $o1->sql('SELECT current_user'), 'o1', 'a first password logs in, by SCRAM over TLS';
like $o1->sql('SELECT access.step_up(' . "'" . $o1->fresh_code . "');", q{SELECT * FROM access.register('rina', 'Rina')}), qr/this needs the duty access officer/,
    'but nobody acts under a password that another knows';
like $stack->sql(q{SELECT extract(epoch FROM rolvaliduntil - now())::int FROM pg_authid WHERE rolname = 'o1'}), qr/^8[56]\d{3}$/, 'it ends within 24 hours';
like $stack->sql(q{SELECT rolpassword FROM pg_authid WHERE rolname = 'o1'}), qr/^SCRAM-SHA-256\$/, 'it is kept as a SCRAM verifier';

# Passwords.
like passwd($o1, 'short1!'), qr/less than 12 characters/, 'a short one is refused';
like passwd($o1, 'Officer-is-my-Name-1'), qr/the holder's or the login's name/, 'so is the holder\'s name';
like passwd($o1, 'Password-Nodi-2026'), qr/everybody tries first/, 'and what everybody tries';
like passwd($o1, $good, '000000'), qr/the one-time code is not right/, 'a wrong code changes nothing';
is passwd($o1, $good), 'The password is changed.', 'a good one and a code';
is $o1->sql('SELECT 1'), 1, 'logs in';
is $stack->sql(q{SELECT rolvaliduntil FROM pg_authid WHERE rolname = 'o1'}), 'infinity', 'and does not end';
like passwd($o1, $good), qr/one of your last twelve/, 'the same again is refused';
my $in_text = 'Tara-Megh-Kolom-51';
like $o1->sql("SELECT access.change_password('$in_text', '" . $o1->fresh_code . "')"), qr/may stand in a log/, 'a password in the text of a statement is refused';
is passwd($o2, $good . '2'), 'The password is changed.', 'another officer';
is passwd($o3, $good . '3'), 'The password is changed.', 'and the third';

# By hand: refused to everybody.
sub refused {
    my ($statement, $what, $like) = @_;
    like eval { $stack->sql($statement) } // $@, $like, $what;
    return;
}
my $by_hand = qr/passwords are not set by hand/;
refused(q{ALTER ROLE o1 PASSWORD 'Another-One-99-x'}, 'ALTER ROLE ... PASSWORD is refused, to a superuser too', $by_hand);
refused(q{ALTER ROLE o1 PASSWORD NULL}, 'also to take it away', $by_hand);
refused(q{CREATE ROLE sly LOGIN PASSWORD 'x'}, 'CREATE ROLE ... PASSWORD', $by_hand);
refused(q{DO $$ BEGIN EXECUTE 'ALTER ROLE o1 PASSWORD ''Another-One-99-x'''; END $$}, 'within a function', $by_hand);
refused(q{CREATE ROLE sly CREATEROLE}, 'CREATEROLE is for nobody', qr/CREATEROLE is for nobody/);
refused(q{ALTER ROLE o1 CREATEROLE}, 'nor later', qr/CREATEROLE is for nobody/);
like $o1->sql(q{ALTER ROLE o1 PASSWORD 'Another-One-99-x'}), $by_hand, 'one\'s own too';
is $stack->sql('SELECT count(*) FROM pg_roles WHERE rolcreaterole AND NOT rolsuper'), 0, 'nobody has it';

# The escalation of PostgreSQL 15: somebody has CREATEROLE all the same (from before the hooks, or by the catalog).
$stack->sql(q{CREATE ROLE climber LOGIN IN ROLE ekok_account});
$stack->sql(q{UPDATE pg_authid SET rolcreaterole = true WHERE rolname = 'climber'});
sub as_climber { my ($statement) = @_; return eval { $stack->sql_script("SET SESSION AUTHORIZATION climber;\n$statement;") } // $@; }
for my $statement ('GRANT pg_execute_server_program TO climber', 'GRANT ekok_owner TO climber', 'GRANT ekok_analyst TO climber', 'CREATE ROLE helper',
    'ALTER ROLE o1 VALID UNTIL \'infinity\'', 'DROP ROLE ekok_scope_all', 'ALTER ROLE climber CREATEDB') {
    like as_climber($statement), qr/roles are not made or changed by hand/, "with CREATEROLE: $statement";
}
unlike as_climber(q{COPY (SELECT 1) TO PROGRAM 'true'}), qr/^$/, 'and no program of the server is run';
like $stack->sql(q{SELECT string_agg(kind, ' ') FROM access.bypass WHERE name = 'climber'}), qr/createrole/, 'it is listed as a bypass';
$stack->sql(q{UPDATE pg_authid SET rolcreaterole = false WHERE rolname = 'climber'});
is $stack->sql('SELECT ekok.guards_roles()'), 't', 'the hooks say that they work';

# Codes.
like $o1->sql(q{SELECT access.disable('o3', 'x')}), qr/this needs the duty access officer/, 'an officer without a code does nothing';
my $code = $o1->fresh_code;
like $o1->sql("SELECT access.step_up('$code')"), qr/^20\d\d-/, 'a code is taken';
like $o1->sql("SELECT access.step_up('$code')"), qr/not right/, 'once';
like $o2->sql("SELECT access.step_up('$code')"), qr/not right/, 'and from its holder';
like $o1->sql(q{SELECT access.disable('o3', 'x')}), qr/this needs the duty/, 'it counts in its own session alone';
my $rolled = $o1->fresh_code;
like $o1->sql('BEGIN;', "SELECT access.step_up('$rolled');", 'ROLLBACK;', "SELECT access.step_up('$rolled');"), qr/not right/, 'a code used in a transaction that rolled back is used';
is $o3->sql('BEGIN;', (map { ("SAVEPOINT s;", "SELECT access.step_up('00000$_');", 'ROLLBACK TO s;') } 1 .. 4), 'ROLLBACK;') =~ s/.*not right.*/wrong/gmr, join("\n", ('wrong') x 4), 'four wrong codes, rolled back';
is $stack->sql(q{SELECT tries FROM access.factor WHERE login = 'o3'}), 4, 'are counted';
like $o3->sql(q{SELECT access.step_up('000000')}), qr/no code is looked at for 15 minutes/, 'the fifth locks';
like $o3->sql("SELECT access.step_up('" . $o3->fresh_code . "')"), qr/no code is looked at/, 'also for a right one';
$stack->sql(q{UPDATE access.factor SET locked_until = now() - interval '1 s' WHERE login = 'o3'});
like $o3->sql("SELECT access.step_up('" . $o3->fresh_code . "')"), qr/^20\d\d-/, 'for a while';

# A person, from nothing to reading, by the command line.
my (undef, $told) = $o1->run($o1->fresh_code . "\n", $ekok, 'access', 'register', 'rina', 'Rina, service 17', '--code', '--agent', "$agent/socket", '--database', $o1->conninfo);
my ($first) = $told =~ /^First password, good for 24 hours: (\S+)$/m;
my ($secret) = $told =~ /secret=([A-Z2-7]{32})&/;
my $rina = person('rina', $first, $secret);
is passwd($rina, 'Kagoj-Pakhi-Jamrul-8'), 'The password is changed.', 'somebody new is registered and takes a password of her own' or diag $told;
$stack->sql_script(<<'SQL');
INSERT INTO registry.enrolment (id, source, record_id, programme, name_en, birth_date, geo, nid_digits, nid_sealed, nid_token, row_mac, first_run, last_run)
SELECT md5(n::text)::uuid, 'dss', 'r' || n, CASE WHEN n % 2 = 0 THEN 'OAA' ELSE 'MCB' END, 'Somebody', '1950-01-01', CASE WHEN n % 3 = 0 THEN '10' ELSE '30' END,
       10, '\x01', substr(sha256(n::text::bytea), 1, 16), substr(sha256(n::text::bytea), 1, 16), 1, 1 FROM generate_series(1, 30) n;
SELECT * FROM registry.sweep();
SQL
is $rina->sql('SELECT count(*) FROM access.mine'), 0, 'she may see nothing';
my $ministry = $stack->sql(q{SELECT ministry FROM registry.programme WHERE code = 'OAA'});
like $rina->run('', $ekok, 'access', 'request', 'analyst', '--purpose', 'allowances', '--until', '2099-01-01', '--database', $rina->conninfo), qr/at most/, 'not for ever';
my $until = $stack->sql(q{SELECT (now() + interval '20 days')::date});
like $rina->run('', $ekok, 'access', 'request', 'analyst', '--purpose', 'allowances', '--until', $until, '--ministry', $ministry, '--place', '30', '--database', $rina->conninfo),
    qr/^Request (\d+) waits for two others/, 'she asks';
my $number = $stack->sql('SELECT max(id) FROM access.grant_request');
like $o1->run($o1->fresh_code . "\n", $ekok, 'access', 'approve', $number, '--code', '--database', $o1->conninfo), qr/waits for another/, 'one approves';
like $o2->run('', $ekok, 'access', 'approve', $number, '--database', $o2->conninfo), qr/this needs the duty/, 'not without a code';
like $o2->run($o2->fresh_code . "\n", $ekok, 'access', 'approve', $number, '--code', '--database', $o2->conninfo), qr/granted/, 'another approves';
is $rina->sql('SELECT count(*), min(programme), min(geo) FROM registry.enrolment'), '10|OAA|30', 'she sees her ministry in her place';
is $rina->sql(q{SET ekok.purpose = 'x'; SET row_security = off; SELECT count(*) FROM registry.enrolment}) =~ /row-level security/, 1, 'and cannot turn that off';
like $rina->sql(q{SET ROLE ekok_scope_all}), qr/permission denied/, 'nor take another shape';
like $rina->sql(q{SET SESSION AUTHORIZATION o1}), qr/permission denied/, 'nor another\'s login';
like $rina->run('', $ekok, 'access', 'list', '--database', $rina->conninfo), qr/^scope\s+\d+\s+analyst\s+$ministry.*\s30\s.*in force/m, 'the command line shows it';
like $rina->run('', $ekok, 'access', 'list', '--json', '--database', $rina->conninfo), qr/^\{"mine": \[\{"what":"scope"/, 'also as JSON';

# Certificates.
my $api = Ekok::Person->new(login => 'api_finance', host => $host, ca => "$own/ca.pem", certificate => certificate('finance.gov'));
like $o1->sql("SELECT access.step_up('" . $o1->fresh_code . "');", q{SELECT first_password IS NULL FROM access.register('api_finance', 'iBAS++', 'program', 'finance.gov');}), qr/\nt$/, 'a program is registered, without a password';
my $lines = $o1->sql("SELECT access.step_up('" . $o1->fresh_code . "');", 'SELECT access.ident_lines();');
$lines =~ s/^20\S+ \S+\n//;
is $lines, 'ekok-certificates finance.gov api_finance', 'the map says which certificate is which login';
$stack->write_file("$dir/pg_ident.conf", $stack->read_file("$dir/pg_ident.conf") . "$lines\n");
$stack->sql('SELECT pg_reload_conf()');
my $in = '';
for (1 .. 60) { last if ($in = $api->sql('SELECT current_user')) eq 'api_finance'; sleep 1 }
is $in, 'api_finance', 'with its certificate it logs in';
$api->{certificate} = certificate('stranger.gov');
like $api->sql('SELECT 1'), qr/certificate authentication failed/, 'with another one it does not';

# Shared use: her login from two addresses at once, as the server saw it.
$rina->{host} = '127.0.0.1';
$stack->sql(q{SELECT access.sweep()});
cmp_ok $stack->sql(q{SELECT count(*) FROM access.login WHERE login = 'rina' AND address IS NOT NULL}), '>=', 5, 'her logins were seen by the server itself';
cmp_ok $stack->sql(q{SELECT count(*) FROM access.login WHERE login = 'api_finance' AND certificate LIKE '%CN=finance.gov%'}), '>=', 1, 'with the certificate where there is one';
isnt $stack->sql(q{SELECT last_seen IS NULL FROM access.account WHERE login = 'rina'}), 't', 'and count as use';
$rina->{host} = $host;
{
    my $socket = $stack->socket;
    local $ENV{PGPASSWORD} = $rina->{password};
    my ($status, $out) = $stack->capture('psql', '-XAtqc', 'SELECT 1', "host=$socket port=5432 dbname=registry user=rina");
    is $out, "1\n", 'the same login over the local socket';
    $stack->sql(q{SELECT access.sweep()});
    like $stack->sql(q{SELECT string_agg(detail, '; ') FROM access.irregular WHERE what = 'shared' AND login = 'rina'}), qr/then the local socket within \d+ minutes/, 'is reported as shared';
}

# Readings stay though the transaction rolls back.
my $citizen = $stack->sql(q{SELECT id FROM registry.enrolment WHERE record_id = 'r2'});
$stack->sql(q{GRANT EXECUTE ON FUNCTION audit.record_reading(text, text, text, text) TO ekok_analyst; GRANT USAGE ON SCHEMA audit TO ekok_analyst});
$rina->sql('BEGIN;', "SELECT audit.record_reading('registry.enrolment', 'nid_sealed', '$citizen', 'case 12');", 'ROLLBACK;');
is $stack->sql("SELECT actor || ' ' || seen || ' ' || purpose FROM audit.who_saw('$citizen') WHERE seen NOT LIKE 'list of %'"), 'rina registry.enrolment.nid_sealed case 12', 'who saw this citizen: also what was rolled back';
is $stack->sql("SELECT row_id || ' ' || purpose FROM audit.seen_by('rina') WHERE seen NOT LIKE 'list of %'"), "$citizen case 12", 'what did this user look at';
is $stack->sql(q{SELECT count(*) FROM audit.entry WHERE table_name = 'audit.reading' AND actor = 'rina'}), 1, 'it stands in the trace, under her name';

# Many rows: recorded by the server itself, as they are shown.
$stack->sql(q{ALTER SYSTEM SET ekok.shown_step = 10});
$stack->sql('SELECT pg_reload_conf()');
for (1 .. 60) { last if $stack->sql('SHOW ekok.shown_step') eq '10'; sleep 1 }
$rina->sql('BEGIN;', q{SET LOCAL ekok.purpose = 'list for the union';}, 'SELECT record_id FROM registry.enrolment;', 'ROLLBACK;');
is $stack->sql(q{SELECT actor, shown, tables, purpose FROM audit.export}), 'rina|10|{registry.enrolment}|list for the union', 'ten rows are recorded, though she rolled back';
$rina->sql((map { "SELECT name_en FROM registry.beneficiary WHERE record_id = 'r" . 2 * $_ . "';" } 1 .. 30));
is $stack->sql(q{SELECT count(*) FROM audit.export}), 2, 'ten queries of one row each as well';
$rina->sql('SELECT count(*) FROM registry.enrolment;' x 15);
is $stack->sql(q{SELECT count(*) FROM audit.export}), 3, 'so are counts, asked often enough';
$rina->sql('SELECT array_agg(repeat(name_en, 100)) FROM registry.enrolment;');
is $stack->sql(q{SELECT count(*) FROM audit.export}), 4, 'all in one row is many rows';
$rina->sql(q{COPY (SELECT record_id FROM registry.enrolment) TO STDOUT});
is $stack->sql(q{SELECT count(*) FROM audit.export}), 5, 'COPY is no way around';
$rina->sql('BEGIN;', 'DECLARE c CURSOR FOR SELECT record_id FROM registry.enrolment;', ('FETCH 1 FROM c;') x 10, 'ROLLBACK;');
is $stack->sql(q{SELECT count(*) FROM audit.export}), 6, 'nor is a cursor';
like $stack->sql(q{SELECT string_agg(row_id, ' ') FROM audit.seen_by('rina')}), qr/rows so far: 10/, 'what did this user look at: also these';

# Whom statements read: by id, whatever the columns, the join, the cursor or the end of the transaction.
sub named { return $stack->sql("SELECT count(*) FROM audit.who_saw('$_[0]') WHERE seen LIKE 'list of %'") }
my %of = map { split /\|/ } split /\n/, $stack->sql('SELECT record_id, id FROM registry.enrolment');
my $had = named($of{r4});
# read(what, statement ...): reads r4 among others, so that one more list names it; and none names her whom the scope leaves out.
sub reads {
    my ($what, @statement) = @_;
    $rina->sql(@statement);
    my $now = named($of{r4});
    is $now - $had, 1, "named: $what";
    $had = $now;
    return;
}
reads('a name, without an id', q{SELECT name_en FROM registry.enrolment WHERE record_id = 'r4';});
reads('in a transaction that is rolled back', 'BEGIN;', q{SELECT birth_date FROM registry.enrolment WHERE record_id = 'r4';}, 'ROLLBACK;');
reads('an aggregate', q{SELECT string_agg(name_en, ',') FROM registry.enrolment;});
reads('a subquery', q{SELECT 1 WHERE EXISTS (SELECT FROM registry.enrolment WHERE record_id = 'r4' AND name_en LIKE 'Some%');});
reads('a view', q{SELECT name_en FROM registry.beneficiary WHERE record_id = 'r4';});
reads('an index alone', 'SET enable_seqscan = off; SET enable_bitmapscan = off;', q{SELECT record_id FROM registry.enrolment WHERE source = 'dss' AND record_id = 'r4';});
reads('EXPLAIN ANALYZE', q{EXPLAIN (ANALYZE) SELECT FROM registry.enrolment WHERE record_id = 'r4';});
reads('COPY', q{COPY (SELECT name_en FROM registry.enrolment WHERE record_id = 'r4') TO STDOUT;});
reads('in a function', q{DO $$ BEGIN PERFORM name_en FROM registry.enrolment WHERE record_id = 'r4'; END $$;});
reads('a parallel plan', 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET debug_parallel_query = on; SET force_parallel_mode = on;',
    q{SELECT sum(amount_paisa) FROM registry.enrolment;});
reads('a statement that fails half way', q{SELECT 1 / (CASE WHEN record_id = 'r4' THEN 0 ELSE 1 END) FROM registry.enrolment WHERE record_id = 'r4';});
reads('a message that quotes a name', q{SELECT name_en::int FROM registry.enrolment WHERE record_id = 'r4';});
reads('a session that is ended half way', q{SELECT name_en, pg_terminate_backend(pg_backend_pid()) FROM registry.enrolment WHERE record_id = 'r4';});
reads('once, however often a join reads it', q{SET enable_hashjoin = off; SET enable_mergejoin = off; SELECT count(*) FROM registry.enrolment e, registry.enrolment f;});
is named($of{r1}), 0, 'whom the scope leaves out, no statement reads';
is $stack->sql(qq{SELECT purpose FROM audit.who_saw('$of{r4}') WHERE purpose = 'list for the union' LIMIT 1}), 'list for the union', 'with the purpose that was said';
$rina->sql('SELECT count(*) FROM registry.programme;', q{SELECT 1 FROM registry.enrolment WHERE record_id = 'r1';});
is named($of{r4}), $had, 'a statement that reads nobody names nobody';
$stack->sql('SELECT count(*) FROM registry.enrolment');
is named($of{r4}), $had, 'a superuser is not bound by policies, and not noted';
my $before = $stack->sql('SELECT count(*) FROM audit.named');
$rina->sql(map { q{SELECT name_en FROM registry.enrolment WHERE record_id = 'r4';} } 1 .. 1500);
cmp_ok $stack->sql('SELECT count(*) FROM audit.named') - $before, '>=', 900, 'a session that fills the memory collects by itself';
is named($of{r4}) - $had, 1500, 'and nothing is lost';
is $stack->sql(q{SELECT count(*) FROM audit.entry WHERE table_name = 'audit.named' AND actor = 'rina'}) > 0, 1, 'each stands in the trace';

# The break-glass, with rows recorded whatever becomes of the transaction.
$stack->sql_script(<<'SQL');
INSERT INTO access.scope (login, duty, purpose, expires_at) VALUES ('o1', 'keeper', 'test', now() + interval '1 day'), ('o2', 'keeper', 'test', now() + interval '1 day');
SELECT access.fit_roles('o1'), access.fit_roles('o2');
SQL
# typed(person, words): ekok as they would type it; the first word may be a code.
sub typed {
    my ($who, @word) = @_;
    my $in = $word[0] eq 'code' ? do { shift @word; push @word, '--code'; $who->fresh_code . "\n" } : '';
    my ($status, $out) = $who->run($in, $ekok, @word, '--database', $who->conninfo, '--config', "$dir/none.ini");
    return $out;
}
like typed($rina, 'access', 'glass', 'ask'), qr/--purpose TEXT says what for/, 'the glass wants a purpose';
like typed($rina, 'access', 'glass', 'ask', '--purpose', 'cyclone'), qr/^Request \d+ waits for two keepers/, 'the glass is asked for';
$number = $stack->sql('SELECT max(id) FROM access.grant_request');
like typed($o3, 'code', 'access', 'approve', $number), qr/this needs the duty keeper/, 'an officer does not open it';
like typed($o1, 'code', 'access', 'approve', $number), qr/waits for another/, 'nor one keeper';
like typed($o1, 'code', 'access', 'approve', $number), qr/you have decided about request \d+ already/, 'nor twice the same';
like typed($o2, 'code', 'access', 'approve', $number), qr/granted/, 'two do';
my @mcb = ('access', 'glass', 'read', '--programme', 'MCB');
like typed($rina, @mcb), qr/this needs the duty break glass/, 'it wants a code too';
like typed($rina, 'code', 'access', 'glass', 'read'), qr/--programme, --place or --record says whom/, 'and somebody to look for';
my $out = typed($rina, 'code', @mcb, '--rows', '100');
like $out, qr/^r1\s+MCB\s+\S+\s+1950-01-01\s+30\s+Somebody$/m, 'with one she reads another ministry';
is scalar(() = $out =~ /^r\d+ /mg), 15, 'all of it';
is scalar(grep { length > 80 } split /\n/, $out), 0, 'on 80 columns';
is $stack->sql(q{SELECT rows_read FROM access.glasses}), 15, 'and each row stands';
like $rina->sql('BEGIN;', "SELECT access.step_up('" . $rina->fresh_code . "');", q{SELECT count(*) FROM access.read_glass(record_id => 'r1');}, 'ROLLBACK;'), qr/\n1$/, 'also what she reads in a transaction';
is $stack->sql(q{SELECT rows_read FROM access.glasses}), 16, 'that she rolls back';
my $held = $stack->sql('SELECT scope_id FROM access.glasses');
my $auditor = "dbname=registry port=5432 user=auditor host=" . $stack->socket;
my @auditor = ($Ekok::Stack::STACK, 'run', $stack->{name}, $ekok, '--database', $auditor, 'access', 'glass');
like(($stack->capture(@auditor))[1], qr/^$held\s+rina\s+20\S+ \S+\s+16\s+wanted\s+cyclone$/m, 'the list says that a review is wanted');
$stack->sql_script(q{INSERT INTO access.account (login, holder, kind) VALUES ('auditor', 'Auditor', 'person');
    INSERT INTO access.scope (login, duty, purpose, expires_at) VALUES ('auditor', 'auditor', 'test', now() + interval '1 day');});
like(($stack->capture(@auditor, 'review', $held))[1], qr/what it was: --finding TEXT/, 'a review says what it was');
like(($stack->capture(@auditor, 'review', $held, '--finding', 'right'))[1], qr/the glass is still open/, 'and waits for the end');
like typed($rina, 'access', 'glass', 'ask', '--purpose', 'again'), qr/waits for its review/, 'none is opened meanwhile';
like typed($rina, 'access', 'revoke', $held, '--reason', 'done'), qr/^Revoked/, 'she ends it';
is(($stack->capture(@auditor, 'review', $held, '--finding', 'right'))[1], "Breaking $held is reviewed.\n", 'an auditor reviews it');
is((JSON::PP->new->decode(($stack->capture(@auditor, '--json'))[1]))->{glasses}[0]{finding}, 'right', 'which JSON says');
like $stack->sql(q{SELECT string_agg(DISTINCT purpose, ' ') FROM audit.seen_by('rina') WHERE seen = 'registry.enrolment.*'}), qr/^break glass \d+: cyclone$/, 'with the reason';

# Time: a password that another knows, and an account that is shut.
$stack->sql(q{UPDATE pg_authid SET rolvaliduntil = now() - interval '1 s' WHERE rolname = 'o3'});
like $o3->sql('SELECT 1'), qr/password authentication failed/, 'past its end a password does not log in';
my $again = typed($o1, 'code', 'access', 'reset', 'rina', '--agent', "$agent/socket");
like $again, qr/^First password, good for 24 hours: \S+\nSecond factor: otpauth:/, 'an officer gives a first password and a second factor anew';
unlike $again, qr/\Q$secret\E/, 'another one';
like $rina->sql('SELECT 1'), qr/authentication failed/, 'and the old password is over';
like typed($o1, 'code', 'access', 'disable', 'rina'), qr/and why: --reason TEXT/, 'shutting an account has a reason';
like typed($o1, 'code', 'access', 'disable', 'rina', '--reason', 'left the service'), qr/^It logs in no more/, 'an officer shuts an account';
like $rina->sql('SELECT 1'), qr/not permitted to log in|authentication failed/, 'and it is shut';

# Without the key agent nobody proves anything, and nothing is counted; with it all goes on.
$stack->call('keyd-kill');
like $o1->sql("SELECT access.step_up('" . $o1->fresh_code . "')"), qr/no one-time code can be looked at: the key agent does not answer/, 'without the key agent no code is right';
like passwd($o1, 'Shapla-Doyel-Ilish-44'), qr/no one-time code can be looked at/, 'and no password is changed';
is $stack->sql(q{SELECT tries FROM access.factor WHERE login = 'o1'}), 0, 'such a try is not counted';
like typed($o1, 'access', 'reset', 'o2', '--agent', "$agent/socket"), qr/key agent at \S+ does not listen/, 'and no second factor is given';

# Factors from before they were sealed: the change as it comes to a registry that has some.
sub owner_psql { my @file = @_; return $stack->capture($Ekok::Stack::STACK, 'psql', $stack->{name}, '-qX', '-v', 'ON_ERROR_STOP=1', map { ('-f', "$Ekok::Stack::ROOT/$_") } @file); }
($status, $said) = owner_psql('migrations/revert/second_factors.sql');
is $status, 0, 'the registry is as before' or diag $said;
is $stack->sql('SELECT count(*) FROM access.factor'), 0, 'a sealed factor cannot be had back';
my %raw = map { $_ => unpack 'H*', Ekok::Person::decode32($officer{$_}{secret}) } qw(o1 o2);
$stack->sql("INSERT INTO access.factor (login, secret) VALUES ('$_', '\\x$raw{$_}')") for sort keys %raw;
($status, $said) = owner_psql('migrations/deploy/second_factors.sql', 'sql/apply.sql', 'migrations/verify/second_factors.sql');
is $status, 0, 'and comes to the change' or diag $said;
like $o1->sql("SELECT access.step_up('" . $o1->code . "')"), qr/is not sealed yet/, 'a secret in the clear makes no right code any more';
like eval { $stack->sql(q{INSERT INTO access.factor (login, secret) VALUES ('o3', decode(repeat('00', 20), 'hex'))}) } // $@, qr/factor_secret_gone/, 'and none is written again';
is $stack->sql(q{SELECT string_agg(login || ': ' || detail, ', ' ORDER BY login) FROM access.irregular WHERE what = 'second factor'}),
    join(', ', map { "$_: its secret is in the clear: no code is right until ekok access seal" } 'o1', 'o2'), 'which is reported';
($status, $said) = installer('seal');
is $status, 6, 'without the key agent none is sealed';
is $stack->sql('SELECT count(*) FROM access.factor WHERE secret IS NOT NULL'), 2, 'and none is lost';
start_agent();
($status, $said) = installer('seal');
is $status, 0, 'the agent seals them' or diag $said;
like $said, qr/^2 second factors are sealed/, 'both';
is $stack->sql('SELECT count(secret) || count(sealed)::text FROM access.factor'), '02', 'nothing is left in the clear';
$stack->sql('CHECKPOINT');
open my $heap, '<:raw', "$dir/data/" . $stack->sql(q{SELECT pg_relation_filepath('access.factor')}) or die;
my $pages = do { local $/; <$heap> };
is scalar(grep { index($pages, pack 'H*', $_) >= 0 } values %raw), 0, 'not in the file of the table either';
is $stack->sql(q{SELECT convalidated FROM pg_constraint WHERE conname = 'factor_secret_gone'}), 't', 'nor can it be';
like $o1->sql("SELECT access.step_up('" . $o1->fresh_code . "')"), qr/^20\d\d-/, 'the authenticator goes on as before';
like $stack->sql(q{SELECT detail FROM access.irregular WHERE what = 'second factor' AND login = 'o1'}), qr/readable once: it is to be reset/, 'though it was readable once';
like typed($o2, 'code', 'access', 'reset', 'o1', '--agent', "$agent/socket"), qr/secret=(?!\Q$o1->{secret}\E)[A-Z2-7]{32}&/, 'an officer gives another one';
is $stack->sql(q{SELECT count(*) FROM access.irregular WHERE what = 'second factor' AND login = 'o1'}), 0, 'that was never readable';
($status, $said) = installer('factor', 'o3');
like $said, qr{^Second factor: otpauth://totp/Ekok:o3\?secret=}, 'who installs gives one when no officer can' or diag $said;
$o3->{secret} = ($said =~ /secret=([A-Z2-7]{32})&/)[0];
$stack->sql(q{UPDATE pg_authid SET rolvaliduntil = 'infinity' WHERE rolname = 'o3'});
like $o3->sql("SELECT access.step_up('" . $o3->fresh_code . "')"), qr/^20\d\d-/, 'and it counts';

# Nothing secret anywhere.
my $seen = $stack->read_file("$dir/server.log") . $stack->sql(q{SELECT string_agg(query, E'\n') FROM pg_stat_statements})
    . $stack->sql(q{SELECT string_agg(t::text, ' ') FROM access.password t}) . $stack->sql(q{SELECT string_agg(coalesce(e.new::text, ''), ' ') FROM audit.entry e});
like $seen, qr/access\.change_password/, 'the statements are in the log';
for my $password ($good, 'Kagoj-Pakhi-Jamrul-8', 'Password-Nodi-2026', $first) {
    is index($seen, $password), -1, 'no password is in log, statistics, tables or trace';
}
is index($seen, $secret), -1, 'nor the secret of an authenticator, as it is typed';
done_testing;
