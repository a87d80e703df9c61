/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"
#include "json_out.h"
#include "show.h"
#include <stdarg.h>
#include <string.h>

/* Who used a verb in a wrong way is sent to the help of that verb. */
static char *
next_step (Pt2ErrorCode code)
{
  if (code == PT2_ERROR_U002 && settings.verb != NULL)
    return g_strdup_printf ("`pt2 %s --help` shows how", settings.verb->name);
  return g_strdup (pt2_error_code_next (code));
}

void
set_error (GError **error, Pt2ErrorCode code, const char *detail, ...)
{
  va_list args;
  va_start (args, detail);
  g_autofree char *text = g_strdup_vprintf (detail, args);
  va_end (args);
  g_autofree char *next = next_step (code);
  g_set_error (error, PT2_ERROR, code, "%s%s%s; %s", pt2_error_code_summary (code), text[0] != '\0' ? ": " : "", text,
               next);
}

static void
report_json (const char *file, const GError *error)
{
  Json json;
  json_init (&json, stderr);
  json.one_line = TRUE;
  json_open (&json, '{');
  json_member_text (&json, "file", file);
  json_member_text (&json, "where", pt2_error_get_where (error));
  json_member_text (&json, "id", pt2_error_get_id (error));
  json_member_text (&json, "message", error->message);
  json_close (&json, '}');
}

/* The library has escaped what its messages quote; a backslash in them is meant. */
static void
append_message (GString *line, const char *message)
{
  for (const char *p = message; *p != '\0'; p++)
    g_string_append_c (line, (guchar)*p < 0x20 || *p == 0x7f ? ' ' : *p);
}

static void
report_line (const char *file, const GError *error)
{
  g_autoptr (GString) line = g_string_new ("pt2: ");
  if (file != NULL)
    append_escaped (line, file, strlen (file));
  if (file != NULL)
    g_string_append (line, ": ");
  if (pt2_error_get_where (error) != NULL)
    g_string_append_printf (line, "%s: ", pt2_error_get_where (error));
  g_string_append_printf (line, "%s%s%s: ", style_begin (stderr, STYLE_ALARM), pt2_error_get_id (error),
                          style_end (stderr, STYLE_ALARM));
  append_message (line, error->message);
  fprintf (stderr, "%s\n", line->str);
}

static void
report (const char *file, GError *error)
{
  fflush (stdout);
  if (settings.json)
    report_json (file, error);
  else
    report_line (file, error);
  g_error_free (error);
}

int
report_trouble (const char *file, GError *error)
{
  report (file, error);
  return STATUS_TROUBLE;
}

int
report_finding (const char *file, GError *error)
{
  if (!settings.quiet)
    report (file, error);
  else
    g_error_free (error);
  return STATUS_FINDING;
}

void
note (const char *format, ...)
{
  if (!settings.verbose || settings.quiet)
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "pt2: %s\n", text);
}
