/* SPDX-License-Identifier: Apache-2.0 */
/* The machine: a stack, a memo, and what the opcodes do to containers. It only ever makes values;
 * every list it grows has an item for at least one byte of the pickle.
 */
#include "pickle_private.h"
#include <stdlib.h>
#include <string.h>

/* ---- growing arrays ---- */

bool
pickle_vector_push (PickleVector *vector, const void *thing)
{
  if (vector->n == vector->room)
    {
      size_t room = vector->room < 16 ? 16 : 2 * vector->room;
      const void **at = room < SIZE_MAX / sizeof *at ? realloc (vector->at, room * sizeof *at) : NULL;
      if (at == NULL)
        return false;
      vector->at = at;
      vector->room = room;
    }
  vector->at[vector->n++] = thing;
  return true;
}

void
pickle_vector_clear (PickleVector *vector)
{
  free (vector->at);
  *vector = (PickleVector){ 0 };
}

/* ---- failing and making ---- */

bool
pickle_fail (PickleMachine *machine, Pt2ErrorCode code, const char *detail, ...)
{
  char text[256];
  va_list arguments;
  va_start (arguments, detail);
  g_vsnprintf (text, sizeof text, detail, arguments);
  va_end (arguments);
  return pt2_status_fail (machine->status, code, machine->at, "%s", text);
}

bool
pickle_fail_memory (PickleMachine *machine)
{
  const Pt2Arena *arena = &machine->pickle->arena;
  return pickle_fail (machine, arena->out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, "the values of the pickle");
}

void *
pickle_alloc (PickleMachine *machine, uint64_t size)
{
  void *memory = size < SIZE_MAX ? pt2_arena_alloc (&machine->pickle->arena, (size_t)size) : NULL;
  if (memory == NULL)
    pickle_fail_memory (machine);
  else
    memset (memory, 0, (size_t)size);
  return memory;
}

bool
pickle_charge (PickleMachine *machine, uint64_t n)
{
  enum
  {
    FREE = 65536, /* items */
    FACTOR = 64,  /* items for each byte so far */
  };
  machine->charged += n;
  return machine->charged <= FREE + FACTOR * (machine->at - machine->start)
         || pickle_fail (machine, PT2_ERROR_I022, "%s", "");
}

Pt2PickleValue *
pickle_new (PickleMachine *machine, Pt2PickleKind kind)
{
  Pt2PickleValue *value = machine->pickle->n_values < UINT32_MAX ? pickle_alloc (machine, sizeof *value) : NULL;
  if (value == NULL)
    {
      pickle_fail_memory (machine);
      return NULL;
    }
  value->kind = kind;
  value->id = machine->pickle->n_values++;
  return value;
}

/* ---- the stack ---- */

bool
pickle_push (PickleMachine *machine, const Pt2PickleValue *value)
{
  if (value == NULL)
    return false;
  return pickle_vector_push (&machine->stack, value) || pickle_fail_memory (machine);
}

Pt2PickleValue *
pickle_top (PickleMachine *machine)
{
  PickleVector *stack = &machine->stack;
  Pt2PickleValue *value = stack->n > 0 ? (Pt2PickleValue *)stack->at[stack->n - 1] : NULL;
  if (value == NULL)
    pickle_fail (machine, PT2_ERROR_I005, "%s", stack->n > 0 ? "a mark is in the way" : "the stack is empty");
  return value;
}

Pt2PickleValue *
pickle_pop (PickleMachine *machine)
{
  Pt2PickleValue *value = pickle_top (machine);
  if (value != NULL)
    machine->stack.n--;
  return value;
}

bool
pickle_pop_to_mark (PickleMachine *machine, Pt2PickleItems *items)
{
  PickleVector *stack = &machine->stack;
  size_t mark = stack->n;
  while (mark > 0 && stack->at[mark - 1] != NULL)
    mark--;
  if (mark == 0)
    return pickle_fail (machine, PT2_ERROR_I005, "no mark");
  *items = (Pt2PickleItems){ (const Pt2PickleValue *const *)(stack->at + mark), stack->n - mark };
  stack->n = mark - 1;
  return true;
}

