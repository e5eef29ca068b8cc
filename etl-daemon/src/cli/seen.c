/*
 * seen.c - see seen.h. Gathers, prints, judges.
 */
#include "cli/seen.h"

#include "cli/sight_print.h"

static bool judge(const sight *s, failure *f)
{
    if (s->unread > 0)
        return fail(f, EXIT_EVIDENCE,
                    "%zu value(s) were opened that the database has no reading of; see docs/OPERATIONS.md, "
                    "\"The two traces differ\"",
                    s->unread);
    return s->unopened == 0 ||
           fail(f, EXIT_PARTIAL, "%zu reading(s) have no opening in the agent's trace", s->unopened);
}

static bool answer(command_session *s, const command_line *line, sight_ask ask, failure *f)
{
    sight found = {.ask = ask, .subject = ask == SIGHT_OF_ALL ? NULL : line->word[2]};
    bool good = sight_gather(&found, s, line, f) &&
                (line->json ? sight_print_json(&found, f) : sight_print(&found, f)) && judge(&found, f);
    sight_free(&found);
    return good;
}

bool seen_who_saw(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "audit who-saw: the id of a person or an enrolment is expected");
    return answer(s, line, SIGHT_OF_CITIZEN, f);
}

bool seen_by(command_session *s, const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "audit seen-by: a login is expected");
    return answer(s, line, SIGHT_OF_LOGIN, f);
}

bool seen_compare(command_session *s, const command_line *line, failure *f)
{
    if (!line->agent_trace)
        return fail(f, EXIT_USAGE,
                    "audit compare: --agent-trace FILE is needed, a copy of the agent's trace");
    return answer(s, line, SIGHT_OF_ALL, f);
}
