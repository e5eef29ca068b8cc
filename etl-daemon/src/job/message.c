/* message.c - see message.h. */
#include "job/message.h"

#include <time.h>

#include "decode/spdci.h"
#include "source/search.h"

bool message_open(const job_task *task, span body, buf *payload, failure *f)
{
    span token;
    if (!spdci_signature(body, &token))
        return fail(f, EXIT_PARTIAL, "the message has no signature; see source.signer");
    return jws_open(task->signer, token, payload, f);
}

static span said_at(const cell *reader, int i)
{
    span text;
    return cell_envelope(reader, i, &text) ? text : (span){NULL, 0};
}

bool message_answers(const cell *reader, const paging *at, failure *f)
{
    const search_said said = {.sender = said_at(reader, SPDCI_SENDER),
                              .receiver = said_at(reader, SPDCI_RECEIVER),
                              .time = said_at(reader, SPDCI_TIME),
                              .transaction = said_at(reader, SPDCI_TRANSACTION),
                              .reference = said_at(reader, SPDCI_REFERENCE),
                              .page = said_at(reader, SPDCI_PAGE),
                              .reason = said_at(reader, SPDCI_REASON)};
    return at->def->format != FORMAT_SPDCI || search_answers(at, &said, time(NULL), f);
}
