/* SPDX-License-Identifier: Apache-2.0 */
/* Shows differences: as text in the manner of `git diff`, or as JSON. */
#pragma once

#include "json_out.h"

typedef struct
{
  const char *old_name, *new_name; /* as the user gave them */
  Pt2Diff *programs;
  /* Of two archives; else nothing. */
  gboolean archives;
  Pt2ArchiveLayout old_layout, new_layout;
  Pt2TensorChange *tensors;
  Pt2RecordChange *records;
  guint n_tensors, n_records;
} Differences;

/* How many changes there are. */
guint differences_count (const Differences *differences);
/* Are there changes, and nothing but names? */
gboolean differences_are_renaming (const Differences *differences);

void diff_json (const Differences *differences);
/* CONTEXT: nodes around a change. */
void diff_text (const Differences *differences, guint context);
/* A line for each part that has changes. */
void diff_stat (const Differences *differences);

/* One changed line: MARK is '-', '+', '~' for what is said of it, or a blank; TEXT is escaped. */
void diff_line (char mark, const char *text);
/* Tensors and records, in the same three ways. */
void diff_weights_text (const Differences *differences);
void diff_weights_json (const Differences *differences, Json *json);

/* "pt2-archive" and so on. */
const char *layout_text (Pt2ArchiveLayout layout);

/* A tensor on one line, escaped; and the first BYTES of a hash. */
void append_tensor (GString *line, const Pt2Tensor *tensor);
void append_hash (GString *line, const guint8 *hash, guint bytes);

/* All of a file as lines that `git diff` can compare. */
int diff_textconv (const char *path);

/* A node on one line: `name, name = operator(operands)`, escaped. */
void append_node (GString *line, Pt2Value node);
