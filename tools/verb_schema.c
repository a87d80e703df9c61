/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "report.h"
#include "schema.h"
#include "show.h"
#include "verbs.h"
#include <string.h>
#include <unistd.h>

enum
{
  MATRIX_MOST = 64, /* schemas against each other */
};

SchemaOptions schema_options;

Pt2Idl *
schema_open (const char *word)
{
  GError *error = NULL;
  bool version = g_ascii_isdigit (word[0]) || g_str_has_prefix (word, "torch-");
  if (version && access (word, F_OK) != 0)
    {
      Pt2Idl *idl = pt2_idl_new_known (word, &error);
      if (idl == NULL)
        report_trouble (NULL, error);
      return idl;
    }
  g_autoptr (GBytes) bytes = input_bytes (word, &error);
  Pt2Idl *idl = bytes != NULL ? pt2_idl_new_from_text (bytes, input_name (word), &error) : NULL;
  if (idl == NULL)
    report_trouble (input_name (word), error);
  return idl;
}

typedef struct
{
  const char *name;
  int least, most; /* operands behind the name */
  int (*run) (char **operands, int n);
} Part;

static const Part parts[] = {
  { "show", 0, 1, schema_show },   { "history", 0, 1, schema_history },         { "audit", 2, 2, schema_audit },
  { "check", 1, 1, schema_check }, { "matrix", 1, MATRIX_MOST, schema_matrix }, { "values", 1, 2, schema_values },
};

static int
run (char **operands, int n)
{
  GError *error = NULL;
  g_autofree char *shown = escaped (operands[0], -1);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (strcmp (operands[0], parts[i].name) != 0)
        continue;
      if (n - 1 >= parts[i].least && n - 1 <= parts[i].most)
        return parts[i].run (operands + 1, n - 1);
      set_error (&error, PT2_ERROR_U002, "`pt2 schema %s` was given %d operand%s", shown, n - 1, n == 2 ? "" : "s");
      return report_trouble (NULL, error);
    }
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", parts[i].name);
  set_error (&error, PT2_ERROR_U002, "`pt2 schema %s`; there are %s", shown, names->str);
  return report_trouble (NULL, error);
}

static gboolean
allow (const char *value, GError **error)
{
  if (schema_options.allowed == NULL)
    schema_options.allowed = g_ptr_array_new ();
  g_ptr_array_add (schema_options.allowed, (gpointer)value);
  return TRUE;
}

static const Option options[] = {
  { "at",
    0,
    OPTION_TEXT,
    { .text = &schema_options.at },
    "VERSION",
    "show: the schema of that version; else the newest" },
  { "direction",
    0,
    OPTION_TEXT,
    { .text = &schema_options.direction },
    "WAY",
    "audit: backward (NEW reads OLD), forward (OLD reads NEW), or full, the default" },
  { "transitive",
    0,
    OPTION_FLAG,
    { .flag = &schema_options.transitive },
    NULL,
    "audit: NEW against every known version since OLD" },
  { "allow",
    0,
    OPTION_CALL,
    { .call = allow },
    "RULE|PLACE",
    "audit: such changes do not count; may be given more than once" },
  { "reader",
    0,
    OPTION_TEXT,
    { .text = &schema_options.reader },
    "VERSION",
    "check: who reads: 8.7, torch-2.7, or a file" },
  { "html", 0, OPTION_FLAG, { .flag = &schema_options.html }, NULL, "matrix: a page with coloured tables" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_schema = {
  .name = "schema",
  .operands = "show [TYPE] | history [NAME] | audit OLD NEW | check FILE | matrix A… | values A…",
  .least = 1,
  .most = 1 + MATRIX_MOST,
  .summary = "the schema, its history, and what a change of it breaks",
  .help
  = "show     the types of the newest schema, of another version (--at=7.3, --at=torch-2.6) or of a file\n"
    "         (--at=mine.thrift); or one type of it\n"
    "history  the known versions, the releases that write them and what each changed; with NAME (Node, Node.name,\n"
    "         name) only what concerns it: when it came, changed and went\n"
    "audit    every change from OLD to NEW: what readers of each do with programs of the other, as JSON and as\n"
    "         compact, by which rule, and what PyTorch's own script would demand of the version. OLD and NEW are\n"
    "         known versions, releases, or files: an IDL of Thrift, or the YAML that PyTorch keeps. Status 1 if a\n"
    "         change breaks something in the direction asked for and is not allowed by --allow\n"
    "check    whether a reader (--reader=8.7, --reader=torch-2.7) takes the program in FILE, decided from what it\n"
    "         uses: loads (status 0), or loads but loses something, or fails (1), each with what and where.\n"
    "         Only the schema is looked at, not operators or the layout of an archive\n"
    "matrix   values that use every field of each schema, written with one and read with the other, in both\n"
    "         encodings; --html for a page. Status 0 whatever comes out\n"
    "values   those values, as JSON of A, and what a reader of B (else of A) makes of each; --json has them in both\n"
    "         encodings, to try other readers with. Status 0 whatever comes out\n",
  .examples = "$ pt2 schema show Node\n"
              "$ pt2 schema show --at=torch-2.3 SymInt\n"
              "$ pt2 schema history Node.name\n"
              "$ pt2 schema audit 8.8 torch-2.15\n"
              "$ pt2 schema audit --direction=backward --allow=member-added 8.20 thrift/mine.thrift\n"
              "$ pt2 schema check --reader=torch-2.8 model.pt2\n"
              "$ pt2 schema matrix 8.8 8.14 8.20\n"
              "$ pt2 schema values 8.20 torch-2.8\n",
  .options = options,
  .run = run,
};
