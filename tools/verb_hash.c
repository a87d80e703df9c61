/* SPDX-License-Identifier: Apache-2.0 */
/* `hash`: content ids. */
#include "file_list.h"
#include "input.h"
#include "report.h"
#include "rewrite.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static gboolean parts, no_payloads;
static const char *weights;

/* One part of the answer: a tensor. */
typedef struct
{
  char *fqn;
  char digest[2 * PT2_CONTENT_ID_BYTES + 1];
} Part;

static void
free_part (gpointer data)
{
  Part *part = data;
  g_free (part->fqn);
  g_free (part);
}

static void
write_digest (const guint8 *digest, char out[2 * PT2_CONTENT_ID_BYTES + 1])
{
  for (int i = 0; i < PT2_CONTENT_ID_BYTES; i++)
    g_snprintf (out + 2 * i, 3, "%02x", digest[i]);
}

static void
take_part (Pt2String fqn, const guint8 *digest, gpointer data)
{
  Part *part = g_new0 (Part, 1);
  part->fqn = g_strndup (fqn.data, fqn.len);
  write_digest (digest, part->digest);
  g_ptr_array_add (data, part);
}

/* ---- one file ---- */

typedef struct
{
  Pt2ContentId id;
  GPtrArray *parts; /* Part */
} Hashed;

static void
free_hashed (gpointer data)
{
  Hashed *hashed = data;
  g_ptr_array_unref (hashed->parts);
  g_free (hashed);
}

static Pt2Safetensors *
open_weights (GError **error)
{
  g_autoptr (GBytes) bytes = input_bytes (weights, error);
  return bytes != NULL ? pt2_safetensors_new_from_bytes (bytes, &settings.limits, error) : NULL;
}

static gboolean
hash_archive (GBytes *bytes, guint n_threads, Hashed *out, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &settings.limits, error);
  const Pt2Record *record = archive != NULL ? pt2_archive_choose_model (archive, settings.model, error) : NULL;
  g_autoptr (Pt2Program) program = record != NULL ? pt2_archive_load_program (archive, record, error) : NULL;
  g_autoptr (Pt2Tensors) tensors = NULL;
  if (program != NULL && !no_payloads)
    tensors = pt2_tensors_new (archive, settings.model, program, error);
  return program != NULL && (no_payloads || tensors != NULL)
         && pt2_content_id (program, tensors, NULL, n_threads, &settings.limits, take_part, out->parts, &out->id,
                            error);
}

static gboolean
hash_program (GBytes *bytes, guint n_threads, Hashed *out, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &settings.limits, error);
  g_autoptr (Pt2Safetensors) file = program != NULL && weights != NULL ? open_weights (error) : NULL;
  return program != NULL && (weights == NULL || file != NULL)
         && pt2_content_id (program, NULL, file, n_threads, &settings.limits, take_part, out->parts, &out->id, error);
}

static gpointer
hash_file (const char *path, guint n_threads, GError **error)
{
  gboolean archived;
  Hashed *hashed = g_new0 (Hashed, 1);
  hashed->parts = g_ptr_array_new_with_free_func (free_part);
  g_autoptr (GBytes) bytes = input_bytes (path, error);
  if (bytes != NULL && is_archive (bytes, &archived, error)
      && (archived ? hash_archive (bytes, n_threads, hashed, error) : hash_program (bytes, n_threads, hashed, error)))
    return hashed;
  free_hashed (hashed);
  return NULL;
}

/* ---- showing ---- */

