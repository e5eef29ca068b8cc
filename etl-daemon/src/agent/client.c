/*
 * client.c - see client.h.
 */
#include "agent/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 /* of the agent, which answers in microseconds, or in the time of a disk */ };

void client_init(agent_client *c, const char *socket)
{
    c->fd = -1;
    (void)snprintf(c->socket, sizeof c->socket, "%s", socket);
}

void client_close(agent_client *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
}

static client_answer lost(agent_client *c, failure *f, const char *what)
{
    client_close(c);
    (void)fail(f, EXIT_KEYS, "the key agent at %s %s; see systemctl status ekok-keyd, and [keys] agent",
               c->socket, what);
    return CLIENT_LOST;
}

static bool connected(agent_client *c)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (c->fd >= 0)
        return true;
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", c->socket);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd >= 0 && connect(c->fd, (struct sockaddr *)&at, sizeof at) == 0)
        return true;
    client_close(c);
    return false;
}

static bool ready(int fd, short what)
{
    struct pollfd wait = {fd, what, 0};
    int n;
    do {
        n = poll(&wait, 1, PATIENCE_MS);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

static bool send_all(int fd, const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count > 0) {
        if (!ready(fd, POLLOUT))
            return false;
        ssize_t n = send(fd, at, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        at += n > 0 ? n : 0;
        count -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool receive_all(int fd, void *bytes, size_t count)
{
    char *at = bytes;
    while (count > 0) {
        if (!ready(fd, POLLIN))
            return false;
        ssize_t n = recv(fd, at, count, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        at += n > 0 ? n : 0;
        count -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* The line of a refusal is the agent's own; it is cut to what may be printed. */
static client_answer refused(agent_client *c, const buf *out, failure *f)
{
    char text[220] = "";
    ekok_agent_no code = out->size > 0 ? (ekok_agent_no)out->data[0] : EKOK_AGENT_NO_MESSAGE;
    for (size_t i = 1; i < out->size && i < sizeof text; i++)
        text[i - 1] = out->data[i] >= 0x20 && out->data[i] < 0x7F ? out->data[i] : '?';
    (void)fail(f, EXIT_KEYS, "the key agent at %s refuses: %s", c->socket, text);
    if (code != EKOK_AGENT_NO_BUSY)
        return CLIENT_REFUSED;
    client_close(c);
    return CLIENT_LOST;
}

client_answer client_ask(agent_client *c, ekok_agent_head head, span payload, buf *out, failure *f)
{
    uint8_t bytes[EKOK_AGENT_HEAD];
    ekok_agent_head answer = {0, 0};
    ekok_agent_head_write((ekok_agent_head){head.kind, (uint32_t)payload.n}, bytes);
    buf_clear(out);
    if (!connected(c))
        return lost(c, f, "does not listen");
    bool sent = send_all(c->fd, bytes, sizeof bytes) && send_all(c->fd, payload.p, payload.n);
    if (!receive_all(c->fd, bytes, sizeof bytes)) /* also when not all was sent: it may say why */
        return lost(c, f, sent ? "gave no answer" : "closed the connection");
    if (!ekok_agent_head_read(bytes, &answer) || answer.size > EKOK_AGENT_LARGE ||
        !buf_reserve(out, answer.size))
        return lost(c, f, "is of another version, or there is no memory for its answer");
    if (!receive_all(c->fd, out->data + out->size, answer.size))
        return lost(c, f, "gave half an answer");
    out->size += answer.size;
    if (answer.kind == EKOK_AGENT_SAYS_REFUSED)
        return refused(c, out, f);
    return answer.kind == head.kind + EKOK_AGENT_SAYS_SEALED - EKOK_AGENT_DO_BATCH ||
                   head.kind == EKOK_AGENT_DO_RELEASE
               ? CLIENT_ANSWERED
               : lost(c, f, "gave an answer to something else");
}
