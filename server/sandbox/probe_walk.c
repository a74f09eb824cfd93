#include "probe_walk.h"

#include "allowed.h"
#include "sql.h"

#include <string.h>
#include <strings.h>

/* Members of nodes that hold object ids, alone or in lists. Labels that are not on the list are
 * refused, so there are no others. */
static const struct {
    const char *key;
    enum probe_kind kind;
} members[] = {
    { "vartype", PROBE_TYPE },
    { "consttype", PROBE_TYPE },
    { "paramtype", PROBE_TYPE },
    { "aggtype", PROBE_TYPE },
    { "aggargtypes", PROBE_TYPE },
    { "wintype", PROBE_TYPE },
    { "refcontainertype", PROBE_TYPE },
    { "refelemtype", PROBE_TYPE },
    { "refrestype", PROBE_TYPE },
    { "funcresulttype", PROBE_TYPE },
    { "opresulttype", PROBE_TYPE },
    { "resulttype", PROBE_TYPE },
    { "casetype", PROBE_TYPE },
    { "typeId", PROBE_TYPE },
    { "array_typeid", PROBE_TYPE },
    { "element_typeid", PROBE_TYPE },
    { "row_typeid", PROBE_TYPE },
    { "coalescetype", PROBE_TYPE },
    { "minmaxtype", PROBE_TYPE },
    { "coltypes", PROBE_TYPE },
    { "colTypes", PROBE_TYPE },
    { "ctecoltypes", PROBE_TYPE },
    { "funccoltypes", PROBE_TYPE },
    { "funcid", PROBE_FUNCTION },
    { "aggfnoid", PROBE_FUNCTION },
    { "winfnoid", PROBE_FUNCTION },
    { "hashfuncid", PROBE_FUNCTION },
    { "negfuncid", PROBE_FUNCTION },
    { "startInRangeFunc", PROBE_FUNCTION },
    { "endInRangeFunc", PROBE_FUNCTION },
    { "opno", PROBE_OPERATOR },
    { "opnos", PROBE_OPERATOR },
    { "eqop", PROBE_OPERATOR },
    { "sortop", PROBE_OPERATOR },
    { "relid", PROBE_RELATION },
};

/* Types whose input reads the clock when it is given one of these words: days and times, arrays and
 * ranges of them. Their object ids are the same in every Postgres. */
static const int64_t clock_types[] = { 1082, 1083, 1114, 1184, 1266, 1182, 1183, 1115,
                                       1185, 1270, 3908, 3910, 3912, 4533, 4534, 4535 };
static const char *const clock_words[] = { "now", "today", "tomorrow", "yesterday" };

/* How a FUNCEXPR was written: CoercionForm of Postgres. */
enum { COERCE_EXPLICIT_CAST = 1, COERCE_IMPLICIT_CAST = 2 };

static void object_to(struct probe_objects *objects, const char *rule, int64_t location,
                      const char *detail)
{
    if (!objects->objection.rule)
        objects->objection = (struct probe_objection){ rule, detail, location };
}

static void gather_one(struct probe_objects *objects, const struct probe_object *object)
{
    if (object->id <= 0)
        return;
    for (size_t i = 0; i < objects->count; i++) {
        const struct probe_object *known = &objects->list[i];
        if (known->kind == object->kind && known->id == object->id
            && known->as_cast == object->as_cast && known->code == object->code)
            return;
    }
    objects->list =
        arena_grown(objects->arena, objects->list, objects->count, sizeof *objects->list);
    objects->list[objects->count++] = *object;
}

static int64_t number_of(const struct tree *atom)
{
    int64_t number = 0;
    for (const char *at = atom->text; at && *at >= '0' && *at <= '9' && number < INT32_MAX; at++)
        number = number * 10 + (*at - '0');
    return number;
}

static void gather_member(struct probe_objects *objects, const struct tree *node,
                          const struct tree *member, int64_t location)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (strcmp(member->key, members[i].key) != 0)
            continue;
        struct probe_object object = { .kind = members[i].kind, .location = location };
        if (strcmp(member->key, "funcid") == 0) {
            int64_t format = tree_number(node, "funcformat", 0);
            object.as_cast = format == COERCE_EXPLICIT_CAST || format == COERCE_IMPLICIT_CAST;
        }
        if (strcmp(member->key, "opno") == 0)
            object.code = tree_number(node, "opfuncid", 0);
        const struct tree *atom = member->kind == TREE_LIST ? member->first : member;
        for (; atom; atom = member->kind == TREE_LIST ? atom->next : NULL) {
            object.id = atom->kind == TREE_ATOM ? number_of(atom) : 0;
            gather_one(objects, &object);
        }
    }
}

