/* Administrators of all kinds: with and without passwords, superuser or not, or without any right.
 */
#include "roles_support.h"
#include "server/db/child.h"
#include "server/db/conninfo.h"
#include "server/db/data_dir.h"
#include "server/db/postgres_bin.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char PASSWORD_HBA[] = "local all all scram-sha-256\n";
static const char ADMIN_TRUSTING_HBA[] = "local all postgres trust\nlocal all all scram-sha-256\n";

static struct problem *try_bootstrap(const char *conninfo)
{
    struct roles roles;
    return roles_bootstrap(roles_place.arena, conninfo, roles_place.dir, &roles);
}

static void ck_says(const struct problem *problem, const char *words)
{
    ck_assert_msg(problem != NULL, "it should have been refused with '%s'", words);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(strstr(problem->detail, words) != NULL, "'%s' is not in '%s'", words,
                  problem->detail);
}

static const char *key_path(void)
{
    return arena_print(roles_place.arena, "%s/database.json", roles_place.dir);
}

/* With a password for the superuser, who is not trusted from then on. */
static const char *password_admin(void)
{
    roles_sql("postgres", "ALTER ROLE postgres PASSWORD 'secret'");
    roles_set_hba(PASSWORD_HBA);
    return roles_conninfo("postgres", "secret", "postgres");
}

START_TEST(where_logins_are_trusted_no_password_is_made)
{
    struct roles roles = roles_must(roles_place.admin);
    ck_assert_ptr_null(conninfo_value(roles_place.arena, roles.owner_conninfo, "password"));
    ck_assert_int_ne(access(key_path(), F_OK), 0);
}
END_TEST

START_TEST(servers_that_share_the_administrators_password_share_the_roles)
{
    const char *admin = password_admin();
    struct roles one = roles_must(admin);
    ck_assert_int_ne(access(key_path(), F_OK), 0);
    const char *dir = roles_place.dir;
    roles_place.dir = "/nowhere/and/not/needed";
    struct roles two = roles_must(admin);
    roles_place.dir = dir;
    ck_assert_str_eq(one.owner_conninfo, two.owner_conninfo);
    ck_assert_str_eq(one.pipeline_conninfo, two.pipeline_conninfo);
    ck_assert_str_ne(conninfo_value(roles_place.arena, one.owner_conninfo, "password"),
                     conninfo_value(roles_place.arena, one.reader_conninfo, "password"));
    ck_assert_str_eq(roles_sqlstate(one.reader_conninfo, "SELECT 1"), "");
    ck_assert_str_eq(roles_sqlstate(roles_conninfo("entrepot_owner", "secret", "entrepot"), ""),
                     "08001");
}
END_TEST

START_TEST(a_password_somebody_changed_is_set_again)
{
    const char *admin = password_admin();
    struct roles roles = roles_must(admin);
    roles_sql("postgres", "ALTER ROLE entrepot_pipeline PASSWORD 'another'");
    ck_assert_str_eq(roles_sqlstate(roles.pipeline_conninfo, "SELECT 1"), "08001");
    (void)roles_must(admin);
    ck_assert_str_eq(roles_sqlstate(roles.pipeline_conninfo, "SELECT 1"), "");
}
END_TEST

START_TEST(without_a_password_a_key_is_kept_for_the_roles)
{
    struct stat found;
    roles_set_hba(ADMIN_TRUSTING_HBA);
    struct roles one = roles_must(roles_place.admin);
    ck_assert_int_eq(stat(key_path(), &found), 0);
    ck_assert_int_eq(found.st_mode & 0777, 0600);
    struct roles two = roles_must(roles_place.admin);
    ck_assert_str_eq(one.owner_conninfo, two.owner_conninfo);
}
END_TEST

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static const char *const broken_keys[] = {
    "",
    "{",
    "[]",
    "{\"password_key\": 1}",
    "{\"password_key\": \"AAAA\"}",
    "{\"password_key\": \"!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
};

START_TEST(a_broken_key_is_refused_and_kept)
{
    roles_set_hba(ADMIN_TRUSTING_HBA);
    file_write(key_path(), broken_keys[_i]);
    ck_says(try_bootstrap(roles_place.admin), "password_key");
    ck_assert_str_eq(data_dir_read(roles_place.arena, key_path(), 100, 0), broken_keys[_i]);
}
END_TEST

static const struct {
    const char *conninfo;
    const char *says;
} wrong[] = {
    { "postgres://[::1/", "--database is not understood" },
    { "no such keyword", "--database is not understood" },
    { "host=/nowhere user=postgres", "cannot be reached as the user postgres" },
    { "host=/nowhere user=entrepot_pipeline", "must be an administrator" },
    { "host=/nowhere user=entrepot_reader", "must be an administrator" },
};

START_TEST(a_wrong_conninfo_is_refused)
{
    ck_says(try_bootstrap(wrong[_i].conninfo), wrong[_i].says);
}
END_TEST

static bool has_reason(const struct roles *roles, const char *words)
{
    for (const char *const *reason = roles->degraded_reasons; *reason; reason++)
        if (strstr(*reason, words))
            return true;
    return false;
}

