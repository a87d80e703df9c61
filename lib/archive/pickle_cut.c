/* SPDX-License-Identifier: Apache-2.0 */
#include "pickle_cut.h"
#include "sink.h"
#include "text.h"
#include "zip_write.h"
#include <string.h>

/* The opcodes that torch.save writes: those of protocol 2, and of 4 and 5 for who asks for them. */
enum
{
  OP_PROTO = 0x80,
  OP_STOP = '.',
  OP_MARK = '(',
  OP_BINPUT = 'q',
  OP_LONG_BINPUT = 'r',
  OP_BINGET = 'h',
  OP_LONG_BINGET = 'j',
  OP_TUPLE = 't',
  OP_APPENDS = 'e',
  OP_SETITEMS = 'u',
  OP_BINUNICODE = 'X',
  OP_SHORT_BINUNICODE = 0x8c,
  OP_ADDITEMS = 0x90,
  OP_FROZENSET = 0x91,
  OP_MEMOIZE = 0x94,
  OP_FRAME = 0x95,
};

enum
{
  NONE = G_MAXUINT32,
  NESTING_MOST = 200, /* of runs that are made in place of a memo */
  BUDGET_FACTOR = 128,
};

typedef struct
{
  uint64_t offset;
  uint32_t len;
  uint8_t code;
  uint32_t value; /* BINPUT, MEMOIZE: the value that is put; BINGET: the one that is got */
} Op;

/* A value: the opcodes that make it. */
typedef struct
{
  uint32_t begin, end;
  bool mark;
  bool alias; /* got from the memo: not made here */
} Value;

typedef struct
{
  const uint8_t *text; /* the pickle */
  size_t len;
  GArray *ops;    /* Op */
  GArray *values; /* Value */
  GArray *stack;  /* numbers of values */
  uint8_t protocol;
  GHashTable *memo;  /* number in the pickle → number of a value + 1 */
  GHashTable *items; /* key, as GBytes → number of its value + 1 */
  /* The new pickle: */
  Pt2Buffer out;
  GHashTable *numbers; /* value → number in the new memo + 1 */
  uint32_t n_numbers;
  const char *fault;
} Cut;

static bool
fail (Cut *cut, const char *what)
{
  if (cut->fault == NULL)
    cut->fault = what;
  return false;
}

static void
take_opcode (const Pt2PickleOpcode *opcode, gpointer data)
{
  Cut *cut = data;
  const Op op = { opcode->offset, (uint32_t)opcode->bytes, opcode->code, NONE };
  if (opcode->pickle == 0)
    g_array_append_val (cut->ops, op);
}

/* ---- which opcodes make what ---- */

static Op *
op_at (const Cut *cut, uint32_t i)
{
  return &g_array_index (cut->ops, Op, i);
}

static Value *
value_at (const Cut *cut, uint32_t i)
{
  return &g_array_index (cut->values, Value, i);
}

static void
push (Cut *cut, uint32_t begin, uint32_t end, bool mark, bool alias)
{
  const Value value = { begin, end, mark, alias };
  uint32_t number = cut->values->len;
  g_array_append_val (cut->values, value);
  g_array_append_val (cut->stack, number);
}

/* The value on top, or NULL. */
static Value *
top (const Cut *cut)
{
  guint n = cut->stack->len;
  return n > 0 ? value_at (cut, g_array_index (cut->stack, uint32_t, n - 1)) : NULL;
}

static bool
pop (Cut *cut, guint n)
{
  if (cut->stack->len < n)
    return fail (cut, "a stack that runs empty");
  g_array_set_size (cut->stack, cut->stack->len - n);
  return true;
}

/* How many values lie above the topmost mark; NONE if there is none. */
static guint
above_mark (const Cut *cut)
{
  for (guint n = 0; n < cut->stack->len; n++)
    if (value_at (cut, g_array_index (cut->stack, uint32_t, cut->stack->len - 1 - n))->mark)
      return n;
  return NONE;
}

static uint32_t
little_endian (const uint8_t *p, size_t len)
{
  uint32_t value = 0;
  for (size_t i = len; i > 0; i--)
    value = value << 8 | p[i - 1];
  return value;
}

/* MEMOIZE takes the next number. */
static uint32_t
memo_number (const Cut *cut, const Op *op)
{
  if (op->code == OP_MEMOIZE)
    return g_hash_table_size (cut->memo);
  return little_endian (cut->text + op->offset + 1, op->len - 1);
}

