/* SPDX-License-Identifier: Apache-2.0 */
/* Targets: what PyTorch resolves, what it does not, and what it would find although it is no operator. */
#include "check_private.h"
#include "targets.h"

/* Functions that are no overloads and that PyTorch's verifier lets through, beside all of torch.ops. */
static const char *const functions[] = {
  "_operator.getitem",
  "_operator.add",
  "_operator.mul",
  "_operator.sub",
  "_operator.truediv",
  "_operator.ge",
  "_operator.le",
  "_operator.gt",
  "_operator.lt",
  "_operator.eq",
  "_operator.ne",
  "_operator.floordiv",
  "_operator.mod",
  "_operator.and_",
  "_operator.or_",
  "_operator.not_",
  "_operator.pow",
  "_operator.neg",
  "_operator.abs",
  "_operator.lshift",
  "_operator.rshift",
  "_operator.pos",
  "_operator.xor",
  "_operator.invert",
  "math.ceil",
  "math.floor",
  "math.trunc",
  "torch.sym_int",
  "torch.sym_float",
  "torch.sym_ite",
  "torch.sym_max",
  "torch.sym_min",
  "torch.sym_not",
  "torch.sym_sqrt",
  "torch._sym_sqrt",
  "torch.sym_sum",
  "builtins.round",
  "builtins.abs",
  "builtins.max",
  "builtins.min",
  "torch._C._set_grad_enabled",
  "torch.amp.autocast_mode._enter_autocast",
  "torch.amp.autocast_mode._exit_autocast",
  "torch.fx.experimental.symbolic_shapes.cast_symbool_to_symint_guardless",
  "torch._check",
  "torch._check_is_size",
};

static bool
is_word (const char *data, uint32_t len)
{
  for (uint32_t i = 0; i < len; i++)
    if (!g_ascii_isalnum (data[i]) && data[i] != '_')
      return false;
  return len > 0 && !g_ascii_isdigit (data[0]);
}

/* Words with points between them, at least LEAST of them. */
static bool
is_dotted (Pt2String text, uint32_t least)
{
  uint32_t n = 0, from = 0;
  for (uint32_t i = 0; i <= text.len; i++)
    if (i == text.len || text.data[i] == '.')
      {
        if (!is_word (text.data + from, i - from))
          return false;
        n++;
        from = i + 1;
      }
  return n >= least;
}

/* "#namespace:name" */
static bool
is_extension (Pt2String target)
{
  const char *colon = target.len > 1 ? memchr (target.data + 1, ':', target.len - 1) : NULL;
  uint32_t rest = colon != NULL ? (uint32_t)(target.data + target.len - (colon + 1)) : 0;
  return rest > 0 && colon > target.data + 1 && memchr (colon + 1, ':', rest) == NULL;
}

static TargetKind
kind_of_function (Pt2String target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    if (text_is (target, functions[i]))
      return TARGET_FUNCTION;
  if (text_begins (target, "torch._functorch.predispatch."))
    return TARGET_FUNCTION;
  bool known_place
      = text_begins (target, "_operator.") || text_begins (target, "math.") || text_begins (target, "torch.");
  return known_place && is_dotted (target, 2) ? TARGET_FOREIGN : TARGET_UNKNOWN;
}

TargetKind
target_kind (Pt2String target)
{
  if (target.len > 0 && target.data[0] == '#')
    return is_extension (target) ? TARGET_EXTENSION : TARGET_UNKNOWN;
  if (check_is_higher_order (target))
    return is_dotted (target, 4) ? TARGET_HIGHER_ORDER : TARGET_UNKNOWN;
  if (text_begins (target, "torch.ops."))
    return is_dotted (target, 5) ? TARGET_OPERATOR : TARGET_UNKNOWN;
  return kind_of_function (target);
}

/* ---- what was found out about them ---- */

struct TargetCache
{
  TargetFacts facts[1 << TARGET_CACHE_BITS];
};

TargetFacts *
check_target_facts (Check *check, Pt2String target)
{
  static TargetFacts none;
  if (check->targets == NULL)
    check->targets = check_alloc (check, 1, sizeof *check->targets);
  if (check->targets == NULL)
    return &none;
  TargetFacts *facts = &check->targets->facts[pt2_text_spot (target, TARGET_CACHE_BITS)];
  if (facts->target.data == NULL || !text_equal (facts->target, target))
    *facts = (TargetFacts){ .target = target, .kind = target_kind (target) };
  return facts;
}
