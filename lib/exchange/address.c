/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
  BACKLOG = 512,
  SOCKET_BUFFER = 4 << 20, /* bytes; the system gives less if it is set so */
};

static bool
not_understood (GError **error, const char *text, const char *why)
{
  char escaped[128];
  return pt2_error_set (error, PT2_ERROR_X009, NULL, "\"%s\": %s",
                        pt2_text_escape (text, strlen (text), escaped, sizeof escaped), why);
}

/* HOST:PORT, the host perhaps in brackets. */
static bool
parse_host (Pt2Address *address, const char *text, GError **error)
{
  const char *colon = strrchr (text, ':');
  if (colon == NULL || colon == text || colon[1] == '\0')
    return not_understood (error, text, "expected HOST:PORT");
  const char *host = text, *end = colon;
  if (host[0] == '[' && end[-1] == ']')
    host++, end--;
  if (end == host || (size_t)(end - host) >= sizeof address->host || strlen (colon + 1) >= sizeof address->port
      || strspn (colon + 1, "0123456789") != strlen (colon + 1) || atoi (colon + 1) > 65535)
    return not_understood (error, text, "expected HOST:PORT");
  memcpy (address->host, host, (size_t)(end - host));
  g_strlcpy (address->port, colon + 1, sizeof address->port);
  return true;
}

bool
pt2_address_parse (Pt2Address *address, const char *text, GError **error)
{
  *address = (Pt2Address){ .kind = PT2_ADDRESS_UNIX };
  if (g_str_has_prefix (text, "tcp:") || g_str_has_prefix (text, "tls:"))
    {
      address->kind = text[1] == 'c' ? PT2_ADDRESS_TCP : PT2_ADDRESS_TLS;
      return parse_host (address, text + 4, error);
    }
  const char *path = g_str_has_prefix (text, "unix:") ? text + 5 : strchr (text, '/') != NULL ? text : "";
  struct sockaddr_un unix_address;
  if (path[0] == '\0')
    return not_understood (error, text, "expected a path with a slash, unix:PATH, tcp:HOST:PORT or tls:HOST:PORT");
  if (strlen (path) >= sizeof unix_address.sun_path)
    return not_understood (error, text, "a socket's path has at most 107 bytes");
  address->path = g_strdup (path);
  return true;
}

void
pt2_address_clear (Pt2Address *address)
{
  g_clear_pointer (&address->path, g_free);
}

static int
fail (const Pt2Address *address, int fd, const char *what, int code, GError **error)
{
  char text[300], escaped[300];
  if (address->kind == PT2_ADDRESS_UNIX)
    g_strlcpy (text, address->path, sizeof text);
  else
    g_snprintf (text, sizeof text, "%s port %s", address->host, address->port);
  pt2_error_set (error, PT2_ERROR_X008, NULL, "%s at %s: %s", what,
                 pt2_text_escape (text, strlen (text), escaped, sizeof escaped), g_strerror (code));
  if (fd >= 0)
    close (fd);
  return -1;
}

