/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas as data: an IDL or PyTorch's YAML read at run time into the same tables that the generator makes of our own.
 *
 * Reading has two halves: a text becomes declarations (idl_thrift.c, idl_yaml.c), and declarations become tables
 * (idl_tables.c), which the codecs can interpret. Texts are bounded; nothing is included, nothing executed.
 */
#pragma once

#include "arena.h"
#include "pt2-evolve.h"
#include "schema.h"
#include "status.h"

enum
{
  PT2_IDL_TEXT_MOST = 1 << 20, /* bytes of one text */
  PT2_IDL_TYPES_MOST = 1000,
  PT2_IDL_FIELDS_MOST = 64, /* of one struct: the tables have bits for so many */
  PT2_IDL_MEMBERS_MOST = 4096,
  PT2_IDL_NESTING_MOST = 16, /* of containers in a type */
  PT2_IDL_ID_MOST = 32766,
  PT2_IDL_NULLS_MINOR = 7,  /* of 8: the first known to write null where PyTorch 2.3 to 2.6 leave the key out */
  PT2_IDL_STRICT_MINOR = 8, /* of 8: PyTorch 2.8 is the last to refuse keys that it does not know */
};

/* ---- declarations ---- */

typedef struct Pt2IdlUse Pt2IdlUse;
struct Pt2IdlUse
{
  const char *name; /* "list", "set", "map", a scalar's name, or that of a declared type */
  const Pt2IdlUse *key, *element;
};

typedef struct
{
  const char *name;
  int64_t number; /* id of a field, value of an enum's member */
  const Pt2IdlUse *use;
  bool required, null_key;
  uint16_t since, unit_until;
  const char *default_text; /* NULL: none */
} Pt2IdlField;

typedef struct
{
  const char *name;
  Pt2Kind kind;   /* PT2_KIND_ENUM, _STRUCT, _UNION; anything else: another name for USE */
  GArray *fields; /* of Pt2IdlField */
  const Pt2IdlUse *use;
} Pt2IdlType;

struct _Pt2Idl
{
  gatomicrefcount references;
  Pt2Arena arena;
  GArray *types; /* of Pt2IdlType */
  Pt2Schema schema;
  int64_t major, minor; /* 0, 0: not said */
  const char *name;     /* for messages */
  const char *torch;    /* releases that write it, by blanks; "" if none is known */
  const char *evidence; /* where it is known from; "" */
  bool numbered;        /* the text says the ids; else they are ours */
};

/* Memory that lives as long as the schema; NULL with L001 in STATUS. */
void *pt2_idl_alloc (Pt2Idl *idl, size_t size, Pt2Status *status);
const char *pt2_idl_text (Pt2Idl *idl, const char *data, size_t len, Pt2Status *status);
/* A new declaration or field; NULL with E003 for a name that is taken, or more than there may be. NAME is kept. */
Pt2IdlType *pt2_idl_add_type (Pt2Idl *idl, Pt2Kind kind, const char *name, unsigned line, Pt2Status *status);
Pt2IdlField *pt2_idl_add_field (Pt2IdlType *type, const char *name, unsigned line, Pt2Status *status);
/* E003 at LINE; always false. WHAT is escaped. */
bool pt2_idl_fail (Pt2Status *status, unsigned line, const char *what, const char *detail, size_t len);

bool pt2_idl_read_thrift (Pt2Idl *idl, const char *text, size_t len, Pt2Status *status);
bool pt2_idl_read_yaml (Pt2Idl *idl, const char *text, size_t len, Pt2Status *status);
/* Makes idl->schema of the declarations. */
bool pt2_idl_make_tables (Pt2Idl *idl, Pt2Status *status);

/* A type as PyTorch's IDL spells it, by name; NULL. */
const Pt2StructInfo *pt2_idl_struct (const Pt2Idl *idl, const char *name);

/* Does PyTorch's JSON of that version hold every member of a union, null but one? */
bool pt2_idl_has_whole_unions (const Pt2Idl *idl);
/* Does PyTorch's JSON of that version leave a key out where its default is null and so is its value? */
bool pt2_idl_leaves_nulls_out (const Pt2Idl *idl);
/* Does PyTorch's reader of that version refuse keys that it does not know? */
bool pt2_idl_is_strict (const Pt2Idl *idl);
