/*
 * source_rule.h - reads the right-hand side of one rule of map; the grammar stands in source_def.h.
 */
#ifndef ETL_CONFIG_SOURCE_RULE_H
#define ETL_CONFIG_SOURCE_RULE_H

#include "config/source_def.h"

#define SOURCE_RULE_ACCEPTED                                                                                 \
    "path, path + path, or 'text', and behind it, if wanted, in bijoy (names), when path = text"

/* NULL when *rule is filled (all but rule->to); otherwise what is wrong, static text. */
const char *source_rule_parse(const char *text, map_rule *rule);

#endif
