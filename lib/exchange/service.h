/* SPDX-License-Identifier: Apache-2.0 */
/* What a server does with one message: from the bytes of a request to those of its answer. Knows no socket; any number
 * of threads at once. The fuzz target calls this. */
#pragma once

#include "message.h"
#include "pt2-archive-writer.h"
#include "pt2-check.h"
#include "pt2-server.h"
#include "shelf.h"

typedef struct Pt2Uploads Pt2Uploads;

/* One row of methods.def. */
typedef struct
{
  const char *name;
  const char *request, *reply; /* types */
  bool slow;
} Pt2Method;
extern const Pt2Method pt2_methods[];
extern const guint pt2_n_methods;
/* Its index, or -1. */
int pt2_method_find (Pt2String name);

enum
{
  PT2_BUCKETS = 40,             /* of times: bucket i counts those below 2^i microseconds */
  PT2_MESSAGE_EXTRA = 64 << 10, /* bytes of a message beside its chunk */
};

typedef struct
{
  guint64 calls, errors, microseconds;
  guint64 buckets[PT2_BUCKETS];
} Pt2MethodCount;

/* What is counted; under its lock. */
typedef struct
{
  GMutex lock;
  gint64 started; /* g_get_monotonic_time() */
  guint64 connections, accepted, dropped, bytes_in, bytes_out, waiting;
  Pt2MethodCount *methods;
} Pt2Counters;

typedef struct
{
  Pt2ServerOptions options;
  Pt2Shelf *shelf;
  Pt2Uploads *uploads;
  Pt2Counters counters;
} Pt2Service;

/* X008. */
Pt2Service *pt2_service_new (const char *folder, const Pt2ServerOptions *options, GError **error);
void pt2_service_free (Pt2Service *service);

/* What of an item the answer has bytes of. */
typedef struct
{
  Pt2Item *item; /* NULL: of none */
  const void *data;
  size_t len;
} Pt2Sent;

/* One call under way. */
typedef struct
{
  Pt2Service *service;
  Pt2Arena arena;        /* what the answer is made of */
  GPtrArray *kept;       /* (element-type GBytes) what the answer points into */
  const gint *cancelled; /* not 0: nobody waits for the answer any more */
  gint64 started;        /* g_get_monotonic_time() */
  Pt2Sent sent;
} Pt2Call;

/* What became of a request. */
typedef struct
{
  int method;         /* index; -1: none of ours */
  Pt2ErrorCode fault; /* the answer says it; PT2_ERROR_NONE if all is well */
} Pt2Outcome;

/* Appends the frame that answers the message in DATA (no frame header) to OUT. False, and the client is to be dropped,
 * if it was no message (X001) or memory is short. */
bool pt2_service_answer (Pt2Service *service, const char *data, size_t len, const gint *cancelled, Pt2Buffer *out,
                         Pt2Outcome *outcome, Pt2Status *status);
/* Appends an answer that the server is busy (X005) to the same message. */
bool pt2_service_answer_busy (const char *data, size_t len, Pt2Buffer *out, Pt2Status *status);
/* Does the message in DATA ask for something that may take long? */
bool pt2_service_is_slow (const char *data, size_t len);
void pt2_service_count (Pt2Service *service, const Pt2Outcome *outcome, guint64 microseconds);

/* ---- for the handlers, one for each method ---- */

typedef bool (*Pt2Handler) (Pt2Call *call, const void *request, void *reply, GError **error);
#define PT2_EXCHANGE_METHOD(name, request, reply, slow)                                                                \
  bool pt2_answer_##name (Pt2Call *call, const void *asked, void *answer, GError **error);
#include "methods.def"
#undef PT2_EXCHANGE_METHOD

/* A text of the request as a C string, in the call's arena; NULL with X010 if it cannot be one. */
const char *pt2_call_name (Pt2Call *call, Pt2String text, GError **error);
/* Bytes that the answer points into are kept until it is written. (transfer full) */
void pt2_call_keep (Pt2Call *call, GBytes *bytes);
bool pt2_call_no_memory (GError **error);
/* An item as an entry of a list. */
bool pt2_call_fill_entry (Pt2Call *call, Pt2Item *item, Pt2ExchangeProgramEntry *entry, GError **error);
/* The item and the model that a request names. */
Pt2Item *pt2_call_open (Pt2Call *call, Pt2String program, Pt2String model, Pt2ShelfModel **found, GError **error);

/* answer_fetch.c: a piece of BYTES, which are taken over and made of ITEM. Another file of that name, or the same one
 * written anew, is another version. */
typedef struct
{
  int64_t offset, limit; /* as asked for; 0: all that may be */
  int32_t check;
} Pt2Wanted;
bool pt2_call_fill_chunk (Pt2Call *call, Pt2Item *item, GBytes *bytes, const Pt2Wanted *wanted, Pt2ExchangeChunk *chunk,
                          GError **error);

/* answer_struct.c: a struct of the schema (compact or JSON) takes the place of a record of an archive made from BASE;
 * TYPE: NULL if the record's role says it. T018, J…, T…. */
bool pt2_call_put_struct (Pt2Call *call, const Pt2Item *base, Pt2ArchiveWriter *writer, const char *record,
                          const char *type, GBytes *bytes, GError **error);

/* check.c: what speaks against ITEM, in the call's arena. False: it could not be checked. */
typedef struct
{
  Pt2ExchangeFinding *items;
  uint32_t len;
  bool ok;                         /* nothing from a warning upwards */
  const Pt2ExchangeFinding *fault; /* the first that keeps it from being stored, or NULL */
} Pt2Findings;
bool pt2_call_check_item (Pt2Call *call, Pt2Item *item, Pt2Profile profile, Pt2Findings *findings, GError **error);

/* uploads.c */
Pt2Uploads *pt2_uploads_new (Pt2Shelf *shelf, const Pt2ServerOptions *options, GError **error);
void pt2_uploads_free (Pt2Uploads *uploads);
