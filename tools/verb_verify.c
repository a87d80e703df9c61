/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "input.h"
#include "op_schemas.h"
#include "progress.h"
#include "report.h"
#include "show.h"
#include "verify_show.h"
#include "verbs.h"
#include <string.h>

static gboolean no_payloads, alone;
static const char *explain;
static Pt2Profile profile;
static const Pt2Ops *operators; /* NULL: those that are built in */

static gboolean
set_profile (const char *value, GError **error)
{
  for (guint i = 0; i < PT2_N_PROFILES; i++)
    if (strcmp (value, pt2_profile_name ((Pt2Profile)i)) == 0)
      {
        profile = (Pt2Profile)i;
        return TRUE;
      }
  g_autofree char *shown = escaped (value, -1);
  set_error (error, PT2_ERROR_U002, "profiles are strict, load and untrusted; there is no \"%s\"", shown);
  return FALSE;
}

/* ---- checking ---- */

static gpointer
check_file (const NamedFile *file, guint n_threads, gpointer verdict)
{
  Pt2CheckOptions options = { .profile = profile,
                              .skip_payloads = no_payloads,
                              .model = settings.model,
                              .limits = &settings.limits,
                              .ops = operators };
  Checked *checked = g_new0 (Checked, 1);
  Progress progress = PROGRESS_INIT ("checking");
  if (alone)
    options.progress = progress_show, options.progress_data = &progress;
  input_watch_shrinking ();
  g_autoptr (GBytes) bytes = input_bytes (file->path, &checked->trouble);
  checked->file = input_name (file->path);
  checked->in_folder = file->in_folder;
  checked->report = bytes != NULL ? pt2_check_bytes (bytes, &options, &checked->trouble) : NULL;
  if (input_has_shrunk (&checked->trouble))
    g_clear_pointer (&checked->report, pt2_report_free);
  progress_end (&progress);
  return checked;
}

static void
take_checked (const NamedFile *file, gpointer checked, gpointer verdict)
{
  verdict_take (verdict, checked);
}

static int
check_files (GArray *files, gboolean single)
{
  Verdict *verdict = verdict_new (single);
  alone = single;
  work_on_files (files, check_file, take_checked, verdict);
  return verdict_end (verdict);
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  if (explain != NULL)
    {
      if (explain_rule (explain, &error))
        return STATUS_FINE;
      return report_trouble (NULL, error);
    }
  if (n == 0)
    {
      set_error (&error, PT2_ERROR_U002, "%s", "no file was given");
      return report_trouble (NULL, error);
    }
  gboolean given = ops_given ();
  g_autoptr (Pt2Ops) ops = given ? load_ops () : NULL;
  if (given && ops == NULL)
    return STATUS_TROUBLE;
  operators = ops;
  g_autoptr (GArray) files = find_files (operands, n);
  return check_files (files, is_single_file (operands, n));
}

static const Option options[] = {
  { "profile",
    0,
    OPTION_CALL,
    { .call = set_profile },
    "NAME",
    "what counts: strict (the default), load or untrusted" },
  { "no-payloads", 0, OPTION_FLAG, { .flag = &no_payloads }, NULL, "do not read the bytes of weights" },
  { "threads", 0, OPTION_CALL, { .call = set_threads }, "N", "how many files are checked at once" },
  OPTION_OPS,
  { "explain",
    0,
    OPTION_TEXT,
    { .text = &explain },
    "ID",
    "what a rule or error means, where it comes from, what to do" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_verify = {
  .name = "verify",
  .operands = "FILE…",
  .least = 0,
  .most = 1 << 20,
  .summary = "is the file sound? Every rule, all findings",
  .help
  = "Holds the file against every rule: the zip and its records, the JSON or compact text, the program (values,\n"
    "signature, symbols, operators, subgraphs), the payloads against the program, and what PyTorch would run:\n"
    "pickles, native code, text. Nothing of the file is executed. Everything that is found is told, with the place.\n"
    "\n"
    "An error is what PyTorch refuses, reads otherwise than written, or should not run; a warning is what is not as\n"
    "it should be; a note is worth knowing. The status is 1 from a warning upwards. --profile=strict counts\n"
    "everything, load what keeps PyTorch from loading the file, untrusted also what PyTorch would run. Of a folder\n"
    "all files in it are checked, and those of other kinds are passed over.\n"
    "\n"
    "Calls of operators that PyTorch 2.15 does not have, and of extensions, are held against the schemas of --ops.\n",
  .examples = "$ pt2 verify model.pt2\n"
              "$ pt2 verify --profile=untrusted download.pt2\n"
              "$ pt2 verify --threads=4 --no-payloads models/\n"
              "$ pt2 verify --ops=mine.txt model.pt2\n"
              "$ pt2 verify --json model.pt2 | jq '.findings[].id'\n"
              "$ pt2 verify --explain PT2-P101\n",
  .options = options,
  .run = run,
};
