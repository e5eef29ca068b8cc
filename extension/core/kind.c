/*
 * kind.c - the table of kind.def as functions over plain words. Judges nothing itself.
 */
#include "kind.h"

#define X(code, name, type, strict, mark, usual)                                                             \
    static ekok_status parse_##name(ekok_span text, uint64_t *word)                                          \
    {                                                                                                        \
        ekok_##type value = {0};                                                                             \
        ekok_status status = ekok_##type##_parse(text, &value);                                              \
        *word = value.bits;                                                                                  \
        return status;                                                                                       \
    }                                                                                                        \
    static size_t format_##name(uint64_t word, char *out)                                                    \
    {                                                                                                        \
        return ekok_##type##_format((ekok_##type){word}, out);                                               \
    }
#include "kind.def"
#undef X

static ekok_status strict_nid(uint64_t word)
{
    return ekok_nid_strict((ekok_nid){word});
}

const ekok_kind *ekok_kind_of(ekok_kind_code code)
{
    static const ekok_kind kinds[EKOK_KIND_COUNT] = {
#define X(code, name, type, strict, mark, usual)                                                             \
    [EKOK_KIND_##code] = {#name, usual, parse_##name, format_##name, strict, mark},
#include "kind.def"
#undef X
    };

    return &kinds[code];
}

bool ekok_kind_valid(const ekok_kind *kind, uint64_t word)
{
    char text[EKOK_KIND_TEXT];
    uint64_t read = 0;
    ekok_span form = {text, kind->format(word, text)};

    return kind->parse(form, &read).code == EKOK_OK && read == (word & ~kind->mark);
}

size_t ekok_kind_mask(const ekok_kind *kind, uint64_t word, char out[EKOK_KIND_TEXT])
{
    size_t length = kind->format(word, out);

    for (size_t i = 0; i + EKOK_MASK_SHOWN < length; i++) {
        if (out[i] >= '0' && out[i] <= '9') {
            out[i] = '*';
        }
    }
    return length;
}
