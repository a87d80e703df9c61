/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON document as a tree: for what has no schema here (schema majors 1 to 7,
 * tree specs, metadata texts). Knows no schema and writes nothing.
 *
 * Nodes lie in the caller's arena and point into the text: both must outlive
 * them. Immutable, so any thread may read. Every function takes NULL for a node
 * that is not there, so that look-ups chain.
 */
#pragma once

#include "arena.h"
#include "pt2-limits.h"
#include "status.h"

typedef enum
{
  PT2_JSON_NULL,
  PT2_JSON_BOOL,
  PT2_JSON_INT,    /* an integer of 64 bits */
  PT2_JSON_BIGINT, /* a larger one: its text is the raw slice */
  PT2_JSON_DOUBLE, /* any other number, NaN and Infinity included */
  PT2_JSON_STRING,
  PT2_JSON_ARRAY,
  PT2_JSON_OBJECT,
} Pt2JsonKind;

typedef struct Pt2JsonNode Pt2JsonNode;
typedef struct Pt2JsonMember Pt2JsonMember;

struct Pt2JsonNode
{
  Pt2String raw; /* the value as it stands in the text */
  uint8_t kind;  /* Pt2JsonKind */
  uint32_t len;  /* items or members */
  union
  {
    bool boolean;
    int64_t integer;
    double number;
    Pt2String text; /* escapes resolved */
    const Pt2JsonNode *items;
    const Pt2JsonMember *members; /* in the order of the text */
  };
  const uint32_t *sorted; /* large objects: members by key */
};

struct Pt2JsonMember
{
  Pt2String key; /* escapes resolved */
  Pt2JsonNode value;
};

/* Reads exactly one JSON value with blanks around it. A key twice in one object is an error. NULL and
 * *STATUS on failure: J…, L001 to L003. */
const Pt2JsonNode *pt2_json_tree_read (Pt2Arena *arena, const char *data, size_t len, const Pt2Limits *limits,
                                       Pt2Status *status);

/* Items of an array, members of an object, 0 for anything else. */
uint32_t pt2_json_length (const Pt2JsonNode *node);
/* Item INDEX, or the value of member INDEX; NULL if there is none. */
const Pt2JsonNode *pt2_json_item (const Pt2JsonNode *node, uint32_t index);
/* Key of member INDEX; { NULL, 0 } if there is none. */
Pt2String pt2_json_key (const Pt2JsonNode *node, uint32_t index);
/* The member called KEY (NUL-terminated); NULL if there is none, or NODE is no object. */
const Pt2JsonNode *pt2_json_get (const Pt2JsonNode *node, const char *key);
const Pt2JsonNode *pt2_json_get_len (const Pt2JsonNode *node, const char *key, size_t len);
/* The text of a string node; { NULL, 0 } for anything else. */
Pt2String pt2_json_text (const Pt2JsonNode *node);
/* The number of an integer node of 64 bits; false for anything else. */
bool pt2_json_integer (const Pt2JsonNode *node, int64_t *integer);

/* The schema version that a JSON program names, found without reading the rest into anything: an object
 * { "major": …, "minor": … } or, before major 5, an integer (minor 0 then). False if DATA is not a JSON
 * object that holds one. Takes a pass over the text. */
bool pt2_json_peek_version (const char *data, size_t len, int64_t *major, int64_t *minor);
