#include "cron.h"

#include "server/base/clock.h"

#define MINUTE_US INT64_C(60000000)
#define DAY_MINUTES 1440
#define EVERY_HOUR UINT32_C(0xffffff)

static int64_t floor_divide(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

static bool is_day(const struct cron *cron, int32_t day)
{
    int year, month, date;
    clock_date(day, &year, &month, &date);
    int weekday = (day % 7 + 11) % 7; /* 1970-01-01 was a Thursday */
    bool by_date = cron->days >> date & 1;
    bool by_weekday = cron->weekdays >> weekday & 1;
    return cron->months >> month & 1
           && (cron->either_day ? by_date || by_weekday : by_date && by_weekday);
}

/* The first minute of a day, from one on, that is meant; DAY_MINUTES: none. */
static int minute_of_day(const struct cron *cron, int from)
{
    for (int hour = from / 60; hour < 24; hour++) {
        if (!(cron->hours >> hour & 1))
            continue;
        for (int minute = hour == from / 60 ? from % 60 : 0; minute < 60; minute++)
            if (cron->minutes >> minute & 1)
                return hour * 60 + minute;
    }
    return DAY_MINUTES;
}

/* The first minute from one on, in minutes of local time since 1970, that is meant and before an
 * end. */
static bool next_local(const struct cron *cron, int64_t from, int64_t end, int64_t *out_minute)
{
    int64_t day = floor_divide(from, DAY_MINUTES);
    int minute = (int)(from - day * DAY_MINUTES);
    for (; day * DAY_MINUTES < end; day++, minute = 0) {
        if (!is_day(cron, (int32_t)day))
            continue;
        int found = minute_of_day(cron, minute);
        if (found == DAY_MINUTES)
            continue;
        *out_minute = day * DAY_MINUTES + found;
        return *out_minute < end;
    }
    return false;
}

/* Local time when an offset begins to hold: by the offset before, and by its own. Equal at the
 * first of a list. */
struct turn {
    int64_t before;
    int64_t after;
};

static struct turn turn_of(const struct zone *zone, size_t place, int64_t utc_minute)
{
    int64_t own = zone->changes[place].offset_s / 60;
    int64_t before = place ? zone->changes[place - 1].offset_s / 60 : own;
    return (struct turn){ utc_minute + before, utc_minute + own };
}

bool cron_next(const struct cron *cron, const struct zone *zone, int64_t after_at, int64_t *out_at)
{
    bool by_wall = cron->hours != EVERY_HOUR;
    int64_t minute = floor_divide(after_at, MINUTE_US) + 1;
    int64_t end = minute + (int64_t)CRON_YEARS * 366 * DAY_MINUTES;
    for (size_t place = zone_find(zone, minute * MINUTE_US); minute < end; place++) {
        bool last = place + 1 >= zone->count;
        int64_t until = last ? end : floor_divide(zone->changes[place + 1].at, MINUTE_US);
        int64_t offset = zone->changes[place].offset_s / 60;
        int64_t local = minute + offset;
        int64_t found;
        if (place && by_wall) {
            int64_t begin = floor_divide(zone->changes[place].at, MINUTE_US);
            struct turn turn = turn_of(zone, place, begin);
            if (minute == begin && next_local(cron, turn.before, turn.after, &found)) {
                *out_at = minute * MINUTE_US; /* it was left out */
                return true;
            }
            if (local < turn.before)
                local = turn.before; /* it has been already */
        }
        if (next_local(cron, local, (until < end ? until : end) + offset, &found)) {
            *out_at = (found - offset) * MINUTE_US;
            return true;
        }
        if (last)
            return false;
        minute = until;
    }
    return false;
}
