/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/metadata*.c: texts taken apart and put together, of every program of the corpus and of hostile ones. */
#include "../metadata_forms.h"
#include "corpus.h"
#include "json_tree.h"
#include "suite.h"
#include <stdio.h>

#define TEXT(literal) ((Pt2String){ literal, sizeof literal - 1 })

static Pt2Metadata *
metadata_of (const char *key, const char *text)
{
  g_autoptr (GError) error = NULL;
  Pt2Metadata *metadata = pt2_metadata_new (NULL, NULL, &error);
  ck_assert_ptr_nonnull (metadata);
  ck_assert (pt2_metadata_set_text (metadata, key, (Pt2String){ text, (uint32_t)strlen (text) }, &error));
  return metadata;
}

static gboolean
text_is (Pt2String text, const char *expected)
{
  return text.data != NULL && text.len == strlen (expected) && memcmp (text.data, expected, text.len) == 0;
}

static void
is_text (const Pt2Metadata *metadata, const char *key, const char *expected)
{
  Pt2String text = pt2_metadata_get_text (metadata, key);
  ck_assert_msg (text_is (text, expected), "%.*s and not %s", (int)text.len, text.data != NULL ? text.data : "",
                 expected);
}

/* The one fault that ERROR must be. */
static void
fails (gboolean fine, GError **error, Pt2ErrorCode code)
{
  ck_assert (!fine);
  ck_assert_msg (*error != NULL && (*error)->code == (int)code, "%s", *error != NULL ? (*error)->message : "no error");
  g_clear_error (error);
}

/* Takes TEXT of form I apart and writes it into metadata that has none: what stands there then is printed, not kept. */
static void
prints_same (unsigned i, const char *text, const char *where)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Metadata) from = metadata_of (metadata_forms[i].key, text);
  g_autoptr (Pt2Metadata) to = pt2_metadata_new (NULL, NULL, &error);
  const void *view = metadata_forms[i].get (from, &error);
  ck_assert_msg (view != NULL, "%s: %s: %s", where, text, error != NULL ? error->message : "");
  ck_assert_msg (metadata_forms[i].set (to, view, &error), "%s: %s: %s", where, text,
                 error != NULL ? error->message : "");
  const char *key = strcmp (metadata_forms[i].key, "source_fn") == 0 ? "source_fn_stack" : metadata_forms[i].key;
  if (*text == '\0')
    ck_assert_ptr_null (pt2_metadata_get_text (to, key).data);
  else
    is_text (to, key, text);
}

/* ---- the corpus ---- */

typedef struct
{
  const char *path;
  unsigned n[G_N_ELEMENTS (metadata_forms)];
} Counts;

static void
try_texts (const Pt2JsonNode *metadata, Counts *counts)
{
  for (uint32_t i = 0; i < pt2_json_length (metadata); i++)
    for (unsigned form = 0; form < G_N_ELEMENTS (metadata_forms); form++)
      if (text_is (pt2_json_key (metadata, i), metadata_forms[form].key))
        {
          Pt2String text = pt2_json_text (pt2_json_item (metadata, i));
          ck_assert_ptr_nonnull (text.data);
          g_autofree char *copy = g_strndup (text.data, text.len);
          prints_same (form, copy, counts->path);
          counts->n[form]++;
        }
}

/* Every object called "metadata", in the nodes and in the graph module. */
static void
try_tree (const Pt2JsonNode *node, Counts *counts)
{
  for (uint32_t i = 0; i < pt2_json_length (node); i++)
    if (text_is (pt2_json_key (node, i), "metadata"))
      try_texts (pt2_json_item (node, i), counts);
    else
      try_tree (pt2_json_item (node, i), counts);
}

static void
try_program (const char *path, Pt2Program *program, gpointer data)
{
  Counts *counts = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json = pt2_program_save (program, PT2_FORM_JSON, &error);
  ck_assert_msg (json != NULL, "%s: %s", path, error != NULL ? error->message : "");
  Pt2Arena arena;
  Pt2Status status = PT2_STATUS_INIT;
  gsize len;
  const char *text = g_bytes_get_data (json, &len);
  pt2_arena_init (&arena, UINT64_C (4) << 30, len);
  const Pt2JsonNode *tree = pt2_json_tree_read (&arena, text, len, pt2_limits_default (), &status);
  ck_assert_ptr_nonnull (tree);
  counts->path = path;
  try_tree (tree, counts);
  pt2_arena_clear (&arena);
}

