/* SPDX-License-Identifier: Apache-2.0 */
/* What PyTorch would run or import, and what a file tells of the machine that it was made on. */
#include "check_private.h"
#include "python_text.h"
#include "text.h"

/* ---- pickles ---- */

typedef struct
{
  GString *text;
  guint n;
} Names;

static void
add_name (Names *names, const char *name, gsize len)
{
  if (names->n++ < 8)
    g_string_append_printf (names->text, "%s%s", names->text->len > 0 ? ", " : "",
                            shown ((Pt2String){ name, (uint32_t)MIN (len, 4096) }).text);
}

static char *
end_names (Names *names)
{
  if (names->n > 8)
    g_string_append_printf (names->text, " and %u more", names->n - 8);
  return g_string_free (names->text, FALSE);
}

static void
check_globals (Check *check, Pt2Pickle *pickle, const char *record)
{
  guint n;
  const Pt2PickleGlobal *const *globals = pt2_pickle_get_globals (pickle, &n);
  Names foreign = { g_string_new (NULL), 0 }, bad = { g_string_new (NULL), 0 };
  for (guint i = 0; i < n; i++)
    {
      if (python_global_is_dangerous (globals[i]->name, globals[i]->name_len))
        add_name (&bad, globals[i]->name, globals[i]->name_len);
      else if (!globals[i]->built)
        add_name (&foreign, globals[i]->name, globals[i]->name_len);
    }
  bool any_foreign = foreign.n > 0, any_bad = bad.n > 0;
  g_autofree char *foreign_names = end_names (&foreign), *bad_names = end_names (&bad);
  if (any_bad)
    check_add (check, CHECK_X103, record, "%s", bad_names);
  if (any_foreign)
    check_add (check, CHECK_X102, record, "%s", foreign_names);
  if (!any_foreign && !any_bad)
    check_add (check, CHECK_X101, record, "%u names, all on the allow-list", n);
}

typedef struct
{
  Check *check;
  Pt2Archive *archive;
} PickleWalk;

static gboolean
check_pickle (const Pt2Record *record, gpointer data)
{
  PickleWalk *walk = data;
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GError) fault = NULL, error = NULL;
  Shown name = shown_text (record->name);
  if (record->bytes == 0)
    return TRUE;
  g_autoptr (GBytes) bytes = pt2_archive_view (walk->archive, record, &status);
  g_autoptr (Pt2Pickle) pickle
      = bytes != NULL ? pt2_pickle_list (bytes, &walk->check->limits, NULL, NULL, &fault, &error) : NULL;
  if (bytes == NULL)
    check_add_status (walk->check, &status);
  const GError *told = error != NULL ? error : fault;
  if (told != NULL)
    check_add_error (walk->check, told, name.text);
  if (pickle != NULL)
    check_globals (walk->check, pickle, name.text);
  return TRUE;
}

static void
check_native_code (Check *check, Pt2Archive *archive)
{
  for (uint32_t i = 0; i < archive->zip.n_entries; i++)
    if (strcmp (archive->records[i].role, "native-code") == 0)
      check_add (check, CHECK_X104, shown_text (archive->records[i].name).text, "%s", "");
}

void
check_archive_security (Check *check, Pt2Archive *archive)
{
  g_autoptr (GError) error = NULL;
  PickleWalk walk = { check, archive };
  if (!pt2_archive_foreach_pickle (archive, check_pickle, &walk, &error))
    check_add_error (check, error, NULL);
  check_native_code (check, archive);
  check_add_checked (check, "security");
}

/* ---- places in texts ---- */

/* The folders that files of people and machines lie in. */
static const char *const folders[]
    = { "/home/", "/Users/", "/root/", "/mnt/",     "/data/",      "/opt/",     "/srv/",
        "/tmp/",  "/usr/",   "/var/",  "/private/", "/workspace/", "/Volumes/", "/data/users/" };

/* The first path with a folder of these in TEXT. */
static Pt2String
find_path (Pt2String text)
{
  const char *at = text.data, *end = text.data + text.len;
  while (at < end && (at = memchr (at, '/', (size_t)(end - at))) != NULL)
    {
      Pt2String rest = { at, (uint32_t)(end - at) };
      for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
        if (text_begins (rest, folders[i]))
          {
            uint32_t len = 0;
            while (len < rest.len && strchr ("\"' \t\n,;()<>", rest.data[len]) == NULL)
              len++;
            return (Pt2String){ at, len };
          }
      at++;
    }
  return (Pt2String){ NULL, 0 };
}

/* One is enough to say that there are some: `strip --find-paths` lists them. */
static bool
find_in_node (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2StringToStringMap *metadata = &graph->graph->nodes.items[number].metadata;
  for (uint32_t i = 0; i < metadata->len; i++)
    {
      Pt2String path = find_path (metadata->entries[i].value);
      if (path.data == NULL)
        continue;
      check_add (check, CHECK_X109,
                 place (graph, "nodes[%u].metadata[\"%s\"]", number, shown (metadata->entries[i].key).text).text,
                 "%s, and perhaps more", shown (path).text);
      return true;
    }
  return false;
}

void
check_program_security (Check *check)
{
  for (guint g = 0; check->graphs != NULL && g < check->graphs->len; g++)
    {
      const CheckGraph *graph = check->graphs->pdata[g];
      for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
        if (find_in_node (check, graph, i))
          return;
    }
}
