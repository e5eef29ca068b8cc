/*
 * gate.c - see gate.h.
 */
#include "gate.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jws.h"

enum { LINE = 256, LINES = 8192, HEX = 65, GRANTS_AN_HOUR = 2, DATE_WINDOW = 300 };

/* The demand on this system at the moment; "" where there is none. */
static void demand_of(const gate *g, char kind[32], int *uses)
{
    char line[LINE], name[32], word[32];
    FILE *f = g->auth_file ? fopen(g->auth_file, "re") : NULL;
    kind[0] = '\0';
    while (f && fgets(line, sizeof line, f)) {
        int n = 0;
        if (sscanf(line, "%31s %31s %d", name, word, &n) >= 2 && strcmp(name, g->name) == 0 &&
            strcmp(word, "secret") != 0) {
            snprintf(kind, 32, "%s", word);
            *uses = n;
        }
    }
    if (f)
        fclose(f);
}

/* Tries what is taken at the moment, one after the other. */
static bool any_secret(const gate *g, const char *usual, bool (*fits)(void *context, const char *secret),
                       void *context)
{
    char line[LINE], name[32], text[128];
    FILE *f = g->auth_file ? fopen(g->auth_file, "re") : NULL;
    bool named = false, good = false;
    while (f && !good && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%31s secret %127s", name, text) == 2 && strcmp(name, g->name) == 0) {
            named = true;
            good = fits(context, text);
        }
    }
    if (f)
        fclose(f);
    return named ? good : fits(context, usual);
}

static bool same_text(void *given, const char *secret)
{
    return strcmp(given, secret) == 0;
}

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value ? value : "";
}

static const char *check_token(gate *g, struct MHD_Connection *connection, bool bearer, int uses)
{
    char want[64];
    const char *given = header_of(connection, "Authorization"), *answer = NULL;
    pthread_mutex_lock(&g->lock);
    snprintf(want, sizeof want, "%ssim-token-%d", bearer ? "Bearer " : "", g->granted + g->refreshed);
    if (g->granted == 0 || strcmp(given, want) != 0)
        answer = "{\"error\":\"invalid_token\"}";
    else if (uses > 0 && g->served >= uses)
        answer = "{\"error\":\"expired_token\"}";
    else
        g->served++;
    pthread_mutex_unlock(&g->lock);
    if (!answer && !bearer && strcmp(header_of(connection, "X-APP-Key"), "sim-app-key") != 0)
        answer = "{\"error\":\"invalid_app_key\"}";
    return answer;
}

/* Path and query as they were asked for. */
static enum MHD_Result add_argument(void *context, enum MHD_ValueKind kind, const char *key,
                                    const char *value)
{
    char *query = context;
    size_t n = strlen(query);
    (void)kind;
    snprintf(query + n, LINES - n, "%c%s=%s", n ? '&' : '?', key, value ? value : "");
    return MHD_YES;
}

static bool signed_lines(struct MHD_Connection *connection, const char *path, char out[LINES])
{
    static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    char query[LINES] = "";
    struct tm tm = {0};
    const char *date = header_of(connection, "X-Date");
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, query);
    snprintf(out, LINES, "GET\n%s%.4000s\n%s\n%s\n%s", path, query, header_of(connection, "Host"), date,
             empty);
    return strptime(date, "%Y-%m-%dT%H:%M:%SZ", &tm) && labs((long)(timegm(&tm) - time(NULL))) <= DATE_WINDOW;
}

/* What a signature is made over, and the header that shows it. */
typedef struct {
    const char *lines, *given;
} signed_request;

