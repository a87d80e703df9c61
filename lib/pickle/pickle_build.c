/* SPDX-License-Identifier: Apache-2.0 */
/* The allow-list: every global that something is built for, with the arguments that PyTorch and
 * Python write for it. What is not in these tables is opaque. Building never runs anything but
 * the functions named here, which make values.
 */
#include "pickle_private.h"
#include <string.h>

/* ---- constants ---- */

typedef struct
{
  const char *name;
  Pt2PickleKind kind;
} Constant;

/* All of the module torch; the dtypes have a table of their own. */
static const Constant constants[] = {
  { "strided", PT2_PICKLE_LAYOUT },
  { "sparse_coo", PT2_PICKLE_LAYOUT },
  { "sparse_csr", PT2_PICKLE_LAYOUT },
  { "sparse_csc", PT2_PICKLE_LAYOUT },
  { "sparse_bsr", PT2_PICKLE_LAYOUT },
  { "sparse_bsc", PT2_PICKLE_LAYOUT },
  { "jagged", PT2_PICKLE_LAYOUT },
  { "_mkldnn", PT2_PICKLE_LAYOUT },
  { "contiguous_format", PT2_PICKLE_MEMORY_FORMAT },
  { "channels_last", PT2_PICKLE_MEMORY_FORMAT },
  { "channels_last_3d", PT2_PICKLE_MEMORY_FORMAT },
  { "preserve_format", PT2_PICKLE_MEMORY_FORMAT },
  { "per_tensor_affine", PT2_PICKLE_QSCHEME },
  { "per_tensor_symmetric", PT2_PICKLE_QSCHEME },
  { "per_channel_affine", PT2_PICKLE_QSCHEME },
  { "per_channel_symmetric", PT2_PICKLE_QSCHEME },
  { "per_channel_affine_float_qparams", PT2_PICKLE_QSCHEME },
};

static bool
is_module (const char *module, size_t len, const char *want)
{
  return len == strlen (want) && memcmp (module, want, len) == 0;
}

static const Constant *
find_constant (const char *name, size_t len)
{
  for (size_t i = 0; i < G_N_ELEMENTS (constants); i++)
    if (strlen (constants[i].name) == len && memcmp (constants[i].name, name, len) == 0)
      return &constants[i];
  return NULL;
}

bool
pickle_find_constant (const char *module, size_t module_len, const char *name, Pt2PickleKind *kind)
{
  if (!is_module (module, module_len, "torch"))
    return false;
  const Constant *constant = find_constant (name, strlen (name));
  *kind = constant != NULL ? constant->kind : PT2_PICKLE_DTYPE;
  return constant != NULL || pickle_find_dtype (name, strlen (name)) != NULL;
}

/* ---- builders of what is no tensor ---- */

static const Pt2PickleValue *
typed (Pt2PickleValue *value, const PickleRule *rule)
{
  if (value != NULL)
    value->type = rule->type;
  return value;
}

/* torch.Size of a tuple or list */
static const Pt2PickleValue *
build_size (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleItems items = arguments->n > 0 ? arguments->at[0]->items : (Pt2PickleItems){ NULL, 0 };
  return typed (pickle_new_items (machine, PT2_PICKLE_TUPLE, items), rule);
}

static const Pt2PickleValue *
build_set (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleItems items = arguments->n > 0 ? arguments->at[0]->items : (Pt2PickleItems){ NULL, 0 };
  return typed (pickle_new_items (machine, PT2_PICKLE_SET, items), rule);
}

/* OrderedDict and Counter: of nothing, of a dict, or (Python 2) of a list of pairs. */
static const Pt2PickleValue *
build_dict (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_DICT);
  const Pt2PickleValue *from = arguments->n > 0 ? arguments->at[0] : NULL;
  if (value == NULL || from == NULL)
    return typed (value, rule);
  if (from->kind == PT2_PICKLE_DICT)
    return pickle_charge_keys (machine, from->items) && pickle_add_items (machine, &value->items, from->items)
               ? typed (value, rule)
               : NULL;
  for (uint64_t i = 0; i < from->items.n; i++)
    {
      const Pt2PickleValue *pair = from->items.at[i];
      if ((pair->kind != PT2_PICKLE_TUPLE && pair->kind != PT2_PICKLE_LIST) || pair->items.n != 2)
        {
          pickle_fail (machine, PT2_ERROR_I020, "%s: a pair is a %s", rule->name, pt2_pickle_kind_name (pair->kind));
          return NULL;
        }
      if (!pickle_charge_keys (machine, pair->items) || !pickle_add_items (machine, &value->items, pair->items))
        return NULL;
    }
  return typed (value, rule);
}

