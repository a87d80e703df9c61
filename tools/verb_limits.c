/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static void
add_json (const char *key, uint64_t value, const char *unit, const char *meaning, gpointer data)
{
  Json *json = data;
  g_autofree char *text = pt2_limits_get_text (&settings.limits, key);
  json_key (json, key);
  json_open (json, '{');
  if (strcmp (text, "any") == 0)
    json_member_null (json, "value");
  else if (strcmp (unit, "version") == 0)
    json_member_text (json, "value", text);
  else
    json_member_unsigned (json, "value", value);
  json_member_text (json, "unit", unit);
  json_member_text (json, "meaning", meaning);
  json_close (json, '}');
}

static void
add_row (const char *key, uint64_t value, const char *unit, const char *meaning, gpointer data)
{
  Table *table = data;
  g_autofree char *text = pt2_limits_get_text (&settings.limits, key);
  table_text (table, key, -1);
  if (strcmp (text, "any") != 0 && strcmp (unit, "version") != 0)
    table_number (table, value);
  else
    table_text (table, text, -1);
  table_text (table, unit, -1);
  table_text (table, meaning, -1);
}

static int
run (char **operands, int n)
{
  static const Column columns[] = { { NULL, FALSE, STYLE_HEADING },
                                    { NULL, TRUE, STYLE_PLAIN },
                                    { NULL, FALSE, STYLE_FAINT },
                                    { NULL, FALSE, STYLE_PLAIN } };
  if (settings.json)
    {
      Json json;
      json_init (&json, stdout);
      json_open (&json, '{');
      pt2_limits_foreach (&settings.limits, add_json, &json);
      json_close (&json, '}');
      return STATUS_FINE;
    }
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "");
  pt2_limits_foreach (&settings.limits, add_row, &table);
  table_print (&table);
  return STATUS_FINE;
}

const Verb verb_limits = {
  .name = "limits",
  .operands = "",
  .least = 0,
  .most = 0,
  .summary = "the limits and their values",
  .help = "Shows what a file may cost: every number that a file claims is held against these limits before\n"
          "anything is allocated from it. `--limit KEY=VALUE` changes one for any verb; K, M, G and T behind the\n"
          "number multiply it by powers of 1024. The last ones are rules for who wants them, on what a program\n"
          "must say of itself: a version such as 8.20 or 2.6, a number, or `any` for no rule.\n",
  .examples = "$ pt2 limits\n"
              "$ pt2 info --limit memory=256M --limit depth=100 stranger.pt2\n"
              "$ pt2 verify --limit schema-most=8.20 --limit unknown-parts=0 model.pt2\n",
  .run = run,
};
