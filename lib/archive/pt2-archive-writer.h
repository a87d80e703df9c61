/* SPDX-License-Identifier: Apache-2.0 */
/* Making an archive: a list of records, then one call that writes it.
 *
 *   g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_TODAY, &error);
 *   g_autoptr (Pt2Source) source = pt2_source_new_bytes (text);
 *   pt2_archive_writer_replace (writer, "models/model.json", source, &error);
 *   pt2_archive_writer_save (writer, "new.pt2", PT2_SAVE_NEW, NULL, NULL, &error);
 *
 * What is written is what PyTorch 2.9 and later write, byte for byte: records stored, payloads at multiples
 * of 64 bytes, no times, the same records in the same order. The same records give the same bytes. Until it is
 * saved nothing is read but what each function says; a source's bytes pass through, however large they are.
 *
 * A writer and its sources may be used from one thread at a time.
 * Since: 1.0
 */
#pragma once

#include "pt2-archive.h"
#include "pt2-save.h"

G_BEGIN_DECLS

/* ---- where the bytes of a record come from ---- */

#define PT2_TYPE_SOURCE (pt2_source_get_type ())
PT2_API GType pt2_source_get_type (void);
typedef struct _Pt2Source Pt2Source;

/**
 * Pt2SourceFunc:
 * @out: where to put bytes
 * @offset: of the first one in the record
 * @len: how many; never 0
 *
 * Called while an archive is written, for one piece after the other from the start to the end; also a second time
 * from the start if an archive is written twice.
 * Returns: %FALSE with an error if it cannot; writing then fails with it
 * Since: 1.0
 */
typedef gboolean (*Pt2SourceFunc) (gpointer out, guint64 offset, gsize len, gpointer data, GError **error);

/* Bytes in memory, kept by reference. Since: 1.0 */
PT2_API Pt2Source *pt2_source_new_bytes (GBytes *bytes);
/**
 * pt2_source_new_file:
 * @fd: a regular file, open for reading; it is duplicated, and its position may move
 * @offset: of the first byte
 * @bytes: how many
 *
 * A range of a file. It is copied inside the kernel, holes as holes. If it is no longer there when the archive
 * is written, that fails with F005.
 * Returns: (transfer full) (nullable): %NULL with F001 if the range is not in the file
 * Since: 1.0
 */
PT2_API Pt2Source *pt2_source_new_file (int fd, guint64 offset, guint64 bytes, GError **error);
/* A part of what pt2_source_new_file() gave, without a descriptor of its own: for many records from one file. OFFSET
 * counts from the start of FILE's range. %NULL with F001 if the part is not in it. Since: 1.0 */
PT2_API Pt2Source *pt2_source_new_range (Pt2Source *file, guint64 offset, guint64 bytes, GError **error);
/* BYTES bytes that FUNC makes when they are wanted. Since: 1.0 */
PT2_API Pt2Source *pt2_source_new_func (guint64 bytes, Pt2SourceFunc func, gpointer data, GDestroyNotify destroy);
/**
 * pt2_source_new_record:
 * @archive: kept by reference
 * @record: one of its records
 *
 * A record of an archive. It is audited and its CRC checked while it is written.
 * Returns: (transfer full)
 * Since: 1.0
 */
PT2_API Pt2Source *pt2_source_new_record (Pt2Archive *archive, const Pt2Record *record);
PT2_API Pt2Source *pt2_source_ref (Pt2Source *source);
PT2_API void pt2_source_unref (Pt2Source *source);
PT2_API guint64 pt2_source_get_bytes (Pt2Source *source);

/* ---- the list of records ---- */

#define PT2_TYPE_ARCHIVE_WRITER (pt2_archive_writer_get_type ())
PT2_API GType pt2_archive_writer_get_type (void);
typedef struct _Pt2ArchiveWriter Pt2ArchiveWriter;

/**
 * Pt2WriterStart:
 * @PT2_WRITER_AS_IT_IS: every record with its name, in its order
 * @PT2_WRITER_TODAY: the same for an archive of today's layout; an older one (legacy, pickled payloads, no root
 *   folder) is turned into today's: weights and constants come out of their pickles into raw storages, shared
 *   ones still shared, and program, sample inputs and extra files move to where they belong today
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_WRITER_AS_IT_IS,
  PT2_WRITER_TODAY,
} Pt2WriterStart;

/**
 * pt2_archive_writer_new:
 * @root: (nullable): the folder of all records, such as "model"; PyTorch takes the file's name without its last
 *   extension. %NULL for none, which is how legacy archives are
 *
 * Returns: (transfer full) (nullable): an empty list; %NULL with Z011 for a name that is not allowed
 * Since: 1.0
 */
