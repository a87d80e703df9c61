/* SPDX-License-Identifier: Apache-2.0 */
/* The opcodes by which Python imports and calls: here they look up the allow-list and build, or
 * make an opaque value that says what Python would have done. Each deed is counted with its global.
 */
#include "pickle_private.h"
#include "text.h"
#include <string.h>

/* ---- globals ---- */

PickleGlobal *
pickle_origin (const Pt2PickleValue *value)
{
  if (value->kind == PT2_PICKLE_GLOBAL)
    return (PickleGlobal *)value->global;
  return value->kind == PT2_PICKLE_OPAQUE ? ((const PickleOpaque *)value->opaque)->origin : NULL;
}

static void
note_deed (PickleMachine *machine, Pt2PickleDeed deed, PickleGlobal *global)
{
  machine->deed = deed;
  machine->deed_global = global;
  if (global == NULL)
    return;
  Pt2PickleGlobal *counts = &global->global;
  uint64_t *count[] = { NULL, &counts->imported, &counts->called, &counts->given_state, &counts->filled };
  (*count[deed])++;
}

void
pickle_note_fill (PickleMachine *machine, const Pt2PickleValue *target)
{
  note_deed (machine, PT2_PICKLE_DEED_FILL, pickle_origin (target));
}

static PickleGlobal *
add_global (PickleMachine *machine, Pt2String key, uint64_t module_len, uint64_t name_len)
{
  PickleGlobal *global = pickle_alloc (machine, sizeof *global);
  if (global == NULL)
    return NULL;
  Pt2PickleKind kind;
  const char *own = key.data + module_len + 1;
  global->global = (Pt2PickleGlobal){
    .name = key.data, .name_len = name_len, .module_len = module_len, .first_offset = machine->at
  };
  global->rule = pickle_find_rule (key.data, module_len, own);
  global->global.built = global->rule != NULL || pickle_find_constant (key.data, module_len, own, &kind);
  if (pickle_names_add (&machine->pickle->globals, key, global))
    return global;
  pickle_fail_memory (machine);
  return NULL;
}

/* "module.name", a NUL, and the length of the module: a.b of c is not a of b.c. */
static bool
make_key (PickleMachine *machine, Pt2PickleText module, Pt2PickleText own, Pt2String *key)
{
  uint64_t len = module.len + 1 + own.len;
  char *text = pickle_alloc (machine, len + 1 + sizeof module.len);
  if (text == NULL)
    return false;
  memcpy (text, module.data, module.len);
  text[module.len] = '.';
  memcpy (text + module.len + 1, own.data, own.len);
  memcpy (text + len + 1, &module.len, sizeof module.len);
  *key = (Pt2String){ text, (uint32_t)(len + 1 + sizeof module.len) };
  return true;
}

/* The global of that name, made if it is new. */
static PickleGlobal *
intern (PickleMachine *machine, Pt2PickleText module, Pt2PickleText own)
{
  Pt2String key;
  if (!pickle_charge (machine, module.len) || !pickle_charge (machine, own.len))
    return NULL;
  if (module.len > G_MAXINT32 / 2 || own.len > G_MAXINT32 / 2 || !pickle_text_is_valid (module)
      || !pickle_text_is_valid (own))
    {
      pickle_fail (machine, PT2_ERROR_I009, "the name of a global");
      return NULL;
    }
  if (!make_key (machine, module, own, &key))
    return NULL;
  PickleGlobal *global = pickle_names_find (&machine->pickle->globals, key);
  if (global == NULL)
    return add_global (machine, key, module.len, module.len + 1 + own.len);
  pt2_arena_shrink_last (&machine->pickle->arena, (char *)key.data, 0);
  return global;
}

/* A value for the global: a dtype and its like, or the function or class itself. */
static bool
push_global (PickleMachine *machine, Pt2PickleText module, Pt2PickleText own)
{
  PickleGlobal *global = intern (machine, module, own);
  if (global == NULL)
    return false;
  note_deed (machine, PT2_PICKLE_DEED_IMPORT, global);
  const Pt2PickleGlobal *public = &global->global;
  const char *name = public->name + public->module_len + 1;
  Pt2PickleKind kind = PT2_PICKLE_GLOBAL;
  bool constant
      = public->built && global->rule == NULL && pickle_find_constant (public->name, public->module_len, name, &kind);
  Pt2PickleValue *value = pickle_new (machine, kind);
  if (value == NULL)
    return false;
  if (constant)
    value->text = (Pt2PickleText){ name, strlen (name) };
  else
    value->global = public;
  return pickle_push (machine, value);
}

