#include "yaml_reader.h"

#include "scalar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Each alias looks for its anchor among all: more would take too long. */
#define ANCHORS 1000

/* A value that has an anchor: *name. */
struct anchor {
    const struct anchor *older;
    const char *name;
    const struct node *node; /* NULL while it is still being read */
};

/* An open list or object. */
struct level {
    struct node *node;
    const struct node **end; /* where its next item goes */
    const char *key;         /* of an object: the name whose value comes next; NULL: a name comes */
    int64_t key_line;
    int64_t key_column;
    struct anchor *anchor; /* its own, completed when it closes */
};

struct reader {
    struct arena *arena;
    const struct document_text *source;
    struct faults *faults;
    size_t size_limit;
    struct level levels[DOCUMENT_DEPTH + 1];
    int depth;
    struct node *root;
    const struct anchor *anchors;
    int anchor_count;
    size_t nodes;
    size_t bytes;
    bool failed; /* a fault that ends the reading was added */
};

static void fail(struct reader *reader, yaml_mark_t mark, const char *reason)
{
    reader->failed = true;
    faults_add_at(reader->faults, reader->source->file, (int64_t)mark.line + 1,
                  (int64_t)mark.column + 1, NULL, "%s", reason);
}

/* Count what a value takes; what an alias stands for counts each time. */
static bool spend(struct reader *reader, yaml_mark_t mark, size_t bytes)
{
    reader->bytes += bytes;
    if (++reader->nodes <= DOCUMENT_NODES && reader->bytes <= reader->size_limit)
        return true;
    fail(
        reader, mark,
        arena_print(reader->arena,
                    "the document is too large once its aliases are written out: at most %d values "
                    "and %zu bytes are read",
                    DOCUMENT_NODES, reader->size_limit));
    return false;
}

/* A new value as the next of the level that is open, or as the root. NULL when that cannot be. */
static struct node *value_new(struct reader *reader, yaml_mark_t mark, size_t bytes)
{
    if (!spend(reader, mark, bytes))
        return NULL;
    struct node *node = arena_new_of(reader->arena, struct node);
    node->line = (int64_t)mark.line + 1;
    node->column = (int64_t)mark.column + 1;
    if (!reader->depth) {
        node->file = reader->source->file;
        reader->root = node;
        return node;
    }
    struct level *level = &reader->levels[reader->depth - 1];
    if (level->node->kind == NODE_OBJECT) {
        assert(level->key);
        node->key = level->key;
        node->line = level->key_line;
        node->column = level->key_column;
        level->key = NULL;
    }
    node_append(level->node, &level->end, node);
    return node;
}

static bool expects_key(const struct reader *reader)
{
    if (!reader->depth)
        return false;
    const struct level *level = &reader->levels[reader->depth - 1];
    return level->node->kind == NODE_OBJECT && !level->key;
}

/* An anchor hides an older one of the same name, as YAML has it. */
static struct anchor *anchor_add(struct reader *reader, yaml_mark_t mark, const yaml_char_t *name)
{
    if (!name)
        return NULL;
    if (reader->anchor_count++ == ANCHORS)
        fail(reader, mark, arena_print(reader->arena, "at most %d anchors are read", ANCHORS));
    struct anchor *anchor = arena_new_of(reader->arena, struct anchor);
    anchor->older = reader->anchors;
    anchor->name = arena_text(reader->arena, (const char *)name);
    reader->anchors = anchor;
    return anchor;
}

static void read_key(struct reader *reader, const yaml_event_t *event)
{
    struct level *level = &reader->levels[reader->depth - 1];
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length) {
        fail(reader, event->start_mark, "a name must not hold a NUL");
        return;
    }
    if (strcmp(text, "<<") == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        fail(reader, event->start_mark,
             "merge keys (<<) are not part of YAML 1.2; write the members out");
        return;
    }
    reader->bytes += event->data.scalar.length;
    level->key = arena_text(reader->arena, text);
    level->key_line = (int64_t)event->start_mark.line + 1;
    level->key_column = (int64_t)event->start_mark.column + 1;
}

/* Tags: none, ! and !!str are understood. Gives true when the scalar is text by its tag. */
static bool tag_says_text(struct reader *reader, const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;
    if (!tag)
        return false;
    if (strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0)
        return true;
    fail(reader, event->start_mark, "tags are not read here; only !!str is");
    return false;
}

static void read_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t size = event->data.scalar.length;
    if (expects_key(reader)) {
        if (event->data.scalar.anchor)
            fail(reader, event->start_mark, "a name cannot have an anchor");
        else
            read_key(reader, event);
        return;
    }
    struct node *node = value_new(reader, event->start_mark, size);
    bool is_text =
        tag_says_text(reader, event) || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (!node || reader->failed)
        return;
    if (strlen(text) != size) {
        fail(reader, event->start_mark, "text must not hold a NUL");
        return;
    }
    bool is_block = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE
                    || event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    node->text_line = (int64_t)event->start_mark.line + (is_block ? 2 : 1);
    if (is_text) {
        node->kind = NODE_TEXT;
        node->text = arena_copy(reader->arena, text, size);
    } else if (!scalar_resolve(reader->arena, text, node)) {
        fail(reader, event->start_mark,
             "this number cannot be kept: it is not finite, or has more than 100 digits; put it "
             "in quotes if it is meant as text");
        return;
    }
    struct anchor *anchor = anchor_add(reader, event->start_mark, event->data.scalar.anchor);
    if (anchor)
        anchor->node = node;
}

