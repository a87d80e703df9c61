/* SPDX-License-Identifier: Apache-2.0 */
#include "workers.h"
#include <string.h>
#include <unistd.h>

enum
{
  MOST_SLOW = 64, /* slow calls that may wait; more are told to come again */
};

struct Pt2Workers
{
  Pt2Service *service;
  int wake;
  GMutex lock;
  GCond work;
  GQueue quick, slow, done; /* of Pt2Connection */
  guint slow_running, slow_most;
  bool stop;
  guint n;
  GThread **threads;
};

/* With the lock: the next request, or NULL to end. */
static Pt2Connection *
next (Pt2Workers *workers, bool *slow)
{
  for (;;)
    {
      if (workers->stop)
        return NULL;
      *slow = workers->slow_running < workers->slow_most && !g_queue_is_empty (&workers->slow);
      /* A slow one that may run goes first if nothing else waits; short ones are never kept by it. */
      if (!g_queue_is_empty (&workers->quick))
        {
          *slow = false;
          return g_queue_pop_head (&workers->quick);
        }
      if (*slow)
        {
          workers->slow_running++;
          return g_queue_pop_head (&workers->slow);
        }
      g_cond_wait (&workers->work, &workers->lock);
    }
}

static void
answer (Pt2Workers *workers, Pt2Connection *connection)
{
  Pt2Status status = PT2_STATUS_INIT;
  gint64 start = g_get_monotonic_time ();
  connection->broken = !pt2_service_answer (workers->service, connection->body, connection->body_len, &connection->gone,
                                            &connection->answer, &connection->outcome, &status);
  connection->microseconds = (guint64)(g_get_monotonic_time () - start);
  pt2_service_count (workers->service, &connection->outcome, connection->microseconds);
}

static void
give_back (Pt2Workers *workers, Pt2Connection *connection)
{
  guint64 one = 1;
  g_queue_push_tail (&workers->done, connection);
  if (write (workers->wake, &one, sizeof one) < 0)
    return; /* the counter is full: the server is awake */
}

static gpointer
work (gpointer data)
{
  Pt2Workers *workers = data;
  bool slow;
  g_mutex_lock (&workers->lock);
  for (Pt2Connection *connection; (connection = next (workers, &slow)) != NULL;)
    {
      g_mutex_unlock (&workers->lock);
      answer (workers, connection);
      g_mutex_lock (&workers->lock);
      workers->slow_running -= slow;
      if (slow)
        g_cond_signal (&workers->work);
      give_back (workers, connection);
    }
  g_mutex_unlock (&workers->lock);
  return NULL;
}

Pt2Workers *
pt2_workers_new (Pt2Service *service, guint n, int wake)
{
  Pt2Workers *workers = g_new0 (Pt2Workers, 1);
  workers->service = service;
  workers->wake = wake;
  workers->slow_most = MAX (n / 2, 1);
  workers->threads = g_new0 (GThread *, n);
  g_mutex_init (&workers->lock);
  g_cond_init (&workers->work);
  for (; workers->n < n; workers->n++)
    {
      workers->threads[workers->n] = g_thread_try_new ("pt2-worker", work, workers, NULL);
      if (workers->threads[workers->n] == NULL)
        break;
    }
  if (workers->n >= 2)
    return workers;
  pt2_workers_free (workers);
  return NULL;
}

void
pt2_workers_free (Pt2Workers *workers)
{
  g_mutex_lock (&workers->lock);
  workers->stop = true;
  g_cond_broadcast (&workers->work);
  g_mutex_unlock (&workers->lock);
  for (guint i = 0; i < workers->n; i++)
    g_thread_join (workers->threads[i]);
  g_queue_clear (&workers->quick);
  g_queue_clear (&workers->slow);
  g_queue_clear (&workers->done);
  g_cond_clear (&workers->work);
  g_mutex_clear (&workers->lock);
  g_free (workers->threads);
  g_free (workers);
}

/* With the lock. */
static void
turn_away (Pt2Workers *workers, Pt2Connection *connection)
{
  Pt2Status status = PT2_STATUS_INIT;
  connection->outcome = (Pt2Outcome){ -1, PT2_ERROR_X005 };
  connection->broken = !pt2_service_answer_busy (connection->body, connection->body_len, &connection->answer, &status);
  give_back (workers, connection);
}

void
pt2_workers_give (Pt2Workers *workers, Pt2Connection *connection)
{
  bool slow = pt2_service_is_slow (connection->body, connection->body_len);
  connection->microseconds = 0;
  g_mutex_lock (&workers->lock);
  if (slow && g_queue_get_length (&workers->slow) >= MOST_SLOW)
    turn_away (workers, connection);
  else
    {
      g_queue_push_tail (slow ? &workers->slow : &workers->quick, connection);
      g_cond_signal (&workers->work);
    }
  g_mutex_unlock (&workers->lock);
}

Pt2Connection *
pt2_workers_take (Pt2Workers *workers)
{
  g_mutex_lock (&workers->lock);
  Pt2Connection *connection = g_queue_pop_head (&workers->done);
  g_mutex_unlock (&workers->lock);
  return connection;
}

guint
pt2_workers_waiting (Pt2Workers *workers)
{
  g_mutex_lock (&workers->lock);
  guint n = g_queue_get_length (&workers->quick) + g_queue_get_length (&workers->slow);
  g_mutex_unlock (&workers->lock);
  return n;
}
