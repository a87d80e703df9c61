/* SPDX-License-Identifier: Apache-2.0 */
/* PyTorch 2.1 called parameters and buffers as its tracer saw them: `L__self___layers_0.weight` where the user had
 * `layers.0.weight`. The stacks of modules on the nodes say which path a name stood for.
 */
#include "buffer.h"
#include "metadata.h"
#include "upgrade_private.h"
#include <string.h>

/* `L__self___layers_0` and the path that it stands for, `L['self'].layers[0]`. */
typedef struct
{
  Pt2String key; /* first, for the index */
  Pt2String path;
} Module;

typedef struct
{
  Pt2TextIndex index;
  Module *modules;
  uint32_t n, room;
  bool no_memory;
} Modules;

/* ---- modules on the nodes ---- */

static void
add_module (Modules *modules, Pt2String key, Pt2String path)
{
  if (pt2_text_index_find (&modules->index, modules->modules, sizeof *modules->modules, key) != PT2_TEXT_INDEX_NONE)
    return;
  if (modules->n == modules->room)
    {
      Module *wider = g_try_renew (Module, modules->modules, modules->room * 2 + 64);
      if (wider == NULL)
        {
          modules->no_memory = true;
          return;
        }
      modules->modules = wider;
      modules->room = modules->room * 2 + 64;
    }
  modules->modules[modules->n] = (Module){ key, path };
  modules->no_memory |= !pt2_text_index_add (&modules->index, modules->modules, sizeof *modules->modules, modules->n++);
}

/* Only stacks as major 1 has them name modules as its payloads do. */
static void
add_stack (Modules *modules, Pt2String text, const Pt2Limits *limits)
{
  Pt2Arena arena;
  Pt2ModuleStack stack;
  Pt2Status status = PT2_STATUS_INIT;
  pt2_arena_init (&arena, limits->memory, 0);
  bool older = pt2_metadata_read (PT2_METADATA_MODULE_STACK, &arena, text, limits, &stack, &status) && stack.older;
  for (uint32_t i = 0; older && i < stack.len && !modules->no_memory; i++)
    add_module (modules, stack.items[i].key, stack.items[i].path);
  modules->no_memory = modules->no_memory || status.code == PT2_ERROR_L001 || status.code == PT2_ERROR_L003;
  pt2_arena_clear (&arena);
}

static bool
add_graph (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count G_GNUC_UNUSED)
{
  Modules *modules = upgrading->step_data;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    {
      const Pt2StringToStringMap *notes = &graph->nodes.items[i].metadata;
      for (uint32_t j = 0; j < notes->len; j++)
        if (pt2_metadata_form_of (notes->entries[j].key) == PT2_METADATA_MODULE_STACK)
          add_stack (modules, notes->entries[j].value, upgrading->limits);
    }
  return !modules->no_memory;
}

/* ---- names ---- */

/* Bytes of `L__NAME___`, 0 if NAME does not begin so. */
static uint32_t
root_len (Pt2String name)
{
  if (!pt2_upgrade_starts (name, "L__"))
    return 0;
  const char *end = name.len > 4 ? g_strstr_len (name.data + 4, name.len - 4, "___") : NULL;
  return end != NULL ? (uint32_t)(end + 3 - name.data) : 0;
}

/* `PATH` of `getattr(PATH, 'NAME')`, and NAME; false for any other text. */
static bool
take_getattr (Pt2String *path, Pt2String *name)
{
  static const char head[] = "getattr(";
  uint32_t at = path->len;
  if (!pt2_upgrade_starts (*path, head) || at < strlen (head) + 6 || memcmp (path->data + at - 2, "')", 2) != 0)
    return false;
  for (at -= 2; at > strlen (head) + 2 && path->data[at - 1] != '\'';)
    at--;
  if (memcmp (path->data + at - 3, ", '", 3) != 0)
    return false;
  *name = (Pt2String){ path->data + at, path->len - 2 - at };
  *path = (Pt2String){ path->data + strlen (head), at - 3 - (uint32_t)strlen (head) };
  return true;
}

/* The names in `L['self'].layers[0]`, with dots. */
static char *
put_dotted (Pt2String path, char *out)
{
  const char *at = memchr (path.data, ']', path.len), *end = path.data + path.len, *start = out;
  for (at = at != NULL ? at + 1 : end; at < end; at++)
    if (*at == '.' || *at == '[')
      {
        if (out > start)
          *out++ = '.';
      }
    else if (strchr ("]'\"", *at) == NULL)
      *out++ = *at;
  return out;
}

enum
{
  DEEPEST = 64, /* getattr in getattr */
};

/* The path behind its root, with dots: `layers.0` for `L['self'].layers[0]` and for `getattr(L['self'].layers, '0')`.
 * {NULL, 0} if it is no such path. */
static Pt2String
dotted (Pt2Draft *draft, Pt2String path)
{
  Pt2String names[DEEPEST];
  unsigned n = 0;
  char *start = pt2_draft_alloc (draft, path.len), *out = start;
  while (n < DEEPEST && take_getattr (&path, &names[n]))
    n++;
  if (start == NULL || memchr (path.data, ']', path.len) == NULL)
    return (Pt2String){ NULL, 0 };
  out = put_dotted (path, out);
  while (n-- > 0)
    {
      if (out > start)
        *out++ = '.';
      out = pt2_put_bytes (out, names[n].data, names[n].len);
    }
  return (Pt2String){ start, (uint32_t)(out - start) };
}

/* The module whose key ends before the attribute's name: at a dot, or, if the name has a root and the module itself was
 * no module to the tracer, at an underscore. The longest one wins. */