bool
pickle_step_mark (PickleMachine *machine, const PickleToken *token)
{
  return pickle_vector_push (&machine->stack, NULL) || pickle_fail_memory (machine);
}

bool
pickle_step_stop (PickleMachine *machine, const PickleToken *token)
{
  machine->done = true;
  return pickle_top (machine) != NULL;
}

/* As in Python, a mark may be popped like a value. */
bool
pickle_step_pop (PickleMachine *machine, const PickleToken *token)
{
  if (machine->stack.n == 0)
    return pickle_fail (machine, PT2_ERROR_I005, "the stack is empty");
  machine->stack.n--;
  return true;
}

bool
pickle_step_pop_mark (PickleMachine *machine, const PickleToken *token)
{
  Pt2PickleItems items;
  return pickle_pop_to_mark (machine, &items);
}

bool
pickle_step_dup (PickleMachine *machine, const PickleToken *token)
{
  return pickle_push (machine, pickle_top (machine));
}

/* ---- the memo ---- */

static bool
remember (PickleMachine *machine, uint64_t index)
{
  PickleVector *memo = &machine->memo;
  const Pt2PickleValue *value = pickle_top (machine);
  if (value == NULL)
    return false;
  /* Every value that is remembered took bytes: a writer that counts cannot reach further. */
  if (index > machine->at - machine->start)
    return pickle_fail (machine, PT2_ERROR_I008, "%" G_GUINT64_FORMAT, index);
  while (memo->n <= index)
    if (!pickle_vector_push (memo, NULL))
      return pickle_fail_memory (machine);
  machine->remembered += memo->at[index] == NULL;
  memo->at[index] = value;
  return true;
}

static bool
recall (PickleMachine *machine, uint64_t index)
{
  const PickleVector *memo = &machine->memo;
  if (index >= memo->n || memo->at[index] == NULL)
    return pickle_fail (machine, PT2_ERROR_I007, "%" G_GUINT64_FORMAT, index);
  return pickle_push (machine, memo->at[index]);
}

bool
pickle_step_put (PickleMachine *machine, const PickleToken *token)
{
  return remember (machine, token->number);
}

bool
pickle_step_put_line (PickleMachine *machine, const PickleToken *token)
{
  int64_t index = 0;
  return pickle_line_number (machine, token->text, &index) && remember (machine, (uint64_t)index);
}

/* The index is how many are remembered, as in Python: gaps that PUT left do not count. */
bool
pickle_step_memoize (PickleMachine *machine, const PickleToken *token)
{
  return remember (machine, machine->remembered);
}

bool
pickle_step_get (PickleMachine *machine, const PickleToken *token)
{
  return recall (machine, token->number);
}

bool
pickle_step_get_line (PickleMachine *machine, const PickleToken *token)
{
  int64_t index = 0;
  return pickle_line_number (machine, token->text, &index) && recall (machine, (uint64_t)index);
}

/* ---- containers ---- */

/* Room is the power of two that holds the items. */
static uint64_t
room_of (uint64_t n)
{
  uint64_t room = n == 0 ? 0 : 1;
  while (room < n)
    room *= 2;
  return room;
}

bool
pickle_add_items (PickleMachine *machine, Pt2PickleItems *items, Pt2PickleItems more)
{
  uint64_t n = items->n + more.n, room = room_of (n);
  const Pt2PickleValue **at = (const Pt2PickleValue **)items->at;
  if (room > room_of (items->n))
    {
      at = pickle_alloc (machine, room * sizeof *at);
      if (at == NULL)
        return false;
      if (items->n > 0)
        memcpy (at, items->at, items->n * sizeof *at);
    }
  if (more.n > 0)
    memcpy (at + items->n, more.at, more.n * sizeof *at);
  *items = (Pt2PickleItems){ at, n };
  return true;
}

Pt2PickleValue *
pickle_new_items (PickleMachine *machine, Pt2PickleKind kind, Pt2PickleItems items)
{
  Pt2PickleValue *value = pickle_new (machine, kind);
  return value != NULL && pickle_add_items (machine, &value->items, items) ? value : NULL;
}

