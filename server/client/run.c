#include "body.h"
#include "client.h"
#include "control.h"
#include "progress.h"
#include "show.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* From here on Ctrl-C is something to read. Gives -1 where that cannot be: then it ends us. */
static int watch_interrupts(void)
{
    sigset_t interrupt;
    (void)sigemptyset(&interrupt); /* a set of our own: cannot fail, nor the next */
    (void)sigaddset(&interrupt, SIGINT);
    int fd = signalfd(-1, &interrupt, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd >= 0)
        (void)pthread_sigmask(SIG_BLOCK, &interrupt, NULL); /* a signal that exists */
    return fd;
}

/* A run that is followed. */
struct following {
    struct arena *arena;
    struct control *control;
    const struct client_options *options;
    int64_t run;
    struct progress progress;
    int interrupt_fd;
    int interrupts; /* how often Ctrl-C was pressed */
    bool cancel;    /* to be asked for, once the stream is let go */
    bool leaving;   /* the run goes on without us */
};

static bool on_event(void *context, const char *name, json_t *data)
{
    struct following *following = context;
    (void)name; /* the end is seen by the stream itself */
    progress_tell(&following->progress, data);
    return true;
}

/* Ctrl-C: on a terminal the first is a question, the second cancels; where nobody can be asked, the
 * first does. One more leaves at once. */
static bool on_look(void *context)
{
    struct following *following = context;
    struct signalfd_siginfo interrupt;
    bool asked = following->progress.on_terminal;
    if (read(following->interrupt_fd, &interrupt, sizeof interrupt) != sizeof interrupt) {
        progress_draw(&following->progress);
        return true;
    }
    following->interrupts++;
    progress_clear(&following->progress);
    if (asked && following->interrupts == 1) {
        (void)fprintf(stderr, "press Ctrl-C again to cancel run %lld; else it goes on\n",
                      (long long)following->run);
        return true;
    }
    following->cancel = following->interrupts == (asked ? 2 : 1);
    following->leaving = !following->cancel;
    return false;
}

static struct problem *cancel(struct following *following)
{
    struct control_answer answer;
    (void)fprintf(stderr, "run %lld is cancelled\n", (long long)following->run);
    following->cancel = false;
    struct problem *problem = control_ask(
        following->control, following->arena, "POST",
        arena_print(following->arena, "/control/runs/%lld/cancel", (long long)following->run), NULL,
        &answer);
    /* one that has ended meanwhile has a last state too, which is told */
    if (problem)
        (void)fprintf(stderr, "entrepot: %s\n", problem->detail);
    return NULL;
}

static struct problem *follow(struct following *following)
{
    const struct control_listener listener = { on_event, on_look, following };
    const char *path =
        arena_print(following->arena, "/control/runs/%lld/events", (long long)following->run);
    progress_begin(&following->progress, following->run);
    do {
        if (following->cancel)
            TRY(cancel(following));
        TRY(control_listen(following->control, following->arena, path, &listener));
    } while (following->cancel);
    progress_clear(&following->progress);
    return NULL;
}

static void show_error(struct arena *arena, const json_t *error)
{
    size_t index;
    const json_t *fault;
    (void)fprintf(stderr, "entrepot: %s: %s\n", show_member(arena, error, "title"),
                  show_member(arena, error, "detail"));
    json_array_foreach(json_object_get(error, "faults"), index, fault)
    {
        (void)fprintf(stderr, "  %s%s%s\n", show_member(arena, fault, "path"),
                      *show_member(arena, fault, "path") ? ": " : "",
                      show_member(arena, fault, "reason"));
    }
}

/* Its address is told once there is something at it: readers see what is published only. */
static void show_output(struct following *following, const json_t *output)
{
    struct arena *arena = following->arena;
    const char *dataset = show_member(arena, output, "dataset");
    const char *state = show_member(arena, output, "state");
    long long number = show_number(output, "snapshot");
    (void)printf("  output.%s snapshot %lld, %s, %s rows", dataset, number, state,
                 show_count(arena, show_number(output, "rows")));
    if (strcmp(state, "published") == 0)
        (void)printf(": %s/output/%s/snapshots/%lld", following->options->url, dataset, number);
    (void)printf("\n");
}

