/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about tensors share: the list, its storages, and the steps that fill it. */
#pragma once

#include "archive_private.h"
#include "arena.h"
#include "payload_config.h"
#include "pt2-tensor.h"
#include "text_index.h"

#define PT2_NO_STORAGE UINT32_MAX
#define PT2_MET_PICKLE UINT32_MAX

typedef struct
{
  const Pt2Record *record;       /* that holds it */
  Pt2Pickle *pickle;             /* NULL: the record is the storage. Belongs to the list */
  const Pt2PickleStorage *inner; /* the pickle's */
  guint64 bytes;
  bool big_endian;
  uint32_t told;  /* raw: number of the first item that says what is in it */
  guint first, n; /* who shares it, in Pt2Tensors.sharing */
} Pt2TensorStorage;

/* What the program says of one payload. Begins with its name, for the index. */
typedef struct
{
  Pt2String fqn;
  Pt2TensorRole role;
} Pt2PayloadRole;

struct _Pt2Tensors
{
  gatomicrefcount references;
  Pt2Archive *archive;
  const char *model;
  Pt2Arena arena; /* names, shapes */
  Pt2Tensor *items;
  uint32_t n, room;
  uint32_t *storage_of; /* of each item, or PT2_NO_STORAGE */
  Pt2TensorStorage *storages;
  uint32_t n_storages, storage_room;
  guint *sharing; /* numbers of items, storage by storage */
  Pt2TextIndex index;
  GPtrArray *faults;  /* GError; ends with NULL once the list is made */
  GPtrArray *pickles; /* Pt2Pickle */
  /* While the list is made: */
  Pt2PayloadRole *roles;
  Pt2TextIndex role_index;
  uint32_t *storage_of_record; /* raw storages: number + 1; 0: not met; PT2_MET_PICKLE */
  Pt2Status memory;            /* L… if memory ran out: nothing else ends the making */
};

/* Which half of the payloads: in the state dictionary, or not. */
typedef struct
{
  bool weights;
  const char *folder;                /* "data/weights/" */
  const char *config;                /* behind the model's name: "_weights_config.json" */
  const char *legacy, *legacy_alias; /* names of the pickle in layout L */
} Pt2PayloadHalf;

/* tensors.c. All of these give NULL or false, and set tensors->memory, only if memory is short. */
Pt2Tensor *pt2_tensors_add (Pt2Tensors *tensors, Pt2String fqn);
uint32_t pt2_tensors_add_storage (Pt2Tensors *tensors, const Pt2TensorStorage *storage);
void *pt2_tensors_alloc (Pt2Tensors *tensors, size_t n, size_t size);
const char *pt2_tensors_copy_text (Pt2Tensors *tensors, const char *data, size_t len);
void pt2_tensors_add_fault (Pt2Tensors *tensors, const Pt2Status *status);
/* Gives the newest item its fault; the first one stays. */
void pt2_tensor_set_fault (Pt2Tensor *tensor, const Pt2Status *status);
/* Role and persistence of an entry, by the program or else by where it stands. */
void pt2_tensors_set_role (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PayloadHalf *half, bool is_parameter);

/* tensors_raw.c: the entries of a list. */
void pt2_tensors_read_list (Pt2Tensors *tensors, const Pt2PayloadHalf *half, const Pt2Record *record);
/* tensors_meta.c: shape, stride and the rest of META; false with W003 or W007. */
bool pt2_tensor_take_meta (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2TensorMeta *meta, Pt2Status *status);

/* tensors_pickled.c: the entries of a pickled dictionary; */
void pt2_tensors_read_dict (Pt2Tensors *tensors, const Pt2PayloadHalf *half, const Pt2Record *record);
/* a payload that is a pickle by itself, into the newest item; */
bool pt2_tensor_read_pickle (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record, Pt2Status *status);
/* the same where no list says what it is: any value, described as one of a dictionary is; */
bool pt2_tensor_read_untold (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record, Pt2Status *status);
/* and the class of an object, if its pickle names one. */
void pt2_tensor_read_object (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record);

/* tensor_view.c: numel and nbytes of shape and element_bytes; W003, W006. */
bool pt2_tensor_measure (Pt2Tensor *tensor, Pt2Status *status);
/* The view lies within its storage: W003 to W006. */
bool pt2_tensor_check_view (const Pt2Tensor *tensor, Pt2Status *status);

/* The dimensions that matter: none of size 1, neighbours that follow on each other as one. */
typedef struct
{
  guint n;
  guint64 size[64], stride[64];
} Pt2Run;
void pt2_tensor_collapse (const Pt2Tensor *tensor, Pt2Run *run);
/* Copies elements FIRST … FIRST+N-1 in row-major order to OUT; ORIGIN: the view's first element, ELEMENT: bytes of one.
 */
void pt2_run_copy (const Pt2Run *run, const char *origin, guint element, guint64 first, guint64 n, char *out);
/* The reverse: IN goes to where those elements lie. */
void pt2_run_place (const Pt2Run *run, char *origin, guint element, guint64 first, guint64 n, const char *in);

/* tensor_bytes.c: the storage that it is a view of, or NULL. */
const Pt2TensorStorage *pt2_tensor_storage_of (const Pt2Tensors *tensors, const Pt2Tensor *tensor);
/* Turns each UNIT bytes round. */
void pt2_swap_units (char *data, gsize len, guint unit);
/* The unit of a tensor whose elements the archive holds big-endian; 0 if it holds them as they are given out. */
guint pt2_tensor_swap_unit (const Pt2Tensors *tensors, const Pt2Tensor *tensor);
/* A sound strided tensor; else its fault, W012 or W013. */
bool pt2_tensor_check_usable (const Pt2Tensor *tensor, GError **error);
