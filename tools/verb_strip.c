/* SPDX-License-Identifier: Apache-2.0 */
/* `strip`: takes out what computes nothing, and lists what still tells where a file was made. */
#include "input.h"
#include "private.h"
#include "report.h"
#include "rewrite.h"
#include "show.h"
#include "verbs.h"
#include <string.h>
#include <sys/stat.h>

static gboolean stack_traces, module_stack, source, custom, sample_inputs, extra, all_debug, minify, find_paths;

/* In the order of Pt2StripFlags. */
static const struct
{
  const char *name;
  gboolean *option;
} kinds[PT2_STRIP_KINDS] = {
  { "stack traces", &stack_traces }, { "module stacks", &module_stack },  { "sources", &source },
  { "custom metadata", &custom },    { "sample inputs", &sample_inputs }, { "extra files", &extra },
};

typedef struct
{
  Pt2StripFlags what;
  Pt2Stripped stripped;
} Strip;

static Pt2Program *
strip_program (Pt2Program *program, const char *record, gpointer data, GError **error)
{
  Strip *strip = data;
  g_autoptr (Pt2Program) bare = pt2_program_strip (program, strip->what, &settings.limits, &strip->stripped, error);
  if (bare == NULL || !minify)
    return g_steal_pointer (&bare);
  return pt2_program_minify (bare, &settings.limits, error);
}

static gboolean strip_archive (Pt2ArchiveWriter *writer, Pt2Archive *archive, gpointer data, GError **error);
static const Rewrite how = { strip_program, strip_archive };

static gboolean
strip_archive (Pt2ArchiveWriter *writer, Pt2Archive *archive, gpointer data, GError **error)
{
  Strip *strip = data;
  Pt2StripFlags what = minify ? strip->what & (PT2_STRIP_SAMPLE_INPUTS | PT2_STRIP_EXTRA) : strip->what;
  return pt2_archive_writer_strip (writer, archive, settings.model, what, &strip->stripped, error)
         && (!minify || rewrite_programs (writer, archive, &how, data, error));
}

/* ---- what it says ---- */

/* What has no size, such as a pipe, is not known. */
typedef struct
{
  gboolean known;
  guint64 bytes;
} FileSize;

static FileSize
file_size (const char *path)
{
  struct stat info;
  gboolean known = strcmp (path, "-") != 0 && stat (path, &info) == 0 && S_ISREG (info.st_mode);
  return (FileSize){ known, known ? (guint64)info.st_size : 0 };
}

static void
say_sizes (FileSize in, const char *out)
{
  FileSize left = file_size (out);
  guint64 before = in.bytes, after = left.bytes;
  if (!in.known || !left.known || before == 0)
    return;
  g_autofree char *name = escaped (out, -1);
  gint64 less = (gint64)(before - after);
  fprintf (stderr, "pt2: %s: %" G_GUINT64_FORMAT " bytes, %" G_GINT64_FORMAT " %s (%.1f %% of what it was)\n", name,
           after, less >= 0 ? less : -less, less >= 0 ? "fewer" : "more", 100.0 * (double)after / (double)before);
}

static void
say_stripped (const Pt2Stripped *stripped)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < PT2_STRIP_KINDS; i++)
    if (stripped->count[i] > 0)
      {
        g_autofree char *size = size_text (stripped->bytes[i]);
        g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s (%s)", text->len > 0 ? ", " : "", stripped->count[i],
                                kinds[i].name, size);
      }
  fprintf (stderr, "pt2: taken out: %s\n", text->len > 0 ? text->str : "nothing, there was none of it");
}

static void
json_stripped (Json *json, const Pt2Stripped *stripped)
{
  json_key (json, "stripped");
  json_open (json, '{');
  for (int i = 0; i < PT2_STRIP_KINDS; i++)
    {
      g_autofree char *key = g_strdelimit (g_strdup (kinds[i].name), " ", '_');
      json_key (json, key);
      json_open (json, '{');
      json_member_unsigned (json, "count", stripped->count[i]);
      json_member_unsigned (json, "bytes", stripped->bytes[i]);
      json_close (json, '}');
    }
  json_close (json, '}');
}

static void
json_size (Json *json, const char *key, FileSize size)
{
  if (size.known)
    json_member_unsigned (json, key, size.bytes);
  else
    json_member_null (json, key);
}

/* STRIPPED or FOUND may be NULL: not asked for. */
static void
answer_json (FileSize before, const char *out, const Pt2Stripped *stripped, Found *found)
{
  Json json;
  json_init (&json, stdout);
  json_open (&json, '{');
  if (stripped != NULL)
    {
      json_size (&json, "bytes_before", before);
      json_size (&json, "bytes_after", file_size (out));
      json_stripped (&json, stripped);
    }
  if (found != NULL)
    {
      json_key (&json, "found");
      private_json (found, &json);
    }
  json_close (&json, '}');
}