/* All texts of all programs, of every age, print as what they are. */
START_TEST (corpus)
{
  Counts counts = { NULL, { 0 } };
  unsigned n = corpus_foreach (try_program, &counts);
  for (unsigned i = 0; i < G_N_ELEMENTS (metadata_forms); i++)
    printf ("%u programs, %s: %u\n", n, metadata_forms[i].key, counts.n[i]);
  ck_assert_uint_gt (n, 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (metadata_forms); i++)
    ck_assert (counts.n[i] > 0 || i == FORM_CUSTOM || i == FORM_FROM_NODE);
}
END_TEST

/* ---- texts ---- */

static const struct
{
  unsigned form;
  const char *text;
} sound[] = {
  { FORM_STACK_TRACE, "" },
  { FORM_STACK_TRACE, "NoneType: None\n" },
  { FORM_STACK_TRACE, "  File \"a.py\", line 3, in f\n    return x\n  File \"b.py\", line 17, in <lambda>" },
  { FORM_STACK_TRACE, "File \"a\", line 0" },
  { FORM_STACK_TRACE, "x File \"a.py\", line 1\n\tFile \"b.py\", line 07\nFile \"c.py\", line \nFile \"d\n\", line 3" },
  { FORM_STACK_TRACE, "File \"a\", line 1234567890123456789012, in f\n" },
  { FORM_STACK_TRACE, "File \"a\", line 1 File \"b\", line 2\n File \"c\", line 3" },
  { FORM_STACK_TRACE, "Traceback:\n  File \"a\", line 1, in f\n    ~~^^\n\nFile \"\", line 2, in " },
  { FORM_MODULE_STACK, "a,b,c" },
  { FORM_MODULE_STACK, ",,;,," },
  { FORM_MODULE_STACK, "L__self__,,__main__.M;L__self___x@1,x,T[int, str](a,b)" },
  { FORM_MODULE_STACK, "a,getattr(L['self'], 'x')[0],T" },
  { FORM_MODULE_STACK, "a(,),b[,],f(" },
  { FORM_MODULE_STACK, "L__s___a:(L['s'].a,torch.nn.Linear);b:(getattr(x, 'y'),T[a,b])" },
  { FORM_SOURCE_FNS, "add,_operator.add;l,torch.nn.modules.linear.Linear" },
  { FORM_SOURCE_FNS, "," },
  { FORM_OLD_SOURCE_FN, "map_1,functorch.experimental._map.map" },
  { FORM_TORCH_FN, "linear_1;builtin_function_or_method.linear" },
  { FORM_TORCH_FN, "a" },
  { FORM_TORCH_FN, ";;" },
  { FORM_CUSTOM, "{\"a\": 1, \"b\": {\"c\": [null, 1.5e3, \"\\u00e4\"]}, \"\\ud83d\\ude00\": \"x\"}" },
  { FORM_CUSTOM, "[1, 2]" },
  { FORM_CUSTOM, "\"text\"" },
  { FORM_FROM_NODE, "null" },
  { FORM_FROM_NODE, "[]" },
  { FORM_FROM_NODE,
    "[{\"name\": \"a\", \"target\": \"b\", \"graph_id\": 140234, \"pass_name\": \"\", \"action\": \"create+replace\", "
    "\"from_node\": [{\"name\": \"\", \"target\": \"\", \"graph_id\": -1, \"pass_name\": \"p\", \"action\": \"\", "
    "\"from_node\": []}]}, {\"name\": \"\\u00e4\", \"target\": \"\", \"graph_id\": 0, \"pass_name\": \"\", "
    "\"action\": \"\", \"from_node\": [], \"new\": {\"x\": [1]}, \"other\": null}]" },
};

START_TEST (prints)
{
  prints_same (sound[_i].form, sound[_i].text, "a text");
}
END_TEST

