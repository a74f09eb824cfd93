#include "fault.h"

static struct problem *fault_make(struct arena *arena, const struct problem_kind *kind,
                                  const char *option, size_t position, const char *detail,
                                  va_list arguments)
{
    const char *text = arena_vprint(arena, detail, arguments);
    struct problem *problem =
        problem_new(arena, kind, "%s (in %s, at byte %zu)", text, option, position);
    problem_add_text(arena, problem, "option", option);
    problem_add_number(arena, problem, "position", (int64_t)position);
    return problem;
}

struct problem *fault_new(struct arena *arena, const char *option, size_t position,
                          const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    struct problem *problem =
        fault_make(arena, &PROBLEM_BAD_QUERY, option, position, detail, arguments);
    va_end(arguments);
    return problem;
}

struct problem *fault_unsupported(struct arena *arena, const char *option, size_t position,
                                  const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    struct problem *problem =
        fault_make(arena, &PROBLEM_NOT_IMPLEMENTED, option, position, detail, arguments);
    va_end(arguments);
    return problem;
}

const char *fault_excerpt(struct arena *arena, const char *text, size_t size)
{
    const size_t longest = 40;
    if (size <= longest)
        return arena_copy(arena, text, size);
    size_t cut = longest;
    while (cut && ((unsigned char)text[cut] & 0xC0) == 0x80)
        cut--;
    return arena_print(arena, "%.*s…", (int)cut, text);
}
