/* SPDX-License-Identifier: Apache-2.0 */
/* lib/compare/canon_operators: what the names of operators tell is at least what their schemas say. */
#include "canon_operators.h"
#include "pt2-ops.h"
#include "suite.h"
#include <string.h>

static gboolean
takes_tensor (const Pt2OpType *type)
{
  const Pt2OpType *base = pt2_op_type_base (type);
  return base->kind == PT2_OP_TENSOR;
}

/* Does it write to a tensor that is not its first argument? */
static gboolean
writes_beyond_first (const Pt2OpSchema *schema)
{
  for (guint i = 1; i < schema->n_arguments; i++)
    if (pt2_op_type_base (&schema->arguments[i].type)->writes && takes_tensor (&schema->arguments[i].type))
      return TRUE;
  return FALSE;
}

static gboolean
is_running (const Pt2OpArgument *argument)
{
  return argument->name.len > 8 && memcmp (argument->name.data, "running_", 8) == 0;
}

static gboolean
writes_tensor (const Pt2OpSchema *schema)
{
  for (guint i = 0; i < schema->n_arguments; i++)
    if (pt2_op_type_base (&schema->arguments[i].type)->writes && takes_tensor (&schema->arguments[i].type))
      return TRUE;
  return FALSE;
}

static gboolean
gives_view (const Pt2OpSchema *schema)
{
  for (guint i = 0; i < schema->n_returns; i++)
    if (pt2_op_type_base (&schema->returns[i].type)->alias.data != NULL && takes_tensor (&schema->returns[i].type))
      return TRUE;
  return FALSE;
}

static gboolean
takes_generator (const Pt2OpSchema *schema)
{
  for (guint i = 0; i < schema->n_arguments; i++)
    if (pt2_op_type_base (&schema->arguments[i].type)->kind == PT2_OP_GENERATOR)
      return TRUE;
  return FALSE;
}

static void
check_writes (const Pt2OpSchema *schema, CanonOperator known)
{
  char *name = g_strndup (schema->target.data, schema->target.len);
  if (writes_tensor (schema))
    ck_assert_msg (known.written != CANON_WRITTEN_NOTHING && known.aliases, "%s writes", name);
  if (known.written == CANON_WRITTEN_RUNNING)
    for (guint i = 0; i < schema->n_arguments; i++)
      ck_assert_msg (!schema->arguments[i].type.writes || is_running (&schema->arguments[i]), "%s writes more", name);
  else if (writes_beyond_first (schema))
    ck_assert_msg (known.written == CANON_WRITTEN_ALL, "%s writes to more than its first", name);
  g_free (name);
}

START_TEST (names_tell_what_schemas_say)
{
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  guint n, checked = 0;
  g_autofree const Pt2OpSchema **all = pt2_ops_get_all (ops, &n);
  ck_assert_ptr_nonnull (all);
  for (guint i = 0; i < n; i++)
    {
      if (all[i]->space.len != 4 || memcmp (all[i]->space.data, "aten", 4) != 0)
        continue;
      CanonOperator known = canon_operator (all[i]->target, TRUE);
      g_autofree char *name = g_strndup (all[i]->target.data, all[i]->target.len);
      check_writes (all[i], known);
      if (gives_view (all[i]))
        ck_assert_msg (known.aliases, "%s gives a view", name);
      if (takes_generator (all[i]))
        ck_assert_msg (known.ordered, "%s draws random numbers", name);
      checked++;
    }
  ck_assert_uint_gt (checked, 2000);
}
END_TEST

static CanonOperator
look_up (const char *target, gboolean training)
{
  return canon_operator ((Pt2String){ target, (uint32_t)strlen (target) }, training);
}

START_TEST (what_is_not_of_aten)
{
  ck_assert_int_eq (look_up ("torch.ops.aten.add.Tensor", TRUE).written, CANON_WRITTEN_NOTHING);
  ck_assert (!look_up ("torch.ops.aten.add.Tensor", TRUE).aliases);
  ck_assert_int_eq (look_up ("torch.ops.mine.add.default", TRUE).written, CANON_WRITTEN_ALL);
  ck_assert_int_eq (look_up ("torch.ops.mine.add.default", FALSE).written, CANON_WRITTEN_NOTHING);
  ck_assert (look_up ("torch.ops.c10d.send.default", FALSE).ordered);
  ck_assert (look_up ("torch._functorch.predispatch._vmap_increment_nesting", FALSE).state);
  ck_assert (!look_up ("_operator.add", TRUE).state);
  ck_assert_str_eq (look_up ("torch.ops.aten.dropout.default", TRUE).unless, "train");
  ck_assert_int_eq (look_up ("", TRUE).written, CANON_WRITTEN_NOTHING);
  ck_assert_int_eq (look_up ("torch.ops.aten.", TRUE).written, CANON_WRITTEN_NOTHING);
  ck_assert_int_eq (look_up ("torch.ops.aten._", TRUE).written, CANON_WRITTEN_NOTHING);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { names_tell_what_schemas_say, 1 }, { what_is_not_of_aten, 1 } };
  return RUN_SUITE ("canon_operators", cases);
}
