/*
 * cases.c - rows of report.striking_cases, a block a person. Refuses to print a source's own record number:
 * some sources use an identifier as one.
 */
#include "cli/cases.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_text.h"
#include "cli/opening.h"
#include "cli/table.h"
#include "cli/text.h"

static const char QUERY[] = "SELECT rank, programme_count, cash_count, enrolment_id, source, programme, "
                            "programme_name, status, name_bn, name_en, "
                            "sex, birth_date, place_name, amount_paisa, wallet_provider, nid_sealed, "
                            "brn_sealed, mobile_sealed, wallet_sealed, "
                            "account_sealed FROM report.striking_cases($1::int)";

enum {
    RANK,
    PROGRAMMES,
    CASH,
    ID,
    SOURCE,
    PROGRAMME,
    PROGRAMME_NAME,
    STATUS,
    NAME_BN,
    NAME_EN,
    SEX,
    BORN,
    PLACE,
    AMOUNT,
    PROVIDER,
    FIRST_SEALED,
    COLUMN_COUNT = FIRST_SEALED + 5
};

enum { NID, BRN, MOBILE, WALLET, ACCOUNT, SEALED_KINDS };
static const char *const sealed_column[] = {"nid_sealed", "brn_sealed", "mobile_sealed", "wallet_sealed",
                                            "account_sealed"};
static const char *const sealed_name[] = {"nid", "brn", "mobile", "wallet", "account"};
static const char *const short_name[] = {"NID", "BRN", "mobile", "wallet", "bank"};

typedef struct {
    command_session *session;
    const command_line *line;
    const pg_rows *rows;
    failure *f;
} case_reader;

static const char *get(const case_reader *c, int row, int column)
{
    return pg_rows_get(c->rows, row, column);
}

static bool opened(const case_reader *c, int row, int kind, char out[OPENED_TEXT])
{
    const sealed_cell cell = {sealed_column[kind], get(c, row, ID), get(c, row, FIRST_SEALED + kind)};
    return open_masked(c->session, &cell, c->line->purpose, out, c->f);
}

/* The first of two identifiers that the source gave, with its name before it. */
static bool first_of(const case_reader *c, int row, const int kind[2], char out[64])
{
    char masked[OPENED_TEXT] = "";
    int which = get(c, row, FIRST_SEALED + kind[0]) ? kind[0] : kind[1];
    if (!opened(c, row, which, masked))
        return false;
    const char *name = which == WALLET && get(c, row, PROVIDER) ? get(c, row, PROVIDER) : short_name[which];
    (void)snprintf(out, 64, "%s%s%s", masked[0] ? name : "-", masked[0] ? " " : "", masked);
    return true;
}

static bool add_enrolment(const case_reader *c, int row, table *t)
{
    static const int person[] = {NID, BRN}, paid[] = {WALLET, ACCOUNT};
    char identity[64], mobile[OPENED_TEXT], payment[64];
    if (!first_of(c, row, person, identity) || !opened(c, row, MOBILE, mobile) ||
        !first_of(c, row, paid, payment))
        return false;
    const char *name = get(c, row, NAME_EN) ? get(c, row, NAME_EN) : get(c, row, NAME_BN);
    const char *cell[] = {get(c, row, PROGRAMME),
                          get(c, row, SOURCE),
                          get(c, row, BORN),
                          identity,
                          mobile[0] ? mobile : NULL,
                          payment,
                          name};
    return table_row(t, cell) || fail(c->f, EXIT_INTERNAL, "no memory for a case");
}

static int number(const case_reader *c, int row, int column)
{
    const char *text = get(c, row, column);
    return text ? atoi(text) : 0;
}

