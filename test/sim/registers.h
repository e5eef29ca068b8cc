/*
 * registers.h - the systems that are asked about people: births, SIMs, wallets, voters, lists. They speak the messages
 * and failures that are documented for each, and ours where nothing is (see sql/reference/verification_system.csv for
 * which is which); what they know comes from civil_truth.h.
 *
 * Refuses what the real ones refuse: a wrong token or key, a third bKash token within an hour (which blocks for an
 * hour). Keeps a count of what it was asked in STATE/asked and of tokens in STATE/grants, for tests: never a number.
 */
#ifndef SIM_REGISTERS_H
#define SIM_REGISTERS_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "population.h"
#include "serve.h"

typedef struct registers registers;

enum { REGISTER_BODY_MAX = 1 << 20 };

registers *registers_new(const world *w, const serve_options *options, const atomic_bool *stop);
void registers_free(registers *r);

/* To be given to libmicrohttpd for each request with its whole body, which ends with a NUL. */
enum MHD_Result registers_answer(registers *r, struct MHD_Connection *connection, const char *url,
                                 const char *body);

#endif
