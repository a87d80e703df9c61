/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "json_out.h"
#include "report.h"
#include "schema.h"
#include "show.h"
#include <string.h>

typedef struct
{
  Json *json; /* NULL: text */
} Telling;

static void
tell (const Pt2ReaderFinding *finding, gpointer data)
{
  Telling *telling = data;
  if (telling->json != NULL)
    {
      json_open (telling->json, '{');
      json_member_text (telling->json, "verdict", pt2_verdict_name (finding->verdict));
      json_member_text (telling->json, "what", finding->what);
      json_member_text (telling->json, "where", finding->where);
      json_member_unsigned (telling->json, "count", finding->count);
      json_close (telling->json, '}');
      return;
    }
  g_autofree char *what = escaped (finding->what, -1), *where = escaped (finding->where, -1);
  printf ("%-8s %s", pt2_verdict_name (finding->verdict), what);
  if (finding->count > 1)
    printf (", in %" G_GUINT64_FORMAT " places, first", finding->count);
  printf (" at %s\n", where[0] != '\0' ? where : "the root");
}

/* Loads, loads but loses, fails. */
static const char *
answer_of (Pt2Verdict verdict)
{
  return verdict == PT2_VERDICT_SAFE ? "loads" : verdict == PT2_VERDICT_LOSES ? "loses" : "fails";
}

static int
status_of (Pt2Verdict verdict)
{
  return verdict == PT2_VERDICT_SAFE ? STATUS_FINE : STATUS_FINDING;
}

static int
check (Pt2Idl *reader, Pt2Program *program, const char *file)
{
  GError *error = NULL;
  Json json;
  Telling telling = { settings.json ? &json : NULL };
  Pt2Verdict verdict;
  if (settings.json)
    {
      json_init (&json, stdout);
      json_open (&json, '{');
      json_member_text (&json, "reader", pt2_idl_get_name (reader));
      json_member_text (&json, "torch", pt2_idl_get_torch (reader));
      json_key (&json, "findings");
      json_open (&json, '[');
    }
  if (!pt2_idl_check_program (reader, program, &settings.limits, tell, &telling, &verdict, &error))
    return report_trouble (input_name (file), error);
  if (settings.json)
    {
      json_close (&json, ']');
      json_member_text (&json, "answer", answer_of (verdict));
      json_close (&json, '}');
    }
  else
    printf ("%s\n", answer_of (verdict));
  return status_of (verdict);
}

int
schema_check (char **operands, int n)
{
  GError *error = NULL;
  if (schema_options.reader == NULL)
    {
      set_error (&error, PT2_ERROR_U002, "say who reads with --reader=8.7 or --reader=torch-2.7");
      return report_trouble (NULL, error);
    }
  g_autoptr (Pt2Idl) reader = schema_open (schema_options.reader);
  g_autoptr (Pt2Program) program = reader != NULL ? input_program (operands[0]) : NULL;
  return program != NULL ? check (reader, program, operands[0]) : STATUS_TROUBLE;
}
