/*
 * main_ekok.c - ekok: the operator's command line. Looks, sweeps, and starts ekok-etld; never pulls by
 * itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli/agent.h"
#include "cli/access.h"
#include "cli/account.h"
#include "cli/audit.h"
#include "cli/drill.h"
#include "cli/erase.h"
#include "cli/glass.h"
#include "cli/harden.h"
#include "cli/hold.h"
#include "cli/keys.h"
#include "cli/proposal.h"
#include "cli/quarantine.h"
#include "cli/replaying.h"
#include "cli/report.h"
#include "cli/rule.h"
#include "cli/run.h"
#include "cli/seen.h"
#include "cli/settle.h"
#include "cli/source.h"
#include "cli/status.h"
#include "cli/sweep.h"
#include "cli/trial.h"
#include "cli/verify.h"
#include "secret/backup_key.h"

static const char HELP[] =
    "ekok - pulls beneficiary records into the Single Registry and shows who\n"
    "draws from several programmes\n"
    "\n"
    "  ekok run --all | SOURCE...  pull now, with a progress bar a source\n"
    "  ekok sweep                  find double dipping over the whole registry,\n"
    "                              by numbers and by likeness\n"
    "  ekok report [--cases N]     what was pulled, who is in several programmes\n"
    "  ekok run release RUN --reason TEXT\n"
    "                              lets a run pass that was held because too many\n"
    "                              records vanished at its source\n"
    "  ekok verify [SYSTEM...] [--most N] [--dry-run]\n"
    "                              ask other systems about what came, within quotas\n"
    "  ekok verify status          quotas, verdicts, what is asked next\n"
    "  ekok verify reopen SYSTEM   ask again though it called its quota used up\n"
    "  ekok status                 how each source does, at a glance\n"
    "  ekok source list            the sources and where each goes on\n"
    "  ekok source show NAME       its definition and all versions of it\n"
    "  ekok source add FILE...     put definitions (JSON) in force, all or none\n"
    "  ekok source test NAME|FILE  one page through the real code, ten rows masked,\n"
    "                              nothing written [--rows N]\n"
    "  ekok source propose FILE... the same by two persons: one proposes,\n"
    "  ekok source proposals [N]   what waits; of one, what it changes\n"
    "  ekok source activate N      another puts it in force\n"
    "  ekok source retire NAME     read it no more; its records stay\n"
    "  ekok rule list | show CODE  the rules of double dipping\n"
    "  ekok rule propose FILE...   rules (JSON), for another to put in force\n"
    "  ekok rule check CODE        how many persons it would affect\n"
    "  ekok rule activate CODE N   in force, newly affecting N persons\n"
    "  ekok quarantine list        what was set aside and why, no values [--rows N]\n"
    "  ekok quarantine show ID     one record, letters and digits hidden [--clear]\n"
    "  ekok quarantine export FILE sealed, as JSON Lines\n"
    "  ekok quarantine replay      again, under the definition in force; --source S\n"
    "    of these: [--source S] [--reason CODE] [--since DATE] [--until DATE]\n"
    "  ekok verify-audit           is the trace whole? holds it against witnesses\n"
    "  ekok audit prove NUMBER DIR an entry of the trace, and the proof of it\n"
    "  ekok audit check DIR        checks such a proof, without the database\n"
    "  ekok erase propose ID --reason LAW --case CASE | --dry-run\n"
    "  ekok erase approve|end NUMBER, ekok erase status\n"
    "                              a person out of registry and trace, by two\n"
    "  ekok hold place ID --reason LAW [--until DATE], hold status\n"
    "  ekok hold term PROGRAMME TERM|none --reason LAW\n"
    "                              what keeps data from erasure, in force at once;\n"
    "  ekok hold lift NUMBER --reason TEXT, hold approve|end NUMBER\n"
    "                              to lift a hold, or keep for less time, takes two\n"
    "  ekok audit who-saw ID       who saw this person or enrolment, when, for what\n"
    "  ekok audit seen-by LOGIN    what this user looked at\n"
    "  ekok audit compare          all readings against all openings of the agent\n"
    "    of these: [--agent-trace FILE [--head N:HASH]] [--since TIME] [--until TIME]\n"
    "  ekok open ENROLMENT KIND --purpose TEXT [--case TEXT]\n"
    "                              one identifier in the clear; KIND is nid, brn,\n"
    "                              mobile, wallet or account\n"
    "  ekok agent status           counters of the key agent, head of its trace\n"
    "  ekok agent release CALLER[/USER] --reason TEXT\n"
    "                              unlocks whom the key agent locked\n"
    "  ekok keys init FILE         a new key file, mode 0600\n"
    "  ekok keys status            every key, its versions and their states\n"
    "  ekok keys upgrade [--wrap file:NAME|credential:NAME|pkcs11:URI]\n"
    "                              wraps the keys under another, or a new, key\n"
    "  ekok keys add PURPOSE       a new version, to be known before it is used\n"
    "  ekok keys rotate PURPOSE|wrap [--most VALUES-A-SECOND] [--wrap ...]\n"
    "                              to a new version, while all goes on\n"
    "  ekok keys settle --reason TEXT | approve NUMBER | end NUMBER\n"
    "                              gives up rows that keep a rotation of row open\n"
    "                              and never come again, by two\n"
    "  ekok keys destroy PURPOSE VERSION\n"
    "                              a version that nothing is on any more\n"
    "  ekok keys init-audit NAME FILE\n"
    "                              a new key that signs the audit\n"
    "  ekok keys rotate audit KEYFILE [lost]\n"
    "                              to a new one, which the sealer follows; also add\n"
    "  ekok keys destroy audit VERSION KEYFILE [SIZE]\n"
    "                              gives one up that was trusted up to SIZE entries\n"
    "  ekok keys init-backup FILE  a new key that seals the backups\n"
    "  ekok drill --into DIR       restores the latest backup beside the live server\n"
    "                              and holds it against counts and witnesses\n"
    "  ekok drill status | history what drills have shown\n"
    "  ekok harden --check         is the server set up as it should be\n"
    "  ekok harden --print [FILE]  postgresql.conf, pg_hba.conf, pg_ident.conf,\n"
    "                              pgbackrest.conf of a server that is\n"
    "  ekok access list [mine|requests|scopes|irregular|bypass|glasses]\n"
    "  ekok access request DUTY --purpose TEXT --until DATE [--ministry M] [--place P]\n"
    "  ekok access approve|refuse|withdraw|attest NUMBER, revoke NUMBER --reason TEXT\n"
    "  ekok access register LOGIN HOLDER [person|program] [--certificate NAME]\n"
    "  ekok access install LOGIN HOLDER, factor LOGIN, seal\n"
    "                              by who installs: officers, and what the agent seals\n"
    "  ekok access reset LOGIN, disable LOGIN --reason TEXT\n"
    "  ekok access review | sweep | ident\n"
    "  ekok access glass [ask --purpose TEXT | review NUMBER --finding TEXT]\n"
    "  ekok access glass read [--programme P] [--place G] [--record R] [--rows N]\n"
    "                              [--code]: a one-time code is asked for first\n"
    "  ekok passwd                 a new password, with a one-time code\n"
    "  ekok help\n"
    "\n"
    "  --config FILE   configuration; else $EKOK_CONFIG, else ./ekok.ini\n"
    "  --json          for scripts: sweep, report, status, source, quarantine, audit\n"
    "  --purpose TEXT  recorded with each identifier that a report opens\n"
    "  --agent SOCKET  the key agent, instead of the configuration's\n"
    "  --keys FILE     public keys of the audit, one a line\n"
    "  --witness DIR   a witness of the audit; may be given several times\n"
    "  --database TEXT conninfo, instead of the configuration's; no password\n"
    "\n"
    "Exit codes: 0 done; 2 wrong command line; 3 some source failed or a page was\n"
    "kept undecoded; 4 database; 5 configuration; 6 keys; 7 stopped by a signal;\n"
    "8 the audit is not what was signed; 9 a backup did not come back as it\n"
    "should, or its drill is overdue; 70 a fault of the program.\n";

typedef bool (*session_fn)(command_session *s, const command_line *line, failure *f);

/* Commands that need a session: words, most words behind them, what does it, whether identifiers are opened. */
static const struct {
    const char *word[2];
    size_t more;
    session_fn work;
    bool keys;
} commands[] = {
    {{"sweep", NULL}, 0, sweep_run, false},
    {{"report", NULL}, 0, report_print, true},
    {{"open", NULL}, 2, open_print, true},
    {{"status", NULL}, 0, status_print, false},
    {{"source", "list"}, 0, source_list, false},
    {{"source", "show"}, 1, source_show, false},
    {{"source", "add"}, WORDS_MAX, source_add, false},
    {{"source", "retire"}, 1, source_retire, false},
    {{"source", "propose"}, WORDS_MAX, source_propose, false},
    {{"source", "proposals"}, 1, proposal_show, false},
    {{"source", "activate"}, 1, proposal_activate, false},
    {{"rule", "list"}, 0, rule_list, false},
    {{"rule", "show"}, 1, rule_show, false},
    {{"rule", "propose"}, WORDS_MAX, rule_propose, false},
    {{"rule", "check"}, 1, rule_check, false},
    {{"rule", "activate"}, 2, rule_activate, false},
    {{"quarantine", "list"}, 0, quarantine_list, false},
    {{"quarantine", "show"}, 1, quarantine_show, true},
    {{"quarantine", "export"}, 1, quarantine_export, false},
    {{"verify", "status"}, 0, verify_status, false},
    {{"verify-audit", NULL}, 0, audit_verify, false},
    {{"audit", "prove"}, 2, audit_prove, false},
    {{"erase", "propose"}, 1, erase_propose, false},
    {{"erase", "approve"}, 1, erase_decide, false},
    {{"erase", "end"}, 1, erase_decide, false},
    {{"erase", "status"}, 0, erase_status, false},
    {{"hold", "place"}, 1, hold_place, false},
    {{"hold", "lift"}, 1, hold_lift, false},
    {{"hold", "term"}, 2, hold_term, false},
    {{"hold", "approve"}, 1, hold_decide, false},
    {{"hold", "end"}, 1, hold_decide, false},
    {{"hold", "status"}, 0, hold_status, false},
    {{"audit", "who-saw"}, 1, seen_who_saw, false},
    {{"audit", "seen-by"}, 1, seen_by, false},
    {{"audit", "compare"}, 0, seen_compare, false},
    {{"harden", NULL}, 1, harden_check, false},
    {{"drill", "status"}, 0, drill_status, false},
    {{"drill", "history"}, 0, drill_history, false},
    {{"keys", "status"}, 0, keys_status, true},
    {{"keys", "add"}, 2, keys_add, true},
    {{"keys", "rotate"}, 3, keys_rotate, true},
    {{"keys", "destroy"}, 4, keys_destroy, true},
    {{"keys", "settle"}, 2, settle_do, false},
    {{"access", "list"}, 1, access_list, false},
    {{"access", "request"}, 1, access_request, false},
    {{"access", "approve"}, 1, access_decide, false},
    {{"access", "refuse"}, 1, access_decide, false},
    {{"access", "withdraw"}, 1, access_decide, false},
    {{"access", "revoke"}, 1, access_decide, false},
    {{"access", "attest"}, 1, access_decide, false},
    {{"access", "review"}, 0, access_review, false},
    {{"access", "sweep"}, 0, access_sweep, false},
    {{"access", "ident"}, 0, access_ident, false},
    {{"access", "register"}, 3, account_register, false},
    {{"access", "reset"}, 1, account_reset, false},
    {{"access", "install"}, 2, account_install, false},
    {{"access", "factor"}, 1, account_factor, false},
    {{"access", "seal"}, 0, account_seal, false},
    {{"access", "disable"}, 1, access_disable, false},
    {{"access", "glass"}, 2, glass_do, false},
    {{"passwd", NULL}, 0, access_passwd, false},
};

