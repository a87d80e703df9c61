/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of the elements, on several threads. A thread takes a whole tensor; the largest come first, so that none
 * is left alone with one at the end.
 */
#include "tensors_private.h"
#include "sha256.h"
#include "sort.h"
#include <string.h>

typedef struct
{
  Pt2Sha256 sha256;
  guint64 *done; /* shared; bytes */
  const int *stop;
} Hashing;

static gboolean
hash_piece (gconstpointer piece, gsize len, gpointer data)
{
  Hashing *hashing = data;
  /* Slices, so that progress moves and a stop is heard. */
  for (gsize at = 0; at < len;)
    {
      gsize n = MIN (len - at, (gsize)4 << 20);
      pt2_sha256_add (&hashing->sha256, (const char *)piece + at, n);
      __atomic_add_fetch (hashing->done, n, __ATOMIC_RELAXED);
      if (__atomic_load_n (hashing->stop, __ATOMIC_RELAXED))
        return FALSE;
      at += n;
    }
  return TRUE;
}

static bool
hash_tensor (Hashing *hashing, Pt2Tensors *tensors, const Pt2Tensor *tensor, guint8 *digest, GError **error)
{
  if (!pt2_sha256_begin (&hashing->sha256))
    return pt2_error_set (error, PT2_ERROR_L001, tensor->record, "%s", "");
  bool walked = pt2_tensor_foreach_piece (tensors, tensor, hash_piece, hashing, error);
  pt2_sha256_end (&hashing->sha256, digest);
  return walked;
}

gboolean
pt2_tensor_sha256 (Pt2Tensors *tensors, const Pt2Tensor *tensor, guint8 digest[PT2_SHA256_BYTES], GError **error)
{
  guint64 done = 0;
  int stop = 0;
  Hashing hashing = { .done = &done, .stop = &stop };
  return hash_tensor (&hashing, tensors, tensor, digest, error);
}

/* ---- all of them ---- */

typedef struct
{
  Pt2Tensors *tensors;
  Pt2TensorHash *hashes;
  uint32_t *order; /* what is to be hashed */
  uint32_t n_order;
  guint64 total;
  /* Changed by the threads: */
  uint32_t next;
  guint64 done;
  int stop;
  guint running;
  GMutex lock; /* of running, */
  GCond ended; /* told when it becomes 0 */
} Job;

static bool
has_elements (const Pt2Tensor *tensor)
{
  return tensor->fault == NULL && tensor->form == PT2_TENSOR_STRIDED;
}

/* What hashing one view reads: of a storage that does not lie in the file as it is, all of it. */
static guint64
cost_of (const Pt2TensorStorage *storage, const Pt2Tensor *tensor)
{
  bool stored = strcmp (storage->record->method, "stored") == 0
                && (storage->pickle == NULL || storage->inner->offset != PT2_PICKLE_NO_PLACE);
  return stored ? tensor->nbytes : MAX (tensor->nbytes, storage->bytes);
}

static bool
check_excess (const Pt2Tensors *tensors, guint64 excess, GError **error)
{
  guint64 limit = tensors->archive->limits.memory;
  if (excess <= limit)
    return true;
  return pt2_error_set (
      error, PT2_ERROR_L003, NULL,
      "expanded and overlapping tensors take %" G_GUINT64_FORMAT " bytes more than their storages hold", excess);
}

/* Puts what is to be hashed into ORDER, if there is one. */
static bool
plan (Pt2Tensors *tensors, Job *job, GError **error)
{
  guint64 excess = 0;
  g_autofree guint64 *left = g_try_new (guint64, (gsize)tensors->n_storages + 1);
  if (left == NULL)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  for (uint32_t i = 0; i < tensors->n_storages; i++)
    left[i] = tensors->storages[i].bytes;
  for (uint32_t i = 0; i < tensors->n; i++)
    {
      const Pt2Tensor *tensor = &tensors->items[i];
      if (!has_elements (tensor) || pt2_tensors_get_first_alike (tensors, tensor) != tensor)
        continue;
      guint64 *rest = &left[tensors->storage_of[i]],
              cost = cost_of (&tensors->storages[tensors->storage_of[i]], tensor);
      guint64 more = cost - MIN (*rest, cost);
      *rest -= MIN (*rest, cost);
      if (__builtin_add_overflow (excess, more, &excess)
          || __builtin_add_overflow (job->total, tensor->nbytes, &job->total))
        excess = job->total = G_MAXUINT64 / 2;
      if (job->order != NULL)
        job->order[job->n_order++] = i;
    }
  return check_excess (tensors, excess, error);
}

gboolean
pt2_tensors_check_cost (Pt2Tensors *tensors, guint64 *bytes, GError **error)
{
  Job job = { .tensors = tensors };
  bool fine = plan (tensors, &job, error);
  if (bytes != NULL)
    *bytes = job.total;
  return fine;
}

static int
compare_sizes (uint32_t a, uint32_t b, const void *data)
{
  const Job *job = data;
  guint64 left = job->tensors->items[job->order[a]].nbytes, right = job->tensors->items[job->order[b]].nbytes;
  return (left < right) - (left > right);
}

