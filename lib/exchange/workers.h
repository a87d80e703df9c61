/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded pool that answers requests. Slow calls never take all workers, so that short ones go on beside them. */
#pragma once

#include "connection.h"

typedef struct Pt2Workers Pt2Workers;

/* WAKE: an eventfd that is written to whenever an answer is ready. NULL: threads cannot be made. */
Pt2Workers *pt2_workers_new (Pt2Service *service, guint n, int wake);
/* Waits for what is under way; what waits is left. */
void pt2_workers_free (Pt2Workers *workers);
/* Hands over the request of CONNECTION, which is not to be touched until it comes back. */
void pt2_workers_give (Pt2Workers *workers, Pt2Connection *connection);
/* One that is answered, or NULL. */
Pt2Connection *pt2_workers_take (Pt2Workers *workers);
guint pt2_workers_waiting (Pt2Workers *workers);
