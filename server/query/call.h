/*
 * Typing of calls: functions, arithmetic, casts and case.
 */
#ifndef ENTREPOT_QUERY_CALL_H
#define ENTREPOT_QUERY_CALL_H

#include "typing.h"

/**
 * Find the signature of a call, and fit its literals to it. A call with null for an operand is
 * null. Fails   PROBLEM_BAD_QUERY: it takes no such operands.
 */
struct problem *call_type(struct typing *typing, struct term *call) MUST_USE;

/** The values of a case must be of one type, or numbers. */
struct problem *call_type_case(struct typing *typing, struct term *term) MUST_USE;

#endif
