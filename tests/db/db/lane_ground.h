/* A lane as the tests of its room use it: opened, turned like a loop turns it, its answers kept. */
#ifndef ENTREPOT_TESTS_DB_DB_LANE_GROUND_H
#define ENTREPOT_TESTS_DB_DB_LANE_GROUND_H

#include "server/db/lane.h"
#include "support.h"

struct lane_ground {
    struct arena *arena;
    struct db *db; /* beside the lane */
    struct lane *lane;
    int loop; /* an epoll */
};
extern struct lane_ground ground;

/* What came of one statement. */
struct answer {
    int times;
    char kind[32]; /* slug of the problem */
    char sqlstate[6];
    int64_t number; /* the first value, an int8 or int4 */
    size_t rows;
    struct answer *chained; /* sent from inside done */
};

enum { MANY = 2000 };
extern struct answer answers[MANY];

/* Before and after each test. */
void lane_ground_setup(void);
void lane_ground_teardown(void);

/* The lane_watch of the loop. */
void watch(void *context, int fd, unsigned events);

void open_lane(int connections, int64_t timeout_ms);
/* What a loop does in one turn. */
void turn(void);
void wait_for_all(void);
void wait_for_connections(int count);

/* The lane_done of all that is sent; the context is the answer. */
void take(void *context, struct problem *problem, const char *sqlstate,
          const struct lane_rows *rows);
void send_text(const char *text, struct answer *answer);
void send_number(const char *text, int64_t number, struct answer *answer);

void check_number(const struct answer *answer, int64_t number);
void check_failed(const struct answer *answer, const struct problem_kind *kind,
                  const char *sqlstate);

/** Ends all the processes of the lane; gives how many. */
int64_t terminate_lane(void);

/* Statements that wait until release_lock, so that they are surely under way. */
extern const char waits[];
void take_lock(void);
void release_lock(void);
void wait_until_blocked(int64_t count);

#endif
