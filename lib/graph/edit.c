/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a graph: each is checked as a whole before anything is touched. */
#include "signature.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

/* ---- copies of what is given ---- */

static void *
copy_bytes (Pt2FxModule *module, const void *from, size_t size)
{
  void *to = pt2_fx_alloc (module, size);
  if (to != NULL && size > 0)
    memcpy (to, from, size);
  return to;
}

Pt2String
pt2_fx_own_text (Pt2FxModule *module, const char *text, size_t len)
{
  return (Pt2String){ len <= UINT32_MAX ? copy_bytes (module, text, len) : NULL, (uint32_t)len };
}

static bool
copy_items (Pt2FxNode *user, const Pt2FxArgument *from, Pt2FxArgument *to)
{
  Pt2FxArgument *items = pt2_fx_alloc (user->graph->module, (size_t)from->len * sizeof *items);
  to->items = items;
  for (uint32_t i = 0; items != NULL && i < from->len; i++)
    if (!pt2_fx_copy_argument (user, &from->items[i], &items[i]))
      return false;
  return items != NULL;
}

static bool
copy_entries (Pt2FxNode *user, const Pt2FxArgument *from, Pt2FxArgument *to)
{
  Pt2FxModule *module = user->graph->module;
  Pt2FxEntry *entries = pt2_fx_alloc (module, (size_t)from->len * sizeof *entries);
  to->entries = entries;
  for (uint32_t i = 0; entries != NULL && i < from->len; i++)
    {
      entries[i].key = pt2_fx_own_text (module, from->entries[i].key.data, from->entries[i].key.len);
      if (entries[i].key.data == NULL || !pt2_fx_copy_argument (user, &from->entries[i].value, &entries[i].value))
        return false;
    }
  return entries != NULL;
}

static bool
copy_strings (Pt2FxModule *module, const Pt2FxArgument *from, Pt2FxArgument *to)
{
  Pt2String *strings = pt2_fx_alloc (module, (size_t)from->len * sizeof *strings);
  to->strings = strings;
  for (uint32_t i = 0; strings != NULL && i < from->len; i++)
    {
      strings[i] = pt2_fx_own_text (module, from->strings[i].data, from->strings[i].len);
      if (strings[i].data == NULL)
        return false;
    }
  return strings != NULL;
}

static bool
copy_device (Pt2FxModule *module, const Pt2FxArgument *from, Pt2FxArgument *to)
{
  Pt2Device *device = copy_bytes (module, from->device, sizeof *device);
  to->device = device;
  if (device != NULL)
    device->type = pt2_fx_own_text (module, from->device->type.data, from->device->type.len);
  return device != NULL && device->type.data != NULL;
}

/* Bytes of an item of the plain arrays. */
static size_t
item_size (uint8_t kind)
{
  return kind == PT2_FX_BOOLS ? sizeof (bool) : kind == PT2_FX_INTS ? sizeof (int64_t) : sizeof (double);
}

/* What the program has stays there; what was given, or made here, is copied. */
bool
pt2_fx_copy_argument (Pt2FxNode *user, const Pt2FxArgument *from, Pt2FxArgument *to)
{
  Pt2FxModule *module = user->graph->module;
  *to = *from;
  to->flags |= PT2_FX_OWN;
  switch (from->kind)
    {
    case PT2_FX_NODE:
      to->flags &= (guint8)~PT2_FX_OWN;
      return pt2_fx_add_use (user, to, from->node);
    case PT2_FX_STRING:
    case PT2_FX_OPERATOR:
      to->text = pt2_fx_own_text (module, from->text, from->len).data;
      return to->text != NULL;
    case PT2_FX_BOOLS:
    case PT2_FX_INTS:
    case PT2_FX_FLOATS:
      to->ints = copy_bytes (module, from->ints, from->len * item_size (from->kind));
      return to->ints != NULL;
    case PT2_FX_COMPLEX:
      to->complex = copy_bytes (module, from->complex, sizeof *from->complex);
      return to->complex != NULL;
    case PT2_FX_STRINGS:
      return copy_strings (module, from, to);
    case PT2_FX_DEVICE:
      return copy_device (module, from, to);
    case PT2_FX_LIST:
      return copy_items (user, from, to);
    case PT2_FX_DICT:
      return copy_entries (user, from, to);
    default: /* numbers; what only a file can hold stays the file's */
      to->flags = from->flags;
      return true;
    }
}

/* Can USER refer to all that VALUE holds? Ranges of order are looked at when a program is made. */
typedef struct
{
  Pt2FxGraph *graph;
  const Pt2FxNode *bad;
} Fit;

static bool
is_of_graph (const Pt2FxGraph *graph, const Pt2FxNode *node)
{
  return node != NULL && node->graph == graph && !(node->flags & PT2_FX_ERASED);
}