bool
pickle_step_global (PickleMachine *machine, const PickleToken *token)
{
  return push_global (machine, token->text, token->second);
}

bool
pickle_step_stack_global (PickleMachine *machine, const PickleToken *token)
{
  const Pt2PickleValue *own = pickle_pop (machine);
  const Pt2PickleValue *module = own != NULL ? pickle_pop (machine) : NULL;
  if (module == NULL)
    return false;
  if (own->kind != PT2_PICKLE_TEXT || module->kind != PT2_PICKLE_TEXT)
    return pickle_fail (machine, PT2_ERROR_I006, "the name of a global is a %s and a %s",
                        pt2_pickle_kind_name (module->kind), pt2_pickle_kind_name (own->kind));
  return push_global (machine, module->text, own->text);
}

/* A number in a registry that each Python keeps for itself. */
bool
pickle_step_extension (PickleMachine *machine, const PickleToken *token)
{
  static const char module[] = "copyreg";
  char name[64];
  int len = g_snprintf (name, sizeof name, "_inverted_registry[%" G_GINT64_FORMAT "]", (gint64)token->number);
  return push_global (machine, (Pt2PickleText){ module, strlen (module) }, (Pt2PickleText){ name, (uint64_t)len });
}

/* ---- calls ---- */

static Pt2PickleValue *
new_opaque (PickleMachine *machine, const Pt2PickleValue *callable, const Pt2PickleValue *arguments)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_OPAQUE);
  PickleOpaque *opaque = value != NULL ? pickle_alloc (machine, sizeof *opaque) : NULL;
  if (opaque == NULL)
    return NULL;
  opaque->opaque.callable = callable;
  opaque->opaque.arguments = arguments;
  opaque->origin = callable != NULL ? pickle_origin (callable) : NULL;
  value->opaque = &opaque->opaque;
  return value;
}

/* What CALLABLE would give for a tuple of ARGUMENTS. NEW: by its class's __new__ alone. */
static bool
push_call (PickleMachine *machine, const Pt2PickleValue *callable, const Pt2PickleValue *arguments,
           const Pt2PickleValue *keywords, bool new)
{
  if (callable->kind != PT2_PICKLE_GLOBAL && callable->kind != PT2_PICKLE_OPAQUE)
    return pickle_fail (machine, PT2_ERROR_I006, "a %s cannot be called", pt2_pickle_kind_name (callable->kind));
  if (arguments->kind != PT2_PICKLE_TUPLE)
    return pickle_fail (machine, PT2_ERROR_I006, "arguments are a %s", pt2_pickle_kind_name (arguments->kind));
  note_deed (machine, PT2_PICKLE_DEED_CALL, pickle_origin (callable));
  const PickleRule *rule = pickle_rule_of (callable);
  const Pt2PickleValue *value = NULL;
  if (rule != NULL && rule->build != NULL && keywords == NULL && (rule->is_class || !new)
      && !pickle_apply_rule (machine, rule, &arguments->items, &value))
    return false;
  if (value != NULL)
    return pickle_push (machine, value);
  Pt2PickleValue *opaque = new_opaque (machine, callable, arguments);
  if (opaque != NULL)
    ((Pt2PickleOpaque *)opaque->opaque)->keywords = keywords;
  return pickle_push (machine, opaque);
}

static bool
call_popped (PickleMachine *machine, bool new)
{
  const Pt2PickleValue *arguments = pickle_pop (machine);
  const Pt2PickleValue *callable = arguments != NULL ? pickle_pop (machine) : NULL;
  return callable != NULL && push_call (machine, callable, arguments, NULL, new);
}

bool
pickle_step_reduce (PickleMachine *machine, const PickleToken *token)
{
  return call_popped (machine, false);
}

bool
pickle_step_newobj (PickleMachine *machine, const PickleToken *token)
{
  return call_popped (machine, true);
}

bool
pickle_step_newobj_ex (PickleMachine *machine, const PickleToken *token)
{
  const Pt2PickleValue *keywords = pickle_pop (machine);
  const Pt2PickleValue *arguments = keywords != NULL ? pickle_pop (machine) : NULL;
  const Pt2PickleValue *callable = arguments != NULL ? pickle_pop (machine) : NULL;
  if (callable == NULL)
    return false;
  if (keywords->kind != PT2_PICKLE_DICT)
    return pickle_fail (machine, PT2_ERROR_I006, "keywords are a %s", pt2_pickle_kind_name (keywords->kind));
  return push_call (machine, callable, arguments, keywords->items.n > 0 ? keywords : NULL, true);
}

