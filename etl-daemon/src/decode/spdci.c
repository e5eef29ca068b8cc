/* spdci.c - see spdci.h. The framing is that of JSON; what the envelope says is judged at the end of the page. */
#include "decode/spdci.h"

#include "decode/json_page.h"

enum { HEADER_STATUS = ENVELOPE_OF_CALLER, HEADER_REASON, ENCRYPTED, SEARCH_STATUS, SECOND, SPDCI_VALUES };
_Static_assert((int)SPDCI_REASON + 1 == (int)ENVELOPE_OF_CALLER,
               "the caller has room for what a message says");
_Static_assert((int)SPDCI_VALUES <= (int)ENVELOPE_MAX, "the envelope has room for SP-DCI's values");

static void *open_page(decode_out *out)
{
    decode_options *options = &out->options;

    options->rows_path = "message.search_response.0.data.reg_records";
    if (options->envelope[0] == NULL) {
        options->envelope[0] = SPDCI_TOTAL;
    }
    options->envelope[SPDCI_SENDER] = "header.sender_id";
    options->envelope[SPDCI_RECEIVER] = "header.receiver_id";
    options->envelope[SPDCI_TIME] = "header.message_ts";
    options->envelope[SPDCI_TRANSACTION] = "message.transaction_id";
    options->envelope[SPDCI_REFERENCE] = "message.search_response.0.reference_id";
    options->envelope[SPDCI_PAGE] = "message.search_response.0.pagination.page_number";
    options->envelope[SPDCI_REASON] = "message.search_response.0.status_reason_code";
    options->envelope[HEADER_STATUS] = "header.status";
    options->envelope[HEADER_REASON] = "header.status_reason_code";
    options->envelope[ENCRYPTED] = "header.is_msg_encrypted";
    options->envelope[SEARCH_STATUS] = "message.search_response.0.status";
    options->envelope[SECOND] = "message.search_response.1.reference_id";
    return json_page_open(out);
}

static bool is(const json_page *page, int value, const char *text)
{
    span found;
    return json_page_envelope(page, value, &found) && span_equals(found, text);
}

/* Why the registry rejects, from the list of codes. */
static const char *rejection(const json_page *page, int value)
{
    static const struct {
        const char *code, *problem;
    } known[] = {
#define X(code) {code, "the registry rejects the search: " code},
#include "decode/spdci.def"
#undef X
    };

    if (is(page, value, "rjct.message_ts.invalid")) {
        return "the registry rejects the search: rjct.message_ts.invalid; is this machine's clock right?";
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (is(page, value, known[i].code)) {
            return known[i].problem;
        }
    }
    return "the registry rejects the search, with a reason code that SP-DCI does not list";
}

/* NULL, or why the message holds no answer. */
static const char *judge(const json_page *page)
{
    span second;

    if (is(page, ENCRYPTED, "true")) {
        return "the message is encrypted (header.is_msg_encrypted): ask the registry for clear messages over "
               "TLS";
    }
    if (is(page, HEADER_STATUS, "rjct")) {
        return rejection(page, HEADER_REASON);
    }
    if (is(page, SEARCH_STATUS, "rjct") && !is(page, SPDCI_REASON, SPDCI_NO_SUCH_PAGE)) {
        return rejection(page, SPDCI_REASON);
    }
    if (is(page, SEARCH_STATUS, "pdng") || is(page, SEARCH_STATUS, "rcvd")) {
        return "the registry has not answered the search yet (status pdng or rcvd)";
    }
    if (json_page_envelope(page, SECOND, &second)) {
        return "the message answers more than one search: one is read";
    }
    return NULL;
}

static frame_result feed(void *state, span bytes, decode_loss *loss)
{
    return json_page_feed(state, bytes, loss);
}

static frame_result end(void *state, decode_loss *loss)
{
    const char *problem = judge(state);

    if (problem != NULL) {
        *loss = (decode_loss){.problem = problem};
        return FRAME_LOST;
    }
    if (is(state, SEARCH_STATUS, "rjct")) {
        json_page_excuse(state);
    }
    return json_page_end(state, loss);
}

/* A reason stands for something only where the search is rejected. */
static bool envelope_of(const void *state, int i, span *text)
{
    return i < ENVELOPE_OF_CALLER && (i != SPDCI_REASON || is(state, SEARCH_STATUS, "rjct")) &&
           json_page_envelope(state, i, text);
}

static void close_page(void *state)
{
    json_page_close(state);
}

const format_ops format_spdci = {open_page, feed, end, envelope_of, close_page};

/* A string from its opening quote at *at; *at moves behind the closing one. False when it is not closed. */
static bool take_string(span page, size_t *at, span *text)
{
    size_t from = ++*at;

    while (*at < page.n && page.p[*at] != '"') {
        *at += page.p[*at] == '\\' ? 2 : 1;
    }
    if (*at >= page.n) {
        return false;
    }
    *text = (span){page.p + from, *at - from};
    ++*at;
    return true;
}

static size_t skip_blanks(span page, size_t at)
{
    while (at < page.n && strchr(" \t\r\n", page.p[at]) != NULL && page.p[at] != '\0') {
        at++;
    }
    return at;
}

bool spdci_signature(span page, span *signature)
{
    size_t depth = 0, at = 0, found = 0;

    while (at < page.n) {
        char c = page.p[at];
        span text = {NULL, 0};
        if (c != '"') {
            depth += c == '{' || c == '[' ? 1 : 0;
            depth -= (c == '}' || c == ']') && depth > 0 ? 1 : 0;
            at++;
            continue;
        }
        if (!take_string(page, &at, &text)) {
            return false;
        }
        size_t next = skip_blanks(page, at);
        if (depth != 1 || !span_equals(text, "signature") || next >= page.n || page.p[next] != ':') {
            continue;
        }
        at = skip_blanks(page, next + 1);
        if (at >= page.n || page.p[at] != '"' || !take_string(page, &at, signature)) {
            return false;
        }
        found++;
    }
    return found == 1 && memchr(signature->p, '\\', signature->n) == NULL;
}
