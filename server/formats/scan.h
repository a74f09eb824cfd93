/*
 * Looking at sixteen bytes at a time: the inner loops of the encoders and the readers.
 *
 * Each function reads SCAN_BLOCK bytes and gives a mask, bit i for byte i. SSE2 does it in a few
 * instructions; the portable form does the same with two words of eight bytes, and is there on
 * every machine so that tests can compare the two. No state, any thread.
 */
#ifndef ENTREPOT_FORMATS_SCAN_H
#define ENTREPOT_FORMATS_SCAN_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SCAN_BLOCK 16

#define SCAN_ONES UINT64_C(0x0101010101010101)
#define SCAN_LOWS UINT64_C(0x7f7f7f7f7f7f7f7f)
#define SCAN_HIGHS UINT64_C(0x8080808080808080)

/* Eight bytes, the first of them lowest. */
static inline uint64_t scan_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

/* The top bit of each byte that is zero; exact, unlike the shorter form with a subtraction. */
static inline uint64_t scan_zeros(uint64_t word)
{
    return ~(((word & SCAN_LOWS) + SCAN_LOWS) | word | SCAN_LOWS);
}

static inline uint64_t scan_equals(uint64_t word, char byte)
{
    return scan_zeros(word ^ (SCAN_ONES * (unsigned char)byte));
}

/* Gather the top bits of eight bytes. */
static inline uint32_t scan_gather(uint64_t tops)
{
    return (uint32_t)(((tops >> 7) * UINT64_C(0x0102040810204080)) >> 56);
}

/** Which bytes are a, b, c or d? */
static inline uint32_t scan_any_portable(const char *at, char a, char b, char c, char d)
{
    uint32_t mask = 0;
    for (size_t half = 0; half < 2; half++) {
        uint64_t word = scan_word(at + 8 * half);
        mask |= scan_gather(scan_equals(word, a) | scan_equals(word, b) | scan_equals(word, c)
                            | scan_equals(word, d))
                << (8 * half);
    }
    return mask;
}

/** Which bytes must be escaped in a JSON string (quote, backslash, below 0x20)? */
static inline uint32_t scan_json_portable(const char *at)
{
    uint32_t mask = 0;
    for (size_t half = 0; half < 2; half++) {
        uint64_t word = scan_word(at + 8 * half);
        uint64_t control = scan_zeros(word & (SCAN_ONES * 0xe0));
        mask |= scan_gather(control | scan_equals(word, '"') | scan_equals(word, '\\'))
                << (8 * half);
    }
    return mask;
}

/** Which bytes are not ASCII? */
static inline uint32_t scan_high_portable(const char *at)
{
    return scan_gather(scan_word(at) & SCAN_HIGHS)
           | scan_gather(scan_word(at + 8) & SCAN_HIGHS) << 8;
}

#ifdef __SSE2__

static inline __m128i scan_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline uint32_t scan_any(const char *at, char a, char b, char c, char d)
{
    __m128i block = scan_load(at);
    __m128i ab = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(a)),
                              _mm_cmpeq_epi8(block, _mm_set1_epi8(b)));
    __m128i cd = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8(c)),
                              _mm_cmpeq_epi8(block, _mm_set1_epi8(d)));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(ab, cd));
}

static inline uint32_t scan_json(const char *at)
{
    __m128i block = scan_load(at);
    /* the smaller of byte and 0x1f is the byte itself where it is a control character */
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(control, marks));
}

static inline uint32_t scan_high(const char *at)
{
    return (uint32_t)_mm_movemask_epi8(scan_load(at));
}

#else

static inline uint32_t scan_any(const char *at, char a, char b, char c, char d)
{
    return scan_any_portable(at, a, b, c, d);
}

static inline uint32_t scan_json(const char *at)
{
    return scan_json_portable(at);
}

static inline uint32_t scan_high(const char *at)
{
    return scan_high_portable(at);
}

#endif

/** The block at `at` where left bytes may be read: the bytes themselves, or near the end a copy of
 *  them in filled, filled up with spaces. */
static inline const char *scan_block(const char *at, size_t left, char filled[SCAN_BLOCK])
{
    if (left >= SCAN_BLOCK)
        return at;
    memset(filled, ' ', SCAN_BLOCK);
    memcpy(filled, at, left);
    return filled;
}

#endif