bool
pickle_charge_keys (PickleMachine *machine, Pt2PickleItems items)
{
  enum
  {
    FREE = 256, /* bytes of a key */
  };
  for (uint64_t i = 0; i < items.n; i += 2)
    {
      const Pt2PickleValue *key = items.at[i];
      bool text = key->kind == PT2_PICKLE_TEXT || key->kind == PT2_PICKLE_BYTES;
      if (text && key->text.len > FREE && !pickle_charge (machine, key->text.len - FREE))
        return false;
    }
  return true;
}

static bool
push_to_mark (PickleMachine *machine, Pt2PickleKind kind, const char *type)
{
  Pt2PickleItems items;
  if (!pickle_pop_to_mark (machine, &items))
    return false;
  if (kind == PT2_PICKLE_DICT && items.n % 2 != 0)
    return pickle_fail (machine, PT2_ERROR_I005, "a key without a value");
  if (kind == PT2_PICKLE_DICT && !pickle_charge_keys (machine, items))
    return false;
  Pt2PickleValue *value = pickle_new_items (machine, kind, items);
  if (value != NULL)
    value->type = type;
  return pickle_push (machine, value);
}

bool
pickle_step_tuple (PickleMachine *machine, const PickleToken *token)
{
  return push_to_mark (machine, PT2_PICKLE_TUPLE, NULL);
}

bool
pickle_step_list (PickleMachine *machine, const PickleToken *token)
{
  return push_to_mark (machine, PT2_PICKLE_LIST, NULL);
}

bool
pickle_step_dict (PickleMachine *machine, const PickleToken *token)
{
  return push_to_mark (machine, PT2_PICKLE_DICT, NULL);
}

bool
pickle_step_frozenset (PickleMachine *machine, const PickleToken *token)
{
  return push_to_mark (machine, PT2_PICKLE_SET, "frozenset");
}

/* EMPTY_TUPLE and TUPLE1 to TUPLE3 */
bool
pickle_step_tuple_of (PickleMachine *machine, const PickleToken *token)
{
  const Pt2PickleValue *items[3];
  size_t n = token->code == ')' ? 0 : (size_t)token->code - 0x84;
  for (size_t i = n; i > 0; i--)
    if ((items[i - 1] = pickle_pop (machine)) == NULL)
      return false;
  return pickle_push (machine, pickle_new_items (machine, PT2_PICKLE_TUPLE, (Pt2PickleItems){ items, n }));
}

bool
pickle_step_empty_list (PickleMachine *machine, const PickleToken *token)
{
  return pickle_push (machine, pickle_new (machine, PT2_PICKLE_LIST));
}

bool
pickle_step_empty_dict (PickleMachine *machine, const PickleToken *token)
{
  return pickle_push (machine, pickle_new (machine, PT2_PICKLE_DICT));
}

bool
pickle_step_empty_set (PickleMachine *machine, const PickleToken *token)
{
  return pickle_push (machine, pickle_new (machine, PT2_PICKLE_SET));
}

/* Adds to the value on top, which must be of KIND or opaque. PAIRS: to what was set in it. */
static bool
add_to_top (PickleMachine *machine, Pt2PickleKind kind, Pt2PickleItems items, bool pairs)
{
  Pt2PickleValue *target = pickle_top (machine);
  if (target == NULL)
    return false;
  if (pairs && items.n % 2 != 0)
    return pickle_fail (machine, PT2_ERROR_I005, "a key without a value");
  if (pairs && !pickle_charge_keys (machine, items))
    return false;
  if (target->kind == PT2_PICKLE_OPAQUE)
    {
      Pt2PickleOpaque *opaque = (Pt2PickleOpaque *)target->opaque;
      pickle_note_fill (machine, target);
      return pickle_add_items (machine, pairs ? &opaque->pairs : &opaque->items, items);
    }
  if (target->kind != kind || g_strcmp0 (target->type, "frozenset") == 0)
    return pickle_fail (machine, PT2_ERROR_I006, "nothing can be added to this %s",
                        pt2_pickle_kind_name (target->kind));
  return pickle_add_items (machine, &target->items, items);
}

