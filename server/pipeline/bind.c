#include "bind.h"

#include "bind_mode.h"
#include "server/base/buffer.h"
#include "server/db/db.h"

#include <string.h>

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

void bind_with(struct arena *arena, const struct binding *binding, struct buffer *sql)
{
    buffer_add_text(sql, "WITH ");
    for (size_t i = 0; i < binding->input_count; i++)
        buffer_print(sql, "%s AS NOT MATERIALIZED (%s),\n",
                     db_identifier(arena, binding->inputs[i].name), binding->inputs[i].select);
    add_run(arena, sql, binding);
    for (size_t i = 0; i < binding->earlier_count; i++)
        /* the line ends keep a comment at the end of the author's SQL from eating our bracket */
        buffer_print(sql, ",\n%s AS (\n%s\n)", db_identifier(arena, binding->earlier[i].name),
                     binding->earlier[i].sql);
}

bool bind_is_ours(enum pipeline_mode mode, const char *column)
{
    return mode == PIPELINE_SCD2
           && (strcmp(column, BIND_VALID_FROM) == 0 || strcmp(column, BIND_VALID_TO) == 0);
}

void bind_step(struct arena *arena, const struct binding *binding, const char *sql,
               const struct bind_output *output, const char **out_sql, int64_t *out_offset)
{
    CLEANUP(buffer_clear) struct buffer text = { 0 };
    bind_with(arena, binding, &text);
    bind_mode_before(arena, output, &text);
    *out_offset = characters(&text);
    buffer_print(&text, "%s\n) AS q", sql);
    bind_mode_after(arena, output, &text);
    *out_sql = arena_copy(arena, text.data, text.size);
}
