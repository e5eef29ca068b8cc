/*
 * message.h - what a signed message adds to a page: its signature is opened before it is decoded, and afterwards it is
 * asked whether it answers what was asked.
 */
#ifndef ETL_JOB_MESSAGE_H
#define ETL_JOB_MESSAGE_H

#include "cell/cell.h"
#include "job/job.h"
#include "source/paging.h"

/*
 * The clear part of a signed message is not looked at: what is read is what is signed. Appends it to payload, which the
 * caller wipes. False: EXIT_PARTIAL.
 */
MUST_CHECK bool message_open(const job_task *task, span body, buf *payload, failure *f);

/* Of a page that was read whole, in any format. False: EXIT_PARTIAL; nothing of it may be taken. */
MUST_CHECK bool message_answers(const cell *reader, const paging *at, failure *f);

#endif
