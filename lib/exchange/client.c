/* SPDX-License-Identifier: Apache-2.0 */
#include "client_private.h"
#include "text.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum
{
  MOST_FRAME = (256 << 20) + PT2_MESSAGE_EXTRA, /* bytes of an answer, whatever the server says it allows */
  FIRST_PAUSE = 50,                             /* milliseconds before a call is made again; doubles each time */
  LONGEST_PAUSE = 2000,
  FIRST_ROOM = 64 << 10,
};

/* ---- waiting ---- */

static bool
wait_for (Pt2Client *client, short events, GError **error)
{
  struct pollfd wait[2] = { { .fd = client->stream.fd, .events = events }, { .fd = client->cancel, .events = POLLIN } };
  int n;
  do
    n = poll (wait, 2, (int)MIN (client->options.timeout, G_MAXINT));
  while (n < 0 && errno == EINTR);
  if (wait[1].revents != 0)
    return pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "the call was cancelled");
  if (n == 0)
    return pt2_error_set (error, PT2_ERROR_X006, NULL, "nothing happened for %u ms", client->options.timeout);
  return n > 0 || pt2_error_set (error, PT2_ERROR_X007, NULL, "%s", g_strerror (errno));
}

bool
pt2_client_pause (Pt2Client *client, guint try, GError **error)
{
  struct pollfd wait = { .fd = client->cancel, .events = POLLIN };
  int pause = MIN (FIRST_PAUSE << MIN (try, 10), LONGEST_PAUSE);
  /* Not all at once, if many were turned away together. */
  pause += g_random_int_range (0, pause);
  return poll (&wait, 1, pause) <= 0 || pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "the call was cancelled");
}

static bool
later (Pt2Client *client, ssize_t result, short events, GError **error)
{
  if (result != PT2_STREAM_LATER)
    {
      const char *fault = pt2_stream_tls_fault (&client->stream);
      return pt2_error_set (error, fault != NULL ? PT2_ERROR_X016 : PT2_ERROR_X007, NULL, "%s",
                            fault != NULL ? fault : "");
    }
  return wait_for (client, client->stream.wants_write ? POLLOUT : events, error);
}

static bool
write_all (Pt2Client *client, const char *data, size_t len, GError **error)
{
  while (len > 0)
    {
      ssize_t n = pt2_stream_write (&client->stream, data, len);
      if (n < 0 && !later (client, n, POLLOUT, error))
        return false;
      data += MAX (n, 0);
      len -= (size_t)MAX (n, 0);
    }
  return true;
}

static bool
read_all (Pt2Client *client, char *data, size_t len, GError **error)
{
  while (len > 0)
    {
      ssize_t n = pt2_stream_read (&client->stream, data, len);
      if (n < 0 && !later (client, n, POLLIN, error))
        return false;
      data += MAX (n, 0);
      len -= (size_t)MAX (n, 0);
    }
  return true;
}

/* Memory grows with what arrives. */
static char *
read_frame (Pt2Client *client, size_t *len, GError **error)
{
  uint32_t header;
  if (!read_all (client, (char *)&header, sizeof header, error))
    return NULL;
  size_t want = GUINT32_FROM_BE (header), have = 0, room = MIN (want, FIRST_ROOM);
  if (want == 0 || want > MOST_FRAME)
    {
      pt2_error_set (error, want == 0 ? PT2_ERROR_X001 : PT2_ERROR_X004, NULL, "%zu bytes", want);
      return NULL;
    }
  char *body = malloc (room);
  while (body != NULL)
    {
      if (!read_all (client, body + have, room - have, error))
        {
          free (body);
          return NULL;
        }
      have = room;
      if (have == want)
        {
          *len = want;
          return body;
        }
      room = MIN (want, room * 8);
      char *larger = realloc (body, room);
      if (larger == NULL)
        free (body);
      body = larger;
    }
  pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "an answer");
  return NULL;
}

