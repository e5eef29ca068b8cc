/*
 * name_phone.c - the alphabet, and the rules that turn sounds as spelt into sounds as heard, one for both scripts.
 */
#include "name_phone.h"

static const char LETTER[PHONE_COUNT] = {
#define X(name, letter, class, weight, cost) [PHONE_##name] = letter,
#include "name_phone.def"
#undef X
};

static const char CLASS[PHONE_COUNT] = {
#define X(name, letter, class, weight, cost) [PHONE_##name] = class,
#include "name_phone.def"
#undef X
};

static const uint8_t BY_LETTER[128] = {
#define X(name, letter, class, weight, cost) [letter] = PHONE_##name + 1,
#include "name_phone.def"
#undef X
};

void ekok_phones_push(ekok_phones *run, ekok_phone phone)
{
    if (run->n < EKOK_PHONES_MAX) {
        run->p[run->n++] = (uint8_t)phone;
    }
}

void ekok_phones_push_letters(ekok_phones *run, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        uint8_t phone = BY_LETTER[(unsigned char)*letters & 0x7F];

        if (phone != 0) {
            ekok_phones_push(run, (ekok_phone)(phone - 1));
        }
    }
}

char ekok_phone_letter(uint8_t phone)
{
    return LETTER[phone];
}

char ekok_phone_class(uint8_t phone)
{
    return CLASS[phone];
}

bool ekok_phone_is_vowel(uint8_t phone)
{
    return phone <= PHONE_AU;
}

bool ekok_phone_is_consonant(uint8_t phone)
{
    return phone > PHONE_NASAL;
}

/* The sound at index i, PHONE_COUNT past the end. */
static uint8_t at(const ekok_phones *run, size_t i)
{
    return i < run->n ? run->p[i] : PHONE_COUNT;
}

static bool vowel_at(const ekok_phones *run, size_t i)
{
    return i < run->n && ekok_phone_is_vowel(run->p[i]);
}

static bool is_open(uint8_t phone)
{
    return phone == PHONE_A || phone == PHONE_E || phone == PHONE_O || phone == PHONE_SCHWA ||
           phone == PHONE_AE;
}

static bool is_round(uint8_t phone)
{
    return phone == PHONE_O || phone == PHONE_U;
}

/* o or u, then perhaps a glide, then a: heard as wa (Anwar, Monoar, Barua). Sounds taken, 0 when it is none. */
static size_t take_wa(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    size_t next = i + 1;

    if (!is_round(at(raw, i))) {
        return 0;
    }
    if (at(raw, next) == PHONE_Y || at(raw, next) == PHONE_W) {
        next++;
    }
    if (at(raw, next) != PHONE_A) {
        return 0;
    }
    ekok_phones_push(out, PHONE_W);
    return next - i;
}

/* An open vowel and i or y: one diphthong, which also takes in the weak vowel behind it (Sayed, Said, Sayeed). */
static size_t take_ai(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    size_t next = i + 1;

    if (!is_open(at(raw, i)) || (at(raw, next) != PHONE_Y && at(raw, next) != PHONE_I)) {
        return 0;
    }
    while (at(raw, next) == PHONE_Y || at(raw, next) == PHONE_I) {
        next++;
    }
    if (at(raw, next) == PHONE_E || at(raw, next) == PHONE_SCHWA || at(raw, next) == PHONE_SILENT) {
        next++;
    }
    while (at(raw, next) == PHONE_I) {
        next++;
    }
    ekok_phones_push(out, PHONE_AI);
    return next - i;
}

/* An open vowel and u, o or a w that begins no syllable: Shawkat, Chowdhury, Kausar. */
static size_t take_au(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    uint8_t second = at(raw, i + 1);

    if (!is_open(at(raw, i)) || at(raw, i) == PHONE_E) {
        return 0;
    }
    if (second == PHONE_U || second == PHONE_O) {
        bool glide = at(raw, i + 2) == PHONE_Y || at(raw, i + 2) == PHONE_A;

        if (glide) { /* the o belongs to the next syllable: Nawab */
            return 0;
        }
    } else if (second != PHONE_W || (vowel_at(raw, i + 2) && at(raw, i + 2) != PHONE_U)) {
        return 0;
    }
    ekok_phones_push(out, PHONE_AU);
    return at(raw, i + 2) == PHONE_U ? 3 : 2;
}

