/*
 * witness.c - see witness.h. A text that was cut by a crash is closed with empty lines before the next one is written,
 * and shows up as a text that is no checkpoint; one that did not fit is taken back.
 */
#include "trace/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder_sync.h"
#include "base/write_all.h"
#include "trace/trail.h"

enum { PATH_TEXT = 1200, KEY_FILE_BYTES = 16384 };

static const char SIGNATURE[] = "\xe2\x80\x94 "; /* how a line with a signature begins: C2SP signed-note */

static bool unreadable(const char *path, failure *f)
{
    return fail(f, EXIT_CONFIG, "%.300s: cannot be read: %s", path, strerror(errno));
}

static bool join(const char *folder, const char *name, char out[PATH_TEXT], failure *f)
{
    int n = snprintf(out, PATH_TEXT, "%s/%s", folder, name);
    return (n > 0 && n < PATH_TEXT) ||
           fail(f, EXIT_CONFIG, "the path of a witness is longer than %d bytes", PATH_TEXT);
}

/* Reads a small file whole; size 0 and true where there is none. */
static bool slurp(const char *path, char *out, size_t room, size_t *size, failure *f)
{
    *size = 0;
    FILE *in = fopen(path, "re");
    if (!in)
        return errno == ENOENT || unreadable(path, f);
    *size = fread(out, 1, room, in);
    bool good = !ferror(in) && *size < room;
    (void)fclose(in);
    return good ||
           fail(f, EXIT_CONFIG, "%.300s: is larger than %zu bytes, or cannot be read", path, room - 1);
}

size_t key_list_find(const key_list *list, const public_key *key)
{
    size_t i = 0;
    while (i < list->count && (strcmp(list->key[i].name, key->name) != 0 ||
                               memcmp(list->key[i].bytes, key->bytes, sizeof key->bytes) != 0))
        i++;
    return i;
}

bool key_list_add(key_list *list, const public_key *key)
{
    if (key_list_find(list, key) < list->count)
        return true;
    if (list->count == KEYS_MAX)
        return false;
    list->key[list->count] = *key;
    list->until[list->count] = KEY_UNLIMITED;
    list->next[list->count++] = KEYS_MAX;
    return true;
}

/* NAME+HASH+KEY, or the same and " until SIZE". */
static bool take_key(key_list *list, span line)
{
    static const char until[] = " until ";
    public_key key;
    char digits[24] = "";
    uint64_t size = KEY_UNLIMITED;
    const char *limit = memmem(line.p, line.n, until, sizeof until - 1);
    span name = {line.p, limit ? (size_t)(limit - line.p) : line.n};
    if (limit) {
        size_t n = line.n - name.n - (sizeof until - 1);
        if (n >= sizeof digits)
            return false;
        memcpy(digits, limit + sizeof until - 1, n);
        if (!trail_number(digits, &size))
            return false;
    }
    if (!public_key_read(name, &key) || !key_list_add(list, &key))
        return false;
    list->until[key_list_find(list, &key)] = size;
    return true;
}

bool key_list_read(key_list *list, const char *path, failure *f)
{
    char text[KEY_FILE_BYTES];
    size_t size, before = list->count;
    int number = 0;
    if (!slurp(path, text, sizeof text, &size, f))
        return false;
    for (span rest = {text, size}; rest.n > 0;) {
        const char *end = memchr(rest.p, '\n', rest.n);
        span line = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        rest = (span){rest.p + line.n + (end ? 1 : 0), rest.n - line.n - (end ? 1 : 0)};
        number++;
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (!take_key(list, line))
            return fail(f, EXIT_CONFIG,
                        "%.300s: line %d: is no public key (NAME+HASH+KEY, or that and until SIZE), or there "
                        "are more than %d",
                        path, number, KEYS_MAX);
    }
    return list->count > before || fail(f, EXIT_CONFIG, "%.300s: holds no public key", path);
}

size_t key_list_signer(const key_list *list, span text, checkpoint *out)
{
    size_t i = 0;
    while (i < list->count && !checkpoint_signed_by(text, &list->key[i]))
        i++;
    return i < list->count && !checkpoint_read(text, out) ? list->count : i;
}

bool key_list_trusts(const key_list *list, span text, checkpoint *out)
{
    size_t i = key_list_signer(list, text, out);
    return i < list->count && out->head.size <= list->until[i];
}

