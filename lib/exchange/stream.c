/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"
#include "status.h"
#include "text.h"
#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- TLS ---- */

static SSL_CTX *
refuse (SSL_CTX *context, const char *what, const char *path, GError **error)
{
  char escaped[256];
  const char *reason = ERR_reason_error_string (ERR_peek_last_error ());
  path = path != NULL ? path : "";
  pt2_error_set (error, PT2_ERROR_X016, NULL, "%s %s: %s", what,
                 pt2_text_escape (path, strlen (path), escaped, sizeof escaped),
                 reason != NULL ? reason : "cannot be used");
  ERR_clear_error ();
  SSL_CTX_free (context);
  return NULL;
}

SSL_CTX *
pt2_tls_context (const Pt2TlsFiles *files, bool server, GError **error)
{
  SSL_CTX *context = SSL_CTX_new (server ? TLS_server_method () : TLS_client_method ());
  if (files->certificate == NULL || files->key == NULL || files->authority == NULL || context == NULL)
    return refuse (context, "TLS needs a certificate, its key and an authority, each a PEM file", NULL, error);
  SSL_CTX_set_min_proto_version (context, TLS1_2_VERSION);
  SSL_CTX_set_mode (context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  if (SSL_CTX_use_certificate_chain_file (context, files->certificate) != 1)
    return refuse (context, "certificate", files->certificate, error);
  if (SSL_CTX_use_PrivateKey_file (context, files->key, SSL_FILETYPE_PEM) != 1
      || SSL_CTX_check_private_key (context) != 1)
    return refuse (context, "key", files->key, error);
  if (SSL_CTX_load_verify_file (context, files->authority) != 1)
    return refuse (context, "authority", files->authority, error);
  return context;
}

/* A name, or the address that the client connects to. */
static bool
expect_host (SSL *tls, const char *host)
{
  if (X509_VERIFY_PARAM_set1_ip_asc (SSL_get0_param (tls), host) == 1)
    return true;
  ERR_clear_error ();
  return SSL_set1_host (tls, host) == 1 && SSL_set_tlsext_host_name (tls, host) == 1;
}

bool
pt2_stream_start_tls (Pt2Stream *stream, SSL_CTX *context, const char *host)
{
  stream->tls = SSL_new (context);
  if (stream->tls == NULL || SSL_set_fd (stream->tls, stream->fd) != 1
      || (host != NULL && !expect_host (stream->tls, host)))
    return false;
  host != NULL ? SSL_set_connect_state (stream->tls) : SSL_set_accept_state (stream->tls);
  return true;
}

static int
tls_trouble (Pt2Stream *stream, int result)
{
  int code = SSL_get_error (stream->tls, result);
  stream->wants_write = code == SSL_ERROR_WANT_WRITE;
  return code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE ? PT2_STREAM_LATER : PT2_STREAM_END;
}

int
pt2_stream_handshake (Pt2Stream *stream)
{
  if (stream->tls == NULL)
    return 1;
  ERR_clear_error ();
  stream->wants_write = false;
  int result = SSL_do_handshake (stream->tls);
  return result == 1 ? 1 : tls_trouble (stream, result);
}

const char *
pt2_stream_tls_fault (const Pt2Stream *stream)
{
  if (stream->tls == NULL)
    return NULL;
  long verified = SSL_get_verify_result (stream->tls);
  const char *reason = verified != X509_V_OK ? X509_verify_cert_error_string (verified)
                                             : ERR_reason_error_string (ERR_peek_last_error ());
  ERR_clear_error ();
  return reason;
}

/* ---- bytes ---- */

static ssize_t
plain_result (ssize_t done)
{
  if (done > 0)
    return done;
  return done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? PT2_STREAM_LATER : PT2_STREAM_END;
}

ssize_t
pt2_stream_read (Pt2Stream *stream, void *data, size_t len)
{
  if (stream->tls == NULL)
    return plain_result (recv (stream->fd, data, len, 0));
  ERR_clear_error ();
  stream->wants_write = false;
  int result = SSL_read (stream->tls, data, (int)MIN (len, G_MAXINT));
  return result > 0 ? result : tls_trouble (stream, result);
}

ssize_t
pt2_stream_write (Pt2Stream *stream, const void *data, size_t len)
{
  if (stream->tls == NULL)
    return plain_result (send (stream->fd, data, len, MSG_NOSIGNAL));
  ERR_clear_error ();
  stream->wants_write = false;
  int result = SSL_write (stream->tls, data, (int)MIN (len, G_MAXINT));
  return result > 0 ? result : tls_trouble (stream, result);
}

bool
pt2_stream_pending (const Pt2Stream *stream)
{
  return stream->tls != NULL && SSL_pending (stream->tls) > 0;
}

char *
pt2_stream_peer (const Pt2Stream *stream)
{
  char name[256] = "", escaped[256];
  X509 *certificate = stream->tls != NULL ? SSL_get1_peer_certificate (stream->tls) : NULL;
  if (certificate == NULL)
    return NULL;
  X509_NAME_get_text_by_NID (X509_get_subject_name (certificate), NID_commonName, name, sizeof name);
  X509_free (certificate);
  return g_strdup (pt2_text_escape (name, strlen (name), escaped, sizeof escaped));
}

void
pt2_stream_close (Pt2Stream *stream)
{
  if (stream->tls != NULL)
    {
      ERR_clear_error ();
      if (SSL_is_init_finished (stream->tls))
        SSL_shutdown (stream->tls);
      SSL_free (stream->tls);
      ERR_clear_error ();
    }
  if (stream->fd >= 0)
    close (stream->fd);
  *stream = (Pt2Stream){ .fd = -1 };
}