/* ---- replies ---- */

Pt2Reply *
pt2_reply_ref (Pt2Reply *reply)
{
  g_atomic_ref_count_inc (&reply->references);
  return reply;
}

void
pt2_reply_unref (Pt2Reply *reply)
{
  if (!g_atomic_ref_count_dec (&reply->references))
    return;
  pt2_document_clear (&reply->document);
  free (reply->bytes);
  g_free (reply);
}

const void *
pt2_reply_get (Pt2Reply *reply)
{
  return reply->document.root;
}

void
pt2_exchange_init (const char *type, gpointer record)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_exchange_schema, type);
  g_return_if_fail (info != NULL);
  pt2_record_init (type, record);
  for (unsigned i = 0; i < info->n_fields; i++)
    if (info->fields[i].present_bit != PT2_NO_PRESENT_BIT)
      pt2_field_bit_set (info, record, info->fields[i].present_bit);
}

static bool
read_struct (Pt2Reply *reply, const char *type, Pt2String body, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  return pt2_message_read_struct (&reply->document, type, body, &status) || pt2_status_to_error (&status, error);
}

/* The code of an id of ours, such as "PT2-X010". */
static Pt2ErrorCode
code_of (Pt2String id)
{
  for (int code = 1; code < pt2_error_code_count (); code++)
    {
      const char *text = pt2_error_code_id ((Pt2ErrorCode)code);
      if (strlen (text) == id.len && memcmp (text, id.data, id.len) == 0)
        return (Pt2ErrorCode)code;
    }
  return PT2_ERROR_X019;
}

/* Raises what the server raised. */
static bool
raise_fault (const Pt2ExchangeExchangeError *fault, bool *again, GError **error)
{
  char message[512], place[256];
  Pt2ErrorCode code = code_of (fault->id);
  *again = fault->temporary;
  pt2_text_escape_message (fault->message.data, fault->message.len, message, sizeof message);
  pt2_text_escape_message (fault->place.data != NULL ? fault->place.data : "", fault->place.len, place, sizeof place);
  g_set_error_literal (error, PT2_ERROR, (int)code, message);
  if (error != NULL && place[0] != '\0')
    pt2_error_add_record (*error, place);
  return false;
}

static bool
no_such_method (const Pt2Message *message, GError **error)
{
  char text[256];
  Pt2String said = pt2_message_exception_text (message->body);
  pt2_text_escape_message (said.data != NULL ? said.data : "", said.len, text, sizeof text);
  return pt2_error_set (error, PT2_ERROR_X003, NULL, "%s", text);
}

/* The message in REPLY->bytes. */
static bool
take_reply (Pt2Client *client, Pt2Reply *reply, const Pt2Method *method, bool *again, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Message message;
  if (!pt2_message_read (reply->bytes, reply->len, &message, &status))
    return pt2_status_to_error (&status, error);
  if (message.kind == PT2_MESSAGE_EXCEPTION)
    return no_such_method (&message, error);
  if (message.kind != PT2_MESSAGE_REPLY || message.sequence != ++client->received
      || message.method.len != strlen (method->name)
      || memcmp (message.method.data, method->name, message.method.len) != 0)
    return pt2_error_set (error, PT2_ERROR_X001, NULL, "%s", "an answer to something else");
  if (message.field == PT2_FIELD_RESULT)
    return read_struct (reply, method->reply, message.body, error);
  if (message.field != PT2_FIELD_FAULT || !read_struct (reply, "ExchangeError", message.body, error))
    return message.field == PT2_FIELD_FAULT
               ? false
               : pt2_error_set (error, PT2_ERROR_X001, NULL, "%s", "an answer without a result");
  return raise_fault (reply->document.root, again, error);
}

