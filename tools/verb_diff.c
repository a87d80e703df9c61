/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_show.h"
#include "input.h"
#include "progress.h"
#include "report.h"
#include "rewrite.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static guint ignored;
static guint context = 3;
static gboolean stat_only, textconv;
static enum { WEIGHTS_NONE, WEIGHTS_HASH, WEIGHTS_VALUES } weights = WEIGHTS_HASH;

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

static gboolean
set_weights (const char *value, GError **error)
{
  static const char *const names[] = { "none", "hash", "values" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], value) == 0)
      {
        weights = i;
        return TRUE;
      }
  g_autofree char *shown = escaped (value, -1);
  set_error (error, PT2_ERROR_U002, "--weights is none, hash or values, not \"%s\"", shown);
  return FALSE;
}

/* ---- what was found ---- */

guint
differences_count (const Differences *differences)
{
  guint n;
  pt2_diff_get_changes (differences->programs, &n);
  return n + differences->n_tensors + differences->n_records + (differences->old_layout != differences->new_layout);
}

gboolean
differences_are_renaming (const Differences *differences)
{
  guint n;
  pt2_diff_get_changes (differences->programs, &n);
  return pt2_diff_is_renaming (differences->programs) && differences_count (differences) == n;
}

/* ---- the two files ---- */

typedef struct
{
  const char *name;
  Pt2Archive *archive;     /* NULL: a program by itself */
  const Pt2Record *record; /* of the program, in the archive */
  Pt2Program *program;
} Side;

static gboolean
open_archive (Side *side, GBytes *bytes, GError **error)
{
  side->archive = pt2_archive_new_from_bytes (bytes, &settings.limits, error);
  side->record = side->archive != NULL ? pt2_archive_choose_model (side->archive, settings.model, error) : NULL;
  if (side->record != NULL)
    side->program = pt2_archive_load_program (side->archive, side->record, error);
  return side->program != NULL;
}

static gboolean
open_side (Side *side, const char *path)
{
  GError *error = NULL;
  gboolean archive = FALSE;
  g_autoptr (GBytes) bytes = input_bytes (path, &error);
  side->name = input_name (path);
  if (bytes != NULL && is_archive (bytes, &archive, &error))
    {
      if (archive)
        open_archive (side, bytes, &error);
      else
        side->program = pt2_program_new_from_data (bytes, settings.model, &settings.limits, &error);
    }
  if (side->program == NULL)
    report_trouble (side->name, error);
  return side->program != NULL;
}

static void
close_side (Side *side)
{
  g_clear_pointer (&side->program, pt2_program_unref);
  g_clear_pointer (&side->archive, pt2_archive_unref);
}

/* ---- programs that have no structs ---- */

static gint64
major_of (Pt2Program *program)
{
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  return major;
}

/* Puts the program of today in the place of an older one; leaves it if that cannot be. */
static void
upgrade_side (Side *side)
{
  g_autoptr (GError) error = NULL;
  Pt2Upgrade *upgrade = NULL;
  if (pt2_value_is_valid (pt2_program_get_root (side->program)))
    return;
  upgrade = pt2_upgrade_new (side->program, NULL, NULL, &settings.limits, &error);
  if (upgrade == NULL)
    {
      note ("%s: compared as it stands: %s", side->name, error->message);
      return;
    }
  note ("%s: compared as what it is in schema 8", side->name);
  pt2_program_unref (side->program);
  side->program = pt2_program_ref (pt2_upgrade_get_program (upgrade));
  pt2_upgrade_unref (upgrade);
}

/* Texts of one major are compared as they stand, unless what is ignored needs to be understood. */
static void
upgrade_sides (Side sides[2])
{
  const guint understood = PT2_DIFF_IGNORE_NAMES | PT2_DIFF_IGNORE_ORDER;
  if (major_of (sides[0].program) == major_of (sides[1].program) && (ignored & understood) == 0)
    return;
  upgrade_side (&sides[0]);
  upgrade_side (&sides[1]);
}

/* ---- comparing ---- */

/* Tensors live as long as what was found of them. */
typedef struct
{
  Pt2Tensors *tensors[2];
} Weights;

