/* Statements that tests of this room make up, and small steps they share. */
#ifndef ENTREPOT_TESTS_DB_DB_SUPPORT_H
#define ENTREPOT_TESTS_DB_DB_SUPPORT_H

#include "server/db/stream.h"
#include "tests/db/harness.h"

/* Fails the test with what the problem says. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        const struct problem *must_ = (call);                                                      \
        ck_assert_msg(!must_, "%s: %s", must_ ? must_->detail : "",                                \
                      must_ && must_->cause ? must_->cause : "");                                  \
    } while (0)

/* The call must fail with a problem of this kind. */
#define MUST_FAIL(call, wanted)                                                                    \
    do {                                                                                           \
        const struct problem *got_ = (call);                                                       \
        ck_assert_ptr_nonnull(got_);                                                               \
        ck_assert_str_eq(got_->kind->slug, (wanted).slug);                                         \
    } while (0)

#define STATEMENT(name, rows, params, columns, text)                                               \
    static const struct db_statement name = { #name,   rows,           params, COUNT(params),      \
                                              columns, COUNT(columns), text }

CLEANUP_DEFINE(struct db *, db_close)

/** Ends the server's process of a connection, as an administrator would; done when it returns. */
void support_terminate(struct arena *arena, int pid);

/** The one number a query of the test gives. */
int64_t support_number(struct db *db, struct arena *arena, const char *sql);

#endif
