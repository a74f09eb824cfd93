#include "snapshot_space.h"

#include "server/base/clock.h"
#include "snapshot_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* How well the time of the last use is known: more often it is not written. */
#define USE_S 60

struct kept {
    const char *name;
    int64_t bytes;
    struct timespec used_at;
};

void snapshot_space_use(int fd, const struct stat *status)
{
    /* atime is written here and not left to the mount; mtime stays that of the making */
    const struct timespec times[] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_OMIT } };
    if (status->st_atime < clock_now() / 1000000 - USE_S)
        (void)futimens(fd, times); /* else it goes a little earlier than it should */
}

static int compare(const void *left, const void *right)
{
    const struct timespec *a = &((const struct kept *)left)->used_at;
    const struct timespec *b = &((const struct kept *)right)->used_at;
    if (a->tv_sec != b->tv_sec)
        return a->tv_sec < b->tv_sec ? -1 : 1;
    return (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

struct problem *snapshot_space_trim(int folder, struct arena *arena, int64_t most_bytes,
                                    int64_t *out_removed)
{
    struct snapshot_names names = { 0 };
    int64_t bytes = 0;
    int64_t removed = 0;
    size_t count = 0;
    TRY(snapshot_folder_list(folder, arena, &names));
    struct kept *kept = arena_array_of(arena, struct kept, names.count + 1);
    for (size_t i = 0; i < names.count; i++) {
        unsigned char sha256[DIGEST_BYTES];
        struct stat status;
        if (!snapshot_folder_digest(names.list[i], sha256)
            || fstatat(folder, names.list[i], &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue; /* no bytes of ours, or gone */
        kept[count++] = (struct kept){ names.list[i], status.st_size, status.st_atim };
        bytes += status.st_size;
    }
    if (count)
        qsort(kept, count, sizeof *kept, compare);
    for (size_t i = 0; most_bytes && bytes > most_bytes && i + 1 < count; i++) {
        removed += unlinkat(folder, kept[i].name, 0) == 0;
        bytes -= kept[i].bytes;
    }
    *out_removed = removed;
    return NULL;
}
