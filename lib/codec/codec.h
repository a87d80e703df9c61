/* SPDX-License-Identifier: Apache-2.0 */
/* The codecs: compact and JSON, both ways, over the field tables.
 *
 * A reader turns bytes into native values in the document's arena; strings
 * alias the input where they can. A writer turns them back. Neither knows a
 * struct by name. What the schema does not know is kept in the document's
 * extras and written back where it was. Nothing here does I/O or prints.
 *
 * A document is immutable once read and may then be read from any thread.
 */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "pt2-limits.h"
#include "schema.h"
#include "status.h"

/* ---- extras: what the schema does not know ---- */

typedef enum
{
  PT2_EXTRA_JSON,    /* key and value as JSON text */
  PT2_EXTRA_COMPACT, /* field id, wire type, and the value's compact bytes */
} Pt2ExtraOrigin;

typedef struct Pt2Extra Pt2Extra;
typedef struct Pt2ExtraTable Pt2ExtraTable;
struct Pt2Extra
{
  Pt2Extra *next; /* same owner, in the order of the input */
  Pt2ExtraOrigin origin;
  int after;     /* JSON: index of the known field read before it; compact: its id; -1: none */
  Pt2String key; /* JSON: the key between its quotes, as spelled in the input */
  int16_t id;    /* compact */
  uint8_t wire;  /* compact: type code of the field header (booleans: TRUE or FALSE) */
  Pt2String raw; /* the value: JSON text, or compact bytes (empty for booleans) */
};

/* Compact field that carries JSON extras of a struct or union: type binary, text
 * `[[AFTER, KEY, VALUE], …]`: AFTER the name of the known field before it or null.
 * Other readers skip it. docs/format-compact.md. */
#define PT2_EXTRAS_FIELD_ID 32767

/* How, and departures from Apache's compact protocol, for Pt2Document.compact_flags; never guessed. */
enum
{
  PT2_COMPACT_BIG_ENDIAN_DOUBLES = 1 << 0, /* as fbthrift writes them */
  PT2_COMPACT_UUID = 1 << 1,               /* type code 13 is a UUID of 16 bytes (Apache 0.20 and later) */
  PT2_COMPACT_INTERPRET = 1 << 2,          /* no generated readers and writers: tests hold them against this */
};

/* Spellings that PyTorch once had or does not look at, for Pt2Document.json_flags; never guessed. */
enum
{
  PT2_JSON_UNITS_ANYWHERE = 1 << 0, /* read: `[]` is true wherever a boolean stands */
  PT2_JSON_WHOLE_UNIONS = 1 << 1,   /* write: every member of a union, null but the chosen one */
  PT2_JSON_SHORT = 1 << 2,          /* write: no blanks, nothing of what a reader assumes when it is missing */
};

typedef struct Pt2Document
{
  Pt2Arena arena;
  const Pt2Schema *schema;
  const Pt2StructInfo *type;
  void *root;
  Pt2ExtraTable *extras; /* owner (struct or union) -> first Pt2Extra; NULL while there are none */
  uint32_t n_extras[2];  /* by origin */
  /* A document whose values some of these are (lib/program/draft.h), or NULL: its extras count too. */
  const struct Pt2Document *parent;
  unsigned compact_flags, json_flags;
  uint32_t minor; /* schema minor that spelling follows (JSON); 0 if unknown */
} Pt2Document;

void pt2_document_init (Pt2Document *document, const Pt2Schema *schema, const Pt2StructInfo *type,
                        const Pt2Limits *limits, size_t input_size);
void pt2_document_clear (Pt2Document *document);

/* Appends an extra of OWNER (a struct whose type is INFO). Copies *EXTRA, not the text. */
bool pt2_document_add_extra (Pt2Document *document, const Pt2StructInfo *info, const void *owner,
                             const Pt2Extra *extra);
/* Takes one of OWNER's extras out again; it must be the document's own, not its parent's. */
void pt2_document_remove_extra (Pt2Document *document, const Pt2StructInfo *info, const void *owner,
                                const Pt2Extra *extra);
/* Sets L003 or L001 after an arena allocation failed; always false. */
bool pt2_document_no_memory (const Pt2Document *document, Pt2Status *status, uint64_t offset);
/* Might a value have extras at all? */
static inline bool
pt2_document_has_extras (const Pt2Document *document)
{
  return document->extras != NULL || (document->parent != NULL && pt2_document_has_extras (document->parent));
}
/* First extra of OWNER, or NULL. Cheap when there are none. */
const Pt2Extra *pt2_document_extras (const Pt2Document *document, const Pt2StructInfo *info, const void *owner);

/* ---- compact ---- */

/* Reads exactly one struct of document->type from DATA; LEN bytes, all of them
 * (trailing bytes are T0xx). DATA must outlive the document. */
bool pt2_compact_read (Pt2Document *document, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status);

/* Appends the compact bytes of the document to OUT: Apache's own bytes, fields in order of id. */
bool pt2_compact_write (const Pt2Document *document, Pt2Buffer *out, Pt2Status *status);
/* The same for one struct or union of the document. */
bool pt2_compact_write_record (const Pt2Document *document, const Pt2StructInfo *info, const void *record,
                               Pt2Buffer *out, Pt2Status *status);

/* ---- JSON ---- */

/* Reads one JSON object of document->type. Sets document->minor if the schema
 * has schema_version, converts older enum numbers to today's. */
bool pt2_json_read (Pt2Document *document, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status);
/* Reads TEXT, all of it one value, as FIELD of OWNER (of type INFO), which does not have it yet; in a union it is
 * chosen. DEPTH: levels that it may have. Sets the field's bit in *PRESENT unless it is null. */
bool pt2_json_read_field (Pt2Document *document, const Pt2StructInfo *info, void *owner, const Pt2FieldInfo *field,
                          Pt2String text, uint64_t depth, uint64_t *present, Pt2Status *status);
/* Appends PyTorch's own text of the document, spelled as document->minor did. */
bool pt2_json_write (const Pt2Document *document, Pt2Buffer *out, Pt2Status *status);
/* The same for one value of the document. */
bool pt2_json_write_value (const Pt2Document *document, const Pt2TypeInfo *type, const void *value, Pt2Buffer *out,
                           Pt2Status *status);