static bool is(const command_line *line, const char *first, const char *second)
{
    if (line->words < 1 || strcmp(line->word[0], first) != 0)
        return false;
    return second ? line->words >= 2 && strcmp(line->word[1], second) == 0 : true;
}

static exit_code with_session(session_fn work, bool keys, const command_line *line, failure *f)
{
    command_session s;
    bool good = command_session_open(&s, line, keys, f) && work(&s, line, f);
    command_session_close(&s);
    return good ? EXIT_DONE : f->code;
}

static exit_code run(const command_line *line, failure *f)
{
    const run_request request = {.config_file = line->config_file,
                                 .source = line->word + 1,
                                 .sources = line->words - 1,
                                 .mode = "--once",
                                 .end = screen_end};
    if (line->all == (request.sources > 0)) {
        (void)fail(f, EXIT_USAGE, "run: either --all or names of sources; ekok source list shows them");
        return f->code;
    }
    return cli_run(&request, f);
}

static exit_code keys_init_backup(const command_line *line, failure *f)
{
    if (line->words != 3) {
        (void)fail(f, EXIT_USAGE, "keys init-backup: one file name is expected");
        return f->code;
    }
    if (!backup_key_create(line->word[2], f))
        return f->code;
    (void)printf("New key of the backups in %s, readable by you alone.\n"
                 "Keep a copy offline, apart from the backups: without it none can be restored.\n",
                 line->word[2]);
    return EXIT_DONE;
}

