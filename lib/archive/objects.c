/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of a program: those of the archive's lists, with the types that inputs and calls of the program name. */
#include "archive_private.h"
#include "graphs.h"
#include "program.h"
#include "pt2-object.h"
#include "text.h"
#include "text_index.h"
#include <stdlib.h>
#include <string.h>

struct _Pt2Objects
{
  Pt2Archive *archive;
  Pt2Tensors *tensors;
  Pt2Program *program;
  Pt2Object *items; /* begin with their names, for the index */
  uint32_t n, room;
  Pt2TextIndex index;
  bool no_memory;
};

static Pt2Object *
find (const Pt2Objects *objects, Pt2String fqn)
{
  uint32_t number = pt2_text_index_find (&objects->index, objects->items, sizeof *objects->items, fqn);
  return number != PT2_TEXT_INDEX_NONE ? &objects->items[number] : NULL;
}

/* FQN is in no list yet. */
static void
add (Pt2Objects *objects, Pt2String fqn, Pt2String type, const char *record)
{
  if (objects->n == objects->room)
    {
      const uint32_t room = objects->room > 0 ? objects->room * 2 : 16;
      Pt2Object *items = room > objects->room ? realloc (objects->items, room * sizeof *items) : NULL;
      objects->no_memory = objects->no_memory || items == NULL;
      if (items == NULL)
        return;
      objects->items = items;
      objects->room = room;
    }
  objects->items[objects->n] = (Pt2Object){ fqn, type, record };
  if (pt2_text_index_add (&objects->index, objects->items, sizeof *objects->items, objects->n))
    objects->n++;
  else
    objects->no_memory = true;
}

/* ---- what the archive has ---- */

/* A record that is one constant; older archives have all of them in a pickle. */
static bool
is_own_record (const Pt2Objects *objects, const char *name)
{
  const Pt2Record *record = name != NULL ? pt2_archive_find (objects->archive, name) : NULL;
  return record != NULL && strcmp (record->role, "constant") == 0;
}

static void
add_payloads (Pt2Objects *objects)
{
  static const Pt2String unknown = { "", 0 };
  guint n;
  const Pt2Tensor *tensors = pt2_tensors_get (objects->tensors, &n);
  for (guint i = 0; i < n; i++)
    if (tensors[i].form == PT2_TENSOR_OBJECT && find (objects, tensors[i].fqn) == NULL)
      add (objects, tensors[i].fqn, unknown, is_own_record (objects, tensors[i].record) ? tensors[i].record : NULL);
}

/* ---- what the program says ---- */

static void
learn_type (Pt2Objects *objects, Pt2String fqn, Pt2String type)
{
  Pt2Object *object = find (objects, fqn);
  if (object == NULL)
    add (objects, fqn, type, NULL);
  else if (object->type.len == 0)
    object->type = type;
}

static void
learn_inputs (Pt2Objects *objects, const Pt2GraphSignature *signature)
{
  for (uint32_t i = 0; i < signature->input_specs.len; i++)
    if (signature->input_specs.items[i].which == PT2_INPUT_SPEC_CUSTOM_OBJ)
      {
        const Pt2InputToCustomObjSpec *spec = signature->input_specs.items[i].custom_obj;
        learn_type (objects, spec->custom_obj_name, spec->arg.class_fqn);
      }
}

/* An argument names a value of its graph, or else a constant. */
static bool
is_value (const Pt2Graph *graph, Pt2String name, Pt2TextIndex *values)
{
  const Pt2StringToCustomObjArgumentMap *table = &graph->custom_obj_values;
  return table->len > 0
         && pt2_text_index_find (values, table->entries, sizeof *table->entries, name) != PT2_TEXT_INDEX_NONE;
}

static void
learn_argument (Pt2Objects *objects, const Pt2Graph *graph, const Pt2Argument *argument, Pt2TextIndex *values)
{
  if (argument->which == PT2_ARGUMENT_AS_CUSTOM_OBJ && !is_value (graph, argument->as_custom_obj->name, values))
    learn_type (objects, argument->as_custom_obj->name, argument->as_custom_obj->class_fqn);
  /* As deep as the value, which the readers bounded. */
  if (argument->which == PT2_ARGUMENT_AS_STRING_TO_ARGUMENT)
    for (uint32_t i = 0; i < argument->as_string_to_argument.len; i++)
      learn_argument (objects, graph, &argument->as_string_to_argument.entries[i].value, values);
}

