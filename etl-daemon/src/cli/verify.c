/*
 * verify.c - counts alone: of no person is anything shown here. registry.payment_check tells of persons.
 */
#include "cli/verify.h"

#include <stdio.h>

#include "cli/listing.h"
#include "cli/run.h"
#include "cli/screen.h"
#include "cli/text.h"

static const listing systems = {
    .sql = "SELECT system, confidence AS shape, asked_today AS \"asked today\", left_today AS \"left\", "
           "matches AS "
           "match, mismatches AS mismatch, unknowns AS unknown, expired FROM report.verification",
    .column = {{"system", LISTED_TEXT, 11},
               {"shape", LISTED_TEXT, 10},
               {"asked today", LISTED_NUMBER},
               {"left", LISTED_NUMBER},
               {"match", LISTED_NUMBER},
               {"mismatch", LISTED_NUMBER},
               {"unknown", LISTED_NUMBER},
               {"expired", LISTED_NUMBER}},
    .empty = "No system is declared: see registry.verification_system."};

static const listing queue = {
    .sql = "SELECT system, reason, enrolments, risk, to_char(since, 'YYYY-MM-DD') AS \"waits since\" "
           "FROM report.verification_waiting ORDER BY system, rank NULLS LAST",
    .column = {{"system", LISTED_TEXT},
               {"why", LISTED_TEXT},
               {"enrolments", LISTED_NUMBER},
               {"highest risk", LISTED_NUMBER},
               {"waits since", LISTED_TEXT}},
    .empty = "Nothing is to be asked: every verdict is valid."};

/* $1: system or null, $2: how many questions to each */
static const listing next = {
    .sql = "SELECT system, reason, questions, risk, to_char(since, 'YYYY-MM-DD') AS \"waits since\" "
           "FROM registry.preview_verification($1::text, $2::int) ORDER BY system, rank",
    .params = 2,
    .column = {{"system", LISTED_TEXT},
               {"why", LISTED_TEXT},
               {"questions", LISTED_NUMBER},
               {"highest risk", LISTED_NUMBER},
               {"waits since", LISTED_TEXT}},
    .empty = "Nothing would be asked: every verdict is valid, or today's quotas are used up."};

static const listing problems = {
    .sql = "SELECT system, problem FROM report.verification WHERE problem IS NOT NULL",
    .column = {{"system", LISTED_TEXT}, {"problem", LISTED_TEXT}},
    .empty = "No system is closed, and none failed at its last request."};

static void tell_end(const progress *p, const run_cost *cost, int code)
{
    static const screen_words words = {
        .title = "Verdicts",
        .first = "system",
        .heading = {"asked", "match", "mismatch", "unknown"},
        .unit = "enrolments",
        .advice = {
            [EXIT_DONE] =
                "Next: ekok verify status; registry.payment_check('OAA') in SQL says who may be paid.",
            [EXIT_PARTIAL] =
                "Next: mend what is named above, then ekok verify again: nothing valid is asked twice.",
            [EXIT_INTERRUPTED] = "Stopped. ekok verify goes on where it stood."}};
    screen_end_with(p, cost, code, &words);
}

exit_code verify_start(const command_line *line, failure *f)
{
    char most[16];
    const run_request request = {.config_file = line->config_file,
                                 .source = line->word + 1,
                                 .sources = line->words - 1,
                                 .mode = "--verify",
                                 .most = line->most > 0 ? most : NULL,
                                 .end = tell_end};
    (void)snprintf(most, sizeof most, "%d", line->most);
    return cli_run(&request, f);
}

static bool print_json(command_session *s, const listing *const what[], const char *const name[], failure *f)
{
    bool good = true;
    (void)printf("{");
    for (size_t i = 0; what[i] && good; i++) {
        if (i > 0)
            (void)printf(",\n ");
        good = listing_print_json(s->pg, name[i], what[i], f);
    }
    (void)printf("}\n");
    return good;
}

bool verify_dry_run(command_session *s, const command_line *line, failure *f)
{
    char most[16];
    listing asked = next;
    (void)snprintf(most, sizeof most, "%d", line->most > 0 ? line->most : s->config.verify_most);
    asked.param[0] = line->words > 1 ? line->word[1] : NULL;
    asked.param[1] = most;
    if (line->json)
        return print_json(s, (const listing *const[]){&asked, NULL}, (const char *const[]){"queue"}, f);
    (void)printf("What a pass would ask, in this order; nothing is asked now\n");
    return listing_print(s->pg, &asked, f);
}

bool verify_status(command_session *s, const command_line *line, failure *f)
{
    if (line->json)
        return print_json(s, (const listing *const[]){&systems, &queue, &problems, NULL},
                          (const char *const[]){"systems", "queue", "problems"}, f);
    (void)printf("Systems that verify (latest verdict of each enrolment)\n");
    if (!listing_print(s->pg, &systems, f))
        return false;
    text_print_wrapped("shape: how sure its messages are; a guess is to be settled with the system's owner",
                       0, stdout);
    (void)printf("\nStill to be asked about\n");
    if (!listing_print(s->pg, &queue, f))
        return false;
    (void)printf("\nProblems\n");
    if (!listing_print(s->pg, &problems, f))
        return false;
    (void)printf("\nNext: ekok verify asks now; ekok verify --dry-run shows what it would ask.\n");
    return true;
}

bool verify_reopen(command_session *s, const command_line *line, failure *f)
{
    const char *param[] = {line->word[2]};
    if (!pg_run(s->pg, "SELECT registry.reopen_verification($1::text)", 1, param, f))
        return false;
    (void)printf("%s may be asked again today, within what is left of its quota.\n", line->word[2]);
    return true;
}
