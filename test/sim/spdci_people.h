/*
 * spdci_people.h - whom the SP-DCI registry lists, and each of them as it writes them down. 8 bytes a listed person.
 */
#ifndef SIM_SPDCI_PEOPLE_H
#define SIM_SPDCI_PEOPLE_H

#include "json.h"
#include "population.h"

typedef struct {
    const world *w;
    uint64_t *person;
    size_t count;
} spdci_people;

bool spdci_people_find(const world *w, spdci_people *out); /* false: out of memory */
void spdci_people_free(spdci_people *people);

/* The n-th of them as a Beneficiary. */
void spdci_people_write(const spdci_people *people, size_t n, json *out);

#endif
