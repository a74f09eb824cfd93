/* Service levels that are rules of rows: latency; and entrepot.volume, which ODCS has no place for.
 */
#include "contract_quality.h"

#include "custom.h"
#include "shape.h"

#include "server/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SNAPSHOTS_USUAL 10
#define SNAPSHOTS_MOST 1000

static const struct {
    const char *words[5];
    double seconds;
} units[] = {
    { { "s", "sec", "second", "seconds" }, 1 },
    { { "m", "min", "minute", "minutes" }, 60 },
    { { "h", "hr", "hour", "hours" }, 3600 },
    { { "d", "day", "days" }, 86400 },
    { { "w", "week", "weeks" }, 604800 },
    { { "mo", "month", "months" }, 2629746 },     /* a twelfth of a year */
    { { "y", "yr", "year", "years" }, 31556952 }, /* the mean one of the calendar */
};

static double unit_seconds(const char *unit)
{
    for (size_t i = 0; i < COUNT(units); i++)
        for (size_t k = 0; units[i].words[k]; k++)
            if (text_equal_caseless(units[i].words[k], unit))
                return units[i].seconds;
    return 0;
}

/* Seconds of value and unit; false with a fault. */
static bool read_span(struct rules_reading *reading, const struct node *level, double *out_seconds)
{
    const struct node *value = node_member(level, "value");
    const struct node *unit = node_member(level, "unit");
    double seconds = unit ? unit_seconds(unit->text) : 0;
    double number = value->kind == NODE_NUMBER ? strtod(value->text, NULL) : -1;
    if (!(number >= 0 && number < 1e6)) {
        node_fault(reading->faults, value,
                   "a latency is a number from 0 to a million, with its unit in unit");
        return false;
    }
    if (!(seconds > 0)) {
        node_fault(reading->faults, unit ? unit : level,
                   "a latency needs a unit: s, min, h, d, w, month or y");
        return false;
    }
    *out_seconds = number * seconds;
    return true;
}

/* dataset.column or column. */
static const struct column *element_column(struct rules_reading *reading, const struct node *at,
                                           const char *element)
{
    const char *dot = strchr(element, '.');
    bool own = !dot
               || (strlen(reading->contract->dataset) == (size_t)(dot - element)
                   && text_starts(element, reading->contract->dataset));
    if (!own)
        return NULL; /* it is about another dataset than this one */
    const struct column *column =
        columns_find(&reading->contract->columns, dot ? dot + 1 : element, false);
    if (!column)
        node_fault(reading->faults, at, "\"%s\" is no column of %s", element,
                   reading->contract->dataset);
    else if (column->type != COLUMN_TIMESTAMP && column->type != COLUMN_DATE)
        node_fault(reading->faults, at,
                   "latency is that of a date or a timestamp; %s is of type %s", column->name,
                   column_type_name(column->type));
    else
        return column;
    return NULL;
}

/* One rule for each column of a latency; none: it is about when the dataset was published. */
static void read_latency(struct rules_reading *reading, const struct node *level)
{
    struct arena *arena = reading->arena;
    const struct node *element = node_member(level, "element");
    double seconds = 0;
    if (!element)
        element = node_member(reading->root, "slaDefaultElement");
    if (!read_span(reading, level, &seconds))
        return;
    if (!element) {
        reading->age_limit_s = (int64_t)ceil(seconds);
        return;
    }
    for (char **word = text_split(arena, element->text, ", "); *word; word++) {
        const struct column *column = element_column(reading, element, *word);
        if (!column)
            continue;
        struct quality_rule *rule = rules_add(reading, QUALITY_LATENCY, level, column);
        rule->severity = QUALITY_SEVERITY_WARNING; /* old rows are better than older ones */
        rule->dimension = "timeliness";
        rule->description = node_text(level, "description");
        rule->unit = QUALITY_SECONDS;
        rule->unit_text = "seconds";
        rule->threshold.op = QUALITY_MUST_BE_LESS_OR_EQUAL_TO;
        rule->threshold.low = seconds;
        rule->threshold.json = arena_print(arena, "%.15g", seconds);
        rules_name(reading, rule, arena_print(arena, "%s.latency", column->name));
    }
}

static const struct shape_member volume_members[] = {
    { "snapshots", SHAPE_NATURAL },
    { "severity", SHAPE_TEXT },
    { "mustBeBetween", SHAPE_LIST },
    { "mustBeGreaterThan", SHAPE_NUMBER },
    { "mustBeGreaterOrEqualTo", SHAPE_NUMBER },
    { "mustBeLessThan", SHAPE_NUMBER },
    { "mustBeLessOrEqualTo", SHAPE_NUMBER },
};
static const struct shape volume_shape = { "entrepot.volume", volume_members,
                                           COUNT(volume_members) };

static void read_volume(struct rules_reading *reading, const struct node *volume)
{
    if (!shape_check(&volume_shape, volume, reading->faults))
        return;
    const struct node *snapshots = node_member(volume, "snapshots");
    struct quality_rule *rule = rules_add(reading, QUALITY_VOLUME, volume, NULL);
    rule->snapshots = SNAPSHOTS_USUAL;
    if (snapshots
        && (!node_to_int64(snapshots, &rule->snapshots) || rule->snapshots < 1
            || rule->snapshots > SNAPSHOTS_MOST))
        node_fault(reading->faults, snapshots, "must be a number from 1 to %d", SNAPSHOTS_MOST);
    rule->severity = rules_severity(reading, node_member(volume, "severity"));
    rule->dimension = "coverage";
    rule->unit = QUALITY_PERCENT;
    rule->unit_text = "percent";
    (void)rules_threshold(reading, volume, false, &rule->threshold); /* the faults tell */
    rules_name_as(reading, rule, "volume");
}

void rules_read_service_levels(struct rules_reading *reading)
{
    static const char *const latencies[] = { "latency", "ly", "freshness", "fr", NULL };
    const struct node *levels = node_member(reading->root, "slaProperties");
    for (const struct node *level = levels ? levels->first : NULL; level; level = level->next)
        for (size_t i = 0; latencies[i]; i++)
            if (text_equal_caseless(node_text(level, "property"), latencies[i]))
                read_latency(reading, level);
    const struct node *volume = custom_find(reading->root, "entrepot.volume");
    if (volume)
        read_volume(reading, volume);
}
