#include "snapshot_folder.h"

#include "server/base/clock.h"
#include "server/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Counted up when a writer makes other bytes that are worth having for old snapshots. */
#define WRITER 1

/* What nothing names is removed when nobody wrote to it for so long: it may be on its way. */
#define FORGOTTEN_S 3600

#define HEX_DIGITS ((size_t)(2 * DIGEST_BYTES))

struct problem *snapshot_folder_problem(struct arena *arena)
{
    int error = errno;
    return problem_because(
        arena, problem_new(arena, &PROBLEM_INTERNAL, "the file of the snapshot cannot be kept"),
        "%s", strerrordesc_np(error));
}

/* ID-HASH, which the names of all files of a snapshot begin with. */
static const char *name_of(struct arena *arena, const struct catalogue_snapshot *snapshot)
{
    const char *identity =
        arena_print(arena, "%d|%lld|%s|%s", WRITER, (long long)snapshot->id,
                    snapshot->sha256 ? snapshot->sha256 : "", snapshot->contract->sha256);
    return arena_print(arena, "%lld-%.32s", (long long)snapshot->id,
                       digest_sha256_hex(arena, identity, strlen(identity)));
}

const char *snapshot_folder_name(struct arena *arena, const struct catalogue_snapshot *snapshot,
                                 struct snapshot_form form)
{
    return arena_join(arena, name_of(arena, snapshot), snapshot_form_ending(arena, form));
}

bool snapshot_folder_target(int folder, const char *name, char out_target[SNAPSHOT_FOLDER_NAME])
{
    char target[SNAPSHOT_FOLDER_NAME];
    ssize_t size = readlinkat(folder, name, target, sizeof target - 1);
    if (size < 0)
        return false;
    memcpy(out_target, target, (size_t)size);
    out_target[size] = '\0';
    return true;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

const char *snapshot_folder_digest(const char *name, unsigned char out_sha256[DIGEST_BYTES])
{
    if (strlen(name) <= HEX_DIGITS || name[HEX_DIGITS] != '.')
        return NULL;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        int high = hex_value(name[2 * i]);
        int low = hex_value(name[2 * i + 1]);
        if (high < 0 || low < 0)
            return NULL;
        out_sha256[i] = (unsigned char)(high << 4 | low);
    }
    return name + HEX_DIGITS;
}

static void new_name(char out_name[SNAPSHOT_FOLDER_NAME])
{
    unsigned char random[16];
    memcpy(out_name, "tmp-", 4);
    digest_random(random, sizeof random);
    text_hex(random, sizeof random, out_name + 4);
}

int snapshot_folder_new(int folder, char out_name[SNAPSHOT_FOLDER_NAME])
{
    new_name(out_name);
    return openat(folder, out_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

bool snapshot_folder_keep(int folder, int fd, const char *temporary,
                          const unsigned char sha256[DIGEST_BYTES], const char *name)
{
    char bytes[SNAPSHOT_FOLDER_NAME];
    char link[SNAPSHOT_FOLDER_NAME];
    const char *ending = strchr(name, '.');
    text_hex(sha256, DIGEST_BYTES, bytes);
    memcpy(bytes + HEX_DIGITS, ending, strlen(ending) + 1);
    new_name(link);
    /* each step leaves the folder right: the bytes are on the disk before anything names them */
    return fdatasync(fd) == 0 && renameat(folder, temporary, folder, bytes) == 0
           && symlinkat(bytes, folder, link) == 0 && renameat(folder, link, folder, name) == 0
           && fsync(folder) == 0;
}

/* --- taking away --------------------------------------------------------------------------------
 */

static void add_name(struct arena *arena, struct snapshot_names *names, const char *name)
{
    names->list = arena_grown(arena, (void *)names->list, names->count, sizeof *names->list);
    names->list[names->count++] = arena_text(arena, name);
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void sort(struct snapshot_names *names)
{
    if (names->count)
        qsort((void *)names->list, names->count, sizeof *names->list, compare);
}

static bool has_name(const struct snapshot_names *names, const char *name)
{
    return names->count
           && bsearch((const void *)&name, (const void *)names->list, names->count,
                      sizeof *names->list, compare);
}

/* What names of files that are still wanted begin with. */
static struct snapshot_names names_wanted(struct arena *arena, const struct catalogue *catalogue,
                                          int64_t *out_newest)
{
    struct snapshot_names names = { 0 };
    *out_newest = 0;
    for (size_t i = 0; i < catalogue->datum_count; i++) {
        const struct catalogue_datum *datum = &catalogue->datums[i];
        for (size_t k = 0; k < datum->snapshot_count; k++) {
            const struct catalogue_snapshot *snapshot = &datum->snapshots[k];
            add_name(arena, &names, name_of(arena, snapshot));
            if (snapshot->id > *out_newest)
                *out_newest = snapshot->id;
        }
    }
    sort(&names);
    return names;
}

CLEANUP_DEFINE(DIR *, closedir)

struct problem *snapshot_folder_list(int folder, struct arena *arena,
                                     struct snapshot_names *out_names)
{
    struct snapshot_names names = { 0 };
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(closedir_at) DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        struct problem *problem = snapshot_folder_problem(arena);
        if (fd >= 0)
            (void)close(fd);
        return problem;
    }
    for (const struct dirent *entry; (entry = readdir(entries));)
        if (entry->d_name[0] != '.')
            add_name(arena, &names, entry->d_name);
    *out_names = names;
    return NULL;
}

/* Is it the name of a file of a wanted snapshot, in whatever form? */
static bool is_wanted(struct arena *arena, const struct snapshot_names *wanted, const char *name)
{
    size_t size = strcspn(name, ".");
    return name[size] && has_name(wanted, arena_copy(arena, name, size));
}

static bool is_forgotten(int folder, const char *name)
{
    struct stat status;
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
           && status.st_mtime < clock_now() / 1000000 - FORGOTTEN_S;
}

/* Is it the name of a snapshot that a catalogue with this newest one would know? */
static bool is_snapshot_up_to(const char *name, int64_t newest)
{
    return name[strspn(name, "0123456789")] == '-' && strtoll(name, NULL, 10) <= newest;
}

struct problem *snapshot_folder_collect(int folder, struct arena *arena,
                                        const struct catalogue *catalogue, int64_t *out_removed)
{
    int64_t newest;
    struct snapshot_names wanted = names_wanted(arena, catalogue, &newest);
    struct snapshot_names there = { 0 };
    struct snapshot_names used = { 0 };
    int64_t removed = 0;
    TRY(snapshot_folder_list(folder, arena, &there));
    for (size_t i = 0; i < there.count; i++) {
        char target[SNAPSHOT_FOLDER_NAME];
        if (is_wanted(arena, &wanted, there.list[i])
            && snapshot_folder_target(folder, there.list[i], target))
            add_name(arena, &used, target);
    }
    sort(&used);
    for (size_t i = 0; i < there.count; i++) {
        const char *name = there.list[i];
        bool is_kept = is_wanted(arena, &wanted, name) || has_name(&used, name);
        bool is_snapshot = is_snapshot_up_to(name, newest);
        if (is_kept || (!is_snapshot && !is_forgotten(folder, name)))
            continue;
        if (unlinkat(folder, name, 0) == 0)
            removed += is_snapshot;
    }
    *out_removed = removed;
    return NULL;
}
