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

static bool is_a(uint8_t phone)
{
    return phone == PHONE_A || phone == PHONE_FINAL_A;
}

/* Sounds that are heard. */
static size_t heard(const ekok_name_token *token)
{
    size_t n = 0;

    for (size_t i = 0; i < token->phones; i++) {
        n += token->phone[i] != PHONE_SILENT;
    }
    return n;
}

/*
 * The vowel behind the conjunct of Shanto is not that of Shanta. Latin may write either with an a, so only an a in
 * Bengali letters tells.
 */
static bool differ_behind_conjunct(const ekok_name_token *woman, const ekok_name_token *man)
{
    uint8_t end = man->phone[man->phones - 1];
    bool weak = end == PHONE_SILENT || end == PHONE_SCHWA || end == PHONE_O;

    return weak && ekok_in_bengali(woman) && man->phones == woman->phones && man->phones > 2 &&
           ekok_phone_is_consonant(woman->phone[woman->phones - 2]) &&
           ekok_phone_is_consonant(man->phone[man->phones - 2]);
}

/* The same sounds but for an a at the end, as Rahim and Rahima, Zaki and Zakia, Bijoy and Bijoya. */
static bool differ_by_sex(const ekok_name_token *a, const ekok_name_token *b)
{
    const ekok_name_token *woman = is_a(a->phone[a->phones - 1]) ? a : b, *man = woman == a ? b : a;
    uint8_t last = woman->phone[woman->phones - 1], end = man->phone[man->phones - 1];

    if (!is_a(last) || is_a(end)) {
        return false;
    }
    if (differ_behind_conjunct(woman, man)) {
        return true;
    }
    if (woman->phones <= man->phones && heard(woman) <= heard(man)) {
        return false;
    }
    if (is_front(end)) {
        uint8_t before = woman->phone[woman->phones - 2];
        return is_front(before) || (end == PHONE_AI && before == PHONE_W);
    }
    return last == PHONE_FINAL_A && !ekok_phone_is_vowel(end);
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
