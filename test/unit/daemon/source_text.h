/*
 * source_text.h - a good definition of a source as a text, written to a file and read with one thing exchanged.
 */
#ifndef TEST_SOURCE_TEXT_H
#define TEST_SOURCE_TEXT_H

#include "config/source_def.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/ekok-test-source-XXXXXX";
static source_def def; /* 110 kB: not for the stack */

static const char GOOD[] =
    "{\"source\": {\"name\": \"dss\", \"title\": \"সমাজসেবা অধিদপ্তর\",\n"
    " \"url\": \"https://localhost:8443/api/v1\", \"rows\": \"data.items\"},\n"
    " \"paging\": {\"size_param\": \"per_page\", \"style\": \"page\", \"size\": 500, \"page_param\": "
    "\"page\"},\n"
    " \"map\": {\"record_id\": \"id\", \"programme\": \"scheme.code\", \"name_bn\": \"ব্যক্তি.নাম\",\n"
    "  \"geo\": \"address.district + address.upazila\", \"wallet\": \"pay.no when pay.kind = mobile "
    "money\",\n"
    "  \"wallet_provider\": [\"'BKASH' when pay.kind='b k'\", \"'NAGAD'\"], \"birth_date\": \"dob-1\"},\n"
    " \"values\": {\"sex\": {\"পুরুষ\": \"male\", \"F\": \"female\"}},\n"
    " \"format\": {\"birth_date\": \"dd/mm/yyyy\"}}\n";

static bool read_text(const char *text, size_t size, failure *f)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, size, out), size);
    fclose(out);
    *f = (failure){EXIT_DONE, ""};
    return source_def_read(path, &def, f);
}

/* GOOD with its first `old` exchanged. */
static bool read_changed(const char *old, const char *new, failure *f)
{
    static char text[100000];
    const char *at = strstr(GOOD, old);
    assert_non_null(at);
    int n = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - GOOD), GOOD, new, at + strlen(old));
    return read_text(text, (size_t)n, f);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

#endif
