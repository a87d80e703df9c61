/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include "nearest.h"
#include "report.h"
#include "show.h"
#include <string.h>

Settings settings;

static gboolean
set_limit (const char *value, GError **error)
{
  const char *equals = strchr (value, '=');
  g_autofree char *key = equals != NULL ? g_strndup (value, (gsize)(equals - value)) : g_strdup (value);
  return pt2_limits_set (&settings.limits, key, equals != NULL ? equals + 1 : "", error);
}

const Option common_options[] = {
  { "json", 0, OPTION_FLAG, { .flag = &settings.json }, NULL, "one JSON document; errors too are JSON" },
  { "model", 0, OPTION_TEXT, { .text = &settings.model }, "NAME", "which program of an archive that holds several" },
  { "limit", 0, OPTION_CALL, { .call = set_limit }, "KEY=VALUE", "change a limit; `pt2 limits` prints them" },
  { "force", 'f', OPTION_FLAG, { .flag = &settings.force }, NULL, "overwrite; write binary data to a terminal" },
  { "quiet", 'q', OPTION_FLAG, { .flag = &settings.quiet }, NULL, "no notes and warnings, errors only" },
  { "verbose", 'v', OPTION_FLAG, { .flag = &settings.verbose }, NULL, "say what is done" },
  { "color", 0, OPTION_CALL, { .call = set_color }, "WHEN", "auto, always or never; NO_COLOR is heeded" },
  { "no-progress", 0, OPTION_FLAG, { .flag = &settings.no_progress }, NULL, "show no progress" },
  { "help", 0, OPTION_FLAG, { .flag = &settings.help }, NULL, "the whole help, with examples; -h is short" },
  { "version", 0, OPTION_FLAG, { .flag = &settings.version }, NULL, "the version" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

/* Stands for -h, which has no long form of its own. */
static const Option usage_option = { "h", 'h', OPTION_FLAG, { .flag = &settings.usage }, NULL, NULL };

/* ---- finding options ---- */

static gboolean
option_is (const Option *option, const char *name, gsize len)
{
  if (len == 1 && option->letter != '\0')
    return option->letter == name[0];
  return len > 1 && strlen (option->name) == len && memcmp (option->name, name, len) == 0;
}

static const Option *
find_in (const Option *options, const char *name, gsize len)
{
  for (; options != NULL && options->name != NULL; options++)
    if (option_is (options, name, len))
      return options;
  return NULL;
}

/* NAME has one letter for short options. WANTED's options go before those of other verbs, which may have some of the
 * same name; NULL: not known. *OWNER says whose it is. */
static const Option *
find_option (const char *name, gsize len, const Verb *wanted, const Verb **owner)
{
  *owner = NULL;
  if (len == 1 && name[0] == 'h')
    return &usage_option;
  const Option *option = find_in (common_options, name, len);
  if (option == NULL && wanted != NULL && (option = find_in (wanted->options, name, len)) != NULL)
    *owner = wanted;
  for (guint i = 0; option == NULL && verbs[i] != NULL; i++)
    {
      option = find_in (verbs[i]->options, name, len);
      *owner = verbs[i];
    }
  return option;
}

static void
fail_unknown (const char *word, const char *name, gsize len, GError **error)
{
  g_autofree char *shown = escaped (word, -1), *key = g_strndup (name, len);
  const char *best = NULL;
  guint distance = 0;
  for (const Option *o = common_options; o->name != NULL; o++)
    nearest_consider (key, o->name, &best, &distance);
  for (guint i = 0; verbs[i] != NULL; i++)
    for (const Option *o = verbs[i]->options; o != NULL && o->name != NULL; o++)
      nearest_consider (key, o->name, &best, &distance);
  if (best != NULL && len > 1)
    set_error (error, PT2_ERROR_U002, "no option %s; did you mean --%s?", shown, best);
  else
    set_error (error, PT2_ERROR_U002, "no option %s", shown);
}

/* ---- parsing ---- */

typedef struct
{
  char **words; /* what is left */
  char **end;
  const Verb *owner; /* of the first option that belongs to another verb */
  const char *owned; /* that option's name */
  const Verb *verb;  /* which there will be */
  CommandLine *line;
} Parse;

static gboolean
apply (Parse *parse, const Option *option, const Verb *owner, const char *value, GError **error)
{
  if (owner != NULL && owner != parse->verb && parse->owner == NULL)
    {
      parse->owner = owner;
      parse->owned = option->name;
    }
  if (option->kind == OPTION_CALL)
    return option->call (value, error);
  if (option->kind == OPTION_TEXT)
    *option->text = value;
  else
    *option->flag = TRUE;
  return TRUE;
}

/* VALUE is what stood behind `=`, NULL if there was none. */
static gboolean
take_option (Parse *parse, const Option *option, const Verb *owner, const char *value, GError **error)
{
  if (option->kind == OPTION_FLAG && value != NULL)
    {
      set_error (error, PT2_ERROR_U002, "--%s takes no value", option->name);
      return FALSE;
    }
  if (option->kind != OPTION_FLAG && value == NULL)
    {
      if (parse->words == parse->end)
        {
          set_error (error, PT2_ERROR_U002, "--%s needs a value: %s", option->name, option->value);
          return FALSE;
        }
      value = *parse->words++;
    }
  return apply (parse, option, owner, value, error);
}

static gboolean
take_long (Parse *parse, const char *word, GError **error)
{
  const char *name = word + 2, *equals = strchr (name, '=');
  gsize len = equals != NULL ? (gsize)(equals - name) : strlen (name);
  const Verb *owner;
  const Option *option = len > 1 ? find_option (name, len, parse->verb, &owner) : NULL;
  if (option == NULL)
    {
      fail_unknown (word, name, len, error);
      return FALSE;
    }
  return take_option (parse, option, owner, equals != NULL ? equals + 1 : NULL, error);
}

/* `-qf` is `-q -f`. */
static gboolean
take_short (Parse *parse, const char *word, GError **error)
{
  for (const char *letter = word + 1; *letter != '\0'; letter++)
    {
      const Verb *owner;
      const Option *option = find_option (letter, 1, parse->verb, &owner);
      if (option == NULL)
        {
          fail_unknown (word, letter, 1, error);
          return FALSE;
        }
      if (!take_option (parse, option, owner, NULL, error))
        return FALSE;
    }
  return TRUE;
}

void
fail_verb (const char *word, GError **error)
{
  g_autofree char *shown = escaped (word, -1);
  const char *best = NULL;
  guint distance = 0;
  for (guint i = 0; verbs[i] != NULL; i++)
    nearest_consider (word, verbs[i]->name, &best, &distance);
  if (best != NULL)
    set_error (error, PT2_ERROR_U001, "\"%s\"; did you mean `%s`?", shown, best);
  else
    set_error (error, PT2_ERROR_U001, "\"%s\"", shown);
}

/* The first operand is the verb. */
static gboolean
take_operand (Parse *parse, char *word, GError **error)
{
  CommandLine *line = parse->line;
  if (line->verb != NULL)
    {
      line->operands[line->n_operands++] = word;
      return TRUE;
    }
  line->verb = find_verb (word);
  if (line->verb == NULL)
    fail_verb (word, error);
  return line->verb != NULL;
}

static gboolean
take_word (Parse *parse, gboolean *options_end, GError **error)
{
  char *word = *parse->words++;
  if (*options_end || word[0] != '-' || word[1] == '\0')
    return take_operand (parse, word, error);
  if (word[1] != '-')
    return take_short (parse, word, error);
  *options_end = word[2] == '\0';
  return *options_end || take_long (parse, word, error);
}

static gboolean
check_operands (const Parse *parse, GError **error)
{
  const Verb *verb = parse->line->verb;
  int n = parse->line->n_operands;
  if (verb == NULL || settings.help || settings.usage || settings.version)
    return TRUE;
  if (parse->owner != NULL && parse->owner != verb)
    set_error (error, PT2_ERROR_U002, "`%s` takes no --%s, which belongs to `%s`", verb->name, parse->owned,
               parse->owner->name);
  else if (n < verb->least || n > verb->most)
    set_error (error, PT2_ERROR_U002, "`pt2 %s%s%s` was given %d operand%s", verb->name,
               verb->operands[0] != '\0' ? " " : "", verb->operands, n, n == 1 ? "" : "s");
  else
    return TRUE;
  return FALSE;
}

/* The verb may stand behind its options: the first word that is no option and no option's value. Verbs that have an
 * option of one name in common agree on whether it takes a value. */
static const Verb *
look_for_verb (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      const Verb *owner;
      const char *word = argv[i];
      if (strcmp (word, "--") == 0)
        return i + 1 < argc ? find_verb (argv[i + 1]) : NULL;
      if (word[0] != '-' || word[1] == '\0')
        return find_verb (word);
      const Option *option
          = word[1] == '-' && strlen (word) > 3 ? find_option (word + 2, strlen (word + 2), NULL, &owner) : NULL;
      if (option != NULL && option->kind != OPTION_FLAG)
        i++;
    }
  return NULL;
}

/* How errors are told must be known before the first one. */
static void
look_for_json (int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], "--json") == 0)
      settings.json = TRUE;
}

gboolean
parse_command_line (int argc, char **argv, CommandLine *line, GError **error)
{
  Parse parse = {
    .words = argv + MIN (1, argc),
    .end = argv + argc,
    .verb = look_for_verb (argc, argv),
    .line = line,
  };
  gboolean options_end = FALSE;
  *line = (CommandLine){ NULL, g_new0 (char *, (gsize)argc + 1), 0 };
  settings.limits = *pt2_limits_default ();
  settings.verb = parse.verb;
  look_for_json (argc, argv);
  while (parse.words < parse.end)
    if (!take_word (&parse, &options_end, error))
      return FALSE;
  return check_operands (&parse, error);
}
