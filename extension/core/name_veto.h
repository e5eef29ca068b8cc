/*
 * name_veto.h - what keeps two words apart however near they sound.
 */
#ifndef EKOK_CORE_NAME_VETO_H
#define EKOK_CORE_NAME_VETO_H

#include "name.h"

/*
 * EKOK_NAME_SEX_DIFFERS, EKOK_NAME_TWO_KNOWN, or EKOK_NAME_NEAR_SOUND if nothing does. value: how near two words of
 * unlike sounds are, in ten thousandths. The same for both orders.
 */
ekok_name_note ekok_veto_on(const ekok_name_token *a, const ekok_name_token *b, uint16_t value);

#endif
