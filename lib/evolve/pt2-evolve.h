/* SPDX-License-Identifier: Apache-2.0 */
/* Programs from one schema version to another.
 *
 * A program follows the minor of the schema that its writer knew. Here it is
 * made to follow another: what differs is spelled as that minor spells it, what
 * the other minor does not have is refused by name, or left out and listed.
 * Nothing is ever left out silently, and nothing is executed.
 *
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/* The oldest and the newest minor of major 8 that this library knows: 1 and 20. Since: 1.0 */
PT2_API guint pt2_evolve_oldest_minor (void);
PT2_API guint pt2_evolve_newest_minor (void);

/**
 * Pt2EvolveFlags:
 * @PT2_EVOLVE_STRICT: what the target does not have is refused
 * @PT2_EVOLVE_LOSSY: it is left out where the rest is still a program
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_EVOLVE_STRICT = 0,
  PT2_EVOLVE_LOSSY = 1 << 0,
} Pt2EvolveFlags;

/**
 * Pt2EvolveLoss:
 * @name: what the target does not have: "Node.name", "Argument.as_complex", "ScalarType.UINT32"
 * @since: the minor of major 8 that brought it; 0 if this library does not know it
 * @count: in how many places the program uses it
 * @where: field path of the first of them
 * @stuck: it cannot be left out, since nothing could stand in its place
 *
 * Valid during the call that hands it out.
 * Since: 1.0
 */
typedef struct
{
  const char *name;
  guint since;
  guint64 count;
  const char *where;
  gboolean stuck;
} Pt2EvolveLoss;
typedef void (*Pt2EvolveLossFunc) (const Pt2EvolveLoss *loss, gpointer data);

/**
 * pt2_evolve_to_minor:
 * @program: of major 8
 * @minor: of major 8, the one to follow
 * @limits: (nullable): %NULL for the default
 * @func: (nullable) (scope call): called for each kind of loss, in the order of their first places, whether
 *   the call then succeeds or not
 *
 * Makes the same program as a writer of that minor would have written it. Going down, fields at their defaults go
 * without a word, and so do `Node.name`, `NamedArgument.kind` and `Node.is_hop_single_tensor_return` where an older
 * reader takes the same by itself; going up again, these come back. docs/evolution.md has the rules.
 * Fails with E001 (the program uses what the minor does not have, and this was not to be left out or cannot be),
 * E002 (a minor that this library does not know), P002 (majors 1 to 7), L001, L003.
 * Returns: (transfer full) (nullable): the program; @program does not change
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_evolve_to_minor (Pt2Program *program, guint minor, Pt2EvolveFlags flags,
                                         const Pt2Limits *limits, Pt2EvolveLossFunc func, gpointer data,
                                         GError **error);

G_END_DECLS
