/*
 * Triggers of a pipeline document: what starts a run of it without being asked.
 *
 *     triggers:
 *       - {on: delivery, input: orders}
 *       - {on: schedule, cron: "0 6 * * 1-5", timezone: Europe/Paris, missed: once}
 *       - {on: pipeline, pipeline: orders_clean, parameters: {top: 10}}
 *
 * Here they are only read and checked by themselves and against their document; that a pipeline or
 * a zone exists is checked where all of them are known. Plain const data in the caller's arena.
 */
#ifndef ENTREPOT_MODEL_TRIGGER_H
#define ENTREPOT_MODEL_TRIGGER_H

#include "cron.h"
#include "node.h"

struct pipeline_document;

enum trigger_kind { TRIGGER_DELIVERY, TRIGGER_SCHEDULE, TRIGGER_PIPELINE };

/* What becomes of due times that passed while no server was running. */
enum trigger_missed { TRIGGER_ONCE, TRIGGER_SKIP, TRIGGER_ALL };

struct trigger {
    const char *name; /* its own, or made of what it waits for; once per pipeline */
    enum trigger_kind kind;
    const char *dataset;  /* of TRIGGER_DELIVERY: the input dataset */
    const char *pipeline; /* of TRIGGER_PIPELINE */
    const char *cron;     /* of TRIGGER_SCHEDULE, as are the next three */
    struct cron schedule;
    const char *timezone;
    enum trigger_missed missed;
    const char *parameters; /* JSON object */
    const struct node *node;
};

const char *trigger_kind_name(enum trigger_kind kind);
const char *trigger_missed_name(enum trigger_missed missed);
/** The policy of a name; TRIGGER_ONCE where it is none. */
enum trigger_missed trigger_missed_of(const char *name);

/**
 * Read the triggers of a document whose name, inputs and parameters were read already.
 *
 * Takes   root: the document's node.
 * Gives   *out_count of them; with faults, those that are right.
 */
const struct trigger *triggers_read(struct arena *arena, const struct node *root,
                                    const struct pipeline_document *document, struct faults *faults,
                                    size_t *out_count);

/**
 * Would pipelines start each other without end through this trigger?
 *
 * Takes   documents: all pipelines, in their new versions; trigger: one of start's.
 * Gives   "a → b → a", each starting the next; NULL: no.
 */
const char *trigger_cycle(struct arena *arena, const struct pipeline_document *const *documents,
                          size_t count, const struct pipeline_document *start,
                          const struct trigger *trigger);

#endif
