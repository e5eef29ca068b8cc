/* images.c - see images.h. */
#include "trace/images.h"

#include "base/copy_escape.h"
#include "base/hex.h"

enum { IMAGE_MAX_BYTES = 1 << 30, HEX_TEXT = 2 * TREE_HASH_BYTES + 4 };

void images_reader_init(images_reader *r, merkle_hasher *hasher)
{
    r->hasher = hasher;
    buf_init(&r->old, IMAGE_MAX_BYTES);
    buf_init(&r->after, IMAGE_MAX_BYTES);
}

void images_reader_free(images_reader *r)
{
    buf_free(&r->old);
    buf_free(&r->after);
}

/* A bytea as COPY writes it: its backslash is doubled. */
static bool read_bytes(span field, uint8_t *out, size_t count)
{
    char text[HEX_TEXT];
    if (field.n != 2 * count + 3)
        return false;
    memcpy(text, field.p + 1, field.n - 1);
    text[field.n - 1] = '\0';
    return hex_read_bytea(text, out, count) == count;
}

static bool read_image(span field, buf *out, span *image)
{
    *image = (span){NULL, 0};
    buf_clear(out);
    if (trail_is_null(field))
        return true;
    if (!copy_unescape(field, out))
        return false;
    *image = (span){out->data, out->size};
    return true;
}

bool images_judge(images_reader *r, const span field[TRAIL_FIELDS], images_state *out)
{
    tree_hash said, made;
    salted_images images;
    if (!read_image(field[TRAIL_OLD], &r->old, &images.old) ||
        !read_image(field[TRAIL_NEW], &r->after, &images.after))
        return false;
    *out = IMAGES_DIFFER;
    if (trail_is_null(field[TRAIL_COMMITMENT]))
        *out = trail_is_null(field[TRAIL_SALT]) ? IMAGES_SEALED_THEMSELVES : IMAGES_DIFFER;
    else if (trail_is_null(field[TRAIL_SALT]))
        *out = images.old.p || images.after.p ? IMAGES_DIFFER : IMAGES_DESTROYED;
    else if (read_bytes(field[TRAIL_COMMITMENT], said.b, sizeof said.b) &&
             read_bytes(field[TRAIL_SALT], images.salt, sizeof images.salt)) {
        if (!merkle_commitment(r->hasher, &images, &made))
            return false;
        *out = memcmp(said.b, made.b, sizeof said.b) == 0 ? IMAGES_FIT : IMAGES_DIFFER;
    }
    return true;
}
