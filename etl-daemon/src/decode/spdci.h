/*
 * spdci.h - messages of SP-DCI 1.0.0 that answer a search: {"signature", "header", "message": {"search_response":
 * [{"status", "data": {"reg_records": [...]}, "pagination": {"page_number", "page_size", "total_count"}}]}}.
 *
 * Promises the registry records as records, pagination.total_count as the total, and one line for a rejected, pending
 * or encrypted message. Refuses a message that answers more than one search, lest the others be lost, and records
 * that are not an array.
 */
#ifndef ETL_DECODE_SPDCI_H
#define ETL_DECODE_SPDCI_H

#include "base/span.h"

#define SPDCI_TOTAL "message.search_response.0.pagination.total_count"

/*
 * The text of the member "signature" of the message as it stands on the page: a JWS has no character that JSON
 * escapes. False: there is none, there are two, or it holds an escape.
 */
MUST_CHECK bool spdci_signature(span page, span *signature);

#endif
