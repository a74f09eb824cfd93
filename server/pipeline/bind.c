#include "bind.h"

#include "server/base/buffer.h"
#include "server/db/db.h"

#include <string.h>

const char *const *bind_names(struct arena *arena, const struct binding *binding)
{
    size_t count = 0;
    const char **names =
        arena_array_of(arena, const char *, binding->input_count + binding->earlier_count + 2);
    for (size_t i = 0; i < binding->input_count; i++)
        names[count++] = binding->inputs[i].name;
    for (size_t i = 0; i < binding->earlier_count; i++)
        names[count++] = binding->earlier[i].name;
    names[count] = "run";
    return names;
}

static void add_run(struct arena *arena, struct buffer *sql, const struct binding *binding)
{
    buffer_add_text(sql, "\"run\" AS NOT MATERIALIZED (SELECT ");
    for (size_t i = 0; i < binding->run_count; i++) {
        const struct bind_value *value = &binding->run[i];
        buffer_print(sql, "%s%s::%s AS %s", i ? ", " : "",
                     value->text ? db_literal(arena, value->text) : "NULL", value->sql_type,
                     db_identifier(arena, value->name));
    }
    buffer_add_char(sql, ')');
}

static int64_t characters(const struct buffer *text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text->size; i++)
        count += ((unsigned char)text->data[i] & 0xC0) != 0x80;
    return count;
}

void bind_step(struct arena *arena, const struct binding *binding, const char *sql,
               const struct columns *output, const char **out_sql, int64_t *out_offset)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    buffer_add_text(&text, "WITH ");
    for (size_t i = 0; i < binding->input_count; i++)
        buffer_print(&text, "%s AS NOT MATERIALIZED (%s),\n",
                     db_identifier(arena, binding->inputs[i].name), binding->inputs[i].select);
    add_run(arena, &text, binding);
    for (size_t i = 0; i < binding->earlier_count; i++)
        /* the line ends keep a comment at the end of the author's SQL from eating our bracket */
        buffer_print(&text, ",\n%s AS (\n%s\n)", db_identifier(arena, binding->earlier[i].name),
                     binding->earlier[i].sql);
    buffer_add_text(&text, "\nSELECT ");
    for (size_t i = 0; output && i < output->count; i++)
        buffer_print(&text, "%sq.%s::%s", i ? ", " : "", db_identifier(arena, output->list[i].name),
                     column_sql_type(arena, &output->list[i]));
    if (!output)
        buffer_add_text(&text, "q.*");
    buffer_add_text(&text, " FROM (\n");
    *out_offset = characters(&text);
    buffer_print(&text, "%s\n) AS q", sql);
    *out_sql = arena_copy(arena, text.data, text.size);
}