static const struct
{
  unsigned form;
  const char *text;
  Pt2ErrorCode code;
} unsound[] = {
  { FORM_MODULE_STACK, "a,b", PT2_ERROR_P017 },
  { FORM_MODULE_STACK, "a,b,c;", PT2_ERROR_P017 },
  { FORM_MODULE_STACK, "a,b,c,d", PT2_ERROR_P017 },
  { FORM_MODULE_STACK, "a,(b,c", PT2_ERROR_P017 },
  { FORM_MODULE_STACK, "a:(b,c);d,e,f", PT2_ERROR_P017 },
  { FORM_MODULE_STACK, "a:(b,c,d)", PT2_ERROR_P017 },
  { FORM_MODULE_STACK, ":(", PT2_ERROR_P017 },
  { FORM_SOURCE_FNS, "a", PT2_ERROR_P017 },
  { FORM_SOURCE_FNS, "a,b;c,d,e", PT2_ERROR_P017 },
  { FORM_CUSTOM, "{\"a\": 1", PT2_ERROR_J001 },
  { FORM_CUSTOM, "{\"a\": 1, \"a\": 2}", PT2_ERROR_J012 },
  { FORM_FROM_NODE, "{}", PT2_ERROR_P017 },
  { FORM_FROM_NODE, "[1]", PT2_ERROR_P017 },
  { FORM_FROM_NODE, "[{\"name\": 1}]", PT2_ERROR_P017 },
  { FORM_FROM_NODE, "[{\"graph_id\": 1.5}]", PT2_ERROR_P017 },
  { FORM_FROM_NODE, "[{\"graph_id\": 18446744073709551616}]", PT2_ERROR_P017 },
  { FORM_FROM_NODE, "[{\"from_node\": \"\"}]", PT2_ERROR_P017 },
};

START_TEST (refuses)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Metadata) metadata = metadata_of (metadata_forms[unsound[_i].form].key, unsound[_i].text);
  fails (metadata_forms[unsound[_i].form].get (metadata, &error) != NULL, &error, unsound[_i].code);
  is_text (metadata, metadata_forms[unsound[_i].form].key, unsound[_i].text);
}
END_TEST

/* ---- what is in them ---- */

START_TEST (takes_apart)
{
  g_autoptr (Pt2Metadata) metadata
      = metadata_of ("nn_module_stack", "L__self__,,__main__.M;L__self___a_0,a.0,T[int, str]");
  const Pt2ModuleStack *stack = pt2_metadata_get_module_stack (metadata, NULL);
  ck_assert_uint_eq (stack->len, 2);
  ck_assert (text_is (stack->items[0].key, "L__self__") && text_is (stack->items[0].path, ""));
  ck_assert (text_is (stack->items[1].path, "a.0") && text_is (stack->items[1].type, "T[int, str]"));
  ck_assert (!stack->older);
  ck_assert_ptr_eq (pt2_metadata_get_module_stack (metadata, NULL), stack);

  g_autoptr (Pt2Metadata) traced
      = metadata_of ("stack_trace", "head\n  File \"a.py\", line 3, in f\n    x = File \"y\", line 4\n");
  const Pt2StackTrace *trace = pt2_metadata_get_stack_trace (traced, NULL);
  ck_assert_uint_eq (trace->len, 1);
  ck_assert (text_is (trace->before, "head\n  ") && text_is (trace->items[0].file, "a.py"));
  ck_assert_int_eq (trace->items[0].line, 3);
  ck_assert (text_is (trace->items[0].function, "f"));
  ck_assert (text_is (trace->items[0].code, "\n    x = File \"y\", line 4\n"));
}
END_TEST

START_TEST (takes_apart_json)
{
  g_autoptr (Pt2Metadata) metadata = metadata_of (
      "from_node",
      "[null, {\"name\":\"\\u0061\", \"graph_id\": 7,\"from_node\": [{\"pass_name\": \"p\"}], \"x\":[ 1]}]");
  const Pt2Provenance *sources = pt2_metadata_get_from_node (metadata, NULL);
  ck_assert_uint_eq (sources->len, 1);
  ck_assert (text_is (sources->items[0].name, "a") && sources->items[0].graph_id == 7);
  ck_assert_ptr_null (sources->items[0].target.data);
  ck_assert (text_is (sources->items[0].more, "\"x\": [ 1]"));
  ck_assert_uint_eq (sources->items[0].len, 1);
  ck_assert (text_is (sources->items[0].items[0].pass_name, "p") && sources->items[0].items[0].graph_id == -1);

  g_autoptr (Pt2Metadata) noted = metadata_of ("custom", "{\"a\": {\"b\": 1}, \"c\": \"d\"}");
  const Pt2CustomNotes *notes = pt2_metadata_get_custom (noted, NULL);
  ck_assert_uint_eq (notes->len, 2);
  ck_assert (text_is (notes->items[0].key, "a") && text_is (notes->items[0].json, "{\"b\": 1}"));
  ck_assert_ptr_null (notes->other.data);
}
END_TEST

/* ---- changes ---- */

