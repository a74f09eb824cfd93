/* Values as Postgres itself sends them (hexadecimal of its typsend), and their texts: what the
 * encoders must write, and what the intake must turn into those bytes again. */
#ifndef ENTREPOT_TESTS_UNIT_FORMATS_VALUES_H
#define ENTREPOT_TESTS_UNIT_FORMATS_VALUES_H

#include "server/base/arena.h"
#include "server/formats/row.h"
#include "server/model/column.h"
#include "tests/unit/test.h"

#include <string.h>

struct wire_value {
    enum column_type type;
    const char *hex;
    const char *text; /* what Postgres can cast */
    const char *json;
    const char *csv; /* NULL: as text */
};

static const struct wire_value wire_values[] = {
    { COLUMN_BOOL, "01", "true", "true", NULL },
    { COLUMN_BOOL, "00", "false", "false", NULL },
    { COLUMN_INT32, "00000000", "0", "0", NULL },
    { COLUMN_INT32, "0000002a", "42", "42", NULL },
    { COLUMN_INT32, "7fffffff", "2147483647", "2147483647", NULL },
    { COLUMN_INT32, "80000000", "-2147483648", "-2147483648", NULL },
    { COLUMN_INT64, "ffffffffffffffff", "-1", "-1", NULL },
    { COLUMN_INT64, "7fffffffffffffff", "9223372036854775807", "9223372036854775807", NULL },
    { COLUMN_INT64, "8000000000000000", "-9223372036854775808", "-9223372036854775808", NULL },
    { COLUMN_DECIMAL, "0000000000000000", "0", "0", NULL },
    { COLUMN_DECIMAL, "0000000000000002", "0.00", "0.00", NULL },
    { COLUMN_DECIMAL, "00010000000000000001", "1", "1", NULL },
    { COLUMN_DECIMAL, "00010000400000000001", "-1", "-1", NULL },
    { COLUMN_DECIMAL, "00010001000000000001", "10000", "10000", NULL },
    { COLUMN_DECIMAL, "000200010000000004d2162e", "12345678", "12345678", NULL },
    { COLUMN_DECIMAL, "0001ffff000000040001", "0.0001", "0.0001", NULL },
    { COLUMN_DECIMAL, "0001fffe4000000503e8", "-0.00001", "-0.00001", NULL },
    { COLUMN_DECIMAL, "0002000000000004007b1194", "123.4500", "123.4500", NULL },
    { COLUMN_DECIMAL, "0003000100000004270f270f270f", "99999999.9999", "99999999.9999", NULL },
    { COLUMN_DECIMAL, "00010005000000000001", "100000000000000000000", "100000000000000000000",
      NULL },
    { COLUMN_DECIMAL, "0001fffb000000140001", "0.00000000000000000001", "0.00000000000000000001",
      NULL },
    { COLUMN_DECIMAL, "000d00090000000904d2162e23340d801ed204d2162e23340d801ed204d2162e2328",
      "1234567890123456789012345678901234567890.123456789",
      "1234567890123456789012345678901234567890.123456789", NULL },
    { COLUMN_DECIMAL, "0001fffd0000000c04d2", "0.000000001234", "0.000000001234", NULL },
    { COLUMN_DECIMAL, "0003000140000004000200000002", "-20000.0002", "-20000.0002", NULL },
    { COLUMN_DOUBLE, "0000000000000000", "0", "0", NULL },
    { COLUMN_DOUBLE, "8000000000000000", "-0", "-0", NULL },
    { COLUMN_DOUBLE, "3ff0000000000000", "1", "1", NULL },
    { COLUMN_DOUBLE, "3fb999999999999a", "0.1", "0.1", NULL },
    { COLUMN_DOUBLE, "bff8000000000000", "-1.5", "-1.5", NULL },
    { COLUMN_DOUBLE, "4480f0cf064dd592", "1e+22", "1e+22", NULL },
    { COLUMN_DOUBLE, "44b52d02c7e14af6", "1e+23", "1e+23", NULL },
    { COLUMN_DOUBLE, "419d6f34547e6b75", "123456789.12345679", "123456789.12345679", NULL },
    { COLUMN_DOUBLE, "0000000000000001", "5e-324", "5e-324", NULL },
    { COLUMN_DOUBLE, "7fefffffffffffff", "1.7976931348623157e+308", "1.7976931348623157e+308",
      NULL },
    { COLUMN_DOUBLE, "3fd3333333333333", "0.3", "0.3", NULL },
    { COLUMN_DOUBLE, "4005666666666666", "2.675", "2.675", NULL },
    { COLUMN_DOUBLE, "4059000000000000", "100", "100", NULL },
    { COLUMN_DOUBLE, "3e7ad7f29abcaf48", "1e-07", "1e-07", NULL },
    { COLUMN_DOUBLE, "4340000000000000", "9007199254740992", "9007199254740992", NULL },
    { COLUMN_DOUBLE, "3fbf9adbb8f8da72", "0.1234567", "0.1234567", NULL },
    { COLUMN_DOUBLE, "7ff8000000000000", "NaN", "\"NaN\"", NULL },
    { COLUMN_DOUBLE, "7ff0000000000000", "INF", "\"INF\"", NULL },
    { COLUMN_DOUBLE, "fff0000000000000", "-INF", "\"-INF\"", NULL },
    { COLUMN_TEXT, "", "", "\"\"", "\"\"" },
    { COLUMN_TEXT, "61", "a", "\"a\"", NULL },
    { COLUMN_TEXT, "6122620a635c", "a\"b\nc\\", "\"a\\\"b\\nc\\\\\"", "\"a\"\"b\nc\\\"" },
    { COLUMN_TEXT, "612c62", "a,b", "\"a,b\"", "\"a,b\"" },
    { COLUMN_TEXT, "610d62", "a\rb", "\"a\\rb\"", "\"a\rb\"" },
    { COLUMN_TEXT, "22", "\"", "\"\\\"\"", "\"\"\"\"" },
    { COLUMN_TEXT, "01091f7f", "\x01\t\x1f\x7f", "\"\\u0001\\t\\u001f\x7f\"", NULL },
    { COLUMN_TEXT, "c3a9f09f87a6", "\xc3\xa9\xf0\x9f\x87\xa6", "\"\xc3\xa9\xf0\x9f\x87\xa6\"",
      NULL },
    { COLUMN_TEXT, "30313233343536373839616263646566", "0123456789abcdef", "\"0123456789abcdef\"",
      NULL },
    { COLUMN_TEXT, "303132333435363738396162636465660a30313233343536373839",
      "0123456789abcdef\n0123456789", "\"0123456789abcdef\\n0123456789\"",
      "\"0123456789abcdef\n0123456789\"" },
    { COLUMN_TEXT, "206120", " a ", "\" a \"", NULL },
    { COLUMN_TEXT, "4e554c4c", "NULL", "\"NULL\"", NULL },
    { COLUMN_DATE, "00000000", "2000-01-01", "\"2000-01-01\"", NULL },
    { COLUMN_DATE, "ffffffff", "1999-12-31", "\"1999-12-31\"", NULL },
    { COLUMN_DATE, "0000265c", "2026-11-20", "\"2026-11-20\"", NULL },
    { COLUMN_DATE, "00002279", "2024-02-29", "\"2024-02-29\"", NULL },
    { COLUMN_DATE, "fff4dbf9", "0001-01-01", "\"0001-01-01\"", NULL },
    { COLUMN_DATE, "002c95d3", "9999-12-31", "\"9999-12-31\"", NULL },
    { COLUMN_TIME, "0000000000000000", "00:00:00", "\"00:00:00\"", NULL },
    { COLUMN_TIME, "000000141dd75fff", "23:59:59.999999", "\"23:59:59.999999\"", NULL },
    { COLUMN_TIME, "000000141dd76000", "24:00:00", "\"24:00:00\"", NULL },
    { COLUMN_TIME, "0000000eaeea1ac0", "17:31:04.12", "\"17:31:04.12\"", NULL },
    { COLUMN_TIME, "00000000dde878c1", "01:02:03.000001", "\"01:02:03.000001\"", NULL },
    { COLUMN_TIMESTAMP, "0000000000000000", "2000-01-01T00:00:00Z", "\"2000-01-01T00:00:00Z\"",
      NULL },
    { COLUMN_TIMESTAMP, "ffffffffffffffff", "1999-12-31T23:59:59.999999Z",
      "\"1999-12-31T23:59:59.999999Z\"", NULL },
    { COLUMN_TIMESTAMP, "000303b76090a840", "2026-11-20T17:31:04.123456Z",
      "\"2026-11-20T17:31:04.123456Z\"", NULL },
    { COLUMN_TIMESTAMP, "000303b5b36904a0", "2026-11-20T15:31:04.1Z", "\"2026-11-20T15:31:04.1Z\"",
      NULL },
    { COLUMN_UUID, "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef",
      "\"01234567-89ab-cdef-0123-456789abcdef\"", NULL },
    { COLUMN_BYTES, "", "\\x", "\"\"", "\"\"" },
    { COLUMN_BYTES, "00", "\\x00", "\"AA==\"", "AA==" },
    { COLUMN_BYTES, "00ff", "\\x00ff", "\"AP8=\"", "AP8=" },
    { COLUMN_BYTES, "00ff10", "\\x00ff10", "\"AP8Q\"", "AP8Q" },
    { COLUMN_BYTES, "fbefbeff", "\\xfbefbeff", "\"++++/w==\"", "++++/w==" },
    { COLUMN_JSON, "017b2261223a2022c3a95c6e222c202262223a205b312c20322e35302c206e756c6c5d7d",
      "{\"a\": \"\xc3\xa9\\n\", \"b\": [1, 2.50, null]}",
      "{\"a\": \"\xc3\xa9\\n\", \"b\": [1, 2.50, null]}",
      "\"{\"\"a\"\": \"\"\xc3\xa9\\n\"\", \"\"b\"\": [1, 2.50, null]}\"" },
    { COLUMN_JSON, "015b5d", "[]", "[]", NULL },
};