static void show_run(struct following *following, const json_t *run)
{
    struct arena *arena = following->arena;
    const char *url = following->options->url;
    const char *state = show_member(arena, run, "state");
    size_t index;
    const json_t *output;
    (void)printf("run %lld of %s %s: %s after %s, %s rows, %s\n", (long long)following->run,
                 show_member(arena, run, "pipeline"), show_member(arena, run, "version"), state,
                 show_elapsed(arena, progress_elapsed_ms(&following->progress)),
                 show_count(arena, show_number(run, "rows")),
                 show_bytes(arena, show_number(run, "bytes")));
    json_array_foreach(json_object_get(run, "outputs"), index, output)
        show_output(following, output);
    if (strcmp(state, "staged") == 0)
        (void)printf("POST %s/control/runs/%lld/publish lets readers see it\n", url,
                     (long long)following->run);
    (void)printf("%s/control/runs/%lld\n", url, (long long)following->run);
}

static int end_of(const char *state, bool publish)
{
    if (strcmp(state, "published") == 0 || strcmp(state, "reused") == 0
        || (strcmp(state, "staged") == 0 && !publish))
        return CLIENT_DONE;
    return strcmp(state, "cancelled") == 0 ? CLIENT_CANCELLED : CLIENT_FAILED;
}

/* The last state, as the server has it. */
static struct problem *tell_end(struct following *following, int *out_end)
{
    struct arena *arena = following->arena;
    struct control_answer answer;
    TRY(control_ask(following->control, arena, "GET",
                    arena_print(arena, "/control/runs/%lld?wait=5", (long long)following->run),
                    NULL, &answer));
    const json_t *error = json_object_get(answer.json, "error");
    const char *state = show_member(arena, answer.json, "state");
    if (json_is_object(error))
        show_error(arena, error);
    if (following->options->json)
        show_json(answer.json);
    else
        show_run(following, answer.json);
    *out_end = end_of(state, following->options->publish);
    return NULL;
}

static struct problem *ask_for_run(struct following *following)
{
    struct arena *arena = following->arena;
    const struct client_options *options = following->options;
    const char *name = control_segment(arena, options->pipeline);
    struct control_answer answer;
    const char *body;
    TRY(control_ask(following->control, arena, "GET",
                    arena_print(arena, "/control/pipelines/%s", name), NULL, &answer));
    TRY(body_make(arena, options, answer.json, false, &body));
    TRY(control_ask(following->control, arena, "POST",
                    arena_print(arena, "/control/pipelines/%s/runs", name), body, &answer));
    following->run = show_number(answer.json, "id");
    if (following->run < 1)
        return problem_new(arena, &PROBLEM_START, "%s gives the run no number; is it an entrepot?",
                           options->url);
    if (options->follow)
        return NULL;
    if (options->json)
        show_json(answer.json);
    else
        (void)printf("run %lld of %s %s is queued\n%s/control/runs/%lld\n",
                     (long long)following->run, show_member(arena, answer.json, "pipeline"),
                     show_member(arena, answer.json, "version"), options->url,
                     (long long)following->run);
    return NULL;
}

static struct problem *run(struct following *following, int *out_end)
{
    CLEANUP(control_close_at) struct control *control = NULL;
    TRY(control_open(following->arena, following->options, &control));
    following->control = control;
    TRY(ask_for_run(following));
    *out_end = CLIENT_DONE;
    if (!following->options->follow)
        return NULL;
    CLEANUP(close_at) int interrupt_fd = watch_interrupts();
    following->interrupt_fd = interrupt_fd;
    TRY(follow(following));
    if (!following->leaving)
        return tell_end(following, out_end);
    (void)fprintf(stderr, "run %lld goes on: %s/control/runs/%lld\n", (long long)following->run,
                  following->options->url, (long long)following->run);
    *out_end = CLIENT_CANCELLED;
    return NULL;
}

int client_run(struct arena *arena, int count, char *const *words)
{
    struct client_options options;
    struct following following = { .arena = arena, .options = &options };
    int end = CLIENT_USAGE;
    struct problem *problem = client_options_read(arena, false, count, words, &options);
    if (!problem && options.help)
        return fputs(client_options_help(arena, false), stdout) < 0 ? CLIENT_REFUSED : CLIENT_DONE;
    if (!problem) {
        end = CLIENT_REFUSED;
        problem = run(&following, &end);
    }
    progress_clear(&following.progress);
    if (problem)
        (void)fprintf(stderr, "entrepot: %s", problem_lines(arena, problem));
    return problem && end == CLIENT_DONE ? CLIENT_REFUSED : end;
}
