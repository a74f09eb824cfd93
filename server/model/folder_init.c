/* Writing a small product to start from; its files are those of server/model/templates. */
#include "folder.h"

#include "server/model/templates.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

CLEANUP_DEFINE(DIR *, closedir)

/* Where each template goes; folders come before what is in them. */
static const struct {
    const char *path;
    const char *template; /* NULL: a folder */
} places[] = {
    { "contracts", NULL },
    { "pipelines", NULL },
    { "contracts/orders.odcs.yaml", "orders.odcs.yaml" },
    { "contracts/customers.odcs.yaml", "customers.odcs.yaml" },
    { "pipelines/customers.yaml", "customers.yaml" },
    { "access.yaml", "access.yaml" },
    { "README.md", "README.md" },
    { "product.odps.yaml", "product.odps.yaml" }, /* last: with it the product is whole */
};

static const struct embedded_file *template_find(const char *name)
{
    const struct embedded_file *file = model_templates;
    while (file->name && strcmp(file->name, name) != 0)
        file++;
    assert(file->name); /* the build put every template in */
    return file;
}

size_t folder_template(struct arena *arena, struct folder_file *out_files, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT(places); i++) {
        if (!places[i].template)
            continue;
        const struct embedded_file *file = template_find(places[i].template);
        assert(count < room);
        out_files[count++] = (struct folder_file){
            .name = places[i].path,
            .text = arena_copy(arena, file->data, file->size),
            .size = file->size,
        };
    }
    return count;
}

static struct problem *failed(struct arena *arena, const char *path, const char *name)
{
    return problem_new(arena, &PROBLEM_START, "%s%s%s cannot be written: %s", path,
                       *name ? "/" : "", name, strerrordesc_np(errno));
}

/* Names that begin with a dot do not count: a repository that was just made is as good as empty. */
static struct problem *refuse_used(struct arena *arena, int top, const char *path)
{
    int own = dup(top); /* closedir closes what it was given */
    CLEANUP(closedir_at) DIR *directory = own >= 0 ? fdopendir(own) : NULL;
    if (!directory)
        return failed(arena, path, "");
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            return problem_new(
                arena, &PROBLEM_START,
                "the folder %s holds %s already; a new product needs an empty folder", path,
                entry->d_name);
    return NULL;
}

static struct problem *write_file(struct arena *arena, int top, const char *path, const char *name,
                                  const struct embedded_file *file)
{
    CLEANUP(close_at)
    int fd = openat(top, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return failed(arena, path, name);
    for (size_t written = 0; written < file->size;) {
        ssize_t wrote = write(fd, file->data + written, file->size - written);
        if (wrote < 0 && errno != EINTR)
            return failed(arena, path, name);
        if (wrote > 0)
            written += (size_t)wrote;
    }
    return NULL;
}

struct problem *folder_init(struct arena *arena, const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return failed(arena, path, "");
    CLEANUP(close_at) int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return failed(arena, path, "");
    TRY(refuse_used(arena, top, path));
    for (size_t i = 0; i < COUNT(places); i++) {
        if (places[i].template)
            TRY(write_file(arena, top, path, places[i].path, template_find(places[i].template)));
        else if (mkdirat(top, places[i].path, 0777) != 0)
            return failed(arena, path, places[i].path);
    }
    return NULL;
}
