/* SPDX-License-Identifier: Apache-2.0 */
/* The field tables: everything libpt2 knows of a schema, as data.
 *
 * gen/generate.py writes one Pt2Schema from an IDL; every codec, the reflection
 * and the comparison are interpreters over these tables and know no field by
 * name. The tables are constant and may be read from any thread.
 *
 * Native values (what the tables describe; see docs/native-structs.md):
 *   bool uint8_t (bool) · i8 int8_t · i16 int16_t · i32, enum int32_t · i64 int64_t · double
 *   string, binary   Pt2String
 *   list, set        Pt2AnyList  { T *items; uint32_t len; }
 *   map              Pt2AnyMap   { ENTRY *entries; uint32_t len; }  wire order
 *   union            Pt2AnyUnion { uint32_t which; payload at payload_offset }
 *                    which = field id, 0 none, PT2_UNKNOWN_MEMBER
 *   struct           fields sorted by alignment; `present` words for scalars
 * A struct-typed field or member is a pointer when its PT2_FIELD_POINTER is set,
 * else it stands inline.
 *
 * Presence: strings, lists, maps: pointer not NULL. Pointers: not NULL. Unions:
 * which not 0. Scalars and inline structs: a bit in the struct's present words.
 */
#pragma once

#include "pt2-types.h"

typedef enum
{
  PT2_KIND_BOOL,
  PT2_KIND_I8,
  PT2_KIND_I16,
  PT2_KIND_I32,
  PT2_KIND_I64,
  PT2_KIND_DOUBLE,
  PT2_KIND_ENUM,
  PT2_KIND_STRING,
  PT2_KIND_BINARY,
  PT2_KIND_STRUCT,
  PT2_KIND_UNION,
  PT2_KIND_LIST,
  PT2_KIND_SET,
  PT2_KIND_MAP,
} Pt2Kind;

/* What a codec does at a value: its Pt2Kind, or one of these. */
enum
{
  PT2_OP_TEXT = PT2_KIND_MAP + 1, /* a struct that holds one required text and nothing else, as most arguments do */
  PT2_OP_POINTER,                 /* fields only: a pointer to a struct or union of its own */
  PT2_OP_STOP,                    /* no field: the end of Pt2StructInfo.wire */
};

/* Thrift compact type codes (Apache specification). */
enum
{
  PT2_WIRE_STOP = 0,
  PT2_WIRE_TRUE = 1,
  PT2_WIRE_FALSE = 2,
  PT2_WIRE_I8 = 3,
  PT2_WIRE_I16 = 4,
  PT2_WIRE_I32 = 5,
  PT2_WIRE_I64 = 6,
  PT2_WIRE_DOUBLE = 7,
  PT2_WIRE_BINARY = 8,
  PT2_WIRE_LIST = 9,
  PT2_WIRE_SET = 10,
  PT2_WIRE_MAP = 11,
  PT2_WIRE_STRUCT = 12,
  PT2_WIRE_UUID = 13,
  PT2_WIRE_INVALID = 15, /* no type: what stands for a code that cannot be */
};

typedef struct Pt2StructInfo Pt2StructInfo;
typedef struct Pt2EnumInfo Pt2EnumInfo;
typedef struct Pt2TypeInfo Pt2TypeInfo;
typedef struct Pt2FastReader Pt2FastReader;
typedef struct Pt2FastWriter Pt2FastWriter;

struct Pt2TypeInfo
{
  uint8_t kind;                /* Pt2Kind */
  uint8_t op;                  /* what a codec does at such a value: kind, or PT2_OP_TEXT */
  uint8_t text_header;         /* PT2_OP_TEXT: the header of its only field */
  uint8_t wire;                /* compact code of a value (PT2_WIRE_TRUE for bool) */
  uint8_t alignment;           /* of the native value */
  uint32_t size;               /* bytes of the native value as a list item (by value, never a pointer) */
  uint32_t key_size;           /* map: bytes from the start of an entry to its value */
  uint32_t entry_size;         /* map: bytes of an entry */
  const Pt2TypeInfo *element;  /* list, set: item; map: value */
  const Pt2TypeInfo *key;      /* map: key */
  const Pt2StructInfo *record; /* struct, union */
  const Pt2EnumInfo *enumeration;
  uint32_t min_wire; /* fewest compact bytes of a value: bounds what a count may claim */
  const char *name;  /* IDL spelling, such as "list<Argument>" */
};

