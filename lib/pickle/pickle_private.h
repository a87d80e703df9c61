/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of lib/pickle share: the opcodes, the machine that steps over them, and what is
 * made of the values. Nothing here imports or calls anything that a pickle names.
 *
 *   pickle_scan.c      bytes to opcodes               pickle_objects.c   globals, calls, state
 *   pickle_machine.c   stack, memo, containers        pickle_build.c     the allow-list
 *   pickle_literals.c  numbers and texts              pickle_tensor.c    tensors and storages
 *   pickle_walk.c      what was made, looked through  pickle_file.c      zip, stream, bare
 *   pickle_list.c      the listing
 */
#pragma once

#include "arena.h"
#include "pt2-pickle.h"
#include "status.h"
#include "text_index.h"
#include "zip.h"

/* ---- opcodes ---- */

typedef enum
{
  PICKLE_LAYOUT_NOTHING,
  PICKLE_LAYOUT_U1, /* integers, little-endian */
  PICKLE_LAYOUT_U2,
  PICKLE_LAYOUT_U4,
  PICKLE_LAYOUT_I4,
  PICKLE_LAYOUT_U8,
  PICKLE_LAYOUT_F8,       /* a double, big-endian */
  PICKLE_LAYOUT_BYTES_U1, /* a length and that many bytes */
  PICKLE_LAYOUT_BYTES_U4,
  PICKLE_LAYOUT_BYTES_I4,
  PICKLE_LAYOUT_BYTES_U8,
  PICKLE_LAYOUT_LINE, /* up to a newline */
  PICKLE_LAYOUT_TWO_LINES,
} PickleLayout;

typedef enum
{
  PICKLE_SHOW_NOTHING,
  PICKLE_SHOW_NUMBER,
  PICKLE_SHOW_SIGNED,
  PICKLE_SHOW_DOUBLE,
  PICKLE_SHOW_TEXT,
  PICKLE_SHOW_BYTES,
  PICKLE_SHOW_LONG,
  PICKLE_SHOW_LINE,
} PickleShow;

typedef struct
{
  const char *name; /* NULL: no such opcode */
  PickleLayout layout;
  PickleShow show;
} PickleOpcodeInfo;

extern const PickleOpcodeInfo pickle_opcodes[256];

/* One opcode as it lies in the file. */
typedef struct
{
  uint8_t code;
  uint64_t offset; /* of the opcode */
  uint64_t bytes;  /* of it and its argument */
  uint64_t number; /* integers, sign-extended; the bits of a double */
  Pt2PickleText text, second;
} PickleToken;

typedef struct
{
  const uint8_t *data;
  uint64_t size;
  uint64_t at; /* the next opcode */
} PickleScan;

/* The next opcode. I002, I003, I004. */
bool pickle_scan_next (PickleScan *scan, PickleToken *token, Pt2Status *status);
/* The argument for people: escaped, cut if it does not fit. */
void pickle_show_argument (const PickleToken *token, char *out, size_t out_size);

/* ---- growing arrays and names ---- */

typedef struct
{
  const void **at;
  size_t n, room;
} PickleVector;

/* False if there is no memory. */
bool pickle_vector_push (PickleVector *vector, const void *thing);
void pickle_vector_clear (PickleVector *vector);

/* Things by name, in order of arrival. */
typedef struct
{
  Pt2TextIndex index;
  Pt2String *names;
  uint32_t names_room;
  PickleVector things;
} PickleNames;

void *pickle_names_find (const PickleNames *names, Pt2String name);
bool pickle_names_add (PickleNames *names, Pt2String name, void *thing);

/* ---- the object ---- */

struct _Pt2Pickle
{
  gatomicrefcount references;
  GBytes *bytes;
  Pt2Limits limits;
  Pt2Arena arena;
  Pt2PickleForm form;
  guint protocol;
  bool big_endian;
  Pt2Zip zip;               /* size 0 without one */
  const Pt2ZipEntry *entry; /* of the pickle; NULL without a zip */
  GBytes *record;           /* its bytes; without a zip, all */
  const Pt2PickleValue *value;
  uint32_t n_values;
  PickleNames storages;
  PickleNames globals;
};

/* An entry of the allow-list; see pickle_build.c. */
typedef struct PickleRule PickleRule;

typedef struct
{
  Pt2PickleGlobal global;
  const PickleRule *rule; /* NULL: not on the list */
} PickleGlobal;

typedef struct
{
  Pt2PickleOpaque opaque;
  PickleGlobal *origin; /* whose call made it; NULL: unknown */
} PickleOpaque;

/* ---- the machine ---- */

typedef struct
{
  Pt2Pickle *pickle;
  Pt2Status *status;
  PickleVector stack; /* a NULL is a mark */
  PickleVector memo;
  uint64_t remembered; /* entries of the memo that are set */
  uint64_t start;      /* offset of the pickle in its record */
  uint64_t at;         /* offset of the opcode under way */
  uint64_t charged;
  bool done;
  /* What the opcode under way would do in Python. */
  Pt2PickleDeed deed;
  PickleGlobal *deed_global;
} PickleMachine;