/* LEFT is the file that is looked through; BEFORE and STRIPPED tell of how it was made, if it was. */
static int
answer (const char *left, FileSize before, const Pt2Stripped *stripped)
{
  Found *found = find_paths ? private_find (left) : NULL;
  if (find_paths && found == NULL)
    return STATUS_TROUBLE;
  if (settings.json)
    answer_json (before, left, stripped, found);
  else if (found != NULL)
    private_print (found);
  int status = found != NULL && private_count (found) > 0 ? STATUS_FINDING : STATUS_FINE;
  private_free (found);
  return status;
}

/* ---- */

static Pt2StripFlags
chosen (void)
{
  Pt2StripFlags what = all_debug ? PT2_STRIP_ALL_DEBUG : 0;
  for (int i = 0; i < PT2_STRIP_KINDS; i++)
    what |= *kinds[i].option ? (Pt2StripFlags)(1u << i) : 0;
  return what;
}

static gboolean
check_words (int n, Pt2StripFlags what, const char *out, GError **error)
{
  if (n == 1 && (what != 0 || minify || !find_paths))
    set_error (error, PT2_ERROR_U002, "say where to with OUT; IN alone goes with --find-paths");
  else if (n == 2 && what == 0 && !minify)
    set_error (error, PT2_ERROR_U002, "say what to take out, such as --stack-traces or --all-debug, or --minify");
  else if (n == 2 && strcmp (out, "-") == 0 && (find_paths || settings.json))
    set_error (error, PT2_ERROR_U002, "standard output is OUT; --find-paths and --json need it too");
  else
    return TRUE;
  return FALSE;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  Strip strip = { .what = chosen () };
  if (!check_words (n, strip.what, operands[n - 1], &error))
    return report_trouble (NULL, error);
  if (n == 1)
    return answer (operands[0], (FileSize){ FALSE, 0 }, NULL);
  FileSize before = file_size (operands[0]); /* OUT may be IN */
  int status = rewrite_file (operands[0], operands[1], &how, &strip);
  if (status != STATUS_FINE)
    return status;
  if (!settings.quiet && !settings.json)
    {
      say_stripped (&strip.stripped);
      say_sizes (before, operands[1]);
    }
  return answer (operands[1], before, &strip.stripped);
}

static const Option options[] = {
  { "stack-traces", 0, OPTION_FLAG, { .flag = &stack_traces }, NULL, "source lines and file names of each node" },
  { "module-stack",
    0,
    OPTION_FLAG,
    { .flag = &module_stack },
    NULL,
    "modules of each node; torch.export.unflatten needs them" },
  { "source", 0, OPTION_FLAG, { .flag = &source }, NULL, "what each node was made from" },
  { "custom", 0, OPTION_FLAG, { .flag = &custom }, NULL, "annotations under `custom`" },
  { "sample-inputs", 0, OPTION_FLAG, { .flag = &sample_inputs }, NULL, "the inputs that it was exported with" },
  { "extra", 0, OPTION_FLAG, { .flag = &extra }, NULL, "files that were saved along" },
  { "all-debug", 0, OPTION_FLAG, { .flag = &all_debug }, NULL, "all of these" },
  { "minify", 0, OPTION_FLAG, { .flag = &minify }, NULL, "spell programs as short as PyTorch reads them" },
  { "find-paths",
    0,
    OPTION_FLAG,
    { .flag = &find_paths },
    NULL,
    "list paths, users and hosts that are left; of IN without OUT" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_strip = {
  .name = "strip",
  .operands = "IN [OUT]",
  .least = 1,
  .most = 2,
  .summary = "take debug text and private data out",
  .help
  = "Writes OUT, which is IN without what the options name, and says how many bytes went. IN is an archive (all\n"
    "of its programs, unless --model names one) or a program by itself; OUT is the same, or one program if its\n"
    "suffix is .json, .thrift or .thrift.zst. OUT loads in PyTorch and computes the same. Programs of every\n"
    "PyTorch since 2.1 are taken.\n"
    "--minify changes nothing that counts and all that is spelled: values are called a, b and so on, the JSON has\n"
    "no blanks and no null that may be missing. Names that a caller knows stay, and pt2 hash is the same.\n"
    "--find-paths lists what looks like a path, a user or a host in OUT, or in IN if it stands alone: in the\n"
    "texts of programs and in every record that is no payload. The status is 1 if there is any. It goes by\n"
    "looks: read the list, and do not take an empty one for a proof.\n",
  .examples = "$ pt2 strip --all-debug model.pt2 small.pt2\n"
              "$ pt2 strip --stack-traces --sample-inputs model.pt2 public.pt2\n"
              "$ pt2 strip --all-debug --minify model.pt2 smallest.pt2\n"
              "$ pt2 strip --find-paths model.pt2\n"
              "$ pt2 strip --all-debug --find-paths --json model.pt2 small.pt2\n",
  .options = options,
  .run = run,
};
