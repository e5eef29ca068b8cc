/*
 * json_page.h - a page of JSON: framing (frame.h) and yajl (record.h) together. Promises what decode.h promises; one
 * state serves the formats json and spdci, which looks into its envelope at the end.
 */
#ifndef ETL_DECODE_JSON_PAGE_H
#define ETL_DECODE_JSON_PAGE_H

#include "decode/format.h"

typedef struct json_page json_page;

json_page *json_page_open(decode_out *out); /* NULL: out of memory */
frame_result json_page_feed(json_page *page, span bytes, decode_loss *loss);
frame_result json_page_end(json_page *page, decode_loss *loss);
bool json_page_envelope(const json_page *page, int i, span *text);
void json_page_excuse(json_page *page); /* from now on the array of records may be absent */
void json_page_close(json_page *page);

#endif