enum
{
  PT2_FIELD_REQUIRED = 1 << 0, /* a reader refuses a struct without it */
  PT2_FIELD_NULL_KEY = 1 << 1, /* optional, but its JSON key is always written (null) and demanded */
  PT2_FIELD_POINTER = 1 << 2,  /* the native field is a pointer to the struct */
};

#define PT2_NO_PRESENT_BIT UINT16_MAX

/* A JSON key is found by the eight bytes behind its opening quote, as a little-endian number: what PyTorch
 * writes there (`as_int": `) is the same for every value. Shorter keys have no slot; they are found by name. */
enum
{
  PT2_KEY_SLOTS = 64,
};
#define PT2_KEY_HASH(first8) (((first8)*UINT64_C (0x9e3779b97f4a7c15)) >> 58)

typedef struct
{
  const char *name;
  const char *json_key; /* `"name": ` ready to write and to match */
  uint16_t name_len;
  uint16_t json_key_len;
  int16_t id;
  uint16_t since;       /* minor of major 8 that brought it; 1 = the oldest known */
  uint16_t present_bit; /* bit in the present words, or PT2_NO_PRESENT_BIT */
  uint16_t unit_until;  /* not 0: a bool that only says "chosen"; minors up to this one wrote [] for true */
  uint8_t flags;
  uint8_t next_same_key; /* field index + 1 of the next field with the same key slot, or 0 */
  uint32_t offset;       /* of the native field; in a union: of the payload */
  const Pt2TypeInfo *type;
  const char *default_text; /* JSON text of the value a reader assumes when absent; NULL if none */
  const char *doc;
} Pt2FieldInfo;

/* A field as the compact codec needs it, all in one place. */
typedef struct
{
  uint8_t header; /* its first byte when the field before it in this table came before it (booleans: true) */
  uint8_t mask;   /* bits of the header that must agree: booleans have two type codes */
  uint8_t op;     /* Pt2Kind or PT2_OP_… */
  uint8_t index;  /* in Pt2StructInfo.fields */
  int16_t id;
  uint8_t wire; /* type code (booleans: true) */
  uint32_t offset;
  const Pt2TypeInfo *type;
} Pt2WireField;

/* The header of a field that the short form cannot reach: no byte of a header looks like it. */
#define PT2_HEADER_NEVER 0x0f

struct Pt2StructInfo
{
  const char *name;
  uint16_t name_len;
  bool is_union;
  uint8_t alignment;
  uint32_t size;
  uint32_t present_offset; /* of uint32_t present[present_words] */
  uint16_t present_words;  /* 0 when no field needs a bit; a field's bit is its index */
  uint16_t n_fields;
  uint16_t index;             /* in Pt2Schema.structs */
  const Pt2FieldInfo *fields; /* declaration order: the order of JSON */
  const Pt2WireField *wire;   /* the same fields, ids ascending, as compact has them; then one for the stop byte */
  const uint8_t *id_slot;     /* id -> place in `wire` + 1, or 0 */
  uint16_t id_slots;          /* largest id + 1 */
  const uint8_t *key_slot; /* PT2_KEY_SLOTS of them: the first 8 bytes of a json_key, hashed -> field index + 1, or 0 */
  const Pt2TypeInfo *type; /* this struct as a type */
  uint64_t required;       /* bit i: field i is PT2_FIELD_REQUIRED (at most 64 fields; unions: 0) */
  uint64_t demanded;       /* bit i: its JSON key must stand there: required, or PT2_FIELD_NULL_KEY */
  const char *doc;
  /* Reads a compact value of it at P to TO where it is spelled as Apache's writers do (lib/codec/compact_fast.h). */
  const char *(*read) (Pt2FastReader *reader, const char *p, void *to, uint64_t depth);
  /* Writes it at P, if the schema knows all that it holds. */
  char *(*write) (Pt2FastWriter *writer, char *p, const void *value);
};

