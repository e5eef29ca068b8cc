/*
 * spdci.h - a registry that speaks SP-DCI 1.0.0: an Integrated Beneficiary Registry of the Vulnerable Women Benefit,
 * asked by POST /registry/sync/search. That the programme's list stands in such a registry is an assumption of this
 * simulation.
 *
 * Its people are women of the population who are enrolled elsewhere too. It refuses what the specification lets a
 * registry refuse, with the documented codes: err.signature.* as 401; rjct.* in the header (version, message_id, time,
 * action) and in the search (criteria, filter, sort, pagination).
 */
#ifndef SIM_SPDCI_H
#define SIM_SPDCI_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "population.h"
#include "serve.h"

typedef struct spdci spdci;

spdci *spdci_new(const world *w, const serve_options *options); /* NULL: out of memory */
void spdci_free(spdci *s);

/* To be given to libmicrohttpd for each request with its whole body, which ends with a NUL. */
enum MHD_Result spdci_answer(spdci *s, struct MHD_Connection *connection, const char *url, const char *body);

#endif
