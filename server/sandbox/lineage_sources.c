#include "lineage_sources.h"

#include <stdlib.h>
#include <string.h>

/* A wide table read in the ordinary way needs a few thousand. */
#define MAX_WORK 1000000

void sources_doubt(struct sources *sources, const char *why)
{
    if (!sources->doubt)
        sources->doubt = why;
}

bool sources_exhausted(struct sources *sources, size_t work)
{
    sources->work += work;
    if (sources->work > MAX_WORK)
        sources_doubt(sources, "there are too many sources to tell them by column");
    return sources->doubt != NULL;
}

uint32_t source_table(struct sources *sources, int64_t relation)
{
    for (size_t i = 0; i < sources->table_count; i++)
        if (sources->tables[i]->relation == relation)
            return (uint32_t)i;
    struct source_table *table = arena_new_of(sources->arena, struct source_table);
    table->relation = relation;
    table->names = arena_array_of(sources->arena, const char *, SOURCE_COLUMNS);
    sources->tables =
        arena_grown(sources->arena, sources->tables, sources->table_count, sizeof *sources->tables);
    sources->tables[sources->table_count] = table;
    return (uint32_t)sources->table_count++;
}

uint32_t source_column(uint32_t table, int64_t place)
{
    return table * SOURCE_COLUMNS + (uint32_t)(place + SOURCE_SYSTEM_COLUMNS);
}

int64_t source_place(uint32_t column)
{
    return (int64_t)(column % SOURCE_COLUMNS) - SOURCE_SYSTEM_COLUMNS;
}

struct source_use source_use_within(struct source_use use, enum lineage_kind kind)
{
    if (lineage_is_direct(use.kind) && (kind > use.kind || !lineage_is_direct(kind)))
        use.kind = kind;
    return use;
}

static struct source_entry *room_for_one(struct sources *sources, struct source_set *set)
{
    if (set->count == set->room) {
        source_set_sort(set);
        if (2 * set->count >= set->room) {
            size_t room = set->room ? 2 * set->room : 8;
            struct source_entry *list = arena_array_of(sources->arena, struct source_entry, room);
            if (set->count)
                memcpy(list, set->list, set->count * sizeof *list);
            set->list = list;
            set->room = room;
        }
    }
    return &set->list[set->count++];
}

static void add_entry(struct sources *sources, struct source_set *set, struct source_entry entry)
{
    if (entry.kinds && !sources_exhausted(sources, 1))
        *room_for_one(sources, set) = entry;
}

void source_set_add(struct sources *sources, struct source_set *set, uint32_t column,
                    struct source_use use)
{
    uint16_t bit = (uint16_t)(1U << use.kind);
    add_entry(sources, set, (struct source_entry){ column, bit, use.masks ? 0 : bit });
}

void source_set_add_read(struct sources *sources, struct source_set *set, uint32_t table)
{
    add_entry(sources, set, (struct source_entry){ source_column(table, 0), SOURCE_IS_READ, 0 });
}

/* The kinds of what is used so: indirect uses take all, direct ones lift the weaker direct kinds.
 */
static uint16_t kinds_within(uint16_t kinds, enum lineage_kind use)
{
    unsigned read = kinds & SOURCE_IS_READ;
    unsigned others = kinds & ~SOURCE_IS_READ;
    if (!others)
        return (uint16_t)read;
    if (!lineage_is_direct(use))
        return (uint16_t)(read | 1U << use);
    unsigned weaker = others & ((1U << use) - 1);
    unsigned kept = others & ~weaker;
    return (uint16_t)(read | kept | (weaker ? 1U << use : 0));
}

void source_set_add_set(struct sources *sources, struct source_set *set,
                        const struct source_set *from, struct source_use use)
{
    for (size_t i = 0; i < from->count; i++) {
        struct source_entry entry = from->list[i];
        entry.kinds = kinds_within(entry.kinds, use.kind);
        entry.open = use.masks ? 0 : kinds_within(entry.open, use.kind);
        add_entry(sources, set, entry);
    }
}

void source_set_merge(struct sources *sources, struct source_set *set,
                      const struct source_set *from)
{
    for (size_t i = 0; i < from->count; i++)
        add_entry(sources, set, from->list[i]);
}

static int by_column(const void *left, const void *right)
{
    uint32_t a = ((const struct source_entry *)left)->column;
    uint32_t b = ((const struct source_entry *)right)->column;
    return (a > b) - (a < b);
}

void source_set_sort(struct source_set *set)
{
    if (set->sorted == set->count)
        return;
    qsort(set->list, set->count, sizeof *set->list, by_column);
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct source_entry *last = kept ? &set->list[kept - 1] : NULL;
        if (last && last->column == set->list[i].column) {
            last->kinds |= set->list[i].kinds;
            last->open |= set->list[i].open;
        } else {
            set->list[kept++] = set->list[i];
        }
    }
    set->count = set->sorted = kept;
}

bool source_set_equal(const struct source_set *left, const struct source_set *right)
{
    return left->count == right->count
           && (!left->count
               || memcmp(left->list, right->list, left->count * sizeof *left->list) == 0);
}
