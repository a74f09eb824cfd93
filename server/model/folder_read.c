/* Fetching the files of a folder from disk. Whoever writes the folder may not be who runs the
 * server: links must not lead out of it, and nothing but plain files of bounded size is read. */
#include "folder_parts.h"

#include "server/base/text.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 10000 /* looked at in one directory */

CLEANUP_DEFINE(DIR *, closedir)

struct reading {
    struct arena *arena;
    const struct folder_limits *limits;
    struct faults *faults;
    struct folder_file *list; /* room for limits->files */
    size_t count;
    size_t total_bytes;
    bool full; /* a fault about too many files was added */
};

/* Open below a directory: links may be followed as long as they stay in it (as those of a
 * Kubernetes ConfigMap do). Where the kernel cannot promise that, no link is followed. */
static int open_below(int top, const char *name, int flags)
{
    const struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int fd = (int)syscall(SYS_openat2, top, name, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = openat(top, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    return fd;
}

static const char *open_reason(int error)
{
    if (error == EXDEV)
        return "it is a link that leads out of the folder, which is not followed";
    if (error == ELOOP)
        return "it is a link that is not followed";
    if (error == EACCES)
        return "this user may not read it";
    return strerrordesc_np(error);
}

/* Read all of a file into the arena. NULL with a fault when that cannot be done. */
static const char *read_whole(struct reading *reading, int fd, const char *name, size_t *out_size)
{
    struct stat about;
    size_t limit = reading->limits->file_bytes;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        faults_add(reading->faults, name, 0, NULL, "it is not a plain file");
        return NULL;
    }
    if (about.st_size > (off_t)limit
        || reading->total_bytes + (size_t)about.st_size > reading->limits->total_bytes) {
        faults_add(reading->faults, name, 0, NULL,
                   "it has %lld bytes; at most %zu are read of a file, and %zu of a folder",
                   (long long)about.st_size, limit, reading->limits->total_bytes);
        return NULL;
    }
    size_t room = (size_t)about.st_size + 1;
    char *text = arena_alloc(reading->arena, room);
    size_t size = 0;
    while (size < room) { /* one byte more than it had: a file that grows meanwhile is noticed */
        ssize_t got = read(fd, text + size, room - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            faults_add(reading->faults, name, 0, NULL, "it cannot be read: %s",
                       strerrordesc_np(errno));
            return NULL;
        }
        if (got == 0)
            break;
        size += (size_t)got;
    }
    if (size == room) {
        faults_add(reading->faults, name, 0, NULL, "it was changed while it was read; try again");
        return NULL;
    }
    reading->total_bytes += size;
    text[size] = '\0';
    *out_size = size;
    return text;
}

static void add_file(struct reading *reading, int top, const char *name)
{
    if (reading->count == reading->limits->files) {
        if (!reading->full)
            faults_add(reading->faults, name, 0, NULL, "a folder has at most %zu files",
                       reading->limits->files);
        reading->full = true;
        return;
    }
    struct folder_file *file = &reading->list[reading->count++];
    file->name = name;
    if (!folder_reads(name)) {
        file->text = ""; /* only its name is of interest */
        return;
    }
    CLEANUP(close_at) int fd = open_below(top, name, O_RDONLY);
    if (fd < 0)
        faults_add(reading->faults, name, 0, NULL, "%s", open_reason(errno));
    else
        file->text = read_whole(reading, fd, name, &file->size);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The names in a directory, sorted, those with a dot in front left out. */
static size_t list_names(struct reading *reading, int fd, const char *shown,
                         const char ***out_names)
{
    int own = dup(fd); /* closedir closes what it was given */
    CLEANUP(closedir_at) DIR *directory = own >= 0 ? fdopendir(own) : NULL;
    const char **names = arena_array_of(reading->arena, const char *, ENTRIES);
    size_t count = 0;
    *out_names = names;
    if (!directory) {
        faults_add(reading->faults, shown, 0, NULL, "the folder cannot be listed");
        return 0;
    }
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (count == ENTRIES) {
            faults_add(reading->faults, shown, 0, NULL, "more than %d files are in it", ENTRIES);
            break;
        }
        if (text_is_utf8(entry->d_name, strlen(entry->d_name)))
            names[count++] = arena_text(reading->arena, entry->d_name);
        else
            faults_add(reading->faults, shown, 0, NULL, "the name of a file in it is not UTF-8");
    }
    qsort(names, count, sizeof *names, by_text);
    return count;
}

static bool is_directory(int top, const char *name)
{
    struct stat about;
    CLEANUP(close_at) int fd = open_below(top, name, O_PATH);
    return fd >= 0 && fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
}

/* A folder of the folder: contracts/ or pipelines/. */
static void add_directory(struct reading *reading, int top, const char *directory)
{
    CLEANUP(close_at) int fd = open_below(top, directory, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        faults_add(reading->faults, directory, 0, NULL, "%s", open_reason(errno));
        return;
    }
    const char **names;
    size_t count = list_names(reading, fd, directory, &names);
    for (size_t i = 0; i < count; i++)
        add_file(reading, top, arena_print(reading->arena, "%s/%s", directory, names[i]));
}

static void add_top(struct reading *reading, int top, size_t *out_entries)
{
    const char **names;
    size_t count = list_names(reading, top, ".", &names);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "contracts") == 0 || strcmp(names[i], "pipelines") == 0)
            add_directory(reading, top, names[i]);
        else if (!is_directory(top, names[i])) /* other folders are not ours */
            add_file(reading, top, names[i]);
    }
    *out_entries = count;
}

struct problem *folder_read(struct arena *arena, const char *path,
                            const struct folder_limits *limits, struct faults *warnings,
                            struct folder *out_folder)
{
    CLEANUP(close_at) int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0 && errno == ENOENT)
        return problem_new(arena, &PROBLEM_START,
                           "there is no folder %s; `entrepot init %s` writes a small product there",
                           path, path);
    if (top < 0 && errno == ENOTDIR)
        return problem_new(arena, &PROBLEM_START,
                           "%s is a file; name the folder that holds product.odps.yaml", path);
    if (top < 0)
        return problem_new(arena, &PROBLEM_START, "the folder %s cannot be opened: %s", path,
                           strerrordesc_np(errno));
    struct faults faults;
    faults_init(&faults, arena, 1000);
    struct reading reading = {
        .arena = arena,
        .limits = limits,
        .faults = &faults,
        .list = arena_array_of(arena, struct folder_file, limits->files),
    };
    size_t entries;
    add_top(&reading, top, &entries);
    if (!entries && !faults.count)
        return problem_new(
            arena, &PROBLEM_START,
            "the folder %s is empty: it has no product.odps.yaml; `entrepot init %s` writes a "
            "small product there",
            path, path);
    const struct folder_files files = { reading.list, reading.count };
    struct problem *problem = folder_check_files(arena, &files, &faults, warnings, out_folder);
    if (problem && problem->kind == &PROBLEM_START && faults.count) /* perhaps it was not reached */
        problem = faults_problem(&faults, &PROBLEM_INVALID_DOCUMENT, "the folder cannot be read");
    else if (problem && problem->kind == &PROBLEM_START)
        return problem_new(arena, &PROBLEM_START,
                           "the folder %s has no product.odps.yaml, so it is not the folder of a "
                           "product; `entrepot init` with the name of a new folder writes one that "
                           "runs",
                           path);
    if (problem) {
        problem->detail = arena_print(arena, "%s: %s", path, problem->detail);
        return problem;
    }
    out_folder->path = arena_text(arena, path);
    return NULL;
}
