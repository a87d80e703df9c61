/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* accept4() */
#include "address.h"
#include "connection.h"
#include "status.h"
#include "workers.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  TICK = 200,            /* milliseconds between two looks at the clock */
  MOST_EVENTS = 256,     /* at a time */
  MOST_ACCEPTED = 64,    /* at a time */
  UNPROVEN_SECONDS = 10, /* for a client's first request */
};

struct _Pt2Server
{
  Pt2ServerOptions options;
  Pt2Service *service;
  Pt2Address address;
  char *bound;
  SSL_CTX *tls;
  int listener, poll, wake, stopper;
  GPtrArray *connections; /* (element-type Pt2Connection) */
  guint64 accepted, buffered;
  Pt2Workers *workers;
  gint stop;
};

/* ---- making ---- */

void
pt2_server_options_init (Pt2ServerOptions *options)
{
  *options = (Pt2ServerOptions){
    .connections = 512,
    .chunk_bytes = 8 << 20,
    .page_items = 1000,
    .request_seconds = 30,
    .idle_seconds = 300,
    .grace_seconds = 10,
    .buffer_bytes = 256 << 20,
    .cache_bytes = UINT64_C (1) << 30,
    .store_bytes = UINT64_C (64) << 30,
    .limits = *pt2_limits_default (),
  };
}

static void
complete (Pt2ServerOptions *options)
{
  if (options->workers == 0)
    options->workers = MAX (2 * g_get_num_processors (), 4);
  options->workers = CLAMP (options->workers, 2, 256);
  options->connections = MAX (options->connections, 1);
  options->page_items = CLAMP (options->page_items, 1, 100000);
  options->chunk_bytes = CLAMP (options->chunk_bytes, 4096, 256 << 20);
}

