/*
 * xlsx_xml.h - XML of a workbook's part, through expat, piece by piece.
 *
 * Promises that a parser takes at most XLSX_XML_MEMORY bytes whatever it is given (names, nesting, a tag without end),
 * and no document type, so no entities of anybody's. Names are compared without their prefix. A handler may pause
 * the parse; xlsx_xml_run then goes on where it stood.
 */
#ifndef ETL_DECODE_XLSX_XML_H
#define ETL_DECODE_XLSX_XML_H

#include <expat.h>

#include "decode/xlsx_zip.h"

enum { XLSX_XML_MEMORY = 2 << 20 };

typedef struct {
    void (*start)(void *context, const char *name, const char **attribute); /* name without prefix */
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *text, int count); /* may be NULL */
    void *context;
} xlsx_handlers;

typedef struct {
    XML_Parser parser;
    xlsx_part part;
    xlsx_handlers handlers;
    const char *problem; /* set by a handler or here */
    bool paused, last;
} xlsx_xml;

typedef enum { XML_PAUSED, XML_END, XML_BROKEN } xml_step;

/* False: x->problem. Close it in any case. */
MUST_CHECK bool xlsx_xml_open(xlsx_xml *x, xlsx_zip *z, const char *name, uint64_t ceiling,
                              const xlsx_handlers *handlers);
xml_step xlsx_xml_run(xlsx_xml *x);
void xlsx_xml_close(xlsx_xml *x);

void xlsx_xml_pause(xlsx_xml *x);                       /* from a handler */
void xlsx_xml_refuse(xlsx_xml *x, const char *problem); /* from a handler; static text */

/* The attribute of that name without its prefix; NULL when absent. */
const char *xlsx_attribute(const char **attribute, const char *name);

#endif
