#include "coding.h"

#include "server/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

/* What one step of an encoder may put out before it is called again. */
#define STEP_BYTES ((size_t)32 * 1024)

static const char *const names[CODING_COUNT] = {
    [CODING_NONE] = "", [CODING_GZIP] = "gzip", [CODING_ZSTD] = "zstd"
};

const char *coding_name(enum coding coding)
{
    return names[coding];
}

/* The weight behind ";q=" in thousandths; 1000 where there is none, 0 where it makes no sense. */
static int read_weight(const char *parameters, size_t size)
{
    while (size && (*parameters == ';' || *parameters == ' ' || *parameters == '\t')) {
        parameters++;
        size--;
    }
    if (!size)
        return 1000;
    if (size < 3 || strncasecmp(parameters, "q=", 2) != 0)
        return 0;
    if (parameters[2] == '1')
        return 1000;
    int weight = 0;
    int scale = 100;
    for (size_t i = 4; i < size && i < 7 && parameters[3] == '.'; i++, scale /= 10)
        if (parameters[i] >= '0' && parameters[i] <= '9')
            weight += (parameters[i] - '0') * scale;
    return weight;
}

static bool is_name(const char *text, size_t size, const char *name)
{
    return size == strlen(name) && strncasecmp(text, name, size) == 0;
}

/* Which coding a word of the field means; CODING_COUNT: none of ours. */
static enum coding coding_named(const char *text, size_t size)
{
    if (is_name(text, size, "identity"))
        return CODING_NONE;
    if (is_name(text, size, "x-gzip"))
        return CODING_GZIP;
    for (enum coding coding = CODING_GZIP; coding < CODING_COUNT; coding++)
        if (is_name(text, size, names[coding]))
            return coding;
    return CODING_COUNT;
}

/* Weights of each coding, identity among them; -1 where it is not named. */
static void read_weights(const char *field, int out_weights[CODING_COUNT])
{
    int any = -1;
    for (enum coding coding = 0; coding < CODING_COUNT; coding++)
        out_weights[coding] = -1;
    while (*field) {
        field += strspn(field, ", \t");
        size_t size = strcspn(field, ",");
        size_t name = strcspn(field, ";, \t");
        int weight = read_weight(field + name, size - name);
        if (name == 1 && *field == '*')
            any = weight;
        enum coding coding = coding_named(field, name);
        if (coding != CODING_COUNT)
            out_weights[coding] = weight;
        field += size;
    }
    for (enum coding coding = 0; coding < CODING_COUNT; coding++)
        if (out_weights[coding] < 0)
            out_weights[coding] = any;
}

enum coding coding_choose(const char *accept_encoding)
{
    if (!accept_encoding)
        return CODING_NONE;
    int weights[CODING_COUNT];
    read_weights(accept_encoding, weights);
    enum coding best = CODING_NONE;
    int best_weight = weights[CODING_NONE] > 0 ? weights[CODING_NONE] : 0;
    for (enum coding coding = CODING_GZIP; coding < CODING_COUNT; coding++) {
        if (weights[coding] > 0 && weights[coding] >= best_weight) {
            best = coding;
            best_weight = weights[coding];
        }
    }
    return best;
}

bool coding_is_accepted(const char *accept_encoding, enum coding coding)
{
    if (!accept_encoding)
        return coding == CODING_NONE;
    int weights[CODING_COUNT];
    read_weights(accept_encoding, weights);
    return coding == CODING_NONE ? weights[coding] != 0 : weights[coding] > 0;
}

bool coding_is_worth(const char *media_type)
{
    static const char *const types[] = {
        "application/json",
        "application/x-ndjson",
        "application/yaml",
        "application/javascript",
        "application/xml",
        "application/sql",
        "image/svg+xml",
        "application/vnd.apache.arrow.stream", /* Parquet is compressed by itself */
    };
    size_t size = strcspn(media_type, "; ");
    if (strncasecmp(media_type, "text/", 5) == 0)
        return true;
    for (size_t i = 0; i < COUNT(types); i++)
        if (size == strlen(types[i]) && strncasecmp(media_type, types[i], size) == 0)
            return true;
    return (size > 5 && strncasecmp(media_type + size - 5, "+json", 5) == 0)
           || (size > 4 && strncasecmp(media_type + size - 4, "+xml", 4) == 0)
           || (size > 5 && strncasecmp(media_type + size - 5, "+yaml", 5) == 0);
}

