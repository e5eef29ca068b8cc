/*
 * truth.c - see truth.h. Walks the people once, numbering the records of each system as it goes.
 */
#include "truth.h"

#include <inttypes.h>

#include "civil_truth.h"
#include "mis.h"

typedef struct {
    uint64_t records[MIS_COUNT], overlaps[OVERLAP_COUNT], defects[DEFECT_COUNT], programmes[PROGRAMME_COUNT];
    uint64_t with_records, several, four_cash, women, twins, namesakes;
} tally;

typedef struct {
    void (*make)(const rank_walk *walk, record *out);
    void (*visit)(void *context, const record *r);
    void *context;
} visitor;

static void visit_block(rank_walk *walk, uint64_t rank[MIS_COUNT], const visitor *v)
{
    for (unsigned i = 0; i < BLOCK_PEOPLE && person_number(&walk->b, i) < walk->w->persons; i++) {
        for (unsigned k = 0; k < walk->b.p[i].programmes; k++) {
            record r;
            walk->position = i;
            walk->nth = k;
            walk->mis = programme_mis((programme_id)walk->b.p[i].programme[k]);
            walk->rank = ++rank[walk->mis];
            v->make(walk, &r);
            v->visit(v->context, &r);
        }
    }
}

static void visit_all(const world *w, const visitor *v)
{
    uint64_t rank[MIS_COUNT] = {0};
    rank_walk walk = {.w = w};
    for (uint64_t n = 0; n * BLOCK_PEOPLE < w->persons; n++) {
        block_make(w, n, &walk.b);
        visit_block(&walk, rank, v);
    }
}

static void put_person(FILE *out, uint64_t number)
{
    if (number != UINT64_MAX)
        fprintf(out, "\t%" PRIu64, number);
    else
        fputc('\t', out);
}

static void put_line(void *context, const record *r)
{
    FILE *out = context;
    char id[RECORD_ID];
    bool twice = r->defect == DEFECT_DUPLICATE;
    mis_of(r->mis)->id(r, id);
    for (int copy = 0; copy <= (twice ? 1 : 0); copy++) {
        fprintf(out, "%s\t%s\t%" PRIu64 "\t%s\t%" PRIu64 "\t%s\t%s", mis_habits_of(r->mis)->name, id,
                r->person, programme_code(r->programme), r->family,
                twice && copy == 0 ? "" : defect_name(r->defect), copy == 0 ? overlap_name(r->overlap) : "");
        put_person(out, copy == 0 ? r->twin_of : UINT64_MAX);
        put_person(out, copy == 0 ? r->namesake_of : UINT64_MAX);
        fputc('\n', out);
    }
}

bool truth_write(const world *w, FILE *out)
{
    fputs("source\trecord_id\tperson\tprogramme\thousehold\tdefect\toverlap\ttwin_of\tnamesake_of\n", out);
    visit_all(w, &(visitor){record_outline, put_line, out});
    return fflush(out) == 0 && !ferror(out);
}

static void put_date(FILE *out, birth_date d)
{
    fprintf(out, "\t%04d-%02d-%02d", d.year, d.month, d.day);
}

static void put_wallet(FILE *out, const record *r)
{
    static const char *const PROVIDERS[] = {[PROVIDER_BKASH] = "BKASH",
                                            [PROVIDER_NAGAD] = "NAGAD",
                                            [PROVIDER_ROCKET] = "ROCKET",
                                            [PROVIDER_UPAY] = "UPAY"};

    if (r->provider == PROVIDER_NONE)
        fputc('\t', out);
    else
        fprintf(out, "\t%s:%s", PROVIDERS[r->provider], r->wallet);
}

static void put_record(void *context, const record *r)
{
    FILE *out = context;
    char id[RECORD_ID];
    mis_of(r->mis)->id(r, id);
    fprintf(out, "%s-%s\t%s\t%s\t%s\t%s\t%s", mis_habits_of(r->mis)->name, id, programme_code(r->programme),
            r->name_bn, r->name_en, *r->father_bn ? r->father_bn : r->father_en,
            *r->mother_bn ? r->mother_bn : r->mother_en);
    put_date(out, r->birth);
    fprintf(out, "\t%s\t%08" PRIu32 "\t%s\t%s\t%s", r->sex == SEX_FEMALE ? "female" : "male",
            place_code(r->place), r->nid, r->brn, r->mobile);
    put_wallet(out, r);
    fprintf(out, "\t%s\t%s\t%" PRIu64 "\t%s", r->account, r->routing, r->person, overlap_name(r->overlap));
    put_person(out, r->twin_of);
    put_person(out, r->namesake_of);
    fputc('\n', out);
}

