/* SPDX-License-Identifier: Apache-2.0 */
/* Python pickles, looked at and never run: what torch.save writes, and what else a `.pt` may hold.
 *
 * pt2_pickle_list() tells every opcode and every global that Python would import or call.
 * pt2_pickle_new_from_bytes() builds plain values: containers, numbers, texts, tensors and their
 * storages, from an allow-list. Nothing is imported and nothing is called: whatever is not on the
 * list becomes a value of kind %PT2_PICKLE_OPAQUE that names its global and keeps its arguments,
 * and the rest is still read. Protocols 2 to 5; as a torch.save zip (also inside another archive),
 * as the stream that torch.save wrote before PyTorch 1.6, or bare.
 *
 * A pickle that was read is immutable and may be read from any number of threads. What its
 * functions return lives as long as the Pt2Pickle, unless it says (transfer full).
 * Since: 1.0
 */
#pragma once

#include "pt2-limits.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define PT2_TYPE_PICKLE (pt2_pickle_get_type ())
PT2_API GType pt2_pickle_get_type (void);
typedef struct _Pt2Pickle Pt2Pickle;

typedef enum
{
  PT2_PICKLE_NONE,
  PT2_PICKLE_BOOL,          /* boolean */
  PT2_PICKLE_INTEGER,       /* integer */
  PT2_PICKLE_BIG_INTEGER,   /* text: two's complement, little-endian, of more than 8 bytes */
  PT2_PICKLE_FLOAT,         /* number */
  PT2_PICKLE_COMPLEX,       /* complex_number */
  PT2_PICKLE_TEXT,          /* text: UTF-8, except that surrogates may stand alone, as in Python */
  PT2_PICKLE_BYTES,         /* text; bytearrays and the strings of Python 2 too */
  PT2_PICKLE_TUPLE,         /* items; torch.Size too */
  PT2_PICKLE_LIST,          /* items */
  PT2_PICKLE_SET,           /* items; frozensets too. Equal items are not merged */
  PT2_PICKLE_DICT,          /* items: key, value, key, value, …; OrderedDict and Counter too */
  PT2_PICKLE_DTYPE,         /* text: "float32" */
  PT2_PICKLE_LAYOUT,        /* text: "strided" */
  PT2_PICKLE_MEMORY_FORMAT, /* text: "channels_last" */
  PT2_PICKLE_QSCHEME,       /* text: "per_tensor_affine" */
  PT2_PICKLE_DEVICE,        /* text: "cuda:0" */
  PT2_PICKLE_STORAGE,       /* storage */
  PT2_PICKLE_TENSOR,        /* tensor */
  PT2_PICKLE_GLOBAL,        /* global: a function or class itself */
  PT2_PICKLE_OPAQUE,        /* opaque */
} Pt2PickleKind;

/* Bytes of the pickle or made from it; not NUL-terminated. */
typedef struct
{
  const char *data;
  guint64 len;
} Pt2PickleText;

typedef struct
{
  gdouble real, imaginary;
} Pt2PickleComplex;

typedef struct _Pt2PickleValue Pt2PickleValue;

typedef struct
{
  const Pt2PickleValue *const *at;
  guint64 n;
} Pt2PickleItems;

/* A function or class that the pickle names. */
typedef struct
{
  const char *name;     /* "module.name" as the pickle spells them, NUL-terminated; bytes from the file: escape them */
  guint64 name_len;     /* bytes of it */
  guint64 module_len;   /* bytes of it that are the module */
  gboolean built;       /* on the allow-list: values of it are built here */
  guint64 imported;     /* opcodes that import it */
  guint64 called;       /* opcodes that call it */
  guint64 given_state;  /* opcodes that give an object of it a state: its __setstate__ or attributes */
  guint64 filled;       /* opcodes that add to an object of it: its append, extend, __setitem__, add */
  guint64 first_offset; /* of the first opcode that names it */
} Pt2PickleGlobal;

/* How elements lie in storages. */
typedef struct
{
  const char *name; /* "float32" */
  guint bytes;      /* of an element, or of the byte that several share: */
  guint per_byte;   /* 2 for quint4x2, 4 for quint2x4; 1 for all others */
} Pt2PickleDtype;

typedef struct
{
  Pt2String key;               /* what tensors of one storage have in common */
  guint32 index;               /* in pt2_pickle_get_storages() */
  const Pt2PickleDtype *dtype; /* what it was saved as; %NULL: untyped bytes */
  Pt2String location;          /* "cpu", "cuda:0", "meta" */
  guint64 numel;               /* elements of that dtype, or bytes */
  guint64 bytes;
  gboolean present; /* its bytes are in the file */
  guint64 offset;   /* where they lie in the bytes the pickle was read from; %PT2_PICKLE_NO_PLACE if they
                     * are deflated, or not present, or the pickle was bare */
} Pt2PickleStorage;