bool witness_newest(const char *folder, const key_list *keys, checkpoint *out, size_t *signed_by, failure *f)
{
    char path[PATH_TEXT], text[4 * CHECKPOINT_TEXT];
    size_t size;
    struct stat st;
    if (stat(folder, &st) != 0)
        return unreadable(folder, f);
    if (!join(folder, "checkpoint", path, f) || !slurp(path, text, sizeof text, &size, f))
        return false;
    *signed_by = size > 0 ? key_list_signer(keys, (span){text, size}, out) : keys->count;
    return size == 0 || *signed_by < keys->count ||
           fail(f, EXIT_EVIDENCE, "%.300s: is no checkpoint signed by a key of ours", path);
}

static bool put(const char *path, span text, failure *f)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool good = fd >= 0 && write_all(fd, text) && fsync(fd) == 0 && fchmod(fd, 0644) == 0;
    if (!good)
        (void)fail(f, EXIT_CONFIG, "%.300s: cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return good;
}

/* Whether the last text was written to its end, an empty line. */
static bool is_closed(int fd, off_t size)
{
    char end[2] = "";
    return size == 0 || (size >= 2 && pread(fd, end, sizeof end, size - 2) == sizeof end &&
                         memcmp(end, "\n\n", sizeof end) == 0);
}

/* Three line feeds close a text wherever it was cut: the line, the body, the signatures. */
static bool append(int fd, span text)
{
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return false;
    if ((is_closed(fd, st.st_size) || write_all(fd, span_of("\n\n\n"))) && write_all(fd, text) &&
        fsync(fd) == 0)
        return true;
    int why = errno;
    (void)!ftruncate(fd, st.st_size);
    errno = why;
    return false;
}

static bool put_behind(const char *path, span text, failure *f)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    bool good = append(fd, text) && fchmod(fd, 0644) == 0;
    if (!good)
        (void)fail(f, EXIT_CONFIG, "%.300s: cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return good;
}

bool witness_keep(const char *folder, span note, failure *f)
{
    char history[PATH_TEXT], newest[PATH_TEXT], fresh[PATH_TEXT], text[CHECKPOINT_TEXT + 2];
    int n = snprintf(text, sizeof text, "%.*s\n", (int)note.n, note.p);
    if (n >= (int)sizeof text)
        return fail(f, EXIT_INTERNAL, "a checkpoint is longer than it can be");
    /* The new file first: where it cannot be written, a retry a second does not lengthen the history. */
    if (!join(folder, "history", history, f) || !join(folder, "checkpoint", newest, f) ||
        !join(folder, "checkpoint.new", fresh, f) || !put(fresh, note, f) ||
        !put_behind(history, (span){text, (size_t)n}, f))
        return false;
    if (rename(fresh, newest) != 0)
        return fail(f, EXIT_CONFIG, "%.300s: cannot be written: %s", newest, strerror(errno));
    return folder_sync(folder) || unreadable(folder, f); /* so that the rename outlasts a crash */
}

typedef struct {
    FILE *in;
    char line[CHECKPOINT_TEXT]; /* the one that is read ahead; "" at the end */
} text_reader;

static void next_line(text_reader *r)
{
    if (!fgets(r->line, sizeof r->line, r->in))
        r->line[0] = '\0';
}

static bool take_line(text_reader *r, char *out, size_t room, size_t *size)
{
    size_t n = strlen(r->line);
    if (n == 0 || *size + n >= room)
        return false;
    memcpy(out + *size, r->line, n);
    *size += n;
    next_line(r);
    return true;
}

/* One text: a body up to an empty line, and the signatures behind it; whatever else follows begins the next one. */
static bool read_text(text_reader *r, char *out, size_t room, size_t *size)
{
    *size = 0;
    while (r->line[0] == '\n')
        next_line(r);
    while (r->line[0] != '\n' && take_line(r, out, room, size))
        continue;
    if (r->line[0] == '\n' && take_line(r, out, room, size))
        while (strncmp(r->line, SIGNATURE, sizeof SIGNATURE - 1) == 0 && take_line(r, out, room, size))
            continue;
    return *size > 0;
}

bool witness_walk(const char *folder, witness_fn take, void *context, failure *f)
{
    char path[PATH_TEXT], text[4 * CHECKPOINT_TEXT];
    size_t size;
    if (!join(folder, "history", path, f))
        return false;
    text_reader r = {.in = fopen(path, "re")};
    if (!r.in)
        return unreadable(path, f);
    bool good = true;
    next_line(&r);
    while (good && read_text(&r, text, sizeof text, &size))
        good = take(context, (span){text, size}, f);
    if (good && ferror(r.in))
        good = unreadable(path, f);
    (void)fclose(r.in);
    return good;
}
