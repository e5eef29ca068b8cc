/*
 * source_url.h - which address of a source is accepted: https, a host, perhaps a port, a path; nothing else.
 */
#ifndef ETL_CONFIG_SOURCE_URL_H
#define ETL_CONFIG_SOURCE_URL_H

/* NULL when the address is accepted, otherwise what is wrong: static text that does not repeat the address. */
const char *source_url_problem(const char *url);

#endif
