/* inmate.c - see inmate.h. */
#include "cell/inmate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cell/jail.h"
#include "cell/talk.h"

enum { ENDED = 0, CONFUSED = 3, NO_MEMORY = 4, OUT_ROOM = 8 << 20 };

typedef struct {
    int fd;
    buf out;
    char piece[TALK_PIECE];
    talk_page page;
    talk_file file;
    source_def def; /* of the file: what a slicer looks at */
    slicer *cut;
    int file_fd;
} inmate;

static _Noreturn void leave(int why)
{
    _exit(why);
}

static void flush_out(inmate *m)
{
    for (size_t at = 0; at < m->out.size;) {
        ssize_t n = write(m->fd, m->out.data + at, m->out.size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            leave(ENDED); /* nobody listens any more */
        at += (size_t)n;
    }
    if (m->out.data)
        explicit_bzero(m->out.data, m->out.size);
    buf_clear(&m->out);
}

static void say(inmate *m, talk_kind kind, const void *payload, size_t size)
{
    if (!talk_add(&m->out, kind, payload, size))
        leave(NO_MEMORY);
}

static size_t read_some(inmate *m, void *to, size_t room)
{
    for (;;) {
        ssize_t n = read(m->fd, to, room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            leave(ENDED);
        return (size_t)n;
    }
}

static void read_whole(inmate *m, void *to, size_t size)
{
    for (size_t at = 0; at < size;)
        at += read_some(m, (char *)to + at, size - at);
}

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    inmate *m = context;
    if (!talk_record_add(&m->out, record, damaged))
        leave(NO_MEMORY);
    if (m->out.size >= TALK_PIECE)
        flush_out(m);
    return true;
}

static void say_broken(inmate *m, const failure *f)
{
    talk_broken told = {.code = (int32_t)f->code};
    (void)snprintf(told.text, sizeof told.text, "%s", f->text);
    say(m, TALK_BROKEN, &told, sizeof told);
}

static void say_envelope(inmate *m, const decoder *d)
{
    char message[1 + ENVELOPE_TEXT_MAX];
    span text;
    for (int i = 0; i < ENVELOPE_OF_CALLER; i++) {
        if (!decoder_envelope(d, i, &text) || text.n > ENVELOPE_TEXT_MAX)
            continue;
        message[0] = (char)i;
        memcpy(message + 1, text.p, text.n);
        say(m, TALK_ENVELOPE, message, 1 + text.n);
    }
}

/* Reads all bytes of the page in any case, so that the next message is found behind them. */
static void do_page(inmate *m)
{
    const talk_page *p = &m->page;
    failure f = {.code = EXIT_DONE, .text = ""};
    read_whole(m, &m->page, sizeof m->page);
    decode_options options = {.format = (source_format)p->format,
                              .table = p->has_table ? &p->table : NULL,
                              .first_line = p->first_line,
                              .rows_path = p->rows_path,
                              .row_bytes = p->row_bytes,
                              .on_record = on_record,
                              .context = m};
    for (int i = 0; i < ENVELOPE_OF_CALLER; i++)
        options.envelope[i] = p->has_envelope[i] ? p->envelope[i] : NULL;
    decoder *d = decoder_new(&options);
    if (!d)
        leave(NO_MEMORY);
    bool good = true;
    for (uint64_t left = p->page_bytes; left > 0;) {
        size_t n = read_some(m, m->piece, left < TALK_PIECE ? left : TALK_PIECE);
        left -= n;
        good = good && decoder_feed(d, (span){m->piece, n}, &f);
    }
    if (good && decoder_finish(d, &f)) {
        say_envelope(m, d);
        say(m, TALK_WHOLE, NULL, 0);
    } else {
        say_broken(m, &f);
    }
    decoder_free(d);
    explicit_bzero(m->piece, sizeof m->piece);
}

static bool on_cut(void *context, span bytes)
{
    inmate *m = context;
    for (size_t at = 0; at < bytes.n; at += TALK_PIECE) {
        say(m, TALK_BYTES, bytes.p + at, bytes.n - at < TALK_PIECE ? bytes.n - at : TALK_PIECE);
        if (m->out.size >= TALK_PIECE)
            flush_out(m);
    }
    return true;
}

static void do_file(inmate *m)
{
    failure f = {.code = EXIT_DONE, .text = ""};
    read_whole(m, &m->file, sizeof m->file);
    slicer_close(m->cut);
    m->def.format = (source_format)m->file.format;
    m->def.table = m->file.table;
    m->def.size = m->file.size;
    m->def.row_bytes = m->file.row_bytes;
    m->cut = slicer_open(m->file_fd, &m->def, m->file.skip, &f);
    if (m->cut)
        say(m, TALK_OPENED, NULL, 0);
    else
        say_broken(m, &f);
}

static void do_cut(inmate *m)
{
    uint64_t room = 0;
    failure f = {.code = EXIT_DONE, .text = ""};
    slice page = {.records = 0};
    read_whole(m, &room, sizeof room);
    const slice_sink sink = {on_cut, m, room};
    if (m->cut && slicer_next(m->cut, &sink, &page, &f) == SLICE_PAGE) {
        const talk_slice told = {page.records, page.line, page.last};
        say(m, TALK_SLICE, &told, sizeof told);
    } else {
        say_broken(m, &f);
    }
}

/* The head of the next message; with it may come a file. */
static talk_head await(inmate *m)
{
    talk_head head = {TALK_KINDS, 0};
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec into = {&head, sizeof head};
    struct msghdr message = {
        .msg_iov = &into, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n;
    do
        n = recvmsg(m->fd, &message, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        leave(ENDED);
    const struct cmsghdr *sent = CMSG_FIRSTHDR(&message);
    if (sent && sent->cmsg_level == SOL_SOCKET && sent->cmsg_type == SCM_RIGHTS) {
        if (m->file_fd >= 0)
            (void)close(m->file_fd);
        memcpy(&m->file_fd, CMSG_DATA(sent), sizeof m->file_fd);
    }
    if ((size_t)n < sizeof head)
        read_whole(m, (char *)&head + n, sizeof head - (size_t)n);
    return head;
}

_Noreturn void inmate_run(int fd)
{
    const talk_hello hello = talk_hello_now();
    inmate *m = calloc(1, sizeof *m);
    if (!m || !jail_enter())
        _exit(NO_MEMORY);
    m->fd = fd;
    m->file_fd = -1;
    buf_init(&m->out, OUT_ROOM);
    say(m, TALK_HELLO, &hello, sizeof hello);
    for (;;) {
        flush_out(m);
        switch (await(m).kind) {
        case TALK_PAGE:
            do_page(m);
            break;
        case TALK_FILE:
            do_file(m);
            break;
        case TALK_CUT:
            do_cut(m);
            break;
        default:
            leave(CONFUSED);
        }
    }
}