/* Prints the person whose rows begin here; *next is the row behind them. */
static bool print_person(const case_reader *c, int first, int *next)
{
    static const char *const heading[] = {"prog",   "source",  "born", "NID or BRN",
                                          "mobile", "paid to", "name"};
    table t;
    int row = first;
    table_init(&t);
    for (size_t i = 0; i < sizeof heading / sizeof *heading; i++)
        table_column(&t, heading[i], TABLE_LEFT);
    bool good = true;
    for (; good && row < pg_rows_count(c->rows) && number(c, row, RANK) == number(c, first, RANK); row++)
        good = add_enrolment(c, row, &t);
    if (good) {
        (void)printf("\nCase %d: %d programmes, %d of them active and cash\n", number(c, first, RANK),
                     number(c, first, PROGRAMMES), number(c, first, CASH));
        table_print(&t, stdout);
    }
    table_free(&t);
    *next = row;
    return good;
}

static pg_rows *read_cases(command_session *s, const command_line *line, failure *f)
{
    char most[16];
    const char *param[] = {most};
    (void)snprintf(most, sizeof most, "%d", line->cases);
    return pg_query(s->pg, QUERY, 1, param, f);
}

bool cases_print(command_session *s, const command_line *line, failure *f)
{
    pg_rows *rows = read_cases(s, line, f);
    if (!rows)
        return false;
    const case_reader c = {s, line, rows, f};
    bool good = true;
    for (int row = 0; good && row < pg_rows_count(rows);)
        good = print_person(&c, row, &row);
    if (pg_rows_count(rows) == 0)
        (void)printf("Nobody is enrolled in two programmes, or no sweep was made: ekok sweep.\n");
    pg_rows_free(rows);
    return good;
}

static void print_member(const char *name, const char *text, const char *before)
{
    buf json;
    buf_init(&json, 8192);
    if (!text || !json_add_string(&json, text))
        (void)printf("%s\"%s\": null", before, name);
    else
        (void)printf("%s\"%s\": %.*s", before, name, (int)json.size, json.data);
    buf_free(&json);
}

static bool print_enrolment_json(const case_reader *c, int row)
{
    static const int column[] = {ID,      SOURCE, PROGRAMME, PROGRAMME_NAME, STATUS,  NAME_BN,
                                 NAME_EN, SEX,    BORN,      PLACE,          PROVIDER};
    static const char *const name[] = {"enrolment_id", "source",  "programme",      "programme_name",
                                       "status",       "name_bn", "name_en",        "sex",
                                       "birth_date",   "place",   "wallet_provider"};
    const char *amount = get(c, row, AMOUNT);
    (void)printf("{\"amount_paisa\": %s", amount ? amount : "null");
    for (size_t i = 0; i < sizeof column / sizeof *column; i++)
        print_member(name[i], get(c, row, column[i]), ", ");
    for (int kind = 0; kind < SEALED_KINDS; kind++) {
        char masked[OPENED_TEXT];
        if (!opened(c, row, kind, masked))
            return false;
        print_member(sealed_name[kind], masked[0] ? masked : NULL, ", ");
    }
    (void)printf("}");
    return true;
}

static bool print_person_json(const case_reader *c, int first, int *next)
{
    int row = first;
    (void)printf("%s\n  {\"rank\": %d, \"programmes\": %d, \"active_cash\": %d, \"enrolments\": [",
                 first > 0 ? "," : "", number(c, first, RANK), number(c, first, PROGRAMMES),
                 number(c, first, CASH));
    bool good = true;
    for (; good && row < pg_rows_count(c->rows) && number(c, row, RANK) == number(c, first, RANK); row++) {
        if (row > first)
            (void)printf(", ");
        good = print_enrolment_json(c, row);
    }
    (void)printf("]}");
    *next = row;
    return good;
}

bool cases_print_json(command_session *s, const command_line *line, failure *f)
{
    pg_rows *rows = read_cases(s, line, f);
    if (!rows)
        return false;
    const case_reader c = {s, line, rows, f};
    bool good = true;
    (void)printf("\"striking_cases\": [");
    for (int row = 0; good && row < pg_rows_count(rows);)
        good = print_person_json(&c, row, &row);
    (void)printf("]");
    pg_rows_free(rows);
    return good;
}
