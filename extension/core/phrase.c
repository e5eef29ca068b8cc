/* phrase.c - see phrase.h. */
#include "phrase.h"

ekok_phrase ekok_phrase_begin(char *text, size_t size)
{
    text[0] = '\0';
    return (ekok_phrase){.text = text, .size = size};
}

void ekok_phrase_put(ekok_phrase *phrase, const char *string)
{
    size_t length = 0;

    while (string[length] != '\0') {
        length++;
    }
    if (phrase->full || length >= phrase->size - phrase->n) {
        phrase->full = true;
        return;
    }
    for (size_t i = 0; i <= length; i++) {
        phrase->text[phrase->n + i] = string[i];
    }
    phrase->n += length;
}

void ekok_phrase_put_bengali(ekok_phrase *phrase, const char *digits)
{
    for (; *digits != '\0'; digits++) {
        const char bengali[] = {'\xE0', '\xA7', (char)('\xA6' + (*digits - '0')), '\0'}; /* U+09E6 is 0 */
        ekok_phrase_put(phrase, bengali);
    }
}

void ekok_phrase_put_number(ekok_phrase *phrase, unsigned number)
{
    char digits[12];
    char *at = digits + sizeof digits - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    ekok_phrase_put(phrase, at);
}
