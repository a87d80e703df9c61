/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_show.h"
#include "input.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static guint ignored;
static guint context = 3;
static gboolean stat_only;

static gboolean
set_ignored (const char *value, GError **error)
{
  static const char *const names[] = { "debug", "names", "order", "device" };
  g_auto (GStrv) words = g_strsplit (value, ",", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint k = 0;
      while (k < G_N_ELEMENTS (names) && strcmp (names[k], words[i]) != 0)
        k++;
      if (k == G_N_ELEMENTS (names))
        {
          g_autofree char *shown = escaped (words[i], -1);
          set_error (error, PT2_ERROR_U002, "--ignore takes debug, names, order and device, not \"%s\"", shown);
          return FALSE;
        }
      ignored |= 1u << k;
    }
  return TRUE;
}

static gboolean
set_context (const char *value, GError **error)
{
  guint64 number;
  if (!g_ascii_string_to_unsigned (value, 10, 0, 1000000, &number, NULL))
    {
      g_autofree char *shown = escaped (value, -1);
      set_error (error, PT2_ERROR_U002, "--context is a number of nodes, not \"%s\"", shown);
      return FALSE;
    }
  context = (guint)number;
  return TRUE;
}

guint
differences_count (const Differences *differences)
{
  guint n;
  pt2_diff_get_changes (differences->programs, &n);
  return n;
}

gboolean
differences_are_renaming (const Differences *differences)
{
  return pt2_diff_is_renaming (differences->programs);
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  g_autoptr (Pt2Program) old = input_program (operands[0]);
  g_autoptr (Pt2Program) new = old != NULL ? input_program (operands[1]) : NULL;
  if (new == NULL)
    return STATUS_TROUBLE;
  g_autoptr (Pt2Diff) diff = pt2_diff_new (old, new, ignored, &settings.limits, &error);
  if (diff == NULL)
    return report_trouble (input_name (operands[1]), error);
  const Differences differences = { input_name (operands[0]), input_name (operands[1]), diff };
  if (settings.json)
    diff_json (&differences);
  else if (stat_only)
    diff_stat (&differences);
  else
    diff_text (&differences, context);
  return differences_count (&differences) == 0 ? STATUS_FINE : STATUS_FINDING;
}

static const Option options[] = {
  { "ignore", 0, OPTION_CALL, { .call = set_ignored }, "WHAT,…", "what does not count: debug, names, order, device" },
  { "stat", 0, OPTION_FLAG, { .flag = &stat_only }, NULL, "how many changes of which kind, a line for each part" },
  { "context", 0, OPTION_CALL, { .call = set_context }, "N", "nodes around a change that are shown; 3 unless told" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_diff = {
  .name = "diff",
  .operands = "A B",
  .least = 2,
  .most = 2,
  .summary = "what differs between two programs",
  .help
  = "Compares two programs in any form: nodes added, removed, moved and changed, argument by argument; types and\n"
    "shapes; inputs and outputs; ranges, guards, metadata, versions. Nodes are matched by name or, where names\n"
    "moved, by operator, operands and place; what was only renamed is said to be so, and its uses are no changes.\n"
    "The status is 0 if nothing differs, 1 if something does.\n"
    "\n"
    "--ignore=debug leaves out notes at nodes (stack trace, module stack, origin), names what values and symbols\n"
    "are called, order the place of nodes and of what is known by its name, device where tensors live.\n",
  .examples = "$ pt2 diff old.pt2 new.pt2\n"
              "$ pt2 diff --ignore=debug,names --stat old.pt2 new.json\n"
              "$ pt2 diff --json old.pt2 new.pt2 | jq -r '.changes[].where'\n",
  .options = options,
  .run = run,
};
