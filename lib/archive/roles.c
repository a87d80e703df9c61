/* SPDX-License-Identifier: Apache-2.0 */
/* What a record is for, by its name alone. */
#include "archive_private.h"
#include <string.h>

typedef struct
{
  const char *prefix;
  const char *suffix;
  const char *role;
} RoleRule;

/* The first rule that fits decides; something must stand between prefix and suffix,
 * except where the suffix is NULL: then the prefix is the whole name. */
static const RoleRule pt2_rules[] = {
  { "archive_format", NULL, "format" },
  { "archive_version", NULL, "version" },
  { ".data/version", NULL, "version" },
  { "version", NULL, "version" },
  { "byteorder", NULL, "byteorder" },
  { ".data/serialization_id", NULL, "serialization-id" },
  { "models/", ".json", "program" },
  /* Before "weight_": a model's name may begin so. */
  { "data/weights/", "_weights_config.json", "weights-config" },
  { "data/weights/", "_model_param_config.json", "unknown" },
  { "data/weights/weight_", "", "weight" },
  { "data/weights/", ".pt", "weights" },
  { "data/weights/", "", "weight" },
  { "data/constants/", "_constants_config.json", "constants-config" },
  { "data/constants/tensor_", "", "constant" },
  { "data/constants/custom_obj_", "", "constant" },
  { "data/constants/opaque_obj_", "", "constant" },
  { "data/constants/", ".pt", "constants" },
  { "data/sample_inputs/", ".pt", "sample-inputs" },
  { "data/aotinductor/", ".so", "native-code" },
  { "data/aotinductor/", ".o", "native-code" },
  { "data/aotinductor/", ".a", "native-code" },
  { "data/aotinductor/", ".dll", "native-code" },
  { "data/aotinductor/", ".pyd", "native-code" },
  { "data/aotinductor/", ".dylib", "native-code" },
  { "data/aotinductor/", ".cubin", "native-code" },
  { "data/aotinductor/", ".fatbin", "native-code" },
  { "data/aotinductor/", ".ptx", "native-code" },
  { "data/aotinductor/", ".hsaco", "native-code" },
  { "data/aotinductor/", ".spv", "native-code" },
  { "data/aotinductor/", "", "aot-inductor" },
  { "extra/", "", "extra" },
  { NULL, NULL, NULL },
};

static const RoleRule legacy_rules[] = {
  { "serialized_exported_program.json", NULL, "program" },
  { "serialized_state_dict.pt", NULL, "weights" },
  { "serialized_state_dict.json", NULL, "weights" },
  { "serialized_constants.pt", NULL, "constants" },
  { "serialized_constants.json", NULL, "constants" },
  { "serialized_example_inputs.pt", NULL, "sample-inputs" },
  { "version", NULL, "version" },
  { "extra_files/", "", "extra" },
  { NULL, NULL, NULL },
};

/* torch.save and TorchScript */
static const RoleRule save_rules[] = {
  { "data.pkl", NULL, "pickle" },
  { "constants.pkl", NULL, "pickle" },
  { "bytecode.pkl", NULL, "pickle" },
  { "data/", "", "storage" },
  { "constants/", "", "storage" },
  { "version", NULL, "version" },
  { ".data/version", NULL, "version" },
  { ".format_version", NULL, "version" },
  { ".storage_alignment", NULL, "format" },
  { "byteorder", NULL, "byteorder" },
  { ".data/serialization_id", NULL, "serialization-id" },
  { "extra/", "", "extra" },
  { NULL, NULL, NULL },
};

static bool
rule_fits (const RoleRule *rule, const char *name, size_t len)
{
  if (rule->suffix == NULL)
    return strcmp (name, rule->prefix) == 0;
  size_t prefix = strlen (rule->prefix), suffix = strlen (rule->suffix);
  return len > prefix + suffix && memcmp (name, rule->prefix, prefix) == 0
         && memcmp (name + len - suffix, rule->suffix, suffix) == 0;
}

static const RoleRule *
rules_of (Pt2Family family)
{
  switch (family)
    {
    case PT2_FAMILY_PT2:
      return pt2_rules;
    case PT2_FAMILY_LEGACY:
      return legacy_rules;
    case PT2_FAMILY_TORCH_SAVE:
    case PT2_FAMILY_TORCH_SCRIPT:
      return save_rules;
    case PT2_FAMILY_OTHER:
      break;
    }
  return NULL;
}

const char *
pt2_role_of_record (Pt2Family family, const char *name)
{
  size_t len = strlen (name);
  const RoleRule *rule = rules_of (family);
  if (rule == NULL || len == 0 || name[len - 1] == '/') /* folders have no role */
    return "unknown";
  for (; rule->prefix != NULL; rule++)
    if (rule_fits (rule, name, len))
      return rule->role;
  return "unknown";
}
