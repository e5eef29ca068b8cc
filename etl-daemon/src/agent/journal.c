/*
 * journal.c - see journal.h.
 */
#include "agent/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/journal_files.h"
#include "base/folder_sync.h"
#include "base/hex.h"
#include "base/write_all.h"
#include "secret/seal.h"

static const char ORIGIN[] = "ekok-keyd trace 1", CONTINUE[] = "continue after=";

struct journal {
    int fd;
    const char *path;
    journal_head head;
    uint64_t first; /* number of the file's first line */
    uint8_t last[SHA256_BYTES];
    off_t size;  /* of the whole lines */
    bool broken; /* a write failed and could not be undone */
};

static void to_hex(const uint8_t hash[SHA256_BYTES], char out[JOURNAL_HASH])
{
    for (size_t i = 0; i < SHA256_BYTES; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

/* SHA-256(hash before, body), in place. */
static bool chain(uint8_t hash[SHA256_BYTES], span body)
{
    char both[SHA256_BYTES + JOURNAL_LINE];
    if (body.n > JOURNAL_LINE)
        return false;
    memcpy(both, hash, SHA256_BYTES);
    memcpy(both + SHA256_BYTES, body.p, body.n);
    return sha256_of((span){both, SHA256_BYTES + body.n}, hash);
}

static span word(span *rest)
{
    const char *end = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
    span head = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t used = head.n + (end ? 1 : 0);
    *rest = (span){rest->p + used, rest->n - used};
    return head;
}

/* Splits a line; false when it is not of the form. */
static bool read_line(span line, journal_line *out)
{
    char text[32], *end = NULL;
    struct tm time = {0};
    if (line.n > JOURNAL_LINE || line.n < JOURNAL_HASH + 4 || line.p[line.n - JOURNAL_HASH] != ' ')
        return false;
    out->hash = (span){line.p + line.n - JOURNAL_HASH + 1, JOURNAL_HASH - 1};
    span rest = {line.p, line.n - JOURNAL_HASH};
    span number = word(&rest);
    out->time = word(&rest);
    out->text = rest;
    if (number.n == 0 || number.n > 19 || out->time.n != 20)
        return false;
    (void)snprintf(text, sizeof text, "%.*s", (int)number.n, number.p);
    out->number = strtoull(text, &end, 10);
    bool number_read = *end == '\0';
    (void)snprintf(text, sizeof text, "%.*s", (int)out->time.n, out->time.p);
    const char *left = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &time);
    out->at = (int64_t)timegm(&time);
    return number_read && left && *left == '\0';
}

typedef struct {
    const char *path;
    journal_line_fn on_line;
    void *context;
    journal_head *head;
    uint8_t hash[SHA256_BYTES];
    off_t size;     /* of the whole lines of the file that is read */
    uint64_t first; /* the number of its first line; 0: it has none */
    bool begun;     /* something was read, of this or of a file before */
} reader;

/* A file whose beginning is kept elsewhere says itself behind which line it goes on. */
static void begin_behind(reader *r, const journal_line *line)
{
    const size_t words = sizeof CONTINUE - 1;
    if (line->number < 2 || line->text.n != words + JOURNAL_HASH - 1 ||
        memcmp(line->text.p, CONTINUE, words) != 0)
        return;
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        int high = hex_digit(line->text.p[words + 2 * i]), low = hex_digit(line->text.p[words + 2 * i + 1]);
        if (high < 0 || low < 0)
            return;
        r->hash[i] = (uint8_t)(high << 4 | low);
    }
    r->head->count = line->number - 1;
}

static bool follow(reader *r, span text, failure *f)
{
    journal_line line;
    char hex[JOURNAL_HASH];
    bool good = read_line(text, &line);
    if (good && !r->begun)
        begin_behind(r, &line);
    r->begun = true;
    good = good && line.number == r->head->count + 1 && chain(r->hash, (span){text.p, text.n - JOURNAL_HASH});
    if (good) {
        to_hex(r->hash, hex);
        good = memcmp(line.hash.p, hex, JOURNAL_HASH - 1) == 0;
    }
    if (!good)
        return fail(f, EXIT_EVIDENCE,
                    "%s: line %" PRIu64
                    " does not follow from the one before: it was changed, or one was taken out or put in; "
                    "keep the file as evidence and let the agent begin another",
                    r->path, r->head->count + 1);
    r->head->count++;
    memcpy(r->head->hash, hex, sizeof hex);
    r->size += (off_t)text.n + 1;
    r->first = r->first ? r->first : line.number;
    return !r->on_line || r->on_line(r->context, &line, f);
}

static bool reader_begin(reader *r)
{
    memset(r->hash, 0, sizeof r->hash);
    *r->head = (journal_head){.count = 0};
    bool good = chain(r->hash, span_of(ORIGIN));
    to_hex(r->hash, r->head->hash);
    return good;
}

/* All lines of the open file, which goes on where the one before it ended. */
static bool walk(reader *r, FILE *in, failure *f)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t size;
    bool good = true;
    r->size = 0;
    r->first = r->head->torn = 0;
    while (good && (size = getline(&text, &room, in)) > 0) {
        if (text[size - 1] != '\n')
            r->head->torn = (uint64_t)size;
        else
            good = follow(r, (span){text, (size_t)size - 1}, f);
    }
    good = good && (!ferror(in) || fail(f, EXIT_INTERNAL, "%s: cannot be read", r->path));
    free(text);
    return good;
}

bool journal_verify(const char *path, journal_line_fn on_line, void *context, journal_head *out, failure *f)
{
    FILE *in = fopen(path, "re");
    reader r = {.path = path, .on_line = on_line, .context = context, .head = out};
    if (!in)
        return fail(f, EXIT_CONFIG, "%s: %s", path, strerror(errno));
    bool good = (reader_begin(&r) || fail(f, EXIT_INTERNAL, "%s: cannot be hashed", path)) && walk(&r, in, f);
    (void)fclose(in);
    return good;
}

