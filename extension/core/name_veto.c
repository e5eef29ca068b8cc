/*
 * name_veto.c - a man's name and a woman's; two common names, unless one may be a spelling of the other.
 */
#include "name_veto.h"

#include <stdbool.h>

#include "name_known.h"
#include "name_phone.h"
#include "name_vowel.h"

static const uint16_t SEX_FLOOR = 7000; /* words less near than this differ by more than by sex */

static bool is_front(uint8_t phone)
{
    return phone == PHONE_I || phone == PHONE_AI || phone == PHONE_Y;
}

/* The same sounds but for an a at the end, as Rahim and Rahima, or as Zaki and Zakia. */
static bool differ_by_sex(const ekok_name_token *a, const ekok_name_token *b)
{
    const ekok_name_token *longer = a->phones > b->phones ? a : b;
    const ekok_name_token *shorter = longer == a ? b : a;

    if (longer->phones == shorter->phones) {
        return false;
    }
    uint8_t last = longer->phone[longer->phones - 1], end = shorter->phone[shorter->phones - 1];
    if (last == PHONE_A && is_front(end)) {
        return is_front(longer->phone[longer->phones - 2]);
    }
    return last == PHONE_FINAL_A && end != PHONE_FINAL_A && !ekok_phone_is_vowel(end);
}

ekok_name_note ekok_veto_on(const ekok_name_token *a, const ekok_name_token *b, uint16_t value)
{
    ekok_known_relation relation = ekok_known_related(a->known, b->known);

    if (value >= SEX_FLOOR && relation != EKOK_KNOWN_ONE && differ_by_sex(a, b)) {
        return EKOK_NAME_SEX_DIFFERS;
    }
    if (relation == EKOK_KNOWN_APART ||
        (relation == EKOK_KNOWN_TWO &&
         !ekok_vowels_alternate((ekok_sounds){a->phone, a->phones}, (ekok_sounds){b->phone, b->phones}))) {
        return EKOK_NAME_TWO_KNOWN;
    }
    return EKOK_NAME_NEAR_SOUND;
}
