/*
 * identify.c - see identify.h. A number that fails an inferred check is readable and not ok.
 */
#include "identify.h"

#include "phrase.h"

static void put_refusal(ekok_phrase *reason, ekok_status status)
{
    ekok_phrase_put(reason, ekok_code_message(status.code));
    if (status.position > 0) {
        ekok_phrase_put(reason, ", at character ");
        ekok_phrase_put_number(reason, (unsigned)status.position);
    }
}

/* What is weak about a value that was read. */
static void put_weakness(ekok_phrase *reason, const ekok_kind *kind, uint64_t word)
{
    if (kind->strict != NULL && kind->strict(word).code != EKOK_OK) {
        ekok_phrase_put(reason, "check digit fails (the rule is inferred)");
    }
    if ((word & kind->mark) != 0) {
        ekok_phrase_put(reason, "converted from 16 digits");
    }
}

/* One kind that reads the text, and what of the others does. */
static void put_others(ekok_phrase *reason, const ekok_status status[EKOK_KIND_IDENTIFIED], int self)
{
    const char *before = reason->n > 0 ? "; also reads as " : "also reads as ";

    for (int i = 0; i < EKOK_KIND_IDENTIFIED; i++) {
        if (i != self && status[i].code == EKOK_OK) {
            ekok_phrase_put(reason, before);
            ekok_phrase_put(reason, ekok_kind_of((ekok_kind_code)i)->name);
            before = ", ";
        }
    }
}

void ekok_identify(ekok_span text, ekok_reading out[EKOK_KIND_IDENTIFIED])
{
    ekok_status status[EKOK_KIND_IDENTIFIED];
    uint64_t word[EKOK_KIND_IDENTIFIED];

    for (int i = 0; i < EKOK_KIND_IDENTIFIED; i++) {
        status[i] = ekok_kind_of((ekok_kind_code)i)->parse(text, &word[i]);
    }
    for (int i = 0; i < EKOK_KIND_IDENTIFIED; i++) {
        const ekok_kind *kind = ekok_kind_of((ekok_kind_code)i);
        ekok_phrase reason = ekok_phrase_begin(out[i].reason, EKOK_REASON_TEXT);
        out[i].kind = kind->name;
        out[i].readable = status[i].code == EKOK_OK;
        out[i].value[0] = '\0';
        if (!out[i].readable) {
            out[i].ok = false;
            put_refusal(&reason, status[i]);
            continue;
        }
        kind->format(word[i], out[i].value);
        out[i].ok = kind->strict == NULL || kind->strict(word[i]).code == EKOK_OK;
        put_weakness(&reason, kind, word[i]);
        put_others(&reason, status, i);
    }
}
