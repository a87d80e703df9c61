/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that only look: hello, programs, describe, tensors, stats. */
#include "ids.h"
#include "service.h"
#include "sha256.h"
#include <string.h>

enum
{
  IDS_TIME = G_USEC_PER_SEC / 2, /* microseconds */
};

/* ---- shared ---- */

static Pt2String
copy (Pt2Call *call, Pt2String text)
{
  return text.data != NULL ? pt2_record_copy (&call->arena, text.data, text.len) : text;
}

static bool
fill_models (Pt2Call *call, const Pt2Item *item, Pt2ExchangeProgramEntry *entry)
{
  entry->models.items = pt2_arena_alloc (&call->arena, item->n_models * sizeof (Pt2String));
  entry->models.len = entry->models.items != NULL ? item->n_models : 0;
  for (guint i = 0; i < entry->models.len; i++)
    entry->models.items[i] = pt2_record_copy (&call->arena, item->models[i].name, strlen (item->models[i].name));
  return entry->models.items != NULL;
}

/* What is not known yet is worked out as long as the call takes no longer for it than IDS_TIME. */
static Pt2IdEffort
effort_of (const Pt2Call *call)
{
  return g_get_monotonic_time () - call->started < IDS_TIME ? PT2_ID_CHEAP : PT2_ID_KNOWN;
}

static Pt2String
content_id (Pt2Call *call, Pt2Item *item, Pt2ShelfModel *model)
{
  uint8_t digest[PT2_SHA256_LEN];
  char text[PT2_ID_TEXT];
  if (!pt2_item_id (call->service->shelf, item, model, effort_of (call), NULL, digest, NULL))
    return (Pt2String){ NULL, 0 };
  pt2_id_write (digest, text);
  return pt2_record_copy (&call->arena, text, strlen (text));
}

static void
fill_ids (Pt2Call *call, Pt2Item *item, Pt2ExchangeProgramEntry *entry)
{
  uint8_t digest[PT2_SHA256_LEN];
  Pt2ShelfModel *model = item->fault == NULL ? pt2_item_model (item, NULL, NULL) : NULL;
  if (model != NULL)
    entry->content_id = content_id (call, item, model);
  if (pt2_item_id (call->service->shelf, item, NULL, effort_of (call), call->cancelled, digest, NULL))
    entry->sha256 = pt2_record_copy (&call->arena, (const char *)digest, sizeof digest);
}

bool
pt2_call_fill_entry (Pt2Call *call, Pt2Item *item, Pt2ExchangeProgramEntry *entry, GError **error)
{
  entry->name = pt2_record_copy (&call->arena, item->name, strlen (item->name));
  entry->kind = pt2_record_text (item->kind);
  entry->bytes = (int64_t)item->bytes;
  fill_ids (call, item, entry);
  if (item->fault != NULL)
    entry->fault = pt2_record_text (pt2_error_get_id (item->fault));
  return (entry->name.data != NULL && fill_models (call, item, entry)) || pt2_call_no_memory (error);
}

Pt2Item *
pt2_call_open (Pt2Call *call, Pt2String program, Pt2String model, Pt2ShelfModel **found, GError **error)
{
  const char *name = pt2_call_name (call, program, error);
  const char *model_name = model.data != NULL ? pt2_call_name (call, model, error) : NULL;
  if (name == NULL || (model.data != NULL && model_name == NULL))
    return NULL;
  /* A program by itself is listed with an empty name. */
  model_name = model_name != NULL && model_name[0] == '\0' ? NULL : model_name;
  g_autoptr (Pt2Item) item = pt2_shelf_open_model (call->service->shelf, name, found, error);
  if (item != NULL && (*found == NULL || model_name != NULL))
    *found = pt2_item_model (item, model_name, error);
  return item != NULL && *found != NULL ? g_steal_pointer (&item) : NULL;
}

static guint
page_of (const Pt2Call *call, int64_t limit)
{
  guint most = call->service->options.page_items;
  return limit > 0 && limit < most ? (guint)limit : most;
}

/* ---- hello ---- */