/* A text that is written down, at its first byte: its inside. */
static bool written_text(const char *at, const char **out_text, size_t *out_size)
{
    at += strspn(at, "EeUu&Nn");
    if (*at == '\'') {
        *out_text = at + 1;
        *out_size = strcspn(at + 1, "'");
        return true;
    }
    if (*at != '$')
        return false;
    const char *end = strchr(at + 1, '$');
    *out_text = end ? end + 1 : at;
    *out_size = strcspn(*out_text, "$");
    return true;
}

static bool is_clock_type(int64_t type)
{
    for (size_t i = 0; i < COUNT(clock_types); i++)
        if (clock_types[i] == type)
            return true;
    return false;
}

/* Does the word stand at the beginning of a text that is written down, anywhere in a statement? */
static bool begins_a_text(const char *statement, const char *word)
{
    for (const char *at = strcasestr(statement, word); at; at = strcasestr(at + 1, word)) {
        const char *before = at;
        while (before > statement && before[-1] == ' ')
            before--;
        if (before > statement && strchr("'$\"{[", before[-1]))
            return true;
    }
    return false;
}

/* Postgres 17 and newer do not keep where a constant stood; then any such text is one too many. */
static bool may_be_clock(const struct probe_objects *objects, int64_t location)
{
    const char *text = NULL;
    size_t size = 0;
    if (location >= 0
        && ((size_t)location >= strlen(objects->statement)
            || !written_text(objects->statement + location, &text, &size)))
        return false;
    const char *written = text ? arena_copy(objects->arena, text, size) : NULL;
    if (written && strchr(written, '\\'))
        return true;
    for (size_t i = 0; i < COUNT(clock_words); i++)
        if (written ? strcasestr(written, clock_words[i]) != NULL
                    : begins_a_text(objects->statement, clock_words[i]))
            return true;
    return false;
}

/* A day or time that was written as 'now': Postgres has put the clock's value in its place. */
static void check_constant(struct probe_objects *objects, const struct tree *node, int64_t location)
{
    if (is_clock_type(tree_number(node, "consttype", 0)) && may_be_clock(objects, location))
        object_to(objects, "clock", location,
                  "a day or time is written as now, today, tomorrow or yesterday, or with escapes: "
                  "use run.as_of");
}

static void gather(struct probe_objects *objects, const struct tree *tree, int64_t location)
{
    if (objects->objection.rule)
        return;
    if (tree->kind == TREE_NODE) {
        int64_t own = tree_number(tree, "location", -1);
        location = own >= 0 ? own : location;
        if (!allowed_find(ALLOWED_TREE_NODES, tree->text))
            object_to(objects, "construct", location,
                      arena_print(objects->arena,
                                  "%s is not on the list of constructs; see GET "
                                  "/control/functions",
                                  tree->text));
        if (tree_is(tree, "CONST"))
            check_constant(objects, tree, own);
    }
    for (const struct tree *child = tree->first; child; child = child->next) {
        if (tree->kind == TREE_NODE && child->key)
            gather_member(objects, tree, child, location);
        gather(objects, child, location);
    }
}

void probe_gather(struct probe_objects *objects, const struct tree *tree)
{
    gather(objects, tree, -1);
}

/* A row of what Postgres says, and whose words it answers. */
struct described {
    struct probe_objects *objects;
    const char *kind;
    int64_t id;
    const char *name;
    const char *arguments;
    bool is_safe;
    bool is_cast;
    int64_t other;
    const int64_t *tables;
    size_t table_count;
    bool *known; /* by object: Postgres has told of it */
};

static bool is_table(const struct described *described, int64_t relation)
{
    for (size_t i = 0; i < described->table_count; i++)
        if (relation > 0 && described->tables[i] == relation)
            return true;
    return false;
}

