#include "document.h"

#include "scalar.h"

#include "server/base/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static int take_bytes(void *context, unsigned char *bytes, size_t size)
{
    buffer_add(context, bytes, size);
    return 1;
}

/* Events are made of copies and the bytes go to memory: only running out of that can fail. */
static void must(int ok)
{
    if (!ok)
        abort();
}

static void emit(yaml_emitter_t *emitter, yaml_event_t *event)
{
    must(yaml_emitter_emit(emitter, event));
}

/* A literal block keeps newlines as they are; other breaks of lines would come back as newlines. */
static bool fits_literal(const char *text)
{
    return strchr(text, '\n') && !strchr(text, '\r') && !strstr(text, "\xC2\x85")
           && !strstr(text, "\xE2\x80\xA8") && !strstr(text, "\xE2\x80\xA9");
}

/* The emitter falls back to double quotes where the style asked for cannot hold the text. */
static yaml_scalar_style_t style_of(const char *text, bool is_key)
{
    if (!is_key && fits_literal(text))
        return YAML_LITERAL_SCALAR_STYLE;
    if (strpbrk(text, "\r\n\t"))
        return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    return scalar_needs_quotes(text) ? YAML_SINGLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
}

static void emit_scalar(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;
    must(yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                      (int)strlen(text), 1, 1, style));
    emit(emitter, &event);
}

static void emit_node(yaml_emitter_t *emitter, const struct node *node);

static void emit_object(yaml_emitter_t *emitter, const struct node *node)
{
    yaml_event_t event;
    must(yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
    emit(emitter, &event);
    for (const struct node *member = node->first; member; member = member->next) {
        emit_scalar(emitter, member->key, style_of(member->key, true));
        emit_node(emitter, member);
    }
    must(yaml_mapping_end_event_initialize(&event));
    emit(emitter, &event);
}

static void emit_list(yaml_emitter_t *emitter, const struct node *node)
{
    yaml_event_t event;
    must(yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
    emit(emitter, &event);
    for (const struct node *item = node->first; item; item = item->next)
        emit_node(emitter, item);
    must(yaml_sequence_end_event_initialize(&event));
    emit(emitter, &event);
}

static void emit_node(yaml_emitter_t *emitter, const struct node *node)
{
    switch (node->kind) {
    case NODE_NULL:
        emit_scalar(emitter, "null", YAML_PLAIN_SCALAR_STYLE);
        break;
    case NODE_BOOL:
        emit_scalar(emitter, node->truth ? "true" : "false", YAML_PLAIN_SCALAR_STYLE);
        break;
    case NODE_NUMBER:
        emit_scalar(emitter, node->text, YAML_PLAIN_SCALAR_STYLE);
        break;
    case NODE_TEXT:
        emit_scalar(emitter, node->text, style_of(node->text, false));
        break;
    case NODE_LIST:
        emit_list(emitter, node);
        break;
    case NODE_OBJECT:
        emit_object(emitter, node);
        break;
    }
}

const char *document_to_yaml(struct arena *arena, const struct node *root)
{
    CLEANUP(buffer_clear) struct buffer yaml = { 0 };
    CLEANUP(yaml_emitter_delete) yaml_emitter_t emitter;
    must(yaml_emitter_initialize(&emitter));
    yaml_emitter_set_output(&emitter, take_bytes, &yaml);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1); /* lines are never folded */
    yaml_event_t event;
    must(yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&emitter, &event);
    must(yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    emit(&emitter, &event);
    emit_node(&emitter, root);
    must(yaml_document_end_event_initialize(&event, 1));
    emit(&emitter, &event);
    must(yaml_stream_end_event_initialize(&event));
    emit(&emitter, &event);
    return arena_copy(arena, yaml.data, yaml.size);
}