/* A second sound of the same place behind a first: a doubled letter, or k before kh. True when it was taken in. */
static bool doubled(uint8_t phone, ekok_phones *out)
{
    uint8_t last = out->n > 0 ? out->p[out->n - 1] : PHONE_COUNT;

    if (phone == last) {
        return true;
    }
    if ((last == PHONE_P && phone == PHONE_F) || (last == PHONE_F && phone == PHONE_P)) { /* Latifpur */
        return false;
    }
    if (last == PHONE_COUNT || !ekok_phone_is_consonant(phone) || !ekok_phone_is_consonant(last)) {
        return false;
    }
    if (last == PHONE_NG && (phone == PHONE_G || phone == PHONE_GH)) {
        return true;
    }
    if (CLASS[last] == CLASS[phone] && phone != PHONE_N && phone != PHONE_NG) {
        out->p[out->n - 1] = phone;
        return true;
    }
    if (last == PHONE_CH && phone == PHONE_CHH) {
        out->p[out->n - 1] = phone;
        return true;
    }
    return false;
}

/* The last sound was written twice. Not ng: in Bengali it may be written with g behind it, in Latin it always is. */
static void mark_doubled(ekok_phones *out)
{
    uint8_t last = out->p[out->n - 1];

    if (ekok_phone_is_consonant(last) && last != PHONE_NG && out->n <= 32) {
        out->doubled |= UINT32_C(1) << (out->n - 1);
    }
}

/* Sounds whose letter makes a digraph with h, so that Latin cannot show whether a vowel parts them (Is-haq). */
static bool takes_h(uint8_t phone)
{
    return phone == PHONE_S || phone == PHONE_SH || phone == PHONE_K || phone == PHONE_G ||
           phone == PHONE_T || phone == PHONE_D || phone == PHONE_P || phone == PHONE_B || phone == PHONE_J ||
           phone == PHONE_Z;
}

static bool is_weak(uint8_t phone)
{
    return phone == PHONE_SILENT || phone == PHONE_SCHWA;
}

/* k and s, which Latin also writes ksh and x: one sound, and a m behind it is silent (Lakshmi, Lakkhi). */
static size_t take_ks(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    size_t next = i + 1;

    if (at(raw, i) == PHONE_K) {
        next += i > 0 && is_weak(at(raw, next));
        if (at(raw, next) != PHONE_S && at(raw, next) != PHONE_SH && at(raw, next) != PHONE_CHH) {
            return 0;
        }
        next++;
    } else if (at(raw, i) != PHONE_KX) {
        return 0;
    }
    next += at(raw, next) == PHONE_M;
    ekok_phones_push(out, PHONE_KX);
    return next - i;
}

/* n and g with nothing heard between them are ng, as Latin cannot part them; not in the nagar of places. */
static size_t take_ng(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    size_t next = i + 1;

    if (at(raw, i) != PHONE_N) {
        return 0;
    }
    next += i > 0 && is_weak(at(raw, next));
    if ((at(raw, next) != PHONE_G && at(raw, next) != PHONE_GH) ||
        (at(raw, next + 1) == PHONE_SCHWA && at(raw, next + 2) == PHONE_R)) {
        return 0;
    }
    ekok_phones_push(out, PHONE_NG);
    return next + 1 - i;
}

