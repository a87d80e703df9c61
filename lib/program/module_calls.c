/* SPDX-License-Identifier: Apache-2.0 */
/* The module call graph, of any schema major. */
#include "pt2-tree-spec.h"
#include "shapes_source.h"

struct Pt2ModuleCalls
{
  Pt2Arena arena;
  Pt2ModuleCall *calls;
  guint n;
};

/* The value that an argument names; absent if it is a constant. */
static Pt2String
value_name (Pt2Source argument)
{
  static const char *const members[][2] = { { "as_tensor", "name" },
                                            { "as_sym_int", "as_name" },
                                            { "as_sym_float", "as_name" },
                                            { "as_sym_bool", "as_name" },
                                            { "as_custom_obj", "name" } };
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      Pt2String name = pt2_source_text (pt2_source_at (argument, members[i], 2));
      if (name.data != NULL)
        return name;
    }
  return (Pt2String){ NULL, 0 };
}

/* The texts of a list, each as OF says; false if there is no memory. */
static bool
read_texts (Pt2ModuleCalls *calls, Pt2Source list, Pt2String (*of) (Pt2Source), const Pt2String **texts, guint *n)
{
  guint len = pt2_source_length (list);
  Pt2String *made = pt2_arena_alloc (&calls->arena, len * sizeof *made);
  for (guint i = 0; made != NULL && i < len; i++)
    made[i] = of (pt2_source_item (list, i));
  *texts = made;
  *n = made != NULL ? len : 0;
  return made != NULL;
}

static bool
read_call (Pt2ModuleCalls *calls, Pt2Source source, Pt2ModuleCall *call)
{
  Pt2Source signature = pt2_source_get (source, "signature");
  *call = (Pt2ModuleCall){ .fqn = pt2_source_text (pt2_source_get (source, "fqn")),
                           .preserved = pt2_source_exists (signature),
                           .in_spec = pt2_source_text (pt2_source_get (signature, "in_spec")),
                           .out_spec = pt2_source_text (pt2_source_get (signature, "out_spec")) };
  return read_texts (calls, pt2_source_get (signature, "inputs"), value_name, &call->inputs, &call->n_inputs)
         && read_texts (calls, pt2_source_get (signature, "outputs"), value_name, &call->outputs, &call->n_outputs)
         && read_texts (calls, pt2_source_get (signature, "forward_arg_names"), pt2_source_text, &call->names,
                        &call->n_names);
}

Pt2ModuleCalls *
pt2_module_calls_new (Pt2Program *program, GError **error)
{
  static const char *const path[] = { "graph_module", "module_call_graph" };
  Pt2Source list = pt2_source_at (pt2_source_root (program), path, G_N_ELEMENTS (path));
  guint n = pt2_source_length (list);
  Pt2ModuleCalls *calls = g_new0 (Pt2ModuleCalls, 1);
  pt2_arena_init (&calls->arena, UINT64_MAX, 0);
  calls->calls = pt2_arena_alloc (&calls->arena, n * sizeof *calls->calls);
  bool ok = calls->calls != NULL;
  for (; ok && calls->n < n; calls->n++)
    ok = read_call (calls, pt2_source_item (list, calls->n), &calls->calls[calls->n]);
  if (ok)
    return calls;
  pt2_module_calls_free (calls);
  pt2_error_set (error, PT2_ERROR_L001, NULL, "the module calls");
  return NULL;
}

void
pt2_module_calls_free (Pt2ModuleCalls *calls)
{
  pt2_arena_clear (&calls->arena);
  g_free (calls);
}

const Pt2ModuleCall *
pt2_module_calls_get (const Pt2ModuleCalls *calls, guint *n)
{
  *n = calls->n;
  return calls->calls;
}