static const Module *
module_of (const Modules *modules, Pt2String name, uint32_t root, uint32_t *len)
{
  for (uint32_t i = name.len; i-- > root;)
    if (name.data[i] == '.' || (root > 0 && name.data[i] == '_'))
      {
        const Pt2String key = { name.data, i };
        uint32_t at = pt2_text_index_find (&modules->index, modules->modules, sizeof *modules->modules, key);
        if (at != PT2_TEXT_INDEX_NONE && i + 1 < name.len)
          {
            *len = i + 1;
            return &modules->modules[at];
          }
      }
  return NULL;
}

enum
{
  LONGEST = 512, /* longer ones stay: looking for their module takes a look-up for each of their bytes */
};

static Pt2String
user_name (Pt2Draft *draft, const Modules *modules, Pt2String name)
{
  uint32_t root = root_len (name), len;
  const Module *module = name.len <= LONGEST ? module_of (modules, name, root, &len) : NULL;
  Pt2String path = module != NULL ? dotted (draft, module->path) : (Pt2String){ NULL, 0 };
  if (path.len > 0)
    return pt2_draft_printf (draft, "%.*s.%.*s", (int)path.len, path.data, (int)(name.len - len), name.data + len);
  return root < name.len ? (Pt2String){ name.data + root, name.len - root } : name;
}

/* ---- the step ---- */

static Pt2String *
name_in (Pt2InputSpec *spec)
{
  if (spec->which == PT2_INPUT_SPEC_PARAMETER)
    return &spec->parameter->parameter_name;
  return spec->which == PT2_INPUT_SPEC_BUFFER ? &spec->buffer->buffer_name : NULL;
}

static bool
make_renames (Pt2Upgrading *upgrading, const Modules *modules)
{
  Pt2InputSpecList *specs = &upgrading->draft->exported->graph_module.signature.input_specs;
  upgrading->renames = pt2_draft_alloc (upgrading->draft, specs->len * sizeof *upgrading->renames);
  for (uint32_t i = 0; upgrading->renames != NULL && i < specs->len; i++)
    {
      const Pt2String *name = name_in (&specs->items[i]);
      if (name != NULL)
        upgrading->renames[upgrading->n_renames++] = (Pt2Rename){ *name, user_name (upgrading->draft, modules, *name) };
    }
  return upgrading->renames != NULL && !pt2_draft_failed (upgrading->draft);
}

/* Two names may become one only where they were one. */
static bool
are_distinct (const Pt2Rename *renames, uint32_t n, bool *no_memory)
{
  Pt2TextIndex index;
  Module *seen = g_try_new (Module, (size_t)n + 1); /* key: the name now, path: the name before */
  uint32_t n_seen = 0;
  bool distinct = true;
  *no_memory = seen == NULL;
  pt2_text_index_init (&index);
  for (uint32_t i = 0; distinct && !*no_memory && i < n; i++)
    {
      uint32_t at = pt2_text_index_find (&index, seen, sizeof *seen, renames[i].to);
      if (at != PT2_TEXT_INDEX_NONE)
        distinct = pt2_upgrade_same (seen[at].path, renames[i].from);
      else
        {
          seen[n_seen] = (Module){ renames[i].to, renames[i].from };
          *no_memory = !pt2_text_index_add (&index, seen, sizeof *seen, n_seen++);
        }
    }
  pt2_text_index_clear (&index);
  g_free (seen);
  return distinct;
}

static Pt2String *
target_in (Pt2OutputSpec *spec)
{
  if (spec->which == PT2_OUTPUT_SPEC_BUFFER_MUTATION)
    return &spec->buffer_mutation->buffer_name;
  return spec->which == PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER ? &spec->gradient_to_parameter->parameter_name : NULL;
}

static int64_t
apply_renames (Pt2Upgrading *upgrading, const Modules *modules)
{
  Pt2GraphSignature *signature = &upgrading->draft->exported->graph_module.signature;
  int64_t count = 0;
  for (uint32_t i = 0, j = 0; i < signature->input_specs.len; i++)
    {
      Pt2String *name = name_in (&signature->input_specs.items[i]);
      if (name == NULL)
        continue;
      count += !pt2_upgrade_same (*name, upgrading->renames[j].to);
      *name = upgrading->renames[j++].to;
    }
  for (uint32_t i = 0; i < signature->output_specs.len; i++)
    {
      Pt2String *name = target_in (&signature->output_specs.items[i]);
      if (name != NULL)
        *name = user_name (upgrading->draft, modules, *name);
    }
  return count;
}

static int64_t
rename_all (Pt2Upgrading *upgrading, const Modules *modules)
{
  bool no_memory = false;
  if (!make_renames (upgrading, modules))
    return -1;
  bool distinct = are_distinct (upgrading->renames, upgrading->n_renames, &no_memory);
  upgrading->draft->no_memory |= no_memory;
  if (distinct)
    return apply_renames (upgrading, modules);
  upgrading->n_renames = 0; /* all stay: names that are mixed of both would help nobody */
  return 0;
}

int64_t
pt2_upgrade_user_names (Pt2Upgrading *upgrading)
{
  Modules modules = { .n = 0 };
  pt2_text_index_init (&modules.index);
  upgrading->step_data = &modules;
  int64_t count = pt2_upgrade_graphs (upgrading, add_graph) >= 0 ? rename_all (upgrading, &modules) : -1;
  upgrading->step_data = NULL;
  upgrading->draft->no_memory |= modules.no_memory;
  pt2_text_index_clear (&modules.index);
  g_free (modules.modules);
  return count;
}
