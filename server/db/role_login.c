#include "role_login.h"

#include "conninfo.h"
#include "data_dir.h"
#include "server/base/digest.h"
#include "server/base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

CLEANUP_DEFINE(PGconn *, PQfinish)
CLEANUP_DEFINE(struct db *, db_close)
CLEANUP_DEFINE(json_t *, json_decref)

enum { KEY_FILE_BYTES = 4096 };

static const char USUAL_DATABASE[] = "entrepot";

struct problem *role_login_open(struct arena *arena, const char *admin_conninfo,
                                const char *data_dir, struct role_login *out_login)
{
    /* begun, not opened: libpq has then looked into its environment and files for what is missing
     */
    const struct conninfo *conninfo = conninfo_new(arena, admin_conninfo, "entrepot", NULL);
    CLEANUP(PQfinish_at) PGconn *connection = conninfo_connect_start(conninfo);
    if (!connection)
        return problem_new(arena, &PROBLEM_START, "--database is not understood: %s",
                           conninfo_failure(arena, conninfo, NULL));
    const char *admin = PQuser(connection);
    const char *password = PQpass(connection);
    const char *database = PQdb(connection);
    if (!admin || !*admin)
        return problem_new(arena, &PROBLEM_START, "--database names no user: %s",
                           conninfo_failure(arena, conninfo, connection));
    if (strcmp(admin, "entrepot_pipeline") == 0 || strcmp(admin, "entrepot_reader") == 0)
        return problem_new(arena, &PROBLEM_START,
                           "--database names the user %s: it must be an administrator, who makes "
                           "the roles, or entrepot_owner",
                           admin);
    const char *named = conninfo_value(arena, admin_conninfo, "dbname");
    bool is_shared =
        !named || !*named || strcmp(named, "postgres") == 0 || strcmp(named, "template1") == 0;
    *out_login = (struct role_login){
        .admin_conninfo = admin_conninfo,
        .admin = arena_text(arena, admin),
        .database = is_shared ? USUAL_DATABASE : arena_text(arena, database),
        .data_dir = data_dir,
    };
    if (password && *password) {
        digest_sha256(password, strlen(password), out_login->key);
        out_login->has_key = true;
    }
    return NULL;
}

const char *role_login_admin(struct arena *arena, const struct role_login *login,
                             const char *database)
{
    const char *password = conninfo_value(arena, login->admin_conninfo, "password");
    return conninfo_replace(arena, login->admin_conninfo, login->admin, password, database);
}

static struct problem *key_problem(struct arena *arena, const char *path, const char *why)
{
    return problem_new(arena, &PROBLEM_START,
                       "%s, the key of the roles' passwords, cannot be used: %s", path, why);
}

static struct problem *key_parse(struct arena *arena, const char *path, const char *text,
                                 unsigned char out_key[DIGEST_BYTES])
{
    CLEANUP(json_decref_at) json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const char *encoded = json_string_value(json_object_get(document, "password_key"));
    unsigned char *key;
    size_t size;
    if (!encoded || !text_from_base64url(arena, encoded, strlen(encoded), &key, &size)
        || size != DIGEST_BYTES)
        return key_problem(arena, path, "it holds no password_key of 32 bytes in base64url");
    memcpy(out_key, key, DIGEST_BYTES);
    return NULL;
}

/* Written aside and linked into place: two servers that start at once end up with one key. */
static struct problem *key_make(struct arena *arena, const char *path)
{
    unsigned char key[DIGEST_BYTES], suffix[8];
    digest_random(key, sizeof key);
    digest_random(suffix, sizeof suffix);
    const char *text = arena_print(arena, "{ \"password_key\": \"%s\" }\n",
                                   text_base64url(arena, key, sizeof key));
    const char *aside = arena_print(arena, "%s.%s", path, arena_hex(arena, suffix, sizeof suffix));
    CLEANUP(close_at) int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text)
                      && fsync(fd) == 0 && (link(aside, path) == 0 || errno == EEXIST);
    int error = errno;
    if (fd >= 0)
        (void)unlink(aside);
    return is_written ? NULL : key_problem(arena, path, strerror(error));
}

