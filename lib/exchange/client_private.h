/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a Pt2Client. */
#pragma once

#include "address.h"
#include "message.h"
#include "pt2-client.h"
#include "service.h"
#include "stream.h"

struct _Pt2Client
{
  Pt2Address address;
  Pt2ClientOptions options;
  SSL_CTX *tls;
  Pt2Stream stream;       /* fd -1: not connected */
  int cancel;             /* eventfd: once written to, everything fails */
  int32_t sent, received; /* calls and answers on this connection; answers come in order */
  Pt2Reply *server;       /* of hello */
};

struct _Pt2Reply
{
  gatomicrefcount references;
  char *bytes; /* the message, which the document points into */
  size_t len;
  Pt2Document document;
};

/* Sends a request without waiting; RECORD is of the method's type. */
bool pt2_client_send (Pt2Client *client, const Pt2Method *method, const void *record, GError **error);
/* The answer to the oldest request that was sent. *AGAIN: the same call may succeed on a new connection or later. */
Pt2Reply *pt2_client_receive (Pt2Client *client, const Pt2Method *method, bool *again, GError **error);
/* A connection on which nothing is under way. */
bool pt2_client_connect (Pt2Client *client, GError **error);
void pt2_client_disconnect (Pt2Client *client);
/* Waits before try number TRY (from 0); false with F006 if it was cancelled. */
bool pt2_client_pause (Pt2Client *client, guint try, GError **error);
/* One call, made again as often as the options say. */
Pt2Reply *pt2_client_call_method (Pt2Client *client, const Pt2Method *method, const void *record, GError **error);
const Pt2Method *pt2_client_method (const char *name, GError **error);
