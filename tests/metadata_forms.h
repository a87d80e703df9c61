/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of metadata with the functions that take it apart and put it together, as one form: for tests that treat
 * them alike. */
#pragma once

#include "pt2-metadata.h"

typedef const void *(*MetadataGet) (Pt2Metadata *metadata, GError **error);
typedef gboolean (*MetadataSet) (Pt2Metadata *metadata, const void *view, GError **error);

enum
{
  FORM_STACK_TRACE,
  FORM_MODULE_STACK,
  FORM_SOURCE_FNS,
  FORM_TORCH_FN,
  FORM_CUSTOM,
  FORM_FROM_NODE,
  FORM_OLD_SOURCE_FN, /* of schema major 1; written as that of source_fn_stack */
  N_WRITTEN_FORMS = FORM_OLD_SOURCE_FN,
};

static const struct
{
  const char *key;
  MetadataGet get;
  MetadataSet set;
  gboolean exact; /* every text has one spelling */
} metadata_forms[] = {
#define FORM(key, view, exact)                                                                                         \
  {                                                                                                                    \
    key, (MetadataGet)pt2_metadata_get_##view, (MetadataSet)pt2_metadata_set_##view, exact                             \
  }
  [FORM_STACK_TRACE] = FORM ("stack_trace", stack_trace, TRUE),
  [FORM_MODULE_STACK] = FORM ("nn_module_stack", module_stack, TRUE),
  [FORM_SOURCE_FNS] = FORM ("source_fn_stack", source_fns, TRUE),
  [FORM_TORCH_FN] = FORM ("torch_fn", torch_fn, TRUE),
  [FORM_CUSTOM] = FORM ("custom", custom, FALSE),
  [FORM_FROM_NODE] = FORM ("from_node", from_node, FALSE),
  [FORM_OLD_SOURCE_FN] = FORM ("source_fn", source_fns, FALSE),
#undef FORM
};
