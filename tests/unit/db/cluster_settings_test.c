#include "server/db/cluster_settings.h"
#include "tests/unit/test.h"

#include <string.h>

#define MB INT64_C(1048576)
#define GB (1024 * MB)

static const struct {
    struct cluster_machine machine;
    const char *setting; /* whole argument */
} machines[] = {
    /* memory, disk, /dev/shm, cores */
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "shared_buffers=256MB" },
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "work_mem=32MB" },
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "max_wal_size=4096MB" },
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "dynamic_shared_memory_type=posix" },
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "max_connections=72" },
    { { 24 * GB, 80 * GB, 12 * GB, 500 }, "max_connections=320" },
    { { 24 * GB, 80 * GB, 12 * GB, -1 }, "max_connections=68" },
    { { 512 * MB, 2 * GB, 64 * MB, 1 }, "shared_buffers=64MB" },
    { { 512 * MB, 2 * GB, 64 * MB, 1 }, "work_mem=4MB" },
    { { 512 * MB, 2 * GB, 64 * MB, 1 }, "max_wal_size=256MB" },
    { { 512 * MB, 2 * GB, 64 * MB, 1 }, "dynamic_shared_memory_type=mmap" },
    { { 16 * MB, 10 * MB, 0, 1 }, "shared_buffers=16MB" },
    { { 16 * MB, 10 * MB, 0, 1 }, "max_wal_size=128MB" },
    { { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX }, "effective_cache_size=65536MB" },
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "listen_addresses=" },
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "unix_socket_directories=\"/d/so\"\"cket\"" },
    { { 24 * GB, 80 * GB, 12 * GB, 2 }, "wal_compression=lz4" },
    { { 24 * GB, 80 * GB, 12 * GB, 2, true }, "recovery_init_sync_method=syncfs" },
    { { 24 * GB, 80 * GB, 12 * GB, 2, false }, "recovery_init_sync_method=fsync" },
};

START_TEST(settings_follow_the_machine)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct postgres_bin bin = { .folder = "/bin", .version = 15, .has_lz4 = true };
    const char *const *arguments =
        cluster_settings(arena, &machines[_i].machine, &bin, "/d/postgres", "/d/so\"cket");
    ck_assert_str_eq(arguments[0], "/bin/postgres");
    ck_assert_str_eq(arguments[2], "/d/postgres");
    bool found = false;
    for (size_t i = 3; arguments[i]; i += 2) {
        ck_assert_str_eq(arguments[i], "-c");
        found |= strcmp(arguments[i + 1], machines[_i].setting) == 0;
    }
    ck_assert_msg(found, "no %s", machines[_i].setting);
}
END_TEST

START_TEST(what_this_build_of_postgres_lacks_is_not_asked_for)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    const struct postgres_bin bin = { .folder = "/bin", .version = 15 };
    const struct cluster_machine machine = { GB, GB, GB, 1 };
    const char *const *arguments = cluster_settings(arena, &machine, &bin, "/d", "/s");
    for (; *arguments; arguments++)
        ck_assert_str_ne(*arguments, "wal_compression=lz4");
}
END_TEST

static const struct test_case cases[] = {
    TEST_EACH(settings_follow_the_machine, machines),
    TEST(what_this_build_of_postgres_lacks_is_not_asked_for),
};
TEST_MAIN("cluster_settings", cases)
