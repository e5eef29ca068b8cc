/*
 * xlsx_xml.c - see xlsx_xml.h. expat's memory functions have no context: what a thread's parsers hold is counted in a
 * variable of the thread, and a thread reads one workbook at a time.
 */
#include "decode/xlsx_xml.h"

#include <stdlib.h>

enum { PIECE = 16384, HEAD = 16 };

static _Thread_local size_t held;

static void *take(size_t size)
{
    size_t *block;

    if (size > XLSX_XML_MEMORY || held + size + HEAD > XLSX_XML_MEMORY ||
        (block = malloc(size + HEAD)) == NULL) {
        return NULL;
    }
    *block = size + HEAD;
    held += size + HEAD;
    return (char *)block + HEAD;
}

static void give_back(void *p)
{
    if (p != NULL) {
        size_t *block = (size_t *)(void *)((char *)p - HEAD);
        held -= *block;
        free(block);
    }
}

static void *resize(void *p, size_t size)
{
    void *larger = size > 0 || p == NULL ? take(size) : NULL;

    if (p != NULL && larger != NULL) {
        size_t have = *(size_t *)(void *)((char *)p - HEAD) - HEAD;
        memcpy(larger, p, have < size ? have : size);
    }
    if (larger != NULL || size == 0) {
        give_back(p);
    }
    return larger;
}

static const char *local(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attribute)
{
    xlsx_xml *x = data;
    if (x->problem == NULL) {
        x->handlers.start(x->handlers.context, local(name), attribute);
    }
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    xlsx_xml *x = data;
    if (x->problem == NULL) {
        x->handlers.end(x->handlers.context, local(name));
    }
}

static void XMLCALL on_text(void *data, const XML_Char *text, int count)
{
    xlsx_xml *x = data;
    if (x->problem == NULL && x->handlers.text != NULL) {
        x->handlers.text(x->handlers.context, text, count);
    }
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *pub,
                               int internal)
{
    (void)name;
    (void)system;
    (void)pub;
    (void)internal;
    xlsx_xml_refuse(data, "a part of the workbook declares a document type, which Excel never does");
}

bool xlsx_xml_open(xlsx_xml *x, xlsx_zip *z, const char *name, uint64_t ceiling,
                   const xlsx_handlers *handlers)
{
    static const XML_Memory_Handling_Suite memory = {take, resize, give_back};

    *x = (xlsx_xml){.handlers = *handlers};
    if (!xlsx_part_open(z, name, ceiling, &x->part)) {
        x->problem = x->part.problem;
        return false;
    }
    x->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (x->parser == NULL) {
        x->problem = "out of memory";
        return false;
    }
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    return true;
}

void xlsx_xml_close(xlsx_xml *x)
{
    if (x->parser != NULL) {
        XML_ParserFree(x->parser);
        x->parser = NULL;
    }
    xlsx_part_close(&x->part);
}

void xlsx_xml_pause(xlsx_xml *x)
{
    x->paused = true;
    (void)XML_StopParser(x->parser, XML_TRUE);
}

void xlsx_xml_refuse(xlsx_xml *x, const char *problem)
{
    if (x->problem == NULL) {
        x->problem = problem;
        (void)XML_StopParser(x->parser, XML_FALSE);
    }
}

static enum XML_Status feed(xlsx_xml *x)
{
    char *piece = XML_GetBuffer(x->parser, PIECE);
    int n = piece != NULL ? xlsx_part_read(&x->part, piece, PIECE) : -1;

    if (n < 0) {
        x->problem = piece == NULL ? "a part of the workbook is not XML of a bearable size" : x->part.problem;
        return XML_STATUS_ERROR;
    }
    x->last = n == 0;
    return XML_ParseBuffer(x->parser, n, x->last);
}

xml_step xlsx_xml_run(xlsx_xml *x)
{
    enum XML_Status status = XML_STATUS_OK;

    if (x->paused) {
        x->paused = false;
        status = XML_ResumeParser(x->parser);
    }
    while (status == XML_STATUS_OK && !x->last && x->problem == NULL) {
        status = feed(x);
    }
    if (status == XML_STATUS_SUSPENDED && x->problem == NULL) {
        return XML_PAUSED;
    }
    if (status != XML_STATUS_OK && x->problem == NULL) {
        x->problem = XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY
                         ? "a part of the workbook is not XML of a bearable size"
                         : "a part of the workbook is not well-formed XML";
    }
    return x->problem != NULL ? XML_BROKEN : XML_END;
}

const char *xlsx_attribute(const char **attribute, const char *name)
{
    for (; *attribute != NULL; attribute += 2) {
        if (strcmp(local(attribute[0]), name) == 0) {
            return attribute[1];
        }
    }
    return NULL;
}