static double
float_of (const Pt2PickleValue *value)
{
  return value->kind == PT2_PICKLE_FLOAT ? value->number : (double)value->integer;
}

static const Pt2PickleValue *
build_complex (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_COMPLEX);
  if (value != NULL)
    value->complex_number
        = (Pt2PickleComplex){ float_of (arguments->at[0]), arguments->n > 1 ? float_of (arguments->at[1]) : 0 };
  return value;
}

static const Pt2PickleValue *
build_device (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleText type = arguments->at[0]->text;
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_DEVICE);
  char *out = value != NULL && type.len < 4096 ? pickle_alloc (machine, type.len + 32) : NULL;
  if (out == NULL)
    {
      pickle_fail (machine, PT2_ERROR_I020, "device: its name is too long");
      return NULL;
    }
  memcpy (out, type.data, type.len);
  size_t len = type.len;
  if (arguments->n > 1)
    len += (size_t)g_snprintf (out + len, 32, ":%" G_GINT64_FORMAT, arguments->at[1]->integer);
  value->text = (Pt2PickleText){ out, len };
  return value;
}

/* ("torch.strided") */
static const Pt2PickleValue *
build_layout (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleText text = arguments->at[0]->text;
  bool torch = text.len > 6 && memcmp (text.data, "torch.", 6) == 0;
  const Constant *constant = torch ? find_constant (text.data + 6, (size_t)text.len - 6) : NULL;
  if (constant == NULL || constant->kind != PT2_PICKLE_LAYOUT)
    {
      pickle_fail (machine, PT2_ERROR_I020, "%s: no layout of that name", rule->name);
      return NULL;
    }
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_LAYOUT);
  if (value != NULL)
    value->text = (Pt2PickleText){ constant->name, strlen (constant->name) };
  return value;
}

/* Latin-1 TEXT as bytes; false if a character has no byte. */
static bool
encode_latin (Pt2PickleText text, char *out, uint64_t *len)
{
  *len = 0;
  for (const char *at = text.data, *end = text.data + text.len; at < end; at = g_utf8_next_char (at))
    {
      gunichar c = (uint8_t)*at < 0x80 ? (gunichar)*at : g_utf8_get_char_validated (at, end - at);
      if (c > 0xff)
        return false;
      out[(*len)++] = (char)c;
    }
  return true;
}

/* encode (text, "latin1") and bytearray (text, "latin-1"): how protocol 2 writes bytes. */
static const Pt2PickleValue *
build_bytes (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_BYTES);
  if (value == NULL || arguments->n == 0 || arguments->at[0]->kind == PT2_PICKLE_BYTES)
    {
      if (value != NULL && arguments->n > 0)
        value->text = arguments->at[0]->text;
      return typed (value, rule);
    }
  Pt2PickleText text = arguments->at[0]->text, codec = { "", 0 };
  if (arguments->n > 1)
    codec = arguments->at[1]->text;
  bool latin = pickle_text_equals (codec, "latin1") || pickle_text_equals (codec, "latin-1");
  char *out = pickle_alloc (machine, text.len);
  if (out == NULL)
    return NULL;
  value->text.data = out;
  if (latin && encode_latin (text, out, &value->text.len))
    return typed (value, rule);
  pickle_fail (machine, PT2_ERROR_I020, "%s: not a Latin-1 text", rule->name);
  return NULL;
}

/* ---- the rules ---- */

/* Letters of arguments; those behind | may be missing:
 *   S storage   t tensor   i integer   n number   b boolean   x text   y text or bytes   d dtype
 *   l layout    v device or text   T tuple or list of integers   P tuple   L tuple, list or set
 *   D dict, tuple or list   c class   k bytes   h anything (hooks, state) */
#define FUNCTION(module, name, arguments, build)                                                                       \
  {                                                                                                                    \
    module, name, arguments, build, NULL, false, false, NULL                                                           \
  }
#define CLASS(module, name, arguments, build, type)                                                                    \
  {                                                                                                                    \
    module, name, arguments, build, type, true, false, NULL                                                            \
  }
/* One that may be named, but is not called. */
#define NAME(module, name)                                                                                             \
  {                                                                                                                    \
    module, name, NULL, NULL, NULL, true, false, NULL                                                                  \
  }