#define PT2_PICKLE_NO_PLACE G_MAXUINT64

typedef enum
{
  PT2_PICKLE_TENSOR_STRIDED,   /* a view of a storage; all fields are set */
  PT2_PICKLE_TENSOR_QUANTIZED, /* the same; parts: the quantizer */
  PT2_PICKLE_TENSOR_META,      /* sizes and strides without a storage */
  PT2_PICKLE_TENSOR_WRAPPER,   /* the same, of a subclass that keeps tensors in its state */
  PT2_PICKLE_TENSOR_SPARSE,    /* sizes; parts: indices, values and the like, as PyTorch orders them */
  PT2_PICKLE_TENSOR_CONVERTED, /* PyTorch makes it from another array when loading; parts: what from, dtype, device */
  PT2_PICKLE_TENSOR_FAKE,      /* a fake tensor of torch.export; parts: the JSON of its TensorMeta, as bytes */
} Pt2PickleTensorForm;

typedef struct
{
  Pt2PickleTensorForm form;
  const Pt2PickleDtype *dtype; /* %NULL for a fake tensor */
  guint n_dims;
  const gint64 *sizes;             /* elements */
  const gint64 *strides;           /* elements; %NULL for sparse, converted and fake tensors */
  gint64 storage_offset;           /* elements of dtype */
  guint64 numel;                   /* product of sizes */
  const Pt2PickleStorage *storage; /* %NULL: it has none */
  const char *layout;              /* "strided", "sparse_coo", … */
  gboolean requires_grad;
  gboolean is_parameter;
  gboolean conjugate, negative;    /* its elements are to be conjugated or negated */
  const Pt2PickleGlobal *subclass; /* %NULL: a plain tensor or parameter */
  const Pt2PickleValue *parts;     /* see the form; %NULL: none */
} Pt2PickleTensor;

/* What Python would make by running code. */
typedef struct
{
  const Pt2PickleValue *callable;  /* a global, or an opaque value; %NULL: a persistent id or an extension code */
  const Pt2PickleValue *arguments; /* mostly a tuple */
  const Pt2PickleValue *keywords;  /* %NULL: none */
  Pt2PickleItems items;            /* appended to it */
  Pt2PickleItems pairs;            /* set in it: key, value, … */
} Pt2PickleOpaque;

struct _Pt2PickleValue
{
  Pt2PickleKind kind;
  guint32 id;                  /* 0 … pt2_pickle_get_n_values() - 1: a value met twice has one id */
  const char *type;            /* Python's name where the kind does not say it ("torch.Size"), else %NULL */
  const Pt2PickleValue *state; /* attributes that were set on it, or %NULL */
  union
  {
    gboolean boolean;
    gint64 integer;
    gdouble number;
    Pt2PickleComplex complex_number;
    Pt2PickleText text;
    Pt2PickleItems items;
    const Pt2PickleStorage *storage;
    const Pt2PickleTensor *tensor;
    const Pt2PickleGlobal *global;
    const Pt2PickleOpaque *opaque;
  };
};

typedef enum
{
  PT2_PICKLE_FORM_BARE,   /* one pickle and nothing else */
  PT2_PICKLE_FORM_ZIP,    /* torch.save since PyTorch 1.6 */
  PT2_PICKLE_FORM_STREAM, /* torch.save before */
} Pt2PickleForm;

/**
 * pt2_pickle_new_from_bytes:
 * @bytes: a torch.save file of either form, or a pickle; kept, not copied
 * @limits: (nullable): %NULL for the default; `memory` bounds the values, `depth` their nesting
 *
 * Fails with I… for what is no pickle that can be read, L…, and Z… and K014 for the zip around it.
 * A value may contain itself, as Python allows: see pt2_pickle_foreach() and pt2_pickle_check_tree().
 * Time and memory are proportional to the pickle. Storages are found, but their bytes are not touched.
 * Returns: (transfer full) (nullable): the pickle; free with pt2_pickle_unref()
 * Since: 1.0
 */
PT2_API Pt2Pickle *pt2_pickle_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error);
PT2_API Pt2Pickle *pt2_pickle_ref (Pt2Pickle *pickle);
PT2_API void pt2_pickle_unref (Pt2Pickle *pickle);

