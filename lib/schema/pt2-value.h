/* SPDX-License-Identifier: Apache-2.0 */
/* Reflection: walk any value of a program without knowing its struct.
 *
 * A Pt2Value is a small value (pass and copy it freely): a type and a pointer
 * into a loaded program. It lives as long as the program it came from. Nothing
 * here allocates or fails with an error: a question that does not fit gives the
 * invalid value (type %PT2_TYPE_INVALID), which every function accepts.
 *
 * Thread rule: reading a loaded program from any number of threads is safe.
 * Since: 1.0
 */
#pragma once

#include "pt2-types.h"

G_BEGIN_DECLS

typedef enum
{
  PT2_TYPE_INVALID,
  PT2_TYPE_BOOL,
  PT2_TYPE_INT, /* any integer width; see pt2_value_get_int() */
  PT2_TYPE_DOUBLE,
  PT2_TYPE_ENUM,
  PT2_TYPE_STRING, /* text */
  PT2_TYPE_BINARY,
  PT2_TYPE_STRUCT,
  PT2_TYPE_UNION,
  PT2_TYPE_LIST,
  PT2_TYPE_MAP,
} Pt2Type;

typedef struct
{
  gconstpointer type; /*< private >*/
  gconstpointer data; /*< private >*/
} Pt2Value;

PT2_API Pt2Type pt2_value_type (Pt2Value value);
/* IDL spelling of the type, such as "Node" or "list<Argument>"; static. "" for the invalid value. */
PT2_API const char *pt2_value_type_name (Pt2Value value);
static inline gboolean
pt2_value_is_valid (Pt2Value value)
{
  return value.type != NULL && value.data != NULL;
}

/* Scalars. Each gives 0 / FALSE / {NULL,0} when the value has another type. */
PT2_API gboolean pt2_value_get_bool (Pt2Value value);
PT2_API gint64 pt2_value_get_int (Pt2Value value); /* integers and enums */
PT2_API double pt2_value_get_double (Pt2Value value);
PT2_API Pt2String pt2_value_get_string (Pt2Value value);
/* Name of an enum value such as "FLOAT"; NULL when the number is not in the schema. */
PT2_API const char *pt2_value_enum_name (Pt2Value value);
/* torch's spelling of it such as "float32"; NULL if there is none. */
PT2_API const char *pt2_value_enum_torch (Pt2Value value);

/* Structs. Fields in declaration order, 0 … n_fields-1; an absent field is invalid. */
PT2_API guint pt2_value_n_fields (Pt2Value value);
PT2_API const char *pt2_value_field_name (Pt2Value value, guint index);
PT2_API int pt2_value_field_id (Pt2Value value, guint index);
PT2_API Pt2Value pt2_value_field_at (Pt2Value value, guint index);
PT2_API Pt2Value pt2_value_field (Pt2Value value, const char *name);

/* Unions. NULL / invalid when empty or the member is unknown to the schema. */
PT2_API const char *pt2_value_member_name (Pt2Value value);
PT2_API Pt2Value pt2_value_member (Pt2Value value);

/* Lists and maps. Index in wire order. */
PT2_API guint pt2_value_length (Pt2Value value);
PT2_API Pt2Value pt2_value_item (Pt2Value value, guint index); /* list item, or map value */
PT2_API Pt2Value pt2_value_key (Pt2Value value, guint index);  /* map key */
/* Map value by text key; LEN -1: NUL-terminated. Looks at one entry after the other: for many look-ups in a large map,
 * walk it once. */
PT2_API Pt2Value pt2_value_lookup (Pt2Value value, const char *key, gssize len);

/* Follows a path such as "graph_module.graph.nodes[3].inputs[0].arg.as_tensor.name" or
 * `tensor_values["x"].sizes`; union members are named like fields. Invalid if a step fails. */
PT2_API Pt2Value pt2_value_path (Pt2Value value, const char *path);

/* Same type and same content (unknown parts excluded)? Doubles by bits, maps in order. */
PT2_API gboolean pt2_value_equal (Pt2Value a, Pt2Value b);

G_END_DECLS
