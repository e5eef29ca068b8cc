/*
 * agent.h - what is said to the key agent and by it: messages of eight bytes of head and a bounded payload, numbers
 * big-endian, texts behind their length. Both the daemon's programs and the extension speak it through this file.
 *
 * Promises that reading never goes beyond what is there: once a message was too short, or a text too long, it stays
 * not whole, and everything taken from it is empty. Refuses another version, and a head with bits that mean nothing.
 *
 * A request gets one answer, on the same connection, in order:
 *   BATCH     operations one behind the other                      SEALED  their results, one behind the other
 *     'S'     table, column, row id, clear (u32)                           sealed value: clear + 45 bytes
 *     'T'     purpose (u8), subject (u32)                                  token: 16 bytes
 *     'R'     table, column, record (u32)                                  its MAC, 16 bytes, and sealed under that
 *     'M'     version (u32), content (u32)                                 its MAC by that version of the key
 *     'V'     version (u32), then as 'R'                                   as 'R', the MAC by that version
 *   FIND      kind ("token_nid"), subject, user, role, why, case  TOKEN   16 bytes; of each version of the key that
 *             tokens may stand under, the active one's first
 *   OPEN      table, column, row id, why, case, sealed (u32)       VALUE   what was sealed
 *   IDENTITY  nothing                                              KEYS    a purpose: count (u8), then a version:
 *                                                                          version (u32), state (u8), commitment (32)
 *   STATUS    nothing                                              TEXT    lines, key=value
 *   RELEASE   who was locked, why                                  TEXT    nothing
 *   FACTOR    login, the secret of a second factor (u32),         FACTOR  it sealed (u32), and in the clear (u32)
 *             empty: make one                                             where it was made
 *   CODE      login, session, code, step (u32), sealed (u32)      CODE    right: 1 (u8) and its time step (u32),
 *                                                                         a later one than that given; else 0, 0
 * or REFUSED: a code (u8) and one line for a person, which never repeats a value.
 * Texts without (u32) are at most 255 bytes behind one byte of length.
 */
#ifndef EKOK_CORE_AGENT_H
#define EKOK_CORE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

enum {
    EKOK_AGENT_VERSION = 1,
    EKOK_AGENT_HEAD = 8,
    EKOK_AGENT_SMALL = 4096,      /* payload of anything but a batch, and of its answer */
    EKOK_AGENT_BATCH = 256 << 10, /* payload of a batch, as it is gathered */
    EKOK_AGENT_LARGE = (9 << 20), /* of a batch of one large value: a page that cannot be decoded */
    EKOK_AGENT_TOKEN = 16,
    EKOK_AGENT_TOKENS = 16, /* of one answer, at most */
    EKOK_AGENT_VERDICT = 5, /* bytes of an answer to CODE */
    EKOK_AGENT_WHY = 200    /* bytes of a purpose or a case */
};

typedef enum {
    EKOK_AGENT_DO_BATCH = 1,
    EKOK_AGENT_DO_FIND,
    EKOK_AGENT_DO_OPEN,
    EKOK_AGENT_DO_IDENTITY,
    EKOK_AGENT_DO_STATUS,
    EKOK_AGENT_DO_RELEASE,
    EKOK_AGENT_DO_FACTOR,
    EKOK_AGENT_DO_CODE,
    EKOK_AGENT_SAYS_SEALED = 65,
    EKOK_AGENT_SAYS_TOKEN,
    EKOK_AGENT_SAYS_VALUE,
    EKOK_AGENT_SAYS_KEYS,
    EKOK_AGENT_SAYS_TEXT,
    EKOK_AGENT_SAYS_FACTOR = 71, /* answers stand 64 above their requests; to RELEASE a TEXT is said */
    EKOK_AGENT_SAYS_CODE,
    EKOK_AGENT_SAYS_REFUSED = 127
} ekok_agent_kind;

/* Why not; scripts and SQLSTATEs depend on these numbers. */
typedef enum {
    EKOK_AGENT_NO_MESSAGE = 1, /* it cannot be read */
    EKOK_AGENT_NO_CALLER,      /* this user is nobody here, or may not do that */
    EKOK_AGENT_NO_QUOTA,       /* used up */
    EKOK_AGENT_NO_LOCKED,      /* an alarm locked the role */
    EKOK_AGENT_NO_BUSY,        /* too many connections of this caller */
    EKOK_AGENT_NO_VALUE,       /* it does not open */
    EKOK_AGENT_NO_TRACE        /* the trace cannot be written, or the library failed: nothing is answered */
} ekok_agent_no;

typedef struct {
    uint8_t kind;
    uint32_t size; /* of the payload */
} ekok_agent_head;

void ekok_agent_head_write(ekok_agent_head head, uint8_t out[EKOK_AGENT_HEAD]);
/* False: another version, or no head at all. */
bool ekok_agent_head_read(const uint8_t in[EKOK_AGENT_HEAD], ekok_agent_head *out);

/* A message that is written into memory of the caller; false once it does not fit, and then for ever. */
typedef struct {
    uint8_t *at;
    size_t size, room;
    bool whole;
} ekok_agent_out;

ekok_agent_out ekok_agent_write(uint8_t *memory, size_t room);
void ekok_agent_put_number(ekok_agent_out *to, uint32_t value, size_t bytes);
void ekok_agent_put_text(ekok_agent_out *to, ekok_span text);   /* one byte of length */
void ekok_agent_put_bytes(ekok_agent_out *to, ekok_span bytes); /* four bytes of length */

/* A message that is read. */
typedef struct {
    ekok_span rest;
    bool whole;
} ekok_agent_in;

uint32_t ekok_agent_take_number(ekok_agent_in *from, size_t bytes);
ekok_span ekok_agent_take(ekok_agent_in *from, size_t count);
ekok_span ekok_agent_take_text(ekok_agent_in *from);
ekok_span ekok_agent_take_bytes(ekok_agent_in *from);
/* Was all of it there, and nothing besides? */
bool ekok_agent_taken(const ekok_agent_in *from);

#endif
