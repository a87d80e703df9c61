/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of thrift/history, as they are built in. */
#pragma once

#include <stddef.h>

typedef struct
{
  const char *name; /* "8.7" */
  const char *text;
  size_t len;
} Pt2HistoryText;

extern const Pt2HistoryText pt2_history_texts[]; /* oldest first */
extern const unsigned pt2_history_texts_count;
