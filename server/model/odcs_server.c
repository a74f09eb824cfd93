/* servers[] of ODCS: where data is. Each type has members of its own. */
#include "odcs_common.h"

#include "server/base/text.h"

#include <string.h>

/* Per type its members: ! must be there, # is a whole number, : is a URI, all others are text. */
static const struct {
    const char *type;
    const char *members;
} servers[] = {
    { "api", "location:!" },
    { "athena", "stagingDir:! schema! catalog regionName" },
    { "azure", "location:! format! delimiter" },
    { "bigquery", "project! dataset!" },
    { "clickhouse", "host! port#! database!" },
    { "databricks", "catalog! schema! host" },
    { "denodo", "host! port#! database" },
    { "dremio", "host! port#! schema" },
    { "duckdb", "database! schema" },
    { "glue", "account! database! location: format" },
    { "cloudsql", "host! port#! database! schema!" },
    { "db2", "host! port#! database! schema" },
    { "hive", "host! database! port#" },
    { "impala", "host! database! port#" },
    { "informix", "host! database! port#" },
    { "kafka", "host! format" },
    { "kinesis", "region format" },
    { "local", "path! format!" },
    { "mysql", "host! port#! database!" },
    { "oracle", "host! port#! serviceName!" },
    { "postgresql", "host! port#! database! schema!" },
    { "postgres", "host! port#! database! schema!" },
    { "presto", "host! catalog schema" },
    { "pubsub", "project!" },
    { "redshift", "database! schema! host region account" },
    { "s3", "location:! endpointUrl: format delimiter" },
    { "sftp", "location:! format delimiter" },
    { "snowflake", "account! database! schema! host port# warehouse" },
    { "sqlserver", "host! database! schema! port#" },
    { "synapse", "host! port#! database!" },
    { "trino", "host! port#! catalog! schema!" },
    { "vertica", "host! port#! database! schema!" },
    { "zen", "host! database! port#" },
    { "custom",
      "account catalog database dataset delimiter endpointUrl: format host location: path port# "
      "project region regionName schema serviceName stagingDir warehouse stream" },
};

static const struct shape_member common_members[] = {
    { "id", SHAPE_STABLE_ID },
    { "server", SHAPE_TEXT, .required = true },
    { "type", SHAPE_TEXT, .required = true },
    { "description", SHAPE_TEXT },
    { "environment", SHAPE_TEXT },
    { "roles", SHAPE_LIST, .of = &odcs_role },
    { "customProperties", SHAPE_LIST, .of = &odcs_custom_property },
};
static SHAPE(common_shape, "a server", common_members);

/* The shape of a type's own members, read from the table above. */
static struct shape shape_of(struct arena *arena, size_t row)
{
    char **words = text_split(arena, servers[row].members, " ");
    size_t count = 0;
    while (words[count])
        count++;
    struct shape_member *members = arena_array_of(arena, struct shape_member, count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(words[i], "#:!");
        const char *marks = words[i] + length;
        members[i].kind = strchr(marks, '#')   ? SHAPE_INTEGER
                          : strchr(marks, ':') ? SHAPE_URI
                                               : SHAPE_TEXT;
        members[i].required = strchr(marks, '!') != NULL;
        members[i].name = arena_copy(arena, words[i], length);
    }
    return (struct shape){
        .noun = arena_print(arena, "a server of type %s", servers[row].type),
        .members = members,
        .count = count,
        .base = &common_shape,
    };
}

static void check_server(const struct node *server, struct faults *faults)
{
    const char *type = node_text(server, "type");
    if (!type) { /* tell what is missing, but not that members of a type are unknown */
        struct shape open = common_shape;
        open.open = true;
        (void)shape_check(&open, server, faults); /* the faults tell */
        return;
    }
    for (size_t i = 0; i < COUNT(servers); i++) {
        if (strcmp(servers[i].type, type) != 0)
            continue;
        struct shape shape = shape_of(faults->arena, i);
        (void)shape_check(&shape, server, faults);
        if (strcmp(type, "sftp") == 0 && node_text(server, "location")
            && !text_starts(node_text(server, "location"), "sftp://"))
            node_fault(faults, node_member(server, "location"), "must begin with sftp://");
        return;
    }
    node_fault(faults, node_member(server, "type"),
               "\"%s\" is not a server type of ODCS 3.1; use api, postgres, s3, local or another "
               "of its list, or custom",
               type);
}

void odcs_check_servers(const struct node *root, struct faults *faults)
{
    static const struct shape_member as_list = { "servers", SHAPE_LIST };
    const struct node *list = node_member(root, "servers");
    if (!list || !shape_check_value(&as_list, list, faults))
        return;
    for (const struct node *server = list->first; server; server = server->next)
        check_server(server, faults);
}
