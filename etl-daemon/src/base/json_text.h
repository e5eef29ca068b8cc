/*
 * json_text.h - text as a JSON string. Bytes above 0x7F pass as they are: the caller's text is UTF-8.
 */
#ifndef ETL_BASE_JSON_TEXT_H
#define ETL_BASE_JSON_TEXT_H

#include "base/buf.h"

/* Appends the text in quotation marks, escaped as RFC 8259 asks. False when the buffer is full. */
MUST_CHECK bool json_add_string(buf *out, const char *text);

#endif
