#include "role_login.h"
#include "roles.h"
#include "server/base/buffer.h"
#include "sql.h"

#include <string.h>

static const char HEAD[] =
    "-- Makes the roles and the database of an Entrepot server, and makes them safe. For psql, "
    "run\n"
    "-- by a superuser; whatever is there already stays, so it may be run again:\n"
    "--\n"
    "--     entrepot database-script --database URL | psql 'postgres://superuser@host/postgres'\n"
    "--\n";
static const char WITH_PASSWORDS[] =
    "-- The passwords are those the server with this URL comes with, as SCRAM verifiers.\n";
static const char WITHOUT_PASSWORDS[] =
    "-- It sets no passwords: name the server's database with --database to have them set.\n";

/* A statement that gives statements, for psql to run what it gives. */
static void add_step(struct buffer *script, const struct db_statement *statement)
{
    size_t size = strlen(statement->text);
    while (size && strchr("; \n", statement->text[size - 1]))
        size--;
    buffer_add_char(script, '\n');
    buffer_add(script, statement->text, size);
    buffer_add_text(script, "\n\\gexec\n");
}

static struct problem *add_passwords(struct arena *arena, struct buffer *script,
                                     struct role_login *login)
{
    static const char *const roles[] = { "entrepot_owner", "entrepot_pipeline", "entrepot_reader" };
    buffer_add_char(script, '\n');
    for (size_t i = 0; i < COUNT(roles); i++) {
        const char *sql;
        TRY(role_login_statement(arena, login, roles[i], &sql));
        if (sql)
            buffer_print(script, "%s;\n", sql);
    }
    return NULL;
}

/* Whoever makes nothing still has to come in, after everybody may not. */
static void add_admin(struct arena *arena, struct buffer *script, const struct role_login *login)
{
    buffer_print(
        script,
        "\nSELECT 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO '"
        "\n       || quote_ident(rolname)"
        "\n  FROM pg_catalog.pg_roles WHERE rolname = %s"
        "\n\\gexec\n",
        db_literal(arena, login->admin));
}

struct problem *roles_script(struct arena *arena, const char *admin_conninfo, const char *data_dir,
                             const char **out_sql)
{
    struct role_login login = { .database = "entrepot" };
    CLEANUP(buffer_clear) struct buffer script = { 0 };
    if (admin_conninfo)
        TRY(role_login_open(arena, admin_conninfo, data_dir, &login));
    const char *name = db_literal(arena, login.database);

    buffer_add_text(&script, HEAD);
    buffer_add_text(&script, admin_conninfo ? WITH_PASSWORDS : WITHOUT_PASSWORDS);
    buffer_add_text(&script, "\n\\set ON_ERROR_STOP on\n");
    add_step(&script, &sql_roles_missing);
    add_step(&script, &sql_roles_members);
    add_step(&script, &sql_roles_limits);
    if (admin_conninfo)
        TRY(add_passwords(arena, &script, &login));
    buffer_print(&script,
                 "\nSELECT 'CREATE DATABASE ' || quote_ident(%s)"
                 "\n       || ' OWNER entrepot_owner ENCODING ''UTF8'' TEMPLATE template0'"
                 "\n WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %s)"
                 "\n\\gexec\n\\connect %s\n",
                 name, name, db_identifier(arena, login.database));
    if (admin_conninfo)
        add_admin(arena, &script, &login);
    add_step(&script, &sql_roles_database);
    add_step(&script, &sql_roles_functions);
    add_step(&script, &sql_roles_watch);
    *out_sql = arena_copy(arena, script.data, script.size);
    return NULL;
}