bool records_write(const world *w, FILE *out)
{
    fputs("id\tprogramme\tname_bn\tname_en\tfather\tmother\tbirth_"
          "date\tsex\tplace\tnid\tbrn\tmobile\twallet\taccount\t"
          "routing\tperson\toverlap\ttwin_of\tnamesake_of\n",
          out);
    visit_all(w, &(visitor){record_make, put_record, out});
    return fflush(out) == 0 && !ferror(out);
}

static void put_verdicts(void *context, const record *r)
{
    const void *const *to = context;
    char id[RECORD_ID];
    mis_of(r->mis)->id(r, id);
    for (int system = 0; system < CIVIL_COUNT && r->defect == DEFECT_NONE; system++) {
        const char *answer = truth_expected(to[0], (civil_system)system, r);
        if (answer)
            fprintf((FILE *)(uintptr_t)to[1], "%s\t%s\t%s\t%s\n", mis_habits_of(r->mis)->name, id,
                    civil_name((civil_system)system), answer);
    }
}

bool verdicts_write(const world *w, FILE *out)
{
    const void *to[] = {w, out};
    fputs("source\trecord_id\tsystem\tanswer\n", out);
    visit_all(w, &(visitor){record_make, put_verdicts, to});
    return fflush(out) == 0 && !ferror(out);
}

static void count_record(void *context, const record *r)
{
    tally *t = context;
    t->records[r->mis]++;
    t->overlaps[r->overlap]++;
    t->defects[r->defect]++;
    t->programmes[r->programme]++;
    if (r->overlap == OVERLAP_FIRST) {
        t->twins += r->twin_of != UINT64_MAX;
        t->namesakes += r->namesake_of != UINT64_MAX;
    }
}

static void count_people(const world *w, tally *t)
{
    block b;
    for (uint64_t n = 0; n * BLOCK_PEOPLE < w->persons; n++) {
        block_make(w, n, &b);
        for (unsigned i = 0; i < BLOCK_PEOPLE && person_number(&b, i) < w->persons; i++) {
            unsigned cash = 0;
            for (unsigned k = 0; k < b.p[i].programmes; k++)
                cash += programme_cash((programme_id)b.p[i].programme[k]);
            t->with_records += b.p[i].programmes > 0;
            t->several += b.p[i].programmes > 1;
            t->four_cash += cash > 3;
            t->women += b.p[i].programmes > 0 && b.p[i].sex == SEX_FEMALE;
        }
    }
}

static void put_row(FILE *out, const char *what, uint64_t count)
{
    fprintf(out, "  %-28s %10" PRIu64 "\n", what, count);
}

bool census_write(const world *w, FILE *out)
{
    tally t = {0};
    uint64_t all = 0;
    visit_all(w, &(visitor){record_outline, count_record, &t});
    count_people(w, &t);
    for (int m = 0; m < MIS_COUNT; m++)
        all += t.records[m];
    fputs("people\n", out);
    put_row(out, "persons", w->persons);
    put_row(out, "with an enrolment", t.with_records);
    put_row(out, "of these women", t.women);
    put_row(out, "in two or more programmes", t.several);
    put_row(out, "in four or more for cash", t.four_cash);
    put_row(out, "twins (second of two)", t.twins);
    put_row(out, "namesakes in an upazila", t.namesakes);
    fputs("records\n", out);
    put_row(out, "all", all);
    for (int m = 0; m < MIS_COUNT; m++)
        put_row(out, mis_habits_of((mis_id)m)->name, t.records[m]);
    fputs("programmes\n", out);
    for (int p = 0; p < PROGRAMME_COUNT; p++)
        put_row(out, programme_code((programme_id)p), t.programmes[p]);
    fputs("overlaps, to the first enrolment\n", out);
    for (int k = 1; k < OVERLAP_COUNT; k++)
        put_row(out, overlap_name((overlap_kind)k), t.overlaps[k]);
    fputs("defects\n", out);
    for (int k = 1; k < DEFECT_COUNT; k++)
        put_row(out, defect_name((defect_kind)k), t.defects[k]);
    return fflush(out) == 0 && !ferror(out);
}
