/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

typedef struct
{
  const char *id;
  const char *summary;
  const char *next;
} ErrorInfo;

static const ErrorInfo error_table[] = {
  { "PT2-?", "no error", "" },
#define PT2_ERROR_ITEM(id, summary, next) { "PT2-" #id, summary, next },
#include "errors.def"
#undef PT2_ERROR_ITEM
};

typedef struct
{
  char *where;
} Pt2ErrorPrivate;

static void
pt2_error_private_init (Pt2ErrorPrivate *priv)
{
  priv->where = NULL;
}

static void
pt2_error_private_copy (const Pt2ErrorPrivate *from, Pt2ErrorPrivate *to)
{
  to->where = g_strdup (from->where);
}

static void
pt2_error_private_clear (Pt2ErrorPrivate *priv)
{
  g_free (priv->where);
}

G_DEFINE_EXTENDED_ERROR (Pt2Error, pt2_error)

int
pt2_error_code_count (void)
{
  return PT2_ERROR_COUNT_;
}

static const ErrorInfo *
error_info (Pt2ErrorCode code)
{
  return &error_table[(int)code > 0 && code < PT2_ERROR_COUNT_ ? code : 0];
}

const char *
pt2_error_code_id (Pt2ErrorCode code)
{
  return error_info (code)->id;
}

const char *
pt2_error_code_summary (Pt2ErrorCode code)
{
  return error_info (code)->summary;
}

const char *
pt2_error_code_next (Pt2ErrorCode code)
{
  return error_info (code)->next;
}

const char *
pt2_error_get_id (const GError *error)
{
  return pt2_error_code_id (error->domain == PT2_ERROR ? (Pt2ErrorCode)error->code : PT2_ERROR_F001);
}

const char *
pt2_error_get_where (const GError *error)
{
  return error->domain == PT2_ERROR ? pt2_error_get_private (error)->where : NULL;
}

/* Takes the bytes of a character that was cut through off the end of TEXT. */
static void
cut_at_character (char *text)
{
  const char *end;
  g_utf8_validate (text, -1, &end);
  text[end - text] = '\0';
}

bool
pt2_status_fail (Pt2Status *status, Pt2ErrorCode code, uint64_t offset, const char *detail, ...)
{
  if (status->code != PT2_ERROR_NONE)
    return false;
  status->code = code;
  status->offset = offset;
  va_list args;
  va_start (args, detail);
  int needed = vsnprintf (status->detail, sizeof status->detail, detail, args);
  va_end (args);
  if (needed >= (int)sizeof status->detail)
    cut_at_character (status->detail);
  return false;
}

static const char path_cut[] = "…";

static void
insert (Pt2Status *status, const char *text, size_t len)
{
  memmove (status->path + len, status->path, strlen (status->path) + 1);
  memcpy (status->path, text, len);
}

/* Puts TEXT before the path. If there is no room, a mark stands for it and for all that would stand before it. */
static void
prepend (Pt2Status *status, const char *text)
{
  size_t len = strlen (text), old = strlen (status->path);
  bool dot = old > 0 && status->path[0] != '[';
  if (g_str_has_prefix (status->path, path_cut))
    return;
  if (len + dot + old + sizeof path_cut > sizeof status->path)
    {
      insert (status, path_cut, sizeof path_cut - 1);
      return;
    }
  if (dot)
    insert (status, ".", 1);
  insert (status, text, len);
}

void
pt2_status_prepend_field (Pt2Status *status, const char *name, size_t len)
{
  char text[128];
  prepend (status, pt2_text_escape (name, len, text, sizeof text));
}

void
pt2_status_prepend_path (Pt2Status *status, const char *path)
{
  size_t len = strlen (path), most = sizeof status->path / 2;
  bool cut = len > most;
  /* From a point or bracket on: no name is cut through. */
  if (cut)
    path += len - most + strcspn (path + len - most, ".[");
  prepend (status, path + (*path == '.'));
  if (cut)
    insert (status, path_cut, sizeof path_cut - 1);
}

void
pt2_status_prepend_index (Pt2Status *status, uint64_t index)
{
  char text[32];
  snprintf (text, sizeof text, "[%" G_GUINT64_FORMAT "]", index);
  prepend (status, text);
}

void
pt2_status_prepend_key (Pt2Status *status, const char *key, size_t len)
{
  char escaped[100], text[110];
  snprintf (text, sizeof text, "[\"%s\"]", pt2_text_escape (key, len, escaped, sizeof escaped));
  prepend (status, text);
}

void
pt2_status_set_record (Pt2Status *status, const char *record)
{
  if (status->record[0] == '\0')
    pt2_text_escape (record, strlen (record), status->record, sizeof status->record);
}

static void
set_where (GError *error, char *where)
{
  if (where[0] != '\0')
    pt2_error_get_private (error)->where = where;
  else
    g_free (where);
}

static char *
status_where (const Pt2Status *status)
{
  GString *where = g_string_new (status->record);
  if (status->path[0] != '\0')
    g_string_append_printf (where, "%s%s", where->len > 0 ? " " : "", status->path);
  if (status->offset != PT2_NO_OFFSET)
    g_string_append_printf (where, "%s@%" G_GUINT64_FORMAT, status->path[0] != '\0' ? " " : "", status->offset);
  return g_string_free (where, FALSE);
}

static GError *
new_error (Pt2ErrorCode code, const char *detail)
{
  const ErrorInfo *info = error_info (code);
  return g_error_new (PT2_ERROR, code, "%s%s%s; %s", info->summary, detail[0] != '\0' ? ": " : "", detail, info->next);
}

bool
pt2_status_to_error (const Pt2Status *status, GError **error)
{
  GError *made = new_error (status->code, status->detail);
  set_where (made, status_where (status));
  g_propagate_error (error, made);
  return false;
}

bool
pt2_error_set (GError **error, Pt2ErrorCode code, const char *where, const char *detail, ...)
{
  va_list args;
  va_start (args, detail);
  g_autofree char *text = g_strdup_vprintf (detail, args);
  va_end (args);
  GError *made = new_error (code, text);
  set_where (made, g_strdup (where != NULL ? where : ""));
  g_propagate_error (error, made);
  return false;
}

void
pt2_error_add_record (GError *error, const char *record)
{
  if (error == NULL || error->domain != PT2_ERROR)
    return;
  Pt2ErrorPrivate *priv = pt2_error_get_private (error);
  char name[300];
  pt2_text_escape (record, strlen (record), name, sizeof name);
  const char *inner = priv->where != NULL ? priv->where : "";
  char *where = g_strconcat (name, inner[0] != '\0' && inner[0] != '@' ? " " : "", inner, NULL);
  g_free (priv->where);
  priv->where = where;
}