PT2_API Pt2PickleForm pt2_pickle_get_form (Pt2Pickle *pickle);
/* The record of a zip that holds the pickle, with its root folder ("archive/data.pkl"); %NULL without a zip. */
PT2_API const char *pt2_pickle_get_record (Pt2Pickle *pickle);
PT2_API guint pt2_pickle_get_protocol (Pt2Pickle *pickle);
/* "little" or "big": how the bytes of the storages are to be read. Nothing here swaps them. */
PT2_API const char *pt2_pickle_get_byteorder (Pt2Pickle *pickle);
/* The whole object. */
PT2_API const Pt2PickleValue *pt2_pickle_get_value (Pt2Pickle *pickle);
/* How many values there are; each has an id below that. */
PT2_API guint32 pt2_pickle_get_n_values (Pt2Pickle *pickle);
/* In the order in which the pickle names them first. */
PT2_API const Pt2PickleStorage *const *pt2_pickle_get_storages (Pt2Pickle *pickle, guint *n);
PT2_API const Pt2PickleGlobal *const *pt2_pickle_get_globals (Pt2Pickle *pickle, guint *n);

/**
 * pt2_pickle_read_storage:
 * @storage: a storage of this pickle that is present
 *
 * A view of the bytes that the pickle was read from where the storage lies in them as it is; else inflated.
 * In a zip the record's CRC is checked unless 0 is recorded.
 * Returns: (transfer full) (nullable): the storage's bytes, in the file's byte order; %NULL with I017, Z… or L…
 * Since: 1.0
 */
PT2_API GBytes *pt2_pickle_read_storage (Pt2Pickle *pickle, const Pt2PickleStorage *storage, GError **error);

/* The value of a text key in a dict, or %NULL. Linear. */
PT2_API const Pt2PickleValue *pt2_pickle_lookup (const Pt2PickleValue *dict, const char *key);
/* What VALUE is directly made of: items, arguments, state, parts. %NULL from the first INDEX beyond. */
PT2_API const Pt2PickleValue *pt2_pickle_value_child (const Pt2PickleValue *value, guint64 index);
/* "list", "tensor" and so on. */
PT2_API const char *pt2_pickle_kind_name (Pt2PickleKind kind);

typedef void (*Pt2PickleFunc) (const Pt2PickleValue *value, gpointer data);

/**
 * pt2_pickle_foreach:
 * @from: (nullable): where to begin; %NULL: the whole object
 * @func: (scope call): called once for each value that @from is made of, a value before its children
 *
 * Ends for every pickle, whatever contains itself or is shared. L001 if memory is short.
 * Since: 1.0
 */
PT2_API gboolean pt2_pickle_foreach (Pt2Pickle *pickle, const Pt2PickleValue *from, Pt2PickleFunc func, gpointer data,
                                     GError **error);

/**
 * pt2_pickle_check_tree:
 * @from: (nullable): %NULL: the whole object
 *
 * Whether a plain recursive walk over @from ends, and soon: I018 if a value contains itself, I019 if sharing
 * would make the walk meet more values than the limit `memory` has room for. (Nesting is within the limit
 * `depth` in every pickle that was read.)
 * Since: 1.0
 */
PT2_API gboolean pt2_pickle_check_tree (Pt2Pickle *pickle, const Pt2PickleValue *from, GError **error);

/* ---- listing ---- */

typedef enum
{
  PT2_PICKLE_DEED_NONE,
  PT2_PICKLE_DEED_IMPORT, /* imports the global's module, which runs its code, and takes the global */
  PT2_PICKLE_DEED_CALL,   /* calls the global */
  PT2_PICKLE_DEED_STATE,  /* gives an object of the global a state */
  PT2_PICKLE_DEED_FILL,   /* adds to an object of the global */
} Pt2PickleDeed;

typedef struct
{
  guint pickle;         /* 0, or which one of a stream of several (the object itself is 3) */
  guint64 offset;       /* of the opcode in the record */
  guint64 bytes;        /* of opcode and argument */
  guint8 code;          /* the opcode's byte */
  const char *name;     /* "BINPUT" */
  const char *argument; /* escaped, cut with "…" if long; "" if it has none */
  Pt2PickleDeed deed;
  const Pt2PickleGlobal *global; /* of the deed; %NULL: none, or unknown. Counts are those so far */
} Pt2PickleOpcode;

typedef void (*Pt2PickleOpcodeFunc) (const Pt2PickleOpcode *opcode, gpointer data);

/**
 * pt2_pickle_list:
 * @bytes: as for pt2_pickle_new_from_bytes()
 * @func: (scope call) (nullable): called for each opcode in file order
 *
 * Lists opcodes and globals. Where a pickle is at fault but its opcodes can still be told apart, the listing
 * goes on to its end, since Python may well run what this library refuses, and the first fault is in @fault.
 * Returns: (transfer full) (nullable): what was met, up to where opcodes can no longer be told apart;
 *   free with pt2_pickle_unref(); its value is %NULL. %NULL with @error if there is no pickle at all
 * Since: 1.0
 */
PT2_API Pt2Pickle *pt2_pickle_list (GBytes *bytes, const Pt2Limits *limits, Pt2PickleOpcodeFunc func, gpointer data,
                                    GError **fault, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Pickle, pt2_pickle_unref)

G_END_DECLS
