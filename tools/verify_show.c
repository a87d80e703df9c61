/* SPDX-License-Identifier: Apache-2.0 */
#include "verify_show.h"
#include "files.h"
#include "json_out.h"
#include "report.h"
#include "show.h"
#include <string.h>

struct Verdict
{
  gboolean single;
  int status;
  guint files, sound, faulty, unread, skipped;
  GPtrArray *kept; /* Checked, for JSON */
};

static void
free_checked (gpointer data)
{
  Checked *checked = data;
  pt2_report_free (checked->report);
  g_clear_error (&checked->trouble);
  g_free (checked);
}

Verdict *
verdict_new (gboolean single)
{
  Verdict *verdict = g_new0 (Verdict, 1);
  verdict->single = single;
  verdict->kept = g_ptr_array_new_with_free_func (free_checked);
  return verdict;
}

/* In a folder lies much that is no model: only what was meant to be one counts. */
static gboolean
is_something_else (const Checked *checked)
{
  guint n = 0;
  const Pt2Finding *findings
      = checked->in_folder && checked->report != NULL ? pt2_report_get_findings (checked->report, &n) : NULL;
  return n == 1 && is_other_kind (findings[0].id);
}

/* ---- for people ---- */

static void
append_count (GString *out, guint64 n, const char *what)
{
  if (n > 0)
    g_string_append_printf (out, "%s%" G_GUINT64_FORMAT " %s%s", out->len > 0 ? ", " : "", n, what, n == 1 ? "" : "s");
}

static void
print_finding (const Pt2Finding *finding)
{
  Style style = finding->severity == PT2_SEVERITY_NOTE ? STYLE_FAINT : STYLE_ALARM;
  printf ("  %s%s%s %s: %s%s%s\n", style_begin (stdout, style), pt2_severity_name (finding->severity),
          style_end (stdout, style), finding->id, finding->where != NULL ? finding->where : "",
          finding->where != NULL ? ": " : "", finding->message);
}

static void
print_report (const Verdict *verdict, const Checked *checked)
{
  guint n;
  const Pt2Finding *findings = pt2_report_get_findings (checked->report, &n);
  g_autofree char *file = escaped (checked->file, -1);
  g_autoptr (GString) counts = g_string_new (NULL);
  gboolean ok = pt2_report_is_ok (checked->report);
  append_count (counts, pt2_report_count (checked->report, PT2_SEVERITY_ERROR), "error");
  append_count (counts, pt2_report_count (checked->report, PT2_SEVERITY_WARNING), "warning");
  append_count (counts, pt2_report_count (checked->report, PT2_SEVERITY_NOTE), "note");
  printf ("%s: %s%s%s%s\n", file, ok ? "ok" : "", ok && counts->len > 0 ? " (" : "", counts->str,
          ok && counts->len > 0 ? ")" : "");
  for (guint i = 0; i < n; i++)
    if (findings[i].severity > PT2_SEVERITY_NOTE || verdict->single || settings.verbose)
      print_finding (&findings[i]);
  const char *const *left = pt2_report_get_not_checked (checked->report);
  for (guint i = 0; left[i] != NULL && (verdict->single || settings.verbose); i++)
    printf ("  not checked: %s\n", left[i]);
  fflush (stdout);
}

/* ---- JSON ---- */

static void
put_finding (Json *json, const char *file, const Pt2Finding *finding)
{
  json_open (json, '{');
  json_member_text (json, "id", finding->id);
  json_member_text (json, "severity", pt2_severity_name (finding->severity));
  json_member_text (json, "file", file);
  json_member_text (json, "where", finding->where);
  json_member_text (json, "message", finding->message);
  json_close (json, '}');
}

/* The texts of all reports, each once, in the order of the first. */
static void
put_texts (Json *json, const char *key, const Verdict *verdict, const char *const *(*get) (const Pt2Report *report))
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  json_key (json, key);
  json_open (json, '[');
  for (guint i = 0; i < verdict->kept->len; i++)
    {
      const Checked *checked = verdict->kept->pdata[i];
      const char *const *texts = checked->report != NULL ? get (checked->report) : NULL;
      for (; texts != NULL && *texts != NULL; texts++)
        if (g_hash_table_add (seen, (gpointer)*texts))
          json_text (json, *texts, -1);
    }
  json_close (json, ']');
}

static void
put_files (Json *json, const Verdict *verdict)
{
  json_key (json, "files");
  json_open (json, '[');
  for (guint i = 0; i < verdict->kept->len; i++)
    {
      const Checked *checked = verdict->kept->pdata[i];
      json_open (json, '{');
      json_member_text (json, "file", checked->file);
      json_key (json, "ok");
      checked->report != NULL ? json_bool (json, pt2_report_is_ok (checked->report)) : json_null (json);
      json_member_text (json, "id", checked->trouble != NULL ? pt2_error_get_id (checked->trouble) : NULL);
      json_close (json, '}');
    }
  json_close (json, ']');
}

