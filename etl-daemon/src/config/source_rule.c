/*
 * source_rule.c - a recursive descent of depth one: value, then an optional condition.
 */
#include "config/source_rule.h"

#include "config/source_path.h"

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t");
}

static const char *take_path(const char **at, char out[SOURCE_TEXT])
{
    span path = {*at, strcspn(*at, " \t+='")};
    if (path.n == 0)
        return "a path is missing";
    if (!source_path_valid(path))
        return "a path is not letters, digits, '_' and '-' in parts joined by '.', 159 bytes at most";
    memcpy(out, path.p, path.n);
    out[path.n] = '\0';
    *at += path.n;
    return NULL;
}

static const char *copy_text(span text, char *out, size_t room)
{
    if (text.n == 0)
        return "a text is empty";
    if (text.n >= room)
        return "a text is longer than 63 bytes";
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return NULL;
}

static const char *take_quoted(const char **at, char *out, size_t room)
{
    const char *end = strchr(*at + 1, '\'');
    if (!end)
        return "a text has no closing quote";
    span text = {*at + 1, (size_t)(end - *at) - 1};
    *at = end + 1;
    return copy_text(text, out, room);
}

static const char *take_paths(const char **at, map_rule *rule)
{
    for (;;) {
        if (rule->paths == MAP_PATHS_MAX)
            return "more than four paths are joined";
        const char *problem = take_path(at, rule->path[rule->paths]);
        if (problem)
            return problem;
        rule->paths++;
        skip_blanks(at);
        if (**at != '+')
            return NULL;
        ++*at;
        skip_blanks(at);
    }
}

/* Behind "when": path = text, the text quoted or bare to the end of the line. */
static const char *take_condition(const char **at, map_rule *rule)
{
    skip_blanks(at);
    const char *problem = take_path(at, rule->when_path);
    if (problem)
        return problem;
    skip_blanks(at);
    if (**at != '=')
        return "the condition has no =";
    ++*at;
    skip_blanks(at);
    if (**at == '\'')
        return take_quoted(at, rule->when_value, sizeof rule->when_value);
    span bare = span_of(*at);
    while (bare.n > 0 && (bare.p[bare.n - 1] == ' ' || bare.p[bare.n - 1] == '\t'))
        bare.n--;
    *at += bare.n;
    return copy_text(bare, rule->when_value, sizeof rule->when_value);
}

/* "in bijoy" behind the paths. */
static const char *take_script(const char **at, map_rule *rule)
{
    if (strncmp(*at, "in", 2) != 0 || ((*at)[2] != ' ' && (*at)[2] != '\t'))
        return NULL;
    *at += 2;
    skip_blanks(at);
    size_t n = strcspn(*at, " \t");
    if (!span_equals((span){*at, n}, "bijoy"))
        return "only bijoy can follow `in`";
    *at += n;
    skip_blanks(at);
    rule->bijoy = true;
    return rule->paths > 0 ? NULL : "a constant is not in bijoy";
}

const char *source_rule_parse(const char *text, map_rule *rule)
{
    const char *at = text, *problem;
    *rule = (map_rule){.paths = 0};
    skip_blanks(&at);
    problem = *at == '\'' ? take_quoted(&at, rule->literal, sizeof rule->literal) : take_paths(&at, rule);
    if (problem)
        return problem;
    skip_blanks(&at);
    problem = take_script(&at, rule);
    if (problem)
        return problem;
    if (strncmp(at, "when", 4) == 0 && (at[4] == ' ' || at[4] == '\t')) {
        at += 4;
        problem = take_condition(&at, rule);
    }
    skip_blanks(&at);
    if (!problem && *at != '\0')
        problem = "something stands behind the rule";
    return problem;
}