static void
show_json (const char *file, const Hashed *hashed, Json *json)
{
  const Pt2ContentId *id = &hashed->id;
  const GPtrArray *found = hashed->parts;
  char digest[2 * PT2_CONTENT_ID_BYTES + 1], content[sizeof digest + 8];
  write_digest (id->content, digest);
  g_snprintf (content, sizeof content, "pt2h1:%s", digest);
  json_open (json, '{');
  if (file != NULL)
    json_member_text (json, "file", file);
  json_member_text (json, "content", content);
  write_digest (id->graph, digest);
  json_member_text (json, "graph", digest);
  write_digest (id->weights, digest);
  json_member_text (json, "weights", digest);
  if (parts)
    {
      json_key (json, "tensors");
      json_open (json, '{');
      for (guint i = 0; i < found->len; i++)
        json_member_text (json, ((const Part *)found->pdata[i])->fqn, ((const Part *)found->pdata[i])->digest);
      json_close (json, '}');
    }
  json_close (json, '}');
}

static void
show_text (const char *file, const Hashed *hashed)
{
  const Pt2ContentId *id = &hashed->id;
  const GPtrArray *found = hashed->parts;
  char digest[2 * PT2_CONTENT_ID_BYTES + 1];
  g_autofree char *name = file != NULL ? escaped (file, -1) : NULL;
  write_digest (id->content, digest);
  printf ("pt2h1:%s%s%s\n", digest, name != NULL ? "  " : "", name != NULL ? name : "");
  if (!parts)
    return;
  write_digest (id->graph, digest);
  printf ("%s  graph\n", digest);
  write_digest (id->weights, digest);
  printf ("%s  weights\n", digest);
  for (guint i = 0; i < found->len; i++)
    {
      g_autofree char *fqn = escaped (((const Part *)found->pdata[i])->fqn, -1);
      printf ("%s  tensor %s\n", ((const Part *)found->pdata[i])->digest, fqn);
    }
}

static void
show_hashed (const char *file, gpointer hashed, Json *json)
{
  json != NULL ? show_json (file, hashed, json) : show_text (file, hashed);
}

static GError *
find_unread (gpointer data)
{
  const Hashed *hashed = data;
  GError *error = NULL;
  if (hashed->id.n_unread > 0)
    set_error (&error, PT2_ERROR_W013, "of %u tensors type and shape count alone", hashed->id.n_unread);
  return error;
}

static int
run (char **operands, int n)
{
  static const FileTask task = { "hashed", hash_file, show_hashed, find_unread, free_hashed };
  GError *error = NULL;
  if (weights == NULL || is_single_file (operands, n))
    return answer_files (operands, n, &task);
  set_error (&error, PT2_ERROR_U002, "%s", "--weights goes with one program");
  return report_trouble (NULL, error);
}

static const Option options[] = {
  { "parts",
    0,
    OPTION_FLAG,
    { .flag = &parts },
    NULL,
    "also the hashes of the program, of all tensors, of each tensor" },
  { "no-payloads", 0, OPTION_FLAG, { .flag = &no_payloads }, NULL, "the program alone, as if it had no tensors" },
  { "weights", 0, OPTION_TEXT, { .text = &weights }, "FILE", "a program by itself: its tensors, a safetensors file" },
  { "threads",
    0,
    OPTION_CALL,
    { .call = set_threads },
    "N",
    "how many files, or tensors of a file, are hashed at once" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_hash = {
  .name = "hash",
  .operands = "FILE…",
  .least = 1,
  .most = 1 << 20,
  .summary = "the content id of a model, whatever file it is in",
  .help = "Prints the content id: the same for a model as a .pt2 of any layout, as .pt2c, as JSON or compact beside\n"
          "safetensors, whatever the order, alignment, names of values or debug text; another if anything that it\n"
          "computes with differs. Of several files or folders a line each; a bad one hides none of the others.\n"
          "docs/content-id.md says how it is made. The status is 1 if elements of a tensor cannot be had (sparse,\n"
          "quantized, subclasses): its type and shape count alone then.\n",
  .examples = "$ pt2 hash model.pt2\n"
              "$ pt2 hash --parts --json model.pt2\n"
              "$ pt2 hash --weights=model.safetensors model.json\n"
              "$ pt2 hash --threads=4 models/ | sort\n",
  .options = options,
  .run = run,
};