/* The same for the N values on top of it. */
static bool
add_popped (PickleMachine *machine, Pt2PickleKind kind, size_t n, bool pairs)
{
  const Pt2PickleValue *items[2];
  for (size_t i = n; i > 0; i--)
    if ((items[i - 1] = pickle_pop (machine)) == NULL)
      return false;
  return add_to_top (machine, kind, (Pt2PickleItems){ items, n }, pairs);
}

static bool
add_to_mark (PickleMachine *machine, Pt2PickleKind kind, bool pairs)
{
  Pt2PickleItems items;
  return pickle_pop_to_mark (machine, &items) && add_to_top (machine, kind, items, pairs);
}

bool
pickle_step_append (PickleMachine *machine, const PickleToken *token)
{
  return add_popped (machine, PT2_PICKLE_LIST, 1, false);
}

bool
pickle_step_appends (PickleMachine *machine, const PickleToken *token)
{
  return add_to_mark (machine, PT2_PICKLE_LIST, false);
}

bool
pickle_step_additems (PickleMachine *machine, const PickleToken *token)
{
  return add_to_mark (machine, PT2_PICKLE_SET, false);
}

bool
pickle_step_setitem (PickleMachine *machine, const PickleToken *token)
{
  return add_popped (machine, PT2_PICKLE_DICT, 2, true);
}

bool
pickle_step_setitems (PickleMachine *machine, const PickleToken *token)
{
  return add_to_mark (machine, PT2_PICKLE_DICT, true);
}

/* ---- running ---- */

bool
pickle_step_proto (PickleMachine *machine, const PickleToken *token)
{
  if (token->number < 2 || token->number > 5)
    return pickle_fail (machine, PT2_ERROR_I001, "protocol %u", (guint)token->number);
  machine->pickle->protocol = (guint)token->number;
  return true;
}

/* A frame only says how many bytes to read at once; that they are there was seen when it was scanned. */
bool
pickle_step_frame (PickleMachine *machine, const PickleToken *token)
{
  return true;
}

bool
pickle_step_buffer (PickleMachine *machine, const PickleToken *token)
{
  return pickle_fail (machine, PT2_ERROR_I011, "%s", "");
}

bool
pickle_step_readonly (PickleMachine *machine, const PickleToken *token)
{
  return pickle_top (machine) != NULL;
}

void
pickle_machine_init (PickleMachine *machine, Pt2Pickle *pickle, uint64_t start, Pt2Status *status)
{
  *machine = (PickleMachine){ .pickle = pickle, .status = status, .start = start, .at = start };
}

void
pickle_machine_clear (PickleMachine *machine)
{
  pickle_vector_clear (&machine->stack);
  pickle_vector_clear (&machine->memo);
}

typedef bool (*PickleStep) (PickleMachine *machine, const PickleToken *token);

#define PICKLE_OPCODE(byte, name, layout, show, step) [byte] = pickle_step_##step,
static const PickleStep steps[256] = {
#include "opcodes.def"
};
#undef PICKLE_OPCODE

bool
pickle_machine_step (PickleMachine *machine, const PickleToken *token)
{
  machine->at = token->offset;
  machine->deed = PT2_PICKLE_DEED_NONE;
  machine->deed_global = NULL;
  if (token->offset == machine->start && pickle_opcodes[token->code].layout != PICKLE_LAYOUT_U1)
    return pickle_fail (machine, PT2_ERROR_I001, "it begins with %s", pickle_opcodes[token->code].name);
  return steps[token->code](machine, token);
}

const Pt2PickleValue *
pickle_machine_run (PickleMachine *machine, PickleScan *scan)
{
  PickleToken token;
  /* What is not even an opcode in the first place is no pickle at all. */
  if (scan->at == scan->size || scan->data[scan->at] != 0x80)
    {
      pickle_fail (machine, PT2_ERROR_I001, "it does not begin with PROTO");
      return NULL;
    }
  while (!machine->done)
    if (!pickle_scan_next (scan, &token, machine->status) || !pickle_machine_step (machine, &token))
      return NULL;
  return pickle_pop (machine);
}
