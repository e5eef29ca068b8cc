/*
 * daemon.c - looks beside the program that asks first, so that a build tree uses its own.
 */
#include "cli/daemon.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void daemon_path(char out[DAEMON_PATH])
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = NULL;
    if (n > 0) {
        self[n] = '\0';
        slash = strrchr(self, '/');
    }
    if (slash) {
        *slash = '\0';
        int written = snprintf(out, DAEMON_PATH, "%s/ekok-etld", self);
        if (written > 0 && written < DAEMON_PATH && access(out, X_OK) == 0)
            return;
    }
    (void)snprintf(out, DAEMON_PATH, "ekok-etld");
}
