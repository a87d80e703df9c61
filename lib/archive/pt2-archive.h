/* SPDX-License-Identifier: Apache-2.0 */
/* An archive (`.pt2` and its kin), or whatever a file turns out to be.
 *
 * Opening maps the file, audits the zip directory and reads the few tiny records that
 * say what the archive is; no program, weight or pickle is touched, nothing is executed.
 * Each record is audited in its place before anything of it is used. An archive is immutable and may be read
 * from any number of threads.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define PT2_TYPE_ARCHIVE (pt2_archive_get_type ())
PT2_API GType pt2_archive_get_type (void);
typedef struct _Pt2Archive Pt2Archive;

typedef enum
{
  PT2_ARCHIVE_LAYOUT_NONE,    /* no exported program in it (torch.save, AOTInductor only, …) */
  PT2_ARCHIVE_LAYOUT_LEGACY,  /* L: torch 2.1–2.7 */
  PT2_ARCHIVE_LAYOUT_FLAT,    /* P0: PT2 records without a root folder */
  PT2_ARCHIVE_LAYOUT_PICKLED, /* P1: torch 2.8 */
  PT2_ARCHIVE_LAYOUT_RAW,     /* P2: torch 2.9 and later */
} Pt2ArchiveLayout;

typedef enum
{
  PT2_KIND_OF_FILE_EXPORTED_PROGRAM, /* "exported-program" */
  PT2_KIND_OF_FILE_AOT_INDUCTOR,     /* "aot-inductor" */
  PT2_KIND_OF_FILE_TORCH_SAVE,       /* "torch-save" */
  PT2_KIND_OF_FILE_PROGRAM_JSON,     /* "program-json": no archive */
  PT2_KIND_OF_FILE_PROGRAM_COMPACT,  /* "program-compact": no archive; zstd-compressed or not */
  PT2_KIND_OF_FILE_TORCH_SCRIPT,     /* "torch-script": opens, but pt2_file_kind() refuses it with K014 */
  PT2_KIND_OF_FILE_OTHER_ARCHIVE,    /* "zip": opens, but pt2_file_kind() refuses it with K017 or K018 */
} Pt2FileKind;

typedef struct
{
  const char *name;     /* without the root folder; UTF-8, escaped nowhere */
  guint64 bytes;        /* inflated */
  guint64 stored_bytes; /* as they lie in the file */
  const char *method;   /* "stored" or "deflated"; of a compact archive also "zstd", "program" (Thrift compact) or
                         * "text" (in its index) */
  guint32 crc32;
  const char *role; /* "program", "weight", "weights-config", "constant", "constants-config",
                     * "sample-inputs", "weights" and "constants" (pickled), "extra",
                     * "native-code", "aot-inductor", "format", "version", "byteorder",
                     * "serialization-id", "pickle", "storage", "unknown" */
} Pt2Record;

/**
 * pt2_archive_new_from_file:
 * @path: a file; "-" is not special here
 * @limits: (nullable): %NULL for the default
 *
 * Fails with K… for files that are no archive (each kind has its sentence:
 * program JSON, ONNX, safetensors, gzip, HTML, truncated zip, …), Z… for an
 * archive that could be read in two ways, F… and L….
 * Returns: (transfer full) (nullable): the archive; free with pt2_archive_unref()
 * Since: 1.0
 */
PT2_API Pt2Archive *pt2_archive_new_from_file (const char *path, const Pt2Limits *limits, GError **error);
/* The same from memory; BYTES is kept, not copied. */
PT2_API Pt2Archive *pt2_archive_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error);
/**
 * pt2_archive_new_from_fd:
 * @fd: a regular file, open for reading. It is mapped and duplicated; its position may move
 *
 * The same of a file that is open. Like an archive that was opened by its name, it can be copied from inside the
 * kernel by a Pt2ArchiveWriter.
 * Returns: (transfer full) (nullable): the archive
 * Since: 1.0
 */
PT2_API Pt2Archive *pt2_archive_new_from_fd (int fd, const Pt2Limits *limits, GError **error);
PT2_API Pt2Archive *pt2_archive_ref (Pt2Archive *archive);
PT2_API void pt2_archive_unref (Pt2Archive *archive);

/**
 * pt2_file_kind:
 * @bytes: a whole file
 *
 * What kind of file this is, by its content alone, never its name.
 * Returns: %TRUE and @kind, or %FALSE with a K… or Z… error that says in a sentence what it is instead
 * Since: 1.0
 */