static bool
put_in_memo (Cut *cut, uint32_t i)
{
  Op *op = op_at (cut, i);
  if (top (cut) == NULL)
    return fail (cut, "a memo of nothing");
  op->value = g_array_index (cut->stack, uint32_t, cut->stack->len - 1);
  top (cut)->end = i + 1;
  g_hash_table_insert (cut->memo, GUINT_TO_POINTER (memo_number (cut, op)), GUINT_TO_POINTER (op->value + 1));
  return true;
}

static bool
get_from_memo (Cut *cut, uint32_t i)
{
  Op *op = op_at (cut, i);
  guint value = GPOINTER_TO_UINT (g_hash_table_lookup (cut->memo, GUINT_TO_POINTER (memo_number (cut, op))));
  if (value == 0)
    return fail (cut, "a memo that was never put");
  op->value = value - 1;
  push (cut, i, i + 1, false, true);
  return true;
}

/* An item of the dictionary itself. Only texts are names. */
static void
note_item (Cut *cut, const Value *key, uint32_t value)
{
  const Op *op = op_at (cut, key->begin);
  if (key->alias)
    op = op_at (cut, value_at (cut, op->value)->begin);
  uint32_t head = op->code == OP_BINUNICODE ? 5 : 2;
  if ((op->code == OP_BINUNICODE || op->code == OP_SHORT_BINUNICODE) && op->len >= head)
    g_hash_table_replace (cut->items, g_bytes_new_static (cut->text + op->offset + head, op->len - head),
                          GUINT_TO_POINTER (value + 1));
}

/* N values, keys and what they are for, go into the dictionary below them (and below a mark, MARKS of them). */
static bool
set_items (Cut *cut, uint32_t i, guint n, guint marks)
{
  guint depth = cut->stack->len;
  if (n == NONE || n % 2 != 0 || depth < n + marks + 1)
    return fail (cut, "a dictionary that is none");
  const uint32_t *items = &g_array_index (cut->stack, uint32_t, depth - n);
  for (guint j = 0; depth == n + marks + 1 && j < n; j += 2)
    note_item (cut, value_at (cut, items[j]), items[j + 1]);
  pop (cut, n + marks);
  if (top (cut)->alias)
    return fail (cut, "a value that is changed after it was made");
  top (cut)->end = i + 1;
  return true;
}

/* N values change the one below them. */
static bool
change (Cut *cut, uint32_t i, guint n)
{
  if (n == NONE || !pop (cut, n) || top (cut) == NULL || top (cut)->mark)
    return fail (cut, "a change of nothing");
  if (top (cut)->alias)
    return fail (cut, "a value that is changed after it was made");
  top (cut)->end = i + 1;
  return true;
}

/* A new value of the N on top. */
static bool
make (Cut *cut, uint32_t i, guint n)
{
  if (n == 0)
    {
      push (cut, i, i + 1, false, false);
      return true;
    }
  if (cut->stack->len < n)
    return fail (cut, "a stack that runs empty");
  uint32_t begin = value_at (cut, g_array_index (cut->stack, uint32_t, cut->stack->len - n))->begin;
  pop (cut, n);
  push (cut, begin, i + 1, false, false);
  return true;
}

/* What each other opcode takes from the stack to make one value of it. */
typedef struct
{
  uint8_t code;
  uint8_t takes;
} Maker;

static const Maker makers[] = {
  { 'c', 0 },  { ')', 0 },  { ']', 0 },  { '}', 0 },  { 0x8f, 0 }, { 'N', 0 },  { 0x88, 0 }, { 0x89, 0 },
  { 'J', 0 },  { 'K', 0 },  { 'M', 0 },  { 0x8a, 0 }, { 'G', 0 },  { 'X', 0 },  { 'U', 0 },  { 0x85, 1 },
  { 0x86, 2 }, { 0x87, 3 }, { 'R', 2 },  { 0x81, 2 }, { 'Q', 1 },  { 'B', 0 },  { 'C', 0 },  { 'T', 0 },
  { 0x8b, 0 }, { 0x8c, 0 }, { 0x8d, 0 }, { 0x8e, 0 }, { 0x96, 0 }, { 0x93, 2 }, { 0x92, 3 },
};

static bool
follow_other (Cut *cut, uint32_t i, uint8_t code)
{
  for (guint j = 0; j < G_N_ELEMENTS (makers); j++)
    if (makers[j].code == code)
      return make (cut, i, makers[j].takes);
  return fail (cut, "an opcode that torch.save does not write");
}

