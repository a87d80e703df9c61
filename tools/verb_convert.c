/* SPDX-License-Identifier: Apache-2.0 */
#include "convert_safetensors.h"
#include "convert_schema.h"
#include "form.h"
#include "input.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static const char *to, *schema, *payloads, *weights;
static gboolean dictionary, repeat;
static SchemaTarget target; /* what --schema, --lossy and --explain say */

static const FormRow *
choose_form (const char *path, GError **error)
{
  const FormRow *row = to != NULL ? form_by_name (to) : form_by_suffix (path);
  g_autofree char *shown = escaped (to != NULL ? to : path, -1);
  if (row != NULL)
    return row;
  else if (to != NULL)
    set_error (error, PT2_ERROR_U007, "--to=%s", shown);
  else if (strcmp (path, "-") == 0)
    set_error (error, PT2_ERROR_U002, "OUT is standard output, which has no suffix: say the form with --to=FORM");
  else
    set_error (error, PT2_ERROR_U007, "no form goes with the suffix of \"%s\"; say it with --to=FORM", shown);
  return NULL;
}

static const char *
output_name (const char *path)
{
  return strcmp (path, "-") == 0 ? "standard output" : path;
}

/* The JSON came from a writer that spells otherwise than PyTorch: whoever compares the texts must know. */
static int
check_text (Pt2Program *program, const char *in)
{
  GError *error = NULL;
  if (pt2_program_check_text (program, &error))
    return STATUS_FINE;
  if (g_error_matches (error, PT2_ERROR, PT2_ERROR_P001))
    return report_finding (input_name (in), error);
  return report_trouble (input_name (in), error);
}

static int
convert (Pt2Program *program, const char *in, const char *out, Pt2Form form)
{
  GError *error = NULL;
  /* A text that is made to follow another version is no longer the one that was read. */
  int status = target.minor == 0 ? check_text (program, in) : STATUS_FINE;
  if (status == STATUS_TROUBLE)
    return status;
  g_autoptr (Pt2Program) made = convert_to_schema (program, &target, in);
  if (made == NULL)
    return STATUS_TROUBLE;
  g_autoptr (GBytes) bytes = pt2_program_save (made, form, &error);
  if (bytes == NULL)
    return report_trouble (input_name (in), error);
  if (!output_bytes (out, bytes, &error))
    return report_trouble (output_name (out), error);
  g_autofree char *name = escaped (output_name (out), -1);
  note ("%s: %" G_GSIZE_FORMAT " bytes", name, g_bytes_get_size (bytes));
  return status;
}

static int
convert_program (const char *in, const char *out, Pt2Form form)
{
  g_autoptr (Pt2Program) program = input_program (in);
  return program != NULL ? convert (program, in, out, form) : STATUS_TROUBLE;
}

/* ---- archives ---- */

static Pt2ArchiveWriter *
compacted (Pt2ArchiveWriter *writer, GError **error)
{
  const Pt2CompactOptions compact = {
    .compress_payloads = g_strcmp0 (payloads, "zstd") == 0,
    .train_dictionary = dictionary,
  };
  Progress progress = PROGRESS_INIT ("reading");
  Pt2ArchiveWriter *result = pt2_archive_writer_new_compact (writer, &compact, progress_show, &progress, error);
  progress_end (&progress);
  return result;
}

/* A compact archive keeps what it is made from; any other comes out in today's layout. */
static Pt2ArchiveWriter *
plan_archive (Pt2Archive *archive, const char *in, OutKind kind)
{
  return convert_archive_to_schema (archive, kind == OUT_ARCHIVE ? PT2_WRITER_TODAY : PT2_WRITER_AS_IT_IS, &target, in);
}

static int
convert_archive (const char *in, const char *out, OutKind kind)
{
  GError *error = NULL;
  g_autoptr (Pt2Archive) archive = input_archive (in);
  if (archive == NULL)
    return STATUS_TROUBLE;
  g_autoptr (Pt2ArchiveWriter) writer = plan_archive (archive, in, kind);
  if (writer == NULL)
    return STATUS_TROUBLE;
  g_autoptr (Pt2Safetensors) elements = weights != NULL ? open_weights (weights) : NULL;
  if (weights != NULL && elements == NULL)
    return STATUS_TROUBLE;
  if (elements != NULL && !take_weights (writer, archive, elements, &error))
    return report_trouble (input_name (in), error);
  if (kind == OUT_COMPACT_ARCHIVE)
    {
      Pt2ArchiveWriter *compact = compacted (writer, &error);
      if (compact == NULL)
        return report_trouble (input_name (in), error);
      pt2_archive_writer_unref (writer);
      writer = compact;
    }
  if (!output_archive (out, writer, NULL, NULL, &error))
    return report_trouble (output_name (out), error);
  return STATUS_FINE;
}

