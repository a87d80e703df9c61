/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads against the program: every parameter, buffer and constant has one, of its type and shape; and what the
 * program does not name. Elements are not looked at.
 */
#include "check_private.h"
#include "schema.h"
#include "specs.h"
#include "tensors_private.h"

typedef struct
{
  Check *check;
  const CheckGraph *graph;
  Pt2Tensors *tensors;
  bool *named; /* which of the tensors the program names */
  bool whole;  /* no list or pickle is missing or unreadable */
} Payloads;

static uint32_t
find_tensor (const Payloads *payloads, Pt2String fqn)
{
  return pt2_text_index_find (&payloads->tensors->index, payloads->tensors->items, sizeof (Pt2Tensor), fqn);
}

static Shown
shown_place (const Pt2Tensor *tensor)
{
  return tensor->record != NULL ? shown_text (tensor->record) : (Shown){ "" };
}

/* ---- one tensor ---- */

static const char *
name_of_dtype (int32_t dtype)
{
  const Pt2EnumMember *member = pt2_enum_by_value (pt2_schema_find_enum (&pt2_export_schema, "ScalarType"), dtype);
  return member != NULL ? member->torch : NULL;
}

/* Do the numbers that the program knows agree? */
static bool
agree (const Pt2SymIntList *said, const gint64 *found, guint n)
{
  if (said->len != n)
    return false;
  for (guint i = 0; i < n; i++)
    if (said->items[i].which == PT2_SYM_INT_AS_INT && said->items[i].as_int != found[i])
      return false;
  return true;
}

