/*
 * source_path.h - what a dotted path into a record may look like: "address.union", "phones.0", "ব্যক্তি.নাম".
 */
#ifndef ETL_CONFIG_SOURCE_PATH_H
#define ETL_CONFIG_SOURCE_PATH_H

#include "base/span.h"

enum { SOURCE_PATH_MAX = 159 }; /* bytes; a longer path is never found in a record */

/*
 * Letters of any script, digits, '_', '-' in parts joined by '.'; no part is empty. The bytes are valid UTF-8 already.
 */
bool source_path_valid(span path);

#endif