#define STORAGE(module, name, dtype)                                                                                   \
  {                                                                                                                    \
    module, name, NULL, NULL, NULL, true, true, dtype                                                                  \
  }
static const PickleRule rules[] = {
  FUNCTION ("torch._utils", "_rebuild_tensor_v2", "SiTTbh|h", pickle_build_strided),
  FUNCTION ("torch._utils", "_rebuild_tensor_v3", "SiTTbhd|h", pickle_build_typed),
  FUNCTION ("torch._utils", "_rebuild_tensor", "SiTT", pickle_build_strided),
  FUNCTION ("torch._utils", "_rebuild_parameter", "tbh", pickle_build_parameter),
  FUNCTION ("torch._utils", "_rebuild_parameter_with_state", "tbhh", pickle_build_parameter),
  FUNCTION ("torch._utils", "_rebuild_sparse_tensor", "lP", pickle_build_sparse),
  FUNCTION ("torch._utils", "_rebuild_meta_tensor_no_storage", "dTTb", pickle_build_meta),
  FUNCTION ("torch._utils", "_rebuild_qtensor", "SiTTPbh", pickle_build_quantized),
  FUNCTION ("torch._utils", "_rebuild_wrapper_subclass", "cdTTilvb", pickle_build_wrapper),
  FUNCTION ("torch._utils", "_rebuild_device_tensor_from_cpu_tensor", "tdvb", pickle_build_converted),
  FUNCTION ("torch._utils", "_rebuild_device_tensor_from_numpy", "hdvb", pickle_build_converted),
  FUNCTION ("torch._tensor", "_rebuild_from_type_v2", "ccPh", pickle_build_typed_object),
  FUNCTION ("torch.tensor", "_rebuild_from_type_v2", "ccPh", pickle_build_typed_object),
  CLASS ("torch.nn.parameter", "Parameter", "t|b", pickle_build_parameter, NULL),
  FUNCTION ("torch._export.serde.serialize", "_reconstruct_fake_tensor", "kb", pickle_build_fake),
  NAME ("torch", "Tensor"),
  CLASS ("torch", "Size", "|T", build_size, "torch.Size"),
  CLASS ("torch", "device", "x|i", build_device, NULL),
  FUNCTION ("torch.serialization", "_get_layout", "x", build_layout),
  CLASS ("collections", "OrderedDict", "|D", build_dict, "collections.OrderedDict"),
  CLASS ("collections", "Counter", "|D", build_dict, "collections.Counter"),
  CLASS ("builtins", "set", "|L", build_set, NULL),
  CLASS ("__builtin__", "set", "|L", build_set, NULL),
  CLASS ("builtins", "frozenset", "|L", build_set, "frozenset"),
  CLASS ("__builtin__", "frozenset", "|L", build_set, "frozenset"),
  CLASS ("builtins", "complex", "n|n", build_complex, NULL),
  CLASS ("__builtin__", "complex", "n|n", build_complex, NULL),
  CLASS ("builtins", "bytearray", "|yx", build_bytes, "bytearray"),
  CLASS ("__builtin__", "bytearray", "|yx", build_bytes, "bytearray"),
  CLASS ("builtins", "bytes", "|k", build_bytes, NULL),
  CLASS ("__builtin__", "bytes", "|k", build_bytes, NULL),
  FUNCTION ("_codecs", "encode", "x|x", build_bytes),
  STORAGE ("torch", "DoubleStorage", "float64"),
  STORAGE ("torch", "FloatStorage", "float32"),
  STORAGE ("torch", "HalfStorage", "float16"),
  STORAGE ("torch", "LongStorage", "int64"),
  STORAGE ("torch", "IntStorage", "int32"),
  STORAGE ("torch", "ShortStorage", "int16"),
  STORAGE ("torch", "CharStorage", "int8"),
  STORAGE ("torch", "ByteStorage", "uint8"),
  STORAGE ("torch", "BoolStorage", "bool"),
  STORAGE ("torch", "BFloat16Storage", "bfloat16"),
  STORAGE ("torch", "ComplexDoubleStorage", "complex128"),
  STORAGE ("torch", "ComplexFloatStorage", "complex64"),
  STORAGE ("torch", "QInt8Storage", "qint8"),
  STORAGE ("torch", "QInt32Storage", "qint32"),
  STORAGE ("torch", "QUInt8Storage", "quint8"),
  STORAGE ("torch", "QUInt4x2Storage", "quint4x2"),
  STORAGE ("torch", "QUInt2x4Storage", "quint2x4"),
  STORAGE ("torch.storage", "UntypedStorage", NULL),
  STORAGE ("torch", "UntypedStorage", NULL),
};

