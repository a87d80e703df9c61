/* SPDX-License-Identifier: Apache-2.0 */
#include "program_json.h"
#include "expression.h"

static void
json_dim (Json *json, const Pt2Dim *dim)
{
  if (dim->expr.data == NULL)
    {
      json_integer (json, dim->value);
      return;
    }
  gsize len;
  g_autofree char *text = expression_text (dim->expr, &len);
  json_text (json, text, (gssize)len);
}

static void
json_shape (Json *json, const Pt2SignatureItem *item)
{
  if (item->shape == NULL)
    {
      json_null (json);
      return;
    }
  json_open (json, '[');
  for (guint i = 0; i < item->n_shape; i++)
    json_dim (json, &item->shape[i]);
  json_close (json, ']');
}

static void
json_item (Json *json, const Pt2SignatureItem *item, ItemKeys keys)
{
  json_open (json, '{');
  json_member_text (json, "kind", item->kind);
  json_member_string (json, "name", item->name);
  json_member_string (json, "target", item->target);
  json_member_text (json, "dtype", item->dtype);
  json_key (json, "shape");
  json_shape (json, item);
  if (keys == ITEMS_FULL)
    {
      json_key (json, "persistent");
      item->persistent >= 0 ? json_bool (json, item->persistent) : json_null (json);
      json_member_string (json, "constant", item->constant);
    }
  json_close (json, '}');
}

void
json_items (Json *json, const Pt2SignatureItem *items, guint n, ItemKeys keys)
{
  json_open (json, '[');
  for (guint i = 0; i < n; i++)
    json_item (json, &items[i], keys);
  json_close (json, ']');
}

static void
json_end (Json *json, gboolean given, gint64 value)
{
  if (given)
    json_integer (json, value);
  else
    json_null (json);
}

void
json_ranges (Json *json, Pt2Program *program)
{
  guint n;
  const Pt2Range *ranges = pt2_program_get_ranges (program, &n);
  json_open (json, '{');
  for (guint i = 0; i < n; i++)
    {
      json_key_len (json, ranges[i].name.data, ranges[i].name.len);
      json_open (json, '[');
      json_end (json, ranges[i].has_min, ranges[i].min);
      json_end (json, ranges[i].has_max, ranges[i].max);
      json_close (json, ']');
    }
  json_close (json, '}');
}

char *
range_text (const Pt2Range *range)
{
  g_autofree char *min = range->has_min ? g_strdup_printf ("%" G_GINT64_FORMAT, range->min) : g_strdup ("");
  g_autofree char *max = range->has_max ? g_strdup_printf ("%" G_GINT64_FORMAT, range->max) : g_strdup ("");
  return g_strdup_printf ("%s … %s", min, max);
}
