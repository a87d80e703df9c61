/* SPDX-License-Identifier: Apache-2.0 */
/* Values as torch.fx writes them into code: mostly what Python's repr() gives. */
#include "number.h"
#include "python.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void
pt2_fx_put (Pt2FxPrinter *printer, const char *text, size_t len)
{
  if (pt2_buffer_room (&printer->out, len))
    pt2_buffer_put (&printer->out, text, len);
  else
    printer->no_memory = true;
}

void
pt2_fx_puts (Pt2FxPrinter *printer, const char *text)
{
  pt2_fx_put (printer, text, strlen (text));
}

/* ---- numbers ---- */

static void
put_int (Pt2FxPrinter *printer, int64_t value)
{
  char text[PT2_NUMBER_ROOM];
  pt2_fx_put (printer, text, (size_t)(pt2_number_write_i64 (value, text) - text));
}

static void
put_float (Pt2FxPrinter *printer, double value)
{
  char text[PT2_NUMBER_ROOM];
  pt2_fx_put (printer, text, (size_t)(pt2_number_write_double (value, text) - text));
}

/* A part of a complex number: no ".0". */
static void
put_part (Pt2FxPrinter *printer, double value, bool sign)
{
  char text[PT2_NUMBER_ROOM];
  size_t len = (size_t)(pt2_number_write_double (value, text) - text);
  if (len > 2 && memcmp (text + len - 2, ".0", 2) == 0)
    len -= 2;
  if (sign && text[0] != '-')
    pt2_fx_puts (printer, "+");
  pt2_fx_put (printer, text, len);
}

/* What repr() writes does not always read back; torch.fx then writes a call. */
static void
put_complex (Pt2FxPrinter *printer, const Pt2ComplexValue *value, bool in_dict)
{
  if (!in_dict && (value->real == 0 || value->imag == 0 || !isfinite (value->real) || !isfinite (value->imag)))
    {
      pt2_fx_puts (printer, "complex(");
      put_float (printer, value->real);
      pt2_fx_puts (printer, ", ");
      put_float (printer, value->imag);
      pt2_fx_puts (printer, ")");
    }
  else if (value->real == 0 && !signbit (value->real))
    {
      put_part (printer, value->imag, false);
      pt2_fx_puts (printer, "j");
    }
  else
    {
      pt2_fx_puts (printer, "(");
      put_part (printer, value->real, false);
      put_part (printer, value->imag, true);
      pt2_fx_puts (printer, "j)");
    }
}

/* ---- texts ---- */

/* What Python's str.isprintable() says. */
static bool
is_printable (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return false;
    case G_UNICODE_SPACE_SEPARATOR:
      return c == ' ';
    default:
      return true;
    }
}

