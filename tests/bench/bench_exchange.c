/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the exchange service from the client's side.
 *
 *   bench_exchange program ADDRESS NAME ROUNDS   compact bytes of a program, received, checked and loaded
 *   bench_exchange tensor ADDRESS NAME FQN       all elements of a tensor, received and checked
 *   bench_exchange load ADDRESS NAME SECONDS N   N clients that describe, list and fetch in turn
 *
 * One line of JSON. Sockets of this machine only.
 */
#include "pt2.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double
seconds_since (gint64 start)
{
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static Pt2Client *
connect_to (const char *address)
{
  g_autoptr (GError) error = NULL;
  Pt2Client *client = pt2_client_new (address, NULL, &error);
  if (client == NULL)
    g_error ("%s", error->message);
  return client;
}

static int
program (const char *address, const char *name, int rounds)
{
  g_autoptr (Pt2Client) client = connect_to (address);
  double best = 1e9, best_received = 1e9;
  gsize len = 0;
  for (int i = 0; i < rounds; i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();
      g_autoptr (GBytes) bytes
          = pt2_client_fetch_program_bytes (client, name, NULL, PT2_EXCHANGE_PROGRAM_FORM_COMPACT, 0, &error);
      double received = seconds_since (start);
      g_autoptr (Pt2Program) loaded = bytes != NULL ? pt2_program_new_from_bytes (bytes, NULL, &error) : NULL;
      if (loaded == NULL)
        g_error ("%s", error->message);
      double all = seconds_since (start);
      best = MIN (best, all);
      best_received = MIN (best_received, received);
      len = g_bytes_get_size (bytes);
    }
  printf ("{\"bytes\": %zu, \"received_mb_s\": %.1f, \"loaded_mb_s\": %.1f}\n", len, (double)len / best_received / 1e6,
          (double)len / best / 1e6);
  return 0;
}

static gboolean
count (gconstpointer data, gsize len, guint64 offset, guint64 total, gpointer user_data, GError **error)
{
  *(guint64 *)user_data += len;
  return TRUE;
}

static int
tensor (const char *address, const char *name, const char *fqn)
{
  g_autoptr (Pt2Client) client = connect_to (address);
  g_autoptr (GError) error = NULL;
  guint64 bytes = 0;
  gint64 start = g_get_monotonic_time ();
  if (!pt2_client_fetch_tensor (client, name, NULL, fqn, 0, count, &bytes, &error))
    g_error ("%s", error->message);
  printf ("{\"bytes\": %" G_GUINT64_FORMAT ", \"mb_s\": %.1f}\n", bytes, (double)bytes / seconds_since (start) / 1e6);
  return 0;
}

/* ---- many clients ---- */

typedef struct
{
  const char *address, *name;
  gint64 until;
  guint64 calls, errors;
  GArray *times; /* of describe, in microseconds */
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  g_autoptr (Pt2Client) client = connect_to (worker->address);
  g_autofree char *request = g_strdup_printf ("{\"program\": \"%s\"}", worker->name);
  while (g_get_monotonic_time () < worker->until)
    {
      gint64 start = g_get_monotonic_time ();
      g_autofree char *said = pt2_client_call_json (client, "describe", request, NULL);
      gint64 took = g_get_monotonic_time () - start;
      g_array_append_val (worker->times, took);
      g_autofree char *list = pt2_client_call_json (client, "programs", "{\"limit\": 5}", NULL);
      g_autofree char *tensors = pt2_client_call_json (client, "tensors", request, NULL);
      g_autoptr (GBytes) bytes
          = pt2_client_fetch_program_bytes (client, worker->name, NULL, PT2_EXCHANGE_PROGRAM_FORM_COMPACT, 0, NULL);
      worker->calls += 4;
      worker->errors += (said == NULL) + (list == NULL) + (tensors == NULL) + (bytes == NULL);
    }
  return NULL;
}

static gint
by_size (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
  return (x > y) - (x < y);
}

static int
load (const char *address, const char *name, int seconds, int n)
{
  Worker *workers = g_new0 (Worker, n);
  GThread **threads = g_new0 (GThread *, n);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint64 calls = 0, errors = 0;
  for (int i = 0; i < n; i++)
    {
      workers[i] = (Worker){ .address = address, .name = name };
      workers[i].until = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
      workers[i].times = g_array_new (FALSE, FALSE, sizeof (gint64));
      threads[i] = g_thread_new ("client", work, &workers[i]);
    }
  for (int i = 0; i < n; i++)
    {
      g_thread_join (threads[i]);
      calls += workers[i].calls;
      errors += workers[i].errors;
      g_array_append_vals (times, workers[i].times->data, workers[i].times->len);
      g_array_unref (workers[i].times);
    }
  g_array_sort (times, by_size);
  printf ("{\"clients\": %d, \"calls\": %" G_GUINT64_FORMAT ", \"errors\": %" G_GUINT64_FORMAT
          ", \"describe_p50_us\": %" G_GINT64_FORMAT ", \"describe_p99_us\": %" G_GINT64_FORMAT "}\n",
          n, calls, errors, g_array_index (times, gint64, times->len / 2),
          g_array_index (times, gint64, times->len * 99 / 100));
  g_free (threads);
  g_free (workers);
  return errors > 0;
}

int
main (int argc, char **argv)
{
  const char *what = argc > 4 ? argv[1] : "";
  if (strcmp (what, "program") == 0)
    return program (argv[2], argv[3], atoi (argv[4]));
  if (strcmp (what, "tensor") == 0)
    return tensor (argv[2], argv[3], argv[4]);
  if (strcmp (what, "load") == 0 && argc == 6)
    return load (argv[2], argv[3], atoi (argv[4]), atoi (argv[5]));
  fprintf (stderr,
           "bench_exchange program ADDRESS NAME ROUNDS | tensor ADDRESS NAME FQN | load ADDRESS NAME SECONDS N\n");
  return 2;
}