static bool
no_such_value (Pt2FxGraph *graph, const Pt2FxNode *node, GError **error)
{
  char text[80] = "no node";
  if (node != NULL)
    pt2_text_escape (node->name, node->name_len, text, sizeof text);
  return pt2_fx_fault (graph, NULL, PT2_ERROR_G009, error, "%s", text);
}

static gboolean
fits_graph (Pt2FxNode *value, gpointer data)
{
  Fit *fit = data;
  bool is_value = is_of_graph (fit->graph, value) && (value->op == PT2_FX_SUBGRAPH || pt2_fx_is_value (value));
  fit->bad = is_value ? NULL : value;
  return is_value;
}

bool
pt2_fx_check_value (Pt2FxGraph *graph, const Pt2FxArgument *value, GError **error)
{
  Fit fit = { graph, NULL };
  return pt2_fx_argument_foreach_node (value, fits_graph, &fit) || no_such_value (graph, fit.bad, error);
}

void
pt2_fx_drop_uses (Pt2FxModule *module, Pt2FxArgument *argument)
{
  if (argument->kind == PT2_FX_NODE)
    pt2_fx_remove_use (module, argument);
  for (uint32_t i = 0; argument->kind == PT2_FX_LIST && i < argument->len; i++)
    pt2_fx_drop_uses (module, (Pt2FxArgument *)&argument->items[i]);
  for (uint32_t i = 0; argument->kind == PT2_FX_DICT && i < argument->len; i++)
    pt2_fx_drop_uses (module, (Pt2FxArgument *)&argument->entries[i].value);
}

bool
pt2_fx_done (Pt2FxModule *module, bool fine, GError **error)
{
  module->edited = true;
  return fine || pt2_fx_no_memory (module, error);
}

/* What PyTorch reads as an output: no texts and no objects. */
static bool
can_be_returned (const Pt2FxArgument *value)
{
  switch (value->kind)
    {
    case PT2_FX_NONE:
    case PT2_FX_BOOL:
    case PT2_FX_INT:
    case PT2_FX_FLOAT:
      return true;
    default:
      return value->kind == PT2_FX_NODE && value->node->op != PT2_FX_SUBGRAPH
             && value->node->value_kind != PT2_FX_VALUE_OBJECT;
    }
}

gboolean
pt2_fx_node_set_argument (Pt2FxNode *node, guint index, const Pt2FxArgument *value, GError **error)
{
  Pt2FxModule *module = node->graph->module;
  Pt2FxArgument made;
  if (index >= node->n_inputs || node->op == PT2_FX_GETITEM || (node->flags & PT2_FX_ERASED))
    return pt2_fx_fault (node->graph, NULL, PT2_ERROR_G012, error, "argument %u of %.*s", index,
                         (int)MIN (node->name_len, 60), node->name);
  if (!pt2_fx_check_value (node->graph, value, error))
    return FALSE;
  if (node->op == PT2_FX_OUTPUT && !can_be_returned (value))
    return pt2_fx_fault (node->graph, NULL, PT2_ERROR_G006, error, "output %u", index);
  bool bare = node->op == PT2_FX_OUTPUT && node->graph->returns_bare;
  if (bare && value->kind != PT2_FX_NODE)
    return pt2_fx_fault (node->graph, NULL, PT2_ERROR_G007, error, "%s", "");
  if (!pt2_fx_copy_argument (node, value, &made))
    return pt2_fx_done (module, false, error);
  Pt2FxArgument *old = &node->inputs[index];
  made.flags |= old->flags & PT2_FX_PARAMETER_OWN;
  if (made.kind == PT2_FX_LIST && made.member == 0)
    made.member = old->member;
  pt2_fx_drop_uses (module, old);
  *old = made;
  return pt2_fx_done (module, true, error);
}

/* ---- names ---- */

bool
pt2_fx_check_name (Pt2FxGraph *graph, const char *name, GError **error)
{
  char text[80];
  size_t len = strlen (name);
  if (len > 0 && len <= UINT32_MAX && pt2_text_is_utf8 (name, len)
      && pt2_fx_names_find (&graph->names, (Pt2String){ name, (uint32_t)len }) == NULL)
    return true;
  return pt2_fx_fault (graph, NULL, PT2_ERROR_G010, error, "%s", pt2_text_escape (name, len, text, sizeof text));
}

