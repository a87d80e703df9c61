/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"
#include <string.h>

const Pt2Method pt2_methods[] = {
#define PT2_EXCHANGE_METHOD(name, request, reply, slow) { #name, #request, #reply, slow },
#include "methods.def"
#undef PT2_EXCHANGE_METHOD
};
const guint pt2_n_methods = G_N_ELEMENTS (pt2_methods);

static const Pt2Handler handlers[] = {
#define PT2_EXCHANGE_METHOD(name, request, reply, slow) pt2_answer_##name,
#include "methods.def"
#undef PT2_EXCHANGE_METHOD
};

enum
{
  NO_SUCH_METHOD = 1, /* Thrift's TApplicationException.UNKNOWN_METHOD */
  LONG_ARENA = 64 << 20,
};

int
pt2_method_find (Pt2String name)
{
  for (guint i = 0; i < pt2_n_methods; i++)
    if (strlen (pt2_methods[i].name) == name.len && memcmp (pt2_methods[i].name, name.data, name.len) == 0)
      return (int)i;
  return -1;
}

/* ---- the service ---- */

Pt2Service *
pt2_service_new (const char *folder, const Pt2ServerOptions *options, GError **error)
{
  Pt2Shelf *shelf = pt2_shelf_new (folder, options->cache_bytes, &options->limits, error);
  Pt2Uploads *uploads = shelf != NULL ? pt2_uploads_new (shelf, options, error) : NULL;
  if (uploads == NULL)
    {
      g_clear_pointer (&shelf, pt2_shelf_free);
      return NULL;
    }
  Pt2Service *service = g_new0 (Pt2Service, 1);
  service->options = *options;
  service->shelf = shelf;
  service->uploads = uploads;
  g_mutex_init (&service->counters.lock);
  service->counters.started = g_get_monotonic_time ();
  service->counters.methods = g_new0 (Pt2MethodCount, pt2_n_methods);
  return service;
}

void
pt2_service_free (Pt2Service *service)
{
  pt2_uploads_free (service->uploads);
  pt2_shelf_free (service->shelf);
  g_mutex_clear (&service->counters.lock);
  g_free (service->counters.methods);
  g_free (service);
}

void
pt2_service_count (Pt2Service *service, const Pt2Outcome *outcome, guint64 microseconds)
{
  if (outcome->method < 0)
    return;
  Pt2MethodCount *count = &service->counters.methods[outcome->method];
  guint bucket = 0;
  while (bucket + 1 < PT2_BUCKETS && microseconds >> bucket != 0)
    bucket++;
  g_mutex_lock (&service->counters.lock);
  count->calls++;
  count->errors += outcome->fault != PT2_ERROR_NONE;
  count->microseconds += microseconds;
  count->buckets[bucket]++;
  g_mutex_unlock (&service->counters.lock);
}

/* ---- one call ---- */

void
pt2_call_keep (Pt2Call *call, GBytes *bytes)
{
  g_ptr_array_add (call->kept, bytes);
}

bool
pt2_call_no_memory (GError **error)
{
  return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "an answer");
}

const char *
pt2_call_name (Pt2Call *call, Pt2String text, GError **error)
{
  const char *name = pt2_record_name (&call->arena, text);
  if (name == NULL)
    pt2_error_set (error, PT2_ERROR_X010, NULL, "%s", "no name at all");
  return name;
}

/* As an ExchangeError. An error that is none of libpt2's has its text, too. */
static bool
write_fault (const Pt2Message *message, const GError *error, Pt2Buffer *out, Pt2Status *status)
{
  Pt2ExchangeExchangeError fault;
  pt2_record_init ("ExchangeError", &fault);
  fault.id = pt2_record_text (pt2_error_get_id (error));
  fault.message = pt2_record_text (error->message);
  const char *where = pt2_error_get_where (error);
  if (where != NULL)
    fault.place = pt2_record_text (where);
  fault.temporary
      = g_error_matches (error, PT2_ERROR, PT2_ERROR_X005) || g_error_matches (error, PT2_ERROR, PT2_ERROR_L001);
  return pt2_message_write (out, PT2_MESSAGE_REPLY, message->sequence, message->method, PT2_FIELD_FAULT,
                            "ExchangeError", &fault, status);
}

