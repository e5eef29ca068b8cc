/* cell.c - see cell.h. */
#include "cell/cell.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

/* What is sent: a short part, with a file where there is one, then a long part. */
typedef struct {
    span part[2];
    size_t sent;
    int file; /* -1: none */
} question;

/* Judges one message. CELL_GOES_ON: another is expected. */
typedef enum { GOES_ON, ANSWERED, STOPPED, NONSENSE } verdict;
typedef verdict (*on_message_fn)(cell *c, void *context, talk_kind kind, span payload);

bool cell_open(cell *c, house *home, size_t row_bytes)
{
    *c = (cell){.home = home, .row_bytes = row_bytes, .fd = -1, .read = calloc(1, sizeof *c->read)};
    buf_init(&c->in, talk_room(row_bytes) + TALK_PIECE);
    return c->read != NULL;
}

static void wipe_in(cell *c)
{
    if (c->in.data)
        explicit_bzero(c->in.data, c->in.size);
    buf_clear(&c->in);
    c->at = 0;
}

/* Returns the wait status. */
static int put_down(cell *c)
{
    int status = 0;
    (void)close(c->fd);
    (void)kill(c->pid, SIGKILL); /* no effect on one that has ended */
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {
    }
    c->fd = -1;
    wipe_in(c);
    return status;
}

void cell_end(cell *c)
{
    if (c->fd >= 0)
        (void)put_down(c);
}

void cell_close(cell *c)
{
    cell_end(c);
    buf_free(&c->in);
    if (c->read)
        explicit_bzero(c->read, sizeof *c->read);
    free(c->read);
    c->read = NULL;
}

/* The cell is gone, or must go: says how it ended. */
static cell_answer bury(cell *c, const char *complaint, failure *f)
{
    if (complaint)
        (void)kill(c->pid, SIGKILL);
    /* The socket of a process that dies is closed before it can be waited for. */
    int status = put_down(c);
    c->deaths++;
    if (complaint)
        (void)fail(f, EXIT_PARTIAL, "the decoder %s", complaint);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        (void)fail(f, EXIT_PARTIAL, "the decoder was ended for a system call that is forbidden to it");
    else if (WIFSIGNALED(status))
        (void)fail(f, EXIT_PARTIAL, "the decoder died of signal %d", WTERMSIG(status));
    else
        (void)fail(f, EXIT_PARTIAL, "the decoder ended with code %d", WEXITSTATUS(status));
    log_event(LOG_WARNING, NULL, "decoder_died", "deaths=%d problem=\"%s\"", c->deaths, f->text);
    return CELL_DIED;
}

/* 1: something moved, 0: not now, -1: the cell is gone. */
static int send_some(cell *c, question *q)
{
    size_t first = q->part[0].n;
    span rest = q->sent < first ? (span){q->part[0].p + q->sent, first - q->sent}
                                : (span){q->part[1].p + (q->sent - first), first + q->part[1].n - q->sent};
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {.room = ""};
    struct iovec from = {(void *)(uintptr_t)rest.p, rest.n};
    struct msghdr message = {.msg_iov = &from, .msg_iovlen = 1};
    if (rest.n == 0)
        return 0;
    if (q->file >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        *head = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof q->file)};
        memcpy(CMSG_DATA(head), &q->file, sizeof q->file);
    }
    ssize_t n = sendmsg(c->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    q->sent += (size_t)n;
    q->file = -1;
    return 1;
}

