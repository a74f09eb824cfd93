#include "progress.h"

#include "show.h"

#include "server/base/clock.h"

#include <string.h>
#include <unistd.h>

#define DRAW_MS 100
#define BAR_CELLS 16
#define BLOCK_CELLS 4

void progress_begin(struct progress *progress, int64_t run)
{
    *progress = (struct progress){ .run = run, .begun_ms = clock_monotonic_ms() };
    progress->on_terminal = isatty(STDERR_FILENO) == 1;
}

int64_t progress_elapsed_ms(const struct progress *progress)
{
    return clock_monotonic_ms() - progress->begun_ms;
}

/* How many rows there will be is not known, so the bar shows that it goes on, not how far it is. */
static void draw_bar(const struct progress *progress, char *out)
{
    int span = BAR_CELLS - BLOCK_CELLS;
    int at = (int)(progress_elapsed_ms(progress) / DRAW_MS % (2 * span));
    if (at > span)
        at = 2 * span - at;
    bool waits = strcmp(progress->state, "queued") == 0;
    memset(out, waits ? '.' : ' ', BAR_CELLS);
    if (!waits)
        memset(out + at, '=', BLOCK_CELLS);
    out[BAR_CELLS] = '\0';
}

void progress_draw(struct progress *progress)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!progress->on_terminal || !*progress->state
        || (progress->drawn && now_ms - progress->drawn_ms < DRAW_MS))
        return;
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    char bar[BAR_CELLS + 1];
    draw_bar(progress, bar);
    (void)fprintf(stderr, "\r[%s] %s%s%s  %s rows  %s  %s\033[K", bar, progress->state,
                  *progress->step ? " " : "", progress->step, show_count(arena, progress->rows),
                  show_bytes(arena, progress->bytes),
                  show_elapsed(arena, progress_elapsed_ms(progress)));
    (void)fflush(stderr); /* progress that cannot be shown is no failure of the run */
    progress->drawn = true;
    progress->drawn_ms = now_ms;
}

void progress_clear(struct progress *progress)
{
    if (progress->drawn)
        (void)fputs("\r\033[K", stderr);
    (void)fflush(stderr); /* as above */
    progress->drawn = false;
}

/* Cut to what is kept; gives whether it is another than before. */
static bool take_over(char *kept, size_t capacity, const char *text)
{
    bool other = strncmp(kept, text, capacity - 1) != 0;
    size_t size = strnlen(text, capacity - 1);
    memcpy(kept, text, size);
    kept[size] = '\0';
    return other;
}

void progress_tell(struct progress *progress, const json_t *run)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(1024);
    bool state =
        take_over(progress->state, sizeof progress->state, show_member(arena, run, "state"));
    bool step = take_over(progress->step, sizeof progress->step, show_member(arena, run, "step"));
    progress->rows = show_number(run, "rows");
    progress->bytes = show_number(run, "bytes");
    if (progress->on_terminal)
        progress_draw(progress);
    else if (state || step)
        (void)fprintf(stderr, "run %lld %s%s%s: %s rows, %s\n", (long long)progress->run,
                      progress->state, *progress->step ? ", step " : "", progress->step,
                      show_count(arena, progress->rows), show_bytes(arena, progress->bytes));
}
