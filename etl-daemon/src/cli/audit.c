/*
 * audit.c - see audit.h. Prints numbers of entries and keys of rows, never what an entry holds.
 */
#include "cli/audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_text.h"
#include "cli/text.h"
#include "trace/compare.h"
#include "trace/prove.h"
#include "trace/trail.h"
#include "trace/verify.h"

enum { LINE_MAX_BYTES = 64 << 20, PATH_TEXT = 1200 };

typedef struct {
    verify_result trail;
    compare_result tables;
} audit_result;

static void on_progress(void *context, uint64_t entries, uint64_t of)
{
    (void)context;
    char a[NUMBER_TEXT], b[NUMBER_TEXT];
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%s of %s entries", text_number((int64_t)entries, a),
                      text_number((int64_t)of, b));
}

static bool print_json(const audit_result *r)
{
    const verify_result *t = &r->trail;
    buf out;
    buf_init(&out, 64 << 10);
    bool good = buf_printf(
        &out,
        "{\"whole\": %s, \"entries\": %" PRIu64 ", \"sealed\": %" PRIu64 ", \"erased\": %" PRIu64
        ", \"checkpoints\": %zu, \"cut_texts\": %zu, \"not_counted\": %zu, \"tables\": %zu, \"findings\": [",
        t->findings ? "false" : "true", t->entries, t->sealed, t->destroyed, t->checkpoints, t->cut,
        t->uncounted, r->tables.tables);
    for (size_t i = 0; good && i < t->findings && i < FINDINGS_MAX; i++)
        good = buf_add_text(&out, i ? ", " : "") && json_add_string(&out, t->finding[i]);
    good = good && buf_add_text(&out, "]}\n") && fwrite(out.data, 1, out.size, stdout) == out.size;
    buf_free(&out);
    return good;
}

static void print_result(const audit_result *r)
{
    const verify_result *t = &r->trail;
    char a[NUMBER_TEXT], b[NUMBER_TEXT], c[NUMBER_TEXT];
    (void)printf("entries      %15s in the trace\n", text_number((int64_t)t->entries, a));
    (void)printf("sealed       %15s under a signed checkpoint, %s waiting\n",
                 text_number((int64_t)t->sealed, a), text_number((int64_t)(t->entries - t->sealed), b));
    (void)printf("checkpoints  %15s hold\n", text_number((int64_t)t->checkpoints, a));
    if (t->uncounted)
        (void)printf("not counted  %15s checkpoints beyond the trust in their key\n",
                     text_number((int64_t)t->uncounted, a));
    if (t->destroyed)
        (void)printf("erased       %15s entries without images, as receipts in the trace must say\n",
                     text_number((int64_t)t->destroyed, a));
    if (t->cut)
        (void)printf("cut texts    %15s in a witness's history, as a crash leaves them\n",
                     text_number((int64_t)t->cut, a));
    (void)printf("tables       %15s compared with the trace, %s row(s) differ\n\n",
                 text_number((int64_t)r->tables.tables, a), text_number((int64_t)r->tables.rows_wrong, c));
    if (t->findings == 0) {
        (void)puts("The audit is whole: every entry is the one that was signed, every row what its\n"
                   "last entry says.");
        return;
    }
    (void)printf("THE AUDIT IS NOT WHOLE: %zu finding(s)\n", t->findings);
    for (size_t i = 0; i < t->findings && i < FINDINGS_MAX; i++) {
        char item[FINDING_TEXT + 3];
        (void)snprintf(item, sizeof item, "- %s", t->finding[i]);
        text_print_wrapped(item, 2, stdout);
    }
    (void)puts(
        "\nTouch nothing; copy the witnesses; see docs/OPERATIONS.md, \"The audit does not\nverify\".");
}

static bool read_keys(const command_line *line, key_list *keys, failure *f)
{
    if (!line->keys_file)
        return fail(f, EXIT_USAGE, "--keys FILE is needed: the public keys of the audit, one a line");
    return key_list_read(keys, line->keys_file, f);
}

