/* SPDX-License-Identifier: Apache-2.0 */
/* `canon`: a program in canonical form, and what that changed. */
#include "report.h"
#include "rewrite.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static gboolean keep_debug;

typedef struct
{
  guint64 renamed, moved, sorted, dropped;
} Changes;

static void
show_change (const Pt2CanonChange *change)
{
  g_autofree char *before = escaped (change->before.data, change->before.len);
  g_autofree char *after = escaped (change->after.data, change->after.len);
  g_autofree char *where = change->graph > 0 ? g_strdup_printf (" in subgraph %u", change->graph) : g_strdup ("");
  if (strcmp (change->what, "renamed") == 0)
    note ("%s%s: %s is now %s", change->kind, where, before, after);
  else if (strcmp (change->what, "moved") == 0)
    note ("%s%s: %s from place %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, change->kind, where, before, change->from,
          change->to);
  else if (strcmp (change->what, "sorted") == 0)
    note ("%s%s: %s is sorted", change->kind, where, before);
  else
    note ("%s: %" G_GUINT64_FORMAT " texts are dropped", change->kind, change->from);
}

static void
count_change (const Pt2CanonChange *change, gpointer data)
{
  Changes *changes = data;
  changes->renamed += strcmp (change->what, "renamed") == 0;
  changes->moved += strcmp (change->what, "moved") == 0;
  changes->sorted += strcmp (change->what, "sorted") == 0;
  changes->dropped += strcmp (change->what, "dropped") == 0 ? change->from : 0;
  if (settings.verbose)
    show_change (change);
}

static Pt2Program *
canonical (Pt2Program *program, const char *record, gpointer data, GError **error)
{
  return pt2_program_canonicalize (program, keep_debug ? PT2_CANON_KEEP_DEBUG : PT2_CANON_PLAIN, &settings.limits,
                                   settings.verbose ? count_change : NULL, data, error);
}

static const Rewrite how = { canonical, NULL };

static int
run (char **operands, int n)
{
  Changes changes = { 0 };
  int status = rewrite_file (operands[0], operands[1], &how, &changes);
  if (status == STATUS_FINE)
    note ("renamed %" G_GUINT64_FORMAT ", moved %" G_GUINT64_FORMAT ", sorted %" G_GUINT64_FORMAT
          " tables, dropped %" G_GUINT64_FORMAT " texts",
          changes.renamed, changes.moved, changes.sorted, changes.dropped);
  return status;
}

static const Option options[] = {
  { "keep-debug", 0, OPTION_FLAG, { .flag = &keep_debug }, NULL, "keep stack traces and other metadata" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_canon = {
  .name = "canon",
  .operands = "IN OUT",
  .least = 2,
  .most = 2,
  .summary = "a program in canonical form",
  .help
  = "Writes the canonical form of every program of IN (--model: of one): nodes in the order of PyTorch's own\n"
    "canonicalize, values numbered, tables and signature sorted, debug metadata dropped. Programs that differ in\n"
    "names of values, in the order of what is independent, or in debug text come out with the same bytes. OUT\n"
    "loads in PyTorch and computes the same; names of parameters, modules and symbols stay, and so does the\n"
    "order of user inputs and outputs. What is canonical already does not change. -v lists what did.\n"
    "IN is an archive or a program by itself; OUT is the same, or one program if its suffix is .json, .thrift\n"
    "or .thrift.zst. Programs of schema majors 1 to 7 are refused: upgrade them first.\n",
  .examples = "$ pt2 canon model.pt2 canonical.pt2\n"
              "$ pt2 canon -v model.pt2 canonical.json\n"
              "$ pt2 canon a.pt2 a.json && pt2 canon b.pt2 b.json && cmp a.json b.json\n",
  .options = options,
  .run = run,
};