static bool signature_fits(void *context, const char *secret)
{
    const signed_request *r = context;
    char want[160], hex[HEX];
    unsigned char digest[32];
    gnutls_hmac_fast(GNUTLS_MAC_SHA256, secret, strlen(secret), r->lines, strlen(r->lines), digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    snprintf(want, sizeof want, "HMAC-SHA256 Credential=sim-client, Signature=%s", hex);
    return strcmp(r->given, want) == 0;
}

static const char *check_hmac(const gate *g, struct MHD_Connection *connection, const char *path)
{
    char lines[LINES];
    if (!signed_lines(connection, path, lines))
        return "{\"error\":\"stale_date\"}";
    signed_request r = {lines, header_of(connection, "Authorization")};
    return any_secret(g, "sim-secret", signature_fits, &r) ? NULL : "{\"error\":\"bad_signature\"}";
}

static const char *check_key(const gate *g, struct MHD_Connection *connection)
{
    char given[128];
    snprintf(given, sizeof given, "%s", header_of(connection, "X-Api-Key"));
    return any_secret(g, "sim-secret", same_text, given) ? NULL : "{\"error\":\"bad_key\"}";
}

static const char *check_jws(const gate *g, struct MHD_Connection *connection, const char *path)
{
    char lines[LINES];
    if (!signed_lines(connection, path, lines))
        return "{\"error\":\"stale_date\"}";
    return jws_verify(g->certs, "jws.pub.pem", header_of(connection, "X-JWS-Signature"), lines, NULL)
               ? NULL
               : "{\"error\":\"bad_signature\"}";
}

const char *gate_check(gate *g, struct MHD_Connection *connection, const char *path)
{
    char kind[32];
    int uses = 0;
    demand_of(g, kind, &uses);
    if (strcmp(kind, "oauth2") == 0 || strcmp(kind, "grant") == 0)
        return check_token(g, connection, kind[0] == 'o', uses);
    if (strcmp(kind, "key") == 0)
        return check_key(g, connection);
    if (strcmp(kind, "hmac") == 0)
        return check_hmac(g, connection, path);
    return strcmp(kind, "jws") == 0 ? check_jws(g, connection, path) : NULL;
}

int gate_has(const char *path)
{
    return strcmp(path, "/token") == 0 || strcmp(path, "/grant") == 0 || strcmp(path, "/refresh") == 0;
}

static bool form_fits(void *asked, const char *secret)
{
    char want[256];
    snprintf(want, sizeof want, "grant_type=client_credentials&client_id=sim-client&client_secret=%s",
             secret);
    return strcmp(asked, want) == 0;
}

static bool known(const gate *g, struct MHD_Connection *connection, const char *path, const char *asked)
{
    char text[GATE_BODY_MAX];
    if (strcmp(path, "/token") == 0) {
        snprintf(text, sizeof text, "%s", asked);
        return strcmp(header_of(connection, "Content-Type"), "application/x-www-form-urlencoded") == 0 &&
               any_secret(g, "sim-secret", form_fits, text);
    }
    snprintf(text, sizeof text, "%s", header_of(connection, "password"));
    return strcmp(header_of(connection, "username"), "sim-user") == 0 &&
           any_secret(g, "sim-password", same_text, text) && strstr(asked, "\"app_key\":\"sim-app-key\"") &&
           strstr(asked, "\"app_secret\":\"sim-app-secret\"");
}

static unsigned refuse(gate *g, char **body, const char *text)
{
    g->refused++;
    *body = strdup(text);
    return 401;
}

unsigned gate_grant(gate *g, struct MHD_Connection *connection, const char *path, const char *asked,
                    char **body)
{
    bool renew = strcmp(path, "/refresh") == 0;
    char want[64], text[256];
    unsigned status = 200;
    pthread_mutex_lock(&g->lock);
    snprintf(want, sizeof want, "\"refresh_token\":\"sim-refresh-%d\"", g->granted + g->refreshed);
    if (!known(g, connection, path, asked) || (renew && !strstr(asked, want))) {
        status = refuse(g, body, "{\"error\":\"invalid_client\"}");
    } else if (strcmp(path, "/grant") == 0 && g->granted >= GRANTS_AN_HOUR) {
        status = refuse(g, body, "{\"error\":\"too many grants: blocked for an hour\"}");
    } else {
        g->granted += !renew;
        g->refreshed += renew;
        g->served = 0;
        snprintf(text, sizeof text,
                 "{\"%s\":\"sim-token-%d\",\"refresh_token\":\"sim-refresh-%d\",\"expires_in\":3600}",
                 strcmp(path, "/token") == 0 ? "access_token" : "id_token", g->granted + g->refreshed,
                 g->granted + g->refreshed);
        *body = strdup(text);
    }
    fprintf(stderr, "gate source=%s path=%s status=%u granted=%d refreshed=%d refused=%d\n", g->name, path,
            status, g->granted, g->refreshed, g->refused);
    pthread_mutex_unlock(&g->lock);
    return status;
}
