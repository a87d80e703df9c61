/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *to, *base, *record, *type, *timeout, *retries, *check;
static const char *certificate, *key, *authority;

/* ---- any method: FIELD=TEXT and FIELD:=JSON ---- */

static gboolean
add_field (Json *json, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  if (equals == NULL || equals == word)
    {
      g_autofree char *shown = escaped (word, -1);
      set_error (error, PT2_ERROR_U002, "\"%s\": FIELD=TEXT or FIELD:=JSON was expected", shown);
      return FALSE;
    }
  gboolean raw = equals[-1] == ':';
  json_key_len (json, word, (gsize)(equals - word) - (gsize)raw);
  raw ? json_digits (json, equals + 1) : json_text (json, equals + 1, -1);
  return TRUE;
}

/* The request as JSON text; NULL with an error. */
static char *
make_request (char **words, int n, GError **error)
{
  char *text = NULL;
  size_t len;
  FILE *out = open_memstream (&text, &len);
  gboolean fine = out != NULL;
  if (out == NULL)
    {
      set_error (error, PT2_ERROR_L001, "%s", "");
      return NULL;
    }
  Json json;
  json_init (&json, out);
  json.one_line = TRUE;
  json_open (&json, '{');
  for (int i = 0; fine && i < n; i++)
    fine = add_field (&json, words[i], error);
  json_close (&json, '}');
  fclose (out);
  if (fine)
    return text;
  free (text);
  return NULL;
}

static int
call_method (Pt2Client *client, const char *method, char **words, int n)
{
  static const char not_ok[] = "{\"ok\": false";
  GError *error = NULL;
  char *request = make_request (words, n, &error);
  g_autofree char *reply = request != NULL ? pt2_client_call_json (client, method, request, &error) : NULL;
  free (request);
  if (reply == NULL)
    return report_trouble (NULL, error);
  printf ("%s\n", reply);
  return strcmp (method, "verify") == 0 && g_str_has_prefix (reply, not_ok) ? STATUS_FINDING : STATUS_FINE;
}

/* ---- fetch, fetch-tensor, fetch-struct ---- */

typedef struct
{
  Pt2Client *client;
  const char *program, *fqn, *record;
  Pt2ExchangeProgramForm form;
  int fd;
  Progress progress;
} Fetch;

static gboolean
write_piece (gconstpointer data, gsize len, guint64 offset, guint64 total, gpointer user_data, GError **error)
{
  static const char zeros[64 << 10];
  Fetch *fetch = user_data;
  progress_show (offset, total, &fetch->progress);
  if (data != NULL)
    return output_put (fetch->fd, data, len, error);
  for (; len > 0; len -= MIN (len, sizeof zeros))
    if (!output_put (fetch->fd, zeros, MIN (len, sizeof zeros), error))
      return FALSE;
  return TRUE;
}

static gboolean
fill (int fd, gpointer data, GError **error)
{
  Fetch *fetch = data;
  fetch->fd = fd;
  gboolean fine;
  if (fetch->record != NULL)
    fine = pt2_client_fetch_struct (fetch->client, fetch->program, fetch->record, type, fetch->form, write_piece, fetch,
                                    error);
  else if (fetch->fqn != NULL)
    fine = pt2_client_fetch_tensor (fetch->client, fetch->program, settings.model, fetch->fqn, 0, write_piece, fetch,
                                    error);
  else
    fine = pt2_client_fetch_program (fetch->client, fetch->program, settings.model, fetch->form, 0, write_piece, fetch,
                                     error);
  progress_end (&fetch->progress);
  return fine;
}

static gboolean
choose_form (Pt2ExchangeProgramForm *form, GError **error)
{
  static const char *const names[] = { "compact", "compact.zst", "json", "stored" };
  *form = PT2_EXCHANGE_PROGRAM_FORM_STORED;
  for (guint i = 0; to != NULL && i < G_N_ELEMENTS (names); i++)
    if (strcmp (to, names[i]) == 0)
      {
        *form = (Pt2ExchangeProgramForm)i;
        return TRUE;
      }
  if (to == NULL)
    return TRUE;
  g_autofree char *shown = escaped (to, -1);
  set_error (error, PT2_ERROR_U007, "--to=%s; there are compact, compact.zst, json and stored", shown);
  return FALSE;
}