/* OBJ: the class is the first behind the mark. */
bool
pickle_step_obj (PickleMachine *machine, const PickleToken *token)
{
  Pt2PickleItems items;
  if (!pickle_pop_to_mark (machine, &items))
    return false;
  if (items.n == 0)
    return pickle_fail (machine, PT2_ERROR_I005, "OBJ without a class");
  const Pt2PickleValue *callable = items.at[0];
  const Pt2PickleValue *arguments
      = pickle_new_items (machine, PT2_PICKLE_TUPLE, (Pt2PickleItems){ items.at + 1, items.n - 1 });
  return arguments != NULL && push_call (machine, callable, arguments, NULL, false);
}

bool
pickle_step_inst (PickleMachine *machine, const PickleToken *token)
{
  Pt2PickleItems items;
  if (!pickle_pop_to_mark (machine, &items))
    return false;
  const Pt2PickleValue *arguments = pickle_new_items (machine, PT2_PICKLE_TUPLE, items);
  if (arguments == NULL || !push_global (machine, token->text, token->second))
    return false;
  return push_call (machine, pickle_pop (machine), arguments, NULL, false);
}

/* ---- state ---- */

static bool
takes_state (const Pt2PickleValue *value)
{
  return value->kind == PT2_PICKLE_OPAQUE || value->kind == PT2_PICKLE_TENSOR
         || (value->kind != PT2_PICKLE_GLOBAL && value->type != NULL);
}

/* A second one is refused: no writer gives it, and keeping only one of them would hide the other. */
bool
pickle_step_build (PickleMachine *machine, const PickleToken *token)
{
  const Pt2PickleValue *state = pickle_pop (machine);
  Pt2PickleValue *target = state != NULL ? pickle_top (machine) : NULL;
  if (target == NULL)
    return false;
  if (!takes_state (target) || target->state != NULL)
    return pickle_fail (machine, PT2_ERROR_I006, "BUILD on a %s%s", pt2_pickle_kind_name (target->kind),
                        target->state != NULL ? " that has its state already" : "");
  note_deed (machine, PT2_PICKLE_DEED_STATE, pickle_origin (target));
  target->state = state;
  return true;
}

/* ---- persistent ids ---- */

static bool
says (const Pt2PickleValue *value, const char *word)
{
  return (value->kind == PT2_PICKLE_TEXT || value->kind == PT2_PICKLE_BYTES) && pickle_text_equals (value->text, word);
}

static bool
push_persistent (PickleMachine *machine, const Pt2PickleValue *id)
{
  const Pt2PickleItems *parts = &id->items;
  bool tuple = id->kind == PT2_PICKLE_TUPLE && parts->n > 0;
  if (tuple && says (parts->at[0], "storage"))
    return pickle_push (machine, pickle_storage_of (machine, parts));
  /* In the old stream: a class, and the text of its source. */
  if (tuple && parts->n == 4 && says (parts->at[0], "module"))
    return pickle_push (machine, parts->at[1]);
  return pickle_push (machine, new_opaque (machine, NULL, id));
}

bool
pickle_step_persistent (PickleMachine *machine, const PickleToken *token)
{
  const Pt2PickleValue *id = pickle_pop (machine);
  return id != NULL && push_persistent (machine, id);
}

bool
pickle_step_persistent_line (PickleMachine *machine, const PickleToken *token)
{
  Pt2PickleValue *id = pickle_new (machine, PT2_PICKLE_TEXT);
  if (id == NULL)
    return false;
  if (!pickle_text_is_valid (token->text))
    return pickle_fail (machine, PT2_ERROR_I009, "PERSID");
  id->text = token->text;
  return push_persistent (machine, id);
}

/* ---- names ---- */

void *
pickle_names_find (const PickleNames *names, Pt2String name)
{
  uint32_t i = pt2_text_index_find (&names->index, names->names, sizeof *names->names, name);
  return i != PT2_TEXT_INDEX_NONE ? (void *)names->things.at[i] : NULL;
}

bool
pickle_names_add (PickleNames *names, Pt2String name, void *thing)
{
  uint32_t n = (uint32_t)names->things.n;
  if (n == names->names_room)
    {
      uint32_t room = n < 16 ? 16 : 2 * n;
      Pt2String *grown = room < G_MAXINT32 ? g_try_renew (Pt2String, names->names, room) : NULL;
      if (grown == NULL)
        return false;
      names->names = grown;
      names->names_room = room;
    }
  names->names[n] = name;
  return pickle_vector_push (&names->things, thing)
         && pt2_text_index_add (&names->index, names->names, sizeof *names->names, n);
}
