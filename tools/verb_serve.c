/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"
#include "json_out.h"
#include "verbs.h"
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *workers, *connections, *request_seconds, *idle_seconds, *cache, *store_limit;
static const char *certificate, *key, *authority;
static gboolean read_only;
static Pt2Server *server; /* for the signal handler */

/* ---- options ---- */

/* A number, and K, M, G or T behind it. */
static gboolean
read_number (const char *name, const char *text, guint64 least, guint64 most, guint64 *number, GError **error)
{
  static const char suffixes[] = "KMGT";
  char *end = NULL;
  if (text == NULL)
    return TRUE;
  guint64 value = g_ascii_isdigit (text[0]) ? g_ascii_strtoull (text, &end, 10) : 0;
  const char *suffix = end != NULL && *end != '\0' ? strchr (suffixes, *end) : NULL;
  guint shift = suffix != NULL ? 10 * (guint)(suffix - suffixes + 1) : 0;
  gboolean sound = end != NULL && end[suffix != NULL] == '\0' && value <= G_MAXUINT64 >> shift;
  if (sound && value << shift >= least && value << shift <= most)
    {
      *number = value << shift;
      return TRUE;
    }
  set_error (error, PT2_ERROR_U002,
             "--%s takes a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT ", with K, M, G or T behind it",
             name, least, most);
  return FALSE;
}

static gboolean
read_small (const char *name, const char *text, guint most, guint *number, GError **error)
{
  guint64 value = *number;
  gboolean fine = read_number (name, text, 1, most, &value, error);
  *number = (guint)value;
  return fine;
}

static gboolean
read_options (Pt2ServerOptions *options, GError **error)
{
  pt2_server_options_init (options);
  options->read_only = read_only;
  options->certificate = certificate;
  options->key = key;
  options->authority = authority;
  options->limits = settings.limits;
  return read_small ("workers", workers, 256, &options->workers, error)
         && read_small ("connections", connections, 65536, &options->connections, error)
         && read_small ("request-seconds", request_seconds, 86400, &options->request_seconds, error)
         && read_small ("idle-seconds", idle_seconds, 86400, &options->idle_seconds, error)
         && read_number ("cache", cache, 0, G_MAXINT64, &options->cache_bytes, error)
         && read_number ("store-limit", store_limit, 0, G_MAXINT64, &options->store_bytes, error);
}

/* ---- the log ---- */

/* One line of JSON on standard error. */
static void
print_event (const Pt2ServerEvent *event, gpointer data)
{
  Json json;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S.%fZ");
  if (settings.quiet)
    return;
  json_init (&json, stderr);
  json.one_line = TRUE;
  json_open (&json, '{');
  json_member_text (&json, "time", time);
  json_member_text (&json, "event", event->name);
  if (event->connection != 0)
    json_member_unsigned (&json, "connection", event->connection);
  if (event->peer != NULL)
    json_member_text (&json, "peer", event->peer);
  if (strcmp (event->name, "call") == 0)
    json_member_text (&json, "method", event->method);
  if (event->id != NULL)
    json_member_text (&json, "id", event->id);
  if (strcmp (event->name, "call") == 0)
    {
      json_member_unsigned (&json, "bytes_in", event->bytes_in);
      json_member_unsigned (&json, "bytes_out", event->bytes_out);
      json_member_unsigned (&json, "microseconds", event->microseconds);
    }
  json_close (&json, '}');
  fflush (stderr);
}

/* ---- running ---- */

static void
stop (int number)
{
  pt2_server_stop (server);
}

static void
set_signals (void)
{
  struct sigaction action = { .sa_handler = stop };
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  /* A client that goes away is no reason to end. */
  signal (SIGPIPE, SIG_IGN);
  /* Each client is a descriptor: as many as the system lets us have. */
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

static void
print_address (void)
{
  if (settings.json)
    {
      Json json;
      json_init (&json, stdout);
      json_open (&json, '{');
      json_member_text (&json, "address", pt2_server_get_address (server));
      json_close (&json, '}');
    }
  else
    printf ("%s\n", pt2_server_get_address (server));
  fflush (stdout);
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  Pt2ServerOptions options;
  if (!read_options (&options, &error))
    return report_trouble (NULL, error);
  options.log = print_event;
  server = pt2_server_new (operands[0], n > 1 ? operands[1] : ".", &options, &error);
  if (server == NULL)
    return report_trouble (NULL, error);
  set_signals ();
  print_address ();
  gboolean fine = pt2_server_run (server, &error);
  pt2_server_free (server);
  return fine ? STATUS_FINE : report_trouble (NULL, error);
}

static const Option options[] = {
  { "read-only", 0, OPTION_FLAG, { .flag = &read_only }, NULL, "store nothing" },
  { "certificate", 0, OPTION_TEXT, { .text = &certificate }, "PEM", "the server's certificate, for tls: addresses" },
  { "key", 0, OPTION_TEXT, { .text = &key }, "PEM", "its key" },
  { "authority", 0, OPTION_TEXT, { .text = &authority }, "PEM", "who signs the certificates of clients" },
  { "connections", 0, OPTION_TEXT, { .text = &connections }, "N", "clients at once; else 512" },
  { "workers", 0, OPTION_TEXT, { .text = &workers }, "N", "threads that answer; else two for each processor" },
  { "request-seconds",
    0,
    OPTION_TEXT,
    { .text = &request_seconds },
    "N",
    "for a request to arrive, an answer to be taken; else 30" },
  { "idle-seconds", 0, OPTION_TEXT, { .text = &idle_seconds }, "N", "between two requests of a client; else 300" },
  { "cache", 0, OPTION_TEXT, { .text = &cache }, "BYTES", "programs kept at hand; else 1G" },
  { "store-limit", 0, OPTION_TEXT, { .text = &store_limit }, "BYTES", "one file that is stored; else 64G" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_serve = {
  .name = "serve",
  .operands = "ADDRESS [FOLDER]",
  .least = 1,
  .most = 2,
  .summary = "serve a folder of archives to other programs",
  .help = "Answers the exchange service (docs/exchange.md) over the archives and programs in FOLDER, the current one\n"
          "by default: list, describe, fetch, store, verify. Speaks Apache Thrift (compact protocol, framed), so any\n"
          "language that Thrift generates can call it; `pt2 call` does. ADDRESS is a path of a Unix socket (this user\n"
          "only), `tcp:HOST:PORT` on this machine, or `tls:HOST:PORT`, where both sides show certificates.\n"
          "Prints the address when it listens, and one line of JSON for each event on standard error, unless -q.\n"
          "SIGTERM and SIGINT let it finish what is under way, then end. docs/operations.md says how to run it.\n",
  .examples = "$ pt2 serve ./models.socket models\n"
              "$ pt2 serve tcp:127.0.0.1:9090 models --read-only\n"
              "$ pt2 serve tls:0.0.0.0:9443 models --certificate=server.pem --key=server.key --authority=clients.pem\n",
  .options = options,
  .run = run,
};