static gboolean
compare_tensors (const Side sides[2], Weights *held, Differences *differences, GError **error)
{
  Progress progress = PROGRESS_INIT ("comparing");
  for (guint i = 0; i < 2; i++)
    {
      const char *model = pt2_archive_model_name (sides[i].archive, sides[i].record);
      held->tensors[i] = pt2_tensors_new (sides[i].archive, model, sides[i].program, error);
      if (held->tensors[i] == NULL)
        return FALSE;
    }
  differences->tensors = pt2_diff_tensors (held->tensors[0], held->tensors[1], ignored, weights == WEIGHTS_VALUES,
                                           &differences->n_tensors, progress_show, &progress, error);
  progress_end (&progress);
  return differences->tensors != NULL;
}

static gboolean
compare_archives (const Side sides[2], Weights *held, Differences *differences, GError **error)
{
  differences->archives = TRUE;
  differences->old_layout = pt2_archive_get_layout (sides[0].archive);
  differences->new_layout = pt2_archive_get_layout (sides[1].archive);
  if (weights != WEIGHTS_NONE && !compare_tensors (sides, held, differences, error))
    return FALSE;
  differences->records = pt2_diff_records (sides[0].archive, sides[0].record, sides[1].archive, sides[1].record,
                                           &differences->n_records, error);
  return differences->records != NULL;
}

static void
show (const Differences *differences)
{
  if (settings.json)
    diff_json (differences);
  else if (stat_only)
    diff_stat (differences);
  else
    diff_text (differences, context);
}

static int
compare (const Side sides[2])
{
  GError *error = NULL;
  Weights held = { { NULL, NULL } };
  Differences differences = { .old_name = sides[0].name, .new_name = sides[1].name };
  gboolean fine = FALSE, archives = sides[0].archive != NULL && sides[1].archive != NULL;
  differences.programs = pt2_diff_new (sides[0].program, sides[1].program, ignored, &settings.limits, &error);
  if (differences.programs != NULL)
    fine = !archives || compare_archives (sides, &held, &differences, &error);
  if (fine)
    show (&differences);
  if (fine && !archives && (sides[0].archive != NULL || sides[1].archive != NULL))
    note ("only one file is an archive: tensors and records were not compared");
  int status = !fine                                   ? report_trouble (sides[1].name, error)
               : differences_count (&differences) == 0 ? STATUS_FINE
                                                       : STATUS_FINDING;
  pt2_tensor_changes_free (differences.tensors, differences.n_tensors);
  pt2_record_changes_free (differences.records, differences.n_records);
  g_clear_pointer (&differences.programs, pt2_diff_unref);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&held.tensors[i], pt2_tensors_unref);
  return status;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  Side sides[2] = { { .name = NULL }, { .name = NULL } };
  if (textconv != (n == 1))
    {
      set_error (&error, PT2_ERROR_U002, "%s", textconv ? "--textconv takes one file" : "diff takes two files");
      return report_trouble (NULL, error);
    }
  if (textconv)
    return diff_textconv (operands[0]);
  int status = STATUS_TROUBLE;
  if (open_side (&sides[0], operands[0]) && open_side (&sides[1], operands[1]))
    {
      upgrade_sides (sides);
      status = compare (sides);
    }
  close_side (&sides[0]);
  close_side (&sides[1]);
  return status;
}

static const Option options[] = {
  { "ignore", 0, OPTION_CALL, { .call = set_ignored }, "WHAT,…", "what does not count: debug, names, order, device" },
  { "weights",
    0,
    OPTION_CALL,
    { .call = set_weights },
    "HOW",
    "none, hash (unless told), or values: how far elements are apart" },
  { "stat", 0, OPTION_FLAG, { .flag = &stat_only }, NULL, "how many changes of which kind, a line for each part" },
  { "context", 0, OPTION_CALL, { .call = set_context }, "N", "nodes around a change that are shown; 3 unless told" },
  { "textconv", 0, OPTION_FLAG, { .flag = &textconv }, NULL, "show one file as lines, for `git diff`" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_diff = {
  .name = "diff",
  .operands = "A B",
  .least = 1,
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
              "$ pt2 diff --weights=values before.pt2 after.pt2\n"
              "$ pt2 diff --json old.pt2 new.pt2 | jq -r '.changes[].where'\n",
  .options = options,
  .run = run,
};
