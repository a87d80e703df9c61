/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of extensions: their names, single schemas, and the handlers of namespaces. */
#include "ops_private.h"
#include "text.h"
#include <string.h>

/* ---- names ---- */

Pt2String
ops_first_word (Pt2String line)
{
  uint32_t len = 0;
  while (len < line.len && line.data[len] != '(' && !g_ascii_isspace (line.data[len]))
    len++;
  return (Pt2String){ line.data, len };
}

bool
ops_split_extension (Pt2String target, Pt2String *space, Pt2String *name)
{
  const char *colon = target.len > 0 && target.data[0] == '#' ? memchr (target.data, ':', target.len) : NULL;
  const size_t behind = colon != NULL ? target.len - (size_t)(colon + 1 - target.data) : 0;
  if (behind == 0 || colon == target.data + 1 || memchr (colon + 1, ':', behind) != NULL)
    return false;
  *space = (Pt2String){ target.data + 1, (uint32_t)(colon - target.data - 1) };
  *name = (Pt2String){ colon + 1, (uint32_t)behind };
  return true;
}

/* One half of a target. */
static bool
is_part (const char *text)
{
  size_t len = text != NULL ? strlen (text) : 0;
  return len > 0 && len < G_MAXINT32 / 2 && strchr (text, ':') == NULL && pt2_text_is_utf8 (text, len);
}

/* ---- single operators ---- */

gboolean
pt2_ops_add_extension (Pt2Ops *ops, const char *target, const char *schema, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  const size_t target_len = strlen (target), len = strlen (schema);
  Pt2String space, name;
  if (target_len > G_MAXINT32 || len > G_MAXINT32)
    return pt2_error_set (error, PT2_ERROR_L003, NULL, "a text of 2 GiB or more");
  const Pt2String whole = { target, (uint32_t)target_len };
  if (!ops_split_extension (whole, &space, &name) || !pt2_text_is_utf8 (target, target_len))
    return pt2_error_set (error, PT2_ERROR_O001, NULL, "the target of an extension is #NAMESPACE:NAME");
  return ops_table_add_extension (&ops->own, whole, (Pt2String){ schema, (uint32_t)len }, ops->depth, &status) != NULL
         || pt2_status_to_error (&status, error);
}

/* ---- handlers ---- */

gboolean
pt2_ops_add_handler (Pt2Ops *ops, const char *space, const Pt2ExtensionHandler *handler, gpointer data,
                     GDestroyNotify destroy, GError **error)
{
  char shown[80];
  if (!is_part (space))
    return pt2_error_set (error, PT2_ERROR_O001, NULL, "a namespace is a text without a colon");
  const OpHandler added
      = { .key = { space, (uint32_t)strlen (space) }, .extension = *handler, .data = data, .destroy = destroy };
  if (ops_handler_find (&ops->spaces, added.key) != NULL)
    return pt2_error_set (error, PT2_ERROR_O003, NULL,
                          "#%s:", pt2_text_escape (space, added.key.len, shown, sizeof shown));
  return ops_handler_add (ops, &ops->spaces, &added, error);
}

/* The operator behind a target; NULL if there is none, and *HANDLER if nobody answers for it. */
static gpointer
find_op (const Pt2Ops *ops, Pt2String target, const OpHandler **handler)
{
  Pt2String space, name;
  *handler = ops_split_extension (target, &space, &name) ? ops_handler_find (&ops->spaces, space) : NULL;
  /* A name with a NUL in it would be another one for the handler. */
  if (*handler == NULL || memchr (name.data, '\0', name.len) != NULL)
    return NULL;
  char *copy = g_try_malloc (name.len + 1);
  gpointer op = NULL;
  if (copy != NULL)
    {
      memcpy (copy, name.data, name.len);
      copy[name.len] = '\0';
      op = (*handler)->extension.from_name (copy, (*handler)->data);
    }
  g_free (copy);
  return op;
}

gpointer
pt2_ops_find_extension (const Pt2Ops *ops, Pt2String target)
{
  const OpHandler *handler;
  return find_op (ops, target, &handler);
}

static const Pt2OpSchema *
known_answer (Pt2Ops *ops, Pt2String target)
{
  g_mutex_lock (&ops->mutex);
  const OpEntry *entry = ops->answers.n > 0 ? ops_table_find (&ops->answers, target) : NULL;
  const Pt2OpSchema *schema = entry != NULL ? entry->schema : NULL;
  g_mutex_unlock (&ops->mutex);
  return schema;
}

/* Of two threads that ask at once, the first to be here is right: both must have been told the same. */
static const Pt2OpSchema *
keep_answer (Pt2Ops *ops, Pt2String target, const char *text, Pt2Status *status)
{
  const size_t len = strlen (text);
  if (len > G_MAXINT32)
    {
      pt2_status_fail (status, PT2_ERROR_L003, PT2_NO_OFFSET, "a text of 2 GiB or more");
      return NULL;
    }
  g_mutex_lock (&ops->mutex);
  const OpEntry *entry = ops->answers.n > 0 ? ops_table_find (&ops->answers, target) : NULL;
  const Pt2OpSchema *schema
      = entry != NULL
            ? entry->schema
            : ops_table_add_extension (&ops->answers, target, (Pt2String){ text, (uint32_t)len }, ops->depth, status);
  g_mutex_unlock (&ops->mutex);
  return schema;
}

static bool
bad_answer (Pt2String target, const char *what, GError **error)
{
  char shown[80];
  return pt2_error_set (error, PT2_ERROR_O004, NULL, "%s: %s",
                        pt2_text_escape (target.data, target.len, shown, sizeof shown), what);
}

const Pt2OpSchema *
ops_ask_handler (const Pt2Ops *ops, Pt2String target, GError **error)
{
  Pt2Ops *asked = (Pt2Ops *)ops; /* its answers have a lock of their own */
  Pt2Status status = PT2_STATUS_INIT;
  const OpHandler *handler;
  const Pt2OpSchema *schema = ops->spaces.n > 0 ? known_answer (asked, target) : NULL;
  gpointer op = schema == NULL ? find_op (ops, target, &handler) : NULL;
  if (op == NULL)
    return schema;
  char *text = handler->extension.make_schema (op, handler->data);
  schema = text != NULL ? keep_answer (asked, target, text, &status) : NULL;
  if (text == NULL)
    bad_answer (target, "no schema", error);
  else if (schema == NULL && status.code == PT2_ERROR_O001)
    bad_answer (target, status.detail, error);
  else if (schema == NULL)
    pt2_status_to_error (&status, error);
  g_free (text);
  return schema;
}

char *
pt2_ops_make_target (const Pt2Ops *ops, const char *space, gpointer op, GError **error)
{
  const Pt2String given = { space, (uint32_t)strlen (space) };
  const OpHandler *handler = ops_handler_find (&ops->spaces, given);
  char shown[80];
  if (handler == NULL)
    {
      pt2_error_set (error, PT2_ERROR_O003, NULL, "#%s: has none",
                     pt2_text_escape (given.data, given.len, shown, sizeof shown));
      return NULL;
    }
  const char *name = handler->extension.to_name (op, handler->data);
  if (is_part (name))
    return g_strconcat ("#", space, ":", name, NULL);
  bad_answer (given, "a name without text, or with a colon", error);
  return NULL;
}
