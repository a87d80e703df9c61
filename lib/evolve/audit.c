/* SPDX-License-Identifier: Apache-2.0 */
/* Two schemas held against each other, type by type and field by field. */
#include "idl.h"
#include <string.h>

typedef enum
{
#define PT2_AUDIT_RULE(name, id, jb, jf, cb, cf, demand, happens) RULE_##name,
#include "audit_rules.def"
#undef PT2_AUDIT_RULE
} RuleNumber;

static const Pt2SchemaChange rules[] = {
#define PT2_AUDIT_RULE(name, id, jb, jf, cb, cf, demanded, what)                                                       \
  { .rule = id,                                                                                                        \
    .happens = what,                                                                                                   \
    .json = { PT2_VERDICT_##jb, PT2_VERDICT_##jf },                                                                    \
    .compact = { PT2_VERDICT_##cb, PT2_VERDICT_##cf },                                                                 \
    .demand = PT2_DEMAND_##demanded },
#include "audit_rules.def"
#undef PT2_AUDIT_RULE
};

enum
{
  BACKWARD, /* the new schema reads */
  FORWARD,  /* the old one does */
};

typedef struct
{
  Pt2Idl *older, *newer;
  Pt2SchemaChangeFunc func;
  gpointer data;
  guint n;
  const char *type; /* the one at hand */
  bool strict[2];   /* by who reads: PyTorch's reader knows no keys beside its own */
} Audit;

const char *
pt2_verdict_name (Pt2Verdict verdict)
{
  static const char *const names[] = { "safe", "loses", "breaks", "misreads" };
  return verdict < G_N_ELEMENTS (names) ? names[verdict] : "";
}

const char *
pt2_demand_name (Pt2Demand demand)
{
  static const char *const names[] = { "nothing", "minor", "major", "rejected" };
  return demand < G_N_ELEMENTS (names) ? names[demand] : "";
}

const char *
pt2_audit_rule_name (guint index)
{
  return index < G_N_ELEMENTS (rules) ? rules[index].rule : NULL;
}

/* ---- telling ---- */

static void
tell (Audit *audit, const Pt2SchemaChange *change, const char *field, const char *was, const char *is)
{
  Pt2SchemaChange told = *change;
  g_autofree char *where = field != NULL ? g_strdup_printf ("%s.%s", audit->type, field) : g_strdup (audit->type);
  told.where = where;
  told.was = was;
  told.is = is;
  audit->n++;
  audit->func (&told, audit->data);
}

/* An unknown key ends a strict reader instead of being passed over. */
static void
tell_with_keys (Audit *audit, RuleNumber rule, const char *field, const char *was, const char *is)
{
  Pt2SchemaChange change = rules[rule];
  for (int reader = 0; reader < 2; reader++)
    if (audit->strict[reader] && change.json[reader] == PT2_VERDICT_LOSES)
      change.json[reader] = PT2_VERDICT_BREAKS;
  tell (audit, &change, field, was, is);
}

/* A field that its reader misses in compact breaks it only if it is required there. */
static void
tell_missed (Audit *audit, RuleNumber rule, const Pt2FieldInfo *old, const Pt2FieldInfo *new, const char *was,
             const char *is)
{
  Pt2SchemaChange change = rules[rule];
  const Pt2FieldInfo *readers[] = { new, old };
  for (int reader = 0; reader < 2; reader++)
    {
      bool required = readers[reader]->flags & PT2_FIELD_REQUIRED;
      if (!required && change.compact[reader] == PT2_VERDICT_BREAKS)
        change.compact[reader] = PT2_VERDICT_LOSES;
      if (!required && rule == RULE_RENAMED && !audit->strict[reader] && !(readers[reader]->flags & PT2_FIELD_NULL_KEY))
        change.json[reader] = PT2_VERDICT_LOSES;
    }
  tell (audit, &change, new->name, was, is);
}

/* ---- enums ---- */

static void
tell_value (Audit *audit, RuleNumber rule, const char *name, const Pt2EnumMember *old, const Pt2EnumMember *new)
{
  g_autofree char *was = old != NULL ? g_strdup_printf ("%d", old->value) : g_strdup ("");
  g_autofree char *is = new != NULL ? g_strdup_printf ("%d", new->value) : g_strdup ("");
  tell (audit, &rules[rule], name, was, is);
}

static void
compare_enums (Audit *audit, const Pt2EnumInfo *old, const Pt2EnumInfo *new)
{
  for (unsigned i = 0; i < new->n_members; i++)
    {
      const Pt2EnumMember *member = &new->members[i];
      const Pt2EnumMember *was = pt2_enum_by_name (old, member->name, strlen (member->name));
      if (was != NULL && was->value != member->value)
        tell_value (audit, RULE_RENUMBERED, member->name, was, member);
      else if (was == NULL)
        /* A number that meant something else is no mere addition. */
        tell_value (audit, pt2_enum_by_value (old, member->value) != NULL ? RULE_RENUMBERED : RULE_VALUE_ADDED,
                    member->name, NULL, member);
    }
  for (unsigned i = 0; i < old->n_members; i++)
    if (pt2_enum_by_name (new, old->members[i].name, strlen (old->members[i].name)) == NULL)
      tell_value (audit, RULE_VALUE_REMOVED, old->members[i].name, &old->members[i], NULL);
}

/* ---- fields ---- */

static bool
is_required (const Pt2FieldInfo *field)
{
  return (field->flags & (PT2_FIELD_REQUIRED | PT2_FIELD_NULL_KEY)) != 0;
}

static bool
same_type (const Pt2FieldInfo *old, const Pt2FieldInfo *new)
{
  return strcmp (old->type->name, new->type->name) == 0;
}

static bool
same_field (const Audit *audit, const Pt2FieldInfo *old, const Pt2FieldInfo *new)
{
  bool numbered = audit->older->numbered && audit->newer->numbered;
  return strcmp (old->name, new->name) == 0 && same_type (old, new) && is_required (old) == is_required (new)
         && (!numbered || old->id == new->id);
}

/* Structs or unions of different names, or lists and maps of them, with the same fields? */
static bool
same_parts (const Audit *audit, const Pt2TypeInfo *old, const Pt2TypeInfo *new)
{
  while (old->kind == new->kind && old->kind >= PT2_KIND_LIST
         && (old->kind != PT2_KIND_MAP || strcmp (old->key->name, new->key->name) == 0))
    {
      old = old->element;
      new = new->element;
    }
  bool records = old->kind == new->kind && (old->kind == PT2_KIND_STRUCT || old->kind == PT2_KIND_UNION);
  if (!records || old->record->n_fields != new->record->n_fields)
    return false;
  bool same = true;
  for (unsigned i = 0; same && i < old->record->n_fields; i++)
    same = same_field (audit, &old->record->fields[i], &new->record->fields[i]);
  return same;
}

/* A compact reader passes over a field of another wire type, and then misses it. */
static void
compare_types (Audit *audit, const Pt2FieldInfo *old, const Pt2FieldInfo *new)
{
  if (same_parts (audit, old->type, new->type))
    {
      tell (audit, &rules[RULE_TYPE_RENAMED], new->name, old->type->name, new->type->name);
      return;
    }
  if (old->type->wire != new->type->wire)
    {
      tell_missed (audit, RULE_TYPE_CHANGED, old, new, old->type->name, new->type->name);
      return;
    }
  Pt2SchemaChange change = rules[RULE_TYPE_CHANGED];
  change.compact[BACKWARD] = change.compact[FORWARD] = PT2_VERDICT_MISREADS;
  tell (audit, &change, new->name, old->type->name, new->type->name);
}

static bool
may_be_null (const Pt2FieldInfo *field)
{
  return (field->flags & PT2_FIELD_NULL_KEY)
         || (!(field->flags & PT2_FIELD_REQUIRED)
             && (field->default_text == NULL || strcmp (field->default_text, "null") == 0));
}

/* A default of null makes another type of it for PyTorch, and old readers do not expect that value; nor do those that
 * know null do without the key. */
static void
tell_default (Audit *audit, RuleNumber rule, const Pt2FieldInfo *old, const Pt2FieldInfo *new, const char *was,
              const char *is)
{
  Pt2SchemaChange change = rules[rule];
  bool other_type = may_be_null (old) != may_be_null (new);
  if (other_type)
    change.demand = PT2_DEMAND_REJECTED;
  if (rule == RULE_DEFAULT_GAINED && (other_type || (may_be_null (new) && pt2_idl_leaves_nulls_out (audit->newer))))
    change.json[FORWARD] = PT2_VERDICT_BREAKS;
  tell (audit, &change, new->name, was, is);
}

static void
compare_defaults (Audit *audit, const Pt2FieldInfo *old, const Pt2FieldInfo *new)
{
  const char *was = old->default_text, *is = new->default_text;
  if (is_required (old) && !is_required (new))
    tell_default (audit, RULE_DEFAULT_GAINED, old, new, "required", is != NULL ? is : "optional");
  else if (!is_required (old) && is_required (new))
    tell_default (audit, RULE_DEFAULT_LOST, old, new, was != NULL ? was : "optional", "required");
  else if (is_required (old) && may_be_null (old) != may_be_null (new))
    tell (audit, &rules[may_be_null (new) ? RULE_NULL_GAINED : RULE_NULL_LOST], new->name, "", "null");
  else if (was != NULL && is != NULL && strcmp (was, is) != 0)
    tell (audit, &rules[RULE_DEFAULT_CHANGED], new->name, was, is);
}

static void
compare_ids (Audit *audit, const Pt2FieldInfo *old, const Pt2FieldInfo *new)
{
  g_autofree char *was = g_strdup_printf ("id %d", old->id), *is = g_strdup_printf ("id %d", new->id);
  if (old->id != new->id && audit->older->numbered && audit->newer->numbered)
    tell_missed (audit, RULE_ID_CHANGED, old, new, was, is);
}

static void
compare_fields (Audit *audit, const Pt2FieldInfo *old, const Pt2FieldInfo *new)
{
  if ((old->unit_until != 0) != (new->unit_until != 0) && same_type (old, new))
    tell (audit, &rules[RULE_UNIT_CHANGED], new->name, old->unit_until != 0 ? "[]" : "true",
          new->unit_until != 0 ? "[]" : "true");
  else if (!same_type (old, new))
    compare_types (audit, old, new);
  compare_ids (audit, old, new);
  compare_defaults (audit, old, new);
}

/* ---- structs and unions ---- */

static const Pt2FieldInfo *
by_name (const Pt2StructInfo *info, const Pt2FieldInfo *field)
{
  return pt2_struct_field_by_name (info, field->name, field->name_len);
}

/* The field of OLD that has the id of FIELD, and whose own name is gone from NEW: the same field under another name. */
static const Pt2FieldInfo *
former (const Audit *audit, const Pt2StructInfo *old, const Pt2StructInfo *new, const Pt2FieldInfo *field)
{
  const Pt2FieldInfo *was = pt2_struct_field_by_id (old, field->id);
  bool numbered = audit->older->numbered && audit->newer->numbered;
  return numbered && was != NULL && by_name (new, was) == NULL && by_name (old, field) == NULL && same_type (was, field)
             ? was
             : NULL;
}

/* An id that stood for a field of another name. Wire types that differ are passed over, so nothing is misread. */
static void
check_reuse (Audit *audit, const Pt2StructInfo *old, const Pt2StructInfo *new, const Pt2FieldInfo *field)
{
  const Pt2FieldInfo *was = pt2_struct_field_by_id (old, field->id);
  if (!audit->older->numbered || !audit->newer->numbered || was == NULL || strcmp (was->name, field->name) == 0
      || former (audit, old, new, field) != NULL)
    return;
  if (was->type->wire == field->type->wire)
    tell (audit, &rules[RULE_ID_REUSED], field->name, was->name, field->name);
  else
    tell_missed (audit, RULE_ID_REUSED, was, field, was->name, field->name);
}

static void
tell_new_field (Audit *audit, const Pt2StructInfo *old, const Pt2StructInfo *new, const Pt2FieldInfo *field)
{
  const Pt2FieldInfo *was = former (audit, old, new, field);
  if (was != NULL)
    tell_missed (audit, RULE_RENAMED, was, field, was->name, field->name);
  else if (new->is_union)
    tell (audit, &rules[RULE_MEMBER_ADDED], field->name, "", field->type->name);
  else
    tell_with_keys (audit, is_required (field) ? RULE_REQUIRED_ADDED : RULE_FIELD_ADDED, field->name, "",
                    field->type->name);
}

static void
tell_old_field (Audit *audit, const Pt2StructInfo *new, const Pt2FieldInfo *field)
{
  if (new->is_union)
    tell (audit, &rules[RULE_MEMBER_REMOVED], field->name, field->type->name, "");
  else
    tell_with_keys (audit, is_required (field) ? RULE_REQUIRED_REMOVED : RULE_FIELD_REMOVED, field->name,
                    field->type->name, "");
}

/* Do the fields that both have stand in one order? */
static bool
same_order (const Pt2StructInfo *old, const Pt2StructInfo *new)
{
  const Pt2FieldInfo *last = NULL;
  for (unsigned i = 0; i < new->n_fields; i++)
    {
      const Pt2FieldInfo *was = by_name (old, &new->fields[i]);
      if (was != NULL && last != NULL && was < last)
        return false;
      last = was != NULL ? was : last;
    }
  return true;
}

static void
compare_structs (Audit *audit, const Pt2StructInfo *old, const Pt2StructInfo *new)
{
  if (old->is_union != new->is_union)
    {
      tell (audit, &rules[RULE_KIND_CHANGED], NULL, old->is_union ? "union" : "struct",
            new->is_union ? "union" : "struct");
      return;
    }
  if (old->is_union && pt2_idl_has_whole_unions (audit->older) != pt2_idl_has_whole_unions (audit->newer))
    tell (audit, &rules[RULE_UNION_SPELLING_CHANGED], NULL, pt2_idl_has_whole_unions (audit->older) ? "all" : "one",
          pt2_idl_has_whole_unions (audit->newer) ? "all" : "one");
  for (unsigned i = 0; i < new->n_fields; i++)
    {
      const Pt2FieldInfo *field = &new->fields[i], *was = by_name (old, field);
      if (was != NULL)
        compare_fields (audit, was, field);
      else
        tell_new_field (audit, old, new, field);
      check_reuse (audit, old, new, field);
    }
  for (unsigned i = 0; i < old->n_fields; i++)
    {
      const Pt2FieldInfo *heir = pt2_struct_field_by_id (new, old->fields[i].id);
      bool renamed = heir != NULL && former (audit, old, new, heir) == &old->fields[i];
      if (by_name (new, &old->fields[i]) == NULL && !renamed)
        tell_old_field (audit, new, &old->fields[i]);
    }
  if (!same_order (old, new))
    tell (audit, &rules[RULE_ORDER_CHANGED], NULL, "", "");
}

/* ---- schemas ---- */

static const char *
kind_of (const Pt2Idl *idl, const char *name)
{
  const Pt2StructInfo *info = pt2_idl_struct (idl, name);
  if (info != NULL)
    return info->is_union ? "union" : "struct";
  return pt2_schema_find_enum (&idl->schema, name) != NULL ? "enum" : NULL;
}

static void
compare_type (Audit *audit, const char *name)
{
  const char *was = kind_of (audit->older, name), *is = kind_of (audit->newer, name);
  audit->type = name;
  if (was == NULL)
    tell (audit, &rules[RULE_TYPE_ADDED], NULL, "", is);
  else if ((strcmp (was, "enum") == 0) != (strcmp (is, "enum") == 0))
    tell (audit, &rules[RULE_KIND_CHANGED], NULL, was, is);
  else if (strcmp (is, "enum") == 0)
    compare_enums (audit, pt2_schema_find_enum (&audit->older->schema, name),
                   pt2_schema_find_enum (&audit->newer->schema, name));
  else
    compare_structs (audit, pt2_idl_struct (audit->older, name), pt2_idl_struct (audit->newer, name));
}

bool
pt2_idl_has_whole_unions (const Pt2Idl *idl)
{
  return idl->major == 1 || idl->major == 2;
}

bool
pt2_idl_leaves_nulls_out (const Pt2Idl *idl)
{
  return (idl->major > 2 && idl->major < 8) || (idl->major == 8 && idl->minor < PT2_IDL_NULLS_MINOR);
}

bool
pt2_idl_is_strict (const Pt2Idl *idl)
{
  return idl->major > 0 && (idl->major < 8 || (idl->major == 8 && idl->minor <= PT2_IDL_STRICT_MINOR));
}

guint
pt2_idl_audit (Pt2Idl *older, Pt2Idl *newer, Pt2SchemaChangeFunc func, gpointer data)
{
  Audit audit = { .older = older, .newer = newer, .func = func, .data = data };
  audit.strict[BACKWARD] = pt2_idl_is_strict (newer);
  audit.strict[FORWARD] = pt2_idl_is_strict (older);
  for (guint i = 0; i < pt2_idl_count (newer); i++)
    compare_type (&audit, pt2_idl_get_type (newer, i).name);
  for (guint i = 0; i < pt2_idl_count (older); i++)
    {
      audit.type = pt2_idl_get_type (older, i).name;
      if (kind_of (newer, audit.type) == NULL)
        tell (&audit, &rules[RULE_TYPE_REMOVED], NULL, kind_of (older, audit.type), "");
    }
  return audit.n;
}
