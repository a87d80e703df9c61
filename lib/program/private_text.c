/* SPDX-License-Identifier: Apache-2.0 */
/* Finds what looks like a path, a user or a host, in one pass over any bytes. */
#include "pt2-strip.h"
#include <string.h>

typedef struct
{
  const char *start, *end;
  const char *done; /* up to here all is told */
  Pt2PrivateFunc func;
  gpointer data;
  bool stopped;
} Search;

const char *
pt2_private_kind_name (Pt2PrivateKind kind)
{
  static const char *const names[] = { "path", "user", "host" };
  return (guint)kind < G_N_ELEMENTS (names) ? names[kind] : NULL;
}

static void
tell (Search *search, Pt2PrivateKind kind, const char *from, const char *to)
{
  if (!search->stopped && to > from)
    search->stopped = !search->func (kind, (gsize)(from - search->start), (gsize)(to - from), search->data);
}

static bool
is_one_of (const Search *search, const char *p, const char *characters)
{
  return p < search->end && *p != '\0' && strchr (characters, *p) != NULL;
}

static bool
is_letter (const Search *search, const char *p)
{
  return p < search->end && g_ascii_isalpha (*p);
}

/* In a name of a file: what is not a separator, and not what texts put around or behind a path. */
static bool
is_name (const Search *search, const char *p)
{
  return p < search->end && (guchar)*p > ' ' && *p != 0x7f && !is_one_of (search, p, "/\\:;,|<>*?\"'()[]{}`");
}

static bool
is_host (const Search *search, const char *p)
{
  return p < search->end && (g_ascii_isalnum (*p) || *p == '-' || *p == '.');
}

/* May a path or address begin at P, or does it belong to a word before it? An escaped line feed is no word. */
static bool
is_start (const Search *search, const char *p)
{
  if (p == search->start)
    return true;
  char before = p[-1];
  if (p - search->start >= 2 && p[-2] == '\\' && (before == 'n' || before == 't'))
    return true;
  return !g_ascii_isalnum (before) && (guchar)before < 0x80 && strchr ("_.)]}/\\~<%+-@", before) == NULL;
}

static const char *
skip_name (const Search *search, const char *p)
{
  while (is_name (search, p))
    p++;
  return p;
}

/* The component behind /home/, /Users/ or \Users\ is who it belongs to. */
static void
tell_user (Search *search, const char *path, const char *end)
{
  static const char *const homes[] = { "home", "Users" };
  for (unsigned i = 0; i < G_N_ELEMENTS (homes); i++)
    for (const char *at = path; (at = g_strstr_len (at, end - at, homes[i])) != NULL;)
      {
        const char *behind = at + strlen (homes[i]);
        bool whole
            = at > path && is_one_of (search, at - 1, "/\\") && behind < end && is_one_of (search, behind, "/\\");
        at = behind;
        if (!whole)
          continue;
        while (behind < end && is_one_of (search, behind, "/\\"))
          behind++;
        tell (search, PT2_PRIVATE_USER, behind, skip_name (search, behind));
        return;
      }
}

static void
tell_path (Search *search, const char *from, const char *to)
{
  while (to > from && to[-1] == '.') /* the end of a sentence */
    to--;
  tell (search, PT2_PRIVATE_PATH, from, to);
  tell_user (search, from, to);
  search->done = to;
}

/* Names behind P, each after separators; *N counts them. */
static const char *
skip_names (const Search *search, const char *p, const char *separators, unsigned *n)
{
  for (*n = 0;; ++*n)
    {
      const char *name = p;
      while (is_one_of (search, name, separators))
        name++;
      const char *end = skip_name (search, name);
      if (name == p || end == name)
        return name == p ? p : MAX (p, name - 1);
      p = end;
    }
}

