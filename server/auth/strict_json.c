#include "strict_json.h"

/* Counted before jansson builds anything: its own limit is 2,048 levels of recursion. */
static bool is_shallow(const char *text, size_t size)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = false;
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '{' || text[i] == '[') {
            if (++depth > STRICT_JSON_DEPTH)
                return false;
        } else if (text[i] == '}' || text[i] == ']') {
            depth--;
        }
    }
    return true;
}

static const char *why_refused(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return "has a name twice in one object";
    case json_error_numeric_overflow:
        return "has a number that is too large";
    case json_error_invalid_utf8:
        return "is not UTF-8";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "has a NUL character";
    default:
        return "is not JSON";
    }
}

json_t *strict_json_object(const char *text, size_t size, const char **out_why)
{
    if (!is_shallow(text, size)) {
        *out_why = "is nested too deeply";
        return NULL;
    }
    json_error_t error;
    CLEANUP(json_decref_at)
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value)
        *out_why = why_refused(&error);
    else if (!json_is_object(value))
        *out_why = "is not a JSON object";
    return json_is_object(value) ? TAKE(value) : NULL;
}

bool strict_json_text(struct arena *arena, const json_t *object, const char *name,
                      const char **out_text)
{
    const json_t *member = json_object_get(object, name);
    if (member && !json_is_string(member))
        return false;
    *out_text = arena_text(arena, json_string_value(member));
    return true;
}