static bool is_allowed(const struct described *row, const struct probe_object *object)
{
    switch (object->kind) {
    case PROBE_FUNCTION: /* the types of a cast are judged as types */
        return row->is_safe
               && ((object->as_cast && row->is_cast)
                   || allowed_overload(ALLOWED_FUNCTIONS, row->name, row->arguments));
    case PROBE_OPERATOR:
        return row->is_safe && allowed_overload(ALLOWED_OPERATORS, row->name, row->arguments)
               && (!object->code || object->code == row->other);
    case PROBE_TYPE:
        return is_table(row, row->other)
               || (row->is_safe && allowed_find(ALLOWED_TYPES, row->name));
    case PROBE_RELATION:
        break;
    }
    return false;
}

static const char *objection_detail(const struct described *row, enum probe_kind kind)
{
    struct arena *arena = row->objects->arena;
    const struct allowed *advice =
        kind == PROBE_FUNCTION ? allowed_find(ALLOWED_ADVICE, row->name) : NULL;
    if (advice)
        return arena_print(arena, "%s is not allowed: %s", row->name, advice->reason);
    if (kind == PROBE_TYPE)
        return arena_print(arena,
                           "the type %s is not on the list of types; see GET /control/functions",
                           row->name);
    return arena_print(arena, "%s%s (%s) is not on the list; see GET /control/functions",
                       kind == PROBE_OPERATOR ? "the operator " : "", row->name, row->arguments);
}

static struct problem *judge_row(void *context)
{
    static const char *const kinds[] = { "function", "operator", "type" };
    const struct described *row = context;
    for (size_t i = 0; i < row->objects->count; i++) {
        const struct probe_object *object = &row->objects->list[i];
        if (object->kind == PROBE_RELATION || object->id != row->id
            || strcmp(kinds[object->kind], row->kind) != 0)
            continue;
        row->known[i] = true;
        if (!is_allowed(row, object))
            object_to(row->objects, row->kind, object->location,
                      objection_detail(row, object->kind));
    }
    return NULL;
}

static size_t ids_of(const struct probe_objects *objects, enum probe_kind kind, int64_t *ids)
{
    size_t count = 0;
    for (size_t i = 0; i < objects->count; i++)
        if (objects->list[i].kind == kind)
            ids[count++] = objects->list[i].id;
    return count;
}

static void judge_relations(struct probe_objects *objects, const struct described *described,
                            int64_t view)
{
    for (size_t i = 0; i < objects->count; i++) {
        const struct probe_object *object = &objects->list[i];
        if (object->kind != PROBE_RELATION)
            continue;
        if (object->id == view || is_table(described, object->id))
            described->known[i] = true; /* the view itself stands in its rule as old and new */
        else
            object_to(objects, "relation", object->location,
                      "a table is read that is neither an input nor an earlier step");
    }
}

struct problem *probe_judge(struct db *db, struct probe_objects *objects, int64_t view,
                            const int64_t *tables, size_t table_count)
{
    struct arena *arena = objects->arena;
    int64_t *ids[3];
    size_t counts[3];
    struct described row = { .objects = objects, .tables = tables, .table_count = table_count };
    row.known = arena_array_of(arena, bool, objects->count);
    for (int kind = PROBE_FUNCTION; kind <= PROBE_TYPE; kind++) {
        ids[kind] = arena_array_of(arena, int64_t, objects->count);
        counts[kind] = ids_of(objects, (enum probe_kind)kind, ids[kind]);
    }
    judge_relations(objects, &row, view);
    const struct db_param in[] = { db_int64s(ids[0], counts[0]), db_int64s(ids[1], counts[1]),
                                   db_int64s(ids[2], counts[2]) };
    const struct db_column out[] = { db_to_text(&row.kind),    db_to_int64(&row.id),
                                     db_to_text(&row.name),    db_to_text(&row.arguments),
                                     db_to_bool(&row.is_safe), db_to_bool(&row.is_cast),
                                     db_to_int64(&row.other) };
    TRY(db_each(db, arena, &sql_probe_objects, in, COUNT(in), out, COUNT(out), judge_row, &row));
    for (size_t i = 0; i < objects->count; i++)
        if (!row.known[i])
            object_to(objects, "unknown", objects->list[i].location,
                      "something is used that Postgres does not know");
    return NULL;
}