/* What the program calls OLD is NODE now. Only the root's values have names that other texts know. */
bool
pt2_fx_remember (Pt2FxGraph *graph, Pt2String old, Pt2FxNode *node)
{
  Pt2FxModule *module = graph->module;
  if (graph->parent != NULL)
    return true;
  if (module->n_renames == module->renames_room)
    {
      uint32_t room = module->renames_room == 0 ? 16 : module->renames_room * 2;
      Pt2FxRename *renames = room > module->n_renames ? realloc (module->renames, room * sizeof *renames) : NULL;
      if (renames == NULL)
        return false;
      module->renames = renames;
      module->renames_room = room;
    }
  module->renames[module->n_renames++] = (Pt2FxRename){ old, node };
  return true;
}

gboolean
pt2_fx_node_rename (Pt2FxNode *node, const char *name, GError **error)
{
  Pt2FxModule *module = node->graph->module;
  Pt2FxNode *other;
  Pt2String old = pt2_fx_name (node);
  if (old.len == strlen (name) && memcmp (old.data, name, old.len) == 0)
    return TRUE;
  if (!pt2_fx_check_name (node->graph, name, error))
    return FALSE;
  Pt2String own = pt2_fx_own_text (module, name, strlen (name));
  if (own.data == NULL || !pt2_fx_remember (node->graph, old, node)
      || !pt2_fx_names_reserve (&node->graph->names, node->graph->names.n + 1))
    return pt2_fx_done (module, false, error);
  pt2_fx_names_remove (&node->graph->names, node);
  node->name = own.data;
  node->name_len = own.len;
  node->flags |= PT2_FX_NAME_OWN | PT2_FX_RENAMED;
  return pt2_fx_done (module, pt2_fx_names_add (&node->graph->names, node, &other), error);
}

/* ---- uses ---- */

/* Puts BY, a value or something plain, wherever ARGUMENT of USER refers to OLD. */
static void
exchange (Pt2FxArgument *argument, Pt2FxNode *user, Pt2FxNode *old, const Pt2FxArgument *by, bool *fine)
{
  if (argument->kind == PT2_FX_NODE && argument->node == old)
    {
      guint8 kept = argument->flags & PT2_FX_PARAMETER_OWN;
      pt2_fx_remove_use (old->graph->module, argument);
      *fine = pt2_fx_copy_argument (user, by, argument) && *fine;
      argument->flags |= kept;
      return;
    }
  for (uint32_t i = 0; argument->kind == PT2_FX_LIST && i < argument->len; i++)
    exchange ((Pt2FxArgument *)&argument->items[i], user, old, by, fine);
  for (uint32_t i = 0; argument->kind == PT2_FX_DICT && i < argument->len; i++)
    exchange ((Pt2FxArgument *)&argument->entries[i].value, user, old, by, fine);
}

/* A node other than EXCEPT that uses VALUE; NULL if there is none. */
static Pt2FxNode *
other_user (Pt2FxNode *value, const Pt2FxNode *except)
{
  Pt2FxUsers users;
  Pt2FxNode *user;
  pt2_fx_users_init (&users, value);
  while ((user = pt2_fx_users_next (&users)) != NULL && user == except)
    ;
  return user;
}

bool
pt2_fx_exchange_uses (Pt2FxNode *node, const Pt2FxArgument *by, Pt2FxNode *except)
{
  bool fine = true;
  for (Pt2FxNode *user; fine && (user = other_user (node, except)) != NULL;)
    for (uint32_t i = 0; i < user->n_inputs; i++)
      exchange (&user->inputs[i], user, node, by, &fine);
  return fine && (by->kind != PT2_FX_NODE || pt2_fx_remember (node->graph, pt2_fx_name (node), by->node));
}

/* Are the results there that getitems of NODE take, and of the same kinds? */
static bool
has_results (Pt2FxNode *node, const Pt2FxNode *by, const Pt2FxNode *except)
{
  const Pt2FxResult *results = by->value;
  Pt2FxUsers users;
  pt2_fx_users_init (&users, node);
  for (Pt2FxNode *user; (user = pt2_fx_users_next (&users)) != NULL;)
    if (user != except
        && (user->index >= by->n_results || results[user->index].kind != user->value_kind
            || (user->value_kind == PT2_FX_VALUE_LIST && results[user->index].n_items != user->n_results)))
      return false;
  return true;
}

static bool
gives_several (const Pt2FxNode *node)
{
  return node->value_kind == PT2_FX_VALUE_TUPLE || node->value_kind == PT2_FX_VALUE_LIST;
}

static bool hand_over (Pt2FxNode *node, Pt2FxNode *by, Pt2FxNode *except);

/* GETITEM takes a result that TAKER takes too: that is one value, and one node. */
static bool
merge_taker (Pt2FxNode *getitem, Pt2FxNode *taker)
{
  const Pt2FxArgument value = { .kind = PT2_FX_NODE, .node = taker };
  if (gives_several (getitem) ? !hand_over (getitem, taker, NULL) : !pt2_fx_exchange_uses (getitem, &value, NULL))
    return false;
  pt2_fx_take_out (getitem);
  return true;
}