/* Levels of the encoders: an answer is made while its client waits, a file is made once and sent
 * often. */
static const struct {
    int gzip;
    int zstd;
} efforts[] = { [CODER_FOR_ANSWER] = { 1, 1 }, [CODER_FOR_FILE] = { 6, 8 } };

struct coder {
    enum coder_use use;
    enum coding coding;
    ZSTD_CCtx *zstd; /* made on first use */
    z_stream gzip;
    bool gzip_open;
};

struct coder *coder_new(enum coder_use use)
{
    struct coder *coder = calloc(1, sizeof *coder);
    if (!coder)
        abort();
    coder->use = use;
    return coder;
}

void coder_free(struct coder *coder)
{
    if (!coder)
        return;
    if (coder->gzip_open)
        (void)deflateEnd(&coder->gzip); /* tells only that a body was given up half-way */
    ZSTD_freeCCtx(coder->zstd);
    free(coder);
}

static bool begin_gzip(struct coder *coder)
{
    if (coder->gzip_open)
        return deflateReset(&coder->gzip) == Z_OK;
    const int gzip_header = 16;
    coder->gzip_open = deflateInit2(&coder->gzip, efforts[coder->use].gzip, Z_DEFLATED,
                                    MAX_WBITS + gzip_header, 8, Z_DEFAULT_STRATEGY)
                       == Z_OK;
    return coder->gzip_open;
}

static bool begin_zstd(struct coder *coder)
{
    if (!coder->zstd)
        coder->zstd = ZSTD_createCCtx();
    return coder->zstd && !ZSTD_isError(ZSTD_CCtx_reset(coder->zstd, ZSTD_reset_session_only))
           && !ZSTD_isError(ZSTD_CCtx_setParameter(coder->zstd, ZSTD_c_compressionLevel,
                                                   efforts[coder->use].zstd));
}

bool coder_begin(struct coder *coder, enum coding coding)
{
    coder->coding = coding;
    return coding == CODING_GZIP ? begin_gzip(coder) : begin_zstd(coder);
}

static bool run_gzip(struct coder *coder, const void *data, size_t size, int flush,
                     struct buffer *out)
{
    const unsigned char *from = data;
    do {
        /* zlib counts in unsigned int */
        size_t part = size < STEP_BYTES ? size : STEP_BYTES;
        coder->gzip.next_in = (unsigned char *)(uintptr_t)from;
        coder->gzip.avail_in = (unsigned)part;
        from += part;
        size -= part;
        do {
            coder->gzip.next_out = (unsigned char *)buffer_room(out, STEP_BYTES);
            coder->gzip.avail_out = (unsigned)STEP_BYTES;
            int result = deflate(&coder->gzip, size ? Z_NO_FLUSH : flush);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                return false;
            out->size += STEP_BYTES - coder->gzip.avail_out;
        } while (!coder->gzip.avail_out);
    } while (size);
    return true;
}

static bool run_zstd(struct coder *coder, const void *data, size_t size, ZSTD_EndDirective end,
                     struct buffer *out)
{
    ZSTD_inBuffer in = { data, size, 0 };
    size_t left;
    do {
        ZSTD_outBuffer step = { buffer_room(out, STEP_BYTES), STEP_BYTES, 0 };
        left = ZSTD_compressStream2(coder->zstd, &step, &in, end);
        if (ZSTD_isError(left))
            return false;
        out->size += step.pos;
    } while (end == ZSTD_e_end ? left != 0 : in.pos < in.size);
    return true;
}

bool coder_add(struct coder *coder, const void *data, size_t size, struct buffer *out)
{
    if (!size)
        return true;
    return coder->coding == CODING_GZIP ? run_gzip(coder, data, size, Z_NO_FLUSH, out)
                                        : run_zstd(coder, data, size, ZSTD_e_continue, out);
}

bool coder_end(struct coder *coder, struct buffer *out)
{
    return coder->coding == CODING_GZIP ? run_gzip(coder, NULL, 0, Z_FINISH, out)
                                        : run_zstd(coder, NULL, 0, ZSTD_e_end, out);
}