static bool judge(pg_session *pg, const command_line *line, audit_result *r, failure *f)
{
    verify_request request = {.witnesses = line->witnesses, .progress = on_progress};
    for (size_t i = 0; i < line->witnesses; i++)
        request.witness[i] = line->witness[i];
    bool good =
        line->witnesses > 0 ||
        fail(f, EXIT_USAGE, "--witness DIR is needed: without what witnesses remember nothing is proved");
    good = good && read_keys(line, &request.keys, f) && (request.balance = balance_new(f)) != NULL &&
           trail_prepare(pg, f) &&
           pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL, f) &&
           verify_trail(pg, &request, &r->trail, f) &&
           compare_tables(pg, request.balance, &r->trail, &r->tables, f) && pg_run(pg, "COMMIT", 0, NULL, f);
    balance_free(request.balance);
    if (isatty(STDERR_FILENO))
        (void)fputs("\r\x1b[K", stderr);
    return good;
}

bool audit_judge(pg_session *pg, const command_line *line, audit_judgement *out, failure *f)
{
    audit_result *r = calloc(1, sizeof *r);
    if (!r)
        return fail(f, EXIT_INTERNAL, "no memory to verify with");
    bool good = judge(pg, line, r, f);
    *out = (audit_judgement){.entries = r->trail.entries, .findings = r->trail.findings};
    if (r->trail.findings > 0)
        (void)snprintf(out->first, sizeof out->first, "%s", r->trail.finding[0]);
    free(r);
    return good;
}

bool audit_verify(command_session *s, const command_line *line, failure *f)
{
    audit_result *r = calloc(1, sizeof *r);
    if (!r)
        return fail(f, EXIT_INTERNAL, "no memory to verify with");
    bool good = judge(s->pg, line, r, f);
    if (good) {
        if (!line->json)
            print_result(r);
        else if (!print_json(r))
            good = fail(f, EXIT_INTERNAL, "the result cannot be printed");
    }
    if (good) {
        good = r->trail.findings == 0 || fail(f, EXIT_EVIDENCE, "the audit is not whole");
    }
    free(r);
    return good;
}

static bool path_in(const char *folder, const char *name, char out[PATH_TEXT], failure *f)
{
    int n = snprintf(out, PATH_TEXT, "%s/%s", folder, name);
    return (n > 0 && n < PATH_TEXT) || fail(f, EXIT_USAGE, "%.100s...: the path is too long", folder);
}

static bool write_file(const char *folder, const char *name, span text, failure *f)
{
    char path[PATH_TEXT];
    if (!path_in(folder, name, path, f))
        return false;
    FILE *out = fopen(path, "we");
    bool good = out && fwrite(text.p, 1, text.n, out) == text.n;
    if (out && fclose(out) != 0)
        good = false;
    return good || fail(f, EXIT_USAGE, "%.300s: cannot be written: %s", path, strerror(errno));
}

/* What an earlier proof left there does not belong to this one. */
static bool remove_file(const char *folder, const char *name, failure *f)
{
    char path[PATH_TEXT];
    return path_in(folder, name, path, f) &&
           (unlink(path) == 0 || errno == ENOENT ||
            fail(f, EXIT_USAGE, "%.300s: cannot be removed: %s", path, strerror(errno)));
}

/* One entry into its folder: what is hashed, its images where they are not part of that, and the proof. */
static bool prove_into(prover *p, uint64_t id, const char *folder, failure *f)
{
    char proof_text[PROOF_TEXT];
    buf entry, room;
    span leaf, images;
    buf_init(&entry, LINE_MAX_BYTES);
    buf_init(&room, LINE_MAX_BYTES);
    bool good = prover_prove(p, id, proof_text, &entry, f) &&
                (proof_parts(buf_span(&entry), &room, &leaf, &images) ||
                 fail(f, EXIT_INTERNAL, "the entry is larger than can be shown"));
    if (good && mkdir(folder, 0700) != 0 && errno != EEXIST)
        good = fail(f, EXIT_USAGE, "%.300s: cannot be made: %s", folder, strerror(errno));
    good = good && write_file(folder, "entry", leaf, f) &&
           (images.p ? write_file(folder, "images", images, f) : remove_file(folder, "images", f)) &&
           write_file(folder, "proof", span_of(proof_text), f);
    buf_free(&entry);
    buf_free(&room);
    return good;
}

