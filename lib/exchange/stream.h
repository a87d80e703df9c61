/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in and out of a connected socket, plain or through TLS; never blocks, and never raises SIGPIPE for plain
 * sockets. Knows no message. One stream belongs to one thread at a time.
 *
 * TLS is OpenSSL's: libpt2 links its other half already, it works without blocking, and it needs no module at run
 * time. GIO's would need glib-networking beside it; c_glib's own SSL transport checks no name and blocks.
 */
#pragma once

#include "pt2-error.h"
#include <openssl/ssl.h>

typedef struct
{
  int fd;           /* -1: none */
  SSL *tls;         /* NULL: plain */
  bool wants_write; /* TLS cannot go on before the socket can be written to, whatever is asked of it */
} Pt2Stream;

enum
{
  PT2_STREAM_LATER = -1, /* nothing can be done before the socket is ready */
  PT2_STREAM_END = -2,   /* the other side is gone, or broke TLS */
};

/* Names of PEM files. */
typedef struct
{
  const char *certificate; /* with those that lead to the authority */
  const char *key;
  const char *authority; /* whose signature the other side's certificate must have */
} Pt2TlsFiles;

/* Both sides show a certificate, TLS 1.2 at least. X016. Free with SSL_CTX_free(). */
SSL_CTX *pt2_tls_context (const Pt2TlsFiles *files, bool server, GError **error);
/* Begins TLS on a connected socket. HOST: the name that the server's certificate must be for; NULL on the server. */
bool pt2_stream_start_tls (Pt2Stream *stream, SSL_CTX *context, const char *host);

/* 1 once TLS is agreed on (at once without), PT2_STREAM_LATER or PT2_STREAM_END. */
int pt2_stream_handshake (Pt2Stream *stream);
/* How many bytes were read or written, at least 1; PT2_STREAM_LATER or PT2_STREAM_END. LEN is not 0. */
ssize_t pt2_stream_read (Pt2Stream *stream, void *data, size_t len);
ssize_t pt2_stream_write (Pt2Stream *stream, const void *data, size_t len);
/* Were bytes read from the socket already that nobody asked for yet? */
bool pt2_stream_pending (const Pt2Stream *stream);
/* What TLS has against the other side, or NULL. Since the last call; of this thread. */
const char *pt2_stream_tls_fault (const Pt2Stream *stream);
/* The name in the other side's certificate, escaped; NULL without TLS. (transfer full) */
char *pt2_stream_peer (const Pt2Stream *stream);
void pt2_stream_close (Pt2Stream *stream);
