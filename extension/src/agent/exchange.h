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

/* What is asked, and the kind of its answer. */
typedef struct {
    ekok_agent_kind kind, says;
    ekok_span payload; /* wiped */
} ekok_agent_question;

/* The payload of the answer, which the caller wipes; returns its size. Raises every refusal. */
size_t ekok_agent_ask(const ekok_agent_question *question, uint8 out[EKOK_AGENT_SMALL]);

/* Raises that the agent gave something else than was asked for. */
void pg_attribute_noreturn() ekok_agent_report_other(void);

void ekok_agent_settings(void); /* once, when the library is loaded */

#endif
