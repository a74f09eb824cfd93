#include "quality_rule.h"

#include <assert.h>
#include <string.h>

static const char *const metrics[] = {
    [QUALITY_PRIMARY_KEY] = "primaryKey",
    [QUALITY_UNIQUE] = "unique",
    [QUALITY_REQUIRED] = "required",
    [QUALITY_RANGE] = "range",
    [QUALITY_LENGTH] = "length",
    [QUALITY_PATTERN] = "pattern",
    [QUALITY_RELATIONSHIP] = "relationship",
    [QUALITY_ROW_COUNT] = "rowCount",
    [QUALITY_NULL_VALUES] = "nullValues",
    [QUALITY_MISSING_VALUES] = "missingValues",
    [QUALITY_INVALID_VALUES] = "invalidValues",
    [QUALITY_DUPLICATE_VALUES] = "duplicateValues",
    [QUALITY_SQL] = "sql",
    [QUALITY_TEXT] = "text",
    [QUALITY_CUSTOM] = "custom",
    [QUALITY_LATENCY] = "latency",
    [QUALITY_VOLUME] = "volume",
};

static const char *const operators[] = {
    [QUALITY_MUST_BE] = "mustBe",
    [QUALITY_MUST_NOT_BE] = "mustNotBe",
    [QUALITY_MUST_BE_GREATER_THAN] = "mustBeGreaterThan",
    [QUALITY_MUST_BE_GREATER_OR_EQUAL_TO] = "mustBeGreaterOrEqualTo",
    [QUALITY_MUST_BE_LESS_THAN] = "mustBeLessThan",
    [QUALITY_MUST_BE_LESS_OR_EQUAL_TO] = "mustBeLessOrEqualTo",
    [QUALITY_MUST_BE_BETWEEN] = "mustBeBetween",
    [QUALITY_MUST_NOT_BE_BETWEEN] = "mustNotBeBetween",
};

static const char *const severities[] = { "error", "warning", "info" };

bool quality_holds(const struct quality_threshold *threshold, double value)
{
    double low = threshold->low;
    if (value != value)
        return false;
    switch (threshold->op) {
    case QUALITY_MUST_BE:
        return !(value < low) && !(value > low);
    case QUALITY_MUST_NOT_BE:
        return value < low || value > low;
    case QUALITY_MUST_BE_GREATER_THAN:
        return value > low;
    case QUALITY_MUST_BE_GREATER_OR_EQUAL_TO:
        return value >= low;
    case QUALITY_MUST_BE_LESS_THAN:
        return value < low;
    case QUALITY_MUST_BE_LESS_OR_EQUAL_TO:
        return value <= low;
    case QUALITY_MUST_BE_BETWEEN:
        return value >= low && value <= threshold->high;
    case QUALITY_MUST_NOT_BE_BETWEEN:
        return value < low || value > threshold->high;
    }
    assert(false);
    return false;
}

const char *quality_metric_name(enum quality_metric metric)
{
    assert(metric > QUALITY_NO_METRIC && metric < COUNT(metrics));
    return metrics[metric];
}

const char *quality_operator_name(enum quality_operator op)
{
    assert(op < COUNT(operators));
    return operators[op];
}

const char *quality_severity_name(enum quality_severity severity)
{
    assert(severity < COUNT(severities));
    return severities[severity];
}

bool quality_operator_find(const char *name, enum quality_operator *out_operator)
{
    for (size_t i = 0; i < COUNT(operators); i++)
        if (strcmp(operators[i], name) == 0) {
            *out_operator = (enum quality_operator)i;
            return true;
        }
    return false;
}