/* Those that come out of Postgres, but that a contract's types do not take in. */
static const struct wire_value wire_values_out_only[] = {
    { COLUMN_DECIMAL, "00000000c0000000", "NaN", "\"NaN\"", NULL },
    { COLUMN_DECIMAL, "00000000d0000020", "INF", "\"INF\"", NULL },
    { COLUMN_DECIMAL, "00000000f0000020", "-INF", "\"-INF\"", NULL },
    { COLUMN_DATE, "fff4dbf8", "0001-12-31 BC", "\"0001-12-31 BC\"", NULL },
    { COLUMN_DATE, "fff49d7b", "0044-03-15 BC", "\"0044-03-15 BC\"", NULL },
    { COLUMN_DATE, "002c95d4", "10000-01-01", "\"10000-01-01\"", NULL },
    { COLUMN_DATE, "7fda970c", "5874897-12-31", "\"5874897-12-31\"", NULL },
    { COLUMN_DATE, "ffda97a7", "4714-11-24 BC", "\"4714-11-24 BC\"", NULL },
    { COLUMN_DATE, "7fffffff", "infinity", "\"infinity\"", NULL },
    { COLUMN_DATE, "80000000", "-infinity", "\"-infinity\"", NULL },
    { COLUMN_TIMESTAMP, "ff1af9e74e1f8800", "0044-03-15T10:00:00Z BC",
      "\"0044-03-15T10:00:00Z BC\"", NULL },
    { COLUMN_TIMESTAMP, "7fffff5bb3b29fff", "294276-12-31T23:59:59.999999Z",
      "\"294276-12-31T23:59:59.999999Z\"", NULL },
    { COLUMN_TIMESTAMP, "fd0f7cc1411fa000", "4714-11-24T00:00:00Z BC",
      "\"4714-11-24T00:00:00Z BC\"", NULL },
    { COLUMN_TIMESTAMP, "7fffffffffffffff", "infinity", "\"infinity\"", NULL },
    { COLUMN_TIMESTAMP, "8000000000000000", "-infinity", "\"-infinity\"", NULL },
};

/* The bytes of hexadecimal. */
static inline struct row_value wire_value_of(struct arena *arena, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = strlen(hex) / 2;
    char *data = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(unsigned char)((strchr(digits, hex[2 * i]) - digits) * 16
                                        + (strchr(digits, hex[2 * i + 1]) - digits));
    return (struct row_value){ data, (int32_t)size };
}

#endif
