/* SPDX-License-Identifier: Apache-2.0 */
/* Writes one JSON document as it goes: UTF-8, integers of any size as integers, marks that reorder
 * text as escapes. Its caller opens and closes in pairs; nothing here reads JSON.
 */
#pragma once

#include "command.h"

typedef struct
{
  FILE *out;
  guint depth;
  guint64 counts[16]; /* items so far, by depth */
  gboolean after_key;
  gboolean one_line; /* else the items of the outermost level have a line each */
} Json;

void json_init (Json *json, FILE *out);
void json_open (Json *json, char bracket);  /* '{' or '[' */
void json_close (Json *json, char bracket); /* '}' or ']'; the outermost ends the line */
void json_key (Json *json, const char *key);
void json_key_len (Json *json, const char *key, gsize len);
void json_text (Json *json, const char *text, gssize len); /* NULL: null; LEN -1: NUL-terminated */
void json_integer (Json *json, gint64 number);
void json_unsigned (Json *json, guint64 number);
void json_bool (Json *json, gboolean value);
void json_double (Json *json, double number);      /* the shortest text that reads back the same; null for no number */
void json_digits (Json *json, const char *digits); /* as it stands: a JSON number of any size */
/* A JSON text of any kind as it stands, on one line; marks that reorder text, and numbers that JSON has not, become
 * text. NULL: null. */
void json_raw (Json *json, const char *text);
void json_null (Json *json);

/* A key and its value. */
void json_member_text (Json *json, const char *key, const char *text);
void json_member_string (Json *json, const char *key, Pt2String text);
void json_member_integer (Json *json, const char *key, gint64 number);
void json_member_unsigned (Json *json, const char *key, guint64 number);
void json_member_bool (Json *json, const char *key, gboolean value);
void json_member_null (Json *json, const char *key);
