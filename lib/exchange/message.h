/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of the exchange service: Thrift's compact protocol in frames, read and written over the tables of
 * thrift/exchange.thrift. Every byte is checked; nothing here knows a socket or what a method does.
 *
 * A frame is a length of four bytes, most significant first, and a message. A message is a header (kind, number,
 * method) and a struct with one field: 1, the request; 0, the reply; 1, the error. Docs: docs/exchange.md.
 */
#pragma once

#include "codec.h"
#include "pt2-exchange.h"

extern const Pt2Schema pt2_exchange_schema;

enum
{
  PT2_FRAME_HEADER = 4, /* bytes of the length in front of a message */
};

typedef enum
{
  PT2_MESSAGE_CALL = 1,
  PT2_MESSAGE_REPLY = 2,
  PT2_MESSAGE_EXCEPTION = 3, /* the method was not even called: Thrift's TApplicationException */
} Pt2MessageKind;

/* What the one field of a message is. */
enum
{
  PT2_FIELD_RESULT = 0,
  PT2_FIELD_REQUEST = 1,
  PT2_FIELD_FAULT = 1,
};

typedef struct
{
  Pt2MessageKind kind;
  int32_t sequence;
  Pt2String method;
  int field;      /* id of the field; -1: none */
  Pt2String body; /* the field's struct; of an exception, all of it */
} Pt2Message;

/* Takes the message in DATA apart; all of it points into DATA. X001 if it is none, or a call without sense. */
bool pt2_message_read (const char *data, size_t len, Pt2Message *message, Pt2Status *status);

/* Reads BODY as a TYPE of the exchange schema. *DOCUMENT is to be cleared in either case. */
bool pt2_message_read_struct (Pt2Document *document, const char *type, Pt2String body, Pt2Status *status);

/* Appends a frame around RECORD, a TYPE of the exchange schema, as FIELD of the message. L001, T015. */
bool pt2_message_write (Pt2Buffer *out, Pt2MessageKind kind, int32_t sequence, Pt2String method, int field,
                        const char *type, const void *record, Pt2Status *status);
/* Appends a frame with Thrift's own exception; KIND as Thrift numbers them (1: no such method). */
bool pt2_message_write_exception (Pt2Buffer *out, int32_t sequence, Pt2String method, int32_t kind, const char *text,
                                  Pt2Status *status);
/* The text of an exception's body, {NULL, 0} if it has none. */
Pt2String pt2_message_exception_text (Pt2String body);

/* ---- records of the exchange schema ---- */

/* N records side by side, zeroed, their required numbers and inline structs marked as there. NULL: no memory. */
void *pt2_record_new (Pt2Arena *arena, const char *type, size_t n);
#define PT2_RECORD_NEW(arena, Type, n) ((Pt2Exchange##Type *)pt2_record_new (arena, #Type, n))
/* The same for one that is the caller's. */
void pt2_record_init (const char *type, void *record);
/* Marks an optional number as there. */
void pt2_record_mark (const char *type, void *record, const char *field);
/* Texts: of the caller's, which must live as long; "" for NULL. */
Pt2String pt2_record_text (const char *text);
/* A copy; {NULL, 0}: no memory. */
Pt2String pt2_record_copy (Pt2Arena *arena, const char *text, size_t len);
/* A copy that ends with NUL of a text that came; NULL if it is absent, has a NUL, or there is no memory. */
char *pt2_record_name (Pt2Arena *arena, Pt2String text);
