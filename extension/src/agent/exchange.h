/*
 * exchange.h - one question to the key agent over its Unix socket, from a backend that may be interrupted at any
 * time.
 *
 * Promises that no error names what was asked, and that no statement that asked is written to the server's log by
 * an error; that the socket is closed and the memory wiped, however it ends. Settings: ekok.agent_socket,
 * ekok.agent_timeout, which only a superuser changes.
 */
#ifndef EKOK_AGENT_EXCHANGE_H
#define EKOK_AGENT_EXCHANGE_H

#include "postgres.h"

#include "agent.h"

/* The tokens, at least one; returns how many. Raises every refusal. */
size_t ekok_agent_ask(ekok_agent_kind kind, ekok_span request,
                      uint8 out[EKOK_AGENT_TOKENS][EKOK_AGENT_TOKEN]);

void ekok_agent_settings(void); /* once, when the library is loaded */

#endif
