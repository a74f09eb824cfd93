#include "lineage_sources.h"

#include <string.h>

/* Sources being gathered. */
struct gathered {
    struct arena *arena;
    struct lineage_source *list;
    size_t count;
};

static void add(struct gathered *gathered, const struct lineage_source *source)
{
    gathered->list =
        arena_grown(gathered->arena, gathered->list, gathered->count, sizeof *gathered->list);
    gathered->list[gathered->count++] = *source;
}

/* What reaches through: the outer use decides unless it is direct, then the stronger of both. */
static void add_through(struct gathered *gathered, const struct lineage_column *column,
                        const struct lineage_source *use)
{
    for (size_t i = 0; i < column->source_count; i++) {
        struct lineage_source source = column->sources[i];
        if (!lineage_is_direct(use->kind)
            || (lineage_is_direct(source.kind) && source.kind < use->kind))
            source.kind = use->kind;
        source.masked = source.masked || use->masked;
        add(gathered, &source);
    }
}

static const struct lineage *made_by(const struct lineage_step *earlier, size_t count,
                                     int64_t relation)
{
    for (size_t i = 0; i < count; i++)
        if (earlier[i].relation == relation)
            return earlier[i].lineage;
    return NULL;
}

static struct lineage_column compose_column(struct arena *arena,
                                            const struct lineage_column *column,
                                            const struct lineage_step *earlier, size_t count)
{
    struct gathered gathered = { .arena = arena };
    for (size_t i = 0; i < column->source_count; i++) {
        const struct lineage_source *source = &column->sources[i];
        const struct lineage *maker = made_by(earlier, count, source->relation);
        if (!maker)
            add(&gathered, source);
        for (size_t j = 0; maker && j + 1 < maker->column_count; j++)
            if (!source->column || strcmp(maker->columns[j].name, source->column) == 0)
                add_through(&gathered, &maker->columns[j], source);
    }
    return (struct lineage_column){ column->name, gathered.list,
                                    lineage_sort(gathered.list, gathered.count) };
}

/* The last of the columns: the dataset's own. What decided for an earlier step decides here too. */
static struct lineage_column compose_whole(struct arena *arena, const struct lineage *step,
                                           const struct lineage_step *earlier, size_t count)
{
    struct lineage_column own =
        compose_column(arena, &step->columns[step->column_count - 1], earlier, count);
    struct gathered gathered = { .arena = arena };
    for (size_t i = 0; i < own.source_count; i++)
        add(&gathered, &own.sources[i]);
    for (size_t i = 0; i < step->relation_count; i++) {
        const struct lineage *maker = made_by(earlier, count, step->relations[i]);
        if (!maker)
            continue;
        const struct lineage_column *whole = &maker->columns[maker->column_count - 1];
        for (size_t j = 0; j < whole->source_count; j++)
            add(&gathered, &whole->sources[j]);
    }
    return (struct lineage_column){ NULL, gathered.list,
                                    lineage_sort(gathered.list, gathered.count) };
}

static void compose_relations(struct arena *arena, const struct lineage *step,
                              const struct lineage_step *earlier, size_t count, struct lineage *out)
{
    int64_t *list = NULL;
    size_t found = 0;
    for (size_t i = 0; i < step->relation_count; i++) {
        const struct lineage *maker = made_by(earlier, count, step->relations[i]);
        const int64_t *relations = maker ? maker->relations : &step->relations[i];
        size_t more = maker ? maker->relation_count : 1;
        if (maker && maker->doubt && !out->doubt)
            out->doubt = maker->doubt;
        for (size_t j = 0; j < more; j++) {
            list = arena_grown(arena, list, found, sizeof *list);
            list[found++] = relations[j];
        }
    }
    out->relations = list;
    out->relation_count = lineage_sort_relations(list, found);
}

void lineage_compose(struct arena *arena, const struct lineage *step,
                     const struct lineage_step *earlier, size_t earlier_count,
                     struct lineage *out_lineage)
{
    struct lineage composed = { .column_count = step->column_count, .doubt = step->doubt };
    struct lineage_column *columns =
        arena_array_of(arena, struct lineage_column, step->column_count);
    compose_relations(arena, step, earlier, earlier_count, &composed);
    for (size_t i = 0; i < step->column_count; i++) {
        if (composed.doubt)
            columns[i].name = step->columns[i].name;
        else if (i + 1 < step->column_count)
            columns[i] = compose_column(arena, &step->columns[i], earlier, earlier_count);
        else
            columns[i] = compose_whole(arena, step, earlier, earlier_count);
    }
    composed.columns = columns;
    *out_lineage = composed;
}