static void
tune (int fd, bool tcp)
{
  int size = SOCKET_BUFFER, on = 1;
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (tcp)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static struct sockaddr_un
unix_address (const Pt2Address *address)
{
  struct sockaddr_un where = { .sun_family = AF_UNIX };
  g_strlcpy (where.sun_path, address->path, sizeof where.sun_path);
  return where;
}

/* ---- connecting ---- */

/* A Unix socket whose listener has too many that wait says EAGAIN, and nothing tells when there is room again. */
static int
try_connect (int fd, const struct sockaddr *where, socklen_t len, int timeout)
{
  gint64 end = g_get_monotonic_time () + (gint64)timeout * 1000;
  for (;;)
    {
      int code = connect (fd, where, len) == 0 ? 0 : errno;
      if (code != EAGAIN)
        return code;
      if (g_get_monotonic_time () >= end)
        return ETIMEDOUT;
      g_usleep (2000);
    }
}

static int
connect_to (const Pt2Address *address, const struct sockaddr *where, socklen_t len, int timeout, GError **error)
{
  int fd = socket (where->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return fail (address, fd, "cannot open a socket", errno, error);
  tune (fd, where->sa_family != AF_UNIX);
  int code = try_connect (fd, where, len, timeout);
  if (code == EINPROGRESS)
    {
      struct pollfd wait = { .fd = fd, .events = POLLOUT };
      socklen_t size = sizeof code;
      if (poll (&wait, 1, timeout) <= 0)
        code = ETIMEDOUT;
      else if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
        code = errno;
    }
  return code == 0 ? fd : fail (address, fd, "cannot connect", code, error);
}

static struct addrinfo *
resolve (const Pt2Address *address, int flags, GError **error)
{
  struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags }, *found = NULL;
  int code = getaddrinfo (address->host, address->port, &hints, &found);
  if (code == 0)
    return found;
  char escaped[300];
  pt2_error_set (error, PT2_ERROR_X008, NULL, "%s: %s",
                 pt2_text_escape (address->host, strlen (address->host), escaped, sizeof escaped), gai_strerror (code));
  return NULL;
}

static bool
is_this_machine (const struct sockaddr *where)
{
  if (where->sa_family == AF_INET)
    return ntohl (((const struct sockaddr_in *)where)->sin_addr.s_addr) >> 24 == 127;
  return where->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK (&((const struct sockaddr_in6 *)where)->sin6_addr);
}

/* TCP that is not protected stays on this machine. */
static bool
check_reach (const Pt2Address *address, const struct sockaddr *where, GError **error)
{
  if (address->kind != PT2_ADDRESS_TCP || is_this_machine (where))
    return true;
  return not_understood (error, address->host, "plain TCP is for this machine only; use tls:HOST:PORT");
}

int
pt2_address_connect (const Pt2Address *address, int timeout, GError **error)
{
  if (address->kind == PT2_ADDRESS_UNIX)
    {
      struct sockaddr_un where = unix_address (address);
      return connect_to (address, (struct sockaddr *)&where, sizeof where, timeout, error);
    }
  struct addrinfo *found = resolve (address, 0, error);
  int fd = -1;
  for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
    {
      g_clear_error (error);
      if (check_reach (address, at->ai_addr, error))
        fd = connect_to (address, at->ai_addr, at->ai_addrlen, timeout, error);
    }
  if (found != NULL)
    freeaddrinfo (found);
  return fd;
}

/* ---- listening ---- */

/* A socket that a server left when it was killed is in the way; one that answers, or anything else, is not ours. */
static void
remove_left_over (const Pt2Address *address)
{
  struct stat info;
  if (lstat (address->path, &info) != 0 || !S_ISSOCK (info.st_mode))
    return;
  int fd = pt2_address_connect (address, 1000, NULL);
  if (fd >= 0)
    close (fd);
  else
    unlink (address->path);
}

static int
listen_at (const Pt2Address *address, const struct sockaddr *where, socklen_t len, GError **error)
{
  int on = 1, fd = socket (where->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return fail (address, fd, "cannot open a socket", errno, error);
  if (where->sa_family != AF_UNIX)
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  tune (fd, where->sa_family != AF_UNIX);
  /* Only this user may connect: Linux makes the file with the permissions that the socket has. */
  if (where->sa_family == AF_UNIX)
    fchmod (fd, S_IRUSR | S_IWUSR);
  if (bind (fd, where, len) != 0)
    return fail (address, fd, "cannot listen", errno, error);
  return listen (fd, BACKLOG) == 0 ? fd : fail (address, fd, "cannot listen", errno, error);
}

static char *
bound_address (const Pt2Address *address, int fd)
{
  struct sockaddr_storage where;
  socklen_t len = sizeof where;
  char port[8] = "";
  if (address->kind == PT2_ADDRESS_UNIX)
    return g_strdup_printf ("unix:%s", address->path);
  if (getsockname (fd, (struct sockaddr *)&where, &len) != 0
      || getnameinfo ((struct sockaddr *)&where, len, NULL, 0, port, sizeof port, NI_NUMERICSERV) != 0)
    g_strlcpy (port, address->port, sizeof port);
  bool brackets = strchr (address->host, ':') != NULL;
  return g_strdup_printf ("%s:%s%s%s:%s", address->kind == PT2_ADDRESS_TCP ? "tcp" : "tls", brackets ? "[" : "",
                          address->host, brackets ? "]" : "", port);
}

int
pt2_address_listen (const Pt2Address *address, char **bound, GError **error)
{
  int fd = -1;
  if (address->kind == PT2_ADDRESS_UNIX)
    {
      struct sockaddr_un where = unix_address (address);
      remove_left_over (address);
      fd = listen_at (address, (struct sockaddr *)&where, sizeof where, error);
    }
  else
    {
      struct addrinfo *found = resolve (address, AI_PASSIVE, error);
      if (found != NULL && check_reach (address, found->ai_addr, error))
        fd = listen_at (address, found->ai_addr, found->ai_addrlen, error);
      if (found != NULL)
        freeaddrinfo (found);
    }
  if (fd >= 0)
    *bound = bound_address (address, fd);
  return fd;
}