typedef struct
{
  const char *name;  /* IDL name */
  const char *torch; /* torch's spelling, such as "float32"; NULL if the facts give none */
  int32_t value;
  uint16_t since;
  const char *doc;
} Pt2EnumMember;

struct Pt2EnumInfo
{
  const char *name;
  uint16_t n_members;
  const Pt2EnumMember *members; /* values ascending */
  /* Older numbering: in files of a minor below renumbered_at, number i stood for
   * today's old_numbers[i], i < n_old_numbers. renumbered_at 0: never changed. */
  uint16_t renumbered_at;
  uint16_t n_old_numbers;
  const int32_t *old_numbers;
  const char *doc;
};

typedef struct
{
  const char *name;
  uint16_t n_structs;
  uint16_t n_enums;
  const Pt2StructInfo *const *structs; /* IDL order */
  const Pt2EnumInfo *const *enums;
} Pt2Schema;

typedef struct
{
  void *items;
  uint32_t len;
} Pt2AnyList;
typedef struct
{
  void *entries;
  uint32_t len;
} Pt2AnyMap;
typedef struct
{
  uint32_t which;
} Pt2AnyUnion;

/* The schema of thrift/export_schema.thrift. */
extern const Pt2Schema pt2_export_schema;

const Pt2StructInfo *pt2_schema_find_struct (const Pt2Schema *schema, const char *name);
const Pt2EnumInfo *pt2_schema_find_enum (const Pt2Schema *schema, const char *name);
const Pt2EnumMember *pt2_enum_by_value (const Pt2EnumInfo *info, int32_t value);
const Pt2EnumMember *pt2_enum_by_name (const Pt2EnumInfo *info, const char *name, size_t len);
const Pt2FieldInfo *pt2_struct_field_by_name (const Pt2StructInfo *info, const char *name, size_t len);

static inline const Pt2WireField *
pt2_struct_wire_by_id (const Pt2StructInfo *info, int id)
{
  unsigned slot = (unsigned)id < info->id_slots ? info->id_slot[id] : 0;
  return slot != 0 ? &info->wire[slot - 1] : NULL;
}

static inline const Pt2FieldInfo *
pt2_struct_field_by_id (const Pt2StructInfo *info, int id)
{
  const Pt2WireField *wire = pt2_struct_wire_by_id (info, id);
  return wire != NULL ? &info->fields[wire->index] : NULL;
}

static inline bool
pt2_field_bit_get (const Pt2StructInfo *info, const void *record, unsigned bit)
{
  const uint32_t *words = (const uint32_t *)((const char *)record + info->present_offset);
  return words[bit / 32] >> (bit % 32) & 1;
}

static inline void
pt2_field_bit_set (const Pt2StructInfo *info, void *record, unsigned bit)
{
  uint32_t *words = (uint32_t *)((char *)record + info->present_offset);
  words[bit / 32] |= (uint32_t)1 << (bit % 32);
}

/* Is FIELD of struct RECORD there? (Not for unions: look at which.) */
static inline bool
pt2_field_present (const Pt2StructInfo *info, const Pt2FieldInfo *field, const void *record)
{
  const char *at = (const char *)record + field->offset;
  if (field->present_bit != PT2_NO_PRESENT_BIT)
    return pt2_field_bit_get (info, record, field->present_bit);
  if (field->type->kind == PT2_KIND_UNION && !(field->flags & PT2_FIELD_POINTER))
    return ((const Pt2AnyUnion *)at)->which != 0;
  return *(void *const *)at != NULL;
}

/* The native value of a present field: follows the pointer of PT2_FIELD_POINTER. */
static inline const void *
pt2_field_value (const Pt2FieldInfo *field, const void *record)
{
  const char *at = (const char *)record + field->offset;
  return field->flags & PT2_FIELD_POINTER ? *(const void *const *)at : at;
}
