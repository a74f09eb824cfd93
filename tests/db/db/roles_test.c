#include "roles_support.h"
#include "server/db/migrate.h"
#include "sql.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A bootstrapped and migrated database. */
static struct roles ready(void)
{
    struct roles roles = roles_must(roles_place.admin);
    CLEANUP(db_close_at) struct db *owner = db_open(roles.owner_conninfo, "roles test");
    int applied;
    MUST(migrate(owner, roles_place.arena, &applied));
    MUST(roles_grant_schemas(owner, roles_place.arena));
    return roles;
}

static struct problem *count_row(void *context)
{
    size_t *count = context;
    (*count)++;
    return NULL;
}

static size_t count_rows(struct db *db, const struct db_statement *statement)
{
    const char *text;
    size_t count = 0;
    const struct db_column row[] = { db_to_text(&text) };
    MUST(db_each(db, roles_place.arena, statement, NULL, 0, row, COUNT(row), count_row, &count));
    return count;
}

START_TEST(bootstrap_makes_roles_that_log_in_and_a_database)
{
    struct roles roles = roles_must(roles_place.admin);
    const struct {
        const char *conninfo;
        const char *role;
    } logins[] = { { roles.owner_conninfo, "entrepot_owner" },
                   { roles.pipeline_conninfo, "entrepot_pipeline" },
                   { roles.reader_conninfo, "entrepot_reader" } };
    for (size_t i = 0; i < COUNT(logins); i++) {
        const char *sql = arena_print(roles_place.arena,
                                      "SELECT 1 / (session_user = '%s' AND current_database() = "
                                      "'entrepot')::int",
                                      logins[i].role);
        ck_assert_str_eq(roles_sqlstate(logins[i].conninfo, sql), "");
    }
    ck_assert_int_ge(roles.server_version, 150000);
    ck_assert(!roles.degraded);
    ck_assert_ptr_null(roles.degraded_reasons[0]);
}
END_TEST

START_TEST(a_second_bootstrap_changes_nothing)
{
    static const struct db_statement *const steps[] = {
        &sql_roles_missing,   &sql_roles_members, &sql_roles_limits,  &sql_roles_database,
        &sql_roles_functions, &sql_roles_watch,   &sql_roles_schemas,
    };
    static const char *const sums[] = {
        "SELECT sum(hashtext(xmin::text || rolname))::int8 FROM pg_authid",
        "SELECT sum(hashtext(xmin::text || oid))::int8 FROM pg_database",
        "SELECT sum(hashtext(xmin::text || oid))::int8 FROM pg_proc",
        "SELECT sum(hashtext(xmin::text || setrole))::int8 FROM pg_db_role_setting",
    };
    int64_t before[COUNT(sums)];
    (void)ready();
    CLEANUP(db_close_at)
    struct db *db = db_open(roles_conninfo("postgres", NULL, "entrepot"), "roles test");
    for (size_t i = 0; i < COUNT(steps); i++)
        ck_assert_uint_eq(count_rows(db, steps[i]), 0);
    for (size_t i = 0; i < COUNT(sums); i++)
        before[i] = support_number(db, roles_place.arena, sums[i]);
    (void)ready();
    for (size_t i = 0; i < COUNT(sums); i++)
        ck_assert_int_eq(support_number(db, roles_place.arena, sums[i]), before[i]);
}
END_TEST

