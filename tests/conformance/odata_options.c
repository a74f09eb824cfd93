/*
 * Options of queries on standard input, judged on standard output: what the OASIS cases are put to.
 *
 * A line is one query: its options, each name, a unit separator (0x1f) and value, parted by record
 * separators (0x1e), already decoded. The answer is a line: 200 or the status of the refusal, the
 * option and position of it, and its detail, parted by tabs.
 */
#include "server/query/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS 32

/* The primitive properties of the cases' model, with types that fit how the cases use them. */
static const struct column column_list[] = {
    { .name = "Code", .type = COLUMN_TEXT, .required = true, .key_position = 1 },
    { .name = "ID", .type = COLUMN_INT64 },
    { .name = "Date", .type = COLUMN_DATE },
    { .name = "ItemID", .type = COLUMN_INT32 },
    { .name = "OrderID", .type = COLUMN_INT32 },
    { .name = "Size", .type = COLUMN_DECIMAL },
    { .name = "Age", .type = COLUMN_INT32 },
    { .name = "Amount", .type = COLUMN_DECIMAL },
    { .name = "BirthDate", .type = COLUMN_TIMESTAMP },
    { .name = "City", .type = COLUMN_TEXT },
    { .name = "CompanyName", .type = COLUMN_TEXT },
    { .name = "ContactName", .type = COLUMN_TEXT },
    { .name = "Completed", .type = COLUMN_BOOL },
    { .name = "Cost", .type = COLUMN_DECIMAL },
    { .name = "Country", .type = COLUMN_TEXT },
    { .name = "CountryCode", .type = COLUMN_TEXT },
    { .name = "Discounts", .type = COLUMN_DECIMAL },
    { .name = "FirstName", .type = COLUMN_TEXT },
    { .name = "LastName", .type = COLUMN_TEXT },
    { .name = "LifeTime", .type = COLUMN_TIMESTAMP },
    { .name = "Month", .type = COLUMN_INT32 },
    { .name = "Name", .type = COLUMN_TEXT },
    { .name = "Population", .type = COLUMN_INT64 },
    { .name = "Price", .type = COLUMN_DECIMAL },
    { .name = "Quantity", .type = COLUMN_INT32 },
    { .name = "Region", .type = COLUMN_TEXT },
    { .name = "Rating", .type = COLUMN_INT32 },
    { .name = "ReleaseDate", .type = COLUMN_TIMESTAMP },
    { .name = "Revenue", .type = COLUMN_DECIMAL },
    { .name = "Shipped", .type = COLUMN_BOOL },
    { .name = "State", .type = COLUMN_TEXT },
    { .name = "Status", .type = COLUMN_TEXT },
    { .name = "Street", .type = COLUMN_TEXT },
    { .name = "style", .type = COLUMN_TEXT },
    { .name = "SumAmount", .type = COLUMN_DECIMAL },
    { .name = "TaxRate", .type = COLUMN_DOUBLE },
    { .name = "Title", .type = COLUMN_TEXT },
    { .name = "Year", .type = COLUMN_INT32 },
    { .name = "X", .type = COLUMN_INT32 },
    { .name = "ZipCode", .type = COLUMN_TEXT },
    { .name = "AnyDouble", .type = COLUMN_DOUBLE },
    { .name = "AnyTime", .type = COLUMN_TIME },
    { .name = "AnyGuid", .type = COLUMN_UUID },
    { .name = "AnyBinary", .type = COLUMN_BYTES },
};
static const struct columns columns = { column_list, COUNT(column_list) };

CLEANUP_DEFINE(void *, free)

static void judge(char *line)
{
    CLEANUP(arena_free_at) struct arena *arena = arena_new(4096);
    struct query_option options[OPTIONS];
    size_t count = 0;
    for (char *part; count < OPTIONS && (part = strsep(&line, "\x1e"));) {
        options[count].name = strsep(&part, "\x1f");
        options[count++].value = part ? part : "";
    }
    struct query *query = NULL;
    struct db_query sql;
    static const char *const others[] = { "format", NULL };
    struct problem *problem =
        query_parse(arena, &columns, options, count, others, &query_default_limits, &query);
    if (!problem)
        problem = query_sql(arena, query, "t", -1, NULL, false, false, &sql);
    if (!problem)
        puts("200\t\t0\t");
    else
        printf("%d\t%s\t%lld\t%s\n", problem->kind->status, problem_text(problem, "option"),
               (long long)problem_number(problem, "position", -1), problem->detail);
}

int main(void)
{
    CLEANUP(free_at) void *buffer = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline((char **)&buffer, &capacity, stdin)) > 0;) {
        char *line = buffer;
        if (line[size - 1] == '\n')
            line[size - 1] = '\0';
        judge(line);
    }
    return EXIT_SUCCESS;
}
