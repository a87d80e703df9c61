/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files of `extract` share. */
#pragma once

#include "output.h"

/* A tensor on its way to a file. */
typedef struct
{
  Pt2Tensors *tensors;
  const Pt2Tensor *tensor;
  GBytes *header;   /* NULL: raw */
  const char *note; /* what a reader of the .npy must know, or NULL */
} ExtractTensor;

/* Checks that it can be had, and the CRC of its record. Fails with the tensor's fault, W012, W013 or Z… */
gboolean extract_prepare (ExtractTensor *what, Pt2Tensors *tensors, const Pt2Tensor *tensor, gboolean as_raw,
                          GError **error);
void extract_clear (ExtractTensor *what);
/* An OutputFill whose data is an ExtractTensor. */
gboolean extract_fill (int fd, gpointer data, GError **error);

/* All of ARCHIVE, which is the file IN, to the folder DIR. Returns an exit status. */
int extract_all (Pt2Archive *archive, const char *in, const char *dir, gboolean as_raw);
