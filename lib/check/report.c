/* SPDX-License-Identifier: Apache-2.0 */
/* The report, and the table of rules. */
#include "check_private.h"
#include "text.h"

enum
{
  MOST_OF_A_KIND = 100,
};

static const Pt2Rule rules[] = {
#define PT2_RULE(id, strict, load, untrusted, summary, source, next)                                                   \
  { "PT2-" #id, { PT2_SEVERITY_##strict, PT2_SEVERITY_##load, PT2_SEVERITY_##untrusted }, summary, source, next },
#include "rules.def"
#undef PT2_RULE
};

struct _Pt2Report
{
  GArray *findings; /* Pt2Finding, whose texts it owns */
  GPtrArray *checked, *not_checked;
  guint64 by_severity[PT2_SEVERITY_ERROR + 1];
  guint of_rule[CHECK_N_RULES];
  guint of_error[PT2_ERROR_COUNT_];
};

const Pt2Rule *
pt2_rules_get (guint *n)
{
  *n = G_N_ELEMENTS (rules);
  return rules;
}

const Pt2Rule *
pt2_rule_find (const char *id)
{
  static const char prefix[] = "PT2-";
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (strcmp (rules[i].id, id) == 0 || strcmp (rules[i].id + strlen (prefix), id) == 0)
      return &rules[i];
  return NULL;
}

const char *
pt2_severity_name (Pt2Severity severity)
{
  static const char *const names[] = { "note", "warning", "error" };
  return (guint)severity < G_N_ELEMENTS (names) ? names[severity] : "?";
}

const char *
pt2_profile_name (Pt2Profile profile)
{
  static const char *const names[] = { "strict", "load", "untrusted" };
  return (guint)profile < G_N_ELEMENTS (names) ? names[profile] : "?";
}

/* ---- making it ---- */

Pt2Report *
pt2_report_new (void)
{
  Pt2Report *report = g_new0 (Pt2Report, 1);
  report->findings = g_array_new (FALSE, FALSE, sizeof (Pt2Finding));
  report->checked = g_ptr_array_new_with_free_func (g_free);
  report->not_checked = g_ptr_array_new_with_free_func (g_free);
  return report;
}

/* Takes WHERE and MESSAGE over. */
static void
add_finding (Pt2Report *report, const char *id, Pt2Severity severity, char *where, char *message)
{
  Pt2Finding finding = { id, severity, where, message };
  g_array_append_val (report->findings, finding);
}

/* Counts one more of a kind; is there still room to tell about it? */
static bool
count (Pt2Report *report, guint *of_kind, Pt2Severity severity)
{
  report->by_severity[severity]++;
  if (*of_kind < G_MAXUINT)
    ++*of_kind;
  return *of_kind <= MOST_OF_A_KIND;
}

static char *
join_place (const char *record, const char *where)
{
  if (record == NULL || where == NULL)
    return g_strdup (where != NULL ? where : record);
  return g_strdup_printf ("%s %s", record, where);
}

bool
check_count (Check *check, CheckRule rule)
{
  return count (check->report, &check->report->of_rule[rule], rules[rule].severity[check->options->profile]);
}

void
check_tell (Check *check, CheckRule rule, const char *where, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *detail = g_strdup_vprintf (format, args);
  va_end (args);
  char *message = g_strdup_printf ("%s%s%s", rules[rule].summary, detail[0] != '\0' ? ": " : "", detail);
  add_finding (check->report, rules[rule].id, rules[rule].severity[check->options->profile],
               join_place (check->record, where), message);
}

/* Two groups of rules may meet the same fault: a record is read by each of them. */
static bool
is_told (const Pt2Report *report, const char *id, const char *where)
{
  for (guint i = 0; i < report->findings->len; i++)
    {
      const Pt2Finding *finding = &g_array_index (report->findings, Pt2Finding, i);
      if (finding->id == id && g_strcmp0 (finding->where, where) == 0)
        return true;
    }
  return false;
}

void
check_add_error (Check *check, const GError *error, const char *record)
{
  guint code = error->domain == PT2_ERROR && error->code < PT2_ERROR_COUNT_ ? (guint)error->code : 0;
  const char *id = pt2_error_get_id (error);
  char *where = join_place (record != NULL ? record : check->record, pt2_error_get_where (error));
  if (is_told (check->report, id, where) || !count (check->report, &check->report->of_error[code], PT2_SEVERITY_ERROR))
    g_free (where);
  else
    add_finding (check->report, id, PT2_SEVERITY_ERROR, where, g_strdup (error->message));
}

void
check_add_status (Check *check, const Pt2Status *status)
{
  g_autoptr (GError) error = NULL;
  pt2_status_to_error (status, &error);
  check_add_error (check, error, NULL);
}

void
check_add_checked (Check *check, const char *what)
{
  g_ptr_array_add (check->report->checked, g_strdup (what));
}

void
check_add_not_checked (Check *check, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  if (check->report->not_checked->len < MOST_OF_A_KIND)
    g_ptr_array_add (check->report->not_checked, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
add_rest (Pt2Report *report, guint of_kind, const char *id, Pt2Severity severity)
{
  if (of_kind > MOST_OF_A_KIND)
    add_finding (report, id, severity, NULL, g_strdup_printf ("%u more of this kind", of_kind - MOST_OF_A_KIND));
}

void
pt2_report_finish (Check *check)
{
  Pt2Report *report = check->report;
  for (guint i = 0; i < CHECK_N_RULES; i++)
    add_rest (report, report->of_rule[i], rules[i].id, rules[i].severity[check->options->profile]);
  for (guint i = 0; i < PT2_ERROR_COUNT_; i++)
    add_rest (report, report->of_error[i], pt2_error_code_id ((Pt2ErrorCode)i), PT2_SEVERITY_ERROR);
  g_ptr_array_add (report->checked, NULL);
  g_ptr_array_add (report->not_checked, NULL);
}

/* ---- asking it ---- */

const Pt2Finding *
pt2_report_get_findings (const Pt2Report *report, guint *n)
{
  *n = report->findings->len;
  return (const Pt2Finding *)(void *)report->findings->data;
}

gboolean
pt2_report_is_ok (const Pt2Report *report)
{
  return report->by_severity[PT2_SEVERITY_WARNING] == 0 && report->by_severity[PT2_SEVERITY_ERROR] == 0;
}

guint64
pt2_report_count (const Pt2Report *report, Pt2Severity severity)
{
  return (guint)severity <= PT2_SEVERITY_ERROR ? report->by_severity[severity] : 0;
}

const char *const *
pt2_report_get_checked (const Pt2Report *report)
{
  return (const char *const *)report->checked->pdata;
}

const char *const *
pt2_report_get_not_checked (const Pt2Report *report)
{
  return (const char *const *)report->not_checked->pdata;
}

void
pt2_report_free (Pt2Report *report)
{
  if (report == NULL)
    return;
  for (guint i = 0; i < report->findings->len; i++)
    {
      g_free ((char *)g_array_index (report->findings, Pt2Finding, i).where);
      g_free ((char *)g_array_index (report->findings, Pt2Finding, i).message);
    }
  g_array_unref (report->findings);
  g_ptr_array_unref (report->checked);
  g_ptr_array_unref (report->not_checked);
  g_free (report);
}

/* ---- what the rules share ---- */

void *
check_alloc (Check *check, size_t n, size_t size)
{
  void *p = size == 0 || n <= G_MAXSIZE / 2 / size ? pt2_arena_alloc (&check->arena, n * size) : NULL;
  if (p == NULL)
    check->no_memory = true;
  else
    memset (p, 0, n * size);
  return p;
}

bool
check_grow (Check *check, void *items, uint32_t n, uint32_t *room, size_t size)
{
  void **place = items;
  if (n < *room)
    return true;
  uint32_t more = n < UINT32_MAX / 4 ? MAX (16, n * 2) : n;
  void *grown = more > n ? check_alloc (check, more, size) : NULL;
  if (grown == NULL)
    {
      check->no_memory = true;
      return false;
    }
  if (n > 0)
    memcpy (grown, *place, n * size);
  *place = grown;
  *room = more;
  return true;
}

Shown
shown (Pt2String text)
{
  Shown out;
  pt2_text_escape (text.data != NULL ? text.data : "", text.len, out.text, sizeof out.text);
  return out;
}

Shown
shown_text (const char *text)
{
  return shown ((Pt2String){ text, (uint32_t)MIN (strlen (text), 4096) });
}
