/*
 * report.c - see report.h. The texts come from the core's status.def; here is only how they are put together.
 */
#include "report.h"

void ekok_report_refusal(const ekok_kind *kind, ekok_status status)
{
    const char *message = ekok_code_message(status.code);
    const char *detail = ekok_code_detail(status.code);
    const char *hint = ekok_code_hint(status.code);

    if (status.position == 0) {
        ereport(ERROR, errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
                errmsg("invalid %s: %s", kind->name, message), errdetail("%s", detail),
                errhint("%s %s", hint, kind->usual));
    }
    ereport(ERROR, errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
            errmsg("invalid %s: %s, at character %d", kind->name, message, status.position),
            errdetail("%s", detail), errhint("%s %s", hint, kind->usual));
}

void ekok_report_refused_text(const char *what, ekok_status status)
{
    const char *message = ekok_code_message(status.code);

    ereport(ERROR, errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
            status.position == 0 ? errmsg("invalid %s: %s", what, message)
                                 : errmsg("invalid %s: %s, at character %d", what, message, status.position),
            errdetail("%s", ekok_code_detail(status.code)), errhint("%s", ekok_code_hint(status.code)));
}

void ekok_report_invalid(const char *type, const char *message, const char *hint)
{
    ereport(ERROR, errcode(ERRCODE_INVALID_TEXT_REPRESENTATION), errmsg("invalid %s: %s", type, message),
            errhint("%s", hint));
}

void ekok_report_invalid_binary(const char *type)
{
    ereport(ERROR, errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
            errmsg("invalid binary value of type %s", type),
            errdetail("The eight bytes are not a value that this type sends."),
            errhint("Check that sender and receiver use the same version of the extension."));
}
