/* SPDX-License-Identifier: Apache-2.0 */
/* Majors 1 to 7: members are cut out of the JSON text, all other bytes of it stay. */
#include "program.h"
#include "strip.h"
#include <string.h>

typedef struct
{
  Pt2StripFlags what;
  Pt2Stripped *stripped;
  Pt2Buffer cuts; /* const Pt2JsonNode *: objects that members go out of, in the order of the text */
  bool no_memory;
} Strip;

static void
look_at_metadata (Strip *strip, const Pt2JsonNode *object)
{
  bool any = false;
  for (uint32_t i = 0; object->kind == PT2_JSON_OBJECT && i < object->len; i++)
    any |= pt2_strip_takes (strip->what, object->members[i].key, pt2_json_text (&object->members[i].value).len,
                            strip->stripped);
  if (!any)
    return;
  if (pt2_buffer_room (&strip->cuts, sizeof object))
    pt2_buffer_put (&strip->cuts, &object, sizeof object);
  else
    strip->no_memory = true;
}

/* Nodes stand in `nodes` of a graph, and graphs in `graph` of an argument or module; what else there is does not
 * matter. Recursion is as deep as the text, which the reader bounded. */
static void
look_at (Strip *strip, const Pt2JsonNode *node)
{
  for (uint32_t i = 0; i < pt2_json_length (node); i++)
    {
      const Pt2JsonNode *item = pt2_json_item (node, i);
      Pt2String key = pt2_json_key (node, i);
      if (key.len == strlen ("metadata") && memcmp (key.data, "metadata", key.len) == 0)
        look_at_metadata (strip, item);
      else if (item->kind >= PT2_JSON_ARRAY)
        look_at (strip, item);
    }
}

static void
put (Pt2Buffer *out, const char *from, const char *to)
{
  pt2_buffer_put (out, from, (size_t)(to - from));
}

static const char *
end_of (const Pt2JsonNode *node)
{
  return node->raw.data + node->raw.len;
}

/* OBJECT without the members: what is kept stands as it stood, with the blanks before it. */
static void
put_object (Strip *strip, Pt2Buffer *out, const Pt2JsonNode *object)
{
  Pt2Stripped ignored;
  bool first = true;
  const char *at = object->raw.data + 1;
  pt2_buffer_put (out, "{", 1);
  for (uint32_t i = 0; i < object->len; i++)
    {
      const Pt2JsonMember *member = &object->members[i];
      const char *comma = i > 0 ? memchr (at, ',', (size_t)(member->value.raw.data - at)) : NULL;
      const char *from = comma != NULL ? comma + 1 : at;
      at = end_of (&member->value);
      if (pt2_strip_takes (strip->what, member->key, 0, &ignored))
        continue;
      if (!first)
        pt2_buffer_put (out, ",", 1);
      put (out, first ? from + strspn (from, " \t\r\n") : from, at);
      first = false;
    }
  pt2_buffer_put (out, "}", 1);
}

static GBytes *
cut_text (Strip *strip, GBytes *bytes)
{
  size_t len, n = pt2_buffer_len (&strip->cuts) / sizeof (Pt2JsonNode *);
  const char *at = g_bytes_get_data (bytes, &len), *end = at + len;
  const Pt2JsonNode *const *cuts = (const Pt2JsonNode *const *)(const void *)strip->cuts.data;
  Pt2Buffer out = PT2_BUFFER_INIT;
  if (!pt2_buffer_room (&out, len))
    return NULL;
  for (size_t i = 0; i < n; i++)
    {
      put (&out, at, cuts[i]->raw.data);
      put_object (strip, &out, cuts[i]);
      at = end_of (cuts[i]);
    }
  put (&out, at, end);
  return pt2_buffer_to_bytes (&out);
}

Pt2Program *
pt2_strip_tree (Pt2Program *program, Pt2StripFlags what, const Pt2Limits *limits, Pt2Stripped *stripped, GError **error)
{
  Strip strip = { what, stripped, PT2_BUFFER_INIT, false };
  look_at (&strip, program->tree);
  if (!strip.no_memory && pt2_buffer_len (&strip.cuts) == 0)
    return pt2_program_ref (program);
  g_autoptr (GBytes) text = strip.no_memory ? NULL : cut_text (&strip, program->bytes);
  pt2_buffer_clear (&strip.cuts);
  if (text != NULL)
    return pt2_program_new_from_bytes (text, limits, error);
  pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  return NULL;
}