PT2_API Pt2ArchiveWriter *pt2_archive_writer_new (const char *root, GError **error);
/**
 * pt2_archive_writer_new_from_archive:
 * @archive: kept by reference
 *
 * A list of what ARCHIVE holds. With %PT2_WRITER_TODAY the pickles of an older layout are read now; R011 if one
 * holds what has no place in today's (`message` says what), and what is wrong with the archive itself (R…, K…, I…).
 * Folders (entries whose name ends with a slash) are left out: PyTorch reads no archive that has some.
 * Returns: (transfer full) (nullable)
 * Since: 1.0
 */
PT2_API Pt2ArchiveWriter *pt2_archive_writer_new_from_archive (Pt2Archive *archive, Pt2WriterStart start,
                                                               GError **error);
PT2_API Pt2ArchiveWriter *pt2_archive_writer_ref (Pt2ArchiveWriter *writer);
PT2_API void pt2_archive_writer_unref (Pt2ArchiveWriter *writer);

/**
 * pt2_archive_writer_add:
 * @name: without the root folder, such as "data/weights/weight_0"
 *
 * Adds a record. In a list made from an archive it comes to stand where PyTorch would put it; else records stand in
 * the order in which they are added. Fails with U008 if a record of that name (case does not count) is there, and
 * with Z011 for a name that is not allowed.
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_writer_add (Pt2ArchiveWriter *writer, const char *name, Pt2Source *source, GError **error);
/* Other bytes for a record, which keeps its place. U005 if there is none of that name. Since: 1.0 */
PT2_API gboolean pt2_archive_writer_replace (Pt2ArchiveWriter *writer, const char *name, Pt2Source *source,
                                             GError **error);
/* Takes a record out. U005 if there is none of that name. Since: 1.0 */
PT2_API gboolean pt2_archive_writer_remove (Pt2ArchiveWriter *writer, const char *name, GError **error);
/* The source of a record, or %NULL. (transfer none) Since: 1.0 */
PT2_API Pt2Source *pt2_archive_writer_find (Pt2ArchiveWriter *writer, const char *name);
/* The list is the whole archive: what PyTorch expects of every one is not added when it is written. For what is no
 * archive of today, and to write one again as it was. Since: 1.0 */
PT2_API void pt2_archive_writer_set_whole (Pt2ArchiveWriter *writer);
/* How many records there are. Since: 1.0 */
PT2_API guint pt2_archive_writer_count (Pt2ArchiveWriter *writer);

/* ---- the compact archive ---- */

/**
 * Pt2CompactOptions:
 * @compress_payloads: payloads as zstd frames where that makes them smaller. They can then no longer be mapped
 * @train_dictionary: one dictionary for all programs of the archive, if it helps; worth it for many small ones
 *
 * Since: 1.0
 */
typedef struct
{
  gboolean compress_payloads;
  gboolean train_dictionary;
} Pt2CompactOptions;

/**
 * pt2_archive_writer_new_compact:
 * @writer: what the compact archive shall hold; kept by reference
 * @options: (nullable): %NULL for none of them
 * @progress: (nullable) (scope call): how far the reading is
 *
 * The list of records of a compact archive (`.pt2c`, see docs/format-pt2c.md) out of which every record of
 * @writer can be had again with the same bytes. Reads the programs, and the payloads that may be equal.
 * What is saved from it is the compact archive; it is complete, so nothing should be added to it.
 * Returns: (transfer full) (nullable)
 * Since: 1.0
 */
PT2_API Pt2ArchiveWriter *pt2_archive_writer_new_compact (Pt2ArchiveWriter *writer, const Pt2CompactOptions *options,
                                                          Pt2ProgressFunc progress, gpointer data, GError **error);

/* ---- writing ---- */

/**
 * pt2_archive_writer_save:
 * @path: where to; the file appears whole or not at all
 * @progress: (nullable) (scope call): how far it is; may stop it
 *
 * What PyTorch expects of every archive and the list does not have (archive_format, archive_version, .data/version,
 * byteorder, .data/serialization_id) is added at the end. A list that was made from an archive and not changed since
 * is written as it is; of one that was changed, .data/serialization_id is made anew unless it was among the changes.
 * Fails with F002 (cannot write), F003 (the file exists), F005 (a source shrank), F006 (stopped), Z017 (a record's CRC
 * is wrong), Z020 (a source gave too much), and with whatever a source says.
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_writer_save (Pt2ArchiveWriter *writer, const char *path, Pt2SaveFlags flags,
                                          Pt2ProgressFunc progress, gpointer data, GError **error);
/* The same to something that is open for writing, such as a pipe, from where it stands; an empty regular file is
 * written as fast as by pt2_archive_writer_save(). Since: 1.0 */
PT2_API gboolean pt2_archive_writer_write (Pt2ArchiveWriter *writer, int fd, Pt2ProgressFunc progress, gpointer data,
                                           GError **error);
/* The same into memory. (transfer full) (nullable) Since: 1.0 */
PT2_API GBytes *pt2_archive_writer_to_bytes (Pt2ArchiveWriter *writer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Source, pt2_source_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2ArchiveWriter, pt2_archive_writer_unref)

G_END_DECLS
