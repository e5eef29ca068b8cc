/* images.c - see images.h. */
#include "trace/images.h"

bool images_judge(merkle_hasher *hasher, const span value[TRAIL_FIELDS], images_state *out)
{
    const span said = value[TRAIL_COMMITMENT], salt = value[TRAIL_SALT];
    salted_images images = {.old = value[TRAIL_OLD], .after = value[TRAIL_NEW]};
    tree_hash made;
    *out = IMAGES_DIFFER;
    if (!said.p)
        *out = salt.p ? IMAGES_DIFFER : IMAGES_SEALED_THEMSELVES;
    else if (!salt.p)
        *out = images.old.p || images.after.p ? IMAGES_DIFFER : IMAGES_DESTROYED;
    else if (said.n == sizeof made.b && salt.n == sizeof images.salt) {
        memcpy(images.salt, salt.p, sizeof images.salt);
        if (!merkle_commitment(hasher, &images, &made))
            return false;
        *out = memcmp(said.p, made.b, sizeof made.b) == 0 ? IMAGES_FIT : IMAGES_DIFFER;
    }
    return true;
}