static gboolean
check_options (const FormRow *row, GError **error)
{
  if (payloads != NULL && strcmp (payloads, "stored") != 0 && strcmp (payloads, "zstd") != 0)
    set_error (error, PT2_ERROR_U002, "--payloads takes stored or zstd");
  else if ((payloads != NULL || dictionary) && row->kind != OUT_COMPACT_ARCHIVE)
    set_error (error, PT2_ERROR_U002, "--payloads and --dictionary go with the form pt2c");
  else if (weights != NULL && row->kind != OUT_ARCHIVE && row->kind != OUT_COMPACT_ARCHIVE)
    set_error (error, PT2_ERROR_U002, "--weights goes with the forms pt2 and pt2c");
  else if (repeat && row->kind != OUT_SAFETENSORS)
    set_error (error, PT2_ERROR_U002, "--repeat goes with the form safetensors");
  else if (schema != NULL && row->kind == OUT_SAFETENSORS)
    set_error (error, PT2_ERROR_U002, "--schema goes with programs; the form safetensors has none");
  else if (target.lossy && schema == NULL)
    set_error (error, PT2_ERROR_U002, "--lossy goes with --schema");
  else if (target.explain && schema == NULL)
    set_error (error, PT2_ERROR_U002, "--explain goes with --schema");
  else if (settings.model != NULL && weights == NULL && row->kind != OUT_PROGRAM && row->kind != OUT_SAFETENSORS)
    set_error (error, PT2_ERROR_U002, "--model picks a program; the form %s takes the whole archive", row->name);
  else
    return TRUE;
  return FALSE;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  const FormRow *row = choose_form (operands[1], &error);
  if (row == NULL || !check_options (row, &error) || !schema_target_parse (schema, &target, &error))
    return report_trouble (NULL, error);
  if (row->kind == OUT_PROGRAM)
    return convert_program (operands[0], operands[1], row->form);
  if (row->kind == OUT_SAFETENSORS)
    return convert_safetensors (operands[0], operands[1], repeat);
  return convert_archive (operands[0], operands[1], row->kind);
}

static const Option options[] = {
  { "to", 0, OPTION_TEXT, { .text = &to }, "FORM", "one of these forms; else OUT's suffix decides" },
  { "payloads",
    0,
    OPTION_TEXT,
    { .text = &payloads },
    "HOW",
    "pt2c: stored (the default: weights can be mapped) or zstd" },
  { "dictionary",
    0,
    OPTION_FLAG,
    { .flag = &dictionary },
    NULL,
    "pt2c: one trained dictionary for many small programs" },
  { "weights",
    0,
    OPTION_TEXT,
    { .text = &weights },
    "FILE",
    "pt2, pt2c: other elements for tensors, from a safetensors file or another archive" },
  { "repeat", 0, OPTION_FLAG, { .flag = &repeat }, NULL, "safetensors: tied tensors under each of their names" },
  { "schema", 0, OPTION_TEXT, { .text = &schema }, "8.N", "programs follow this version of the schema" },
  { "lossy",
    0,
    OPTION_FLAG,
    { .flag = &target.lossy },
    NULL,
    "what that version does not have is left out and listed" },
  { "explain", 0, OPTION_FLAG, { .flag = &target.explain }, NULL, "what an upgrade does is listed on standard error" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_convert = {
  .name = "convert",
  .operands = "IN OUT",
  .least = 2,
  .most = 2,
  .summary = "a program or an archive from one form to another",
  .help = "Takes the program out of IN, an archive or a program by itself, and writes it to OUT:\n"
          "  json         PyTorch's own text, byte for byte      .json\n"
          "  compact      Thrift compact                         .thrift\n"
          "  compact.zst  Thrift compact in one zstd frame       .thrift.zst\n"
          "Or takes all of the archive IN:\n"
          "  pt2          as PyTorch 2.9 and later write it      .pt2\n"
          "  pt2c         the compact archive                    .pt2c\n"
          "  safetensors  the tensors of one program             .safetensors\n"
          "As pt2, an archive of today's layout keeps every record; an older one comes out in today's layout, its\n"
          "weights taken out of their pickles. As pt2c, any archive keeps every record, programs as Thrift compact,\n"
          "equal payloads once; every other verb reads it too, and pt2 gives the records back, byte for byte.\n"
          "As safetensors, tensors are row-major, tied ones under one name, and what that format cannot hold is left\n"
          "out (status 1). --weights puts elements from such a file in the place of the archive's: names, types and\n"
          "shapes must fit; tensors that are not in it stay.\n"
          "--schema=8.N writes programs as PyTorch did when its schema was 8.N. What that version does not have is\n"
          "refused by name; with --lossy it is left out, and listed on standard error. Programs of PyTorch 2.1 to 2.6\n"
          "are upgraded on the way, so that 2.15 loads them and computes the same; --explain lists what was done.\n"
          "Else no value is lost or changed on the way, unknown fields included, so JSON that PyTorch wrote comes\n"
          "back with the same bytes. If IN is JSON of another spelling, the status is 1 and a message says\n"
          "where. OUT appears whole or not at all; one that exists is kept unless -f; `-` is standard output.\n",
  .examples = "$ pt2 convert model.pt2 model.json\n"
              "$ pt2 convert model.json model.thrift.zst\n"
              "$ pt2 convert --model=decoder pair.pt2 decoder.thrift\n"
              "$ pt2 convert model.thrift.zst - --to=json | jq .schema_version\n"
              "$ pt2 convert from-torch-2.6.pt2 for-torch-2.15.pt2\n"
              "$ pt2 convert --schema=8.20 --explain from-torch-2.1.pt2 for-torch-2.15.pt2\n"
              "$ pt2 convert --schema=8.8 model.pt2 for-torch-2.8.pt2\n"
              "$ pt2 convert --payloads=zstd model.pt2 model.pt2c\n"
              "$ pt2 convert model.pt2 model.safetensors\n"
              "$ pt2 convert --weights=tuned.safetensors model.pt2 tuned.pt2\n",
  .options = options,
  .run = run,
};
