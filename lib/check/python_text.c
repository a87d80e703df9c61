/* SPDX-License-Identifier: Apache-2.0 */
#include "python_text.h"
#include <string.h>

static const char *const words[] = {
  "import",    "lambda", "exec",   "eval",   "open",       "compile", "getattr", "setattr",    "delattr",
  "globals",   "locals", "vars",   "input",  "breakpoint", "os",      "sys",     "subprocess", "builtins",
  "importlib", "socket", "pickle", "ctypes", "shutil",     "system",  "popen",
};

static const char *const modules[] = {
  "os",
  "posix",
  "nt",
  "subprocess",
  "sys",
  "importlib",
  "runpy",
  "shutil",
  "socket",
  "ctypes",
  "pickle",
  "_pickle",
  "marshal",
  "codeop",
  "pdb",
  "bdb",
  "pty",
  "commands",
  "webbrowser",
  "urllib",
  "http",
  "requests",
  "ftplib",
  "smtplib",
  "telnetlib",
  "pip",
  "timeit",
  "cProfile",
  "dill",
  "cloudpickle",
  "joblib",
  "torch.hub",
  "torch.utils.cpp_extension",
  "torch.package",
  "torch.utils.model_zoo",
};

static const char *const functions[] = {
  "builtins.eval",
  "builtins.exec",
  "builtins.compile",
  "builtins.open",
  "builtins.getattr",
  "builtins.setattr",
  "builtins.__import__",
  "builtins.input",
  "builtins.globals",
  "builtins.breakpoint",
  "builtins.delattr",
  "__builtin__.eval",
  "__builtin__.exec",
  "__builtin__.compile",
  "__builtin__.open",
  "__builtin__.getattr",
  "__builtin__.setattr",
  "__builtin__.__import__",
  "__builtin__.execfile",
  "__builtin__.file",
  "__builtin__.apply",
  "operator.attrgetter",
  "operator.methodcaller",
  "_operator.attrgetter",
  "_operator.methodcaller",
  "torch.load",
  "torch.jit.load",
  "torch.serialization.load",
  "torch.save",
  "torch.export.load",
  "torch.ops.load_library",
  "torch.classes.load_library",
  "numpy.load",
};

static bool
is_word_char (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static bool
equals (const char *data, size_t len, const char *other)
{
  return strlen (other) == len && memcmp (data, other, len) == 0;
}

static bool
is_bad_word (const char *data, size_t len)
{
  if (len > 2 && data[0] == '_' && data[1] == '_' && data[2] != '_')
    return true;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (equals (data, len, words[i]))
      return true;
  return false;
}

/* Text between quotes is data: names of inputs may be any word. */
static uint32_t
skip_quoted (Pt2String text, uint32_t from)
{
  uint32_t i = from + 1;
  while (i < text.len && text.data[i] != text.data[from])
    i += text.data[i] == '\\' ? 2 : 1;
  return MIN (i, text.len - 1) + 1;
}

static bool
is_assignment (Pt2String text, uint32_t at)
{
  char before = at > 0 ? text.data[at - 1] : ' ', after = at + 1 < text.len ? text.data[at + 1] : ' ';
  return text.data[at] == ';' || text.data[at] == '\n' || (text.data[at] == '=' && before == ':' && after != '=');
}

bool
python_text_is_dangerous (Pt2String text)
{
  for (uint32_t i = 0; i < text.len;)
    {
      uint32_t from = i;
      if (text.data[i] == '\'' || text.data[i] == '"')
        i = skip_quoted (text, i);
      else if (is_assignment (text, i))
        return true;
      else if (!is_word_char (text.data[i]))
        i++;
      else
        {
          while (i < text.len && is_word_char (text.data[i]))
            i++;
          if (is_bad_word (text.data + from, i - from))
            return true;
        }
    }
  return false;
}

bool
python_global_is_dangerous (const char *name, size_t len)
{
  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    if (equals (name, len, functions[i]))
      return true;
  for (gsize i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      size_t n = strlen (modules[i]);
      if (len > n && memcmp (name, modules[i], n) == 0 && name[n] == '.')
        return true;
    }
  return false;
}
