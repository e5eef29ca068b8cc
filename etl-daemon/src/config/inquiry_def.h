/*
 * inquiry_def.h - how a system that verifies is asked, as a file says it: address, credentials, token, request, and
 * which field of the answer decides. What an answer means, quotas and validities are no matter of this file: they stand
 * in the database (registry.verification_system, registry.verification_answer).
 */
#ifndef ETL_CONFIG_INQUIRY_DEF_H
#define ETL_CONFIG_INQUIRY_DEF_H

#include "base/failure.h"

enum { INQUIRY_TEXT = 512, INQUIRY_PATH = 64, INQUIRY_RULES = 12, INQUIRY_STATUSES = 6, INQUIRY_HEADERS = 3 };

/* Holds when the path has a value (RULE_ANY), has this one (RULE_IS), or has another (RULE_NOT). */
typedef struct {
    char path[INQUIRY_PATH], value[49];
    enum { RULE_ANY, RULE_IS, RULE_NOT } kind;
} inquiry_rule;

typedef struct {
    inquiry_rule rule[INQUIRY_RULES];
    size_t count;
} inquiry_rules;

typedef struct {
    char name[32], url[256], credentials[256];
    int timeout_seconds;
    char header[INQUIRY_HEADERS][INQUIRY_TEXT];
    char grant_url[256], grant_header[2][INQUIRY_TEXT], grant_body[INQUIRY_TEXT], grant_token[INQUIRY_PATH];
    int grant_seconds;
    char envelope[INQUIRY_TEXT], item[INQUIRY_TEXT], item_10[INQUIRY_TEXT];
    char items[INQUIRY_PATH], ref[INQUIRY_PATH];
    inquiry_rules decides, refused, exhausted;
    int statuses[INQUIRY_STATUSES]; /* 0 where unused */
} inquiry_def;

/* Code EXIT_CONFIG: file, line, key, what is accepted. */
MUST_CHECK bool inquiry_def_read(const char *path, inquiry_def *out, failure *f);

#endif
