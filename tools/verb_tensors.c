/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "input.h"
#include "json_out.h"
#include "progress.h"
#include "report.h"
#include "show.h"
#include "statistics.h"
#include "verbs.h"
#include <string.h>

enum
{
  ALIASES_SHOWN = 256, /* names for each tensor: a list of all would grow with their number squared */
  FAULTS_REPORTED = 100,
};

static gboolean wants_hash, wants_statistics;

typedef struct
{
  Pt2Tensors *tensors;
  const Pt2Tensor *items;
  guint n;
  Pt2TensorHash *hashes;  /* NULL: not asked for */
  Statistics *statistics; /* NULL: not asked for */
  GError **errors;        /* of these, by tensor; NULL: not asked for */
} Listing;

/* ---- JSON ---- */

static void
json_numbers (Json *json, const char *key, const gint64 *numbers, guint n)
{
  json_key (json, key);
  if (numbers == NULL)
    {
      json_null (json);
      return;
    }
  json_open (json, '[');
  for (guint i = 0; i < n; i++)
    json_integer (json, numbers[i]);
  json_close (json, ']');
}

static void
json_aliases (Json *json, const Listing *listing, const Pt2Tensor *tensor)
{
  guint n, shown = 0, others;
  const guint *sharing = pt2_tensors_get_sharing (listing->tensors, tensor, &n);
  json_key (json, "aliases");
  json_open (json, '[');
  for (guint i = 0; i < n && shown < ALIASES_SHOWN; i++)
    if (&listing->items[sharing[i]] != tensor)
      {
        json_text (json, listing->items[sharing[i]].fqn.data, listing->items[sharing[i]].fqn.len);
        shown++;
      }
  json_close (json, ']');
  others = n > 0 ? n - 1 : 0;
  if (others > shown)
    json_member_unsigned (json, "aliases_left_out", others - shown);
}

static void
hash_text (const Pt2TensorHash *hash, char text[2 * PT2_SHA256_BYTES + 1])
{
  for (guint i = 0; i < PT2_SHA256_BYTES; i++)
    g_snprintf (text + 2 * i, 3, "%02x", hash->digest[i]);
}

static void
json_hash (Json *json, const Pt2TensorHash *hash)
{
  char text[2 * PT2_SHA256_BYTES + 1];
  hash_text (hash, text);
  json_member_text (json, "sha256", hash->known ? text : NULL);
}

static void
json_number (Json *json, const char *key, const Statistics *statistics, double number)
{
  json_key (json, key);
  statistics->count > 0 ? json_double (json, number) : json_null (json);
}

/* An integer is printed as one, whatever its size. */
static void
json_end (Json *json, const char *key, const Statistics *statistics, double number, const char *whole)
{
  if (!statistics->integer || statistics->count == 0)
    {
      json_number (json, key, statistics, number);
      return;
    }
  json_key (json, key);
  whole[0] == '-' ? json_integer (json, g_ascii_strtoll (whole, NULL, 10))
                  : json_unsigned (json, g_ascii_strtoull (whole, NULL, 10));
}

static void
json_statistics (Json *json, const Statistics *statistics)
{
  json_key (json, "stat");
  if (!statistics->known)
    {
      json_null (json);
      return;
    }
  json_open (json, '{');
  json_end (json, "min", statistics, statistics->least, statistics->whole_least);
  json_end (json, "max", statistics, statistics->most, statistics->whole_most);
  json_number (json, "mean", statistics, statistics->mean);
  json_number (json, "std", statistics, statistics->deviation);
  json_member_unsigned (json, "zeros", statistics->zeros);
  json_member_unsigned (json, "nan", statistics->nan);
  json_member_unsigned (json, "inf", statistics->infinite);
  json_close (json, '}');
}

