/* SPDX-License-Identifier: Apache-2.0 */
/* What a target's form says, and the few names that are no operators with schemas. The lists are those of PyTorch
 * 2.15: its higher-order operators and the symbolic operations that its serialiser knows. */
#include "pt2-ops.h"
#include <string.h>

static const char higher_order[] = "torch.ops.higher_order.";

static const char *const higher_order_names[] = {
  "_export_tracepoint",
  "aoti_call_delegate",
  "associative_scan",
  "auto_functionalized",
  "auto_functionalized_v2",
  "autograd_function_apply",
  "call_torchbind",
  "cond",
  "custom_function_call",
  "dynamo_bypassing_wrapper",
  "executorch_call_delegate",
  "flat_apply",
  "flex_attention",
  "flex_attention_backward",
  "flex_gemm",
  "foreach_map",
  "graphsafe_run_with_rng_state",
  "hints_wrapper",
  "inductor_compiled_code",
  "inline_asm_elementwise",
  "invoke_leaf_function",
  "invoke_quant",
  "invoke_quant_packed",
  "invoke_subgraph",
  "local_map_hop",
  "map_impl",
  "out_dtype",
  "print",
  "register_hook",
  "run_and_save_rng_state",
  "run_const_graph",
  "run_dtensor_rng_op",
  "run_with_rng_state",
  "scan",
  "strict_mode",
  "switch",
  "tag_activation_checkpoint",
  "triton_kernel_wrapper_functional",
  "triton_kernel_wrapper_mutation",
  "while_loop",
  "while_loop_stack_output",
  "with_effects",
  "wrap",
  "wrap_activation_checkpoint",
  "wrap_with_autocast",
  "wrap_with_set_grad_enabled",
};

enum
{
  MOST_INPUTS = 3,
};

static const struct
{
  const char *target;
  const char *inputs[MOST_INPUTS + 1];
} symbolic[] = {
  { "_operator.add", { "a", "b" } },     { "_operator.and_", { "a", "b" } },
  { "_operator.eq", { "a", "b" } },      { "_operator.floordiv", { "a", "b" } },
  { "_operator.ge", { "a", "b" } },      { "_operator.gt", { "a", "b" } },
  { "_operator.le", { "a", "b" } },      { "_operator.lshift", { "a", "b" } },
  { "_operator.lt", { "a", "b" } },      { "_operator.mod", { "a", "b" } },
  { "_operator.mul", { "a", "b" } },     { "_operator.ne", { "a", "b" } },
  { "_operator.neg", { "a" } },          { "_operator.or_", { "a", "b" } },
  { "_operator.pos", { "a" } },          { "_operator.pow", { "a", "b" } },
  { "_operator.rshift", { "a", "b" } },  { "_operator.sub", { "a", "b" } },
  { "_operator.truediv", { "a", "b" } }, { "math.trunc", { "x" } },
  { "torch._sym_sqrt", { "a" } },        { "torch.sym_float", { "a" } },
  { "torch.sym_int", { "a" } },          { "torch.sym_ite", { "b", "t", "f" } },
  { "torch.sym_max", { "a", "b" } },     { "torch.sym_min", { "a", "b" } },
  { "torch.sym_not", { "a" } },
};

static bool
begins (Pt2String text, const char *beginning)
{
  size_t len = strlen (beginning);
  return text.len >= len && memcmp (text.data, beginning, len) == 0;
}

static bool
equals (Pt2String text, const char *other)
{
  return begins (text, other) && text.len == strlen (other);
}

/* The name of a higher-order operator, absent if TARGET is none by its form. Programs of PyTorch 2.1 and 2.2 leave
 * `higher_order.` out; nothing else has a name of one part. */
static Pt2String
higher_order_name (Pt2String target)
{
  static const char before[] = "torch.ops.";
  size_t len = begins (target, higher_order) ? sizeof higher_order - 1
               : begins (target, before)     ? sizeof before - 1
                                             : 0;
  const Pt2String name = { target.data + len, target.len - (uint32_t)len };
  bool is_name = len > 0 && name.len > 0 && (len > sizeof before || memchr (name.data, '.', name.len) == NULL);
  return is_name ? name : (Pt2String){ NULL, 0 };
}

Pt2OpTarget
pt2_op_target_kind (Pt2String target)
{
  guint n;
  if (higher_order_name (target).data != NULL)
    return PT2_OP_TARGET_HIGHER_ORDER;
  if (begins (target, "torch.ops."))
    return PT2_OP_TARGET_OVERLOAD;
  if (begins (target, "#"))
    return PT2_OP_TARGET_EXTENSION;
  return pt2_op_symbolic_inputs (target, &n) != NULL ? PT2_OP_TARGET_SYMBOLIC : PT2_OP_TARGET_OTHER;
}

const char *const *
pt2_op_symbolic_inputs (Pt2String target, guint *n)
{
  *n = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (symbolic); i++)
    if (equals (target, symbolic[i].target))
      {
        while (symbolic[i].inputs[*n] != NULL)
          ++*n;
        return symbolic[i].inputs;
      }
  return NULL;
}

const char *const *
pt2_op_higher_order_names (guint *n)
{
  *n = G_N_ELEMENTS (higher_order_names);
  return higher_order_names;
}

gboolean
pt2_op_is_known_higher_order (Pt2String target)
{
  const Pt2String name = higher_order_name (target);
  for (size_t i = 0; i < G_N_ELEMENTS (higher_order_names); i++)
    if (name.data != NULL && equals (name, higher_order_names[i]))
      return TRUE;
  return FALSE;
}