/* A spelling that PyTorch does not have stays if nothing is changed, and goes with the first change. */
START_TEST (keeps_spelling)
{
  static const char odd[] = "[{\"target\":\"t\",\"name\":\"\\u0061\"}]";
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Metadata) metadata = metadata_of ("from_node", odd);
  const Pt2Provenance *sources = pt2_metadata_get_from_node (metadata, &error);
  ck_assert (pt2_metadata_set_from_node (metadata, sources, &error));
  is_text (metadata, "from_node", odd);
  Pt2NodeSource item = sources->items[0];
  item.action = TEXT ("replace");
  ck_assert (pt2_metadata_set_from_node (metadata, &(Pt2Provenance){ &item, 1, FALSE }, &error));
  is_text (metadata, "from_node",
           "[{\"name\": \"a\", \"target\": \"t\", \"graph_id\": -1, \"pass_name\": \"\", \"action\": \"replace\", "
           "\"from_node\": []}]");
  ck_assert (text_is (pt2_metadata_get_from_node (metadata, &error)->items[0].action, "replace"));
}
END_TEST

/* New keys come where PyTorch writes them; an empty list takes its key away. */
START_TEST (order_of_keys)
{
  static const char *const order[] = { "stack_trace", "nn_module_stack", "torch_fn", "custom", "from_node", "own" };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Metadata) metadata = metadata_of ("from_node", "null");
  const Pt2String names[] = { TEXT ("a_1"), TEXT ("f.a") };
  const Pt2ModuleFrame frame = { TEXT ("k"), TEXT ("p"), TEXT ("t") };
  const Pt2CustomNote note = { TEXT ("n"), TEXT ("{\"x\": 1}") };
  const Pt2SourceFrame line = { TEXT ("a.py"), TEXT ("f"), TEXT ("\n    x\n"), 12 };
  ck_assert (pt2_metadata_set_text (metadata, "own", TEXT ("mine"), &error));
  ck_assert (pt2_metadata_set_torch_fn (metadata, &(Pt2StringList){ (Pt2String *)names, 2 }, &error));
  ck_assert (pt2_metadata_set_custom (metadata, &(Pt2CustomNotes){ &note, 1, { NULL, 0 } }, &error));
  ck_assert (pt2_metadata_set_stack_trace (metadata, &(Pt2StackTrace){ &line, 1, TEXT ("  ") }, &error));
  ck_assert (pt2_metadata_set_module_stack (metadata, &(Pt2ModuleStack){ &frame, 1, FALSE }, &error));
  const Pt2StringToStringMap *map = pt2_metadata_get_map (metadata);
  ck_assert_uint_eq (map->len, G_N_ELEMENTS (order));
  for (unsigned i = 0; i < G_N_ELEMENTS (order); i++)
    ck_assert_msg (text_is (map->entries[i].key, order[i]), "%u", i);
  is_text (metadata, "stack_trace", "  File \"a.py\", line 12, in f\n    x\n");
  is_text (metadata, "nn_module_stack", "k,p,t");
  is_text (metadata, "torch_fn", "a_1;f.a");
  is_text (metadata, "custom", "{\"n\": {\"x\": 1}}");
  ck_assert (pt2_metadata_set_custom (metadata, &(Pt2CustomNotes){ NULL, 0, { NULL, 0 } }, &error));
  ck_assert (pt2_metadata_set_module_stack (metadata, NULL, &error));
  ck_assert (pt2_metadata_set_text (metadata, "own", (Pt2String){ NULL, 0 }, &error));
  ck_assert_uint_eq (map->len, 3);
  ck_assert_uint_eq (pt2_metadata_get_module_stack (metadata, &error)->len, 0);
}
END_TEST