/* The files before, the oldest first. */
static bool walk_kept(reader *r, failure *f)
{
    kept_files kept = {NULL, 0};
    const char *path = r->path;
    char name[JOURNAL_PATH];
    bool good = reader_begin(r) && journal_kept(path, &kept, f);
    for (size_t i = 0; good && i < kept.count; i++) {
        journal_kept_name(path, kept.first[i], name);
        FILE *in = fopen(name, "re");
        r->path = name;
        good = in ? walk(r, in, f) : fail(f, EXIT_CONFIG, "%s: %s", name, strerror(errno));
        if (in)
            (void)fclose(in);
    }
    r->path = path;
    free(kept.first);
    return good;
}

journal_turned journal_turn_over(journal *j, journal_keeper *keeper, failure *f)
{
    char text[sizeof CONTINUE + JOURNAL_HASH];
    const journal before = *j;
    int next = keeper ? journal_keeper_next(keeper, f) : journal_next(j->path, f);
    journal_turned is = JOURNAL_STAYS;
    if (next < 0)
        return JOURNAL_STAYS;
    (void)snprintf(text, sizeof text, "%s%s", CONTINUE, j->head.hash);
    j->fd = next;
    j->size = 0;
    if (!journal_add(j, text))
        (void)fail(f, EXIT_INTERNAL, "%s: the next file cannot be written: %s", j->path, strerror(errno));
    else
        is = keeper ? journal_keeper_turn(keeper, before.first, f) : journal_turn(j->path, before.first, f);
    (void)close(is == JOURNAL_TURNED ? before.fd : next);
    if (is != JOURNAL_TURNED)
        *j = before;
    else
        j->first = before.head.count + 1;
    j->broken = j->broken || is == JOURNAL_LOST;
    return is;
}

bool journal_is_long(const journal *j, uint64_t most)
{
    return most > 0 && (uint64_t)j->size > most && !j->broken;
}

static bool take_up(journal *j, reader *r, uint64_t most, bool *turned, failure *f)
{
    FILE *in = fdopen(dup(j->fd), "re");
    if (!in)
        return fail(f, EXIT_INTERNAL, "%s: cannot be read: %s", r->path, strerror(errno));
    bool good = walk_kept(r, f) && walk(r, in, f);
    (void)fclose(in);
    if (!good)
        return false;
    memcpy(j->last, r->hash, sizeof j->last);
    j->size = r->size;
    j->first = r->first ? r->first : j->head.count + 1;
    char text[80];
    (void)snprintf(text, sizeof text, "start torn=%" PRIu64, j->head.torn);
    if (ftruncate(j->fd, j->size) != 0 || !folder_sync_of(r->path))
        return fail(f, EXIT_INTERNAL, "%s: cannot be written: %s", r->path, strerror(errno));
    *turned = journal_is_long(j, most);
    if (*turned && journal_turn_over(j, NULL, f) != JOURNAL_TURNED)
        return false;
    return journal_add(j, text) ||
           fail(f, EXIT_INTERNAL, "%s: cannot be written: %s", r->path, strerror(errno));
}

journal *journal_open(const journal_place *at, journal_line_fn on_line, void *context, bool *turned,
                      failure *f)
{
    journal *j = calloc(1, sizeof *j);
    *turned = false;
    if (!j) {
        (void)fail(f, EXIT_INTERNAL, "no memory for the trace");
        return NULL;
    }
    j->path = at->path;
    reader r = {.path = at->path, .on_line = on_line, .context = context, .head = &j->head};
    j->fd = open(at->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = j->fd >= 0 || fail(f, EXIT_CONFIG, "%s: %s; see [agent] trace", at->path, strerror(errno));
    good = good && (flock(j->fd, LOCK_EX | LOCK_NB) == 0 ||
                    fail(f, EXIT_CONFIG, "%s: another agent writes it", at->path));
    if (good && take_up(j, &r, at->most, turned, f))
        return j;
    journal_close(j);
    return NULL;
}

void journal_close(journal *j)
{
    if (!j)
        return;
    if (j->fd >= 0)
        (void)close(j->fd);
    free(j);
}

bool journal_add(journal *j, const char *text)
{
    char line[JOURNAL_LINE + JOURNAL_HASH + 2], hex[JOURNAL_HASH], when[32];
    uint8_t hash[SHA256_BYTES];
    time_t now = time(NULL);
    struct tm utc;
    if (j->broken || !gmtime_r(&now, &utc) || strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        return false;
    int n = snprintf(line, JOURNAL_LINE, "%" PRIu64 " %s %s", j->head.count + 1, when, text);
    if (n < 0 || n >= JOURNAL_LINE - JOURNAL_HASH)
        return false;
    memcpy(hash, j->last, sizeof hash);
    if (!chain(hash, (span){line, (size_t)n}))
        return false;
    to_hex(hash, hex);
    n += snprintf(line + n, sizeof line - (size_t)n, " %s\n", hex);
    if (!write_all(j->fd, (span){line, (size_t)n})) {
        j->broken = ftruncate(j->fd, j->size) != 0; /* no half line before the next one */
        return false;
    }
    j->broken = fdatasync(j->fd) != 0; /* what is on the disk then, only a new reading tells */
    if (j->broken)
        return false;
    j->size += n;
    j->head.count++;
    memcpy(j->last, hash, sizeof hash);
    memcpy(j->head.hash, hex, sizeof hex);
    return true;
}

void journal_head_of(const journal *j, journal_head *out)
{
    *out = j->head;
}