/* /a/b: one name alone is as often a fraction or a part of something. */
static void
look_at_slash (Search *search, const char *p)
{
  unsigned n;
  const char *end = skip_names (search, p, "/", &n);
  bool named = is_letter (search, p + 1) || is_one_of (search, p + 1, "._");
  if (n >= 2 && named && is_start (search, p))
    tell_path (search, p, end);
}

/* ~/a */
static void
look_at_tilde (Search *search, const char *p)
{
  unsigned n;
  if (!is_start (search, p) || !is_one_of (search, p + 1, "/"))
    return;
  const char *end = skip_names (search, p + 1, "/", &n);
  if (n >= 1 && is_letter (search, p + 2))
    tell_path (search, p, end);
}

/* C:\a, C:/a */
static void
look_at_drive (Search *search, const char *colon)
{
  unsigned n;
  if (colon == search->start || !g_ascii_isupper (colon[-1]) || !is_start (search, colon - 1))
    return;
  const char *end = skip_names (search, colon + 1, "/\\", &n);
  if (n >= 1 && end > colon + 3)
    tell_path (search, colon - 1, end);
}

/* scheme://host, file:///a/b */
static void
look_at_scheme (Search *search, const char *colon)
{
  const char *scheme = colon, *host = colon + 3;
  while (scheme > search->done && g_ascii_isalnum (scheme[-1]))
    scheme--;
  if (colon - scheme < 2 || !g_ascii_isalpha (*scheme))
    return;
  const char *end = host;
  while (is_host (search, end))
    end++;
  tell (search, PT2_PRIVATE_HOST, host, end);
  search->done = end;
  unsigned n;
  const char *path_end = skip_names (search, end, "/", &n);
  if (end == host && n >= 1)
    tell_path (search, end, path_end);
  else
    search->done = path_end;
}

/* user@host.domain */
static void
look_at_sign (Search *search, const char *at)
{
  const char *user = at, *end = at + 1;
  while (user > search->done && (g_ascii_isalnum (user[-1]) || is_one_of (search, user - 1, "._+-")))
    user--;
  while (is_host (search, end))
    end++;
  while (end > at + 1 && !g_ascii_isalnum (end[-1]))
    end--;
  const char *dot = end;
  while (dot > at + 1 && g_ascii_isalpha (dot[-1]))
    dot--;
  if (user == at || end - dot < 2 || dot < at + 3 || dot[-1] != '.')
    return;
  tell (search, PT2_PRIVATE_USER, user, at);
  tell (search, PT2_PRIVATE_HOST, at + 1, end);
  search->done = end;
}

/* File "a b.py", as traces have it: blanks belong to the name, and a relative one is one too. */
static void
look_at_file (Search *search, const char *p)
{
  const char *name = p + strlen ("File ");
  if (search->end - p < 8 || memcmp (p, "File ", 5) != 0 || !is_start (search, p))
    return;
  name += is_one_of (search, name, "\\");
  if (!is_one_of (search, name, "\""))
    return;
  const char *end = ++name;
  while (end < search->end && !is_one_of (search, end, "\"\n\r")
         && !(end[0] == '\\' && is_one_of (search, end + 1, "\"")))
    end++;
  if (end < search->end && end > name && *name != '<')
    tell_path (search, name, end);
}

gboolean
pt2_find_private (const char *text, gsize len, Pt2PrivateFunc func, gpointer data)
{
  Search search = { text, text + len, text, func, data, false };
  for (const char *p = text; p < search.end && !search.stopped; p = MAX (p + 1, search.done))
    switch (*p)
      {
      case '/':
        look_at_slash (&search, p);
        break;
      case '~':
        look_at_tilde (&search, p);
        break;
      case ':':
        if (search.end - p > 3 && p[1] == '/' && p[2] == '/')
          look_at_scheme (&search, p);
        else if (is_one_of (&search, p + 1, "/\\"))
          look_at_drive (&search, p);
        break;
      case '@':
        look_at_sign (&search, p);
        break;
      case 'F':
        look_at_file (&search, p);
        break;
      default:
        break;
      }
  return !search.stopped;
}
