/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors and records of two archives. */
#include "diff_show.h"
#include "show.h"
#include <string.h>

enum
{
  SHOWN_HASH = 8, /* bytes of a hash that tell two tensors apart */
};

const char *
layout_text (Pt2ArchiveLayout layout)
{
  static const char *const names[] = { "none", "legacy", "flat", "pickled", "raw" };
  return (guint)layout < G_N_ELEMENTS (names) ? names[layout] : "none";
}

static char *
hash_text (const guint8 *hash, guint bytes)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < bytes; i++)
    g_string_append_printf (text, "%02x", hash[i]);
  return g_string_free (text, FALSE);
}

void
append_hash (GString *line, const guint8 *hash, guint bytes)
{
  g_autofree char *text = hash_text (hash, bytes);
  g_string_append_printf (line, "  sha256 %s", text);
}

/* ---- text ---- */

static void
append_shape (GString *line, const Pt2Tensor *tensor)
{
  g_string_append_c (line, '[');
  for (guint i = 0; i < tensor->n_dims; i++)
    g_string_append_printf (line, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", tensor->shape[i]);
  g_string_append_c (line, ']');
}

void
append_tensor (GString *line, const Pt2Tensor *tensor)
{
  append_escaped (line, tensor->fqn.data, tensor->fqn.len);
  g_string_append_printf (line, "  %s", pt2_tensor_role_name (tensor->role));
  if (tensor->dtype != NULL)
    g_string_append_printf (line, "  %s ", tensor->dtype);
  if (tensor->shape != NULL)
    append_shape (line, tensor);
  if (tensor->form != PT2_TENSOR_STRIDED)
    g_string_append_printf (line, "  %s", pt2_tensor_form_name (tensor->form));
  if (tensor->class_name != NULL)
    g_string_append_printf (line, "  %s", tensor->class_name);
  if (tensor->device != NULL)
    g_string_append_printf (line, "  %s", tensor->device);
  if (tensor->requires_grad)
    g_string_append (line, "  requires grad");
  if (!tensor->persistent)
    g_string_append (line, "  not persistent");
}

static void
print_tensor (char mark, const Pt2Tensor *tensor, const guint8 *hash)
{
  g_autoptr (GString) line = g_string_new (NULL);
  if (tensor == NULL)
    return;
  append_tensor (line, tensor);
  if (hash != NULL)
    append_hash (line, hash, SHOWN_HASH);
  diff_line (mark, line->str);
}

static void
print_steps (const Pt2TensorDistance *distance)
{
  g_autoptr (GString) line = g_string_new ("  steps apart:");
  for (guint k = 0; k < PT2_STEP_BUCKETS; k++)
    {
      if (distance->steps[k] == 0)
        continue;
      g_string_append_printf (line, "%s ", line->str[line->len - 1] == ':' ? "" : ",");
      if (k < 2)
        g_string_append_printf (line, "%u", k);
      else
        g_string_append_printf (line, "%" G_GUINT64_FORMAT "…%" G_GUINT64_FORMAT, UINT64_C (1) << (k - 1),
                                (UINT64_C (1) << (k - 1)) - 1 + (UINT64_C (1) << (k - 1)));
      g_string_append_printf (line, ": %" G_GUINT64_FORMAT, distance->steps[k]);
    }
  diff_line ('~', line->str);
}

static void
print_distance (const Pt2TensorDistance *distance)
{
  char most[G_ASCII_DTOSTR_BUF_SIZE], relative[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *line = g_strdup_printf (
      "  %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " numbers differ, at most by %s, relatively by %s",
      distance->different, distance->count, g_ascii_formatd (most, sizeof most, "%.6g", distance->most),
      g_ascii_formatd (relative, sizeof relative, "%.3g", distance->most_relative));
  diff_line ('~', line);
  if (distance->old_nan > 0 || distance->new_nan > 0)
    {
      g_autofree char *nan = g_strdup_printf ("  NaN: %" G_GUINT64_FORMAT " -> %" G_GUINT64_FORMAT, distance->old_nan,
                                              distance->new_nan);
      diff_line ('~', nan);
    }
  if (distance->has_steps)
    print_steps (distance);
}

static void
print_error (const GError *error)
{
  g_autofree char *line
      = error != NULL ? g_strdup_printf ("  not compared: %s: %s", pt2_error_get_id (error), error->message) : NULL;
  if (line != NULL)
    diff_line ('~', line);
}

static void
print_record (char mark, const Pt2Record *record)
{
  g_autoptr (GString) line = g_string_new (NULL);
  if (record == NULL)
    return;
  append_escaped (line, record->name, strlen (record->name));
  g_string_append_printf (line, "  %s  %" G_GUINT64_FORMAT " bytes", record->role, record->bytes);
  diff_line (mark, line->str);
}

void
diff_weights_text (const Differences *differences)
{
  if (differences->n_tensors > 0)
    print_heading ("@@ tensors @@");
  for (guint i = 0; i < differences->n_tensors; i++)
    {
      const Pt2TensorChange *change = &differences->tensors[i];
      print_tensor ('-', change->old_tensor, change->old_hashed ? change->old_hash : NULL);
      print_tensor ('+', change->new_tensor, change->new_hashed ? change->new_hash : NULL);
      if (change->distance.known)
        print_distance (&change->distance);
      print_error (change->error);
    }
  if (differences->n_records > 0)
    print_heading ("@@ records @@");
  for (guint i = 0; i < differences->n_records; i++)
    {
      print_record ('-', differences->records[i].old_record);
      print_record ('+', differences->records[i].new_record);
      print_error (differences->records[i].error);
    }
  if (differences->old_layout != differences->new_layout)
    {
      print_heading ("@@ layout of the archive @@");
      diff_line ('-', layout_text (differences->old_layout));
      diff_line ('+', layout_text (differences->new_layout));
    }
}

/* ---- JSON ---- */

static void
open_change (Json *json, const char *part, Pt2DiffKind kind, const char *table, const char *name, gsize len)
{
  g_autofree char *what = g_strdup_printf ("%s-%s", part, pt2_diff_kind_name (kind));
  g_autoptr (GString) where = g_string_new (table);
  if (name != NULL)
    {
      g_string_append (where, "[\"");
      g_string_append_len (where, name, (gssize)len);
      g_string_append (where, "\"]");
    }
  json_open (json, '{');
  json_member_text (json, "what", what);
  json_key (json, "where");
  json_text (json, where->str, (gssize)where->len);
}

static void
json_tensor (Json *json, const char *key, const Pt2Tensor *tensor, const guint8 *hash)
{
  json_key (json, key);
  if (tensor == NULL)
    {
      json_null (json);
      return;
    }
  json_open (json, '{');
  json_member_text (json, "role", pt2_tensor_role_name (tensor->role));
  json_member_text (json, "form", pt2_tensor_form_name (tensor->form));
  json_member_text (json, "dtype", tensor->dtype);
  json_key (json, "shape");
  if (tensor->shape == NULL)
    json_null (json);
  else
    {
      json_open (json, '[');
      for (guint i = 0; i < tensor->n_dims; i++)
        json_integer (json, tensor->shape[i]);
      json_close (json, ']');
    }
  json_member_text (json, "device", tensor->device);
  json_member_bool (json, "requires_grad", tensor->requires_grad);
  json_member_bool (json, "persistent", tensor->persistent);
  g_autofree char *text = hash != NULL ? hash_text (hash, PT2_SHA256_BYTES) : NULL;
  json_member_text (json, "sha256", text);
  json_close (json, '}');
}

static void
json_distance (Json *json, const Pt2TensorDistance *distance)
{
  json_key (json, "distance");
  json_open (json, '{');
  json_member_unsigned (json, "count", distance->count);
  json_member_unsigned (json, "different", distance->different);
  json_member_unsigned (json, "old_nan", distance->old_nan);
  json_member_unsigned (json, "new_nan", distance->new_nan);
  json_key (json, "most");
  json_double (json, distance->most);
  json_key (json, "most_relative");
  json_double (json, distance->most_relative);
  json_key (json, "steps");
  json_open (json, '[');
  for (guint k = 0; distance->has_steps && k < PT2_STEP_BUCKETS; k++)
    if (distance->steps[k] > 0)
      {
        json_open (json, '[');
        json_unsigned (json, k == 0 ? 0 : UINT64_C (1) << (k - 1));
        json_unsigned (json, distance->steps[k]);
        json_close (json, ']');
      }
  json_close (json, ']');
  json_close (json, '}');
}

static void
json_record (Json *json, const char *key, const Pt2Record *record)
{
  json_key (json, key);
  if (record == NULL)
    {
      json_null (json);
      return;
    }
  json_open (json, '{');
  json_member_text (json, "name", record->name);
  json_member_text (json, "role", record->role);
  json_member_unsigned (json, "bytes", record->bytes);
  json_close (json, '}');
}

static void
close_change (Json *json, const GError *error)
{
  if (error != NULL)
    json_member_text (json, "not_compared", error->message);
  json_close (json, '}');
}

void
diff_weights_json (const Differences *differences, Json *json)
{
  for (guint i = 0; i < differences->n_tensors; i++)
    {
      const Pt2TensorChange *change = &differences->tensors[i];
      Pt2String name = change->old_tensor != NULL ? change->old_tensor->fqn : change->new_tensor->fqn;
      open_change (json, "tensor", change->kind, "tensors", name.data, name.len);
      json_tensor (json, "old", change->old_tensor, change->old_hashed ? change->old_hash : NULL);
      json_tensor (json, "new", change->new_tensor, change->new_hashed ? change->new_hash : NULL);
      if (change->distance.known)
        json_distance (json, &change->distance);
      close_change (json, change->error);
    }
  for (guint i = 0; i < differences->n_records; i++)
    {
      const Pt2RecordChange *change = &differences->records[i];
      const char *name = change->new_record != NULL ? change->new_record->name : change->old_record->name;
      open_change (json, "record", change->kind, "records", name, strlen (name));
      json_record (json, "old", change->old_record);
      json_record (json, "new", change->new_record);
      close_change (json, change->error);
    }
  if (differences->old_layout == differences->new_layout)
    return;
  open_change (json, "layout", PT2_DIFF_CHANGED, "layout", NULL, 0);
  json_member_text (json, "old", layout_text (differences->old_layout));
  json_member_text (json, "new", layout_text (differences->new_layout));
  close_change (json, NULL);
}
