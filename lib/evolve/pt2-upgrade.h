/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of earlier PyTorch releases as programs of today.
 *
 * PyTorch refuses every program of schema majors 1 to 7 (releases 2.1 to 2.5) and some of 8.2 (release 2.6). What is
 * made here of them is a program of schema 8.20 that computes the same. It is made step by step, each a rewrite of one
 * thing that changed between two versions; docs/upgrade.md lists them. Nothing is ever run.
 *
 * Thread rule: programs and archives may be upgraded from any thread; an upgrade itself is immutable.
 * Since: 1.0
 */
#pragma once

#include "pt2-archive-writer.h"
#include "pt2-program.h"

G_BEGIN_DECLS

#define PT2_TYPE_UPGRADE (pt2_upgrade_get_type ())
PT2_API GType pt2_upgrade_get_type (void);
typedef struct _Pt2Upgrade Pt2Upgrade;

/**
 * Pt2UpgradeIsConstant:
 * @fqn: name of a buffer
 *
 * Returns: whether the payload of the buffer lies among the constants, and not in the state dictionary
 * Since: 1.0
 */
typedef gboolean (*Pt2UpgradeIsConstant) (Pt2String fqn, gpointer data);

/**
 * pt2_upgrade_new:
 * @program: of any schema; kept by reference
 * @is_constant: (nullable) (scope call): asked for programs that do not say which buffers are persistent (schema majors
 *   1 to 4); %NULL: all are
 *
 * Fails with V001 (the program is not as its schema has it), V002 (it holds what cannot be had today; the message says
 * what and why), L001 and L003.
 * Returns: (transfer full) (nullable): free with pt2_upgrade_unref()
 * Since: 1.0
 */
PT2_API Pt2Upgrade *pt2_upgrade_new (Pt2Program *program, Pt2UpgradeIsConstant is_constant, gpointer data,
                                     const Pt2Limits *limits, GError **error);
PT2_API Pt2Upgrade *pt2_upgrade_ref (Pt2Upgrade *upgrade);
PT2_API void pt2_upgrade_unref (Pt2Upgrade *upgrade);

/* The program as it is today. (transfer none) Since: 1.0 */
PT2_API Pt2Program *pt2_upgrade_get_program (Pt2Upgrade *upgrade);

/**
 * Pt2UpgradeDone:
 * @step: name of the step, such as "call-spec"
 * @what: what such a step does, for people
 * @count: how many places it rewrote; at least 1
 * @note: what it could not do as well as one would like, or ""; texts of the file in it are escaped
 *
 * Since: 1.0
 */
typedef struct
{
  const char *step;
  const char *what;
  guint64 count;
  const char *note;
} Pt2UpgradeDone;

/* What was done, in order; steps that found nothing to do are left out. (array length=n) Since: 1.0 */
PT2_API const Pt2UpgradeDone *pt2_upgrade_get_done (Pt2Upgrade *upgrade, guint *n);

/**
 * pt2_upgrade_archive:
 * @archive: of any layout; kept by reference by what is returned
 * @upgrades: (out) (transfer full) (element-type Pt2Upgrade) (optional): one for each program, in the order of
 *   pt2_archive_get_models()
 *
 * The records of an archive that PyTorch loads today: layout, programs, and the payloads that an older program held in
 * itself or called by another name. Fails as pt2_upgrade_new() and pt2_archive_writer_new_from_archive().
 * Returns: (transfer full) (nullable)
 * Since: 1.0
 */
PT2_API Pt2ArchiveWriter *pt2_upgrade_archive (Pt2Archive *archive, GPtrArray **upgrades, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Upgrade, pt2_upgrade_unref)

G_END_DECLS