Pt2Reply *
pt2_client_receive (Pt2Client *client, const Pt2Method *method, bool *again, GError **error)
{
  Pt2Reply *reply = g_new0 (Pt2Reply, 1);
  g_atomic_ref_count_init (&reply->references);
  pt2_document_init (&reply->document, &pt2_exchange_schema, NULL, pt2_limits_default (), 0);
  reply->bytes = read_frame (client, &reply->len, error);
  *again = reply->bytes == NULL;
  if (reply->bytes != NULL && take_reply (client, reply, method, again, error))
    return reply;
  pt2_reply_unref (reply);
  return NULL;
}

/* ---- calls ---- */

bool
pt2_client_send (Pt2Client *client, const Pt2Method *method, const void *record, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer out = PT2_BUFFER_INIT;
  bool sent = pt2_message_write (&out, PT2_MESSAGE_CALL, ++client->sent, pt2_record_text (method->name),
                                 PT2_FIELD_REQUEST, method->request, record, &status)
                  ? write_all (client, out.data, pt2_buffer_len (&out), error)
                  : pt2_status_to_error (&status, error);
  pt2_buffer_clear (&out);
  return sent;
}

const Pt2Method *
pt2_client_method (const char *name, GError **error)
{
  int index = pt2_method_find (pt2_record_text (name));
  if (index >= 0)
    return &pt2_methods[index];
  char escaped[128];
  pt2_error_set (error, PT2_ERROR_X003, NULL, "\"%s\"", pt2_text_escape (name, strlen (name), escaped, sizeof escaped));
  return NULL;
}

/* One try. */
static Pt2Reply *
call_once (Pt2Client *client, const Pt2Method *method, const void *record, bool *again, GError **error)
{
  *again = true;
  if ((client->stream.fd < 0 && !pt2_client_connect (client, error))
      || !pt2_client_send (client, method, record, error))
    return NULL;
  return pt2_client_receive (client, method, again, error);
}

Pt2Reply *
pt2_client_call_method (Pt2Client *client, const Pt2Method *method, const void *record, GError **error)
{
  for (guint try = 0;; try++)
    {
      GError *cause = NULL;
      bool again;
      Pt2Reply *reply = call_once (client, method, record, &again, &cause);
      if (reply != NULL)
        return reply;
      /* What failed halfway leaves a connection that nobody can make sense of. */
      if (!g_error_matches (cause, PT2_ERROR, PT2_ERROR_X005))
        pt2_client_disconnect (client);
      bool stop = !again || try >= client->options.retries || g_error_matches (cause, PT2_ERROR, PT2_ERROR_F006)
                  || g_error_matches (cause, PT2_ERROR, PT2_ERROR_X016);
      if (stop || !pt2_client_pause (client, try, error))
        {
          if (stop)
            g_propagate_error (error, cause);
          else
            g_error_free (cause);
          return NULL;
        }
      g_error_free (cause);
    }
}

Pt2Reply *
pt2_client_call (Pt2Client *client, const char *method, const void *request, GError **error)
{
  const Pt2Method *found = pt2_client_method (method, error);
  return found != NULL ? pt2_client_call_method (client, found, request, error) : NULL;
}

static char *
to_json (const Pt2Reply *reply, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer out = PT2_BUFFER_INIT;
  char *text = NULL;
  if (pt2_json_write (&reply->document, &out, &status))
    text = g_strndup (out.data, pt2_buffer_len (&out));
  else
    pt2_status_to_error (&status, error);
  pt2_buffer_clear (&out);
  return text;
}

char *
pt2_client_call_json (Pt2Client *client, const char *method, const char *request, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Document document;
  char *text = NULL;
  const Pt2Method *found = pt2_client_method (method, error);
  if (found == NULL)
    return NULL;
  pt2_document_init (&document, &pt2_exchange_schema, pt2_schema_find_struct (&pt2_exchange_schema, found->request),
                     pt2_limits_default (), strlen (request));
  if (pt2_json_read (&document, request, strlen (request), pt2_limits_default (), &status))
    {
      g_autoptr (Pt2Reply) reply = pt2_client_call_method (client, found, document.root, error);
      text = reply != NULL ? to_json (reply, error) : NULL;
    }
  else
    pt2_status_to_error (&status, error);
  pt2_document_clear (&document);
  return text;
}