void pickle_machine_init (PickleMachine *machine, Pt2Pickle *pickle, uint64_t start, Pt2Status *status);
void pickle_machine_clear (PickleMachine *machine);
/* Does what an opcode says. I… or L… and false: the machine can go no further. */
bool pickle_machine_step (PickleMachine *machine, const PickleToken *token);
/* Steps from scan->at to behind STOP; the value, or NULL. The pickle's first opcode is checked: I001. */
const Pt2PickleValue *pickle_machine_run (PickleMachine *machine, PickleScan *scan);

bool pickle_fail (PickleMachine *machine, Pt2ErrorCode code, const char *detail, ...) G_GNUC_PRINTF (3, 4)
    __attribute__ ((cold));
bool pickle_fail_memory (PickleMachine *machine) __attribute__ ((cold));
void *pickle_alloc (PickleMachine *machine, uint64_t size); /* zeroed; NULL after a failure was noted */
/* Says that N bytes or items are looked at which may have been looked at before. I022 once that is far more than the
 * pickle has bytes: the same long list, called for again and again. */
bool pickle_charge (PickleMachine *machine, uint64_t n);
/* The same for the keys of a dict, which will be hashed: a long one may not stand in many dicts. */
bool pickle_charge_keys (PickleMachine *machine, Pt2PickleItems pairs);
Pt2PickleValue *pickle_new (PickleMachine *machine, Pt2PickleKind kind);
bool pickle_push (PickleMachine *machine, const Pt2PickleValue *value); /* false for NULL */
/* NULL after I005 if the stack is empty or a mark is on top. */
Pt2PickleValue *pickle_pop (PickleMachine *machine);
Pt2PickleValue *pickle_top (PickleMachine *machine);
/* What lies above the topmost mark; both are popped. The items stand in the stack until something is pushed. */
bool pickle_pop_to_mark (PickleMachine *machine, Pt2PickleItems *items);
/* Adds MORE to ITEMS, which only grow by this. */
bool pickle_add_items (PickleMachine *machine, Pt2PickleItems *items, Pt2PickleItems more);
Pt2PickleValue *pickle_new_items (PickleMachine *machine, Pt2PickleKind kind, Pt2PickleItems items);
/* The decimal number in a line, for the opcodes of protocol 0; I010. */
bool pickle_line_number (PickleMachine *machine, Pt2PickleText line, int64_t *number);
/* UTF-8 in which surrogates may stand alone. */
bool pickle_text_is_valid (Pt2PickleText text);
bool pickle_text_equals (Pt2PickleText text, const char *want);

#define PICKLE_OPCODE(code, name, layout, show, step)                                                                  \
  bool pickle_step_##step (PickleMachine *machine, const PickleToken *token);
#include "opcodes.def"
#undef PICKLE_OPCODE

/* pickle_objects.c */
PickleGlobal *pickle_origin (const Pt2PickleValue *value);
void pickle_note_fill (PickleMachine *machine, const Pt2PickleValue *target);

/* pickle_build.c */
typedef const Pt2PickleValue *(*PickleBuild) (PickleMachine *machine, const PickleRule *rule,
                                              const Pt2PickleItems *arguments);
struct PickleRule
{
  const char *module, *name;
  /* Letters of the arguments that PyTorch gives, see pickle_build.c; NULL: not to be called. */
  const char *arguments;
  PickleBuild build;
  const char *type;  /* of what it builds, where the kind does not say it */
  bool is_class;     /* NEWOBJ builds it too */
  bool is_storage;   /* a class of storages */
  const char *dtype; /* of such storages; NULL: untyped */
};
/* Whether a global is on the allow-list: the rule of a function or class, or the constant's kind and text. */
const PickleRule *pickle_find_rule (const char *module, size_t module_len, const char *name);
bool pickle_find_constant (const char *module, size_t module_len, const char *name, Pt2PickleKind *kind);
/* Calls for RULE: *VALUE, or NULL there if it must be opaque. I020 and what builders say. */
bool pickle_apply_rule (PickleMachine *machine, const PickleRule *rule, const Pt2PickleItems *arguments,
                        const Pt2PickleValue **value);
const PickleRule *pickle_rule_of (const Pt2PickleValue *value); /* of a GLOBAL; NULL: none */

/* pickle_tensor.c */
const Pt2PickleDtype *pickle_find_dtype (const char *name, size_t len);
const Pt2PickleValue *pickle_storage_of (PickleMachine *machine, const Pt2PickleItems *id);
const Pt2PickleValue *pickle_build_strided (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_typed (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_quantized (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_parameter (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_meta (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_wrapper (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_sparse (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_converted (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_fake (PickleMachine *, const PickleRule *, const Pt2PickleItems *);
const Pt2PickleValue *pickle_build_typed_object (PickleMachine *, const PickleRule *, const Pt2PickleItems *);

/* pickle_walk.c */
/* Nesting within the limit (L002), no key twice in a dict (I013). */
bool pickle_check_values (Pt2Pickle *pickle, Pt2Status *status);

/* pickle_file.c */
/* Finds the pickle in BYTES and puts SCAN at its beginning; nothing is read of it. (transfer full) (nullable) */
Pt2Pickle *pickle_open (GBytes *bytes, const Pt2Limits *limits, PickleScan *scan, Pt2Status *status);
/* True if the value is the number that starts a stream of PyTorch before 1.6. */
bool pickle_is_stream_magic (const Pt2PickleValue *value);
