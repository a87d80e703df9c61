/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the exchange service (thrift/exchange.thrift, docs/exchange.md).
 *
 * Everything that arrives is checked: frames, every struct against the tables, every chunk against its hash. A call
 * that fails since the connection broke or the server was busy is made again on a new one, a bounded number of times;
 * long transfers go on where they were.
 *
 * Thread rule: a client belongs to one thread at a time; pt2_client_cancel() may be called from any. A Pt2Reply is
 * immutable and may be read from any thread.
 * Since: 1.0
 */
#pragma once

#include "pt2-exchange.h" /* generated: Pt2ExchangeHelloRequest and all structs and enums */
#include "pt2-limits.h"
#include "pt2-save.h"

G_BEGIN_DECLS

typedef struct _Pt2Client Pt2Client;
typedef struct _Pt2Reply Pt2Reply;

/**
 * Pt2ClientOptions:
 * @timeout: milliseconds for the other side to take or send the next bytes
 * @retries: how often a call is made again
 * @chunk_bytes: of one piece of a long transfer; the server may give less
 * @check: how chunks are checked
 * @certificate: (nullable): PEM file, for tls: addresses
 * @key: (nullable): PEM file
 * @authority: (nullable): PEM file: who signs the certificates of servers
 *
 * Begin with pt2_client_options_init().
 * Since: 1.0
 */
typedef struct
{
  guint timeout;
  guint retries;
  guint chunk_bytes;
  Pt2ExchangeCheck check;
  const char *certificate;
  const char *key;
  const char *authority;
} Pt2ClientOptions;

PT2_API void pt2_client_options_init (Pt2ClientOptions *options);

/**
 * pt2_client_new:
 * @address: as for pt2_server_new()
 * @options: (nullable): %NULL for the default
 *
 * Connects and says hello. Fails with X002 (no common version), X006 to X009, X016.
 * Returns: (transfer full) (nullable): free with pt2_client_free()
 * Since: 1.0
 */
PT2_API Pt2Client *pt2_client_new (const char *address, const Pt2ClientOptions *options, GError **error);
PT2_API void pt2_client_free (Pt2Client *client);
/* What the server said to hello. */
PT2_API const Pt2ExchangeServerInfo *pt2_client_get_server (Pt2Client *client);
/* Whatever the client does, or does next, fails with F006. From any thread. */
PT2_API void pt2_client_cancel (Pt2Client *client);

/* ---- any method ---- */

/**
 * pt2_client_call_json:
 * @method: of thrift/exchange.thrift
 * @request: its request as JSON text; absent fields may be left out; binary is base64
 *
 * Returns: (transfer full) (nullable): the reply as JSON text. %NULL with what the server said (the id of its error is
 *   that of @error), X001 to X007, or J… if @request is none
 * Since: 1.0
 */
PT2_API char *pt2_client_call_json (Pt2Client *client, const char *method, const char *request, GError **error);

/**
 * pt2_client_call:
 * @request: a struct of pt2-exchange.h, of the type that the method takes; numbers need their bit in `present`:
 *   pt2_exchange_init() sets those of required ones
 *
 * Returns: (transfer full) (nullable): free with pt2_reply_unref()
 * Since: 1.0
 */
PT2_API Pt2Reply *pt2_client_call (Pt2Client *client, const char *method, const void *request, GError **error);
/* The struct, of the type that the method gives. */
PT2_API const void *pt2_reply_get (Pt2Reply *reply);
PT2_API Pt2Reply *pt2_reply_ref (Pt2Reply *reply);
PT2_API void pt2_reply_unref (Pt2Reply *reply);

/**
 * pt2_exchange_init:
 * @type: a struct of thrift/exchange.thrift, such as "ProgramFetch"
 * @record: (out caller-allocates): where it is
 *
 * Zeroes it and marks its numbers as there: 0 stands for the default everywhere.
 * Since: 1.0
 */
PT2_API void pt2_exchange_init (const char *type, gpointer record);

/* ---- long transfers ---- */

