/* SPDX-License-Identifier: Apache-2.0 */
/* Where a server listens and a client connects: a socket of the file system, or TCP on this machine, or TLS.
 * Opens sockets, and nothing else. */
#pragma once

#include "status.h"

typedef enum
{
  PT2_ADDRESS_UNIX,
  PT2_ADDRESS_TCP, /* this machine only: nothing on it is secret or proven */
  PT2_ADDRESS_TLS,
} Pt2AddressKind;

typedef struct
{
  Pt2AddressKind kind;
  char *path;     /* Unix */
  char host[256]; /* TCP, TLS; without brackets */
  char port[8];
} Pt2Address;

/* `/PATH`, `./PATH` or `unix:PATH`; `tcp:HOST:PORT`; `tls:HOST:PORT`. X009. Clear it in either case. */
bool pt2_address_parse (Pt2Address *address, const char *text, GError **error);
void pt2_address_clear (Pt2Address *address);

/* A socket that listens, non-blocking; -1 with X008. A socket file that nobody listens at is replaced; what is no
 * socket is kept. *BOUND: the address as a client gives it, port 0 resolved. */
int pt2_address_listen (const Pt2Address *address, char **bound, GError **error);
/* A connected socket, non-blocking, after at most TIMEOUT milliseconds; -1 with X008. */
int pt2_address_connect (const Pt2Address *address, int timeout, GError **error);
