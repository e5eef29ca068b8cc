/*
 * fuzz_answer.c - any bytes as the answer of a system, with a status, to a single question and to a batch: no code ever
 * carries a long number, nobody who was not asked gets an answer, and a definition that is read is whole.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cell/object.h"
#include "verify/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static const inquiry_def single = {.decides = {{{"http", "403", RULE_IS},
                                                {"err_code", "", RULE_ANY},
                                                {"a.b", "0", RULE_NOT},
                                                {"match", "", RULE_ANY}},
                                               4},
                                   .refused = {{{"http", "401", RULE_IS}}, 1},
                                   .exhausted = {{{"http", "429", RULE_IS}}, 1},
                                   .statuses = {200, 403, 406}};

static void check_code(const char *code)
{
    size_t run = 0, n = strlen(code);
    must(n < ANSWER_CODE && (n == 0 || strchr(code, '=')));
    for (size_t i = 0; i < n; i++) {
        must((unsigned char)code[i] >= 0x20 && (unsigned char)code[i] < 0x7F && code[i] != '"' &&
             code[i] != '\\');
        run = code[i] >= '0' && code[i] <= '9' ? run + 1 : 0;
        must(run < 8);
    }
}

/* As a cell would, here: what is looked for is a bug in reading, and in what is made of it. */
static cell_answer read_here(void *who, const decode_options *options, span page, failure *f)
{
    (void)who;
    decoder *d = decoder_new(options);
    must(d != NULL);
    failure why = {.text = ""};
    bool good = decoder_feed(d, page, &why) && decoder_finish(d, &why);
    decoder_free(d);
    if (!good && why.text[0])
        *f = why;
    return good ? CELL_WHOLE : why.text[0] ? CELL_BROKEN : CELL_STOPPED;
}

static const page_reader reader = {read_here, NULL};

static void read_as(const inquiry_def *def, int status, span body, size_t count)
{
    answer_item item[3] = {{.ref = 1}, {.ref = 2}, {.ref = 3}};
    answer got = {.item = item, .count = count};
    failure f = {.text = ""};
    const answer_body came = {&reader, status, body};
    bool good = answer_read(def, &came, &got, &f);
    must(good == (f.text[0] == '\0'));
    for (size_t i = 0; i < count && good; i++) {
        check_code(item[i].code);
        must(item[i].ref == (int64_t)i + 1 || item[i].ref == -1);
    }
}

static void read_definition(span text)
{
    static inquiry_def def;
    char path[40];
    failure f = {.text = ""};
    int fd = memfd_create("def", 0);
    must(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (inquiry_def_read(path, &def, &f)) {
        must(def.name[0] && def.url[0] && def.item[0] && def.decides.count > 0 &&
             strstr(def.envelope, "${items}"));
        must((def.items[0] != '\0') == (def.ref[0] != '\0'));
        read_as(&def, 200, text, def.items[0] ? 3 : 1);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int status[] = {200, 406, 403, 401, 429, 500};
    inquiry_def batch = single;
    char text[64];
    if (size < 1)
        return 0;
    span body = {(const char *)data + 1, size - 1};
    (void)snprintf(batch.items, sizeof batch.items, "results");
    (void)snprintf(batch.ref, sizeof batch.ref, "ref");
    read_as(&single, status[data[0] % 6], body, 1);
    read_as(&batch, status[data[0] % 6], body, 3);
    failure f;
    const answer_place place = {"a.b", text, sizeof text};
    if (answer_text(&reader, body, &place, &f))
        must(strlen(text) > 0 && strlen(text) < sizeof text);
    read_definition(body);
    return 0;
}