const PickleRule *
pickle_find_rule (const char *module, size_t module_len, const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++)
    if (strcmp (rules[i].name, name) == 0 && is_module (module, module_len, rules[i].module))
      return &rules[i];
  return NULL;
}

const PickleRule *
pickle_rule_of (const Pt2PickleValue *value)
{
  return value->kind == PT2_PICKLE_GLOBAL ? ((const PickleGlobal *)value->global)->rule : NULL;
}

/* ---- arguments ---- */

static bool
is_sequence (const Pt2PickleValue *value)
{
  return value->kind == PT2_PICKLE_TUPLE || value->kind == PT2_PICKLE_LIST;
}

static bool
is_integers (const Pt2PickleValue *value)
{
  if (!is_sequence (value))
    return false;
  for (uint64_t i = 0; i < value->items.n; i++)
    if (value->items.at[i]->kind != PT2_PICKLE_INTEGER)
      return false;
  return true;
}

static bool
fits_letter (const Pt2PickleValue *value, char letter)
{
  Pt2PickleKind kind = value->kind;
  switch (letter)
    {
    case 'T':
      return is_integers (value);
    case 'L':
      return is_sequence (value) || kind == PT2_PICKLE_SET;
    case 'D':
      return is_sequence (value) || kind == PT2_PICKLE_DICT;
    case 'n':
      return kind == PT2_PICKLE_FLOAT || kind == PT2_PICKLE_INTEGER;
    case 'y':
      return kind == PT2_PICKLE_TEXT || kind == PT2_PICKLE_BYTES;
    case 'v':
      return kind == PT2_PICKLE_TEXT || kind == PT2_PICKLE_DEVICE;
    case 'h':
      return true;
    default:
      break;
    }
  static const char letters[] = "StibxdlPck";
  static const Pt2PickleKind kinds[]
      = { PT2_PICKLE_STORAGE, PT2_PICKLE_TENSOR, PT2_PICKLE_INTEGER, PT2_PICKLE_BOOL,   PT2_PICKLE_TEXT,
          PT2_PICKLE_DTYPE,   PT2_PICKLE_LAYOUT, PT2_PICKLE_TUPLE,   PT2_PICKLE_GLOBAL, PT2_PICKLE_BYTES };
  return kind == kinds[strchr (letters, letter) - letters];
}

/* What a builder will look at or copy; texts and lists can be the same ones again and again. */
static uint64_t
cost_of (const Pt2PickleValue *value, char letter)
{
  if (strchr ("TLD", letter) != NULL
      && (is_sequence (value) || value->kind == PT2_PICKLE_SET || value->kind == PT2_PICKLE_DICT))
    return value->items.n;
  return value->kind == PT2_PICKLE_TEXT || value->kind == PT2_PICKLE_BYTES ? value->text.len : 1;
}

bool
pickle_apply_rule (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments,
                   const Pt2PickleValue **value)
{
  *value = NULL;
  uint64_t n = 0;
  bool optional = false;
  for (const char *letter = rule->arguments; *letter != '\0'; letter++)
    {
      optional |= *letter == '|';
      if (*letter == '|' || (optional && n == arguments->n))
        continue;
      if (n == arguments->n)
        return pickle_fail (machine, PT2_ERROR_I020, "%s with %" G_GUINT64_FORMAT " arguments", rule->name, n);
      const Pt2PickleValue *argument = arguments->at[n++];
      if (!pickle_charge (machine, cost_of (argument, *letter)))
        return false;
      if (fits_letter (argument, *letter))
        continue;
      /* What is made from something opaque is opaque itself. */
      return argument->kind == PT2_PICKLE_OPAQUE
             || pickle_fail (machine, PT2_ERROR_I020, "%s: argument %" G_GUINT64_FORMAT " is a %s", rule->name, n,
                             pt2_pickle_kind_name (argument->kind));
    }
  if (n < arguments->n)
    return pickle_fail (machine, PT2_ERROR_I020, "%s with %" G_GUINT64_FORMAT " arguments", rule->name, arguments->n);
  *value = rule->build (machine, rule, arguments);
  return *value != NULL || machine->status->code == PT2_ERROR_NONE;
}
