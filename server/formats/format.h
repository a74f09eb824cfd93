/*
 * The formats rows are written in: their names, their media types, and which one a client wants.
 *
 * No state; any thread.
 */
#ifndef ENTREPOT_FORMATS_FORMAT_H
#define ENTREPOT_FORMATS_FORMAT_H

#include <stdbool.h>

enum format {
    FORMAT_NONE,
    FORMAT_JSON,
    FORMAT_NDJSON,
    FORMAT_CSV,
    FORMAT_PARQUET,
    FORMAT_PARQUET_UNCOMPRESSED, /* for readers without zstd; asked for by name only */
    FORMAT_ARROW,
    FORMAT_COUNT
};

/** The media type of a format, with its parameters; its short name (json, ndjson, csv, parquet,
 *  arrow); and back. */
const char *format_media_type(enum format format);
const char *format_name(enum format format);
enum format format_by_name(const char *name);

/** How the name of a file in the format ends, without a point. */
const char *format_extension(enum format format);

/** Is it held column by column, so that it is no text? */
bool format_is_columnar(enum format format);

/**
 * Choose a format by an Accept header (RFC 9110 §12.5.1, with q values and wildcards).
 *
 * Takes   accept: NULL or empty means anything.
 * Gives   FORMAT_NONE when none of ours is acceptable. Of the
 *         formats with the best q the one that is named most exactly wins, then JSON. Parts of the
 *         header that are not well formed are skipped.
 */
enum format format_by_accept(const char *accept);

#endif
