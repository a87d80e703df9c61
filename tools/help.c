/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"
#include "options.h"
#include "show.h"
#include <string.h>

static const char about[]
    = "pt2 opens, shows and converts PyTorch exported programs (torch.export, .pt2) without PyTorch.\n"
      "Nothing in a file is executed: no pickle is loaded, no native code, no Python.\n"
      "\n"
      "FILE may be `-` for standard input. What a file is decides its content, never its name: an\n"
      "archive of PyTorch 2.1 to 2.15, a program as PyTorch's JSON, or as Thrift compact, compressed\n"
      "with zstd or not. Options may stand anywhere; `--` ends them.\n"
      "\n"
      "The exit status is 0 if all is fine, 1 for a finding or a difference, 2 for trouble. Data goes to\n"
      "standard output, messages to standard error, an error in one line:\n"
      "  pt2: FILE: WHERE: ID: message\n";

static const char about_examples[] = "$ pt2 info model.pt2\n"
                                     "$ pt2 ops --json model.pt2 | jq .\n"
                                     "$ pt2 convert model.pt2 model.thrift.zst\n"
                                     "$ pt2 convert model.thrift.zst - --to=json | head -c 200\n"
                                     "$ pt2 help convert\n";

static char *
option_words (const Option *option)
{
  GString *words = g_string_new (NULL);
  if (option->letter != '\0')
    g_string_append_printf (words, "-%c, ", option->letter);
  g_string_append_printf (words, "--%s", option->name);
  if (option->value != NULL)
    g_string_append_printf (words, "=%s", option->value);
  return g_string_free (words, FALSE);
}

static void
print_options (const char *heading, const Option *options)
{
  static const Column columns[] = { { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN } };
  Table table;
  if (options == NULL)
    return;
  putchar ('\n');
  print_heading (heading);
  table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
  for (; options->name != NULL; options++)
    {
      table_take (&table, option_words (options));
      table_text (&table, options->meaning, -1);
    }
  table_print (&table);
}

static void
print_verbs (FILE *out)
{
  for (guint i = 0; verbs[i] != NULL; i++)
    fprintf (out, "  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
}

static void
print_examples (const char *examples)
{
  g_auto (GStrv) lines = g_strsplit (examples, "\n", -1);
  putchar ('\n');
  print_heading ("Examples");
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    printf ("  %s\n", lines[i]);
}

static void
print_own_options (FILE *out, const Option *options)
{
  int width = 16;
  for (const Option *o = options; o != NULL && o->name != NULL; o++)
    {
      g_autofree char *words = option_words (o);
      width = MAX (width, (int)g_utf8_strlen (words, -1));
    }
  for (const Option *o = options; o != NULL && o->name != NULL; o++)
    {
      g_autofree char *words = option_words (o);
      fprintf (out, "  %s%*s %s\n", words, width - (int)g_utf8_strlen (words, -1), "", o->meaning);
    }
}

void
print_usage (FILE *out, const Verb *verb)
{
  if (verb == NULL)
    {
      fprintf (out, "Usage: pt2 VERB [options] FILE…\n\n");
      print_verbs (out);
      fprintf (out, "\n`pt2 help` says all, `pt2 VERB --help` all about a verb.\n");
      return;
    }
  fprintf (out, "Usage: pt2 %s [options]%s%s\n  %s\n", verb->name, verb->operands[0] != '\0' ? " " : "", verb->operands,
           verb->summary);
  print_own_options (out, verb->options);
}

void
print_help (const Verb *verb)
{
  if (verb != NULL)
    {
      print_usage (stdout, verb);
      printf ("\n%s", verb->help);
      print_options ("Options for all verbs", common_options);
      print_examples (verb->examples);
      return;
    }
  printf ("Usage: pt2 VERB [options] FILE…\n\n%s\n", about);
  print_heading ("Verbs");
  print_verbs (stdout);
  print_options ("Options for all verbs", common_options);
  print_examples (about_examples);
}

void
print_version (void)
{
  printf ("pt2 %s\n", PT2_VERSION);
}