/* Largest first. */
static bool
sort_order (Job *job)
{
  g_autofree uint32_t *rank = g_try_new (uint32_t, (gsize)job->n_order + 1);
  if (rank == NULL)
    return false;
  for (uint32_t i = 0; i < job->n_order; i++)
    rank[i] = i;
  pt2_sort (rank, job->n_order, compare_sizes, job);
  for (uint32_t i = 0; i < job->n_order; i++)
    rank[i] = job->order[rank[i]];
  memcpy (job->order, rank, job->n_order * sizeof *rank);
  return true;
}

static void
hash_next (Job *job, Hashing *hashing)
{
  for (;;)
    {
      uint32_t at = __atomic_fetch_add (&job->next, 1, __ATOMIC_RELAXED);
      if (at >= job->n_order || __atomic_load_n (&job->stop, __ATOMIC_RELAXED))
        break;
      Pt2TensorHash *hash = &job->hashes[job->order[at]];
      hash->known
          = hash_tensor (hashing, job->tensors, &job->tensors->items[job->order[at]], hash->digest, &hash->error);
    }
}

static gpointer
work (gpointer data)
{
  Job *job = data;
  Hashing hashing = { .done = &job->done, .stop = &job->stop };
  hash_next (job, &hashing);
  g_mutex_lock (&job->lock);
  if (--job->running == 0)
    g_cond_signal (&job->ended);
  g_mutex_unlock (&job->lock);
  return NULL;
}

/* Until the threads have ended; tells of progress while they work. */
static void
wait_for_all (Job *job, Pt2ProgressFunc progress, gpointer data)
{
  g_mutex_lock (&job->lock);
  while (job->running > 0)
    {
      gint64 until = g_get_monotonic_time () + G_TIME_SPAN_SECOND / 5;
      if (g_cond_wait_until (&job->ended, &job->lock, until) || progress == NULL)
        continue;
      guint64 done = __atomic_load_n (&job->done, __ATOMIC_RELAXED);
      g_mutex_unlock (&job->lock);
      if (!progress (done, job->total, data))
        __atomic_store_n (&job->stop, 1, __ATOMIC_RELAXED);
      g_mutex_lock (&job->lock);
    }
  g_mutex_unlock (&job->lock);
}

static void
run (Job *job, guint n_threads, Pt2ProgressFunc progress, gpointer data)
{
  enum
  {
    THREADS_MOST = 256
  };
  GThread *threads[THREADS_MOST];
  guint n = n_threads > 0 ? n_threads : g_get_num_processors (), started = 0;
  n = MAX (1, MIN (MIN (n, THREADS_MOST), job->n_order));
  g_mutex_init (&job->lock);
  g_cond_init (&job->ended);
  job->running = n;
  for (; started < n; started++)
    if ((threads[started] = g_thread_try_new ("pt2-sha256", work, job, NULL)) == NULL)
      break;
  if (started < n)
    {
      g_mutex_lock (&job->lock);
      job->running -= n - started - (started == 0);
      g_mutex_unlock (&job->lock);
      if (started == 0) /* no thread to be had: this one does it, without progress */
        work (job);
    }
  wait_for_all (job, progress, data);
  for (guint i = 0; i < started; i++)
    g_thread_join (threads[i]);
  g_cond_clear (&job->ended);
  g_mutex_clear (&job->lock);
}

/* Those that were left out because another one is the same view. */
static void
copy_alike (Job *job)
{
  Pt2Tensors *tensors = job->tensors;
  for (uint32_t i = 0; i < tensors->n; i++)
    {
      const Pt2Tensor *first = pt2_tensors_get_first_alike (tensors, &tensors->items[i]);
      const Pt2TensorHash *hash = &job->hashes[first - tensors->items];
      if (first == &tensors->items[i])
        continue;
      job->hashes[i] = *hash;
      job->hashes[i].error = hash->error != NULL ? g_error_copy (hash->error) : NULL;
    }
}

static bool
finish (Job *job, GError **error)
{
  if (job->stop)
    return pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "");
  copy_alike (job);
  return true;
}

Pt2TensorHash *
pt2_tensors_sha256 (Pt2Tensors *tensors, guint n_threads, Pt2ProgressFunc progress, gpointer data, GError **error)
{
  g_autofree uint32_t *order = g_try_new (uint32_t, (gsize)tensors->n + 1);
  Job job = { .tensors = tensors, .order = order };
  job.hashes = g_try_new0 (Pt2TensorHash, (gsize)tensors->n + 1);
  bool fine = false;
  if (order == NULL || job.hashes == NULL)
    pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  else if (plan (tensors, &job, error))
    {
      if (!sort_order (&job))
        pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
      else
        {
          run (&job, n_threads, progress, data);
          fine = finish (&job, error);
        }
    }
  if (fine)
    return job.hashes;
  pt2_tensor_hashes_free (tensors, job.hashes);
  return NULL;
}

void
pt2_tensor_hashes_free (Pt2Tensors *tensors, Pt2TensorHash *hashes)
{
  for (uint32_t i = 0; hashes != NULL && i < tensors->n; i++)
    g_clear_error (&hashes[i].error);
  g_free (hashes);
}
