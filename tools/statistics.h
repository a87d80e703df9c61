/* SPDX-License-Identifier: Apache-2.0 */
/* What `tensors --stat` tells of the elements of a tensor. */
#pragma once

#include "command.h"

typedef struct
{
  gboolean known;        /* FALSE: complex numbers have no order, or there are no elements to be had */
  gboolean integer;      /* least and most are in whole_least and whole_most */
  guint64 count;         /* finite ones */
  guint64 nan, infinite; /* how many */
  guint64 zeros;
  double least, most; /* of the finite ones, like mean and deviation; 0 if there are none */
  char whole_least[24], whole_most[24];
  double mean, deviation; /* of the population */
} Statistics;

/* FALSE with an error of the tensor's record. */
gboolean statistics_of (Pt2Tensors *tensors, const Pt2Tensor *tensor, Statistics *statistics, GError **error);
