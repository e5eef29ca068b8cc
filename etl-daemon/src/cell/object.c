/*
 * object.c - see object.h. An object travels as a page that is an array of it, so that one way of reading serves both;
 * what closes that array from within makes more, or less, than one record, and is refused.
 */
#include "cell/object.h"

static cell_answer read_in_cell(void *who, const decode_options *options, span page, failure *f)
{
    return cell_decode(who, options, page, f);
}

page_reader cell_reader(cell *c)
{
    return (page_reader){read_in_cell, c};
}

cell_answer page_read(const page_reader *reader, const decode_options *options, span page,
                      void (*begin)(void *context), failure *f)
{
    cell_answer answer = CELL_DIED;
    for (int tries = 0; answer == CELL_DIED && tries < OBJECT_TRIES; tries++) {
        begin(options->context);
        answer = reader->read(reader->who, options, page, f);
    }
    return answer;
}

/* What came of it is kept until it is known to be all. */
typedef struct {
    object_fn take;
    void *context;
    int records;
    const reason_list *damaged;
    const char *problem;
} object;

static void begin(void *context)
{
    object *o = context;
    o->records = 0;
    o->problem = NULL;
}

/* The array is read to its end behind the first record, so what is handed over is taken back by a second one. */
static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    object *o = context;
    if (o->records++ > 0)
        o->problem = "it is more than one object";
    else if (damaged->count > 0)
        o->problem = reason_text(damaged->item[0].code);
    else
        o->take(o->context, record);
    return o->problem == NULL;
}

bool object_read(const page_reader *reader, span body, object_fn take, void *context, failure *f)
{
    object o = {.take = take, .context = context};
    const decode_options options = {.format = FORMAT_JSON,
                                    .rows_path = "",
                                    .row_bytes = OBJECT_MAX,
                                    .on_record = on_record,
                                    .context = &o};
    buf page;
    if (body.n > OBJECT_MAX)
        return fail(f, EXIT_PARTIAL, "the answer is longer than one is");
    buf_init(&page, OBJECT_MAX + 2);
    if (!buf_reserve(&page, OBJECT_MAX + 2) || !buf_add_char(&page, '[') || !buf_add(&page, body.p, body.n) ||
        !buf_add_char(&page, ']')) {
        buf_free(&page);
        return fail(f, EXIT_INTERNAL, "no memory to read an answer");
    }
    cell_answer answer = page_read(reader, &options, buf_span(&page), begin, f);
    explicit_bzero(page.data, page.room);
    buf_free(&page);
    if (answer == CELL_WHOLE && o.records == 1)
        return true;
    if (answer == CELL_WHOLE || answer == CELL_STOPPED)
        return fail(f, EXIT_PARTIAL, "the answer cannot be read: %s",
                    o.problem ? o.problem : "it is no object");
    if (answer == CELL_BROKEN)
        return fail(f, EXIT_PARTIAL, "the answer cannot be read: it is no JSON object");
    return false;
}

span object_text(const raw_record *record, const char *path)
{
    const raw_field *field = raw_find(record, span_of(path));
    return field && field->type != RAW_NULL ? field->text : (span){NULL, 0};
}