static bool
follow (Cut *cut, uint32_t i)
{
  guint n;
  switch (op_at (cut, i)->code)
    {
    case OP_PROTO:
      cut->protocol = cut->text[op_at (cut, i)->offset + 1];
      return true;
    case OP_STOP:
    case OP_FRAME:
      return true;
    case OP_MARK:
      push (cut, i, i + 1, true, false);
      return true;
    case OP_BINPUT:
    case OP_LONG_BINPUT:
    case OP_MEMOIZE:
      return put_in_memo (cut, i);
    case OP_BINGET:
    case OP_LONG_BINGET:
      return get_from_memo (cut, i);
    case OP_TUPLE:
    case OP_FROZENSET:
      n = above_mark (cut);
      return n != NONE ? make (cut, i, n + 1) : fail (cut, "a tuple without a mark");
    case OP_APPENDS:
    case OP_ADDITEMS:
      n = above_mark (cut);
      return change (cut, i, n != NONE ? n + 1 : NONE);
    case OP_SETITEMS:
      return set_items (cut, i, above_mark (cut), 1);
    case 's': /* SETITEM */
      return set_items (cut, i, 2, 0);
    case 'a': /* APPEND */
    case 'b': /* BUILD */
      return change (cut, i, 1);
    default:
      return follow_other (cut, i, op_at (cut, i)->code);
    }
}

/* ---- the new pickle ---- */

static bool
put (Cut *cut, const void *data, size_t len)
{
  if (!pt2_buffer_room (&cut->out, len))
    return fail (cut, "more bytes than there is memory for");
  pt2_buffer_put (&cut->out, data, len);
  return true;
}

/* A memo opcode: its short form where the number fits. */
static bool
put_numbered (Cut *cut, uint8_t shorter, uint8_t longer, uint32_t number)
{
  uint8_t bytes[5] = { number < 256 ? shorter : longer, (uint8_t)number, (uint8_t)(number >> 8),
                       (uint8_t)(number >> 16), (uint8_t)(number >> 24) };
  return put (cut, bytes, number < 256 ? 2 : sizeof bytes);
}

static bool put_run (Cut *cut, uint32_t begin, uint32_t end, guint depth);

static bool
put_got (Cut *cut, uint32_t i, guint depth)
{
  uint32_t value = op_at (cut, i)->value;
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (cut->numbers, GUINT_TO_POINTER (value)));
  if (number != 0)
    return put_numbered (cut, OP_BINGET, OP_LONG_BINGET, number - 1);
  const Value *made = value_at (cut, value);
  if (depth == NESTING_MOST || (made->begin <= i && i < made->end))
    return fail (cut, "a part that contains it");
  return put_run (cut, made->begin, made->end, depth + 1);
}

static bool
put_run (Cut *cut, uint32_t begin, uint32_t end, guint depth)
{
  bool fine = true;
  for (uint32_t i = begin; fine && i < end; i++)
    {
      const Op *op = op_at (cut, i);
      if (op->code == OP_BINGET || op->code == OP_LONG_BINGET)
        fine = put_got (cut, i, depth);
      else if (op->code == OP_BINPUT || op->code == OP_LONG_BINPUT || op->code == OP_MEMOIZE)
        {
          uint32_t number = cut->n_numbers++;
          g_hash_table_insert (cut->numbers, GUINT_TO_POINTER (op->value), GUINT_TO_POINTER (number + 1));
          fine = put_numbered (cut, OP_BINPUT, OP_LONG_BINPUT, number);
        }
      else if (op->code != OP_FRAME)
        fine = put (cut, cut->text + op->offset, op->len);
    }
  return fine;
}

static bool
follow_all (Cut *cut)
{
  bool fine = true;
  for (uint32_t i = 0; fine && i < cut->ops->len; i++)
    fine = op_at (cut, i)->offset + op_at (cut, i)->len <= cut->len ? follow (cut, i) : fail (cut, "no end");
  return fine;
}

static GBytes *
cut_pickle (Cut *cut, Pt2String key)
{
  const uint8_t proto[] = { OP_PROTO, MAX (cut->protocol, 2) }, stop[] = { OP_STOP };
  g_autoptr (GBytes) wanted = g_bytes_new_static (key.data, key.len);
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (cut->items, wanted));
  g_hash_table_remove_all (cut->numbers);
  cut->n_numbers = 0;
  cut->fault = NULL;
  if (found == 0)
    fail (cut, "no place in the dictionary itself");
  if (found == 0 || !put (cut, proto, sizeof proto))
    return NULL;
  const Value *value = value_at (cut, found - 1);
  if (put_run (cut, value->begin, value->end, 0) && put (cut, stop, sizeof stop))
    return pt2_buffer_to_bytes (&cut->out);
  pt2_buffer_clear (&cut->out);
  return NULL;
}