/**
 * Pt2ReceiveFunc:
 * @data: (nullable): bytes that arrived and were checked, only during the call; %NULL: @len zeros
 * @len: how many
 * @offset: where they belong
 * @total: bytes in all
 *
 * Called for one piece after the other.
 * Returns: %FALSE with an error to stop
 * Since: 1.0
 */
typedef gboolean (*Pt2ReceiveFunc) (gconstpointer data, gsize len, guint64 offset, guint64 total, gpointer user_data,
                                    GError **error);

/**
 * pt2_client_fetch_program:
 * @program: name or content id
 * @model: (nullable): which of several
 * @offset: begin here: what an earlier fetch got already
 * @func: (scope call): takes the pieces
 *
 * Fails with F005 if the program is replaced while it is fetched, with X012 if a piece is damaged, and with what @func
 * says.
 * Since: 1.0
 */
PT2_API gboolean pt2_client_fetch_program (Pt2Client *client, const char *program, const char *model,
                                           Pt2ExchangeProgramForm form, guint64 offset, Pt2ReceiveFunc func,
                                           gpointer user_data, GError **error);
/* All of it in memory. L003 above LIMIT bytes (0: the default of the limit `program-size`). (transfer full) */
PT2_API GBytes *pt2_client_fetch_program_bytes (Pt2Client *client, const char *program, const char *model,
                                                Pt2ExchangeProgramForm form, guint64 limit, GError **error);
/* The elements of a tensor: row-major, little-endian. */
PT2_API gboolean pt2_client_fetch_tensor (Pt2Client *client, const char *program, const char *model, const char *fqn,
                                          guint64 offset, Pt2ReceiveFunc func, gpointer user_data, GError **error);

/**
 * pt2_client_fetch_struct:
 * @program: names an archive
 * @record: a record that is a struct of the schema
 * @type: (nullable): its type, such as "AOTInductorModelPickleData"; %NULL for programs and lists of payloads, which
 *   `structs` lists
 * @form: compact or JSON
 * @func: (scope call): takes the pieces
 *
 * Fails with U005 (no such record), T018 (@type), U007 (@form), and what is wrong with the struct.
 * Since: 1.0
 */
PT2_API gboolean pt2_client_fetch_struct (Pt2Client *client, const char *program, const char *record, const char *type,
                                          Pt2ExchangeProgramForm form, Pt2ReceiveFunc func, gpointer user_data,
                                          GError **error);
/* All of it in memory, as pt2_client_fetch_program_bytes() has a program. (transfer full) */
PT2_API GBytes *pt2_client_fetch_struct_bytes (Pt2Client *client, const char *program, const char *record,
                                               const char *type, Pt2ExchangeProgramForm form, guint64 limit,
                                               GError **error);

/**
 * pt2_client_store:
 * @fd: a regular file, open for reading
 * @name: (nullable): what it shall be called; %NULL: by its hash
 * @base: (nullable): %NULL: the file is an archive or a program; else it is a safetensors file whose tensors replace
 *   those of this program
 * @replace: whether another program of that name is replaced
 * @progress: (nullable) (scope call): how far it is; may stop it
 *
 * What the server has already is not sent; what was interrupted goes on. The file is checked there before it is
 * visible.
 * Returns: (transfer full) (nullable): a StoreResult
 * Since: 1.0
 */
PT2_API Pt2Reply *pt2_client_store (Pt2Client *client, int fd, const char *name, const char *base, gboolean replace,
                                    Pt2ProgressFunc progress, gpointer user_data, GError **error);

/**
 * pt2_client_store_struct:
 * @fd: a regular file, open for reading: one struct of the schema, compact or JSON
 * @base: the archive of which another is made
 * @record: the record whose place the struct takes, or that is added
 * @type: (nullable): as for pt2_client_fetch_struct()
 *
 * The rest is pt2_client_store()'s.
 * Returns: (transfer full) (nullable): a StoreResult
 * Since: 1.0
 */
PT2_API Pt2Reply *pt2_client_store_struct (Pt2Client *client, int fd, const char *name, const char *base,
                                           const char *record, const char *type, gboolean replace,
                                           Pt2ProgressFunc progress, gpointer user_data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Client, pt2_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Reply, pt2_reply_unref)

G_END_DECLS