static int receive_some(cell *c)
{
    if (c->at > 0) { /* what was looked at makes room */
        memmove(c->in.data, c->in.data + c->at, c->in.size - c->at);
        c->in.size -= c->at;
        c->at = 0;
    }
    if (!buf_reserve(&c->in, TALK_PIECE))
        return -1;
    ssize_t n = recv(c->fd, c->in.data + c->in.size, TALK_PIECE, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    c->in.size += (size_t)n;
    return n > 0 ? 1 : -1;
}

/* Looks at every whole message that has come. */
static verdict look(cell *c, on_message_fn on_message, void *context)
{
    talk_head head;
    while (c->in.size - c->at >= sizeof head) {
        memcpy(&head, c->in.data + c->at, sizeof head);
        if (head.kind >= TALK_KINDS || head.size > talk_room(c->row_bytes))
            return NONSENSE;
        if (c->in.size - c->at < sizeof head + head.size)
            return GOES_ON;
        const span payload = {c->in.data + c->at + sizeof head, head.size};
        c->at += sizeof head + head.size;
        verdict v = on_message(c, context, (talk_kind)head.kind, payload);
        if (v != GOES_ON)
            return v;
    }
    return GOES_ON;
}

/* Sends the question and reads until it is answered. */
static cell_answer converse(cell *c, question *q, on_message_fn on_message, void *context, failure *f)
{
    for (;;) {
        int sent = send_some(c, q), got = receive_some(c);
        verdict v = look(c, on_message, context);
        if (v == STOPPED) {
            cell_end(c); /* quicker than to hear it out */
            return CELL_STOPPED;
        }
        if (v == NONSENSE ||
            (v == ANSWERED && (c->at != c->in.size || q->sent != q->part[0].n + q->part[1].n)))
            return bury(c, "said what cannot be", f);
        if (v == ANSWERED)
            return CELL_WHOLE;
        if (sent < 0 || got < 0)
            return bury(c, NULL, f);
        if (sent > 0 || got > 0)
            continue;
        bool more = q->sent < q->part[0].n + q->part[1].n;
        struct pollfd ready = {c->fd, (short)(POLLIN | (more ? POLLOUT : 0)), 0};
        if (poll(&ready, 1, TALK_PATIENCE_MS) == 0)
            return bury(c, "gave no sign for a minute", f);
    }
}

static verdict on_hello(cell *c, void *context, talk_kind kind, span payload)
{
    const talk_hello ours = talk_hello_now();
    (void)c, (void)context;
    return kind == TALK_HELLO && payload.n == sizeof ours && memcmp(payload.p, &ours, sizeof ours) == 0
               ? ANSWERED
               : NONSENSE;
}

/* A living cell; a question that finds none gets a new one. */
static cell_answer need(cell *c, failure *f)
{
    question silence = {.file = -1};
    if (c->fd >= 0)
        return CELL_WHOLE;
    if (!house_new_cell(c->home, &c->fd, &c->pid, f))
        return CELL_FAILED;
    cell_answer greeted = converse(c, &silence, on_hello, NULL, f);
    if (greeted == CELL_WHOLE)
        return greeted;
    f->code = EXIT_INTERNAL; /* no foreign byte was seen yet */
    return CELL_FAILED;
}

typedef struct {
    const decode_options *options;
    failure *why;
    bool broken;
} page_talk;

static verdict take_broken(span payload, failure *f)
{
    talk_broken told;
    char line[TALK_TEXT];
    if (payload.n != sizeof told)
        return NONSENSE;
    memcpy(&told, payload.p, sizeof told);
    talk_clean(told.text, sizeof told.text, line, sizeof line);
    (void)fail(f, told.code == EXIT_INTERNAL ? EXIT_INTERNAL : EXIT_PARTIAL, "%s", line);
    return ANSWERED;
}

static verdict take_record(cell *c, const decode_options *options, span payload)
{
    if (!talk_record_read(payload, options->row_bytes, c->read))
        return NONSENSE;
    return options->on_record(options->context, &c->read->record, &c->read->damaged) ? GOES_ON : STOPPED;
}

static verdict on_page_message(cell *c, void *context, talk_kind kind, span payload)
{
    page_talk *talk = context;
    size_t i = payload.n > 0 ? (unsigned char)payload.p[0] : ENVELOPE_OF_CALLER;
    switch (kind) {
    case TALK_RECORD:
        return take_record(c, talk->options, payload);
    case TALK_ENVELOPE:
        if (i >= ENVELOPE_OF_CALLER || payload.n > 1 + ENVELOPE_TEXT_MAX)
            return NONSENSE;
        memcpy(c->envelope[i], payload.p + 1, payload.n - 1);
        c->envelope_size[i] = payload.n - 1;
        c->has_envelope[i] = true;
        return GOES_ON;
    case TALK_WHOLE:
        return ANSWERED;
    case TALK_BROKEN:
        talk->broken = true;
        return take_broken(payload, talk->why);
    default:
        return NONSENSE;
    }
}

static void fill_page(talk_page *p, const decode_options *options, size_t bytes)
{
    p->page_bytes = bytes;
    p->row_bytes = options->row_bytes;
    p->format = (int32_t)options->format;
    p->first_line = options->first_line;
    (void)snprintf(p->rows_path, sizeof p->rows_path, "%s", options->rows_path ? options->rows_path : "");
    for (int i = 0; i < ENVELOPE_OF_CALLER; i++) {
        p->has_envelope[i] = options->envelope[i] != NULL;
        (void)snprintf(p->envelope[i], sizeof p->envelope[i], "%s",
                       options->envelope[i] ? options->envelope[i] : "");
    }
    p->has_table = options->table != NULL;
    if (options->table)
        p->table = *options->table;
}

/* A head and a fixed part as they travel: in memory of their own, since a definition's table is large. */
typedef struct {
    talk_head head;
    union {
        talk_page page;
        talk_file file;
    };
} opening;

cell_answer cell_decode(cell *c, const decode_options *options, span page, failure *f)
{
    page_talk talk = {options, f, false};
    opening *first = calloc(1, sizeof *first);
    if (!first) {
        (void)fail(f, EXIT_INTERNAL, "no memory to ask the decoder");
        return CELL_FAILED;
    }
    memset(c->has_envelope, 0, sizeof c->has_envelope);
    first->head = (talk_head){TALK_PAGE, sizeof first->page};
    fill_page(&first->page, options, page.n);
    question q = {{{(char *)first, offsetof(opening, page) + sizeof first->page}, page}, 0, -1};
    cell_answer answer = need(c, f);
    if (answer == CELL_WHOLE)
        answer = converse(c, &q, on_page_message, &talk, f);
    free(first);
    return answer == CELL_WHOLE && talk.broken ? CELL_BROKEN : answer;
}

bool cell_envelope(const cell *c, int i, span *text)
{
    if (i < 0 || i >= ENVELOPE_OF_CALLER || !c->has_envelope[i])
        return false;
    *text = (span){c->envelope[i], c->envelope_size[i]};
    return true;
}

static verdict on_file_message(cell *c, void *context, talk_kind kind, span payload)
{
    page_talk *talk = context;
    (void)c;
    talk->broken = kind == TALK_BROKEN;
    if (kind == TALK_BROKEN)
        return take_broken(payload, talk->why);
    return kind == TALK_OPENED && payload.n == 0 ? ANSWERED : NONSENSE;
}

cell_answer cell_open_file(cell *c, int fd, const source_def *def, int64_t skip, failure *f)
{
    page_talk talk = {NULL, f, false};
    opening *first = calloc(1, sizeof *first);
    if (!first) {
        (void)fail(f, EXIT_INTERNAL, "no memory to ask the decoder");
        return CELL_FAILED;
    }
    first->head = (talk_head){TALK_FILE, sizeof first->file};
    first->file = (talk_file){.row_bytes = def->row_bytes,
                              .skip = skip,
                              .format = (int32_t)def->format,
                              .size = def->size,
                              .table = def->table};
    question q = {{{(char *)first, offsetof(opening, file) + sizeof first->file}, {NULL, 0}}, 0, fd};
    cell_answer answer = need(c, f);
    if (answer == CELL_WHOLE)
        answer = converse(c, &q, on_file_message, &talk, f);
    free(first);
    return answer == CELL_WHOLE && talk.broken ? CELL_BROKEN : answer;
}

typedef struct {
    page_talk talk;
    const slice_sink *sink;
    slice *out;
    size_t room;
} cut_talk;

static verdict on_cut_message(cell *c, void *context, talk_kind kind, span payload)
{
    cut_talk *cut = context;
    talk_slice told;
    (void)c;
    switch (kind) {
    case TALK_BYTES:
        if (payload.n > cut->room)
            return NONSENSE;
        cut->room -= payload.n;
        return cut->sink->add(cut->sink->context, payload) ? GOES_ON : STOPPED;
    case TALK_SLICE:
        if (payload.n != sizeof told)
            return NONSENSE;
        memcpy(&told, payload.p, sizeof told);
        *cut->out = (slice){told.records, told.last != 0, told.line};
        return told.records >= -1 && told.line >= 0 ? ANSWERED : NONSENSE;
    case TALK_BROKEN:
        cut->talk.broken = true;
        return take_broken(payload, cut->talk.why);
    default:
        return NONSENSE;
    }
}

cell_answer cell_cut(cell *c, const slice_sink *sink, slice *out, failure *f)
{
    struct {
        talk_head head;
        uint64_t room;
    } first = {{TALK_CUT, sizeof first.room}, sink->room};
    cut_talk cut = {{NULL, f, false}, sink, out, sink->room};
    question q = {{{(char *)&first, sizeof first}, {NULL, 0}}, 0, -1};
    if (c->fd < 0) {
        (void)fail(f, EXIT_PARTIAL, "the decoder that held the file is gone");
        return CELL_DIED;
    }
    cell_answer answer = converse(c, &q, on_cut_message, &cut, f);
    return answer == CELL_WHOLE && cut.talk.broken ? CELL_BROKEN : answer;
}
