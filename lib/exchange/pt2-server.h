/* SPDX-License-Identifier: Apache-2.0 */
/* A server of the exchange service (thrift/exchange.thrift, docs/exchange.md) over a folder of archives.
 *
 * One thread waits for all sockets and takes messages apart; a few workers answer them. A client has one request
 * under way at a time, and takes no memory for what it only announces. Those that stall, lie, flood or die cost nobody
 * else anything: docs/operations.md says which limit holds what. What is stored is checked before it is visible,
 * appears whole or not at all, and is kept once however often it comes.
 *
 * Thread rule: pt2_server_run() belongs to one thread; pt2_server_stop() may be called from any, and from a signal
 * handler.
 * Since: 1.0
 */
#pragma once

#include "pt2-limits.h"

G_BEGIN_DECLS

typedef struct _Pt2Server Pt2Server;

/**
 * Pt2ServerEvent:
 * @name: "start", "stop", "connect", "call", "drop" or "close"
 * @connection: number of the connection, from 1; 0 for none
 * @peer: (nullable): name in the client's certificate
 * @method: (nullable): of a call
 * @id: (nullable): error id of a call that failed; why a client was dropped
 * @bytes_in: of a request
 * @bytes_out: of its answer
 * @microseconds: a call took
 *
 * One line of a log. Texts that come from a client are escaped.
 * Since: 1.0
 */
typedef struct
{
  const char *name;
  guint64 connection;
  const char *peer;
  const char *method;
  const char *id;
  guint64 bytes_in;
  guint64 bytes_out;
  guint64 microseconds;
} Pt2ServerEvent;

/* Called in the thread that runs the server. */
typedef void (*Pt2ServerLog) (const Pt2ServerEvent *event, gpointer data);

/**
 * Pt2ServerOptions:
 * @workers: threads that answer; 0: twice the processors, at least 4
 * @connections: clients at once; beyond it those that wait longest without a request are dropped
 * @chunk_bytes: data in one message; a message may have 64 KiB more
 * @page_items: items of one list
 * @request_seconds: for a request to arrive, and for its answer to be taken
 * @idle_seconds: between two requests
 * @grace_seconds: for what is under way when the server stops
 * @buffer_bytes: requests that arrive, together
 * @cache_bytes: programs that are kept at hand
 * @store_bytes: one file that is stored
 * @read_only: nothing is stored
 * @certificate: (nullable): PEM file, for tls: addresses
 * @key: (nullable): PEM file
 * @authority: (nullable): PEM file: who signs the certificates of clients
 * @limits: of each file that is opened
 * @log: (nullable): called for each event
 * @log_data: for @log
 *
 * Begin with pt2_server_options_init().
 * Since: 1.0
 */
typedef struct
{
  guint workers;
  guint connections;
  guint64 chunk_bytes;
  guint page_items;
  guint request_seconds;
  guint idle_seconds;
  guint grace_seconds;
  guint64 buffer_bytes;
  guint64 cache_bytes;
  guint64 store_bytes;
  gboolean read_only;
  const char *certificate;
  const char *key;
  const char *authority;
  Pt2Limits limits;
  Pt2ServerLog log;
  gpointer log_data;
} Pt2ServerOptions;

PT2_API void pt2_server_options_init (Pt2ServerOptions *options);

/**
 * pt2_server_new:
 * @address: `unix:PATH` or any path with a slash; `tcp:HOST:PORT`, this machine only; `tls:HOST:PORT`. Port 0: any
 * @folder: archives and programs; what is stored goes there
 * @options: (nullable): %NULL for the default
 *
 * Listens from now on; answers from pt2_server_run() on. A Unix socket can be used by this user only.
 * Returns: (transfer full) (nullable): %NULL with X008, X009 or X016
 * Since: 1.0
 */
PT2_API Pt2Server *pt2_server_new (const char *address, const char *folder, const Pt2ServerOptions *options,
                                   GError **error);
/* What a client connects to: the address with its port. */
PT2_API const char *pt2_server_get_address (Pt2Server *server);

/**
 * pt2_server_run:
 *
 * Answers until pt2_server_stop(). Then nobody is let in any more, what is under way is finished within
 * @grace_seconds, and it returns.
 * Returns: %FALSE with L001 or X008 if it cannot work at all
 * Since: 1.0
 */
PT2_API gboolean pt2_server_run (Pt2Server *server, GError **error);
PT2_API void pt2_server_stop (Pt2Server *server);
PT2_API void pt2_server_free (Pt2Server *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Server, pt2_server_free)

G_END_DECLS