static bool
watch (Pt2Server *server, int fd, uint32_t events, void *data)
{
  struct epoll_event event = { .events = events, .data.ptr = data };
  return epoll_ctl (server->poll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool
open_sockets (Pt2Server *server, GError **error)
{
  server->listener = pt2_address_listen (&server->address, &server->bound, error);
  if (server->listener < 0)
    return false;
  server->poll = epoll_create1 (EPOLL_CLOEXEC);
  server->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  server->stopper = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (server->poll >= 0 && server->wake >= 0 && server->stopper >= 0
      && watch (server, server->wake, EPOLLIN, &server->wake)
      && watch (server, server->stopper, EPOLLIN, &server->stopper)
      && watch (server, server->listener, EPOLLIN, &server->listener))
    return true;
  return pt2_error_set (error, PT2_ERROR_X008, NULL, "%s", g_strerror (errno));
}

Pt2Server *
pt2_server_new (const char *address, const char *folder, const Pt2ServerOptions *options, GError **error)
{
  g_autoptr (Pt2Server) server = g_new0 (Pt2Server, 1);
  server->listener = server->poll = server->wake = server->stopper = -1;
  server->connections = g_ptr_array_new ();
  if (options != NULL)
    server->options = *options;
  else
    pt2_server_options_init (&server->options);
  complete (&server->options);
  if (!pt2_address_parse (&server->address, address, error))
    return NULL;
  const Pt2TlsFiles files = { server->options.certificate, server->options.key, server->options.authority };
  if (server->address.kind == PT2_ADDRESS_TLS && (server->tls = pt2_tls_context (&files, true, error)) == NULL)
    return NULL;
  server->service = pt2_service_new (folder, &server->options, error);
  return server->service != NULL && open_sockets (server, error) ? g_steal_pointer (&server) : NULL;
}

static void
close_fd (int fd)
{
  if (fd >= 0)
    close (fd);
}

void
pt2_server_free (Pt2Server *server)
{
  g_clear_pointer (&server->workers, pt2_workers_free);
  for (guint i = 0; i < server->connections->len; i++)
    pt2_connection_free (g_ptr_array_index (server->connections, i));
  g_ptr_array_unref (server->connections);
  if (server->listener >= 0 && server->address.kind == PT2_ADDRESS_UNIX)
    unlink (server->address.path);
  close_fd (server->listener);
  close_fd (server->poll);
  close_fd (server->wake);
  close_fd (server->stopper);
  g_clear_pointer (&server->service, pt2_service_free);
  g_clear_pointer (&server->tls, SSL_CTX_free);
  pt2_address_clear (&server->address);
  g_free (server->bound);
  g_free (server);
}

const char *
pt2_server_get_address (Pt2Server *server)
{
  return server->bound;
}

void
pt2_server_stop (Pt2Server *server)
{
  guint64 one = 1;
  int code = errno;
  if (write (server->stopper, &one, sizeof one) < 0)
    errno = code; /* it was told already */
  errno = code;
}

/* ---- log and counters ---- */

static void
tell (const Pt2Server *server, const char *name, const Pt2Connection *connection, const char *id)
{
  Pt2ServerEvent event = { .name = name, .id = id };
  if (server->options.log == NULL)
    return;
  if (connection != NULL)
    {
      event.connection = connection->number;
      event.peer = connection->peer;
    }
  server->options.log (&event, server->options.log_data);
}

static void
tell_call (const Pt2Server *server, const Pt2Connection *connection)
{
  const Pt2Outcome *outcome = &connection->outcome;
  Pt2ServerEvent event = { .name = "call",
                           .connection = connection->number,
                           .peer = connection->peer,
                           .method = outcome->method >= 0 ? pt2_methods[outcome->method].name : NULL,
                           .id = outcome->fault != PT2_ERROR_NONE ? pt2_error_code_id (outcome->fault) : NULL,
                           .bytes_in = connection->body_len + PT2_FRAME_HEADER,
                           .bytes_out = pt2_buffer_len (&connection->answer),
                           .microseconds = connection->microseconds };
  if (server->options.log != NULL)
    server->options.log (&event, server->options.log_data);
}

static void
count (Pt2Server *server, guint64 *counter, guint64 n)
{
  Pt2Counters *counters = &server->service->counters;
  g_mutex_lock (&counters->lock);
  *counter += n;
  counters->connections = server->connections->len;
  counters->waiting = pt2_workers_waiting (server->workers);
  g_mutex_unlock (&counters->lock);
}

/* ---- ends ---- */

/* Closes a connection; one that a worker has is closed when it comes back. ID: why it was dropped, or NULL. */
static void
end (Pt2Server *server, Pt2Connection *connection, const char *id)
{
  if (connection->cut)
    return;
  if (id != NULL)
    count (server, &server->service->counters.dropped, 1);
  tell (server, id != NULL ? "drop" : "close", connection, id);
  epoll_ctl (server->poll, EPOLL_CTL_DEL, connection->stream.fd, NULL);
  g_atomic_int_set (&connection->gone, 1);
  connection->cut = true;
  if (connection->state == PT2_CONNECTION_WAITING)
    return;
  server->buffered -= pt2_connection_drop_request (connection);
  g_ptr_array_remove_fast (server->connections, connection);
  pt2_connection_free (connection);
}

static bool
set_events (Pt2Server *server, Pt2Connection *connection, uint32_t events)
{
  struct epoll_event event = { .events = events, .data.ptr = connection };
  if (connection->events == events)
    return true;
  connection->events = events;
  return epoll_ctl (server->poll, EPOLL_CTL_MOD, connection->stream.fd, &event) == 0;
}

/* ---- too much ---- */

/* Who has sent a part of a request and then nothing for the longest time, but KEEP. */
static Pt2Connection *
slowest (const Pt2Server *server, const Pt2Connection *keep)
{
  Pt2Connection *found = NULL;
  for (guint i = 0; i < server->connections->len; i++)
    {
      Pt2Connection *connection = g_ptr_array_index (server->connections, i);
      if (connection != keep && !connection->cut && connection->state == PT2_CONNECTION_READING
          && connection->body_room > 0 && (found == NULL || connection->heard < found->heard))
        found = connection;
    }
  return found;
}

static void
keep_buffers (Pt2Server *server, const Pt2Connection *keep)
{
  while (server->buffered > server->options.buffer_bytes)
    {
      Pt2Connection *connection = slowest (server, keep);
      if (connection == NULL)
        break;
      end (server, connection, "PT2-X006");
    }
}

/* Whom to drop for a new one: who never asked for anything, else who is idle, the longest first. */
static Pt2Connection *
least_needed (const Pt2Server *server)
{
  Pt2Connection *found = NULL;
  for (guint i = 0; i < server->connections->len; i++)
    {
      Pt2Connection *connection = g_ptr_array_index (server->connections, i);
      bool idle = connection->state == PT2_CONNECTION_READING || connection->state == PT2_CONNECTION_HANDSHAKE;
      if (connection->cut || !idle || (connection->proven && connection->header_len > 0))
        continue;
      if (found == NULL || connection->proven < found->proven
          || (connection->proven == found->proven && connection->heard < found->heard))
        found = connection;
    }
  return found;
}

/* ---- the way of a request ---- */

static void go_on (Pt2Server *server, Pt2Connection *connection);

static void
hand_over (Pt2Server *server, Pt2Connection *connection)
{
  connection->state = PT2_CONNECTION_WAITING;
  if (!set_events (server, connection, 0))
    {
      connection->state = PT2_CONNECTION_READING;
      end (server, connection, "PT2-X007");
      return;
    }
  count (server, &server->service->counters.bytes_in, connection->body_len + PT2_FRAME_HEADER);
  pt2_workers_give (server->workers, connection);
}

static void
read_request (Pt2Server *server, Pt2Connection *connection)
{
  guint64 taken = 0;
  Pt2Progress progress = pt2_connection_read (connection, server->options.chunk_bytes + PT2_MESSAGE_EXTRA, &taken);
  server->buffered += taken;
  if (taken > 0)
    keep_buffers (server, connection);
  switch (progress)
    {
    case PT2_PROGRESS_DONE:
      hand_over (server, connection);
      break;
    case PT2_PROGRESS_LATER:
      if (!set_events (server, connection, connection->stream.wants_write ? EPOLLOUT : EPOLLIN))
        end (server, connection, "PT2-X007");
      break;
    case PT2_PROGRESS_END:
      end (server, connection, connection->header_len > 0 ? "PT2-X007" : NULL);
      break;
    case PT2_PROGRESS_REFUSED:
      end (server, connection, "PT2-X004");
    }
}

static void
write_answer (Pt2Server *server, Pt2Connection *connection)
{
  switch (pt2_connection_write (connection))
    {
    case PT2_PROGRESS_DONE:
      count (server, &server->service->counters.bytes_out, pt2_buffer_len (&connection->answer));
      pt2_buffer_clear (&connection->answer);
      connection->proven = true;
      connection->state = PT2_CONNECTION_READING;
      connection->since = g_get_monotonic_time ();
      if (g_atomic_int_get (&server->stop))
        end (server, connection, NULL);
      else
        read_request (server, connection);
      break;
    case PT2_PROGRESS_LATER:
      if (set_events (server, connection, EPOLLOUT))
        break;
      G_GNUC_FALLTHROUGH;
    default:
      end (server, connection, "PT2-X007");
    }
}

static void
shake_hands (Pt2Server *server, Pt2Connection *connection)
{
  int result = pt2_stream_handshake (&connection->stream);
  if (result == PT2_STREAM_LATER)
    {
      if (!set_events (server, connection, connection->stream.wants_write ? EPOLLOUT : EPOLLIN))
        end (server, connection, "PT2-X007");
      return;
    }
  if (result != 1)
    {
      end (server, connection, "PT2-X016");
      return;
    }
  connection->peer = pt2_stream_peer (&connection->stream);
  connection->state = PT2_CONNECTION_READING;
  tell (server, "connect", connection, NULL);
  read_request (server, connection);
}

static void
go_on (Pt2Server *server, Pt2Connection *connection)
{
  switch (connection->state)
    {
    case PT2_CONNECTION_HANDSHAKE:
      shake_hands (server, connection);
      break;
    case PT2_CONNECTION_READING:
      read_request (server, connection);
      break;
    case PT2_CONNECTION_WRITING:
      write_answer (server, connection);
      break;
    case PT2_CONNECTION_WAITING:
      /* Only told of an error or a hang-up while a worker has it. */
      end (server, connection, "PT2-X007");
    }
}

/* What the workers are done with. */
static void
take_answers (Pt2Server *server)
{
  Pt2Connection *connection;
  while ((connection = pt2_workers_take (server->workers)) != NULL)
    {
      tell_call (server, connection);
      server->buffered -= pt2_connection_drop_request (connection);
      connection->state = PT2_CONNECTION_WRITING;
      connection->since = g_get_monotonic_time ();
      connection->written = 0;
      if (connection->cut)
        {
          g_ptr_array_remove_fast (server->connections, connection);
          pt2_connection_free (connection);
        }
      else if (connection->broken)
        end (server, connection, "PT2-X001");
      else
        write_answer (server, connection);
    }
}

/* ---- new ones ---- */

static void
welcome (Pt2Server *server, int fd)
{
  Pt2Connection *connection = pt2_connection_new (fd, ++server->accepted);
  g_ptr_array_add (server->connections, connection);
  connection->events = EPOLLIN;
  if ((server->tls != NULL && !pt2_stream_start_tls (&connection->stream, server->tls, NULL))
      || !watch (server, fd, EPOLLIN, connection))
    {
      end (server, connection, "PT2-X008");
      return;
    }
  count (server, &server->service->counters.accepted, 1);
  if (server->tls != NULL)
    connection->state = PT2_CONNECTION_HANDSHAKE;
  else
    tell (server, "connect", connection, NULL);
}

static void
accept_some (Pt2Server *server)
{
  for (int i = 0; i < MOST_ACCEPTED; i++)
    {
      int fd = accept4 (server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
      bool full = fd < 0 && (errno == EMFILE || errno == ENFILE);
      if (fd < 0 && !full)
        return;
      Pt2Connection *victim
          = full || server->connections->len >= server->options.connections ? least_needed (server) : NULL;
      if (victim != NULL)
        end (server, victim, "PT2-X005");
      else if (full)
        return; /* nobody can be dropped: it waits in the listener's queue */
      if (fd >= 0 && server->connections->len >= server->options.connections)
        {
          count (server, &server->service->counters.dropped, 1);
          close (fd);
        }
      else if (fd >= 0)
        welcome (server, fd);
    }
}

/* ---- time ---- */

static gint64
allowed_seconds (const Pt2Server *server, const Pt2Connection *connection)
{
  const Pt2ServerOptions *options = &server->options;
  if (connection->state == PT2_CONNECTION_READING && connection->header_len == 0)
    return connection->proven ? options->idle_seconds : MIN (UNPROVEN_SECONDS, options->idle_seconds);
  return options->request_seconds;
}

static void
look_at_clock (Pt2Server *server)
{
  gint64 now = g_get_monotonic_time ();
  for (guint i = server->connections->len; i-- > 0;)
    {
      Pt2Connection *connection = g_ptr_array_index (server->connections, i);
      if (!connection->cut && connection->state != PT2_CONNECTION_WAITING
          && now - connection->since > allowed_seconds (server, connection) * G_USEC_PER_SEC)
        end (server, connection, "PT2-X006");
      i = MIN (i, server->connections->len);
    }
}

/* ---- the loop ---- */

static void
begin_to_stop (Pt2Server *server)
{
  if (g_atomic_int_get (&server->stop))
    return;
  g_atomic_int_set (&server->stop, 1);
  epoll_ctl (server->poll, EPOLL_CTL_DEL, server->listener, NULL);
  epoll_ctl (server->poll, EPOLL_CTL_DEL, server->stopper, NULL);
  for (guint i = server->connections->len; i-- > 0;)
    {
      Pt2Connection *connection = g_ptr_array_index (server->connections, i);
      bool idle = connection->state == PT2_CONNECTION_HANDSHAKE
                  || (connection->state == PT2_CONNECTION_READING && connection->header_len == 0);
      if (idle && !connection->cut)
        end (server, connection, NULL);
    }
}

static void
dispatch (Pt2Server *server, void *data)
{
  guint64 n;
  if (data == &server->wake)
    {
      if (read (server->wake, &n, sizeof n) > 0)
        take_answers (server);
    }
  else if (data == &server->listener)
    accept_some (server);
  else if (data == &server->stopper)
    begin_to_stop (server);
  else
    go_on (server, data);
}

/* A connection that ended while the events of one turn are worked through must not be touched again. */
static bool
is_alive (const Pt2Server *server, const void *data)
{
  if (data == &server->wake || data == &server->listener || data == &server->stopper)
    return true;
  guint index;
  return g_ptr_array_find (server->connections, data, &index)
         && !((const Pt2Connection *)g_ptr_array_index (server->connections, index))->cut;
}

static bool
turn (Pt2Server *server, GError **error)
{
  struct epoll_event events[MOST_EVENTS];
  int n = epoll_wait (server->poll, events, MOST_EVENTS, TICK);
  if (n < 0 && errno != EINTR)
    return pt2_error_set (error, PT2_ERROR_X008, NULL, "%s", g_strerror (errno));
  for (int i = 0; i < n; i++)
    if (is_alive (server, events[i].data.ptr))
      dispatch (server, events[i].data.ptr);
  return true;
}

gboolean
pt2_server_run (Pt2Server *server, GError **error)
{
  gint64 last_look = 0, stop_until = G_MAXINT64;
  bool fine = true;
  server->workers = pt2_workers_new (server->service, server->options.workers, server->wake);
  if (server->workers == NULL)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "threads");
  tell (server, "start", NULL, NULL);
  while (fine)
    {
      gint64 now = g_get_monotonic_time ();
      fine = turn (server, error);
      if (now - last_look > TICK * 1000)
        {
          look_at_clock (server);
          last_look = now;
        }
      if (!g_atomic_int_get (&server->stop))
        continue;
      if (stop_until == G_MAXINT64)
        stop_until = now + server->options.grace_seconds * G_USEC_PER_SEC;
      if (server->connections->len == 0 || now > stop_until)
        break;
    }
  tell (server, "stop", NULL, NULL);
  for (guint i = 0; i < server->connections->len; i++)
    g_atomic_int_set (&((Pt2Connection *)g_ptr_array_index (server->connections, i))->gone, 1);
  g_clear_pointer (&server->workers, pt2_workers_free);
  return fine;
}
