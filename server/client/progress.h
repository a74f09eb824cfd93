/*
 * How far a run is, on standard error: one line that is written anew on a terminal, else a line for
 * each change of state or step.
 */
#ifndef ENTREPOT_CLIENT_PROGRESS_H
#define ENTREPOT_CLIENT_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on_terminal;
    bool drawn; /* the line is there */
    int64_t begun_ms;
    int64_t drawn_ms;
    int64_t run;
    int64_t rows;
    int64_t bytes;
    char state[32];
    char step[64];
};

void progress_begin(struct progress *progress, int64_t run);

/** Takes run: as the server tells it. */
void progress_tell(struct progress *progress, const json_t *run);

/** Draw the line again, if it is time: the clock goes on. */
void progress_draw(struct progress *progress);

/** Take the line away, so that something else can be written. */
void progress_clear(struct progress *progress);

/** Milliseconds since the begin. */
int64_t progress_elapsed_ms(const struct progress *progress);

#endif