static bool
index_values (const Pt2StringToCustomObjArgumentMap *table, Pt2TextIndex *values)
{
  bool fine = true;
  for (uint32_t i = 0; i < table->len && fine; i++)
    fine = pt2_text_index_claim (values, table->entries, sizeof *table->entries, i) != PT2_TEXT_INDEX_NONE;
  return fine;
}

static bool
learn_graph (Pt2Graph *graph, uint32_t number, void *data)
{
  Pt2Objects *objects = data;
  Pt2TextIndex values;
  pt2_text_index_init (&values);
  if (!index_values (&graph->custom_obj_values, &values))
    objects->no_memory = true;
  for (uint32_t i = 0; i < graph->nodes.len && !objects->no_memory; i++)
    for (uint32_t j = 0; j < graph->nodes.items[i].inputs.len; j++)
      learn_argument (objects, graph, &graph->nodes.items[i].inputs.items[j].arg, &values);
  pt2_text_index_clear (&values);
  return !objects->no_memory;
}

/* ---- the list ---- */

Pt2Objects *
pt2_objects_new (Pt2Archive *archive, Pt2Tensors *tensors, Pt2Program *program, GError **error)
{
  Pt2ExportedProgram *exported = program->document.root; /* NULL in older majors; it is only looked at */
  Pt2Objects *objects = g_try_new0 (Pt2Objects, 1);
  if (objects != NULL)
    {
      objects->archive = pt2_archive_ref (archive);
      objects->tensors = pt2_tensors_ref (tensors);
      objects->program = pt2_program_ref (program);
      pt2_text_index_init (&objects->index);
      add_payloads (objects);
    }
  if (objects != NULL && exported != NULL)
    {
      learn_inputs (objects, &exported->graph_module.signature);
      pt2_graphs_foreach (&exported->graph_module.graph, learn_graph, objects);
    }
  if (objects != NULL && !objects->no_memory)
    return objects;
  pt2_objects_free (objects);
  pt2_error_set (error, PT2_ERROR_L001, NULL, "for the objects");
  return NULL;
}

void
pt2_objects_free (Pt2Objects *objects)
{
  if (objects == NULL)
    return;
  pt2_text_index_clear (&objects->index);
  free (objects->items);
  pt2_program_unref (objects->program);
  pt2_tensors_unref (objects->tensors);
  pt2_archive_unref (objects->archive);
  g_free (objects);
}

const Pt2Object *
pt2_objects_get (const Pt2Objects *objects, guint *n)
{
  *n = objects->n;
  return objects->items;
}

const Pt2Object *
pt2_objects_find (const Pt2Objects *objects, const char *fqn)
{
  return find (objects, (Pt2String){ fqn, (uint32_t)strlen (fqn) });
}

/* ---- bytes ---- */

static bool
has_record (const Pt2Object *object, GError **error)
{
  char shown[160];
  return object->record != NULL
         || pt2_error_set (error, PT2_ERROR_W029, NULL, "%s",
                           pt2_text_escape (object->fqn.data, object->fqn.len, shown, sizeof shown));
}

GBytes *
pt2_objects_read (const Pt2Objects *objects, const Pt2Object *object, GError **error)
{
  return has_record (object, error) ? pt2_archive_read (objects->archive, object->record, error) : NULL;
}

gpointer
pt2_objects_decode (const Pt2Objects *objects, const Pt2Object *object, const Pt2Ops *ops, GError **error)
{
  g_autoptr (GBytes) bytes = pt2_objects_read (objects, object, error);
  return bytes != NULL ? pt2_ops_decode_object (ops, object->type, bytes, error) : NULL;
}

gboolean
pt2_objects_encode (const Pt2Objects *objects, const Pt2Object *object, const Pt2Ops *ops, gconstpointer value,
                    Pt2ArchiveWriter *writer, GError **error)
{
  g_autoptr (GBytes) bytes
      = has_record (object, error) ? pt2_ops_encode_object (ops, object->type, value, error) : NULL;
  if (bytes == NULL)
    return FALSE;
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_replace (writer, object->record, source, error);
}