static bool
write_reply (Pt2Call *call, const Pt2Message *message, const Pt2Method *method, const void *request, Pt2Buffer *out,
             GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  size_t start = pt2_buffer_len (out);
  void *reply = pt2_record_new (&call->arena, method->reply, 1);
  if (reply == NULL)
    return pt2_call_no_memory (error);
  if (!handlers[method - pt2_methods](call, request, reply, error))
    return false;
  if (!pt2_message_write (out, PT2_MESSAGE_REPLY, message->sequence, message->method, PT2_FIELD_RESULT, method->reply,
                          reply, &status))
    return pt2_status_to_error (&status, error);
  if (pt2_buffer_len (out) - start <= call->service->options.chunk_bytes + PT2_MESSAGE_EXTRA)
    return true;
  return pt2_error_set (error, PT2_ERROR_X004, NULL, "the answer has %zu bytes", pt2_buffer_len (out) - start);
}

static bool
call_method (Pt2Service *service, const Pt2Message *message, const Pt2Method *method, const gint *cancelled,
             Pt2Buffer *out, GError **error)
{
  Pt2Document document;
  Pt2Call call = { .service = service, .cancelled = cancelled, .started = g_get_monotonic_time () };
  Pt2Status status = PT2_STATUS_INIT;
  pt2_arena_init (&call.arena, LONG_ARENA, 4096);
  call.kept = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  bool done = pt2_message_read_struct (&document, method->request, message->body, &status)
                  ? write_reply (&call, message, method, document.root, out, error)
                  : pt2_status_to_error (&status, error);
  pt2_document_clear (&document);
  /* The answer has a copy. */
  if (call.sent.item != NULL)
    pt2_item_let_go (call.sent.item, call.sent.data, call.sent.len);
  g_clear_pointer (&call.sent.item, pt2_item_unref);
  g_ptr_array_unref (call.kept);
  pt2_arena_clear (&call.arena);
  return done;
}

/* One that can be answered: a call, with a request or nothing. */
static bool
read_call (const char *data, size_t len, Pt2Message *message, Pt2Status *status)
{
  if (!pt2_message_read (data, len, message, status))
    return false;
  if (message->kind == PT2_MESSAGE_CALL && (message->field == PT2_FIELD_REQUEST || message->field == -1))
    return true;
  return pt2_status_fail (status, PT2_ERROR_X001, 1, "%s", "no call of a method with one request");
}

bool
pt2_service_answer (Pt2Service *service, const char *data, size_t len, const gint *cancelled, Pt2Buffer *out,
                    Pt2Outcome *outcome, Pt2Status *status)
{
  Pt2Message message;
  size_t start = pt2_buffer_len (out);
  *outcome = (Pt2Outcome){ -1, PT2_ERROR_NONE };
  if (!read_call (data, len, &message, status))
    return false;
  outcome->method = pt2_method_find (message.method);
  if (outcome->method < 0)
    {
      outcome->fault = PT2_ERROR_X003;
      return pt2_message_write_exception (out, message.sequence, message.method, NO_SUCH_METHOD,
                                          pt2_error_code_summary (PT2_ERROR_X003), status);
    }
  g_autoptr (GError) error = NULL;
  if (call_method (service, &message, &pt2_methods[outcome->method], cancelled, out, &error))
    return true;
  outcome->fault = error->domain == PT2_ERROR ? (Pt2ErrorCode)error->code : PT2_ERROR_F001;
  if (out->data != NULL)
    out->next = out->data + start;
  return write_fault (&message, error, out, status);
}

bool
pt2_service_answer_busy (const char *data, size_t len, Pt2Buffer *out, Pt2Status *status)
{
  Pt2Message message;
  g_autoptr (GError) error = NULL;
  if (!read_call (data, len, &message, status))
    return false;
  pt2_error_set (&error, PT2_ERROR_X005, NULL, "%s", "too many long calls");
  return write_fault (&message, error, out, status);
}

bool
pt2_service_is_slow (const char *data, size_t len)
{
  Pt2Message message;
  Pt2Status status = PT2_STATUS_INIT;
  if (!pt2_message_read (data, len, &message, &status))
    return false;
  int method = pt2_method_find (message.method);
  return method >= 0 && pt2_methods[method].slow;
}