/* The newest minor that brought something. */
static int64_t
newest_minor (void)
{
  const Pt2Schema *schema = &pt2_export_schema;
  int64_t newest = 0;
  for (unsigned i = 0; i < schema->n_structs; i++)
    for (unsigned j = 0; j < schema->structs[i]->n_fields; j++)
      newest = MAX (newest, schema->structs[i]->fields[j].since);
  for (unsigned i = 0; i < schema->n_enums; i++)
    for (unsigned j = 0; j < schema->enums[i]->n_members; j++)
      newest = MAX (newest, schema->enums[i]->members[j].since);
  return newest;
}

bool
pt2_answer_hello (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ServerOptions *options = &call->service->options;
  Pt2ExchangeServerInfo *info = answer;
  info->protocol_version = PT2_EXCHANGE_PROTOCOL_VERSION;
  info->server = pt2_record_text ("libpt2 " PT2_VERSION);
  info->schema_major = 8;
  info->schema_minor = newest_minor ();
  info->read_only = options->read_only;
  info->limits.chunk_bytes = (int64_t)options->chunk_bytes;
  info->limits.frame_bytes = (int64_t)options->chunk_bytes + PT2_MESSAGE_EXTRA;
  info->limits.store_bytes = (int64_t)options->store_bytes;
  info->limits.page_items = (int32_t)options->page_items;
  info->limits.connections = (int32_t)options->connections;
  info->limits.idle_seconds = (int32_t)options->idle_seconds;
  info->limits.request_seconds = (int32_t)options->request_seconds;
  info->methods.items = pt2_arena_alloc (&call->arena, pt2_n_methods * sizeof (Pt2String));
  info->methods.len = pt2_n_methods;
  for (guint i = 0; info->methods.items != NULL && i < pt2_n_methods; i++)
    info->methods.items[i] = pt2_record_text (pt2_methods[i].name);
  return info->methods.items != NULL || pt2_call_no_memory (error);
}

/* ---- programs ---- */