static void open_level(struct reader *reader, enum node_kind kind, yaml_mark_t mark,
                       const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (expects_key(reader)) {
        fail(reader, mark, "a name must be text, not a list or an object");
        return;
    }
    if (tag && strcmp((const char *)tag, "!") != 0) {
        fail(reader, mark, "tags are not read here; only !!str is");
        return;
    }
    if (reader->depth == DOCUMENT_DEPTH) {
        fail(reader, mark,
             arena_print(reader->arena, "lists and objects may be %d deep inside each other",
                         DOCUMENT_DEPTH));
        return;
    }
    struct node *node = value_new(reader, mark, 0);
    if (!node)
        return;
    node->kind = kind;
    struct level *level = &reader->levels[reader->depth++];
    *level = (struct level){ .node = node, .end = &node->first };
    level->anchor = anchor_add(reader, mark, anchor);
}

static void close_level(struct reader *reader)
{
    assert(reader->depth);
    const struct level *level = &reader->levels[--reader->depth];
    assert(level->node);
    if (level->node->kind == NODE_OBJECT)
        node_find_repeated(reader->arena, level->node, reader->faults);
    if (level->anchor)
        level->anchor->node = level->node;
}

/* Copy what an alias stands for below a node that has its place already. */
static void copy_below(struct reader *reader, yaml_mark_t mark, const struct node *from,
                       struct node *to)
{
    to->kind = from->kind;
    to->truth = from->truth;
    to->text = from->text;
    to->text_line = from->text_line;
    const struct node **end = &to->first;
    for (const struct node *child = from->first; child; child = child->next) {
        size_t bytes =
            (child->text ? strlen(child->text) : 0) + (child->key ? strlen(child->key) : 0);
        if (!spend(reader, mark, bytes))
            return;
        struct node *copy = arena_new_of(reader->arena, struct node);
        copy->key = child->key;
        copy->line = child->line;
        copy->column = child->column;
        node_append(to, &end, copy);
        copy_below(reader, mark, child, copy);
        if (reader->failed)
            return;
    }
}

static int height_of(const struct node *node)
{
    int height = 0;
    for (const struct node *child = node->first; child; child = child->next) {
        int below = height_of(child);
        height = below > height ? below : height;
    }
    return node->kind == NODE_LIST || node->kind == NODE_OBJECT ? height + 1 : height;
}

static void read_alias(struct reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct anchor *anchor = reader->anchors;
    while (anchor && strcmp(anchor->name, name) != 0)
        anchor = anchor->older;
    if (expects_key(reader))
        fail(reader, event->start_mark, "a name cannot be an alias");
    else if (!anchor)
        fail(reader, event->start_mark,
             arena_print(reader->arena, "there is no anchor &%s before this alias", name));
    else if (!anchor->node)
        fail(reader, event->start_mark,
             arena_print(reader->arena, "the alias *%s is inside what it stands for", name));
    else if (reader->depth + height_of(anchor->node) > DOCUMENT_DEPTH)
        fail(reader, event->start_mark,
             arena_print(reader->arena, "lists and objects may be %d deep inside each other",
                         DOCUMENT_DEPTH));
    if (reader->failed)
        return;
    const char *text = anchor->node->text;
    struct node *node = value_new(reader, event->start_mark, text ? strlen(text) : 0);
    if (node)
        copy_below(reader, event->start_mark, anchor->node, node);
}

static void read_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        read_scalar(reader, event);
        break;
    case YAML_ALIAS_EVENT:
        read_alias(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_level(reader, NODE_LIST, event->start_mark, event->data.sequence_start.anchor,
                   event->data.sequence_start.tag);
        break;
    case YAML_MAPPING_START_EVENT:
        open_level(reader, NODE_OBJECT, event->start_mark, event->data.mapping_start.anchor,
                   event->data.mapping_start.tag);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_level(reader);
        break;
    case YAML_DOCUMENT_START_EVENT:
        if (reader->root)
            fail(reader, event->start_mark,
                 "a second document begins here; a file holds one document");
        break;
    default: /* the stream and the end of the document say nothing new */
        break;
    }
}

/* What libyaml found wrong, in its words, where it found it. */
static void fail_syntax(struct reader *reader, const yaml_parser_t *parser)
{
    const char *what = parser->problem ? parser->problem : "the text cannot be read";
    reader->failed = true;
    faults_add_at(reader->faults, reader->source->file, (int64_t)parser->problem_mark.line + 1,
                  (int64_t)parser->problem_mark.column + 1, NULL, "broken YAML: %s%s%s", what,
                  parser->context ? ", " : "", parser->context ? parser->context : "");
}

const struct node *document_read_yaml(struct arena *arena, const struct document_text *source,
                                      size_t size_limit, struct faults *faults)
{
    struct reader reader = {
        .arena = arena, .source = source, .faults = faults, .size_limit = size_limit
    };
    int faults_before = faults->count;
    CLEANUP(yaml_parser_delete) yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        abort(); /* out of memory */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source->text, source->size);
    bool ended = false;
    while (!ended && !reader.failed) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            if (parser.error == YAML_MEMORY_ERROR)
                abort();
            fail_syntax(&reader, &parser);
            break;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        read_event(&reader, &event);
        yaml_event_delete(&event);
    }
    if (!reader.root && faults->count == faults_before)
        faults_add(faults, source->file, 1, NULL, "there is nothing in it");
    return faults->count == faults_before ? reader.root : NULL;
}