static void
json_tensor (Json *json, const Listing *listing, const Pt2Tensor *tensor)
{
  gboolean is_tensor = tensor->form != PT2_TENSOR_OBJECT;
  json_open (json, '{');
  json_member_string (json, "fqn", tensor->fqn);
  json_member_text (json, "role", pt2_tensor_role_name (tensor->role));
  json_member_text (json, "dtype", tensor->dtype);
  json_numbers (json, "shape", tensor->shape, tensor->n_dims);
  json_numbers (json, "stride", tensor->stride, tensor->n_dims);
  json_key (json, "storage_offset");
  tensor->stride != NULL ? json_integer (json, tensor->storage_offset) : json_null (json);
  json_key (json, "requires_grad");
  is_tensor ? json_bool (json, tensor->requires_grad) : json_null (json);
  json_member_bool (json, "persistent", tensor->persistent);
  json_member_text (json, "device", tensor->device);
  json_member_text (json, "layout", tensor->layout);
  json_member_text (json, "record", tensor->record);
  json_member_unsigned (json, "storage_bytes", tensor->storage_bytes);
  json_member_unsigned (json, "nbytes", tensor->nbytes);
  json_aliases (json, listing, tensor);
  json_member_text (json, "form", pt2_tensor_form_name (tensor->form));
  json_member_text (json, "class", tensor->class_name);
  json_member_bool (json, "pickled", tensor->pickled);
  json_member_text (json, "fault", tensor->fault != NULL ? pt2_error_get_id (tensor->fault) : NULL);
  if (listing->hashes != NULL)
    json_hash (json, &listing->hashes[tensor - listing->items]);
  if (listing->statistics != NULL)
    json_statistics (json, &listing->statistics[tensor - listing->items]);
  json_close (json, '}');
}

static void
list_json (const Listing *listing)
{
  Json json;
  json_init (&json, stdout);
  json_open (&json, '[');
  for (guint i = 0; i < listing->n; i++)
    json_tensor (&json, listing, &listing->items[i]);
  json_close (&json, ']');
}

/* ---- text ---- */

enum
{
  DIMS_SHOWN = 12,
};

