#include "cluster_settings.h"

#include "data_dir.h"
#include "server/base/text.h"

#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MB INT64_C(1048576)
#define GB (1024 * MB)

static int64_t between(int64_t lowest, int64_t value, int64_t highest)
{
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* The limit of our control group; a very large number when there is none. */
static int64_t memory_limit(void)
{
    static const char *const files[] = { "/sys/fs/cgroup/memory.max",
                                         "/sys/fs/cgroup/memory/memory.limit_in_bytes" };
    CLEANUP(arena_free_at) struct arena *arena = arena_new(256);
    for (size_t i = 0; i < COUNT(files); i++) {
        const char *text = data_dir_read(arena, files[i], 64, 0);
        int64_t limit;
        if (text && text_to_int64(arena_copy(arena, text, strcspn(text, "\n")), &limit)
            && limit > 0)
            return limit;
    }
    return INT64_MAX;
}

static int64_t disk_free(const char *path, int64_t unknown)
{
    struct statvfs disk;
    if (statvfs(path, &disk) != 0)
        return unknown;
    return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

/* Is the kernel of that version or newer? "6.1.0-28-amd64" begins with the numbers that count. */
static bool kernel_is(int64_t wanted_major, int64_t wanted_minor)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(512);
    struct utsname kernel;
    int64_t major, minor;
    if (uname(&kernel) != 0)
        return false;
    char **numbers = text_split(arena, kernel.release, ".-+");
    return numbers[0] && numbers[1] && text_to_int64(numbers[0], &major)
           && text_to_int64(numbers[1], &minor)
           && (major > wanted_major || (major == wanted_major && minor >= wanted_minor));
}

void cluster_machine_read(struct cluster_machine *out_machine, const char *path)
{
    int64_t memory = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    int64_t limit = memory_limit();
    *out_machine = (struct cluster_machine){ .memory_bytes = memory < limit ? memory : limit,
                                             .disk_free_bytes = disk_free(path, INT64_MAX),
                                             .shared_bytes = disk_free("/dev/shm", 0),
                                             .cores = sysconf(_SC_NPROCESSORS_ONLN),
                                             .syncfs_tells = kernel_is(5, 8) };
}

int64_t cluster_memory(const struct cluster_machine *machine)
{
    /* work_mem bounds sorts and hashes; aggregates that collect, and the planner, have no other */
    return between(GB, machine->memory_bytes / 4, 16 * GB);
}

/* A folder as Postgres reads lists of folders: in quotes, quotes inside doubled. */
static const char *folder_quote(struct arena *arena, const char *folder)
{
    char *quoted = arena_alloc(arena, 2 * strlen(folder) + 3);
    char *to = quoted;
    *to++ = '"';
    for (; *folder; folder++) {
        if (*folder == '"')
            *to++ = '"';
        *to++ = *folder;
    }
    *to = '"';
    return quoted;
}

const char *const *cluster_settings(struct arena *arena, const struct cluster_machine *machine,
                                    const struct postgres_bin *bin, const char *data_path,
                                    const char *socket_dir)
{
    int64_t memory = machine->memory_bytes;
    const struct {
        const char *name;
        const char *text; /* NULL: number with unit */
        int64_t number;
        const char *unit;
    } settings[] = {
        /* who may come in: only who may enter the folder of the socket */
        { "listen_addresses", "", 0, NULL },
        { "port", "5432", 0, NULL },
        { "unix_socket_directories", folder_quote(arena, socket_dir), 0, NULL },
        { "unix_socket_permissions", "0700", 0, NULL },
        { "max_connections", NULL, 64 + 4 * between(1, machine->cores, 64), "" },
        /* memory */
        { "shared_buffers", NULL, between(16, memory / 8 / MB, 256), "MB" },
        { "effective_cache_size", NULL, between(64, memory / 2 / MB, 65536), "MB" },
        { "work_mem", NULL, between(4, memory / 128 / MB, 32), "MB" },
        { "maintenance_work_mem", NULL, between(16, memory / 16 / MB, 256), "MB" },
        /* a container often has a tiny /dev/shm, which parallel queries would overrun */
        { "dynamic_shared_memory_type", machine->shared_bytes < 256 * MB ? "mmap" : "posix", 0,
          NULL },
        /* writing */
        { "max_wal_size", NULL, between(128, machine->disk_free_bytes / 8 / MB, 4096), "MB" },
        { "wal_compression", bin->has_lz4 ? "lz4" : "on", 0, NULL },
        { "checkpoint_timeout", "15min", 0, NULL },
        /* after a crash, sync the file system once and not each file: seconds on a busy disk */
        { "recovery_init_sync_method", machine->syncfs_tells ? "syncfs" : "fsync", 0, NULL },
        /* planning */
        { "jit", "off", 0, NULL },
        { "random_page_cost", "1.1", 0, NULL },
        { "timezone", "UTC", 0, NULL },
        /* its log is a file beside it; the SQL and the values of clients stay out of it */
        { "cluster_name", "entrepot", 0, NULL },
        { "log_destination", "stderr", 0, NULL },
        { "logging_collector", "off", 0, NULL },
        { "log_timezone", "UTC", 0, NULL },
        { "log_line_prefix", "%m [%p] %q%u@%d ", 0, NULL },
        { "log_min_error_statement", "panic", 0, NULL },
        { "log_error_verbosity", "terse", 0, NULL },
    };
    const char **arguments = arena_array_of(arena, const char *, 4 + 2 * COUNT(settings));
    size_t count = 0;
    arguments[count++] = postgres_bin_path(arena, bin, "postgres");
    arguments[count++] = "-D";
    arguments[count++] = data_path;
    for (size_t i = 0; i < COUNT(settings); i++) {
        arguments[count++] = "-c";
        arguments[count++] = settings[i].text
                                 ? arena_print(arena, "%s=%s", settings[i].name, settings[i].text)
                                 : arena_print(arena, "%s=%lld%s", settings[i].name,
                                               (long long)settings[i].number, settings[i].unit);
    }
    return arguments;
}
