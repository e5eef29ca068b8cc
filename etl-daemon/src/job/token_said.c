/* token_said.c - see token_said.h. */
#include "job/token_said.h"

#include <stdio.h>
#include <stdlib.h>

#include "cell/object.h"
#include "secret/seal.h"

typedef struct {
    auth_token *out;
    long *seconds;
    bool too_long;
} reading;

static void keep(reading *r, char out[AUTH_TOKEN_TEXT], span text)
{
    if (text.n >= AUTH_TOKEN_TEXT) {
        r->too_long = true;
    } else if (text.n > 0) {
        memcpy(out, text.p, text.n);
        out[text.n] = '\0';
    }
}

static void take(void *context, const raw_record *record)
{
    reading *r = context;
    char digits[24] = "";
    span text = object_text(record, "access_token"), life = object_text(record, "expires_in");
    keep(r, r->out->text, text.n > 0 ? text : object_text(record, "id_token"));
    keep(r, r->out->refresh, object_text(record, "refresh_token"));
    if (life.n < sizeof digits)
        memcpy(digits, life.p ? life.p : "", life.n);
    *r->seconds = strtol(digits, NULL, 10);
}

static bool read_answer(void *home, span answer, auth_token *out, long *seconds)
{
    cell own;
    reading r = {out, seconds, false};
    failure unreadable; /* says no more than that */
    bool good = cell_open(&own, home, OBJECT_MAX);
    const page_reader reader = cell_reader(&own);
    good = good && object_read(&reader, answer, take, &r, &unreadable) && !r.too_long;
    cell_close(&own);
    return good;
}

token_reader token_reader_in(house *home)
{
    return (token_reader){read_answer, home};
}
