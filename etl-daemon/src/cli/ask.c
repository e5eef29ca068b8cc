/*
 * ask.c - see ask.h. Reads byte by byte, so that nothing of the next line is kept in a buffer.
 */
#include "cli/ask.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void ask_wipe(char text[ASK_ROOM])
{
    explicit_bzero(text, ASK_ROOM);
}

/* False: too long, or no line at all. */
static bool read_line(char out[ASK_ROOM])
{
    size_t length = 0;
    char byte = '\0';
    bool any = false;
    while (read(STDIN_FILENO, &byte, 1) == 1) {
        any = true;
        if (byte == '\n')
            break;
        if (length + 1 >= ASK_ROOM)
            return false;
        out[length++] = byte;
    }
    out[length] = '\0';
    return any;
}

bool ask_secret(const char *question, char out[ASK_ROOM], failure *f)
{
    struct termios shown;
    bool terminal = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &shown) == 0;
    out[0] = '\0';
    if (terminal) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        (void)fprintf(stderr, "%s: ", question);
    }
    bool read_whole = read_line(out);
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        (void)fputc('\n', stderr);
    }
    if (!read_whole) {
        ask_wipe(out);
        return fail(f, EXIT_USAGE, "%s: one line of at most %d bytes is expected", question, ASK_ROOM - 1);
    }
    return true;
}
