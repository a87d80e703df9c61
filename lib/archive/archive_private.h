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

typedef struct _Pt2Compact Pt2Compact;

struct _Pt2Archive
{
  gatomicrefcount references;
  Pt2Zip zip;          /* of a compact archive: what it stands for, whose entries have no place in any file */
  Pt2Compact *compact; /* NULL: no compact archive */
  int file;            /* the file that ZIP lies in, for copying from it; -1: none is known */
  Pt2Limits limits;
  size_t root_len; /* of "ROOT/", 0 if there is no root folder */
  char *root;      /* the same without the slash, "" if there is none */
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
/* K002 for what may be a zip. */
Pt2Sniffed pt2_sniff (GBytes *bytes);

/* archive.c: the whole file, mapped. F001 for what is no regular file. (transfer full) */
GBytes *pt2_map_file (const char *path, GError **error);
/* archive.c: the bytes of a record, inflated if need be, the CRC checked. (transfer full) */
GBytes *pt2_archive_read_entry (const Pt2Archive *archive, const Pt2Record *record, Pt2Status *status);
/* The bytes of a record, its CRC unchecked where they lie in the file as they are: what is looked at in passing
 * should not cost a pass over it. (transfer full) */
GBytes *pt2_archive_view (const Pt2Archive *archive, const Pt2Record *record, Pt2Status *status);
/* A file that has the bytes of a record as they are, from *OFFSET on: audited, the CRC not checked. Belongs to the
 * archive. -1 if there is none; STATUS then says if something is wrong. */
int pt2_archive_file_range (const Pt2Archive *archive, const Pt2Record *record, guint64 *offset, Pt2Status *status);
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
