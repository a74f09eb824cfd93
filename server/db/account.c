#include "account.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char USER_VARIABLE[] = "ENTREPOT_POSTGRES_USER";

static bool user_find(struct arena *arena, const struct passwd *user, struct account *out)
{
    if (!user)
        return false;
    *out = (struct account){ .name = arena_text(arena, user->pw_name),
                             .uid = user->pw_uid,
                             .gid = user->pw_gid,
                             .is_self = user->pw_uid == geteuid() };
    return true;
}

static const char *user_name(struct arena *arena, uid_t uid)
{
    const struct passwd *user = getpwuid(uid);
    return user ? arena_text(arena, user->pw_name) : arena_print(arena, "number %u", (unsigned)uid);
}

static struct problem *self_find(struct arena *arena, const char *data_path,
                                 const struct stat *data, struct account *out_account)
{
    uid_t self = geteuid();
    if (data && data->st_uid != self)
        return problem_new(arena, &PROBLEM_START,
                           "%s belongs to the user %s and the server runs as the user %s: start it "
                           "as %s, or choose another --data-dir",
                           data_path, user_name(arena, data->st_uid), user_name(arena, self),
                           user_name(arena, data->st_uid));
    *out_account = (struct account){
        .name = user_name(arena, self), .uid = self, .gid = getegid(), .is_self = true
    };
    return NULL;
}

static struct problem *wanted_find(struct arena *arena, const char *wanted, const char *data_path,
                                   const struct stat *data, struct account *out_account)
{
    struct account account;
    if (!user_find(arena, getpwnam(wanted), &account))
        return problem_new(arena, &PROBLEM_START, "%s is '%s', and there is no such user",
                           USER_VARIABLE, wanted);
    if (account.uid == 0)
        return problem_new(arena, &PROBLEM_START,
                           "%s is '%s', and Postgres does not run as root: name another user",
                           USER_VARIABLE, wanted);
    if (data && data->st_uid != account.uid)
        return problem_new(arena, &PROBLEM_START,
                           "%s belongs to the user %s and %s is '%s': name its owner, or give it "
                           "away with chown -R",
                           data_path, user_name(arena, data->st_uid), USER_VARIABLE, wanted);
    *out_account = account;
    return NULL;
}

struct problem *account_find(struct arena *arena, const char *data_path,
                             struct account *out_account)
{
    struct stat found;
    const struct stat *data = stat(data_path, &found) == 0 ? &found : NULL;
    if (geteuid() != 0)
        return self_find(arena, data_path, data, out_account);
    const char *wanted = getenv(USER_VARIABLE);
    if (wanted && *wanted)
        return wanted_find(arena, wanted, data_path, data, out_account);
    if (data && data->st_uid == 0)
        return problem_new(arena, &PROBLEM_START,
                           "%s belongs to root, and Postgres does not run as root: give it to "
                           "another user with chown -R, or choose another --data-dir",
                           data_path);
    if (data) {
        *out_account = (struct account){ .name = user_name(arena, data->st_uid),
                                         .uid = data->st_uid,
                                         .gid = data->st_gid };
        return NULL;
    }
    if (!user_find(arena, getpwnam("postgres"), out_account)
        && !user_find(arena, getpwnam("nobody"), out_account))
        return problem_new(arena, &PROBLEM_START,
                           "Postgres does not run as root, and there is no user `postgres` or "
                           "`nobody`: name one with %s, or start the server as another user",
                           USER_VARIABLE);
    return NULL;
}

int account_become(const struct account *account)
{
    if (account->is_self)
        return 0;
    /* The system calls themselves: the functions of the C library also want to change the other
     * threads of the process, which a child of a threaded process does not have. */
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setgid, account->gid) != 0
        || syscall(SYS_setuid, account->uid) != 0)
        return errno;
    return 0;
}

/* In a child of its own: which of the folders is the first the user may not enter? */
static int path_check(const struct account *account, const char *const *folders)
{
    if (account_become(account) != 0)
        return 254;
    for (int i = 0; folders[i] && i < 253; i++)
        if (access(folders[i], X_OK) != 0)
            return i + 1;
    return 0;
}

struct problem *account_check_path(struct arena *arena, const struct account *account,
                                   const char *path)
{
    if (account->is_self)
        return NULL;
    size_t count = 0;
    const char **folders = arena_array_of(arena, const char *, strlen(path) + 2);
    for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/'))
        folders[count++] = arena_copy(arena, path, (size_t)(end - path));
    folders[count++] = path;

    pid_t child = fork();
    if (child == 0)
        _exit(path_check(account, folders));
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 254)
        return problem_new(arena, &PROBLEM_START,
                           "the server runs as root and could not become the user %s for Postgres: "
                           "start it as an unprivileged user",
                           account->name);
    if (WEXITSTATUS(status) == 0)
        return NULL;
    return problem_new(arena, &PROBLEM_START,
                       "Postgres runs as the user %s, who may not enter %s: choose a --data-dir "
                       "outside of it (such as /var/lib/entrepot), open it with `chmod o+x`, or "
                       "start the server as an unprivileged user",
                       account->name, folders[WEXITSTATUS(status) - 1]);
}
