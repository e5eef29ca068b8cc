/*
 * spdci.h - messages of SP-DCI 1.0.0 that answer a search: {"signature", "header", "message": {"search_response":
 * [{"status", "data": {"reg_records": [...]}, "pagination": {"page_number", "page_size", "total_count"}}]}}.
 *
 * Promises the registry records as records, pagination.total_count as the total, what the message says of itself as
 * envelope values, and one line for a rejected, pending or encrypted message. One rejection is no loss: that there is
 * no such page (rjct.pagination.invalid) is told as a page without records, since it can be the end of a listing.
 * Refuses a message that answers more than one search, lest the others be lost, and records that are not an array.
 */
#ifndef ETL_DECODE_SPDCI_H
#define ETL_DECODE_SPDCI_H

#include "base/span.h"

#define SPDCI_TOTAL "message.search_response.0.pagination.total_count"

/* What the message says of itself, as envelope values. */
enum {
    SPDCI_SENDER = 2, /* behind total and next */
    SPDCI_RECEIVER,
    SPDCI_TIME,
    SPDCI_TRANSACTION,
    SPDCI_REFERENCE,
    SPDCI_PAGE,
    SPDCI_REASON /* of the search: status_reason_code */
};
#define SPDCI_NO_SUCH_PAGE "rjct.pagination.invalid"

/*
 * The text of the member "signature" of the message as it stands on the page: a JWS has no character that JSON
 * escapes. False: there is none, there are two, or it holds an escape.
 */
MUST_CHECK bool spdci_signature(span page, span *signature);

#endif