/* The getitems of NODE, which are all that uses it, become those of BY. A list among the results has some of its own;
 * no deeper, since what is in a list is a tensor. */
static bool
hand_over (Pt2FxNode *node, Pt2FxNode *by, Pt2FxNode *except)
{
  g_autofree Pt2FxNode **takers = g_try_new0 (Pt2FxNode *, by->n_results + 1);
  Pt2FxUsers users;
  bool fine = takers != NULL;
  pt2_fx_users_init (&users, by);
  for (Pt2FxNode *user; fine && (user = pt2_fx_users_next (&users)) != NULL;)
    takers[user->index] = user;
  for (Pt2FxNode *user; fine && (user = other_user (node, except)) != NULL;)
    if (takers[user->index] != NULL)
      fine = merge_taker (user, takers[user->index]);
    else
      {
        takers[user->index] = user;
        pt2_fx_remove_use (node->graph->module, &user->inputs[0]);
        fine = pt2_fx_add_use (user, &user->inputs[0], by);
      }
  return fine;
}

gboolean
pt2_fx_node_replace_uses (Pt2FxNode *node, Pt2FxNode *by, Pt2FxNode *except, GError **error)
{
  Pt2FxModule *module = node->graph->module;
  const Pt2FxArgument value = { .kind = PT2_FX_NODE, .node = by };
  /* An output may be among the users, and can be neither. */
  bool several = gives_several (node), misfits = (node->op == PT2_FX_SUBGRAPH) != (by->op == PT2_FX_SUBGRAPH);
  misfits = misfits || (by->value_kind == PT2_FX_VALUE_OBJECT && node->value_kind != PT2_FX_VALUE_OBJECT);
  if (node == by)
    return TRUE;
  if (misfits || (several && !is_of_graph (node->graph, by)))
    return no_such_value (node->graph, by, error);
  if (!several && !pt2_fx_check_value (node->graph, &value, error))
    return FALSE;
  if (several && (!gives_several (by) || !has_results (node, by, except)))
    return pt2_fx_fault (node->graph, NULL, PT2_ERROR_G013, error, "%.*s", (int)MIN (by->name_len, 60), by->name);
  return pt2_fx_done (module, several ? hand_over (node, by, except) : pt2_fx_exchange_uses (node, &value, except),
                      error);
}

/* ---- taking out ---- */

static void
take_out (Pt2FxNode *node)
{
  Pt2FxModule *module = node->graph->module;
  pt2_fx_names_remove (&node->graph->names, node);
  pt2_fx_unlink (node);
  node->flags |= PT2_FX_ERASED;
  for (uint32_t i = 0; i < node->n_inputs; i++)
    pt2_fx_drop_uses (module, &node->inputs[i]);
}

/* Is NODE used by nothing but getitems that are not used either? */
static bool
is_unused (Pt2FxNode *node)
{
  Pt2FxUsers users;
  pt2_fx_users_init (&users, node);
  for (Pt2FxNode *user; (user = pt2_fx_users_next (&users)) != NULL;)
    if (user->op != PT2_FX_GETITEM || !is_unused (user))
      return false;
  return true;
}

static gboolean
take_reference (Pt2FxNode *value, gpointer data)
{
  if (value->op == PT2_FX_SUBGRAPH && value->n_uses == 0 && !(value->flags & PT2_FX_ERASED))
    {
      value->subgraph->shadowed = true;
      take_out (value);
    }
  return TRUE;
}

void
pt2_fx_take_out (Pt2FxNode *node)
{
  while (node->first_use != 0)
    pt2_fx_take_out (pt2_fx_use (node->graph->module, node->first_use)->user);
  take_out (node);
  for (uint32_t i = 0; i < node->n_inputs; i++)
    pt2_fx_argument_foreach_node (&node->inputs[i], take_reference, NULL);
}

gboolean
pt2_fx_node_erase (Pt2FxNode *node, GError **error)
{
  bool input = node->op == PT2_FX_PLACEHOLDER;
  bool can_go = node->op != PT2_FX_OUTPUT && !(node->flags & PT2_FX_ERASED) && !(input && pt2_fx_is_changed (node));
  if (!can_go || !is_unused (node))
    return pt2_fx_fault (node->graph, node->op == PT2_FX_CALL ? node->source : NULL, PT2_ERROR_G011, error, "%.*s",
                         (int)MIN (node->name_len, 60), node->name);
  Pt2FxModule *module = node->graph->module;
  bool passed = input && node->graph->parent == NULL && node->spec != NULL && pt2_fx_is_passed (node->spec);
  module->inputs_changed = module->inputs_changed || passed;
  module->edited = true;
  pt2_fx_take_out (node);
  return TRUE;
}