static void
put_character (Pt2FxPrinter *printer, gunichar c, char quote)
{
  char text[16];
  if (c == (gunichar)quote || c == '\\')
    snprintf (text, sizeof text, "\\%c", (char)c);
  else if (c == '\n' || c == '\r' || c == '\t')
    snprintf (text, sizeof text, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
  else if (is_printable (c))
    text[g_unichar_to_utf8 (c, text)] = '\0';
  else
    snprintf (text, sizeof text, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
  pt2_fx_puts (printer, text);
}

void
pt2_fx_put_repr (Pt2FxPrinter *printer, Pt2String text)
{
  bool single = memchr (text.data, '\'', text.len) != NULL, twice = memchr (text.data, '"', text.len) != NULL;
  char quote = single && !twice ? '"' : '\'';
  const char *end = text.data + text.len;
  pt2_fx_put (printer, &quote, 1);
  for (const char *at = text.data; at < end;)
    {
      gunichar c = g_utf8_get_char_validated (at, end - at);
      bool valid = c != (gunichar)-1 && c != (gunichar)-2;
      /* glib takes the first NUL for the end */
      c = *at == '\0' ? 0 : valid ? c : (unsigned char)*at;
      put_character (printer, c, quote);
      at = valid && c != 0 ? g_utf8_next_char (at) : at + 1;
    }
  pt2_fx_put (printer, &quote, 1);
}

static void
put_string (Pt2FxPrinter *printer, const Pt2FxArgument *value)
{
  pt2_fx_put_repr (printer, (Pt2String){ value->text, value->len });
}

/* ---- torch's own ---- */

static void
put_enum (Pt2FxPrinter *printer, const char *name, int32_t number)
{
  const Pt2EnumMember *member = pt2_enum_by_value (pt2_schema_find_enum (&pt2_export_schema, name), number);
  pt2_fx_puts (printer, "torch.");
  if (member != NULL && member->torch != NULL)
    pt2_fx_puts (printer, member->torch);
  else
    put_int (printer, number);
}

static void
put_device (Pt2FxPrinter *printer, const Pt2Device *device)
{
  pt2_fx_puts (printer, "device(type=");
  pt2_fx_put_repr (printer, device->type);
  if (device->present[0] & 2)
    {
      pt2_fx_puts (printer, ", index=");
      put_int (printer, device->index);
    }
  pt2_fx_puts (printer, ")");
}

/* Functions of Python have no name that code could use. In dicts an operator is not written as code either. */
static void
put_operator (Pt2FxPrinter *printer, const Pt2FxArgument *value, bool in_dict)
{
  Pt2String target = { value->text, value->len };
  Pt2OpTarget kind = pt2_op_target_kind (target);
  const char *last = g_strrstr_len (target.data, target.len, ".");
  if (kind == PT2_OP_TARGET_SYMBOLIC && last != NULL && target.data[0] != 't')
    {
      printer->unreadable = true;
      pt2_fx_puts (printer, "<built-in function ");
      pt2_fx_put (printer, last + 1, (size_t)(target.data + target.len - last - 1));
      pt2_fx_puts (printer, ">");
    }
  else if (kind == PT2_OP_TARGET_OVERLOAD && in_dict && last != NULL)
    {
      printer->unreadable = true;
      Pt2String name = { target.data + 10, (uint32_t)(last - target.data - 10) };
      pt2_fx_puts (printer, "<OpOverload(op='");
      pt2_fx_put (printer, name.data, name.len);
      pt2_fx_puts (printer, "', overload='");
      pt2_fx_put (printer, last + 1, (size_t)(target.data + target.len - last - 1));
      pt2_fx_puts (printer, "')>");
    }
  else
    pt2_fx_put (printer, target.data, target.len);
}

/* ---- containers ---- */

static void
put_ints (Pt2FxPrinter *printer, const Pt2FxArgument *value)
{
  for (uint32_t i = 0; i < value->len; i++)
    {
      pt2_fx_puts (printer, i > 0 ? ", " : "");
      put_int (printer, value->ints[i]);
    }
}

static void
put_floats (Pt2FxPrinter *printer, const Pt2FxArgument *value)
{
  for (uint32_t i = 0; i < value->len; i++)
    {
      pt2_fx_puts (printer, i > 0 ? ", " : "");
      put_float (printer, value->reals[i]);
    }
}

static void
put_bools (Pt2FxPrinter *printer, const Pt2FxArgument *value)
{
  for (uint32_t i = 0; i < value->len; i++)
    {
      pt2_fx_puts (printer, i > 0 ? ", " : "");
      pt2_fx_puts (printer, value->bools[i] ? "True" : "False");
    }
}

static void
put_strings (Pt2FxPrinter *printer, const Pt2FxArgument *value)
{
  for (uint32_t i = 0; i < value->len; i++)
    {
      pt2_fx_puts (printer, i > 0 ? ", " : "");
      pt2_fx_put_repr (printer, value->strings[i]);
    }
}

/* Lists of integers inside a list are tuples for PyTorch. */
static void
put_tuple (Pt2FxPrinter *printer, const Pt2FxArgument *value)
{
  pt2_fx_puts (printer, "(");
  if (value->kind == PT2_FX_INTS)
    put_ints (printer, value);
  pt2_fx_puts (printer, value->len == 1 ? ",)" : ")");
}

static void
put_items (Pt2FxPrinter *printer, const Pt2FxArgument *list, bool in_dict)
{
  for (uint32_t i = 0; i < list->len; i++)
    {
      pt2_fx_puts (printer, i > 0 ? ", " : "");
      if (list->member == PT2_ARGUMENT_AS_INT_LISTS)
        put_tuple (printer, &list->items[i]);
      else
        pt2_fx_put_value (printer, &list->items[i], in_dict);
    }
}

static void
put_dict (Pt2FxPrinter *printer, const Pt2FxArgument *value)
{
  pt2_fx_puts (printer, "{");
  for (uint32_t i = 0; i < value->len; i++)
    {
      pt2_fx_puts (printer, i > 0 ? ", " : "");
      pt2_fx_put_repr (printer, value->entries[i].key);
      pt2_fx_puts (printer, ": ");
      pt2_fx_put_value (printer, &value->entries[i].value, true);
    }
  pt2_fx_puts (printer, "}");
}

static void
put_list (Pt2FxPrinter *printer, const Pt2FxArgument *value, bool in_dict)
{
  pt2_fx_puts (printer, "[");
  if (value->kind == PT2_FX_INTS)
    put_ints (printer, value);
  else if (value->kind == PT2_FX_FLOATS)
    put_floats (printer, value);
  else if (value->kind == PT2_FX_BOOLS)
    put_bools (printer, value);
  else if (value->kind == PT2_FX_STRINGS)
    put_strings (printer, value);
  else
    put_items (printer, value, in_dict);
  pt2_fx_puts (printer, "]");
}

void
pt2_fx_put_value (Pt2FxPrinter *printer, const Pt2FxArgument *value, bool in_dict)
{
  switch (value->kind)
    {
    case PT2_FX_NONE:
      pt2_fx_puts (printer, "None");
      break;
    case PT2_FX_BOOL:
      pt2_fx_puts (printer, value->boolean ? "True" : "False");
      break;
    case PT2_FX_INT:
      put_int (printer, value->integer);
      break;
    case PT2_FX_FLOAT:
      put_float (printer, value->real);
      break;
    case PT2_FX_COMPLEX:
      put_complex (printer, value->complex, in_dict);
      break;
    case PT2_FX_STRING:
      put_string (printer, value);
      break;
    case PT2_FX_DTYPE:
      put_enum (printer, "ScalarType", value->number);
      break;
    case PT2_FX_LAYOUT:
      put_enum (printer, "Layout", value->number);
      break;
    case PT2_FX_MEMORY_FORMAT:
      put_enum (printer, "MemoryFormat", value->number);
      break;
    case PT2_FX_DEVICE:
      put_device (printer, value->device);
      break;
    case PT2_FX_OPERATOR:
      put_operator (printer, value, in_dict);
      break;
    case PT2_FX_NODE:
      pt2_fx_put_name (printer, value->node);
      break;
    case PT2_FX_OBJECT: /* what it is called says nothing: it is written as an object at an address */
      printer->unreadable = true;
      pt2_fx_put (printer, value->object->name.data, value->object->name.len);
      break;
    case PT2_FX_DICT:
      put_dict (printer, value);
      break;
    case PT2_FX_UNKNOWN:
      pt2_fx_puts (printer, "...");
      break;
    default:
      put_list (printer, value, in_dict);
    }
}