bool audit_prove(command_session *s, const command_line *line, failure *f)
{
    uint64_t id;
    if (line->words != 4 || !trail_number(line->word[2], &id) || id == 0)
        return fail(f, EXIT_USAGE, "audit prove: the number of an entry and a folder are expected");
    prover *p = prover_open(s->pg, f);
    bool good = p && prove_into(p, id, line->word[3], f);
    prover_close(p);
    if (good)
        (void)printf("Entry and proof are in %s. To check them without the database:\n"
                     "  ekok audit check %s --keys FILE\n",
                     line->word[3], line->word[3]);
    return good;
}

static bool read_file(const char *folder, const char *name, buf *out, failure *f)
{
    char path[PATH_TEXT], piece[16384];
    size_t n;
    if (!path_in(folder, name, path, f))
        return false;
    FILE *in = fopen(path, "re");
    bool good = in != NULL;
    while (good && (n = fread(piece, 1, sizeof piece, in)) > 0)
        good = buf_add(out, piece, n);
    good = good && !ferror(in);
    if (in)
        (void)fclose(in);
    return good || fail(f, EXIT_USAGE, "%.300s: cannot be read", path);
}

/* Images are checked where the folder holds them: an entry whose images were erased is proved without. */
static bool check_images(const char *folder, span leaf, bool *shown, failure *f)
{
    char path[PATH_TEXT];
    buf images;
    if (!path_in(folder, "images", path, f))
        return false;
    *shown = access(path, F_OK) == 0;
    if (!*shown)
        return true;
    buf_init(&images, LINE_MAX_BYTES);
    bool good = read_file(folder, "images", &images, f) && proof_images_hold(leaf, buf_span(&images), f);
    buf_free(&images);
    return good;
}

bool audit_check(const command_line *line, failure *f)
{
    buf entry, text;
    bool shown = false;
    checkpoint head;
    key_list keys = {.count = 0};
    char number[NUMBER_TEXT];
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "audit check: the folder of an entry and its proof is expected");
    buf_init(&entry, LINE_MAX_BYTES);
    buf_init(&text, PROOF_TEXT);
    bool good = read_keys(line, &keys, f) && read_file(line->word[2], "entry", &entry, f) &&
                read_file(line->word[2], "proof", &text, f) &&
                proof_text_holds(buf_span(&text), buf_span(&entry), &keys, &head, f) &&
                check_images(line->word[2], buf_span(&entry), &shown, f);
    if (good)
        (void)printf("The entry is one of the first %s that %s signed.\n%s",
                     text_number((int64_t)head.head.size, number), head.origin,
                     shown ? "The images are those that it was sealed with.\n" : "");
    buf_free(&entry);
    buf_free(&text);
    return good;
}

bool audit_init_key(const command_line *line, failure *f)
{
    char path[PATH_TEXT], text[PUBLIC_KEY_TEXT];
    if (line->words != 4)
        return fail(f, EXIT_USAGE, "keys init-audit: a name and one file name are expected");
    if (!signer_create(line->word[3], line->word[2], f))
        return false;
    signer *s = signer_open(line->word[3], f);
    if (!s)
        return false;
    public_key_write(signer_public(s), text);
    signer_close(s);
    int n = snprintf(path, sizeof path, "%s.pub", line->word[3]);
    FILE *out = n < (int)sizeof path ? fopen(path, "wxe") : NULL;
    bool good = out && fprintf(out, "%s\n", text) > 0 && fchmod(fileno(out), 0644) == 0;
    if (out && fclose(out) != 0)
        good = false;
    if (!good)
        return fail(f, EXIT_KEYS, "%.300s: cannot be written; the public key is %s", path, text);
    (void)printf("New key in %s, readable by you alone; its public half in %s.\n"
                 "Give the public half to every auditor: it is what checkpoints are checked with.\n"
                 "Next: ekok-sealer --key %s\n",
                 line->word[3], path, line->word[3]);
    return true;
}
