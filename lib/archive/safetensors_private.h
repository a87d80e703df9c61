/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about safetensors share. */
#pragma once

#include "pt2-safetensors.h"
#include "tensors_private.h"

enum
{
  PT2_SAFETENSORS_LENGTH = 8, /* bytes of the number in front of the header */
  PT2_SAFETENSORS_HEADER_MOST = 100000000,
};

#define PT2_SAFETENSORS_METADATA "__metadata__"

typedef struct
{
  const char *name;  /* "BF16" */
  const char *dtype; /* PyTorch's name; NULL if exported programs have no such type */
  guint bits;        /* of an element */
} Pt2SafetensorsType;

/* safetensors_types.c: in the order in which the library writes them, widest first. */
extern const Pt2SafetensorsType pt2_safetensors_types[];
extern const guint pt2_safetensors_n_types;
/* The number of the row that is called so, or pt2_safetensors_n_types. */
guint pt2_safetensors_type_by_name (Pt2String name);
guint pt2_safetensors_type_by_dtype (const char *dtype);