static int
fetch (Pt2Client *client, char **words, int n)
{
  GError *error = NULL;
  Fetch what = { .client = client, .program = words[0], .progress = PROGRESS_INIT ("fetching") };
  if (choose_form (&what.form, &error) && output_filled (words[1], fill, &what, &error))
    return STATUS_FINE;
  return report_trouble (words[1], error);
}

static int
fetch_tensor (Pt2Client *client, char **words, int n)
{
  GError *error = NULL;
  Fetch what = { .client = client, .program = words[0], .fqn = words[1], .progress = PROGRESS_INIT ("fetching") };
  return output_filled (words[2], fill, &what, &error) ? STATUS_FINE : report_trouble (words[2], error);
}

static int
fetch_struct (Pt2Client *client, char **words, int n)
{
  GError *error = NULL;
  Fetch what = { .client = client, .program = words[0], .record = words[1], .progress = PROGRESS_INIT ("fetching") };
  if (choose_form (&what.form, &error))
    {
      what.form = to != NULL ? what.form : PT2_EXCHANGE_PROGRAM_FORM_COMPACT;
      if (output_filled (words[2], fill, &what, &error))
        return STATUS_FINE;
    }
  return report_trouble (words[2], error);
}

/* ---- store ---- */

static void
print_stored (const Pt2ExchangeStoreResult *result)
{
  Json json;
  json_init (&json, stdout);
  json.one_line = TRUE;
  json_open (&json, '{');
  json_member_string (&json, "name", result->entry.name);
  json_member_string (&json, "kind", result->entry.kind);
  json_member_unsigned (&json, "bytes", (guint64)result->entry.bytes);
  if (result->entry.content_id.data != NULL)
    json_member_string (&json, "content_id", result->entry.content_id);
  json_member_bool (&json, "known", result->known);
  json_close (&json, '}');
}