static exit_code dispatch(const command_line *line, failure *f)
{
    if (line->words == 0 || is(line, "help", NULL)) {
        (void)fputs(HELP, stdout);
        return line->words == 0 ? EXIT_USAGE : EXIT_DONE;
    }
    if (is(line, "run", "release") && line->words == 3)
        return with_session(status_release, false, line, f);
    if (is(line, "run", NULL))
        return run(line, f);
    if (is(line, "keys", "init"))
        return keys_init(line, f) ? EXIT_DONE : f->code;
    if (is(line, "keys", "init-backup"))
        return keys_init_backup(line, f);
    if (is(line, "keys", "upgrade") && line->words == 2)
        return keys_upgrade(line, f) ? EXIT_DONE : f->code;
    if (is(line, "keys", "rotate") && line->words == 3 && strcmp(line->word[2], "wrap") == 0)
        return keys_rewrap(line, f) ? EXIT_DONE : f->code;
    if (is(line, "keys", "init-audit"))
        return audit_init_key(line, f) ? EXIT_DONE : f->code;
    if (is(line, "drill", NULL) && line->words == 1)
        return drill_run(line, f);
    if (is(line, "harden", NULL) && line->print && !line->check)
        return harden_print(line, f) ? EXIT_DONE : f->code;
    if (is(line, "agent", "status") && line->words == 2)
        return agent_status(line, f) ? EXIT_DONE : f->code;
    if (is(line, "agent", "release"))
        return agent_release(line, f) ? EXIT_DONE : f->code;
    if (is(line, "audit", "check"))
        return audit_check(line, f) ? EXIT_DONE : f->code;
    if (is(line, "quarantine", "replay"))
        return quarantine_replay(line, f);
    if (is(line, "source", "test"))
        return trial_show(line, f);
    if (is(line, "verify", "reopen") && line->words == 3)
        return with_session(verify_reopen, false, line, f);
    if (is(line, "verify", NULL) && line->dry_run && line->words <= 2)
        return with_session(verify_dry_run, false, line, f);
    if (is(line, "verify", NULL) && !is(line, "verify", "status") && !is(line, "verify", "reopen") &&
        !line->dry_run)
        return verify_start(line, f);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t words = commands[i].word[1] ? 2 : 1;
        if (line->words >= words && line->words <= words + commands[i].more &&
            is(line, commands[i].word[0], commands[i].word[1]))
            return with_session(commands[i].work, commands[i].keys, line, f);
    }
    (void)fail(f, EXIT_USAGE, "%.40s%s%.40s: no such command; see ekok help", line->word[0],
               line->words > 1 ? " " : "", line->words > 1 ? line->word[1] : "");
    return f->code;
}

int main(int count, char **word)
{
    static command_line line;
    failure f = {.code = EXIT_DONE, .text = ""};
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)umask(077);
    exit_code code = command_line_read(count, word, &line, &f) ? dispatch(&line, &f) : f.code;
    bool printed =
        fflush(stdout) == 0; /* first, so that the complaint stands behind it where both go to one place */
    if (f.text[0])
        (void)fprintf(stderr, "ekok: %s\n", f.text);
    return printed ? (int)code : EXIT_INTERNAL;
}
