/* SPDX-License-Identifier: Apache-2.0 */
#include "minors.h"
#include "extras.h"
#include "losses.h"
#include "old_numbers.h"
#include <string.h>

enum
{
  MAJOR = 8,
  OLDEST = 1,
};

/* Keys that a minor had for a while and that the schema no longer names. */
typedef struct
{
  const char *record, *key;
  guint since, until; /* the minors that had it */
} GoneKey;

static const GoneKey gone_keys[] = {
  { "SymExpr", "expr_ast", 2, 2 }, /* the expression as a tree, beside its text */
};

typedef struct
{
  Pt2MinorChange change;
  const Pt2StructInfo *node;
  Pt2Losses losses;
} Walk;

#define FITS G_MAXUINT

/* FITS, or the number of a loss that the holder of the value must give up, or be given up for. */
static guint fit_value (Walk *walk, const Pt2Place *place, const Pt2TypeInfo *type, void *value);

/* ---- minors ---- */

guint
pt2_evolve_oldest_minor (void)
{
  return OLDEST;
}

guint
pt2_evolve_newest_minor (void)
{
  guint newest = OLDEST;
  for (unsigned s = 0; s < pt2_export_schema.n_structs; s++)
    for (unsigned f = 0; f < pt2_export_schema.structs[s]->n_fields; f++)
      newest = MAX (newest, pt2_export_schema.structs[s]->fields[f].since);
  for (unsigned e = 0; e < pt2_export_schema.n_enums; e++)
    for (unsigned m = 0; m < pt2_export_schema.enums[e]->n_members; m++)
      newest = MAX (newest, pt2_export_schema.enums[e]->members[m].since);
  return newest;
}

/* ---- unknown parts ---- */

static bool
is_named (const Pt2Extra *extra, const char *name)
{
  return extra->origin == PT2_EXTRA_JSON && extra->key.len == strlen (name)
         && memcmp (extra->key.data, name, extra->key.len) == 0;
}

static const GoneKey *
find_gone_key (const Pt2StructInfo *info, const Pt2Extra *extra)
{
  for (guint i = 0; i < G_N_ELEMENTS (gone_keys); i++)
    if (strcmp (info->name, gone_keys[i].record) == 0 && is_named (extra, gone_keys[i].key))
      return &gone_keys[i];
  return NULL;
}

/* Is the program of a minor that is unknown here, and the target an older one? Its unknown parts are then none of the
 * target's; what a known minor has beside its schema is nobody's, and stays. */
static bool
loses_newer_parts (const Walk *walk)
{
  return walk->change.from > pt2_evolve_newest_minor () && walk->change.to < walk->change.from;
}

static bool
is_lost (const Walk *walk, const Pt2StructInfo *info, const Pt2Extra *extra, const GoneKey *gone)
{
  if (gone != NULL)
    return walk->change.to < gone->since || walk->change.to > gone->until;
  if (!loses_newer_parts (walk))
    return false;
  /* A number too large for a field stands among the unknown parts, under the name of the field. */
  for (unsigned i = 0; i < info->n_fields; i++)
    if (is_named (extra, info->fields[i].name))
      return info->fields[i].since > walk->change.to;
  return true;
}

static bool
is_null (const Pt2Extra *extra)
{
  return extra->origin == PT2_EXTRA_JSON && extra->raw.len == 4 && memcmp (extra->raw.data, "null", 4) == 0;
}

static char *
name_of_unknown (const Pt2StructInfo *info, const Pt2Extra *extra)
{
  Pt2Status status = PT2_STATUS_INIT;
  if (extra->origin == PT2_EXTRA_COMPACT)
    return g_strdup_printf ("%s, field id %d", info->name, extra->id);
  pt2_status_prepend_key (&status, extra->key.data, extra->key.len);
  return g_strdup_printf ("%s%s", info->name, status.path);
}

/* One entry for a struct's unknown parts, whose names the file chose; a key that we know has its own. */
static guint
lose_unknown (Walk *walk, const Pt2Place *place, const Pt2StructInfo *info, const Pt2Extra *extra, const GoneKey *gone)
{
  if (is_null (extra) && !info->is_union)
    return FITS;
  return pt2_losses_add (&walk->losses, gone != NULL ? (const void *)gone : info, name_of_unknown (info, extra),
                         gone != NULL ? gone->since : 0, place);
}