/* h behind a vowel, and a short a or o that is not heard before the next syllable: Rahman, Rahaman; Mahbub, Mahabub. */
static size_t take_h(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    uint8_t vowel = at(raw, i + 1);
    bool short_vowel = is_weak(vowel) || vowel == PHONE_A || vowel == PHONE_O;

    if (at(raw, i) != PHONE_H || i == 0 || !vowel_at(raw, i - 1) || !short_vowel || i + 3 >= raw->n ||
        !ekok_phone_is_consonant(raw->p[i + 2]) || raw->p[i + 3] == PHONE_SILENT) {
        return 0;
    }
    ekok_phones_push(out, PHONE_CODA_H);
    if (!is_weak(vowel)) {
        ekok_phones_push(out, PHONE_SILENT);
    }
    return 2;
}

/* Several sounds that are heard as one; how many were taken, 0 when there are none. */
static size_t take_several(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    uint8_t phone = raw->p[i];
    size_t taken = 0;

    if (phone == PHONE_K || phone == PHONE_KX) {
        return take_ks(raw, i, out);
    }
    if (phone == PHONE_N) {
        return take_ng(raw, i, out);
    }
    if (phone == PHONE_H) {
        return take_h(raw, i, out);
    }
    if (is_round(phone)) {
        taken = take_wa(raw, i, out);
    }
    if (taken == 0 && is_open(phone)) {
        taken = take_ai(raw, i, out);
    }
    return taken == 0 && is_open(phone) ? take_au(raw, i, out) : taken;
}

/* One sound, or the first of several that are heard as one; how many were taken. */
static size_t take(const ekok_phones *raw, size_t i, ekok_phones *out)
{
    uint8_t phone = raw->p[i];
    size_t taken = take_several(raw, i, out);

    if (taken > 0) {
        return taken;
    }
    if (phone == PHONE_H && i > 0 && i + 1 < raw->n && ekok_phone_is_consonant(raw->p[i + 1])) {
        phone = PHONE_CODA_H;
    }
    if (phone == PHONE_H && i > 1 && (raw->p[i - 1] == PHONE_SCHWA || raw->p[i - 1] == PHONE_SILENT) &&
        takes_h(raw->p[i - 2])) {
        phone = PHONE_CODA_H;
    }
    if (phone == PHONE_Y && i > 0 && ekok_phone_is_consonant(raw->p[i - 1]) && raw->p[i - 1] != PHONE_R) {
        uint8_t next = at(raw, i + 1);
        if (next == PHONE_A || next == PHONE_E) {
            ekok_phones_push(out, next == PHONE_A ? PHONE_AE : PHONE_AI);
            return 2;
        }
    }
    if (phone == PHONE_W && i == 0 && at(raw, 1) == PHONE_H) { /* Latin wh */
        ekok_phones_push(out, PHONE_W);
        return 2;
    }
    bool glide = phone == PHONE_Y && out->n > 0 && out->p[out->n - 1] == PHONE_I && vowel_at(raw, i + 1);
    if (!glide && !doubled(phone, out)) {
        ekok_phones_push(out, (ekok_phone)phone);
    } else if (!glide) {
        mark_doubled(out);
    }
    return 1;
}

/* The a behind nd, nt, tr and their like is as often the inherent vowel of a conjunct (Ananda) as an ending. */
static bool ends_conjunct(const ekok_phones *run)
{
    uint8_t last = run->p[run->n - 2];
    bool stop = last >= PHONE_T && last <= PHONE_DH;

    return (stop || last == PHONE_R || last == PHONE_P || last == PHONE_B) &&
           ekok_phone_is_consonant(run->p[run->n - 3]);
}

void ekok_phones_settle(const ekok_phones *raw, ekok_phones *out)
{
    out->n = 0;
    out->doubled = 0;
    for (size_t i = 0; i < raw->n;) {
        i += take(raw, i, out);
    }
    if (out->n > 1 && out->p[out->n - 1] == PHONE_H && out->p[out->n - 2] == PHONE_A) {
        out->n--;
    }
    if (out->n > 2 && out->p[out->n - 1] == PHONE_A && ekok_phone_is_consonant(out->p[out->n - 2]) &&
        !ends_conjunct(out)) {
        out->p[out->n - 1] = PHONE_FINAL_A;
    }
}
