/* SPDX-License-Identifier: Apache-2.0 */
/* Files on their way into a shelf. What arrives lies in a hidden folder until it is whole, has the hash that was
 * announced and is sound; then it gets its name in one step. An interrupted one goes on where it was, also after the
 * server was killed. Every stored file is kept under its SHA-256 too, so that it need not be sent twice.
 *
 * Any number of threads; pieces of one file come one after the other.
 */
#pragma once

#include "service.h"

typedef struct
{
  char *id;            /* names it to clients: hexadecimal, made of all that was announced */
  char *hash;          /* hexadecimal SHA-256 of the file */
  char *name;          /* NULL: none was asked for */
  char *base;          /* WEIGHTS, STRUCT: the program */
  char *record, *type; /* STRUCT; the type may be NULL */
  int32_t kind;
  bool replace;
  bool there; /* the file has that name already */
  uint64_t bytes;

  gatomicrefcount references;
  GMutex lock; /* for what follows */
  int fd;      /* -1: the content is known */
  uint64_t offset;
  void *running; /* EVP context over all up to offset, or NULL if it was begun elsewhere */
  bool ended;
} Pt2Upload;

/* The upload for an announcement: a new one, or the one that it interrupted. X015, X017, X018, F002. (transfer full) */
Pt2Upload *pt2_uploads_begin (Pt2Uploads *uploads, const Pt2Upload *announced, GError **error);
/* X013. (transfer full) */
Pt2Upload *pt2_uploads_find (Pt2Uploads *uploads, const char *id, GError **error);
void pt2_upload_unref (Pt2Upload *upload);

/* With the upload's lock. */
bool pt2_upload_add (Pt2Upload *upload, uint64_t offset, Pt2String data, GError **error);
/* Checks the hash of what arrived: X014, and it has to be sent anew. */
bool pt2_upload_check_hash (Pt2Uploads *uploads, Pt2Upload *upload, GError **error);
/* The name in the hidden folder, and the whole path to it. (transfer full) */
char *pt2_upload_file (const Pt2Upload *upload);
char *pt2_uploads_path (Pt2Uploads *uploads, const char *file);
/* The hidden folders: of what arrives, and of what is kept under its hash. */
int pt2_uploads_incoming (Pt2Uploads *uploads);
int pt2_uploads_objects (Pt2Uploads *uploads);
/* Gives FILE of the hidden folder, or the known content if FILE is NULL, the name NAME in the shelf. *KNOWN: it is
 * there under that name already. F002, F003. */
bool pt2_uploads_publish (Pt2Uploads *uploads, const char *file, const char *hash, const char *name, bool replace,
                          bool *known, GError **error);
/* Takes the upload out, and what arrived of it away. */
void pt2_uploads_forget (Pt2Uploads *uploads, Pt2Upload *upload);

/* May something be stored under NAME (NULL: by its hash)? X015, X018. */
bool pt2_uploads_check_name (const Pt2Uploads *uploads, const char *name, GError **error);
/* Checks FILE of the hidden folder, which was made here, and gives it a name; fills the answer. */
bool pt2_call_publish (Pt2Call *call, const char *file, const char *name, bool replace, Pt2ExchangeStoreResult *result,
                       GError **error);

/* SHA-256 of a file of the hidden folder, hexadecimal. (transfer full) */
char *pt2_uploads_hash_file (Pt2Uploads *uploads, const char *file, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Upload, pt2_upload_unref)
