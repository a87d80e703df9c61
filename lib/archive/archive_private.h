/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of lib/archive share: the archive itself and its passes. */
#pragma once

#include "pt2-archive.h"
#include "status.h"
#include "zip.h"

/* Which family of records an archive follows; decides the roles. */
typedef enum
{
  PT2_FAMILY_OTHER,
  PT2_FAMILY_PT2,    /* PT2 records: P0, P1, P2, AOTInductor */
  PT2_FAMILY_LEGACY, /* L */
  PT2_FAMILY_TORCH_SAVE,
  PT2_FAMILY_TORCH_SCRIPT,
} Pt2Family;

struct _Pt2Archive
{
  gatomicrefcount references;
  Pt2Zip zip;
  Pt2Limits limits;
  size_t root_len; /* of "ROOT/", 0 if there is no root folder */
  Pt2Family family;
  Pt2FileKind kind;
  Pt2ArchiveLayout layout;
  Pt2Record *records; /* zip.n_entries of them, in the same order */
  char *version;
  char *byteorder;
  char **models; /* NULL-terminated */
  guint *model_records;
  guint n_models;
  /* Why no program may be taken from it (R…), although its records can be listed. */
  Pt2Status problem;
};

/* kind.c: what a file without zip structure is. */
typedef struct
{
  Pt2ErrorCode code; /* PT2_ERROR_NONE: a program, see kind */
  Pt2FileKind kind;
  const char *what; /* more than the id says, "" if nothing */
} Pt2Sniffed;
Pt2Sniffed pt2_sniff (const uint8_t *data, size_t len);
/* True if the file begins as a zip does. */
bool pt2_sniff_zip (const uint8_t *data, size_t len);

/* layout.c: root folder and family; R004 if records lie outside the root. */
bool pt2_archive_find_root (Pt2Archive *archive, Pt2Status *status);
/* layout.c: kind, layout, texts; what is wrong with them goes to archive->problem. */
void pt2_archive_find_layout (Pt2Archive *archive);
/* roles.c: the role of a record by its name without the root. */
const char *pt2_role_of_record (Pt2Family family, const char *name);
/* models.c: fills models. False if memory is short. */
bool pt2_archive_list_models (Pt2Archive *archive);
/* kind.c: the K… error that says why no program can be taken from an archive of that kind. */
Pt2ErrorCode pt2_kind_refusal (const Pt2Archive *archive);
