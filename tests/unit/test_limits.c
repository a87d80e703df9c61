/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/limits: names, values, suffixes, and that a refusal changes nothing. */
#include "pt2-limits.h"
#include "suite.h"
#include <string.h>

typedef struct
{
  const char *key;
  const char *value;
  uint64_t number; /* REFUSED: U006 */
} Setting;
#define REFUSED UINT64_MAX

static const Setting settings[] = {
  { "memory", "0", 0 },
  { "memory", "1", 1 },
  { "memory", "007", 7 },
  { "memory", "4K", 4096 },
  { "memory", "4k", 4096 },
  { "memory", "3M", 3 << 20 },
  { "memory", "2G", UINT64_C (2) << 30 },
  { "memory", "1t", UINT64_C (1) << 40 },
  { "memory", "16777215T", UINT64_C (16777215) << 40 },
  { "memory", "18446744073709551614", UINT64_MAX - 1 },
  { "memory", "18446744073709551615", REFUSED },
  { "memory", "18446744073709551616", REFUSED },
  { "memory", "16777216T", REFUSED },
  { "memory", "99999999999999999999999", REFUSED },
  { "memory", "", REFUSED },
  { "memory", " 1", REFUSED },
  { "memory", "1 ", REFUSED },
  { "memory", "-1", REFUSED },
  { "memory", "+1", REFUSED },
  { "memory", "K", REFUSED },
  { "memory", "1KB", REFUSED },
  { "memory", "1KK", REFUSED },
  { "memory", "1P", REFUSED },
  { "memory", "0x10", REFUSED },
  { "memory", "1.5G", REFUSED },
  { "depth", "5000", 5000 },
  { "depth", "5001", REFUSED },
  { "depth", "5K", REFUSED },
  { "Memory", "1", REFUSED },
  { "memor", "1", REFUSED },
  { "memory ", "1", REFUSED },
  { "", "1", REFUSED },
  { "\x1b[31m", "\xff\n", REFUSED },
  { "schema-most", "", REFUSED },
  { "schema-most", "8.", REFUSED },
  { "schema-most", "8..1", REFUSED },
  { "schema-most", "8.1.2.3", REFUSED },
  { "schema-most", "8.1048576", REFUSED },
  { "schema-least", "8.x", REFUSED },
  { "torch-most", "2.6+cpu", REFUSED },
  { "torch-most", "Any", REFUSED },
  { "memory", "any", REFUSED },
};

/* Versions and rules: what is set is what is shown, and what it is as a number. */
static const struct
{
  const char *key, *set, *shown;
  size_t field;
  uint64_t number;
} shown[] = {
  { "schema-least", "8.2", "8.2", offsetof (Pt2Limits, schema_least), PT2_LIMIT_VERSION (8, 2, 0) },
  { "schema-least", "8.0", "8", offsetof (Pt2Limits, schema_least), PT2_LIMIT_VERSION (8, 0, 0) },
  { "schema-most", "8.20", "8.20", offsetof (Pt2Limits, schema_most), PT2_LIMIT_VERSION (8, 20, 0xfffff) },
  { "torch-most", "2", "2", offsetof (Pt2Limits, torch_most), PT2_LIMIT_VERSION (2, 0xfffff, 0xfffff) },
  { "torch-least", "2.0.1", "2.0.1", offsetof (Pt2Limits, torch_least), PT2_LIMIT_VERSION (2, 0, 1) },
  { "torch-least", "any", "any", offsetof (Pt2Limits, torch_least), 0 },
  { "torch-most", "any", "any", offsetof (Pt2Limits, torch_most), PT2_LIMIT_ANY },
  { "opset-most", "10", "10", offsetof (Pt2Limits, opset_most), 10 },
  { "unknown-parts", "0", "0", offsetof (Pt2Limits, unknown_parts), 0 },
  { "memory", "4K", "4096", offsetof (Pt2Limits, memory), 4096 },
};

START_TEST (shown_as_set)
{
  Pt2Limits limits = *pt2_limits_default ();
  uint64_t number;
  ck_assert (pt2_limits_set (&limits, shown[_i].key, shown[_i].set, NULL));
  memcpy (&number, (const char *)&limits + shown[_i].field, sizeof number);
  g_autofree char *text = pt2_limits_get_text (&limits, shown[_i].key);
  ck_assert_msg (number == shown[_i].number, "%s=%s", shown[_i].key, shown[_i].set);
  ck_assert_str_eq (text, shown[_i].shown);
  ck_assert_ptr_null (pt2_limits_get_text (&limits, "none"));
}
END_TEST

START_TEST (one_setting)
{
  const Setting *setting = &settings[_i];
  Pt2Limits limits = *pt2_limits_default ();
  g_autoptr (GError) error = NULL;
  gboolean fine = pt2_limits_set (&limits, setting->key, setting->value, &error);
  ck_assert_msg (fine == (setting->number != REFUSED), "%s=%s", setting->key, setting->value);
  if (fine)
    {
      ck_assert_uint_eq (strcmp (setting->key, "depth") == 0 ? limits.depth : limits.memory, setting->number);
      ck_assert_ptr_null (error);
      return;
    }
  ck_assert_str_eq (pt2_error_get_id (error), "PT2-U006");
  ck_assert (g_utf8_validate (error->message, -1, NULL));
  ck_assert_ptr_null (strpbrk (error->message, "\x1b\n"));
  ck_assert_int_eq (memcmp (&limits, pt2_limits_default (), sizeof limits), 0);
}
END_TEST

typedef struct
{
  Pt2Limits limits;
  unsigned n;
} Seen;

static void
set_each (const char *key, uint64_t value, const char *unit, const char *meaning, gpointer data)
{
  Seen *seen = data;
  g_autofree char *text = g_strdup_printf ("%u", ++seen->n);
  ck_assert_str_ne (unit, "");
  ck_assert_str_ne (meaning, "");
  ck_assert (pt2_limits_set (&seen->limits, key, text, NULL));
  g_autofree char *again = pt2_limits_get_text (&seen->limits, key);
  ck_assert_str_eq (again, text);
}

/* Every member of the struct has a name of its own: setting all by name leaves none as it was. */
START_TEST (every_limit_has_a_name)
{
  Seen seen = { .n = 0 };
  memset (&seen.limits, 0xee, sizeof seen.limits);
  pt2_limits_foreach (pt2_limits_default (), set_each, &seen);
  ck_assert_uint_eq (seen.n, sizeof (Pt2Limits) / sizeof (uint64_t));
  const uint64_t *values = (const uint64_t *)&seen.limits;
  for (unsigned i = 0; i < seen.n; i++)
    ck_assert_uint_ne (values[i], UINT64_C (0xeeeeeeeeeeeeeeee));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { one_setting, G_N_ELEMENTS (settings) },
                             { shown_as_set, G_N_ELEMENTS (shown) },
                             { every_limit_has_a_name, 1 } };
  return RUN_SUITE ("limits", cases);
}
