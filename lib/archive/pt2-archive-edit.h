/* SPDX-License-Identifier: Apache-2.0 */
/* Changes to what an archive holds, made in the list of records that a new archive is written from. Nothing is
 * written until the list is saved; records that do not change are not read.
 *
 * Thread rule: as for Pt2ArchiveWriter.
 * Since: 1.0
 */
#pragma once

#include "pt2-archive-writer.h"
#include "pt2-strip.h"

G_BEGIN_DECLS

/**
 * pt2_archive_writer_strip:
 * @writer: a list that was made from @archive as it is
 * @model: (nullable): the only program to strip, and whose sample inputs go; %NULL for all
 * @what: what is taken out; extra files are the archive's, whatever @model says
 * @stripped: (nullable): what goes out is added to it
 *
 * Sample inputs become a record without bytes, which PyTorch takes for none; without the record it would not load the
 * archive. Programs that have nothing of it keep their bytes. Fails with what is wrong with a program.
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_writer_strip (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model,
                                           Pt2StripFlags what, Pt2Stripped *stripped, GError **error);

/**
 * pt2_archive_writer_edit_device:
 * @writer: a list that was made from @archive
 * @model: (nullable): the only program whose lists of payloads are changed; %NULL for all
 * @from: as for pt2_edit_device()
 * @to: the same
 * @count: (nullable): how many devices are changed is added to it
 *
 * The devices of weights and constants, in the lists that say which payload is which; the program itself is
 * pt2_edit_device()'s. Devices inside pickles stay: older archives keep all weights in one, and sample inputs are one.
 * Fails with P012, and with what is wrong with a list.
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_writer_edit_device (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model,
                                                 const char *from, const char *to, guint64 *count, GError **error);

/**
 * pt2_archive_writer_edit_rename:
 * @writer: a list that was made from @archive
 * @model: (nullable): the only program whose lists of payloads are changed; %NULL for all
 * @old_name: as for pt2_edit_rename(), which changes the program itself
 * @new_name: the same
 *
 * The name of a weight or constant in the lists that say which payload is which. Fails with P015 if a list has the new
 * name, W028 if none has the old one, and with what is wrong with a list.
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_writer_edit_rename (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model,
                                                 const char *old_name, const char *new_name, GError **error);

/**
 * pt2_archive_writer_drop_program:
 * @writer: a list that was made from @archive
 * @model: a program of it, by name
 *
 * Takes the program out, and what is its alone: lists of payloads, payloads that no other program lists, sample inputs,
 * what was compiled of it. Records of other kinds stay. Fails with U003, P016 (it is the only one) and with what is
 * wrong with a list: W001, W002, J….
 * Since: 1.0
 */
PT2_API gboolean pt2_archive_writer_drop_program (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model,
                                                  GError **error);

G_END_DECLS
