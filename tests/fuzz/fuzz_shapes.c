/* SPDX-License-Identifier: Apache-2.0 */
/* A program as JSON, then its shape contract, then questions about it. What it was traced with, where it says so, and
 * small sizes of our own are asked for; whatever the answer, nothing may break, and asking twice gives the same. */
#include "pt2-shapes.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static Pt2Limits
small_limits (void)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  limits.expression_depth = 100;
  limits.expression_nodes = 10000;
  limits.integer_bits = 4096;
  return limits;
}

static guint
count_problems (const Pt2Shapes *shapes, const GArray *given)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ShapesAnswer) answer
      = pt2_shapes_solve (shapes, (const Pt2GivenShape *)(void *)given->data, given->len, NULL, 0, &error);
  if ((answer == NULL) == (error == NULL) || (answer != NULL && answer->fits != (answer->n_problems == 0)))
    abort ();
  return answer != NULL ? answer->n_problems : G_MAXUINT;
}

/* Every size of every input is SIZE, or what it was traced with where that is a symbol. */
static void
ask (const Pt2Shapes *shapes, gint64 size, gboolean traced)
{
  guint n, n_symbols;
  const Pt2ShapeValue *inputs = pt2_shapes_get_inputs (shapes, &n);
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n_symbols);
  g_autoptr (GArray) given = g_array_new (FALSE, FALSE, sizeof (Pt2GivenShape));
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n; i++)
    {
      if (inputs[i].name.data == NULL || inputs[i].kind == PT2_SHAPE_OTHER)
        continue;
      gint64 *sizes = g_new (gint64, inputs[i].n_dims + 1);
      for (guint d = 0; d < inputs[i].n_dims; d++)
        {
          const Pt2ShapeDim *dim = &inputs[i].dims[d];
          sizes[d] = dim->expr == NULL ? dim->value : size;
          if (traced && dim->symbol < n_symbols && symbols[dim->symbol].has_hint)
            sizes[d] = symbols[dim->symbol].hint;
        }
      Pt2GivenShape shape = { g_strndup (inputs[i].name.data, inputs[i].name.len), sizes, inputs[i].n_dims };
      g_ptr_array_add (owned, (gpointer)shape.name);
      g_ptr_array_add (owned, sizes);
      g_array_append_val (given, shape);
    }
  if (count_problems (shapes, given) != count_problems (shapes, given))
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = small_limits ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &limits, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Shapes) shapes = program != NULL ? pt2_shapes_new (program, &limits, &error) : NULL;
  if (program != NULL && (shapes == NULL) == (error == NULL))
    abort ();
  if (shapes == NULL)
    return 0;
  ask (shapes, 6, FALSE);
  ask (shapes, 6, TRUE);
  ask (shapes, G_MAXINT64, FALSE);
  ask (shapes, -1, FALSE);
  return 0;
}