/* ---- the file around it ---- */

struct Pt2PickleCutter
{
  GBytes *data; /* the pickle */
  Cut cut;
  uint64_t budget; /* bytes that may still be cut out */
  Pt2Limits limits;
  /* The file around it: */
  Pt2Zip from;
  size_t root_len;
  Pt2Sink sink;
  Pt2ZipWriter zip;
};
typedef Pt2PickleCutter Around;

static bool
write_record (Around *around, const char *name, const void *data, size_t len, Pt2Status *status)
{
  g_autofree char *full = g_strconcat ("archive/", name, NULL);
  return pt2_zip_writer_begin (&around->zip, full, strlen (full), len, status)
         && pt2_zip_writer_put (&around->zip, data, len, status) && pt2_zip_writer_end (&around->zip, status);
}

static GBytes *
read_old (const Around *around, const char *name, Pt2Status *status)
{
  g_autoptr (GString) full = g_string_new_len (around->from.entries[0].name, (gssize)around->root_len);
  g_string_append (full, name);
  const Pt2ZipEntry *entry = pt2_zip_find (&around->from, full->str, full->len);
  if (entry != NULL)
    return pt2_zip_read (&around->from, entry, status);
  pt2_status_fail (status, PT2_ERROR_R011, PT2_NO_OFFSET, "a storage of it is missing");
  return NULL;
}

/* As it was, or as it is assumed to be where it was not said. */
static bool
copy_byteorder (Around *around, Pt2Status *status)
{
  Pt2Status missing = PT2_STATUS_INIT;
  g_autoptr (GBytes) old = read_old (around, "byteorder", &missing);
  size_t len = strlen ("little");
  const void *data = old != NULL ? g_bytes_get_data (old, &len) : "little";
  return write_record (around, "byteorder", data, len, status);
}

static bool
take_budget (Around *around, uint64_t bytes, Pt2Status *status)
{
  if (bytes > around->budget)
    return pt2_status_fail (status, PT2_ERROR_L003, PT2_NO_OFFSET, "pickled tensors in memory");
  around->budget -= bytes;
  return true;
}

static bool
copy_storages (Around *around, Pt2Pickle *pickle, Pt2Status *status)
{
  guint n;
  bool fine = true;
  const Pt2PickleStorage *const *storages = pt2_pickle_get_storages (pickle, &n);
  for (guint i = 0; fine && i < n; i++)
    {
      size_t len;
      g_autofree char *name = g_strdup_printf ("data/%.*s", (int)storages[i]->key.len, storages[i]->key.data);
      g_autoptr (GBytes) bytes = read_old (around, name, status);
      const void *data = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;
      fine = bytes != NULL && take_budget (around, len, status) && write_record (around, name, data, len, status);
    }
  return fine;
}

/* The order and the texts of torch.save. */
static bool
write_around (Around *around, GBytes *text, Pt2Pickle *pickle, Pt2Status *status)
{
  size_t len;
  char id[48];
  const void *data = g_bytes_get_data (text, &len);
  if (!take_budget (around, len, status) || !write_record (around, "data.pkl", data, len, status)
      || !write_record (around, ".format_version", "1", 1, status)
      || !write_record (around, ".storage_alignment", "64", 2, status) || !copy_byteorder (around, status)
      || !copy_storages (around, pickle, status) || !write_record (around, "version", "3\n", 2, status))
    return false;
  g_snprintf (id, sizeof id, "%020" G_GUINT64_FORMAT "%020" G_GUINT64_FORMAT, (guint64)0, around->zip.crc_chain);
  return write_record (around, ".data/serialization_id", id, strlen (id), status)
         && pt2_zip_writer_finish (&around->zip, status);
}

static GBytes *
wrap (Around *around, GBytes *text, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  /* By itself it has no storages, but it names them. */
  g_autoptr (Pt2Pickle) pickle = pt2_pickle_new_from_bytes (text, &around->limits, error);
  if (pickle == NULL)
    return NULL;
  pt2_sink_to_memory (&around->sink);
  pt2_zip_writer_init (&around->zip, &around->sink);
  GBytes *file = write_around (around, text, pickle, &status) ? pt2_sink_take (&around->sink) : NULL;
  pt2_zip_writer_clear (&around->zip);
  pt2_sink_clear (&around->sink);
  if (file == NULL)
    pt2_status_to_error (&status, error);
  return file;
}

