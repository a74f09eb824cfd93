#include "call.h"

#include "fault.h"
#include "functions.h"
#include "literal.h"
#include "regex.h"
#include "server/base/clock.h"

#include <string.h>

static bool is_null(const struct term *term)
{
    return term->kind == TERM_LITERAL && term->type == VALUE_NULL;
}

static bool is_zero(const struct term *term)
{
    if (term->kind != TERM_LITERAL)
        return false;
    return (term->type == VALUE_INTEGER && term->value.integer == 0)
           || (term->type == VALUE_DECIMAL && strcmp(term->value.text, "0") == 0);
}

/* The time of the request and the ends of time; false: another function. */
static bool become_instant(struct term *call)
{
    struct value value = { .type = VALUE_TIMESTAMP };
    if (strcmp(call->name, "now") == 0) {
        value.integer = clock_now();
        call->moving = true;
    } else if (strcmp(call->name, "mindatetime") == 0) {
        value.integer = clock_days(1, 1, 1) * INT64_C(86400000000);
    } else if (strcmp(call->name, "maxdatetime") == 0) {
        value.integer = (clock_days(9999, 12, 31) + 1) * INT64_C(86400000000) - 1;
    } else {
        return false;
    }
    typing_become(call, value);
    return true;
}

/* Edm.Date of 'text' is read here and now; what does not read is null. */
static bool become_read(struct typing *typing, struct term *call)
{
    static const struct {
        const char *name;
        enum value_type type;
    } reads[] = {
        { "Edm.Boolean", VALUE_BOOL },      { "Edm.Date", VALUE_DATE },
        { "Edm.TimeOfDay", VALUE_TIME },    { "Edm.DateTimeOffset", VALUE_TIMESTAMP },
        { "Edm.Duration", VALUE_DURATION }, { "Edm.Guid", VALUE_UUID },
        { "Edm.Binary", VALUE_BYTES },      { "Edm.Decimal", VALUE_DECIMAL },
        { "Edm.Int64", VALUE_INTEGER },
    };
    const struct term *operand = call->first;
    if (!operand || call->count != 1 || operand->kind != TERM_LITERAL
        || operand->type != VALUE_TEXT)
        return false;
    for (size_t i = 0; i < COUNT(reads); i++) {
        const char *text = operand->value.text;
        const char *reason;
        struct value value;
        if (strcmp(reads[i].name, call->name) != 0)
            continue;
        if (!literal_read(typing->arena, reads[i].type, text, strlen(text), &value, &reason))
            value = (struct value){ .type = VALUE_NULL };
        if (value.type == VALUE_INTEGER && reads[i].type == VALUE_DECIMAL)
            value =
                (struct value){ .type = VALUE_DECIMAL, .text = value_text(typing->arena, &value) };
        else if (value.type != reads[i].type)
            value = (struct value){ .type = VALUE_NULL };
        typing_become(call, value);
        return true;
    }
    return false;
}

static struct problem *refuse_operands(const struct typing *typing, const struct term *call)
{
    CLEANUP(buffer_clear) struct buffer given = { 0 };
    int more = FUNCTION_PARAMS_MAX;
    for (const struct term *operand = call->first; operand; operand = more-- ? operand->next : NULL)
        buffer_print(&given, "%s%s", operand == call->first ? "" : ", ",
                     more ? typing_operand_text(typing, operand) : "…");
    if (strncmp(call->name, "Edm.", 4) == 0)
        return fault_unsupported(typing->arena, call->option, call->position,
                                 "a cast of %s to %s is not implemented here", buffer_text(&given),
                                 call->name);
    return fault_new(typing->arena, call->option, call->position, "%s does not take (%s), but %s",
                     call->name, buffer_text(&given), functions_usage(typing->arena, call->name));
}

/* A pattern must be known now: it is checked, and translated for Postgres. */
static struct problem *check_pattern(const struct typing *typing, struct term *call)
{
    struct term *pattern = call->last;
    if (pattern->kind != TERM_LITERAL)
        return fault_unsupported(typing->arena, pattern->option, pattern->position,
                                 "patterns that are no literals are not implemented here");
    const char *reason;
    const char *translated = regex_translate(typing->arena, pattern->value.text, &reason);
    if (!translated)
        return fault_new(typing->arena, pattern->option, pattern->position,
                         "%s is no pattern that can be used here: %s",
                         fault_excerpt(typing->arena, pattern->source, pattern->source_size),
                         reason);
    pattern->value.text = translated;
    return NULL;
}

