/*
 * Triggers of stored pipelines: checked where everything is known, and kept in step with the
 * version that is current. The scheduler fires them.
 */
#ifndef ENTREPOT_OPERATE_TRIGGERS_H
#define ENTREPOT_OPERATE_TRIGGERS_H

#include "server/model/catalogue.h"

/**
 * Check what a document alone cannot know: that the time zones and the pipelines it follows exist,
 * and that no pipelines start each other without end.
 *
 * Takes   documents: those that are to be current together; they stand before the catalogue's.
 * Fails   PROBLEM_INVALID_DOCUMENT with the line of each.
 */
struct problem *triggers_check(struct db *db, struct arena *arena,
                               const struct catalogue *catalogue,
                               const struct pipeline_document *documents, size_t count,
                               const struct pipeline_document *document) MUST_USE;

/** Store the triggers of a version that becomes current; in the caller's transaction. */
struct problem *triggers_store(struct db *db, struct arena *arena,
                               const struct pipeline_document *document) MUST_USE;

/** A pipeline is retired: it has no triggers any more; in the caller's transaction. */
struct problem *triggers_drop(struct db *db, struct arena *arena, const char *pipeline) MUST_USE;

#endif