/* What would be read as something else is not written, and changes nothing. */
START_TEST (refuses_to_write)
{
  static const Pt2ModuleFrame frames[] = { { TEXT ("a,b"), TEXT ("p"), TEXT ("t") },
                                           { TEXT ("a"), TEXT ("p;q"), TEXT ("t") },
                                           { TEXT ("a"), TEXT ("p("), TEXT ("t") },
                                           { TEXT ("a"), TEXT ("\xff"), TEXT ("t") } };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Metadata) metadata = metadata_of ("nn_module_stack", "k,p,t");
  for (unsigned i = 0; i < G_N_ELEMENTS (frames); i++)
    fails (pt2_metadata_set_module_stack (metadata, &(Pt2ModuleStack){ &frames[i], 1, FALSE }, &error), &error,
           PT2_ERROR_P018);
  const Pt2String name = TEXT ("a;b"), none = TEXT ("");
  const Pt2SourceFn function = { TEXT ("a"), TEXT ("b,c") };
  const Pt2SourceFrame frame = { TEXT ("a\n"), TEXT ("f"), TEXT (""), 1 },
                       line = { TEXT ("a"), TEXT ("f"), TEXT (""), -1 };
  const Pt2CustomNote note = { TEXT ("a"), TEXT ("1, \"b\": 2") }, bad = { TEXT ("\xff"), TEXT ("1") };
  const Pt2NodeSource source = { .more = TEXT ("1") };
  const Pt2String *names[] = { &name, &none };
  for (unsigned i = 0; i < 2; i++)
    fails (pt2_metadata_set_torch_fn (metadata, &(Pt2StringList){ (Pt2String *)names[i], 1 }, &error), &error,
           PT2_ERROR_P018);
  fails (pt2_metadata_set_source_fns (metadata, &(Pt2SourceFnStack){ &function, 1 }, &error), &error, PT2_ERROR_P018);
  fails (pt2_metadata_set_stack_trace (metadata, &(Pt2StackTrace){ &frame, 1, { NULL, 0 } }, &error), &error,
         PT2_ERROR_P018);
  fails (pt2_metadata_set_stack_trace (metadata, &(Pt2StackTrace){ &line, 1, { NULL, 0 } }, &error), &error,
         PT2_ERROR_P018);
  fails (pt2_metadata_set_custom (metadata, &(Pt2CustomNotes){ &note, 1, { NULL, 0 } }, &error), &error,
         PT2_ERROR_P018);
  fails (pt2_metadata_set_custom (metadata, &(Pt2CustomNotes){ &bad, 1, { NULL, 0 } }, &error), &error, PT2_ERROR_P018);
  fails (pt2_metadata_set_from_node (metadata, &(Pt2Provenance){ &source, 1, FALSE }, &error), &error, PT2_ERROR_P018);
  fails (pt2_metadata_set_text (metadata, "x", TEXT ("\xff"), &error), &error, PT2_ERROR_P018);
  ck_assert_uint_eq (pt2_metadata_get_map (metadata)->len, 1);
  is_text (metadata, "nn_module_stack", "k,p,t");
}
END_TEST

/* Sources in each other without end: refused, not followed. */
START_TEST (endless)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Metadata) metadata = pt2_metadata_new (NULL, NULL, &error);
  Pt2NodeSource source = { .name = TEXT ("a"), .len = 1 };
  source.items = &source;
  fails (pt2_metadata_set_from_node (metadata, &(Pt2Provenance){ &source, 1, FALSE }, &error), &error, PT2_ERROR_P018);
  GString *deep = g_string_new (NULL);
  for (int i = 0; i < 3000; i++)
    g_string_append (deep, "[{\"from_node\": ");
  g_autoptr (Pt2Metadata) nested = metadata_of ("from_node", deep->str);
  fails (pt2_metadata_get_from_node (nested, &error) != NULL, &error, PT2_ERROR_L002);
  g_string_free (deep, TRUE);
}
END_TEST

/* A line is looked through once, however many frames it seems to begin: else this takes minutes. */
START_TEST (one_line)
{
  const char *const parts[] = { "File \"a\", line 1", " File \"", "File \"a\", line 1\t" };
  GString *long_line = g_string_new (NULL);
  while (long_line->len < 16 << 20)
    g_string_append (long_line, parts[_i]);
  g_autoptr (Pt2Metadata) metadata = metadata_of ("stack_trace", long_line->str);
  const Pt2StackTrace *trace = pt2_metadata_get_stack_trace (metadata, NULL);
  ck_assert_uint_eq (trace->len, 0);
  ck_assert_uint_eq (trace->before.len, long_line->len);
  g_string_free (long_line, TRUE);
}
END_TEST

START_TEST (memory)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 4096;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Metadata) metadata = pt2_metadata_new (NULL, &limits, &error);
  g_autofree char *many = g_strnfill (4000, ';');
  fails (pt2_metadata_set_text (metadata, "torch_fn", (Pt2String){ many, 4000 }, &error)
             && pt2_metadata_get_torch_fn (metadata, &error) != NULL,
         &error, PT2_ERROR_L003);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { corpus, 1 },           { prints, G_N_ELEMENTS (sound) },
                             { takes_apart, 1 },      { refuses, G_N_ELEMENTS (unsound) },
                             { takes_apart_json, 1 }, { keeps_spelling, 1 },
                             { order_of_keys, 1 },    { refuses_to_write, 1 },
                             { endless, 1 },          { memory, 1 },
                             { one_line, 3 } };
  return RUN_SUITE ("metadata", cases);
}
