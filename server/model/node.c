#include "node.h"

#include "server/base/buffer.h"
#include "server/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void node_append(struct node *parent, const struct node ***end, struct node *child)
{
    child->parent = parent;
    child->index = parent->count++;
    **end = child;
    *end = &child->next;
}

static int by_key_then_place(const void *left, const void *right)
{
    const struct node *a = *(const struct node *const *)left;
    const struct node *b = *(const struct node *const *)right;
    int order = strcmp(a->key, b->key);
    return order ? order : a->index < b->index ? -1 : 1;
}

void node_find_repeated(struct arena *arena, const struct node *object, struct faults *faults)
{
    const struct node **members = arena_array_of(arena, const struct node *, object->count);
    size_t count = 0;
    for (const struct node *member = object->first; member; member = member->next)
        members[count++] = member;
    qsort(members, count, sizeof(const struct node *), by_key_then_place);
    for (size_t i = 1; i < count; i++)
        if (strcmp(members[i]->key, members[i - 1]->key) == 0)
            node_fault(faults, members[i], "the member is here already, on line %lld",
                       (long long)members[i - 1]->line);
}

const struct node *node_member(const struct node *node, const char *name)
{
    if (!node || node->kind != NODE_OBJECT)
        return NULL;
    for (const struct node *member = node->first; member; member = member->next)
        if (strcmp(member->key, name) == 0)
            return member;
    return NULL;
}

const char *node_text(const struct node *node, const char *name)
{
    const struct node *member = node_member(node, name);
    return member && member->kind == NODE_TEXT ? member->text : NULL;
}

bool node_to_int64(const struct node *node, int64_t *out_value)
{
    if (!node || node->kind != NODE_NUMBER)
        return false;
    char digits[32];
    size_t size = strcspn(node->text, ".");
    const char *fraction = node->text + size;
    if (size >= sizeof digits || (*fraction && fraction[1 + strspn(fraction + 1, "0")]))
        return false;
    memcpy(digits, node->text, size);
    digits[size] = '\0';
    return text_to_int64(digits, out_value);
}

/* The members of an object sorted by name, on the heap. */
static const struct node **sorted_members(const struct node *node)
{
    const struct node **members = calloc(node->count + 1, sizeof *members);
    if (!members)
        abort();
    size_t count = 0;
    for (const struct node *member = node->first; member; member = member->next)
        members[count++] = member;
    qsort(members, count, sizeof(const struct node *), by_key_then_place);
    return members;
}

static void members_free(const struct node ***members)
{
    free((void *)*members);
}

static bool objects_equal(const struct node *left, const struct node *right)
{
    CLEANUP(members_free) const struct node **a = sorted_members(left);
    CLEANUP(members_free) const struct node **b = sorted_members(right);
    for (size_t i = 0; i < left->count; i++)
        if (strcmp(a[i]->key, b[i]->key) != 0 || !node_equal(a[i], b[i]))
            return false;
    return true;
}

bool node_equal(const struct node *left, const struct node *right)
{
    if (left->kind != right->kind || left->count != right->count)
        return false;
    switch (left->kind) {
    case NODE_NULL:
        return true;
    case NODE_BOOL:
        return left->truth == right->truth;
    case NODE_NUMBER:
    case NODE_TEXT:
        return strcmp(left->text, right->text) == 0;
    case NODE_OBJECT:
        return objects_equal(left, right);
    case NODE_LIST:
        break;
    }
    const struct node *b = right->first;
    for (const struct node *a = left->first; a; a = a->next, b = b->next)
        if (!node_equal(a, b))
            return false;
    return true;
}

static void path_add(struct buffer *path, const struct node *node)
{
    if (!node->parent)
        return;
    path_add(path, node->parent);
    buffer_add_char(path, '/');
    if (!node->key) {
        buffer_print(path, "%zu", node->index);
        return;
    }
    for (const char *byte = node->key; *byte; byte++) {
        if (*byte == '~')
            buffer_add_text(path, "~0");
        else if (*byte == '/')
            buffer_add_text(path, "~1");
        else
            buffer_add_char(path, *byte);
    }
}

const char *node_path(struct arena *arena, const struct node *node)
{
    CLEANUP(buffer_clear) struct buffer path = { 0 };
    path_add(&path, node);
    return arena_copy(arena, path.data ? path.data : "", path.size);
}

const char *node_kind_name(enum node_kind kind)
{
    switch (kind) {
    case NODE_NULL:
        return "nothing";
    case NODE_BOOL:
        return "true or false";
    case NODE_NUMBER:
        return "a number";
    case NODE_TEXT:
        return "text";
    case NODE_LIST:
        return "a list";
    case NODE_OBJECT:
        return "an object";
    }
    return "something else";
}

void node_fault(struct faults *faults, const struct node *node, const char *reason, ...)
{
    if (faults->count >= faults->limit) {
        faults->count++; /* only counted: no need to work out where it is */
        return;
    }
    const struct node *root = node;
    while (root->parent)
        root = root->parent;
    va_list arguments;
    va_start(arguments, reason);
    const char *text = arena_vprint(faults->arena, reason, arguments);
    va_end(arguments);
    faults_add(faults, root->file, node->line, node_path(faults->arena, node), "%s", text);
}

static void json_add(struct buffer *json, const struct node *node, bool sorted);

static void json_add_member(struct buffer *json, const struct node *member, bool sorted)
{
    buffer_add_json_string(json, member->key, strlen(member->key));
    buffer_add_char(json, ':');
    json_add(json, member, sorted);
}

static void json_add_object(struct buffer *json, const struct node *node, bool sorted)
{
    buffer_add_char(json, '{');
    if (sorted) {
        CLEANUP(members_free) const struct node **members = sorted_members(node);
        for (size_t i = 0; i < node->count; i++) {
            if (i)
                buffer_add_char(json, ',');
            json_add_member(json, members[i], sorted);
        }
    } else {
        for (const struct node *member = node->first; member; member = member->next) {
            if (member != node->first)
                buffer_add_char(json, ',');
            json_add_member(json, member, sorted);
        }
    }
    buffer_add_char(json, '}');
}

static void json_add_list(struct buffer *json, const struct node *node, bool sorted)
{
    buffer_add_char(json, '[');
    for (const struct node *item = node->first; item; item = item->next) {
        if (item != node->first)
            buffer_add_char(json, ',');
        json_add(json, item, sorted);
    }
    buffer_add_char(json, ']');
}

static void json_add(struct buffer *json, const struct node *node, bool sorted)
{
    switch (node->kind) {
    case NODE_NULL:
        buffer_add_text(json, "null");
        break;
    case NODE_BOOL:
        buffer_add_text(json, node->truth ? "true" : "false");
        break;
    case NODE_NUMBER:
        buffer_add_text(json, node->text);
        break;
    case NODE_TEXT:
        buffer_add_json_string(json, node->text, strlen(node->text));
        break;
    case NODE_LIST:
        json_add_list(json, node, sorted);
        break;
    case NODE_OBJECT:
        json_add_object(json, node, sorted);
        break;
    }
}

const char *node_json(struct arena *arena, const struct node *node)
{
    CLEANUP(buffer_clear) struct buffer json = { 0 };
    json_add(&json, node, false);
    return arena_copy(arena, json.data, json.size);
}

const char *node_canonical_json(struct arena *arena, const struct node *node)
{
    CLEANUP(buffer_clear) struct buffer json = { 0 };
    json_add(&json, node, true);
    return arena_copy(arena, json.data, json.size);
}
