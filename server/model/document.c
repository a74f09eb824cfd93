#include "document.h"

#include "json_reader.h"
#include "yaml_reader.h"

#include "server/base/text.h"

#include <string.h>

const struct node *document_parse(struct arena *arena, const struct document_text *source,
                                  size_t size_limit, struct faults *faults)
{
    struct document_text text = *source;
    if (text.size >= 3 && memcmp(text.text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
        text.text += 3;
        text.size -= 3;
    }
    if (text.size > size_limit) {
        faults_add(faults, text.file, 0, NULL, "it has %zu bytes; at most %zu are read", text.size,
                   size_limit);
        return NULL;
    }
    if (!text_is_utf8(text.text, text.size) || memchr(text.text, 0, text.size)) {
        faults_add(faults, text.file, 0, NULL, "it is no text: it must be UTF-8 without NUL bytes");
        return NULL;
    }
    return text.format == DOCUMENT_JSON ? document_read_json(arena, &text, faults)
                                        : document_read_yaml(arena, &text, size_limit, faults);
}

struct problem *document_yaml_of_json(struct arena *arena, const char *json, size_t size,
                                      const char **out_yaml)
{
    struct faults faults;
    faults_init(&faults, arena, 1);
    const struct document_text source = { NULL, json, size, DOCUMENT_JSON };
    const struct node *root = document_parse(arena, &source, size, &faults);
    if (!root)
        return problem_because(
            arena,
            problem_new(arena, &PROBLEM_INTERNAL, "a document of the server is not valid JSON"),
            "%s", faults.first->reason);
    *out_yaml = document_to_yaml(arena, root);
    return NULL;
}
