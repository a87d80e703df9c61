/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of what goes in and comes out, from a short text to PyTorch's tree specs. */
#include "build_private.h"
#include "json_text.h"
#include <string.h>

enum
{
  MOST_NESTED = 64,
};

typedef struct
{
  Pt2Builder *builder;
  const char *text, *at;
  BuildTree *tree;
} Reader;

void
build_tree_clear (BuildTree *tree)
{
  if (tree->spec != NULL)
    g_string_free (tree->spec, TRUE);
  if (tree->arguments != NULL)
    g_string_free (tree->arguments, TRUE);
  *tree = (BuildTree){ .n_leaves = 0 };
}

static gboolean
fail (Reader *reader, const char *expected)
{
  build_fail (reader->builder, PT2_ERROR_B007, "%s is expected at \"%.40s\" of \"%.80s\"", expected, reader->at,
              reader->text);
  return FALSE;
}

static gboolean
take (Reader *reader, char c)
{
  reader->at += strspn (reader->at, " \t\n");
  if (*reader->at != c)
    return FALSE;
  reader->at += c != '\0';
  return TRUE;
}

/* A name with dots; (transfer full) NULL if there is none. */
static char *
take_name (Reader *reader)
{
  reader->at += strspn (reader->at, " \t\n");
  gsize len = strspn (reader->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
  char *name = len > 0 ? g_strndup (reader->at, len) : NULL;
  reader->at += len;
  return name;
}

/* Names or keys as JSON, with commas between. */
static void
add_text (GString *list, const char *text)
{
  g_string_append (list, list->len > 0 ? ", " : "");
  build_put_text (list, text);
}

/* Names and keys stand once in their list; SEEN has those that did. */
static gboolean
add_once (Reader *reader, GString *list, GHashTable *seen, const char *text)
{
  if (!g_hash_table_add (seen, g_strdup (text)))
    {
      build_fail (reader->builder, PT2_ERROR_B007, "\"%s\" stands twice in \"%.80s\"", text, reader->text);
      return FALSE;
    }
  add_text (list, text);
  return TRUE;
}

static GHashTable *
new_seen (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static gboolean take_node (Reader *reader, GString *out, guint depth);

static gboolean
take_child (Reader *reader, GString *children, guint depth)
{
  g_string_append (children, children->len > 0 ? ", " : "");
  return take_node (reader, children, depth + 1);
}

/* CONTEXT is JSON. */
static void
put_node (GString *out, const char *type, const char *context, const GString *children)
{
  g_string_append (out, "{\"type\": ");
  build_put_text (out, type);
  g_string_append_printf (out, ", \"context\": %s, \"children_spec\": [%s]}", context, children->str);
}

/* Items up to CLOSING; a tuple of one has a comma behind it. */
static gboolean
take_items (Reader *reader, GString *out, const char *type, char closing, guint depth)
{
  g_autoptr (GString) children = g_string_new (NULL);
  guint n = 0;
  gboolean comma = FALSE;
  while (!take (reader, closing))
    {
      if (n > 0 && !comma)
        return fail (reader, "a comma or the end");
      if (!take_child (reader, children, depth))
        return FALSE;
      comma = take (reader, ',');
      n++;
    }
  if (n == 1 && !comma && closing == ')')
    return fail (reader, "a comma in a tuple of one");
  put_node (out, type, "\"null\"", children);
  return TRUE;
}

/* A key between quotes of either kind, without any inside. */
static gboolean
take_key (Reader *reader, GString *keys, GHashTable *seen)
{
  char quote = take (reader, '\'') ? '\'' : '"';
  if (quote == '"' && !take (reader, '"'))
    return fail (reader, "a key in quotes");
  const char *end = strchr (reader->at, quote);
  if (end == NULL)
    return fail (reader, "the end of a key");
  g_autofree char *key = g_strndup (reader->at, (gsize)(end - reader->at));
  reader->at = end + 1;
  return add_once (reader, keys, seen, key);
}

static gboolean
take_dictionary (Reader *reader, GString *out, guint depth)
{
  g_autoptr (GString) children = g_string_new (NULL), keys = g_string_new (NULL), context = g_string_new (NULL);
  g_autoptr (GHashTable) seen = new_seen ();
  while (!take (reader, '}'))
    {
      if (children->len > 0 && !take (reader, ','))
        return fail (reader, "a comma or the end");
      if (!take_key (reader, keys, seen))
        return FALSE;
      if (!take (reader, ':'))
        return fail (reader, "a colon behind the key");
      if (!take_child (reader, children, depth))
        return FALSE;
    }
  g_autofree char *list = g_strdup_printf ("[%s]", keys->str);
  build_put_text (context, list);
  put_node (out, "builtins.dict", context->str, children);
  return TRUE;
}

/* What PyTorch has to know of the type is said once: it has the same fields everywhere. */
static gboolean
add_tuple_fields (Reader *reader, const char *type, const GString *fields)
{
  GString *known = reader->builder->tuple_fields;
  g_autoptr (GString) entry = g_string_new (NULL);
  build_put_text (entry, type);
  g_string_append (entry, ": {\"field_names\": [");
  gboolean first = strstr (known->str, entry->str) == NULL;
  g_string_append_printf (entry, "%s]}", fields->str);
  if (!first)
    return strstr (known->str, entry->str) != NULL || fail (reader, "a type with the same fields as before");
  g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", entry->str);
  return TRUE;
}

static gboolean
take_named_tuple (Reader *reader, GString *out, const char *type, guint depth)
{
  g_autoptr (GString) children = g_string_new (NULL), fields = g_string_new (NULL), context = g_string_new (NULL);
  g_autoptr (GHashTable) seen = new_seen ();
  while (!take (reader, ')'))
    {
      if (children->len > 0 && !take (reader, ','))
        return fail (reader, "a comma or the end");
      g_autofree char *field = take_name (reader);
      if (field == NULL || !take (reader, '='))
        return fail (reader, "a field and =");
      if (!add_once (reader, fields, seen, field) || !take_child (reader, children, depth))
        return FALSE;
    }
  if (!add_tuple_fields (reader, type, fields))
    return FALSE;
  build_put_text (context, type);
  put_node (out, "collections.namedtuple", context->str, children);
  return TRUE;
}

static gboolean
take_node (Reader *reader, GString *out, guint depth)
{
  static const char leaf[] = "{\"type\": null, \"context\": null, \"children_spec\": []}";
  if (depth > MOST_NESTED)
    return fail (reader, "less nesting");
  if (take (reader, '('))
    return take_items (reader, out, "builtins.tuple", ')', depth);
  if (take (reader, '['))
    return take_items (reader, out, "builtins.list", ']', depth);
  if (take (reader, '{'))
    return take_dictionary (reader, out, depth);
  g_autofree char *name = take_name (reader);
  if (name != NULL && strcmp (name, "_") == 0)
    {
      reader->tree->n_leaves++;
      g_string_append (out, leaf);
      return TRUE;
    }
  if (name == NULL || !take (reader, '('))
    return fail (reader, "_, (, [, { or a type and (");
  return take_named_tuple (reader, out, name, depth);
}

/* ---- arguments ---- */

typedef struct
{
  GString *by_place, *by_name, *keys;
  GHashTable *seen;
  gboolean star;
} Arguments;

/* `NAME: TREE`, or the `*` behind which arguments go by name. */
static gboolean
take_argument (Reader *reader, Arguments *arguments)
{
  if (!arguments->star && take (reader, '*'))
    {
      arguments->star = TRUE;
      return TRUE;
    }
  g_autofree char *name = take_name (reader);
  if (name == NULL || !take (reader, ':'))
    return fail (reader, "the name of an argument and a colon");
  if (!add_once (reader, reader->tree->arguments, arguments->seen, name))
    return FALSE;
  if (arguments->star)
    add_text (arguments->keys, name);
  return take_child (reader, arguments->star ? arguments->by_name : arguments->by_place, 2);
}

static void
put_arguments (GString *out, const Arguments *arguments)
{
  g_autofree char *keys = g_strdup_printf ("[%s]", arguments->keys->str);
  g_autoptr (GString) both = g_string_new (NULL), context = g_string_new (NULL);
  build_put_text (context, keys);
  put_node (both, "builtins.tuple", "\"null\"", arguments->by_place);
  g_string_append (both, ", ");
  put_node (both, "builtins.dict", context->str, arguments->by_name);
  put_node (out, "builtins.tuple", "\"null\"", both);
}

static void
begin (Reader *reader, BuildTree *tree)
{
  build_tree_clear (tree);
  tree->spec = g_string_new (NULL);
  tree->arguments = g_string_new (NULL);
  reader->tree = tree;
}

void
pt2_build_takes (Pt2Builder *builder, const char *text)
{
  Reader reader = { builder, text, text, NULL };
  g_autoptr (GString) by_place = g_string_new (NULL), by_name = g_string_new (NULL), keys = g_string_new (NULL);
  g_autoptr (GHashTable) seen = new_seen ();
  Arguments arguments = { by_place, by_name, keys, seen, FALSE };
  if (builder->error != NULL)
    return;
  begin (&reader, &builder->takes);
  for (gboolean first = TRUE; builder->error == NULL && !take (&reader, '\0'); first = FALSE)
    if (!first && !take (&reader, ','))
      fail (&reader, "a comma or the end");
    else
      take_argument (&reader, &arguments);
  put_arguments (builder->takes.spec, &arguments);
  builder->takes.said = TRUE;
}

static void
read_outputs (Pt2Builder *builder, const char *text)
{
  Reader reader = { builder, text, text, NULL };
  begin (&reader, &builder->gives);
  if (take_node (&reader, builder->gives.spec, 0) && !take (&reader, '\0'))
    fail (&reader, "the end");
}

void
pt2_build_gives (Pt2Builder *builder, const char *text)
{
  if (builder->error != NULL)
    return;
  read_outputs (builder, text);
  builder->gives.said = TRUE;
}

/* ---- what is taken if nothing else was said ---- */

static guint
count_inputs (Pt2Builder *builder)
{
  const Pt2BuildGraph *root = pt2_build_root (builder);
  guint n = 0;
  for (guint i = 0; i < root->values->len; i++)
    n += ((const Pt2BuildValue *)root->values->pdata[i])->role == BUILD_INPUT;
  return n;
}

/* Every input by place, under its name. */
static void
take_by_place (Pt2Builder *builder)
{
  const Pt2BuildGraph *root = pt2_build_root (builder);
  g_autoptr (GString) by_place = g_string_new (NULL), nothing = g_string_new (NULL);
  Reader reader = { builder, "_", "_", NULL };
  begin (&reader, &builder->takes);
  for (guint i = 0; i < root->values->len; i++)
    {
      const Pt2BuildValue *value = root->values->pdata[i];
      if (value->role != BUILD_INPUT)
        continue;
      reader.at = reader.text;
      add_text (builder->takes.arguments, value->name);
      take_child (&reader, by_place, 2);
    }
  put_arguments (builder->takes.spec, &(Arguments){ by_place, nothing, nothing, NULL, FALSE });
}

/* One output bare, several as a tuple; a loss always so. */
static void
give_plainly (Pt2Builder *builder, guint n)
{
  g_autoptr (GString) text = g_string_new (n == 1 && builder->loss == BUILD_NO_LOSS ? "_" : "(");
  for (guint i = 0; text->str[0] == '(' && i < n; i++)
    g_string_append (text, "_,");
  g_string_append (text, text->str[0] == '(' ? ")" : "");
  read_outputs (builder, text->str);
}

gboolean
build_finish_trees (Pt2Builder *builder)
{
  guint n_outputs = pt2_build_root (builder)->outputs->len;
  if (!builder->takes.said)
    take_by_place (builder);
  if (!builder->gives.said)
    give_plainly (builder, n_outputs);
  guint n_inputs = count_inputs (builder);
  if (builder->error == NULL && builder->takes.n_leaves != n_inputs)
    build_fail (builder, PT2_ERROR_B007, "%u places for %u inputs", builder->takes.n_leaves, n_inputs);
  if (builder->error == NULL && builder->gives.n_leaves != n_outputs)
    build_fail (builder, PT2_ERROR_B007, "%u places for %u outputs", builder->gives.n_leaves, n_outputs);
  return builder->error == NULL;
}
