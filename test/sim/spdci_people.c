/* spdci_people.c - see spdci_people.h. */
#include "spdci_people.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kin.h"
#include "record.h"

enum { LISTED_PER_MILLE = 60, AGE_LEAST = 18, AGE_MOST = 55 };

/* By age and sex as the programme's rule has it; how many of them is a guess. */
static bool listed(const world *w, const block *b, unsigned i)
{
    const person *p = &b->p[i];
    int age = REFERENCE_YEAR - p->birth_year;
    return p->sex == SEX_FEMALE && age >= AGE_LEAST && age <= AGE_MOST && p->programmes > 0 &&
           draw(w->seed, DRAW_LISTED, person_number(b, i)) % 1000 < LISTED_PER_MILLE;
}

bool spdci_people_find(const world *w, spdci_people *out)
{
    size_t room = 0;
    block b;
    *out = (spdci_people){.w = w};
    for (uint64_t n = 0; n * BLOCK_PEOPLE < w->persons; n++) {
        block_make(w, n, &b);
        for (unsigned i = 0; i < BLOCK_PEOPLE && person_number(&b, i) < w->persons; i++) {
            if (!listed(w, &b, i))
                continue;
            if (out->count == room) {
                uint64_t *more = realloc(out->person, (room = room ? 2 * room : 1024) * sizeof *more);
                if (!more)
                    return false;
                out->person = more;
            }
            out->person[out->count++] = person_number(&b, i);
        }
    }
    return true;
}

void spdci_people_free(spdci_people *people)
{
    free(people->person);
}

/* As her first enrolment shows her: the same numbers, name and date. */
static void make(const spdci_people *people, size_t n, record *out)
{
    rank_walk walk = {.w = people->w, .rank = n + 1};
    showing_plan plan;
    block_make(people->w, people->person[n] / BLOCK_PEOPLE, &walk.b);
    walk.position = (unsigned)(people->person[n] % BLOCK_PEOPLE);
    overlaps_plan(people->w, &walk.b, walk.position, &plan);
    walk.mis = plan.e[0].mis;
    record_make(&walk, out);
    full_name name = person_name(walk.w, &walk.b, walk.position);
    (void)name_write(&name, SCRIPT_LATIN, 0, out->name_en); /* whatever the first enrolment is written in */
}

static void put_identifier(json *out, const char *type, const char *value)
{
    json_open(out, NULL, '{');
    json_text(out, "identifier_type", type);
    json_text(out, "identifier_value", value);
    json_close(out, '}');
}

static void put_name(json *out, const record *r)
{
    char first[NAME_TEXT];
    const char *name = r->name_en, *last = strrchr(name, ' ');
    snprintf(first, sizeof first, "%.*s", last ? (int)(last - name) : (int)strlen(name), name);
    json_open(out, "name", '{');
    json_text(out, "first_name", first);
    json_text(out, "second_name", NULL);
    json_text(out, "surname", last ? last + 1 : NULL);
    json_close(out, '}');
}

static void put_person(json *out, const record *r)
{
    char text[64];
    json_open(out, "demographic_info", '{');
    json_open(out, "person", '{');
    put_name(out, r);
    json_text(out, "sex", "F");
    snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", r->birth.year, r->birth.month, r->birth.day);
    json_text(out, "birth_date", text);
    json_text(out, "phone_number", r->mobile);
    json_close(out, '}');
    json_close(out, '}');
}

static void put_programme(json *out, const record *r)
{
    char text[64];
    json_open(out, "programme_identifier", '{');
    json_open(out, "programme", '{');
    json_text(out, "programme_identifier", "VWB");
    json_text(out, "programme_name", "Vulnerable Women Benefit");
    json_close(out, '}');
    snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", r->enrolled.year, r->enrolled.month,
             r->enrolled.day);
    json_text(out, "enrolment_date", text);
    json_text(out, "enrolment_status", r->status == STATUS_ACTIVE ? "1" : "4");
    json_close(out, '}');
}

void spdci_people_write(const spdci_people *people, size_t n, json *out)
{
    char text[64];
    record r;
    make(people, n, &r);
    json_open(out, NULL, '{');
    json_text(out, "@context", "https://schema.spdci.org/extensions/ibr/v1");
    json_text(out, "@type", "Beneficiary");
    json_open(out, "member", '{');
    json_open(out, "member_identifier", '[');
    snprintf(text, sizeof text, "VWB-%08" PRIu64, people->person[n]);
    put_identifier(out, "UIN", text);
    put_identifier(out, *r.nid ? "NID" : "BRN", *r.nid ? r.nid : r.brn);
    json_close(out, ']');
    put_person(out, &r);
    json_open(out, "additional_attributes", '[');
    json_open(out, NULL, '{');
    json_text(out, "attribute_name", "pcode");
    snprintf(text, sizeof text, "%08u", place_code(r.place));
    json_text(out, "attribute_value", text);
    json_close(out, '}');
    json_close(out, ']');
    json_close(out, '}');
    put_programme(out, &r);
    json_close(out, '}');
}
