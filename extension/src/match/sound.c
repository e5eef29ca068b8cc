/*
 * sound.c - keys and similarity of names as SQL functions, and the operators ~% and <~>.
 *
 * No text makes any of them fail, so that one strange row never ends a query over a million: what is no name is
 * similar to nothing, itself included, and has no key (NULL). So is Bijoy text that was not converted, where its
 * symbols give it away; of letters alone it is Latin: only from_bijoy can say what was meant, and whether.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "argument.h"
#include "setting.h"

PG_FUNCTION_INFO_V1(sound_key);
PG_FUNCTION_INFO_V1(sound_equal_key);
PG_FUNCTION_INFO_V1(sound_similarity);
PG_FUNCTION_INFO_V1(sound_distance);
PG_FUNCTION_INFO_V1(sound_alike);
PG_FUNCTION_INFO_V1(sound_explain);

typedef size_t (*key_writer)(const ekok_name *name, char *out, size_t room);

static Datum key_of(FunctionCallInfo fcinfo, key_writer write)
{
    char key[EKOK_NAME_KEYS_TEXT];
    const ekok_name *name = ekok_name_argument(fcinfo, 0);
    size_t length = name == NULL ? 0 : write(name, key, sizeof key);

    if (length == 0)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text_with_len(key, (int)length));
}

Datum sound_key(PG_FUNCTION_ARGS)
{
    return key_of(fcinfo, ekok_name_key_text);
}

Datum sound_equal_key(PG_FUNCTION_ARGS)
{
    return key_of(fcinfo, ekok_name_equal_key);
}

Datum sound_similarity(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT4(ekok_arguments_similarity(fcinfo));
}

Datum sound_distance(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT4(1.0f - ekok_arguments_similarity(fcinfo));
}

Datum sound_alike(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(ekok_arguments_alike(fcinfo, (float4)ekok_sound_threshold));
}

static const char *note_text(ekok_name_note note)
{
    switch (note) {
    case EKOK_NAME_SAME_SOUND:
        return "same sound";
    case EKOK_NAME_NEAR_SOUND:
        return "near sound";
    case EKOK_NAME_INITIAL_OF:
        return "initial of the other";
    case EKOK_NAME_ALONE:
        return "met nothing";
    case EKOK_NAME_LEFT_OUT:
        return "may be left out";
    case EKOK_NAME_SEX_DIFFERS:
        return "names of a man and a woman";
    case EKOK_NAME_TWO_KNOWN:
        return "two common names";
    case EKOK_NAME_RUN_TOGETHER:
        return "whole names, words joined";
    }
    return "unknown";
}

/* The word of a line's side; NULL, with *missing set, where the line has none. */
static Datum word_of(const ekok_name *name, uint8_t index, bool *missing)
{
    *missing = index >= name->tokens;
    if (*missing)
        return (Datum)0;
    const ekok_name_token *token = &name->token[index];
    return PointerGetDatum(cstring_to_text_with_len(token->text, token->bytes));
}

Datum sound_explain(PG_FUNCTION_ARGS)
{
    enum { COLUMNS = 5 /* word_a, word_b, similarity, weight, note */ };
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    const ekok_name *a = ekok_name_argument(fcinfo, 0);
    const ekok_name *b = ekok_name_argument(fcinfo, 1);
    ekok_name_line lines[EKOK_NAME_LINES_MAX];

    /* InitMaterializedSRF leaves fn_extra alone. */
    InitMaterializedSRF(fcinfo, 0);
    size_t count = a == NULL || b == NULL ? 0 : ekok_name_explain(a, b, lines, EKOK_NAME_LINES_MAX);
    for (size_t i = 0; i < count; i++) {
        bool nulls[COLUMNS] = {false};
        Datum values[COLUMNS] = {word_of(a, lines[i].a, &nulls[0]), word_of(b, lines[i].b, &nulls[1]),
                                 Float4GetDatum(lines[i].similarity), Float4GetDatum(lines[i].weight),
                                 CStringGetTextDatum(note_text(lines[i].note))};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return (Datum)0;
}
