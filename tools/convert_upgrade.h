/* SPDX-License-Identifier: Apache-2.0 */
/* `convert --schema`: programs of earlier releases, which must be upgraded before they can follow another minor. */
#pragma once

#include "convert_schema.h"

/* Programs of majors 1 to 7; those whose calls of subgraphs are spelled otherwise than in the target; and all for the
 * newest minor, since operators go by releases and not by minors. */
gboolean convert_wants_upgrade (Pt2Program *program, const SchemaTarget *target);
gboolean convert_archive_wants_upgrade (Pt2Archive *archive, Pt2WriterStart start, const SchemaTarget *target);

/* The program in the newest minor; NULL: reported. (transfer full) */
Pt2Program *convert_upgrade_program (Pt2Program *program, const SchemaTarget *target, const char *in);
/* The records of an archive of today's layout, with upgraded programs; NULL: reported. UPGRADES: one for each. */
Pt2ArchiveWriter *convert_upgrade_archive (Pt2Archive *archive, const SchemaTarget *target, const char *in,
                                           GPtrArray **upgrades);