/* ---- from outside ---- */

static void
init_cut (Cut *cut, GBytes *data)
{
  cut->text = g_bytes_get_data (data, &cut->len);
  cut->ops = g_array_new (FALSE, FALSE, sizeof (Op));
  cut->values = g_array_new (FALSE, FALSE, sizeof (Value));
  cut->stack = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  cut->memo = g_hash_table_new (NULL, NULL);
  cut->numbers = g_hash_table_new (NULL, NULL);
  cut->items = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
}

static void
clear_cut (Cut *cut)
{
  if (cut->ops == NULL)
    return;
  g_array_unref (cut->ops);
  g_array_unref (cut->values);
  g_array_unref (cut->stack);
  g_hash_table_unref (cut->memo);
  g_hash_table_unref (cut->numbers);
  g_hash_table_unref (cut->items);
  pt2_buffer_clear (&cut->out);
}

/* Values that share something have it each. They do not take more than a multiple of the file: a list that all of them
 * share would else make its square of it. */
static uint64_t
budget_of (const Pt2PickleCutter *cutter)
{
  const uint64_t memory = cutter->limits.memory;
  uint64_t budget = MIN (memory, 1 << 20);
  for (uint32_t i = 0; i < cutter->from.n_entries; i++)
    budget += MIN (cutter->from.entries[i].bytes, (memory - budget) / BUDGET_FACTOR) * BUDGET_FACTOR;
  return budget;
}

/* KEY: of the value that cannot be had; NULL: none of them can. */
static bool
fail_cut (const Pt2PickleCutter *cutter, const Pt2String *key, GError **error)
{
  char text[160];
  if (key == NULL)
    return pt2_error_set (error, PT2_ERROR_R011, NULL, "a pickle has %s", cutter->cut.fault);
  return pt2_error_set (error, PT2_ERROR_R011, NULL, "\"%s\" is pickled, and has %s",
                        pt2_text_escape (key->data, key->len, text, sizeof text), cutter->cut.fault);
}

static bool
open_file (Pt2PickleCutter *cutter, GBytes *file, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  if (!pt2_zip_open (&cutter->from, file, &cutter->limits, &status))
    return pt2_status_to_error (&status, error);
  const char *slash = cutter->from.n_entries > 0 ? strchr (cutter->from.entries[0].name, '/') : NULL;
  cutter->root_len = slash != NULL ? (size_t)(slash + 1 - cutter->from.entries[0].name) : 0;
  cutter->data = slash != NULL ? read_old (cutter, "data.pkl", &status) : NULL;
  if (cutter->data != NULL)
    return true;
  return pt2_error_set (error, PT2_ERROR_R011, NULL, "%s", "it is pickled in a form of its own");
}

Pt2PickleCutter *
pt2_pickle_cutter_new (GBytes *file, const Pt2Limits *limits, GError **error)
{
  Pt2PickleCutter *cutter = g_new0 (Pt2PickleCutter, 1);
  cutter->limits = *limits;
  bool fine = open_file (cutter, file, error);
  if (fine)
    {
      cutter->budget = budget_of (cutter);
      init_cut (&cutter->cut, cutter->data);
      g_autoptr (Pt2Pickle) listed = pt2_pickle_list (file, limits, take_opcode, &cutter->cut, NULL, error);
      fine = listed != NULL && (follow_all (&cutter->cut) || fail_cut (cutter, NULL, error));
    }
  if (fine)
    return cutter;
  pt2_pickle_cutter_free (cutter);
  return NULL;
}

void
pt2_pickle_cutter_free (Pt2PickleCutter *cutter)
{
  if (cutter == NULL)
    return;
  clear_cut (&cutter->cut);
  pt2_zip_clear (&cutter->from);
  g_clear_pointer (&cutter->data, g_bytes_unref);
  g_free (cutter);
}

GBytes *
pt2_pickle_cutter_cut (Pt2PickleCutter *cutter, Pt2String key, GError **error)
{
  g_autoptr (GBytes) text = cut_pickle (&cutter->cut, key);
  if (text != NULL)
    return wrap (cutter, text, error);
  fail_cut (cutter, &key, error);
  return NULL;
}