static void
put_json (const Verdict *verdict)
{
  Json json;
  guint n;
  json_init (&json, stdout);
  json_open (&json, '{');
  json_member_bool (&json, "ok", verdict->status == STATUS_FINE);
  json_key (&json, "findings");
  json_open (&json, '[');
  for (guint i = 0; i < verdict->kept->len; i++)
    {
      const Checked *checked = verdict->kept->pdata[i];
      const Pt2Finding *findings = checked->report != NULL ? pt2_report_get_findings (checked->report, &n) : NULL;
      for (guint k = 0; findings != NULL && k < n; k++)
        put_finding (&json, checked->file, &findings[k]);
    }
  json_close (&json, ']');
  put_texts (&json, "checked", verdict, pt2_report_get_checked);
  put_texts (&json, "not_checked", verdict, pt2_report_get_not_checked);
  if (!verdict->single)
    put_files (&json, verdict);
  json_close (&json, '}');
}

/* ---- one file after the other ---- */

static void
take_status (Verdict *verdict, int status)
{
  verdict->status = MAX (verdict->status, status);
}

static void
take_report (Verdict *verdict, const Checked *checked)
{
  gboolean ok = pt2_report_is_ok (checked->report);
  *(ok ? &verdict->sound : &verdict->faulty) += 1;
  take_status (verdict, ok ? STATUS_FINE : STATUS_FINDING);
  if (!settings.json && !settings.quiet)
    print_report (verdict, checked);
}

void
verdict_take (Verdict *verdict, Checked *checked)
{
  verdict->files++;
  if (is_something_else (checked))
    {
      verdict->skipped++;
      free_checked (checked);
      return;
    }
  if (checked->report != NULL)
    take_report (verdict, checked);
  else
    {
      verdict->unread++;
      take_status (verdict, report_trouble (checked->file, g_error_copy (checked->trouble)));
    }
  if (settings.json)
    g_ptr_array_add (verdict->kept, checked);
  else
    free_checked (checked);
}

static void
print_summary (const Verdict *verdict)
{
  printf ("%u file%s: %u sound, %u with findings", verdict->files, verdict->files == 1 ? "" : "s", verdict->sound,
          verdict->faulty);
  if (verdict->unread > 0)
    printf (", %u that could not be checked", verdict->unread);
  if (verdict->skipped > 0)
    printf (", %u of other kinds", verdict->skipped);
  putchar ('\n');
}

int
verdict_end (Verdict *verdict)
{
  int status = verdict->status;
  /* A single file that could not be checked has no verdict: the error says all. */
  if (settings.json && !(verdict->single && verdict->unread > 0))
    put_json (verdict);
  else if (!settings.json && !settings.quiet && !verdict->single)
    print_summary (verdict);
  g_ptr_array_unref (verdict->kept);
  g_free (verdict);
  return status;
}

/* ---- what an id means ---- */

static Pt2ErrorCode
find_error (const char *id)
{
  static const char prefix[] = "PT2-";
  for (int i = 1; i < pt2_error_code_count (); i++)
    {
      const char *known = pt2_error_code_id ((Pt2ErrorCode)i);
      if (strcmp (known, id) == 0 || strcmp (known + strlen (prefix), id) == 0)
        return (Pt2ErrorCode)i;
    }
  return PT2_ERROR_NONE;
}

static void
put_rule (const char *id, const char *const severity[PT2_N_PROFILES], const char *summary, const char *source,
          const char *next)
{
  Json json;
  if (!settings.json)
    {
      printf ("%s: %s\n", id, summary);
      for (guint i = 0; i < PT2_N_PROFILES; i++)
        printf ("%s%s %s", i > 0 ? ", " : "  ", pt2_profile_name ((Pt2Profile)i), severity[i]);
      printf ("\n  from: %s\n  next: %s\n", source, next);
      return;
    }
  json_init (&json, stdout);
  json_open (&json, '{');
  json_member_text (&json, "id", id);
  json_key (&json, "severity");
  json_open (&json, '{');
  for (guint i = 0; i < PT2_N_PROFILES; i++)
    json_member_text (&json, pt2_profile_name ((Pt2Profile)i), severity[i]);
  json_close (&json, '}');
  json_member_text (&json, "summary", summary);
  json_member_text (&json, "source", source);
  json_member_text (&json, "next", next);
  json_close (&json, '}');
}

gboolean
explain_rule (const char *id, GError **error)
{
  static const char *const always[PT2_N_PROFILES] = { "error", "error", "error" };
  const Pt2Rule *rule = pt2_rule_find (id);
  Pt2ErrorCode code = rule == NULL ? find_error (id) : PT2_ERROR_NONE;
  if (rule != NULL)
    {
      const char *severity[PT2_N_PROFILES];
      for (guint i = 0; i < PT2_N_PROFILES; i++)
        severity[i] = pt2_severity_name (rule->severity[i]);
      put_rule (rule->id, severity, rule->summary, rule->source, rule->next);
    }
  else if (code != PT2_ERROR_NONE)
    put_rule (pt2_error_code_id (code), always, pt2_error_code_summary (code), "libpt2 refuses to read it",
              pt2_error_code_next (code));
  else
    {
      g_autofree char *shown = escaped (id, -1);
      set_error (error, PT2_ERROR_U002, "there is no rule or error \"%s\"; docs/verify.md lists them", shown);
    }
  return rule != NULL || code != PT2_ERROR_NONE;
}
