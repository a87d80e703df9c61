/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of an upgrade share. A step is one rewrite of a draft; it knows nothing of the others but their order
 * (the table in upgrade.c) and may be run alone.
 */
#pragma once

#include "draft.h"
#include "json_tree.h"
#include "pt2-upgrade.h"
#include "text_index.h"

/* A schema version as one number that can be compared. */
#define PT2_SCHEMA_AT(major, minor) ((int64_t)(major)*1000 + (minor))

typedef struct
{
  Pt2String from, to;
} Pt2Rename;

/* A constant that the graph of major 1 held. */
typedef struct
{
  Pt2String name;
  Pt2String base64; /* of a file of torch.save */
} Pt2GraphConstant;

/* What is asked of the payloads beside a program; a function is NULL if nobody knows. */
typedef struct
{
  Pt2UpgradeIsConstant is_constant;
  gboolean (*needs_gradient) (Pt2String fqn, gpointer data); /* by the name before the upgrade */
  gpointer data;
} Pt2UpgradePayloads;

typedef struct Pt2UpgradeStep Pt2UpgradeStep;

typedef struct
{
  Pt2Draft *draft;
  const Pt2JsonNode *tree; /* majors 1 to 7: the whole program; else NULL */
  int64_t version;         /* PT2_SCHEMA_AT of the program as it was */
  const Pt2Limits *limits;
  Pt2UpgradePayloads payloads;
  /* What the steps found besides: */
  Pt2Rename *renames; /* of payloads, in the draft's arena */
  uint32_t n_renames;
  Pt2GraphConstant *constants; /* the same */
  uint32_t n_constants;
  gpointer step_data; /* of the step at hand */
  char note[256];     /* of the step at hand: what it could not do as well as one would like */
  GError **error;
} Pt2Upgrading;

/* Returns how many places it rewrote; -1 with UPGRADING->error set, or with the draft out of memory. */
typedef int64_t (*Pt2UpgradeFunc) (Pt2Upgrading *upgrading);

struct Pt2UpgradeStep
{
  const char *name;
  int64_t below; /* only programs of an older schema than this need it; 0: all */
  bool tree;     /* only majors 1 to 7 */
  Pt2UpgradeFunc run;
  const char *what; /* what it does, for --explain */
};

const Pt2UpgradeStep *pt2_upgrade_steps (unsigned *n);

/* ---- what runs the steps ---- */

/* A draft of PROGRAM that may be written to throughout, in today's structs; what only an older major has is still
 * missing. NULL with V001, L001 or L003. */
Pt2Draft *pt2_upgrade_open (Pt2Program *program, const Pt2Limits *limits, GError **error);
int64_t pt2_upgrade_version_of (const Pt2Program *program);
void pt2_upgrade_set_version (Pt2Draft *draft);

/* ---- for all graphs ---- */

/* Called for the root graph and every subgraph, a graph before those in its nodes. False: stop. */
typedef bool (*Pt2UpgradeGraphFunc) (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count);
/* The count that FUNC kept, or -1. */
int64_t pt2_upgrade_graphs (Pt2Upgrading *upgrading, Pt2UpgradeGraphFunc func);

/* -1 with V002: what WHERE holds cannot be had today, for the reason in the format. */
int64_t pt2_upgrade_refuse (Pt2Upgrading *upgrading, const char *where, const char *format, ...) G_GNUC_PRINTF (3, 4)
    __attribute__ ((cold, noinline));

static inline bool
pt2_upgrade_is (Pt2String text, const char *other)
{
  return text.len == strlen (other) && memcmp (text.data, other, text.len) == 0;
}
static inline bool
pt2_upgrade_same (Pt2String a, Pt2String b)
{
  return a.len == b.len && memcmp (a.data, b.data, a.len) == 0;
}
static inline bool
pt2_upgrade_starts (Pt2String text, const char *prefix)
{
  return text.len >= strlen (prefix) && memcmp (text.data, prefix, strlen (prefix)) == 0;
}

/* ---- the steps, in the order of the table ---- */
int64_t pt2_upgrade_call_spec (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_signature (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_constants (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_gradients (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_user_names (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_persistence (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_dialect (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_forward_names (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_named_tuples (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_scans (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_subgraphs (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_operators (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_metadata (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_symbols (Pt2Upgrading *upgrading);
int64_t pt2_upgrade_nodes (Pt2Upgrading *upgrading);