/* Takes the unknown parts of OWNER out that the target cannot have. The first loss, or FITS. */
static guint
fit_unknown (Walk *walk, const Pt2Place *place, const Pt2StructInfo *info, const void *owner)
{
  Pt2Document *document = &walk->change.draft->document;
  guint first = FITS;
  if (!pt2_document_has_extras (document))
    return FITS;
  for (const Pt2Extra *next, *extra = pt2_document_extras (document, info, owner); extra != NULL; extra = next)
    {
      const GoneKey *gone = find_gone_key (info, extra);
      next = extra->next;
      if (!is_lost (walk, info, extra, gone))
        continue;
      guint loss = lose_unknown (walk, place, info, extra, gone);
      first = first == FITS ? loss : first;
      pt2_document_remove_extra (document, info, owner, extra);
    }
  return first;
}

/* ---- enums ---- */

static guint
fit_number (Walk *walk, const Pt2Place *place, const Pt2EnumInfo *info, int32_t number)
{
  const Pt2EnumMember *member = pt2_enum_by_value (info, number);
  int32_t old;
  if (pt2_number_at_minor (info, walk->change.to, number, &old)
      && (member != NULL ? member->since <= walk->change.to : !loses_newer_parts (walk)))
    return FITS;
  char *name = member != NULL ? g_strdup_printf ("%s.%s", info->name, member->name)
                              : g_strdup_printf ("%s %d", info->name, number);
  const void *key = member != NULL ? (const void *)member : info;
  return pt2_losses_add (&walk->losses, key, name, member != NULL ? member->since : 0, place);
}

/* ---- structs and unions ---- */

void
pt2_minor_clear_field (const Pt2StructInfo *info, void *record, const Pt2FieldInfo *field)
{
  void *at = (char *)record + field->offset;
  if (field->present_bit != PT2_NO_PRESENT_BIT)
    {
      uint32_t *words = (uint32_t *)((char *)record + info->present_offset);
      words[field->present_bit / 32] &= ~((uint32_t)1 << (field->present_bit % 32));
    }
  else if (field->type->kind == PT2_KIND_UNION && !(field->flags & PT2_FIELD_POINTER))
    ((Pt2AnyUnion *)at)->which = 0;
  else
    *(void **)at = NULL;
}

/* Is the value the one that a reader takes when the field is missing? All but the empty ones are null, which is absent.
 */
static bool
is_default (const Pt2FieldInfo *field, const void *value)
{
  const char *text = field->default_text;
  return text != NULL && (strcmp (text, "[]") == 0 || strcmp (text, "{}") == 0)
         && ((const Pt2AnyList *)value)->len == 0;
}

static char *
name_of_field (const Pt2StructInfo *info, const Pt2FieldInfo *field)
{
  return g_strdup_printf ("%s.%s", info->name, field->name);
}

static guint
fit_field (Walk *walk, const Pt2Place *up, const Pt2StructInfo *info, void *record, const Pt2FieldInfo *field)
{
  const Pt2Place place = { .up = up, .field = field };
  void *value = (void *)pt2_field_value (field, record);
  if (field->since <= walk->change.to)
    {
      guint loss = fit_value (walk, &place, field->type, value);
      if (loss == FITS || (field->flags & PT2_FIELD_REQUIRED))
        return loss;
    }
  else if (!is_default (field, value))
    pt2_losses_add (&walk->losses, field, name_of_field (info, field), field->since, &place);
  pt2_minor_clear_field (info, record, field);
  return FITS;
}

static guint
fit_struct (Walk *walk, const Pt2Place *place, const Pt2StructInfo *info, void *record)
{
  guint first = FITS;
  if (info == walk->node)
    pt2_minor_settle_node (&walk->change, record);
  fit_unknown (walk, place, info, record);
  for (unsigned i = 0; i < info->n_fields; i++)
    if (pt2_field_present (info, &info->fields[i], record))
      {
        guint loss = fit_field (walk, place, info, record, &info->fields[i]);
        first = first == FITS ? loss : first;
      }
  return first;
}

static guint
fit_member (Walk *walk, const Pt2Place *up, const Pt2StructInfo *info, void *record, const Pt2FieldInfo *member)
{
  const Pt2Place place = { .up = up, .field = member };
  if (member->since > walk->change.to)
    return pt2_losses_add (&walk->losses, member, name_of_field (info, member), member->since, &place);
  return fit_value (walk, &place, member->type, (void *)pt2_field_value (member, record));
}