static char *
print_found (const gint64 *numbers, guint n)
{
  GString *text = g_string_new ("[");
  for (guint i = 0; i < MIN (n, 12); i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", numbers[i]);
  g_string_append (text, n > 12 ? ", …]" : "]");
  return g_string_free (text, FALSE);
}

static bool
has_elements (const Pt2Tensor *tensor)
{
  for (guint i = 0; i < tensor->n_dims; i++)
    if (tensor->shape[i] == 0)
      return false;
  return true;
}

/* Strides of dimensions of one element mean nothing. */
static bool
strides_agree (const Pt2Tensor *tensor, const Pt2SymIntList *said)
{
  for (guint i = 0; i < tensor->n_dims && i < said->len; i++)
    if (tensor->shape[i] > 1 && said->items[i].which == PT2_SYM_INT_AS_INT
        && said->items[i].as_int != tensor->stride[i])
      return false;
  return true;
}

static void
compare_meta (const Payloads *payloads, const Pt2Tensor *tensor, const Pt2TensorMeta *meta)
{
  Check *check = payloads->check;
  const char *dtype = name_of_dtype (meta->dtype);
  Shown where = shown_place (tensor);
  if (tensor->dtype != NULL && dtype != NULL && strcmp (tensor->dtype, dtype) != 0)
    check_add (check, CHECK_W103, where.text, "%s is %s, the program says %s", shown (tensor->fqn).text, tensor->dtype,
               dtype);
  if (tensor->shape == NULL)
    return;
  g_autofree char *shape = print_found (tensor->shape, tensor->n_dims);
  if (!agree (&meta->sizes, tensor->shape, tensor->n_dims))
    check_add (check, CHECK_W104, where.text, "%s is %s", shown (tensor->fqn).text, shape);
  else if (tensor->stride != NULL && tensor->form == PT2_TENSOR_STRIDED && has_elements (tensor)
           && meta->layout == PT2_LAYOUT_STRIDED && !strides_agree (tensor, &meta->strides))
    check_add (check, CHECK_W105, where.text, "%s", shown (tensor->fqn).text);
  if (tensor->is_parameter && tensor->form == PT2_TENSOR_STRIDED && tensor->requires_grad != meta->requires_grad)
    check_add (check, CHECK_W113, where.text, "%s", shown (tensor->fqn).text);
  if (tensor->device != NULL && tensor->form == PT2_TENSOR_STRIDED
      && (!text_begins ((Pt2String){ tensor->device, (uint32_t)strlen (tensor->device) }, "meta"))
      && strncmp (tensor->device, meta->device.type.data, meta->device.type.len) != 0)
    check_add (check, CHECK_W112, where.text, "%s is on %s, the program says %s", shown (tensor->fqn).text,
               shown_text (tensor->device).text, shown (meta->device.type).text);
}

static void
check_kind (const Payloads *payloads, const Spec *spec, const Pt2Tensor *tensor, Place where)
{
  Check *check = payloads->check;
  bool object = tensor->form == PT2_TENSOR_OBJECT;
  if (object != (spec->which == PT2_INPUT_SPEC_CUSTOM_OBJ))
    check_add (check, CHECK_W101, where.text, "%s is %s", shown (spec->target).text,
               object ? "an object and no tensor" : "a tensor and no object");
  else if (spec->which == PT2_INPUT_SPEC_PARAMETER && !tensor->persistent)
    check_add (check, CHECK_W101, where.text, "%s is among the constants", shown (spec->target).text);
  else if (spec->which == PT2_INPUT_SPEC_PARAMETER && !tensor->is_parameter && tensor->form != PT2_TENSOR_SUBCLASS)
    check_add (check, CHECK_W106, where.text, "%s", shown (spec->target).text);
  else if (spec->which == PT2_INPUT_SPEC_BUFFER && spec->persistent != tensor->persistent)
    check_add (check, CHECK_W107, where.text, "%s", shown (spec->target).text);
}

static bool
is_absent (const Pt2Tensor *tensor)
{
  return tensor->form == PT2_TENSOR_ABSENT;
}

/* Types whose name says that their numbers are whole, or truth values. */
static bool
is_whole_type (const char *dtype)
{
  return g_str_has_prefix (dtype, "int") || g_str_has_prefix (dtype, "uint") || strcmp (dtype, "bool") == 0;
}

static void
check_gradient (const Payloads *payloads, const Pt2Tensor *tensor)
{
  if (tensor->requires_grad && tensor->dtype != NULL && is_whole_type (tensor->dtype))
    check_add (payloads->check, CHECK_W114, shown_place (tensor).text, "%s is %s", shown (tensor->fqn).text,
               tensor->dtype);
}

static void
check_spec (Payloads *payloads, uint32_t number)
{
  Spec spec = check_input_spec (&payloads->check->exported->graph_module.signature.input_specs.items[number]);
  if (spec.target.data == NULL || spec.which == PT2_UNKNOWN_MEMBER)
    return;
  Place where = place (NULL, "graph_module.signature.input_specs[%u]", number);
  uint32_t at = find_tensor (payloads, spec.target);
  if (at == PT2_TEXT_INDEX_NONE)
    {
      if (payloads->whole)
        check_add (payloads->check, CHECK_W101, where.text, "%s", shown (spec.target).text);
      return;
    }
  payloads->named[at] = true;
  const Pt2Tensor *tensor = &payloads->tensors->items[at];
  const CheckValue *value = check_find_value (payloads->graph, spec.name);
  check_kind (payloads, &spec, tensor, where);
  if (tensor->fault == NULL && value != NULL && value->kind == VALUE_TENSOR && tensor->form != PT2_TENSOR_OBJECT)
    compare_meta (payloads, tensor, value->meta);
}

/* ---- all of them ---- */

static void
add_faults (Payloads *payloads)
{
  const GError *const *faults = pt2_tensors_get_faults (payloads->tensors);
  payloads->whole = true;
  for (guint i = 0; faults[i] != NULL; i++)
    {
      check_add_error (payloads->check, faults[i], NULL);
      payloads->whole = false;
    }
  for (uint32_t i = 0; i < payloads->tensors->n; i++)
    if (payloads->tensors->items[i].fault != NULL)
      check_add_error (payloads->check, payloads->tensors->items[i].fault, NULL);
}

/* Tied weights: the program names one of several names of a storage. */
static bool
shares_with_named (const Payloads *payloads, uint32_t number)
{
  guint n;
  const guint *sharing = pt2_tensors_get_sharing (payloads->tensors, &payloads->tensors->items[number], &n);
  for (guint i = 0; i < MIN (n, 64); i++)
    if (payloads->named[sharing[i]])
      return true;
  return false;
}

typedef struct
{
  Payloads *payloads;
  Place where;
} ObjectUse;

/* Objects that are no inputs are named by the nodes themselves. */
static bool
use_object (const ArgumentName *name, gpointer data)
{
  ObjectUse *use = data;
  Payloads *payloads = use->payloads;
  if (name->kind != VALUE_OBJECT)
    return true;
  const CheckValue *value = check_find_value (payloads->graph, name->name);
  uint32_t at = find_tensor (payloads, name->name);
  if (at != PT2_TEXT_INDEX_NONE)
    payloads->named[at] = true;
  else if (payloads->whole && (value == NULL || value->defined == DEFINED_NOWHERE))
    check_add (payloads->check, CHECK_W101, use->where.text, "the object %s", shown (name->name).text);
  return true;
}

static void
use_objects (Payloads *payloads)
{
  for (guint g = 0; g < payloads->check->graphs->len; g++)
    {
      payloads->graph = payloads->check->graphs->pdata[g];
      const Pt2NodeList *nodes = &payloads->graph->graph->nodes;
      for (uint32_t i = 0; i < nodes->len; i++)
        for (uint32_t k = 0; k < nodes->items[i].inputs.len; k++)
          if (nodes->items[i].inputs.items[k].arg.which == PT2_ARGUMENT_AS_CUSTOM_OBJ)
            check_foreach_name (&nodes->items[i].inputs.items[k].arg, use_object,
                                &(ObjectUse){ payloads, place (payloads->graph, "nodes[%u].inputs[%u]", i, k) });
    }
}

static void
find_surplus (Payloads *payloads)
{
  uint32_t absent = 0;
  for (uint32_t i = 0; i < payloads->tensors->n; i++)
    {
      const Pt2Tensor *tensor = &payloads->tensors->items[i];
      absent += is_absent (tensor);
      check_gradient (payloads, tensor);
      if (!payloads->named[i] && !shares_with_named (payloads, i))
        check_add (payloads->check, CHECK_W102, shown_place (tensor).text, "%s", shown (tensor->fqn).text);
    }
  if (absent > 0)
    check_add (payloads->check, CHECK_W108, NULL, "%u of %u tensors", absent, payloads->tensors->n);
}

/* Who reads each record, for what no list names and what several programs share. */
static void
note_readers (Check *check, const Payloads *payloads, const Pt2Archive *archive)
{
  for (uint32_t i = 0; check->readers != NULL && i < payloads->tensors->n_storages; i++)
    {
      uint32_t record = (uint32_t)(payloads->tensors->storages[i].record - archive->records);
      if (check->readers[record] != 0 && check->readers[record] != check->n_programs
          && strcmp (archive->records[record].role, "sample-inputs") != 0)
        check_add (check, CHECK_W109, shown_text (archive->records[record].name).text, "%s", "");
      check->readers[record] = check->n_programs;
    }
  for (uint32_t i = 0; check->readers != NULL && i < payloads->tensors->n; i++)
    {
      const char *name = payloads->tensors->items[i].record;
      const Pt2Record *record = name != NULL ? pt2_archive_find ((Pt2Archive *)archive, name) : NULL;
      if (record != NULL && check->readers[record - archive->records] == 0)
        check->readers[record - archive->records] = check->n_programs;
    }
}

void
check_payload_rules (Check *check, Pt2Archive *archive, const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, model, check->program, &error);
  if (tensors == NULL)
    {
      check_add_error (check, error, NULL);
      return;
    }
  Payloads payloads = { .check = check, .tensors = tensors };
  payloads.graph = check->graphs != NULL && check->graphs->len > 0 ? check->graphs->pdata[0] : NULL;
  payloads.named = check_alloc (check, tensors->n, sizeof (bool));
  add_faults (&payloads);
  check->lists_whole = check->lists_whole && payloads.whole;
  note_readers (check, &payloads, archive);
  if (payloads.graph == NULL || payloads.named == NULL)
    return;
  for (uint32_t i = 0; i < check->exported->graph_module.signature.input_specs.len; i++)
    check_spec (&payloads, i);
  use_objects (&payloads);
  find_surplus (&payloads);
  check_sample_inputs (check, archive, model);
  check_add_checked (check, "payloads");
}

void
check_unread_payloads (Check *check, Pt2Archive *archive)
{
  if (archive->layout != PT2_ARCHIVE_LAYOUT_RAW || check->readers == NULL || !check->lists_whole)
    return;
  for (uint32_t i = 0; i < archive->zip.n_entries; i++)
    if (strcmp (archive->records[i].role, "aot-inductor") == 0 || strcmp (archive->records[i].role, "native-code") == 0)
      return; /* its lists name payloads too */
  for (uint32_t i = 0; i < archive->zip.n_entries; i++)
    {
      const Pt2Record *record = &archive->records[i];
      if ((strcmp (record->role, "weight") == 0 || strcmp (record->role, "constant") == 0) && check->readers[i] == 0)
        check_add (check, CHECK_W110, shown_text (record->name).text, "%s", "");
    }
}
