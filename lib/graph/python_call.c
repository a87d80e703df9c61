/* SPDX-License-Identifier: Apache-2.0 */
/* Which arguments a call passes by place and which by name, as PyTorch's deserializer decides it. */
#include "python.h"
#include <stdlib.h>
#include <string.h>

static bool
pass (Pt2FxPrinter *printer, const Pt2FxArgument *value, Pt2String keyword)
{
  if (printer->n_passed == printer->passed_room)
    {
      uint32_t room = printer->passed_room == 0 ? 32 : printer->passed_room * 2;
      Pt2FxPassed *passed = room > printer->passed_room ? realloc (printer->passed, room * sizeof *passed) : NULL;
      if (passed == NULL)
        {
          printer->no_memory = true;
          return false;
        }
      printer->passed = passed;
      printer->passed_room = room;
    }
  printer->passed[printer->n_passed++] = (Pt2FxPassed){ value, keyword };
  return true;
}

/* Without a schema the file alone says it: a name means by name unless the kind says otherwise. */
static bool
arrange_as_told (Pt2FxPrinter *printer, const Pt2FxNode *call, bool nameless_by_place)
{
  for (uint32_t i = 0; i < call->n_inputs; i++)
    {
      const Pt2NamedArgument *parameter = pt2_fx_parameter (call, i);
      Pt2FxPassing passing = pt2_fx_node_get_argument_passing ((Pt2FxNode *)call, i);
      bool by_place
          = nameless_by_place ? passing == PT2_FX_POSITIONAL || parameter->name.len == 0 : passing != PT2_FX_KEYWORD;
      if (!pass (printer, &call->inputs[i], by_place ? (Pt2String){ NULL, 0 } : parameter->name))
        return false;
    }
  return true;
}

/* The last input of that name: PyTorch puts them into a dict. -1: there is none. */
static int64_t
find_input (const Pt2FxNode *call, Pt2String name)
{
  for (int64_t i = (int64_t)call->n_inputs - 1; i >= 0; i--)
    {
      Pt2String own = pt2_fx_parameter (call, i)->name;
      if (own.len == name.len && memcmp (own.data, name.data, name.len) == 0)
        return i;
    }
  return -1;
}

/* A keyword of Python cannot be passed by name: then it goes by place, and those that went by name before are lost. */
static bool
pass_by_schema (Pt2FxPrinter *printer, const Pt2FxArgument *value, const Pt2OpArgument *argument)
{
  bool by_place = argument->default_text.data == NULL && !argument->keyword_only;
  if (!by_place && !pt2_fx_name_is_keyword (argument->name))
    return pass (printer, value, argument->name);
  if (!by_place)
    {
      uint32_t n = 0;
      for (uint32_t i = 0; i < printer->n_passed; i++)
        if (printer->passed[i].keyword.data == NULL)
          printer->passed[n++] = printer->passed[i];
      printer->n_passed = n;
    }
  return pass (printer, value, (Pt2String){ NULL, 0 });
}

static bool
arrange_by_schema (Pt2FxPrinter *printer, const Pt2FxNode *call, const Pt2OpSchema *schema)
{
  for (guint i = 0; i < schema->n_arguments; i++)
    {
      const Pt2OpArgument *argument = &schema->arguments[i];
      int64_t at = find_input (call, argument->name);
      if (at < 0)
        continue;
      const Pt2FxArgument *value = &call->inputs[at];
      Pt2FxPassing passing = pt2_fx_node_get_argument_passing ((Pt2FxNode *)call, (guint)at);
      bool fine;
      if (passing == PT2_FX_POSITIONAL)
        fine = pass (printer, value, (Pt2String){ NULL, 0 });
      else if (passing == PT2_FX_KEYWORD && !pt2_fx_name_is_keyword (argument->name))
        fine = pass (printer, value, argument->name);
      else
        fine = pass_by_schema (printer, value, argument);
      if (!fine)
        return false;
    }
  return true;
}

bool
pt2_fx_arrange (Pt2FxPrinter *printer, const Pt2FxNode *call)
{
  static const char item[] = "torch.ops.aten.item.default";
  Pt2String target = call->source->target;
  printer->n_passed = 0;
  Pt2OpTarget kind = pt2_op_target_kind (target);
  if (kind == PT2_OP_TARGET_SYMBOLIC || (target.len == sizeof item - 1 && memcmp (target.data, item, target.len) == 0))
    {
      for (uint32_t i = 0; i < call->n_inputs; i++)
        if (!pass (printer, &call->inputs[i], (Pt2String){ NULL, 0 }))
          return false;
      return true;
    }
  const bool has_schema = kind == PT2_OP_TARGET_OVERLOAD || kind == PT2_OP_TARGET_EXTENSION;
  const Pt2OpSchema *schema = has_schema && printer->ops != NULL ? pt2_ops_find (printer->ops, target) : NULL;
  if (schema != NULL)
    return arrange_by_schema (printer, call, schema);
  return arrange_as_told (printer, call, !has_schema);
}
