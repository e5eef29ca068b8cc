/*
 * source_url.c - judges an address before libcurl sees it: no user or password (they would end up in logs), no query
 * (paging writes it), no fragment, no other scheme.
 */
#include "config/source_url.h"

#include <ctype.h>
#include <string.h>

#include "config/ini_text.h"

/* A name or address: letters, digits, '.', '-'; or an IPv6 address in brackets. Moves *at behind it. */
static bool take_host(const char **at)
{
    const char *start = *at;
    if (*start == '[') {
        size_t n = strspn(start + 1, "0123456789abcdefABCDEF:.");
        *at = start + n + 2;
        return n > 1 && start[n + 1] == ']';
    }
    while (isalnum((unsigned char)**at) || **at == '-' || **at == '.')
        ++*at;
    return *at > start && *start != '.' && *start != '-';
}

static bool take_port(const char **at)
{
    char digits[6] = "";
    long port;
    size_t n = strspn(++*at, "0123456789");
    if (n == 0 || n >= sizeof digits)
        return false;
    memcpy(digits, *at, n);
    *at += n;
    return ini_number(digits, 1, 65535, &port);
}

const char *source_url_problem(const char *url)
{
    static const char scheme[] = "https://";
    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("\"<>\\^`{|}", *c))
            return "has a character that an address has not";
    if (strncmp(url, "http://", 7) == 0)
        return "is http, not https";
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return "is not https";
    if (strchr(url, '@'))
        return "has a user or an @";
    if (strpbrk(url, "?#"))
        return "has a query or a fragment";
    const char *at = url + sizeof scheme - 1;
    if (!take_host(&at))
        return "has no host, or a wrong one";
    if (*at == ':' && !take_port(&at))
        return "has a wrong port";
    return *at == '/' || *at == '\0' ? NULL : "has a wrong host";
}
