/* SPDX-License-Identifier: Apache-2.0 */
/* Sample inputs against the program: what it was traced with has the types and shapes that it takes. Only where the
 * order of the flat inputs is plain: no dictionaries of several keys, no classes.
 */
#include "check_private.h"
#include "schema.h"
#include "specs.h"
#include "tensors_private.h"

typedef struct
{
  GPtrArray *leaves; /* Pt2PickleValue */
  bool unknown;      /* something that PyTorch would flatten in its own way */
  bool unordered;    /* a dictionary of several keys */
} Flat;

/* As deep as the pickle, which its reader bounded; sharing was checked before. */
static void
flatten (Flat *flat, const Pt2PickleValue *value)
{
  bool dict = value->kind == PT2_PICKLE_DICT;
  switch (value->kind)
    {
    case PT2_PICKLE_TUPLE:
    case PT2_PICKLE_LIST:
    case PT2_PICKLE_DICT:
      flat->unknown = flat->unknown || value->type != NULL || value->state != NULL;
      flat->unordered = flat->unordered || (dict && value->items.n > 2);
      for (guint64 i = dict ? 1 : 0; i < value->items.n; i += dict ? 2 : 1)
        flatten (flat, value->items.at[i]);
      break;
    case PT2_PICKLE_OPAQUE:
    case PT2_PICKLE_SET:
      flat->unknown = true;
      break;
    default:
      g_ptr_array_add (flat->leaves, (gpointer)value);
    }
}

static const char *
find_difference (const Pt2PickleTensor *tensor, const Pt2TensorMeta *meta)
{
  const Pt2EnumMember *dtype = pt2_enum_by_value (pt2_schema_find_enum (&pt2_export_schema, "ScalarType"), meta->dtype);
  if (tensor->dtype != NULL && dtype != NULL && dtype->torch != NULL && strcmp (tensor->dtype->name, dtype->torch) != 0)
    return "type";
  if (tensor->sizes == NULL || tensor->form == PT2_PICKLE_TENSOR_FAKE)
    return NULL;
  if (tensor->n_dims != meta->sizes.len)
    return "number of dimensions";
  for (guint i = 0; i < tensor->n_dims; i++)
    if (meta->sizes.items[i].which == PT2_SYM_INT_AS_INT && meta->sizes.items[i].as_int != tensor->sizes[i])
      return "shape";
  return NULL;
}

static void
compare_leaf (Check *check, const Spec *spec, const Pt2PickleValue *leaf, const char *record)
{
  const CheckGraph *graph = check->graphs->pdata[0];
  const CheckValue *value = spec->name.data != NULL ? check_find_value (graph, spec->name) : NULL;
  const char *difference = NULL;
  if (value == NULL || value->kind != VALUE_TENSOR)
    return;
  if (leaf->kind != PT2_PICKLE_TENSOR)
    difference = "kind: it is no tensor";
  else if (leaf->tensor->subclass == NULL)
    difference = find_difference (leaf->tensor, value->meta);
  if (difference != NULL)
    check_add (check, CHECK_W111, record, "%s has another %s", shown (spec->name).text, difference);
}

static void
compare_leaves (Check *check, const Flat *flat, const char *record)
{
  const Pt2InputSpecList *specs = &check->exported->graph_module.signature.input_specs;
  guint n = 0;
  for (uint32_t i = 0; i < specs->len; i++)
    {
      Spec spec = check_input_spec (&specs->items[i]);
      if (!spec_is_user_input (&spec))
        continue;
      if (n < flat->leaves->len && !flat->unordered)
        compare_leaf (check, &spec, flat->leaves->pdata[n], record);
      n++;
    }
  if (n != flat->leaves->len)
    check_add (check, CHECK_W111, record, "%u values for %u inputs", flat->leaves->len, n);
}

void
check_sample_inputs (Check *check, Pt2Archive *archive, const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Pickle) pickle = pt2_archive_read_sample_inputs (archive, model, &error);
  if (pickle == NULL || !pt2_pickle_check_tree (pickle, NULL, NULL))
    {
      if (error != NULL)
        check_add_not_checked (check, "sample inputs: %s", error->message);
      return;
    }
  Flat flat = { .leaves = g_ptr_array_new () };
  flatten (&flat, pt2_pickle_get_value (pickle));
  if (!flat.unknown && flat.leaves->len > 0)
    compare_leaves (check, &flat, "sample inputs");
  g_ptr_array_unref (flat.leaves);
}