static int
store (Pt2Client *client, char **words, int n)
{
  GError *error = NULL;
  Progress progress = PROGRESS_INIT ("storing");
  int fd = open (words[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    {
      set_error (&error, PT2_ERROR_F001, "%s", g_strerror (errno));
      return report_trouble (words[0], error);
    }
  const char *name = n > 1 ? words[1] : NULL;
  g_autoptr (Pt2Reply) reply
      = record != NULL ? pt2_client_store_struct (client, fd, name, base, record, type, settings.force, progress_show,
                                                  &progress, &error)
                       : pt2_client_store (client, fd, name, base, settings.force, progress_show, &progress, &error);
  progress_end (&progress);
  close (fd);
  if (reply == NULL)
    return report_trouble (words[0], error);
  print_stored (pt2_reply_get (reply));
  return STATUS_FINE;
}

/* ---- which ---- */

static const struct
{
  const char *name;
  int least, most; /* words behind it */
  const char *words;
  int (*run) (Pt2Client *client, char **words, int n);
} transfers[] = {
  { "fetch", 2, 2, "PROGRAM OUT", fetch },
  { "fetch-tensor", 3, 3, "PROGRAM FQN OUT", fetch_tensor },
  { "fetch-struct", 3, 3, "PROGRAM RECORD OUT", fetch_struct },
  { "store", 1, 2, "FILE [NAME]", store },
};

static gboolean
read_number (const char *name, const char *text, guint least, guint most, guint *number, GError **error)
{
  guint64 value = *number;
  if (text == NULL || g_ascii_string_to_unsigned (text, 10, least, most, &value, NULL))
    {
      *number = (guint)value;
      return TRUE;
    }
  set_error (error, PT2_ERROR_U002, "--%s takes a number from %u to %u", name, least, most);
  return FALSE;
}

static gboolean
read_check (Pt2ExchangeCheck *how, GError **error)
{
  static const char *const names[] = { "none", "crc32", "sha256" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (check == NULL || strcmp (check, names[i]) == 0)
      {
        *how = check != NULL ? (Pt2ExchangeCheck)i : *how;
        return TRUE;
      }
  set_error (error, PT2_ERROR_U002, "--check takes none, crc32 or sha256");
  return FALSE;
}

static Pt2Client *
connect_to (const char *address, GError **error)
{
  Pt2ClientOptions options;
  pt2_client_options_init (&options);
  guint seconds = options.timeout / 1000;
  if (!read_number ("timeout", timeout, 1, 86400, &seconds, error)
      || !read_number ("retries", retries, 0, 1000, &options.retries, error) || !read_check (&options.check, error))
    return NULL;
  options.timeout = seconds * 1000;
  options.certificate = certificate;
  options.key = key;
  options.authority = authority;
  return pt2_client_new (address, &options, error);
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  const char *method = n > 1 ? operands[1] : "hello";
  int n_words = MAX (n - 2, 0);
  guint row = 0;
  while (row < G_N_ELEMENTS (transfers) && strcmp (method, transfers[row].name) != 0)
    row++;
  gboolean is_transfer = row < G_N_ELEMENTS (transfers);
  if (is_transfer && (n_words < transfers[row].least || n_words > transfers[row].most))
    {
      set_error (&error, PT2_ERROR_U002, "pt2 call ADDRESS %s %s", method, transfers[row].words);
      return report_trouble (NULL, error);
    }
  g_autoptr (Pt2Client) client = connect_to (operands[0], &error);
  if (client == NULL)
    return report_trouble (NULL, error);
  return is_transfer ? transfers[row].run (client, operands + 2, n_words)
                     : call_method (client, method, operands + 2, n_words);
}

static const Option options[] = {
  { "to",
    0,
    OPTION_TEXT,
    { .text = &to },
    "FORM",
    "fetch: compact, compact.zst, json, or stored: the file as it is; else stored" },
  { "base",
    0,
    OPTION_TEXT,
    { .text = &base },
    "PROGRAM",
    "store: FILE is safetensors, whose tensors replace those of PROGRAM" },
  { "record",
    0,
    OPTION_TEXT,
    { .text = &record },
    "NAME",
    "store --base: FILE is a struct of the schema, which becomes that record of PROGRAM" },
  { "type",
    0,
    OPTION_TEXT,
    { .text = &type },
    "NAME",
    "fetch-struct, store --record: its type, if `structs` does not say it" },
  { "check", 0, OPTION_TEXT, { .text = &check }, "HOW", "fetch: none, crc32 or sha256; else crc32" },
  { "timeout", 0, OPTION_TEXT, { .text = &timeout }, "SECONDS", "for the server to do something; else 60" },
  { "retries", 0, OPTION_TEXT, { .text = &retries }, "N", "how often a call is made again; else 3" },
  { "certificate", 0, OPTION_TEXT, { .text = &certificate }, "PEM", "the client's certificate, for tls: addresses" },
  { "key", 0, OPTION_TEXT, { .text = &key }, "PEM", "its key" },
  { "authority", 0, OPTION_TEXT, { .text = &authority }, "PEM", "who signs the certificates of servers" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_call = {
  .name = "call",
  .operands = "ADDRESS [METHOD …]",
  .least = 1,
  .most = 64,
  .summary = "ask a server of programs",
  .help
  = "Calls a method of the exchange service (docs/exchange.md) at ADDRESS, as `pt2 serve` prints it; hello if none\n"
    "is named. FIELD=TEXT and FIELD:=JSON are the request, the reply is JSON. Four more methods move files:\n"
    "  fetch PROGRAM OUT           a program, checked on arrival; --to says in which form\n"
    "  fetch-tensor PROGRAM FQN OUT  the elements of a tensor: row-major, little-endian\n"
    "  fetch-struct PROGRAM RECORD OUT  a record that is a struct of the schema: a program, a list of payloads, …;\n"
    "                              --to=json or compact\n"
    "  store FILE [NAME]           an archive or a program; what the server has already is not sent, what was\n"
    "                              interrupted goes on. -f replaces another program of that name\n"
    "PROGRAM is a name or a content id. A transfer whose connection breaks goes on where it was.\n"
    "The status is 1 if `verify` finds something, 2 if the server or the connection has trouble.\n",
  .examples = "$ pt2 call ./models.socket\n"
              "$ pt2 call ./models.socket programs limit:=10\n"
              "$ pt2 call ./models.socket describe program=mlp.pt2\n"
              "$ pt2 call ./models.socket store model.pt2 mlp.pt2\n"
              "$ pt2 call ./models.socket fetch mlp.pt2 mlp.thrift --to=compact\n",
  .options = options,
  .run = run,
};
