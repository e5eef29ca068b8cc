/*
 * exchange.c - see exchange.h. What is said is in core/agent.h.
 */
#include "postgres.h"

#include "agent/exchange.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

enum { TIMEOUT_STANDARD = 5000, TIMEOUT_MOST = 60000 };

static char *agent_socket;
static int agent_timeout = TIMEOUT_STANDARD;

void ekok_agent_settings(void)
{
    DefineCustomStringVariable(
        "ekok.agent_socket", "Path of the key agent's Unix socket; empty: there is none.",
        "Only a superuser may set it, since it says who is told an identifier that is looked for.",
        &agent_socket, "", PGC_SUSET, 0, NULL, NULL, NULL);
    DefineCustomIntVariable("ekok.agent_timeout", "How long a statement waits for the key agent.", NULL,
                            &agent_timeout, TIMEOUT_STANDARD, 10, TIMEOUT_MOST, PGC_SUSET, GUC_UNIT_MS, NULL,
                            NULL, NULL);
}

static void pg_attribute_noreturn() report_absent(const char *what)
{
    ereport(ERROR, errcode(ERRCODE_CONNECTION_FAILURE), errmsg("the key agent %s", what), errhidestmt(true),
            errdetail("It is asked at the socket \"%s\".", agent_socket),
            errhint("Is ekok-keyd running (systemctl status ekok-keyd), and may the database server's user "
                    "reach the socket?"));
}

static int connect_to_agent(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd;

    if (agent_socket == NULL || *agent_socket == '\0') {
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("no key agent is configured here"), errhidestmt(true),
                errdetail("The setting ekok.agent_socket is empty."),
                errhint("Set it in postgresql.conf to the socket of ekok-keyd."));
    }
    if (strlcpy(at.sun_path, agent_socket, sizeof at.sun_path) >= sizeof at.sun_path) {
        report_absent("has a socket whose path is too long");
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    report_absent("does not answer");
}

/* Until the socket is ready, the deadline has passed (an error), or somebody interrupts. */
static void wait_for(int fd, int event, TimestampTz deadline)
{
    long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
    int got;

    if (left <= 0) {
        report_absent("did not answer in time");
    }
    got = WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH | event, fd, left,
                            PG_WAIT_EXTENSION);
    if (got & WL_LATCH_SET) {
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    }
}

static void move(int fd, uint8 *bytes, size_t count, bool out, TimestampTz deadline)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = out ? send(fd, bytes + done, count - done, MSG_NOSIGNAL)
                        : recv(fd, bytes + done, count - done, 0);

        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            wait_for(fd, out ? WL_SOCKET_WRITEABLE : WL_SOCKET_READABLE, deadline);
        } else if (n == 0 || errno != EINTR) {
            report_absent("closed the connection");
        }
    }
}

static int sqlstate_of(ekok_agent_no code)
{
    switch (code) {
    case EKOK_AGENT_NO_CALLER:
    case EKOK_AGENT_NO_LOCKED:
        return ERRCODE_INSUFFICIENT_PRIVILEGE;
    case EKOK_AGENT_NO_QUOTA:
    case EKOK_AGENT_NO_BUSY:
        return ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
    case EKOK_AGENT_NO_TRACE:
        return ERRCODE_IO_ERROR;
    case EKOK_AGENT_NO_MESSAGE:
    case EKOK_AGENT_NO_VALUE:
        break;
    }
    return ERRCODE_INVALID_PARAMETER_VALUE;
}

/* The agent's line, cut to what may be printed: it is another program's. */
static void pg_attribute_noreturn() report_refusal(const uint8 *payload, size_t size)
{
    char line[220] = "";

    for (size_t i = 1; i < size && i < sizeof line; i++) {
        line[i - 1] = payload[i] >= 0x20 && payload[i] < 0x7F ? (char)payload[i] : '?';
    }
    ereport(ERROR, errcode(sqlstate_of(size > 0 ? (ekok_agent_no)payload[0] : EKOK_AGENT_NO_MESSAGE)),
            errmsg("the key agent refuses: %s", line), errhidestmt(true),
            errhint("Quotas, permissions and locks are the agent's own; see docs/keys.md."));
}

void pg_attribute_noreturn() ekok_agent_report_other(void)
{
    report_absent("gave an answer to something else");
}

/* Returns the bytes of the answer. */
static size_t ask(int fd, const ekok_agent_question *q, uint8 memory[EKOK_AGENT_SMALL])
{
    TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), agent_timeout);
    uint8 head[EKOK_AGENT_HEAD];
    ekok_agent_head answer;

    ekok_agent_head_write((ekok_agent_head){(uint8)q->kind, (uint32)q->payload.n}, head);
    move(fd, head, sizeof head, true, deadline);
    move(fd, (uint8 *)unconstify(char *, q->payload.p), q->payload.n, true, deadline);
    move(fd, head, sizeof head, false, deadline);
    if (!ekok_agent_head_read(head, &answer) || answer.size > EKOK_AGENT_SMALL) {
        report_absent("is of another version");
    }
    move(fd, memory, answer.size, false, deadline);
    if (answer.kind == EKOK_AGENT_SAYS_REFUSED) {
        report_refusal(memory, answer.size);
    }
    if (answer.kind != q->says) {
        ekok_agent_report_other();
    }
    return answer.size;
}

/*
 * An error writes the statement to the log, and the statement may hold the number as a literal; also when it is
 * cancelled meanwhile. So what fails here has no statement any more: debug_query_string is all that the log knows
 * of it.
 */
size_t ekok_agent_ask(const ekok_agent_question *question, uint8 out[EKOK_AGENT_SMALL])
{
    volatile int fd = -1;
    volatile size_t size = 0;

    ReserveExternalFD();
    PG_TRY();
    {
        fd = connect_to_agent();
        size = ask(fd, question, out);
    }
    PG_CATCH();
    {
        if (fd >= 0) {
            close(fd);
        }
        ReleaseExternalFD();
        explicit_bzero(unconstify(char *, question->payload.p), question->payload.n);
        debug_query_string = NULL;
        PG_RE_THROW();
    }
    PG_END_TRY();
    close(fd);
    ReleaseExternalFD();
    explicit_bzero(unconstify(char *, question->payload.p), question->payload.n);
    return size;
}