START_TEST(an_administrator_without_superuser_rights_serves_degraded)
{
    roles_sql("postgres", "CREATE ROLE test_admin LOGIN CREATEROLE CREATEDB PASSWORD 'secret'");
    roles_set_hba(PASSWORD_HBA);
    const char *admin = roles_conninfo("test_admin", "secret", "postgres");
    for (int start = 0; start < 2; start++) {
        struct roles roles = roles_must(admin);
        ck_assert(roles.degraded);
        ck_assert(has_reason(&roles, "built-in functions that can do harm"));
        ck_assert(has_reason(&roles, "ALTER ROLE entrepot_pipeline SET temp_file_limit"));
        ck_assert_str_eq(roles_sqlstate(roles.owner_conninfo, "CREATE SCHEMA s; DROP SCHEMA s"),
                         "");
        ck_assert_str_eq(roles_sqlstate(roles.pipeline_conninfo, "SHOW work_mem"), "");
        ck_assert_str_eq(
            roles_sqlstate(roles.pipeline_conninfo, "BEGIN READ WRITE; CREATE TEMP TABLE t()"),
            "42501");
    }
}
END_TEST

/* Give the script to psql, as the administrator's administrator would. */
static void run_script(const char *sql)
{
    struct postgres_bin bin;
    const char *script = arena_print(roles_place.arena, "%s/script.sql", roles_place.dir);
    file_write(script, sql);
    MUST(postgres_bin_find(roles_place.arena, NULL, 15, 0, &bin));
    const char *const arguments[] = {
        postgres_bin_path(roles_place.arena, &bin, "psql"), "-X", "-q", "-f", script,
        roles_conninfo("postgres", "secret", "postgres"),   NULL,
    };
    ck_assert_ptr_nonnull(child_output(roles_place.arena, arguments));
}

static const char *const plain_users[] = { "test_plain", "entrepot_owner" };

START_TEST(without_any_right_the_script_of_an_administrator_is_enough)
{
    const char *user = plain_users[_i];
    roles_sql("postgres", arena_print(roles_place.arena,
                                      "ALTER ROLE postgres PASSWORD 'secret';"
                                      "CREATE ROLE %s LOGIN PASSWORD 'plain'",
                                      user));
    roles_set_hba(PASSWORD_HBA);
    const char *plain = roles_conninfo(user, "plain", NULL);
    ck_says(try_bootstrap(plain), "entrepot database-script");

    const char *sql;
    MUST(roles_script(roles_place.arena, plain, roles_place.dir, &sql));
    ck_assert_ptr_null(strstr(sql, "'plain'"));
    ck_assert_ptr_nonnull(strstr(sql, "SCRAM-SHA-256$"));
    for (int turn = 0; turn < 2; turn++) {
        run_script(sql);
        struct roles roles = roles_must(plain);
        ck_assert_msg(!roles.degraded, "%s", roles.degraded ? roles.degraded_reasons[0] : "");
        ck_assert_str_eq(roles_sqlstate(roles.owner_conninfo, "CREATE SCHEMA s; DROP SCHEMA s"),
                         "");
        ck_assert_str_eq(roles_sqlstate(roles.pipeline_conninfo, "SELECT pg_sleep(0)"), "42501");
    }
}
END_TEST

START_TEST(a_script_for_no_server_in_particular_sets_no_passwords)
{
    const char *sql;
    MUST(roles_script(roles_place.arena, NULL, NULL, &sql));
    ck_assert_ptr_null(strstr(sql, "PASSWORD '"));
    run_script(sql);
    struct roles roles = roles_must(roles_place.admin);
    ck_assert(!roles.degraded);
}
END_TEST

START_TEST(a_role_the_server_does_not_let_in_is_told)
{
    roles_sql("postgres", "ALTER ROLE postgres PASSWORD 'secret'");
    roles_set_hba("local all entrepot_pipeline reject\nlocal all all scram-sha-256\n");
    struct problem *problem = try_bootstrap(roles_conninfo("postgres", "secret", "postgres"));
    ck_says(problem, "the role entrepot_pipeline cannot log in");
    ck_assert_ptr_nonnull(strstr(problem->detail, "pg_hba.conf"));
}
END_TEST

static const struct test_case cases[] = {
    TEST(where_logins_are_trusted_no_password_is_made),
    TEST(servers_that_share_the_administrators_password_share_the_roles),
    TEST(a_password_somebody_changed_is_set_again),
    TEST(without_a_password_a_key_is_kept_for_the_roles),
    TEST_EACH(a_broken_key_is_refused_and_kept, broken_keys),
    TEST_EACH(a_wrong_conninfo_is_refused, wrong),
    TEST(an_administrator_without_superuser_rights_serves_degraded),
    TEST_EACH(without_any_right_the_script_of_an_administrator_is_enough, plain_users),
    TEST(a_script_for_no_server_in_particular_sets_no_passwords),
    TEST(a_role_the_server_does_not_let_in_is_told),
};

int main(void)
{
    return roles_run("role_login", cases, COUNT(cases));
}