PT2_API gboolean pt2_file_kind (GBytes *bytes, const Pt2Limits *limits, Pt2FileKind *kind, GError **error);
/* "exported-program" and so on. */
PT2_API const char *pt2_file_kind_name (Pt2FileKind kind);

PT2_API Pt2FileKind pt2_archive_get_kind (Pt2Archive *archive);
PT2_API Pt2ArchiveLayout pt2_archive_get_layout (Pt2Archive *archive);
/* Is it a `.pt2c`? Its records, its layout and all else are then those of the archive that it was made from. */
PT2_API gboolean pt2_archive_is_compact (Pt2Archive *archive);
/* "pt2-archive", "legacy"; "pt2c" for a compact archive; NULL for PT2_ARCHIVE_LAYOUT_NONE. */
PT2_API const char *pt2_archive_get_layout_name (Pt2Archive *archive);
/* Text of archive_version / .data/version / byteorder records as info shows them; NULL if absent. */
PT2_API const char *pt2_archive_get_version (Pt2Archive *archive);
PT2_API const char *pt2_archive_get_byteorder (Pt2Archive *archive);
PT2_API guint64 pt2_archive_get_bytes (Pt2Archive *archive); /* of the file */

/* The folder that all records lie in, without its slash; "" if there is none. Since: 1.0 */
PT2_API const char *pt2_archive_get_root (Pt2Archive *archive);
/* Records in the order of the zip directory. */
PT2_API const Pt2Record *pt2_archive_get_records (Pt2Archive *archive, guint *n);
PT2_API const Pt2Record *pt2_archive_find (Pt2Archive *archive, const char *name);

/**
 * pt2_archive_locate:
 * @record: a record of this archive
 * @offset: (out): the first byte of its payload in the file
 *
 * Audits the record where it lies: Z006 to Z009 if its local header or data descriptor says
 * something else than the directory, or reaches into what follows. Touches a page of the file.
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_locate (Pt2Archive *archive, const Pt2Record *record, guint64 *offset, GError **error);

/**
 * pt2_archive_read:
 * @name: a record
 *
 * Stored records are a view into the mapping (no copy); deflated ones are
 * inflated. The record is audited as by pt2_archive_locate(), and its CRC is checked unless 0 is
 * recorded, which is how PyTorch writes "none". A program larger than the limit is L008.
 * Returns: (transfer full) (nullable): the bytes
 * Since: 1.0
 */
PT2_API GBytes *pt2_archive_read (Pt2Archive *archive, const char *name, GError **error);

/**
 * pt2_archive_open_nested:
 * @record: a record of this archive
 *
 * The archive that a record is, such as an `extra/….pt2`, a pickled payload or sample inputs: a view where the record
 * is stored, inflated else. The CRC of the record is not checked. Only one level: an archive that inflates can be
 * nested as deep and as often as its writer liked, so whoever goes further down counts levels and bytes.
 * Returns: (transfer full) (nullable): %NULL without an error if the record does not begin like an archive; with Z…,
 *   K…, R… or L… if it does and cannot be opened
 * Since: 1.0
 */
PT2_API Pt2Archive *pt2_archive_open_nested (Pt2Archive *archive, const Pt2Record *record, GError **error);
/* SHA-256 of a record's bytes, inflated, its CRC checked. Since: 1.0 */
PT2_API gboolean pt2_archive_sha256 (Pt2Archive *archive, const Pt2Record *record, guint8 digest[32], GError **error);

/* Names of the programs, in archive order; NULL-terminated, owned by the archive. */
PT2_API const char *const *pt2_archive_get_models (Pt2Archive *archive);
/**
 * pt2_archive_choose_model:
 * @name: (nullable): %NULL: the only program, else the one called "model"
 *
 * Returns: (transfer none) (nullable): the record that holds it; %NULL with U003 or U004 (which list the names)
 * Since: 1.0
 */
PT2_API const Pt2Record *pt2_archive_choose_model (Pt2Archive *archive, const char *name, GError **error);
/**
 * pt2_archive_load_program:
 * @record: a record that holds a program
 *
 * That program; of a compact archive without making its text first.
 * Returns: (transfer full) (nullable): free with pt2_program_unref(); ids as of pt2_archive_read() and
 *   pt2_program_new_from_bytes(), the record among the places
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_archive_load_program (Pt2Archive *archive, const Pt2Record *record, GError **error);
/* The name of the program that such a record holds. */
PT2_API const char *pt2_archive_model_name (Pt2Archive *archive, const Pt2Record *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Archive, pt2_archive_unref)

G_END_DECLS