START_TEST(several_servers_may_start_at_once)
{
    pid_t servers[4];
    for (size_t i = 0; i < COUNT(servers); i++) {
        servers[i] = fork();
        if (servers[i] == 0) {
            struct roles roles;
            _exit(roles_bootstrap(roles_place.arena, roles_place.admin, roles_place.dir, &roles)
                  != NULL);
        }
    }
    for (size_t i = 0; i < COUNT(servers); i++) {
        int status;
        ck_assert_int_eq(waitpid(servers[i], &status, 0), servers[i]);
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

START_TEST(the_database_of_the_conninfo_is_the_products)
{
    struct roles roles = roles_must(roles_conninfo("postgres", NULL, "sales"));
    ck_assert_str_eq(
        roles_sqlstate(roles.pipeline_conninfo, "SELECT 1 / (current_database() = 'sales')::int"),
        "");
}
END_TEST

START_TEST(what_an_administrator_has_set_stays)
{
    (void)roles_must(roles_place.admin);
    roles_sql("postgres", "ALTER ROLE entrepot_pipeline SET work_mem = '99MB';"
                          "ALTER ROLE entrepot_pipeline CONNECTION LIMIT 3");
    struct roles roles = roles_must(roles_place.admin);
    ck_assert_str_eq(
        roles_sqlstate(roles.pipeline_conninfo,
                       "SELECT 1 / (current_setting('work_mem') = '99MB' AND (SELECT rolconnlimit "
                       "FROM pg_roles WHERE rolname = current_user) = 3)::int"),
        "");
}
END_TEST

static const struct {
    const char *sql; /* run in the product's database by the superuser */
    const char *fault;
} unsafe[] = {
    { "ALTER ROLE entrepot_pipeline SUPERUSER", "entrepot_pipeline is a superuser" },
    { "ALTER ROLE entrepot_owner SUPERUSER", "entrepot_owner is a superuser" },
    { "ALTER ROLE entrepot_reader SUPERUSER", "entrepot_reader is a superuser" },
    { "ALTER ROLE entrepot_pipeline CREATEROLE", "entrepot_pipeline may create roles" },
    { "ALTER ROLE entrepot_owner CREATEROLE", "entrepot_owner may create roles" },
    { "ALTER ROLE entrepot_reader BYPASSRLS", "entrepot_reader may pass by row security" },
    { "ALTER ROLE entrepot_owner BYPASSRLS", "entrepot_owner may pass by row security" },
    { "ALTER ROLE entrepot_reader REPLICATION", "entrepot_reader may replicate" },
    { "ALTER ROLE entrepot_pipeline CREATEDB", "entrepot_pipeline may create databases" },
    { "ALTER ROLE entrepot_reader NOLOGIN", "entrepot_reader may not log in" },
    { "CREATE ROLE test_group; GRANT test_group TO entrepot_pipeline",
      "entrepot_pipeline is a member of test_group" },
    { "GRANT pg_read_all_data TO entrepot_pipeline",
      "entrepot_pipeline is a member of pg_read_all_data" },
    { "GRANT pg_execute_server_program TO entrepot_owner",
      "entrepot_owner is a member of pg_execute_server_program" },
    { "GRANT postgres TO entrepot_reader", "entrepot_reader is a member of postgres" },
    { "GRANT CREATE ON DATABASE entrepot TO entrepot_pipeline",
      "entrepot_pipeline may create in the database entrepot" },
    { "GRANT CREATE ON DATABASE postgres TO entrepot_pipeline",
      "entrepot_pipeline may create in the database postgres" },
    { "GRANT TEMPORARY ON DATABASE entrepot TO entrepot_pipeline",
      "entrepot_pipeline may make temporary tables in the database entrepot" },
    { "GRANT TEMPORARY ON DATABASE entrepot TO PUBLIC",
      "entrepot_pipeline may make temporary tables in the database entrepot" },
    { "GRANT CREATE ON SCHEMA public TO PUBLIC",
      "entrepot_pipeline may create in the schema public" },
    { "GRANT CREATE ON SCHEMA data TO entrepot_pipeline",
      "entrepot_pipeline may create in the schema data" },
    { "GRANT CREATE ON TABLESPACE pg_default TO entrepot_pipeline",
      "entrepot_pipeline may create in the tablespace pg_default" },
    { "CREATE TABLE data.own(); ALTER TABLE data.own OWNER TO entrepot_pipeline",
      "entrepot_pipeline owns 1 objects" },
    { "GRANT USAGE ON SCHEMA meta TO entrepot_pipeline",
      "entrepot_pipeline may look into the schema meta" },
    { "CREATE TABLE data.open(); GRANT INSERT ON data.open TO PUBLIC",
      "entrepot_pipeline may write to 1 tables, one is data.open" },
    { "ALTER ROLE entrepot_reader RENAME TO test_group", "entrepot_reader does not exist" },
};

/* The fault is among the problem's. */
static bool has_fault(const struct problem *problem, const char *reason)
{
    for (const struct problem_fault *fault = problem->faults; fault; fault = fault->next)
        if (strcmp(fault->reason, reason) == 0)
            return true;
    return false;
}

START_TEST(an_unsafe_set_up_is_refused_with_its_reason)
{
    (void)ready();
    CLEANUP(db_close_at)
    struct db *db = db_open(roles_conninfo("postgres", NULL, "entrepot"), "roles test");
    MUST(roles_check(db, roles_place.arena));
    roles_sql("entrepot", unsafe[_i].sql);
    struct problem *problem = roles_check(db, roles_place.arena);
    ck_assert_msg(problem != NULL, "%s was let pass", unsafe[_i].sql);
    ck_assert_ptr_eq(problem->kind, &PROBLEM_START);
    ck_assert_msg(has_fault(problem, unsafe[_i].fault), "'%s' is not in: %s", unsafe[_i].fault,
                  problem_lines(roles_place.arena, problem));
}
END_TEST

START_TEST(every_reason_is_told_at_once)
{
    (void)ready();
    roles_sql("entrepot", "ALTER ROLE entrepot_owner CREATEROLE;"
                          "GRANT USAGE ON SCHEMA meta TO entrepot_pipeline;"
                          "GRANT pg_monitor TO entrepot_pipeline");
    struct roles roles;
    struct problem *problem =
        roles_bootstrap(roles_place.arena, roles_place.admin, roles_place.dir, &roles);
    ck_assert_ptr_nonnull(problem);
    /* pg_monitor is itself a member of three roles */
    ck_assert_int_eq(problem_number(problem, "fault_count", 0), 6);
}
END_TEST

START_TEST(a_database_of_another_encoding_is_refused)
{
    roles_sql("postgres",
              "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
    struct roles roles;
    struct problem *problem = roles_bootstrap(
        roles_place.arena, roles_conninfo("postgres", NULL, "ascii"), roles_place.dir, &roles);
    ck_assert_ptr_nonnull(problem);
    ck_assert(has_fault(problem, "the database ascii has the encoding SQL_ASCII: it must be UTF8"));
}
END_TEST

#define DENIED "42501"

static const struct {
    const char *sql;
    const char *sqlstate; /* "" for what a pipeline may */
} attempts[] = {
    { "SELECT 1", "" },
    { "SELECT count(*) FROM input.seen", "" },
    { "SET ROLE entrepot_owner", DENIED },
    { "SET SESSION AUTHORIZATION entrepot_owner", DENIED },
    { "RESET ROLE; SELECT * FROM meta.migration", DENIED },
    { "SELECT * FROM meta.migration", DENIED },
    { "SELECT * FROM data.hidden", DENIED },
    { "SELECT * FROM pg_catalog.pg_authid", DENIED },
    { "SELECT pg_read_file('/etc/passwd')", DENIED },
    { "COPY (SELECT 1) TO PROGRAM 'true'", DENIED },
    { "COPY (SELECT 1) TO '/tmp/out'", DENIED },
    { "BEGIN READ WRITE; CREATE TEMP TABLE t()", DENIED },
    { "BEGIN READ WRITE; CREATE TABLE data.t()", DENIED },
    { "BEGIN READ WRITE; CREATE TABLE public.t()", DENIED },
    { "BEGIN READ WRITE; CREATE SCHEMA t", DENIED },
    { "BEGIN READ WRITE; INSERT INTO input.seen VALUES (1)", DENIED },
    { "INSERT INTO input.seen VALUES (1)", "25006" },
    { "BEGIN READ WRITE; DO $$ BEGIN END $$", DENIED },
    { "SET temp_file_limit = -1", DENIED },
    { "SELECT pg_sleep(0)", DENIED },
    { "SELECT pg_sleep_for('0')", DENIED },
    { "SELECT pg_advisory_lock(1)", DENIED },
    { "SELECT pg_try_advisory_xact_lock_shared(1, 2)", DENIED },
    { "SELECT lo_from_bytea(0, 'x')", DENIED },
    { "SELECT lo_create(0)", DENIED },
    { "SELECT loread(0, 1)", DENIED },
    { "SELECT set_config('statement_timeout', '0', false)", DENIED },
    { "SELECT pg_notify('entrepot', '')", DENIED },
    { "SELECT pg_terminate_backend(pg_backend_pid())", DENIED },
    { "SELECT pg_cancel_backend(pg_backend_pid())", DENIED },
    { "SELECT pg_export_snapshot()", DENIED },
    { "SELECT query_to_xml('SELECT 1', true, true, '')", DENIED },
    { "SELECT database_to_xml(true, true, '')", DENIED },
    { "SELECT ts_stat('SELECT 1')", DENIED },
    { "SELECT ts_rewrite('a'::tsquery, 'SELECT 1')", DENIED },
    { "SELECT format('%s', 1)", DENIED },
    { "SELECT repeat('x', 10)", DENIED },
    { "SELECT array_fill(1, ARRAY[2])", DENIED },
    { "SELECT pg_logical_emit_message(false, '', '')", DENIED },
    { "SELECT txid_current()", DENIED },
    { "SELECT pg_current_xact_id()", DENIED },
    { "SELECT pg_create_physical_replication_slot('a')", DENIED },
    { "SELECT xpath('//a', '<a/>')", DENIED },
    { "SELECT xpath_exists('//a', '<a/>')", DENIED },
    { "SELECT XMLEXISTS('//a' PASSING '<a/>')", DENIED },
    { "SELECT count(*) FROM pg_catalog.pg_stat_activity", DENIED },
    { "SELECT pg_stat_get_backend_activity(1)", DENIED },
    { "SELECT count(*) FROM pg_catalog.pg_locks", DENIED },
    { "SELECT pg_blocking_pids(1)", DENIED },
    { "SELECT count(*) FROM pg_catalog.pg_prepared_xacts", DENIED },
    { "SELECT lastval()", DENIED },
    { "SELECT current_query()", DENIED },
    { "SELECT lower('A'), lpad('a', 3), now(), random(), string_agg('a', '')", "" },
};

START_TEST(a_pipeline_can_read_what_it_was_given_and_nothing_else)
{
    struct roles roles = ready();
    roles_sql("entrepot", "CREATE TABLE input.seen(n int); CREATE TABLE data.hidden(n int);"
                          "GRANT SELECT ON input.seen TO entrepot_pipeline");
    for (size_t i = 0; i < COUNT(attempts); i++) {
        const char *sqlstate = roles_sqlstate(roles.pipeline_conninfo, attempts[i].sql);
        ck_assert_msg(strcmp(sqlstate, attempts[i].sqlstate) == 0, "%s: %s", attempts[i].sql,
                      sqlstate);
    }
}
END_TEST

START_TEST(the_owner_may_what_pipelines_may_not)
{
    static const char *const sql[] = { "SELECT pg_sleep(0)",
                                       "SELECT pg_advisory_lock(1)",
                                       "SELECT pg_notify('a', '')",
                                       "SELECT format('%s', 1)",
                                       "SELECT set_config('work_mem', '8MB', true)",
                                       "DO $$ BEGIN END $$",
                                       "CREATE TEMP TABLE t()" };
    struct roles roles = roles_must(roles_place.admin);
    for (size_t i = 0; i < COUNT(sql); i++)
        ck_assert_str_eq(roles_sqlstate(roles.owner_conninfo, sql[i]), "");
}
END_TEST

START_TEST(the_owner_may_end_a_run)
{
    struct roles roles = roles_must(roles_place.admin);
    CLEANUP(db_close_at) struct db *run = db_open(roles.pipeline_conninfo, "roles test");
    MUST(db_connect(run, roles_place.arena));
    const char *sql = arena_print(roles_place.arena, "SELECT 1 / pg_terminate_backend(%d)::int",
                                  db_backend_pid(run));
    ck_assert_str_eq(roles_sqlstate(roles.owner_conninfo, sql), "");
}
END_TEST

static const struct test_case cases[] = {
    TEST(bootstrap_makes_roles_that_log_in_and_a_database),
    TEST(a_second_bootstrap_changes_nothing),
    TEST(several_servers_may_start_at_once),
    TEST(the_database_of_the_conninfo_is_the_products),
    TEST(what_an_administrator_has_set_stays),
    TEST_EACH(an_unsafe_set_up_is_refused_with_its_reason, unsafe),
    TEST(every_reason_is_told_at_once),
    TEST(a_database_of_another_encoding_is_refused),
    TEST(a_pipeline_can_read_what_it_was_given_and_nothing_else),
    TEST(the_owner_may_what_pipelines_may_not),
    TEST(the_owner_may_end_a_run),
};

int main(void)
{
    return roles_run("roles", cases, COUNT(cases));
}