static struct problem *key_ensure(struct arena *arena, struct role_login *login)
{
    const char *dir;
    if (login->has_key)
        return NULL;
    if (!login->data_dir)
        return problem_new(arena, &PROBLEM_START,
                           "the roles get passwords whose key is kept in the data directory, as "
                           "--database has none: name the directory with --data-dir");
    TRY(data_dir_open(arena, login->data_dir, &dir));
    const char *path = arena_print(arena, "%s/database.json", dir);
    const char *text = data_dir_read(arena, path, KEY_FILE_BYTES, 0);
    if (!text) {
        TRY(key_make(arena, path));
        text = data_dir_read(arena, path, KEY_FILE_BYTES, 0);
    }
    if (!text)
        return key_problem(arena, path, strerror(errno));
    TRY(key_parse(arena, path, text, login->key));
    login->has_key = true;
    return NULL;
}

static const char *password_derive(struct arena *arena, const struct role_login *login,
                                   const char *role)
{
    unsigned char sum[DIGEST_BYTES];
    const char *message = arena_print(arena, "entrepot role password 1: %s", role);
    assert(login->has_key);
    digest_hmac(login->key, sizeof login->key, message, strlen(message), sum);
    return arena_hex(arena, sum, sizeof sum);
}

struct problem *role_login_statement(struct arena *arena, struct role_login *login,
                                     const char *role, const char **out_sql)
{
    *out_sql = NULL;
    if (strcmp(role, login->admin) == 0)
        return NULL;
    TRY(key_ensure(arena, login));
    /* libpq wants a connection for this and asks it nothing when the method is named */
    CLEANUP(PQfinish_at)
    PGconn *connection = conninfo_connect_start(conninfo_new(arena, "host=/", "entrepot", NULL));
    char *verifier = PQencryptPasswordConn(connection, password_derive(arena, login, role), role,
                                           "scram-sha-256");
    if (!verifier)
        return problem_new(arena, &PROBLEM_INTERNAL, "a password could not be prepared");
    *out_sql = arena_print(arena, "ALTER ROLE %s PASSWORD %s", db_identifier(arena, role),
                           db_literal(arena, verifier));
    PQfreemem(verifier);
    return NULL;
}

static struct problem *login_try(struct arena *arena, const char *conninfo)
{
    CLEANUP(db_close_at) struct db *db = db_open(conninfo, "entrepot start");
    return db_connect(db, arena);
}

struct problem *role_login_ensure(struct arena *arena, struct role_login *login, struct db *admin,
                                  const char *role, const char **out_conninfo)
{
    if (strcmp(role, login->admin) == 0) {
        *out_conninfo = role_login_admin(arena, login, login->database);
        return NULL;
    }
    /* where the socket or the network is trusted, no password is made up */
    const char *open_conninfo =
        conninfo_replace(arena, login->admin_conninfo, role, NULL, login->database);
    if (!login->has_key && !login_try(arena, open_conninfo)) {
        *out_conninfo = open_conninfo;
        return NULL;
    }
    TRY(key_ensure(arena, login));
    const char *password = password_derive(arena, login, role);
    const char *conninfo =
        conninfo_replace(arena, login->admin_conninfo, role, password, login->database);
    if (login_try(arena, conninfo)) {
        const char *sql;
        TRY(role_login_statement(arena, login, role, &sql));
        struct problem *refused = db_run(admin, arena, sql);
        struct problem *problem = login_try(arena, conninfo);
        if (problem)
            return problem_because(
                arena,
                problem_new(arena, &PROBLEM_START,
                            "the role %s cannot log in%s: see that pg_hba.conf lets it in with a "
                            "password, and let an administrator run what `entrepot "
                            "database-script` prints",
                            role, refused ? " and its password cannot be set" : ""),
                "%s", refused ? refused->cause : problem->cause);
    }
    *out_conninfo = conninfo;
    return NULL;
}