static char *
numbers_text (const gint64 *numbers, guint n)
{
  GString *text = g_string_new (numbers != NULL ? "[" : NULL);
  for (guint i = 0; numbers != NULL && i < MIN (n, DIMS_SHOWN); i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", numbers[i]);
  if (numbers != NULL)
    g_string_append (text, n > DIMS_SHOWN ? ", …]" : "]");
  return g_string_free (text, FALSE);
}

static void add_remark (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_remark (GString *text, const char *format, ...)
{
  va_list args;
  if (text->len > 0)
    g_string_append (text, ", ");
  va_start (args, format);
  g_string_append_vprintf (text, format, args);
  va_end (args);
}

/* The first other tensor over its storage, and how many more there are. */
static void
remark_sharing (GString *text, const Listing *listing, const Pt2Tensor *tensor)
{
  guint n;
  const guint *sharing = pt2_tensors_get_sharing (listing->tensors, tensor, &n);
  if (n < 2)
    return;
  const Pt2Tensor *other = &listing->items[sharing[&listing->items[sharing[0]] == tensor]];
  g_autofree char *name = escaped (other->fqn.data, other->fqn.len);
  add_remark (text, "shares with %s", name);
  if (n > 2)
    g_string_append_printf (text, " and %u more", n - 2);
}

static char *
remarks (const Listing *listing, const Pt2Tensor *tensor)
{
  GString *text = g_string_new (NULL);
  if (tensor->fault != NULL)
    add_remark (text, "FAULT %s", pt2_error_get_id (tensor->fault));
  if (tensor->form != PT2_TENSOR_STRIDED && tensor->form != PT2_TENSOR_OBJECT)
    add_remark (text, "%s", pt2_tensor_form_name (tensor->form));
  if (tensor->class_name != NULL)
    add_remark (text, "class %s", tensor->class_name);
  if (tensor->role == PT2_TENSOR_BUFFER && !tensor->persistent)
    add_remark (text, "not persistent");
  if (tensor->fault == NULL && tensor->form == PT2_TENSOR_STRIDED
      && !pt2_tensor_is_contiguous (listing->tensors, tensor))
    {
      g_autofree char *stride = numbers_text (tensor->stride, tensor->n_dims);
      add_remark (text, "stride %s", stride);
    }
  if (tensor->device != NULL && strcmp (tensor->device, "cpu") != 0)
    add_remark (text, "on %s", tensor->device);
  remark_sharing (text, listing, tensor);
  return g_string_free (text, FALSE);
}

static void
add_statistics (Table *table, const Statistics *statistics)
{
  if (!statistics->known || statistics->count == 0)
    {
      for (guint i = 0; i < 4; i++)
        table_text (table, NULL, 0);
    }
  else
    {
      table_take (table, statistics->integer ? g_strdup (statistics->whole_least)
                                             : g_strdup_printf ("%.6g", statistics->least));
      table_take (table,
                  statistics->integer ? g_strdup (statistics->whole_most) : g_strdup_printf ("%.6g", statistics->most));
      table_take (table, g_strdup_printf ("%.6g", statistics->mean));
      table_take (table, g_strdup_printf ("%.6g", statistics->deviation));
    }
  guint64 odd = statistics->nan + statistics->infinite;
  odd > 0 ? table_number (table, odd) : table_text (table, NULL, 0);
}

static void
add_row (Table *table, const Listing *listing, const Pt2Tensor *tensor)
{
  table_text (table, tensor->fqn.data, tensor->fqn.len);
  table_text (table, pt2_tensor_role_name (tensor->role), -1);
  table_text (table, tensor->dtype, -1);
  table_take (table, numbers_text (tensor->shape, tensor->n_dims));
  table_number (table, tensor->nbytes);
  if (listing->statistics != NULL)
    add_statistics (table, &listing->statistics[tensor - listing->items]);
  if (listing->hashes != NULL)
    {
      const Pt2TensorHash *hash = &listing->hashes[tensor - listing->items];
      char text[2 * PT2_SHA256_BYTES + 1];
      hash_text (hash, text);
      table_text (table, hash->known ? text : NULL, -1);
    }
  table_take (table, remarks (listing, tensor));
}

static void
list_text (const Listing *listing)
{
  static const Column all[] = {
    { "name", FALSE, STYLE_PLAIN },     { "role", FALSE, STYLE_FAINT },   { "dtype", FALSE, STYLE_PLAIN },
    { "shape", FALSE, STYLE_PLAIN },    { "bytes", TRUE, STYLE_PLAIN },   { "min", TRUE, STYLE_PLAIN },
    { "max", TRUE, STYLE_PLAIN },       { "mean", TRUE, STYLE_PLAIN },    { "std", TRUE, STYLE_PLAIN },
    { "no number", TRUE, STYLE_ALARM }, { "sha256", FALSE, STYLE_FAINT }, { "", FALSE, STYLE_FAINT },
  };
  enum
  {
    PLAIN = 5,
    STATISTICS = 5,
    HASH = 1,
  };
  Column columns[G_N_ELEMENTS (all)];
  guint n = 0;
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if ((listing->statistics != NULL || i < PLAIN || i >= PLAIN + STATISTICS)
        && (listing->hashes != NULL || i < PLAIN + STATISTICS || i >= PLAIN + STATISTICS + HASH))
      columns[n++] = all[i];
  Table table;
  table_init (&table, columns, n, "");
  for (guint i = 0; i < listing->n; i++)
    add_row (&table, listing, &listing->items[i]);
  table_print (&table);
}

/* ---- the work ---- */

static gboolean
hash_all (Listing *listing, GError **error)
{
  Progress progress = PROGRESS_INIT ("hashing");
  listing->hashes = pt2_tensors_sha256 (listing->tensors, threads_given (), progress_show, &progress, error);
  progress_end (&progress);
  return listing->hashes != NULL;
}

static gboolean
count_all (Listing *listing, GError **error)
{
  Progress progress = PROGRESS_INIT ("counting");
  guint64 total, done = 0;
  if (!pt2_tensors_check_cost (listing->tensors, &total, error))
    return FALSE;
  listing->statistics = g_try_new0 (Statistics, (gsize)listing->n + 1);
  listing->errors = g_try_new0 (GError *, (gsize)listing->n + 1);
  if (listing->statistics == NULL || listing->errors == NULL)
    {
      set_error (error, PT2_ERROR_L001, "%s", "");
      return FALSE;
    }
  for (guint i = 0; i < listing->n; i++)
    {
      const Pt2Tensor *tensor = &listing->items[i], *first = pt2_tensors_get_first_alike (listing->tensors, tensor);
      if (first != tensor)
        listing->statistics[i] = listing->statistics[first - listing->items];
      else
        {
          statistics_of (listing->tensors, tensor, &listing->statistics[i], &listing->errors[i]);
          progress_show (done += tensor->nbytes, total, &progress);
        }
    }
  progress_end (&progress);
  return TRUE;
}

/* Each fault is a line of its own; what they do not concern was listed all the same. */
static int
report_faults (const Listing *listing, const char *path)
{
  int status = STATUS_FINE;
  guint64 reported = 0;
  for (const GError *const *fault = pt2_tensors_get_faults (listing->tensors); *fault != NULL; fault++, reported++)
    status = report_trouble (input_name (path), g_error_copy (*fault));
  for (guint i = 0; i < listing->n; i++)
    {
      const GError *fault = listing->items[i].fault;
      if (fault == NULL && listing->hashes != NULL)
        fault = listing->hashes[i].error;
      if (fault == NULL && listing->errors != NULL)
        fault = listing->errors[i];
      if (fault != NULL && reported++ < FAULTS_REPORTED)
        status = report_trouble (input_name (path), g_error_copy (fault));
    }
  if (reported > FAULTS_REPORTED && !settings.json && !settings.quiet)
    fprintf (stderr, "pt2: and %" G_GUINT64_FORMAT " more faults; --json lists the id of each\n",
             reported - FAULTS_REPORTED);
  return status;
}

static int
list (Listing *listing, const char *path)
{
  GError *error = NULL;
  listing->items = pt2_tensors_get (listing->tensors, &listing->n);
  if ((wants_hash && !hash_all (listing, &error)) || (wants_statistics && !count_all (listing, &error)))
    return report_trouble (input_name (path), error);
  if (settings.json)
    list_json (listing);
  else
    list_text (listing);
  return report_faults (listing, path);
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  g_autoptr (Pt2Archive) archive = input_archive (operands[0]);
  if (archive == NULL)
    return STATUS_TROUBLE;
  Listing listing = { .tensors = pt2_tensors_new (archive, settings.model, NULL, &error) };
  if (listing.tensors == NULL)
    return report_trouble (input_name (operands[0]), error);
  int status = list (&listing, operands[0]);
  pt2_tensor_hashes_free (listing.tensors, listing.hashes);
  for (guint i = 0; listing.errors != NULL && i < listing.n; i++)
    g_clear_error (&listing.errors[i]);
  g_free (listing.errors);
  g_free (listing.statistics);
  pt2_tensors_unref (listing.tensors);
  return status;
}

static const Option options[] = {
  { "sha256", 0, OPTION_FLAG, { .flag = &wants_hash }, NULL, "the SHA-256 of each tensor's elements" },
  { "stat", 0, OPTION_FLAG, { .flag = &wants_statistics }, NULL, "least, greatest, mean, deviation of each" },
  { "threads", 0, OPTION_CALL, { .call = set_threads }, "N", "how many hash at once; else one for each processor" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_tensors = {
  .name = "tensors",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "parameters, buffers and constants",
  .help = "Lists what lies beside the program: name, role, type, shape, bytes, and what is special about it: a\n"
          "storage that it shares with others, a stride that is not row-major, a class of its own. Reads lists and\n"
          "pickles, never runs anything, and touches no weight unless --sha256 or --stat ask for it. The hash covers\n"
          "the elements in row-major order, little-endian: what `tensor.contiguous()` holds, whatever the stride.\n"
          "A tensor that is at fault is listed with its id and reported; the status is then 2.\n",
  .examples = "$ pt2 tensors model.pt2\n"
              "$ pt2 tensors --sha256 --json model.pt2 | jq -r '.[] | \"\\(.sha256) \\(.fqn)\"'\n"
              "$ pt2 tensors --stat model.pt2\n",
  .options = options,
  .run = run,
};