static struct problem *check_substring(const struct typing *typing, const struct term *call)
{
    /* the text itself is no integer */
    for (const struct term *operand = call->first; operand; operand = operand->next)
        if (operand->kind == TERM_LITERAL && operand->type == VALUE_INTEGER
            && operand->value.integer < 0)
            return fault_new(typing->arena, operand->option, operand->position,
                             "substring takes no negative numbers");
    return NULL;
}

/* What the types do not say. */
static struct problem *check_values(const struct typing *typing, struct term *call)
{
    if (strcmp(call->name, "matchespattern") == 0)
        return check_pattern(typing, call);
    if (strcmp(call->name, "substring") == 0)
        return check_substring(typing, call);
    if ((strcmp(call->name, "div") == 0 || strcmp(call->name, "mod") == 0) && is_zero(call->last))
        return fault_new(typing->arena, call->last->option, call->last->position,
                         "%s by zero has no result", call->name);
    return NULL;
}

/* Text in quotes may stand for a value that is written without them, as in due add 'P1D': as the
 * first type that a function of this name takes. */
static const struct signature *match_reading_text(const struct typing *typing,
                                                  const struct term *call)
{
    static const enum value_type types[] = { VALUE_DURATION, VALUE_TIMESTAMP, VALUE_DATE,
                                             VALUE_TIME };
    for (struct term *operand = call->first; operand; operand = operand->next) {
        const struct value written = operand->value;
        const char *reason;
        if (operand->kind != TERM_LITERAL || operand->type != VALUE_TEXT)
            continue;
        for (size_t i = 0; i < COUNT(types); i++) {
            if (!literal_read(typing->arena, types[i], written.text, strlen(written.text),
                              &operand->value, &reason))
                continue;
            operand->type = types[i];
            const struct signature *signature =
                functions_match(call->name, call->first, call->count);
            if (signature)
                return signature;
            operand->value = written;
            operand->type = VALUE_TEXT;
        }
    }
    return NULL;
}

struct problem *call_type(struct typing *typing, struct term *call)
{
    bool any_null = false;
    for (struct term *operand = call->first; operand; operand = operand->next) {
        TRY(typing_term(typing, operand));
        any_null |= is_null(operand);
        call->nullable |= operand->nullable;
    }
    if (call->count == 0 && become_instant(call))
        return NULL;
    if (any_null) {
        typing_become(call, (struct value){ .type = VALUE_NULL });
        return NULL;
    }
    if (become_read(typing, call))
        return NULL;
    const struct signature *signature = functions_match(call->name, call->first, call->count);
    if (!signature)
        signature = match_reading_text(typing, call);
    if (!signature)
        return refuse_operands(typing, call);
    size_t at = 0;
    for (struct term *operand = call->first; operand; operand = operand->next, at++)
        if (operand->kind == TERM_LITERAL && operand->type != signature->params[at])
            TRY(typing_widen(typing, operand, signature->params[at]));
    call->signature = signature;
    call->type = signature->result;
    call->nullable |= signature->may_fail;
    return check_values(typing, call);
}

/* The type that holds the values of both. */
static bool widest(enum value_type *type, enum value_type other)
{
    if (*type == other || other == VALUE_NULL)
        return true;
    if (*type == VALUE_NULL || (value_is_number(*type) && value_is_number(other))) {
        *type = *type == VALUE_NULL || *type < other ? other : *type;
        return true;
    }
    return false;
}

struct problem *call_type_case(struct typing *typing, struct term *term)
{
    bool complete = false; /* is there a value whatever the conditions say? */
    enum value_type type = VALUE_NULL;
    for (struct term *condition = term->first; condition; condition = condition->next->next) {
        struct term *value = condition->next;
        TRY(typing_term(typing, condition));
        TRY(typing_term(typing, value));
        if (condition->type != VALUE_BOOL && !is_null(condition))
            return fault_new(typing->arena, condition->option, condition->position,
                             "a condition of case is true or false, not %s",
                             typing_operand_text(typing, condition));
        if (!widest(&type, value->type))
            return fault_new(typing->arena, value->option, value->position,
                             "the values of case must be of one type: %s stands behind %s",
                             typing_operand_text(typing, value), value_type_name(type));
        term->nullable |= value->nullable;
        complete |=
            condition->kind == TERM_LITERAL && !is_null(condition) && condition->value.boolean;
    }
    if (type == VALUE_NULL) {
        typing_become(term, (struct value){ .type = VALUE_NULL });
        return NULL;
    }
    for (struct term *value = term->first->next; value;
         value = value->next ? value->next->next : NULL)
        if (value->kind == TERM_LITERAL && value_is_number(value->type))
            TRY(typing_widen(typing, value, type));
    term->type = type;
    term->nullable |= !complete;
    return NULL;
}
