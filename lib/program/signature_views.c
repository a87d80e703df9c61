/* SPDX-License-Identifier: Apache-2.0 */
/* Questions that people ask of a signature: what a value is, what the caller passes and gets, what is changed. */
#include "program.h"
#include <string.h>

typedef struct Pt2NamedItem
{
  Pt2String text; /* first, for the index */
  const Pt2SignatureItem *item;
} NamedItem;

/* Of two items with one text the first is found. */
static void
add (Pt2Signature *signature, Pt2ItemTable *table, Pt2String text, const Pt2SignatureItem *item)
{
  if (text.data == NULL)
    return;
  table->entries[table->index.n] = (NamedItem){ text, item };
  if (pt2_text_index_claim (&table->index, table->entries, sizeof (NamedItem), table->index.n) == PT2_TEXT_INDEX_NONE)
    signature->incomplete = true;
}

static const Pt2SignatureItem *
find (const Pt2ItemTable *table, Pt2String text)
{
  uint32_t at = text.data != NULL ? pt2_text_index_find (&table->index, table->entries, sizeof (NamedItem), text)
                                  : PT2_TEXT_INDEX_NONE;
  return at != PT2_TEXT_INDEX_NONE ? table->entries[at].item : NULL;
}

static void
init (Pt2Signature *signature, Pt2ItemTable *table, guint most)
{
  pt2_text_index_init (&table->index);
  table->entries = pt2_signature_alloc (signature, most * sizeof *table->entries);
}

static const struct
{
  const char *kind;
  Pt2OutputTable table;
} uses[] = {
  { "BUFFER_MUTATION", PT2_MUTATION_OF_TARGET },       { "PARAMETER_MUTATION", PT2_MUTATION_OF_TARGET },
  { "USER_INPUT_MUTATION", PT2_MUTATION_OF_INPUT },    { "GRADIENT_TO_PARAMETER", PT2_GRADIENT_OF_TARGET },
  { "GRADIENT_TO_USER_INPUT", PT2_GRADIENT_OF_INPUT },
};

static void
add_inputs (Pt2Signature *signature)
{
  for (guint i = 0; i < signature->n_inputs; i++)
    {
      const Pt2SignatureItem *item = &signature->inputs[i];
      add (signature, &signature->inputs_by_name, item->name, item);
      add (signature, &signature->inputs_by_target, item->target, item);
      if (strcmp (item->kind, "USER_INPUT") == 0)
        signature->user_inputs[signature->n_user_inputs++] = item;
    }
}

static void
add_outputs (Pt2Signature *signature)
{
  for (guint i = 0; i < signature->n_outputs; i++)
    {
      const Pt2SignatureItem *item = &signature->outputs[i];
      if (strcmp (item->kind, "USER_OUTPUT") == 0 || strcmp (item->kind, "LOSS_OUTPUT") == 0)
        signature->user_outputs[signature->n_user_outputs++] = item;
      for (gsize j = 0; j < G_N_ELEMENTS (uses); j++)
        if (strcmp (item->kind, uses[j].kind) == 0)
          add (signature, &signature->outputs_by_use[uses[j].table], item->target, item);
    }
}

void
pt2_signature_make_views (Pt2Signature *signature)
{
  init (signature, &signature->inputs_by_name, signature->n_inputs);
  init (signature, &signature->inputs_by_target, signature->n_inputs);
  for (guint i = 0; i < PT2_N_OUTPUT_TABLES; i++)
    init (signature, &signature->outputs_by_use[i], signature->n_outputs);
  signature->user_inputs = pt2_signature_alloc (signature, signature->n_inputs * sizeof *signature->user_inputs);
  signature->user_outputs = pt2_signature_alloc (signature, signature->n_outputs * sizeof *signature->user_outputs);
  if (signature->incomplete)
    return;
  add_inputs (signature);
  add_outputs (signature);
}

void
pt2_signature_clear_views (Pt2Signature *signature)
{
  pt2_text_index_clear (&signature->inputs_by_name.index);
  pt2_text_index_clear (&signature->inputs_by_target.index);
  for (guint i = 0; i < PT2_N_OUTPUT_TABLES; i++)
    pt2_text_index_clear (&signature->outputs_by_use[i].index);
}

const Pt2SignatureItem *const *
pt2_program_get_user_inputs (Pt2Program *program, guint *n)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  *n = signature->n_user_inputs;
  return signature->user_inputs;
}

const Pt2SignatureItem *const *
pt2_program_get_user_outputs (Pt2Program *program, guint *n)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  *n = signature->n_user_outputs;
  return signature->user_outputs;
}

const Pt2SignatureItem *
pt2_program_find_input (Pt2Program *program, Pt2String name)
{
  return find (&pt2_program_signature (program)->inputs_by_name, name);
}

const Pt2SignatureItem *
pt2_program_find_target (Pt2Program *program, Pt2String target)
{
  return find (&pt2_program_signature (program)->inputs_by_target, target);
}

/* Inputs with a target are meant by it, others by their name. */
static const Pt2SignatureItem *
find_output (Pt2Program *program, const Pt2SignatureItem *input, Pt2OutputTable of_target, Pt2OutputTable of_input)
{
  const Pt2Signature *signature = pt2_program_signature (program);
  bool targeted = input->target.data != NULL;
  return find (&signature->outputs_by_use[targeted ? of_target : of_input], targeted ? input->target : input->name);
}

const Pt2SignatureItem *
pt2_program_find_mutation (Pt2Program *program, const Pt2SignatureItem *input)
{
  return find_output (program, input, PT2_MUTATION_OF_TARGET, PT2_MUTATION_OF_INPUT);
}

const Pt2SignatureItem *
pt2_program_find_gradient (Pt2Program *program, const Pt2SignatureItem *input)
{
  return find_output (program, input, PT2_GRADIENT_OF_TARGET, PT2_GRADIENT_OF_INPUT);
}
