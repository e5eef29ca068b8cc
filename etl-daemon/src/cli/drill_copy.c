/*
 * drill_copy.c - see drill_copy.h. What could reach outside is given on the command line of the copy, which no setting
 * that came back with the backup can override.
 */
#include "cli/drill_copy.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ANSWERS_EVERY_MS = 200, STOPS_WITHIN_S = 60 };

bool drill_copy_restore(drill_copy *c, failure *f)
{
    char log[PLACE_TEXT], path[PLACE_TEXT + 20], tables[PLACE_TEXT + 30], told[CHILD_LINE], room[PLACE_TEXT];
    const char *const word[] = {
        "pgbackrest",         c->repository->option_path,  c->repository->option_stanza, path,      tables,
        "--archive-mode=off", "--log-level-console=error", "--log-level-stderr=off",     "restore", NULL};
    drill_place_path(c->place, "restore.log", log);
    drill_place_path(c->place, "data", room);
    (void)snprintf(path, sizeof path, "--pg1-path=%s", room);
    drill_place_path(c->place, "tablespaces", room);
    (void)snprintf(tables, sizeof tables, "--tablespace-map-all=%s", room);
    if (!drill_place_make(c->place, "data", f) || !drill_place_make(c->place, "tablespaces", f) ||
        !child_start(&c->server, word, log, SIGTERM, f))
        return false;
    if (child_wait(&c->server))
        return true;
    child_complaint(log, told);
    return fail(f, EXIT_CONTINUITY, "the backup cannot be restored: %s", told);
}

static bool write_settings(const drill_copy *c, failure *f)
{
    char text[400];
    const struct passwd *me = getpwuid(geteuid());
    int n = snprintf(text, sizeof text, "drill \"%s\" \"%s\"\n", me ? me->pw_name : "", c->role);
    if (!me || n >= (int)sizeof text)
        return fail(f, EXIT_CONFIG, "the calling user, uid %u, has no name", (unsigned)geteuid());
    return drill_place_make(c->place, "socket", f) && drill_place_write(c->place, "server.conf", "", f) &&
           drill_place_write(c->place, "pg_hba.conf", "local all all peer map=drill\n", f) &&
           drill_place_write(c->place, "pg_ident.conf", text, f);
}

/* Until it answers, or ends. A copy that replays a month of WAL takes its time: there is no other end to this. */
static pg_session *await(drill_copy *c, const char *log, failure *f)
{
    char conninfo[PLACE_TEXT + 330], told[CHILD_LINE], room[PLACE_TEXT];
    const struct timespec pause = {0, ANSWERS_EVERY_MS * 1000 * 1000};
    drill_place_path(c->place, "socket", room);
    (void)snprintf(conninfo, sizeof conninfo, "host='%s' port=5432 dbname='%s' user='%s'", room, c->database,
                   c->role);
    while (child_alive(&c->server)) {
        failure not_yet = {.text = ""};
        pg_session *pg = pg_open(conninfo, "ekok drill", &not_yet);
        if (pg)
            return pg;
        (void)nanosleep(&pause, NULL);
    }
    child_complaint(log, told);
    (void)fail(f, EXIT_CONTINUITY, "the restored copy does not start: %s", told);
    return NULL;
}

bool drill_copy_start(drill_copy *c, pg_session **pg, failure *f)
{
    enum { SETTINGS = 17 };
    char log[PLACE_TEXT], data[PLACE_TEXT], program[PLACE_TEXT];
    char setting[SETTINGS][PLACE_TEXT + 40];
    static const char *const fixed[] = {"listen_addresses=",
                                        "port=5432",
                                        "unix_socket_permissions=0700",
                                        "archive_mode=off",
                                        "archive_command=",
                                        "archive_library=",
                                        "primary_conninfo=",
                                        "primary_slot_name=",
                                        "synchronous_standby_names=",
                                        "hot_standby=off",
                                        "ssl=off",
                                        "logging_collector=off"};
    static const struct {
        const char *name, *file;
    } placed[] = {{"config_file", "server.conf"},
                  {"hba_file", "pg_hba.conf"},
                  {"ident_file", "pg_ident.conf"},
                  {"unix_socket_directories", "socket"}};
    const char *word[CHILD_WORDS] = {program, "-D", data};
    size_t n = 3, made = 0;
    *pg = NULL;
    drill_place_path(c->place, "server.log", log);
    drill_place_path(c->place, "data", data);
    (void)snprintf(program, sizeof program, "%.400s/postgres", c->programs);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++, n += 2) {
        word[n] = "-c";
        word[n + 1] = fixed[i];
    }
    for (size_t i = 0; i < sizeof placed / sizeof *placed; i++, n += 2) {
        char path[PLACE_TEXT];
        drill_place_path(c->place, placed[i].file, path);
        (void)snprintf(setting[made], sizeof *setting, "%s=%s", placed[i].name, path);
        word[n] = "-c";
        word[n + 1] = setting[made++];
    }
    (void)snprintf(setting[made], sizeof *setting, "shared_preload_libraries=%.300s", c->libraries);
    word[n] = "-c";
    word[n + 1] = setting[made];
    if (!write_settings(c, f) || !child_start(&c->server, word, log, SIGQUIT, f))
        return false;
    *pg = await(c, log, f);
    return *pg != NULL;
}

void drill_copy_stop(drill_copy *c)
{
    child_stop(&c->server, SIGINT, STOPS_WITHIN_S);
}
