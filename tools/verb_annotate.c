/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "json_out.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

enum
{
  BYTES_A_LINE = 8,
};

typedef struct
{
  const guchar *bytes;
  Json json;
} Dump;

static char *
hex_text (const guchar *bytes, gsize len, const char *between)
{
  GString *out = g_string_sized_new (len * 3 + 1);
  for (gsize i = 0; i < len; i++)
    g_string_append_printf (out, "%s%02x", i > 0 ? between : "", bytes[i]);
  return g_string_free (out, FALSE);
}

static void
print_bytes (const Dump *dump, guint64 offset, guint64 len)
{
  g_autofree char *hex = hex_text (dump->bytes + offset, len, " ");
  printf ("%s%8" G_GUINT64_FORMAT "%s  %-*s", style_begin (stdout, STYLE_FAINT), offset,
          style_end (stdout, STYLE_FAINT), len < BYTES_A_LINE ? BYTES_A_LINE * 3 - 1 : 0, hex);
}

/* One line for each piece; long ones go on with lines of bytes alone. */
static gboolean
dump_line (const Pt2Annotation *piece, gpointer data)
{
  const Dump *dump = data;
  print_bytes (dump, piece->offset, MIN (piece->len, BYTES_A_LINE));
  printf ("  %s%s%s", style_begin (stdout, STYLE_HEADING), piece->path[0] != '\0' ? piece->path : ".",
          style_end (stdout, STYLE_HEADING));
  printf ("  %s%s%s", piece->what, piece->type[0] != '\0' ? "  " : "", piece->type);
  printf ("%s%s\n", piece->value[0] != '\0' ? "  " : "", piece->value);
  for (guint64 done = BYTES_A_LINE; done < piece->len; done += BYTES_A_LINE)
    {
      gboolean whole = piece->len - done >= BYTES_A_LINE;
      g_autofree char *hex
          = hex_text (dump->bytes + piece->offset + done, whole ? BYTES_A_LINE : piece->len - done, " ");
      printf ("%s%8" G_GUINT64_FORMAT "%s  %s\n", style_begin (stdout, STYLE_FAINT), piece->offset + done,
              style_end (stdout, STYLE_FAINT), hex);
    }
  return !ferror (stdout);
}

static gboolean
dump_json (const Pt2Annotation *piece, gpointer data)
{
  Dump *dump = data;
  g_autofree char *hex = hex_text (dump->bytes + piece->offset, piece->len, "");
  json_open (&dump->json, '{');
  json_member_unsigned (&dump->json, "offset", piece->offset);
  json_member_text (&dump->json, "bytes", hex);
  json_member_text (&dump->json, "path", piece->path);
  json_member_text (&dump->json, "what", piece->what);
  json_member_text (&dump->json, "type", piece->type);
  json_member_text (&dump->json, "value", piece->value);
  json_close (&dump->json, '}');
  return !ferror (stdout);
}

static int
annotate (GBytes *bytes, const char *path)
{
  Dump dump = { g_bytes_get_data (bytes, NULL), { NULL } };
  GError *error = NULL;
  gboolean fine;
  if (settings.json)
    {
      json_init (&dump.json, stdout);
      json_open (&dump.json, '[');
      fine = pt2_annotate (bytes, &settings.limits, dump_json, &dump, &error);
      json_close (&dump.json, ']');
    }
  else
    fine = pt2_annotate (bytes, &settings.limits, dump_line, &dump, &error);
  return fine ? STATUS_FINE : report_trouble (input_name (path), error);
}

static gboolean
starts_with_zstd (GBytes *bytes)
{
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  return len >= 4 && memcmp (data, "\x28\xb5\x2f\xfd", 4) == 0;
}

/* The compact bytes to show: the file's own if it is compact, else those that `convert` would write. */
static GBytes *
compact_bytes (GBytes *bytes, GError **error)
{
  Pt2FileKind kind;
  if (!pt2_file_kind (bytes, &settings.limits, &kind, error))
    return NULL;
  if (kind == PT2_KIND_OF_FILE_PROGRAM_COMPACT && !starts_with_zstd (bytes))
    return g_bytes_ref (bytes);
  g_autoptr (Pt2Program) program = pt2_program_new_from_data (bytes, settings.model, &settings.limits, error);
  if (program == NULL)
    return NULL;
  note ("the file is not plain compact: these are the bytes that `convert --to=compact` writes");
  return pt2_program_save (program, PT2_FORM_COMPACT, error);
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = input_bytes (operands[0], &error);
  g_autoptr (GBytes) compact = bytes != NULL ? compact_bytes (bytes, &error) : NULL;
  if (compact == NULL)
    return report_trouble (input_name (operands[0]), error);
  return annotate (compact, operands[0]);
}

const Verb verb_annotate = {
  .name = "annotate",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "every byte of a compact program: offset, bytes, field, value",
  .help = "Explains a Thrift compact program byte by byte, in order, with none left out: the offset, the bytes\n"
          "in hexadecimal, the field path, what the piece is, its type and its value. Long texts go on in lines\n"
          "of bytes alone. For an archive, JSON or compact.zst it shows the bytes that `convert` would write.\n"
          "Damaged programs are shown up to the fault, which is then reported.\n",
  .examples = "$ pt2 annotate model.thrift | less\n"
              "$ pt2 annotate --json model.thrift | jq '.[] | select(.path == \"schema_version.minor\")'\n",
  .run = run,
};