/* The member that says "nothing", which can stand for any other. */
static const Pt2FieldInfo *
unit_member (const Pt2StructInfo *info)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    if (info->fields[i].unit_until != 0)
      return &info->fields[i];
  return NULL;
}

static guint
fit_union (Walk *walk, const Pt2Place *place, const Pt2StructInfo *info, void *record)
{
  uint32_t which = ((const Pt2AnyUnion *)record)->which;
  const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
  guint unknown = fit_unknown (walk, place, info, record);
  guint loss = member != NULL ? fit_member (walk, place, info, record, member) : unknown;
  const Pt2FieldInfo *unit = unit_member (info);
  if (loss == FITS || unit == NULL)
    return loss;
  ((Pt2AnyUnion *)record)->which = (uint32_t)unit->id;
  *(bool *)((char *)record + unit->offset) = true;
  return FITS;
}

/* ---- containers ---- */

/* An item cannot go without the others being counted anew: what does not fit in one is stuck. */
static guint
fit_items (Walk *walk, const Pt2Place *up, const Pt2TypeInfo *type, Pt2AnyList *list)
{
  bool is_map = type->kind == PT2_KIND_MAP, named = is_map && type->key->kind == PT2_KIND_STRING;
  size_t size = is_map ? type->entry_size : type->element->size, at = is_map ? type->key_size : 0;
  char *item = list->items;
  if (type->element->kind < PT2_KIND_ENUM || type->element->kind == PT2_KIND_STRING)
    return FITS;
  for (uint32_t i = 0; i < list->len; i++, item += size)
    {
      const Pt2Place place = { .up = up, .key = named ? (const Pt2String *)item : NULL, .index = i };
      guint loss = fit_value (walk, &place, type->element, item + at);
      if (loss != FITS)
        pt2_losses_set_stuck (&walk->losses, loss);
    }
  return FITS;
}

static guint
fit_value (Walk *walk, const Pt2Place *place, const Pt2TypeInfo *type, void *value)
{
  switch (type->kind)
    {
    case PT2_KIND_ENUM:
      return fit_number (walk, place, type->enumeration, *(const int32_t *)value);
    case PT2_KIND_STRUCT:
      return fit_struct (walk, place, type->record, value);
    case PT2_KIND_UNION:
      return fit_union (walk, place, type->record, value);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return fit_items (walk, place, type, value);
    default:
      return FITS;
    }
}

/* ---- the whole ---- */

static bool
fit_program (Walk *walk)
{
  Pt2Document *document = &walk->change.draft->document;
  guint loss = fit_struct (walk, NULL, document->type, document->root);
  if (loss != FITS)
    pt2_losses_set_stuck (&walk->losses, loss);
  walk->change.draft->exported->schema_version.major = MAJOR;
  walk->change.draft->exported->schema_version.minor = walk->change.to;
  return !pt2_draft_failed (walk->change.draft);
}

/* Major 0 is a version for tests, which is read as the newest; so is a minor that is not said. */
static uint32_t
minor_of (Pt2Program *program)
{
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  return major == 0 || minor == 0 ? pt2_evolve_newest_minor () : (uint32_t)CLAMP (minor, 0, G_MAXINT32);
}

Pt2Program *
pt2_evolve_to_minor (Pt2Program *program, guint minor, Pt2EvolveFlags flags, const Pt2Limits *limits,
                     Pt2EvolveLossFunc func, gpointer data, GError **error)
{
  if (minor < OLDEST || minor > pt2_evolve_newest_minor ())
    {
      pt2_error_set (error, PT2_ERROR_E002, NULL, "8.%u is not between 8.%u and 8.%u", minor, OLDEST,
                     pt2_evolve_newest_minor ());
      return NULL;
    }
  g_autoptr (Pt2Draft) draft = pt2_draft_new (program, PT2_DRAFT_ALL, limits, error);
  if (draft == NULL)
    return NULL;
  Walk walk = { .node = pt2_schema_find_struct (&pt2_export_schema, "Node") };
  pt2_minor_change_init (&walk.change, draft, minor_of (program), minor);
  pt2_losses_init (&walk.losses);
  bool fine = fit_program (&walk);
  pt2_losses_report (&walk.losses, func, data);
  fine = !fine || pt2_losses_allow (&walk.losses, minor, flags & PT2_EVOLVE_LOSSY, error);
  pt2_losses_clear (&walk.losses);
  return fine ? pt2_draft_finish (g_steal_pointer (&draft), error) : NULL;
}
