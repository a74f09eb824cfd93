/* Faults as the lines a person sees, for tables of wrong documents. */
#ifndef ENTREPOT_TESTS_UNIT_MODEL_FAULTS_H
#define ENTREPOT_TESTS_UNIT_MODEL_FAULTS_H

#include "server/model/document.h"
#include "tests/unit/test.h"

#include <string.h>

/** "file:line:path: reason" per fault, each ended by a newline; "" where there are none. */
static inline const char *faults_text(struct arena *arena, struct faults *faults)
{
    faults_sort(faults);
    struct problem *problem = faults_problem(faults, &PROBLEM_INVALID_DOCUMENT, "faults");
    return problem ? problem_lines(arena, problem) + strlen("faults\n") : "";
}

/** A YAML text that must be right. */
static inline const struct node *yaml_node(struct arena *arena, const char *text)
{
    struct faults faults;
    faults_init(&faults, arena, 10);
    const struct document_text source = { "f", text, strlen(text), DOCUMENT_YAML };
    const struct node *root = document_parse(arena, &source, DOCUMENT_BYTES, &faults);
    ck_assert_str_eq(faults_text(arena, &faults), "");
    return root;
}

#endif
