/* SPDX-License-Identifier: Apache-2.0 */
/* What the program says of its inputs and outputs, and how it is called. */
#include "build_private.h"

static void
put_named (GString *out, const char *spec, const Pt2BuildValue *value, const char *key, const char *target)
{
  g_string_append_printf (out, "{\"%s\": {\"arg\": {\"name\": ", spec);
  build_put_text (out, value->name);
  g_string_append_printf (out, "}, \"%s\": ", key);
  build_put_text (out, target);
}

static void
put_lone (GString *out, const char *spec, const Pt2BuildValue *value)
{
  g_string_append_printf (out, "{\"%s\": {\"arg\": {\"name\": ", spec);
  build_put_text (out, value->name);
  g_string_append_c (out, '}');
}

static void
put_object (GString *out, const Pt2BuildValue *value)
{
  g_string_append (out, "{\"custom_obj\": {\"arg\": ");
  g_string_append (out, value->meta);
  g_string_append (out, ", \"custom_obj_name\": ");
  build_put_text (out, value->fqn);
}

static void
put_input (GString *out, const Pt2BuildValue *value)
{
  switch (value->role)
    {
    case BUILD_TOKEN:
      put_lone (out, "token", value);
      break;
    case BUILD_PARAMETER:
      put_named (out, "parameter", value, "parameter_name", value->fqn);
      break;
    case BUILD_BUFFER:
      put_named (out, "buffer", value, "buffer_name", value->fqn);
      g_string_append_printf (out, ", \"persistent\": %s", value->persistent ? "true" : "false");
      break;
    case BUILD_CONSTANT:
      put_named (out, "tensor_constant", value, "tensor_constant_name", value->fqn);
      break;
    case BUILD_STORED_OBJECT:
      put_object (out, value);
      break;
    default:
      g_string_append (out, "{\"user_input\": {\"arg\": ");
      build_put_value (out, value);
    }
  g_string_append (out, "}}");
}

static void
put_mutation (GString *out, const BuildMutation *mutation)
{
  const Pt2BuildValue *target = mutation->target;
  if (target->role == BUILD_BUFFER)
    put_named (out, "buffer_mutation", mutation->value, "buffer_name", target->fqn);
  else if (target->role == BUILD_PARAMETER)
    put_named (out, "parameter_mutation", mutation->value, "parameter_name", target->fqn);
  else
    put_named (out, "user_input_mutation", mutation->value, "user_input_name", target->name);
  g_string_append (out, "}}");
}

static void
put_gradient (GString *out, const BuildMutation *gradient)
{
  const Pt2BuildValue *target = gradient->target;
  if (target->role == BUILD_PARAMETER)
    put_named (out, "gradient_to_parameter", gradient->value, "parameter_name", target->fqn);
  else
    put_named (out, "gradient_to_user_input", gradient->value, "user_input_name", target->name);
  g_string_append (out, "}}");
}

static void
put_user_output (GString *out, const Pt2BuildValue *value, gboolean loss)
{
  if (loss)
    put_lone (out, "loss_output", value);
  else
    {
      g_string_append (out, "{\"user_output\": {\"arg\": ");
      build_put_value (out, value);
    }
  g_string_append (out, "}}");
}

static void
put_outputs (GString *out, Pt2Builder *builder)
{
  const Pt2BuildGraph *root = pt2_build_root (builder);
  guint n = 0;
  for (guint i = 0; i < builder->tokens->len; i++)
    {
      g_string_append (out, n++ > 0 ? ", " : "");
      put_lone (out, "token", builder->tokens->pdata[i]);
      g_string_append (out, "}}");
    }
  for (guint i = 0; i < builder->mutations->len; i++)
    {
      g_string_append (out, n++ > 0 ? ", " : "");
      put_mutation (out, &g_array_index (builder->mutations, BuildMutation, i));
    }
  for (guint i = 0; i < root->outputs->len; i++)
    {
      g_string_append (out, n++ > 0 ? ", " : "");
      put_user_output (out, root->outputs->pdata[i], i == builder->loss);
    }
  for (guint i = 0; i < builder->gradients->len; i++)
    {
      g_string_append (out, n++ > 0 ? ", " : "");
      put_gradient (out, &g_array_index (builder->gradients, BuildMutation, i));
    }
}

void
build_put_signature (GString *out, Pt2Builder *builder)
{
  gboolean any = FALSE;
  g_string_append (out, ", \"signature\": {\"input_specs\": [");
  BUILD_FOREACH_INPUT (role, i, value, pt2_build_root (builder))
  {
    g_string_append (out, any ? ", " : "");
    put_input (out, value);
    any = TRUE;
  }
  g_string_append (out, "], \"output_specs\": [");
  put_outputs (out, builder);
  g_string_append (out, "]}");
}

void
build_put_call_signature (GString *out, const Pt2Builder *builder)
{
  g_autofree char *in = g_strdup_printf ("[1, %s]", builder->takes.spec->str);
  g_autofree char *result = g_strdup_printf ("[1, %s]", builder->gives.spec->str);
  g_string_append (
      out, ", \"module_call_graph\": [{\"fqn\": \"\", \"signature\": {\"inputs\": [], \"outputs\": [], \"in_spec\": ");
  build_put_text (out, in);
  g_string_append (out, ", \"out_spec\": ");
  build_put_text (out, result);
  g_string_append_printf (out, ", \"forward_arg_names\": [%s]}}]", builder->takes.arguments->str);
}