/* ---- connecting ---- */

void
pt2_client_disconnect (Pt2Client *client)
{
  pt2_stream_close (&client->stream);
  client->sent = client->received = 0;
}

static bool
start_tls (Pt2Client *client, GError **error)
{
  if (!pt2_stream_start_tls (&client->stream, client->tls, client->address.host))
    return pt2_error_set (error, PT2_ERROR_X016, NULL, "%s", "TLS cannot begin");
  int result;
  while ((result = pt2_stream_handshake (&client->stream)) != 1)
    if (!later (client, result, POLLIN, error))
      return false;
  return true;
}

bool
pt2_client_connect (Pt2Client *client, GError **error)
{
  pt2_client_disconnect (client);
  client->stream.fd = pt2_address_connect (&client->address, (int)MIN (client->options.timeout, G_MAXINT), error);
  if (client->stream.fd < 0 || (client->tls != NULL && !start_tls (client, error)))
    {
      pt2_client_disconnect (client);
      return false;
    }
  return true;
}

static bool
say_hello (Pt2Client *client, GError **error)
{
  Pt2ExchangeHelloRequest hello;
  pt2_exchange_init ("HelloRequest", &hello);
  hello.protocol_version = PT2_EXCHANGE_PROTOCOL_VERSION;
  hello.client = pt2_record_text ("libpt2 " PT2_VERSION);
  client->server = pt2_client_call (client, "hello", &hello, error);
  if (client->server == NULL)
    return false;
  int version = pt2_client_get_server (client)->protocol_version;
  return version == PT2_EXCHANGE_PROTOCOL_VERSION
         || pt2_error_set (error, PT2_ERROR_X002, NULL, "version %d, and %d is known here", version,
                           PT2_EXCHANGE_PROTOCOL_VERSION);
}

void
pt2_client_options_init (Pt2ClientOptions *options)
{
  *options
      = (Pt2ClientOptions){ .timeout = 60000, .retries = 3, .chunk_bytes = 4 << 20, .check = PT2_EXCHANGE_CHECK_CRC32 };
}

Pt2Client *
pt2_client_new (const char *address, const Pt2ClientOptions *options, GError **error)
{
  g_autoptr (Pt2Client) client = g_new0 (Pt2Client, 1);
  client->stream.fd = client->cancel = -1;
  if (options != NULL)
    client->options = *options;
  else
    pt2_client_options_init (&client->options);
  if (!pt2_address_parse (&client->address, address, error))
    return NULL;
  client->cancel = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (client->cancel < 0)
    {
      pt2_error_set (error, PT2_ERROR_X008, NULL, "%s", g_strerror (errno));
      return NULL;
    }
  const Pt2TlsFiles files = { client->options.certificate, client->options.key, client->options.authority };
  if (client->address.kind == PT2_ADDRESS_TLS && (client->tls = pt2_tls_context (&files, false, error)) == NULL)
    return NULL;
  return say_hello (client, error) ? g_steal_pointer (&client) : NULL;
}

void
pt2_client_free (Pt2Client *client)
{
  pt2_client_disconnect (client);
  if (client->cancel >= 0)
    close (client->cancel);
  g_clear_pointer (&client->server, pt2_reply_unref);
  g_clear_pointer (&client->tls, SSL_CTX_free);
  pt2_address_clear (&client->address);
  g_free (client);
}

const Pt2ExchangeServerInfo *
pt2_client_get_server (Pt2Client *client)
{
  return pt2_reply_get (client->server);
}

void
pt2_client_cancel (Pt2Client *client)
{
  guint64 one = 1;
  if (write (client->cancel, &one, sizeof one) < 0)
    return; /* it was told already */
}
