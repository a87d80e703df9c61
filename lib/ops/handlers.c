/* SPDX-License-Identifier: Apache-2.0 */
/* Who is registered for what, and the types of objects: their bytes become the caller's objects and back. */
#include "ops_private.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

/* ---- lists of handlers ---- */

const OpHandler *
ops_handler_find (const OpHandlers *handlers, Pt2String key)
{
  if (handlers->n == 0)
    return NULL;
  uint32_t number = pt2_text_index_find (&handlers->index, handlers->items, sizeof *handlers->items, key);
  return number != PT2_TEXT_INDEX_NONE ? &handlers->items[number] : NULL;
}

static bool
put (OpHandlers *handlers, const OpHandler *handler)
{
  OpHandler *items = realloc (handlers->items, (handlers->n + 1) * sizeof *items);
  if (items == NULL)
    return false;
  handlers->items = items;
  items[handlers->n] = *handler;
  if (!pt2_text_index_add (&handlers->index, items, sizeof *items, handlers->n))
    return false;
  handlers->n++;
  return true;
}

bool
ops_handler_add (Pt2Ops *ops, OpHandlers *handlers, const OpHandler *handler, GError **error)
{
  OpHandler added = *handler;
  char *copy = pt2_arena_alloc (&ops->own.arena, handler->key.len);
  if (copy == NULL)
    return pt2_error_set (error, ops->own.arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, NULL, "for handlers");
  memcpy (copy, handler->key.data, handler->key.len);
  added.key.data = copy;
  return put (handlers, &added) || pt2_error_set (error, PT2_ERROR_L001, NULL, "for handlers");
}

void
ops_handlers_clear (OpHandlers *handlers)
{
  for (uint32_t i = 0; i < handlers->n; i++)
    if (handlers->items[i].destroy != NULL)
      handlers->items[i].destroy (handlers->items[i].data);
  free (handlers->items);
  pt2_text_index_clear (&handlers->index);
}

/* ---- types of objects ---- */

static bool
wrong_type (Pt2String name, const char *what, GError **error)
{
  char shown[160];
  return pt2_error_set (error, PT2_ERROR_O005, NULL, "%s: %s",
                        pt2_text_escape (name.data, name.len, shown, sizeof shown), what);
}

gboolean
pt2_ops_add_object_type (Pt2Ops *ops, const char *name, const Pt2ObjectHandler *handler, gpointer data,
                         GDestroyNotify destroy, GError **error)
{
  const size_t len = strlen (name);
  if (len == 0 || len > G_MAXINT32 / 2 || !pt2_text_is_utf8 (name, len))
    return pt2_error_set (error, PT2_ERROR_O005, NULL, "the name of a type is a text");
  const OpHandler added = { .key = { name, (uint32_t)len }, .object = *handler, .data = data, .destroy = destroy };
  if (ops_handler_find (&ops->types, added.key) != NULL)
    return wrong_type (added.key, "twice", error);
  return ops_handler_add (ops, &ops->types, &added, error);
}

const Pt2ObjectHandler *
pt2_ops_find_object_type (const Pt2Ops *ops, Pt2String name)
{
  const OpHandler *handler = ops_handler_find (&ops->types, name);
  return handler != NULL ? &handler->object : NULL;
}

/* A callback gave nothing; CAUSE is what it says, taken. */
static void
take_failure (Pt2String name, const char *what, GError *cause, GError **error)
{
  char shown[160], why[200];
  const char *message = cause != NULL && cause->message != NULL ? cause->message : "without a reason";
  pt2_error_set (error, PT2_ERROR_O006, NULL, "%s: %s: %s", pt2_text_escape (name.data, name.len, shown, sizeof shown),
                 what, pt2_text_escape_message (message, strlen (message), why, sizeof why));
  g_clear_error (&cause);
}

gpointer
pt2_ops_decode_object (const Pt2Ops *ops, Pt2String name, GBytes *bytes, GError **error)
{
  const OpHandler *handler = ops_handler_find (&ops->types, name);
  GError *cause = NULL;
  if (handler == NULL)
    {
      wrong_type (name, "not at all", error);
      return NULL;
    }
  gpointer object = handler->object.decode (bytes, handler->data, &cause);
  if (object == NULL)
    take_failure (name, "decode", cause, error);
  return object;
}

GBytes *
pt2_ops_encode_object (const Pt2Ops *ops, Pt2String name, gconstpointer object, GError **error)
{
  const OpHandler *handler = ops_handler_find (&ops->types, name);
  GError *cause = NULL;
  if (handler == NULL)
    {
      wrong_type (name, "not at all", error);
      return NULL;
    }
  GBytes *bytes = handler->object.encode (object, handler->data, &cause);
  if (bytes == NULL)
    take_failure (name, "encode", cause, error);
  return bytes;
}