/* The first name behind AFTER. */
static guint
find_after (const GPtrArray *names, const char *after)
{
  guint low = 0, high = names->len;
  while (after != NULL && low < high)
    {
      guint middle = low + (high - low) / 2;
      if (strcmp (g_ptr_array_index (names, middle), after) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

bool
pt2_answer_programs (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeListRequest *request = asked;
  Pt2ExchangeProgramList *list = answer;
  const char *after = request->after.data != NULL ? pt2_call_name (call, request->after, error) : NULL;
  if (request->after.data != NULL && after == NULL)
    return false;
  g_autoptr (GPtrArray) names = pt2_shelf_names (call->service->shelf, error);
  if (names == NULL)
    return false;
  guint first = find_after (names, after), n = MIN (page_of (call, request->limit), names->len - first);
  list->programs.items = PT2_RECORD_NEW (&call->arena, ProgramEntry, n);
  if (list->programs.items == NULL)
    return pt2_call_no_memory (error);
  for (guint i = 0; i < n; i++)
    {
      /* One that went meanwhile is no fault. */
      g_autoptr (Pt2Item) item = pt2_shelf_open (call->service->shelf, g_ptr_array_index (names, first + i), NULL);
      if (item != NULL && !pt2_call_fill_entry (call, item, &list->programs.items[list->programs.len++], error))
        return false;
    }
  if (first + n < names->len && n > 0)
    {
      const char *last = g_ptr_array_index (names, first + n - 1);
      list->last = pt2_record_copy (&call->arena, last, strlen (last));
    }
  return true;
}

/* ---- describe ---- */

static bool
fill_shape (Pt2Call *call, const Pt2SignatureItem *item, Pt2ExchangeSignatureItem *out)
{
  out->shape.items = PT2_RECORD_NEW (&call->arena, Dimension, item->n_shape);
  if (out->shape.items == NULL)
    return false;
  out->shape.len = item->n_shape;
  for (guint i = 0; i < item->n_shape; i++)
    {
      const Pt2Dim *dim = &item->shape[i];
      Pt2ExchangeDimension *to = &out->shape.items[i];
      to->which = dim->expr.data != NULL ? PT2_EXCHANGE_DIMENSION_EXPRESSION : PT2_EXCHANGE_DIMENSION_SIZE;
      if (dim->expr.data != NULL)
        to->expression = copy (call, dim->expr);
      else
        to->size = dim->value;
    }
  return true;
}

static Pt2ExchangeSignatureItem *
make_items (Pt2Call *call, const Pt2SignatureItem *items, guint n)
{
  Pt2ExchangeSignatureItem *out = PT2_RECORD_NEW (&call->arena, SignatureItem, n);
  for (guint i = 0; out != NULL && i < n; i++)
    {
      out[i].kind = pt2_record_text (items[i].kind);
      out[i].name = copy (call, items[i].name);
      out[i].target = copy (call, items[i].target);
      out[i].constant = copy (call, items[i].constant);
      if (items[i].dtype != NULL)
        out[i].dtype = pt2_record_text (items[i].dtype);
      if (items[i].shape != NULL && !fill_shape (call, &items[i], &out[i]))
        return NULL;
    }
  return out;
}

static bool
fill_operators (Pt2Call *call, Pt2Program *program, Pt2ExchangeDescription *out)
{
  guint n = 0;
  g_autofree Pt2OperatorCount *counts = pt2_program_count_operators (program, &n);
  out->operators.items = counts != NULL ? PT2_RECORD_NEW (&call->arena, OperatorCount, n) : NULL;
  if (out->operators.items == NULL)
    return false;
  out->operators.len = n;
  for (guint i = 0; i < n; i++)
    {
      out->operators.items[i].target = copy (call, counts[i].target);
      out->operators.items[i].count = counts[i].count;
      out->nodes += counts[i].count;
    }
  return true;
}

static bool
fill_ranges (Pt2Call *call, Pt2Program *program, Pt2ExchangeDescription *out)
{
  guint n;
  const Pt2Range *ranges = pt2_program_get_ranges (program, &n);
  out->ranges.items = PT2_RECORD_NEW (&call->arena, SymbolRange, n);
  if (out->ranges.items == NULL)
    return false;
  out->ranges.len = n;
  for (guint i = 0; i < n; i++)
    {
      Pt2ExchangeSymbolRange *range = &out->ranges.items[i];
      range->name = copy (call, ranges[i].name);
      range->lower = ranges[i].min;
      range->upper = ranges[i].max;
      if (ranges[i].has_min)
        pt2_record_mark ("SymbolRange", range, "lower");
      if (ranges[i].has_max)
        pt2_record_mark ("SymbolRange", range, "upper");
    }
  return true;
}

static bool
fill_description (Pt2Call *call, Pt2Program *program, Pt2ExchangeDescription *out, GError **error)
{
  guint n_inputs, n_outputs;
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (program, &n_inputs);
  const Pt2SignatureItem *outputs = pt2_program_get_outputs (program, &n_outputs);
  pt2_program_get_schema_version (program, &out->schema_major, &out->schema_minor);
  out->torch_version = copy (call, pt2_program_get_torch_version (program));
  out->subgraphs = pt2_program_count_subgraphs (program);
  out->inputs.items = make_items (call, inputs, n_inputs);
  out->inputs.len = n_inputs;
  out->outputs.items = make_items (call, outputs, n_outputs);
  out->outputs.len = n_outputs;
  return (out->inputs.items != NULL && out->outputs.items != NULL && fill_operators (call, program, out)
          && fill_ranges (call, program, out))
         || pt2_call_no_memory (error);
}

bool
pt2_answer_describe (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeProgramRequest *request = asked;
  Pt2ExchangeDescription *out = answer;
  Pt2Shelf *shelf = call->service->shelf;
  Pt2ShelfModel *model;
  g_autoptr (Pt2Item) item = pt2_call_open (call, request->program, request->model, &model, error);
  if (item == NULL)
    return false;
  g_autoptr (Pt2Program) program = pt2_item_program (shelf, item, model, error);
  if (program == NULL || !pt2_call_fill_entry (call, item, &out->entry, error)
      || !fill_description (call, program, out, error))
    return false;
  g_autoptr (GError) cause = NULL;
  g_autoptr (Pt2Tensors) tensors = pt2_item_tensors (shelf, item, model, &cause);
  guint n = 0;
  if (tensors != NULL)
    pt2_tensors_get (tensors, &n);
  out->tensors = n;
  out->model = pt2_record_copy (&call->arena, model->name, strlen (model->name));
  out->content_id = content_id (call, item, model);
  return true;
}

/* ---- tensors ---- */

static bool
fill_tensor (Pt2Call *call, const Pt2Tensor *tensor, Pt2ExchangeTensorEntry *out)
{
  out->fqn = copy (call, tensor->fqn);
  out->role = pt2_record_text (pt2_tensor_role_name (tensor->role));
  out->bytes = (int64_t)tensor->nbytes;
  if (tensor->dtype != NULL)
    out->dtype = pt2_record_text (tensor->dtype);
  if (tensor->fault != NULL)
    out->fault = pt2_record_text (pt2_error_get_id (tensor->fault));
  guint n = tensor->shape != NULL ? tensor->n_dims : 0;
  out->shape.items = pt2_arena_alloc (&call->arena, n * sizeof (int64_t));
  if (out->shape.items == NULL)
    return false;
  if (n > 0)
    memcpy (out->shape.items, tensor->shape, n * sizeof (int64_t));
  out->shape.len = n;
  return true;
}

bool
pt2_answer_tensors (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeTensorListRequest *request = asked;
  Pt2ExchangeTensorList *list = answer;
  Pt2ShelfModel *model;
  guint n = 0;
  g_autoptr (Pt2Item) item = pt2_call_open (call, request->program, request->model, &model, error);
  if (item == NULL)
    return false;
  GError *cause = NULL;
  g_autoptr (Pt2Tensors) tensors = pt2_item_tensors (call->service->shelf, item, model, &cause);
  if (cause != NULL)
    {
      g_propagate_error (error, cause);
      return false;
    }
  const Pt2Tensor *all = tensors != NULL ? pt2_tensors_get (tensors, &n) : NULL;
  guint first = request->first > 0 ? (guint)MIN (request->first, (int64_t)n) : 0;
  guint len = MIN (page_of (call, request->limit), n - first);
  list->total = n;
  list->tensors.items = PT2_RECORD_NEW (&call->arena, TensorEntry, len);
  if (list->tensors.items == NULL)
    return pt2_call_no_memory (error);
  list->tensors.len = len;
  for (guint i = 0; i < len; i++)
    if (!fill_tensor (call, &all[first + i], &list->tensors.items[i]))
      return pt2_call_no_memory (error);
  /* The texts are copies, so the tensors may go. */
  return true;
}

/* ---- stats ---- */

/* The time that PART of a thousand calls stay below. */
static int64_t
percentile (const Pt2MethodCount *count, guint part)
{
  guint64 sum = 0;
  for (guint i = 0; i < PT2_BUCKETS; i++)
    {
      sum += count->buckets[i];
      if (sum * 1000 >= count->calls * part)
        return (int64_t)1 << i;
    }
  return 0;
}

static void
fill_method (const Pt2MethodCount *count, const char *name, Pt2ExchangeMethodStats *out)
{
  out->method = pt2_record_text (name);
  out->calls = (int64_t)count->calls;
  out->errors = (int64_t)count->errors;
  out->microseconds = (int64_t)count->microseconds;
  out->p50 = count->calls > 0 ? percentile (count, 500) : 0;
  out->p99 = count->calls > 0 ? percentile (count, 990) : 0;
}

bool
pt2_answer_stats (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  Pt2Counters *counters = &call->service->counters;
  Pt2ExchangeStats *out = answer;
  out->methods.items = PT2_RECORD_NEW (&call->arena, MethodStats, pt2_n_methods);
  if (out->methods.items == NULL)
    return pt2_call_no_memory (error);
  out->methods.len = pt2_n_methods;
  out->cache_bytes = (int64_t)pt2_shelf_weight (call->service->shelf);
  g_mutex_lock (&counters->lock);
  out->uptime = (double)(g_get_monotonic_time () - counters->started) / G_USEC_PER_SEC;
  out->connections = (int64_t)counters->connections;
  out->accepted = (int64_t)counters->accepted;
  out->dropped = (int64_t)counters->dropped;
  out->bytes_in = (int64_t)counters->bytes_in;
  out->bytes_out = (int64_t)counters->bytes_out;
  out->waiting = (int64_t)counters->waiting;
  for (guint i = 0; i < pt2_n_methods; i++)
    fill_method (&counters->methods[i], pt2_methods[i].name, &out->methods.items[i]);
  g_mutex_unlock (&counters->lock);
  return true;
}
