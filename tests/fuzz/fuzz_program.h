/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of programs share: limits, how to stop when something is not as it must be, bytes that decide
 * what is done, and that a program comes back from its text as it was. */
#pragma once

#include "pt2-check.h"
#include "pt2-program.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the process in the way that libFuzzer keeps the input for. */
static inline void fuzz_fail (const char *format, ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

static inline void
fuzz_fail (const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
  abort ();
}

/* Small, so that an input that passes them is found and not slow. */
static inline const Pt2Limits *
fuzz_limits (void)
{
  static Pt2Limits limits;
  limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  return &limits;
}

/* What did not go must say why, by one of our ids. */
static inline void
fuzz_must_tell (gboolean fine, GError **error)
{
  if (fine ? *error != NULL : (*error == NULL || (*error)->domain != PT2_ERROR))
    fuzz_fail ("%s: %s", fine ? "an error beside a result" : "refused without an id",
               *error != NULL ? (*error)->message : "no error");
  g_clear_error (error);
}

/* PROGRAM saved as text and loaded again, which gives the same text. NULL: only compact can say what is in it, or it is
 * larger than the limits allow. */
static inline Pt2Program *
fuzz_reload (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) saved = pt2_program_save (program, PT2_FORM_JSON, NULL);
  if (saved == NULL)
    return NULL;
  Pt2Program *loaded = pt2_program_new_from_bytes (saved, fuzz_limits (), &error);
  if (loaded == NULL && !g_error_matches (error, PT2_ERROR, PT2_ERROR_L003))
    fuzz_fail ("what was written is not read: %s", error->message);
  g_autoptr (GBytes) again = loaded != NULL ? pt2_program_save (loaded, PT2_FORM_JSON, NULL) : NULL;
  if (loaded != NULL && (again == NULL || !g_bytes_equal (saved, again)))
    fuzz_fail ("what was written is read as something else");
  return loaded;
}

/* ---- bytes that decide ---- */

typedef struct
{
  const uint8_t *next;
  size_t left;
} FuzzBytes;

/* A number below N; 0 when all bytes are used up. */
static inline guint
fuzz_take (FuzzBytes *bytes, guint n)
{
  if (bytes->left == 0 || n == 0)
    return 0;
  bytes->left--;
  return *bytes->next++ % n;
}

/* One of the texts in an array; some may be NULL. */
#define fuzz_take_text(bytes, texts) ((texts)[fuzz_take (bytes, G_N_ELEMENTS (texts))])

/* ---- rules that no change breaks ---- */

/* A set of rules, by their place in the table. */
typedef struct
{
  uint64_t bits[4];
} FuzzRules;

/* What our own writers see to: that definitions, tables, names, signature and trees are in step. What operators take
 * and give is the caller's business. */
static inline gboolean
fuzz_is_ours (const char *id)
{
  static const char *const ours[] = {
    "P101", "P102", "P103", "P104", "P105", "P106", "P107", "P108", "P111", "P112",
    "P113", "P114", "P115", "P116", "P117", "P128", "S101", "S102", "S103", "S104",
    "S105", "S106", "S107", "S108", "S109", "S110", "S112", "S113", "S115", "S117",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (ours); i++)
    if (strcmp (id + 4, ours[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Those of them that PROGRAM breaks; one that is not in KNOWN ends the process. */
static inline FuzzRules
fuzz_check (Pt2Program *program, const FuzzRules *known)
{
  FuzzRules found = { { 0 } };
  const Pt2CheckOptions options = { .limits = fuzz_limits () };
  g_autoptr (Pt2Report) report = pt2_check_program (program, &options, NULL);
  guint n = 0, n_rules;
  const Pt2Rule *rules = pt2_rules_get (&n_rules);
  const Pt2Finding *findings = report != NULL ? pt2_report_get_findings (report, &n) : NULL;
  for (guint i = 0; i < n; i++)
    if (fuzz_is_ours (findings[i].id))
      {
        gsize rule = (gsize)(pt2_rule_find (findings[i].id) - rules);
        found.bits[rule / 64 % 4] |= (uint64_t)1 << rule % 64;
        if (known != NULL && !(known->bits[rule / 64 % 4] >> rule % 64 & 1))
          fuzz_fail ("%s: %s: %s", findings[i].id, findings[i].where, findings[i].message);
      }
  return found;
}
