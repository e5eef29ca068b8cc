/* erasure.c - see erasure.h. */
#include "trace/erasure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "secret/row_digest.h"
#include "trace/images.h"

typedef struct {
    uint64_t count;
    row_sum sum;
} id_sum;

struct erasure_book {
    merkle_hasher *hasher; /* the caller's */
    row_digester *digester;
    id_sum destroyed, named;
};

static const char RECEIPTS[] = "audit.erasure", NAMES[] = "\"entries\": [";

erasure_book *erasure_book_new(merkle_hasher *hasher)
{
    erasure_book *b = calloc(1, sizeof *b);
    if (b) {
        b->hasher = hasher;
        b->digester = row_digester_new();
    }
    if (b && b->digester)
        return b;
    erasure_book_free(b);
    return NULL;
}

void erasure_book_free(erasure_book *b)
{
    if (!b)
        return;
    row_digester_free(b->digester);
    free(b);
}

static void count_id(erasure_book *b, id_sum *to, span id)
{
    to->count++;
    row_sum_add(b->digester, id, (span){"", 0}, &to->sum);
}

/* A quote inside a text of the image is escaped, so the key is found nowhere else. */
static const char *find_names(span image)
{
    const char *at = image.p, *end = image.p + image.n;
    const size_t n = sizeof NAMES - 1;
    for (; at && (size_t)(end - at) >= n; at++) {
        at = memchr(at, NAMES[0], (size_t)(end - at) - n + 1);
        if (!at)
            return NULL;
        if (memcmp(at, NAMES, n) == 0)
            return at + n;
    }
    return NULL;
}

/* The numbers of entries in a receipt's image, up to the closing bracket. */
static void count_names(erasure_book *b, span image)
{
    const char *at = image.n ? find_names(image) : NULL, *end = image.p + image.n;
    while (at && at < end && *at != ']') {
        const char *first = at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at == first)
            at++;
        else
            count_id(b, &b->named, (span){first, (size_t)(at - first)});
    }
}

static bool judge(erasure_book *b, const trail_entry *entry, verify_result *out)
{
    images_state state;
    bool receipt = span_equals(entry->value[TRAIL_TABLE], RECEIPTS);
    if (!images_judge(b->hasher, entry->value, &state))
        return false;
    if (state == IMAGES_DIFFER)
        verify_found(out, "entry %" PRIu64 ": its images are not those that it was sealed with",
                     entry->key.id);
    if (state == IMAGES_DESTROYED && receipt)
        verify_found(out, "entry %" PRIu64 ": a receipt of an erasure was destroyed", entry->key.id);
    if (state == IMAGES_DESTROYED) {
        char id[24];
        (void)snprintf(id, sizeof id, "%" PRIu64, entry->key.id);
        count_id(b, &b->destroyed, span_of(id));
    } else if (receipt)
        count_names(b, entry->value[TRAIL_NEW]);
    return true;
}

bool erasure_add(erasure_book *b, const trail_entry *entry, verify_result *out, failure *f)
{
    return judge(b, entry, out) ||
           fail(f, EXIT_INTERNAL, "the images of audit entry %" PRIu64 " cannot be hashed", entry->key.id);
}

bool erasure_close(erasure_book *b, pg_session *pg, verify_result *out, failure *f)
{
    out->destroyed = b->destroyed.count;
    if (b->destroyed.count == b->named.count && b->destroyed.sum.high == b->named.sum.high &&
        b->destroyed.sum.low == b->named.sum.low)
        return true;
    pg_rows *rows =
        pg_query(pg,
                 "WITH said AS (SELECT jsonb_array_elements_text(new::jsonb -> 'entries')::bigint AS id "
                 "FROM audit.entry WHERE table_name = 'audit.erasure' AND new IS NOT NULL), "
                 "named AS (SELECT id, count(*) AS times FROM said GROUP BY id), "
                 "gone AS (SELECT id FROM audit.entry WHERE commitment IS NOT NULL AND salt IS NULL) "
                 "SELECT CASE WHEN n.id IS NULL THEN 'its images were destroyed, and no receipt says so' "
                 "WHEN g.id IS NULL THEN 'a receipt says that its images were destroyed, and they were not' "
                 "ELSE 'more than one receipt says that its images were destroyed' END AS problem, count(*), "
                 "min(coalesce(g.id, n.id)) FROM gone g FULL JOIN named n ON n.id = g.id "
                 "WHERE n.id IS NULL OR g.id IS NULL OR n.times > 1 GROUP BY problem ORDER BY problem",
                 0, NULL, f);
    if (!rows)
        return false;
    for (int i = 0; i < pg_rows_count(rows); i++)
        verify_found(out, "entry %.20s and so %.12s in all: %.120s", pg_rows_get(rows, i, 2),
                     pg_rows_get(rows, i, 1), pg_rows_get(rows, i, 0));
    if (pg_rows_count(rows) == 0)
        verify_found(out, "the receipts of erasures do not name the entries whose images were destroyed");
    pg_rows_free(rows);
    return true;
}
