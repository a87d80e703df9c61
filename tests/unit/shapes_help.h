/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of shape contracts share: contracts of the corpus and of small programs made here, and questions. */
#pragma once

#include "corpus.h"
#include "pt2-shapes.h"

/* ---- making and asking ---- */

static inline Pt2Shapes *
contract (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  Pt2Shapes *shapes = pt2_shapes_new (program, NULL, &error);
  ck_assert_msg (shapes != NULL, "%s", error != NULL ? error->message : "");
  return shapes;
}

static inline Pt2Shapes *
corpus_contract (const char *name)
{
  g_autoptr (Pt2Program) program = corpus_program (name);
  return contract (program);
}

/* "x=4,8 y=3" as shapes. */
typedef struct
{
  Pt2GivenShape shapes[8];
  gint64 sizes[8][8];
  char **words;
  guint n;
} Given;

static inline void
give (Given *given, const char *text)
{
  given->words = g_strsplit (text, " ", -1);
  given->n = 0;
  for (guint i = 0; given->words[i] != NULL && given->words[i][0] != '\0'; i++)
    {
      char *sizes = strchr (given->words[i], '='), *p = sizes + 1;
      Pt2GivenShape *shape = &given->shapes[given->n];
      *sizes = '\0';
      *shape = (Pt2GivenShape){ given->words[i], given->sizes[given->n], 0 };
      for (; *p != '\0'; p += *p == ',')
        given->sizes[given->n][shape->n++] = g_ascii_strtoll (p, &p, 10);
      given->n++;
    }
}

static inline Pt2ShapesAnswer *
ask (const Pt2Shapes *shapes, const char *text)
{
  Given given;
  g_autoptr (GError) error = NULL;
  give (&given, text);
  Pt2ShapesAnswer *answer = pt2_shapes_solve (shapes, given.shapes, given.n, NULL, 0, &error);
  ck_assert_msg (answer != NULL, "%s: %s", text, error != NULL ? error->message : "");
  g_strfreev (given.words);
  return answer;
}

static inline void
must_be (const Pt2ExprValue *value, gint64 wanted)
{
  ck_assert_int_eq (value->kind, PT2_EXPR_INTEGER);
  ck_assert_int_eq (value->integer, wanted);
}

static inline gboolean
is_text (Pt2String text, const char *wanted)
{
  return text.data != NULL && text.len == strlen (wanted) && memcmp (text.data, wanted, text.len) == 0;
}

#define MUST_READ(text, wanted)                                                                                        \
  ck_assert_msg (is_text (text, wanted), "%.*s, not %s", (int)(text).len, (text).data, wanted)

/* ---- programs made here ---- */

/* SIZES: of the inputs a, b, c …: "2*s0,3;s1" is two of them. An input of `#s0` is an integer. */
static inline Pt2Shapes *
made (const char *sizes, const char *ranges, const char *guards)
{
  g_autoptr (GString) tensors = g_string_new (""), integers = g_string_new (""), specs = g_string_new ("");
  g_autoptr (GString) args = g_string_new (""), leaves = g_string_new (""), names = g_string_new ("");
  g_auto (GStrv) inputs = g_strsplit (sizes, ";", -1);
  for (guint i = 0; inputs[i] != NULL; i++)
    {
      gboolean integer = inputs[i][0] == '#';
      g_auto (GStrv) dims = g_strsplit (inputs[i] + integer, ",", -1);
      g_autoptr (GString) list = g_string_new ("");
      for (guint d = 0; dims[d] != NULL && dims[d][0] != '\0'; d++)
        {
          gboolean number = strspn (dims[d], "0123456789") == strlen (dims[d]);
          g_string_append_printf (list, number ? "%s{\"as_int\":%s}" : "%s{\"as_expr\":{\"expr_str\":\"%s\"}}",
                                  d > 0 ? "," : "", dims[d]);
        }
      if (integer)
        g_string_append_printf (integers, "%s\"%c\":%s", integers->len > 0 ? "," : "", 'a' + i, list->str);
      else
        g_string_append_printf (tensors,
                                "%s\"%c\":{\"dtype\":7,\"sizes\":[%s],\"requires_grad\":false,\"device\":{\"type\":"
                                "\"cpu\"},\"strides\":[],\"storage_offset\":{\"as_int\":0},\"layout\":7}",
                                tensors->len > 0 ? "," : "", 'a' + i, list->str);
      g_autofree char *arg = g_strdup_printf (
          integer ? "{\"as_sym_int\":{\"as_name\":\"%c\"}}" : "{\"as_tensor\":{\"name\":\"%c\"}}", 'a' + i);
      const char *comma = i > 0 ? "," : "";
      g_string_append_printf (args, "%s%s", comma, arg);
      g_string_append_printf (specs, "%s{\"user_input\":{\"arg\":%s}}", comma, arg);
      g_string_append_printf (names, "%s\"%c\"", comma, 'a' + i);
      g_string_append_printf (leaves, "%s{\\\"type\\\":null,\\\"context\\\":null,\\\"children_spec\\\":[]}", comma);
    }
  g_autofree char *text = g_strdup_printf (
      "{\"graph_module\":{\"graph\":{\"inputs\":[%s],\"outputs\":[],\"nodes\":[],\"tensor_values\":{%s},"
      "\"sym_int_values\":{%s},\"sym_bool_values\":{}},\"signature\":{\"input_specs\":[%s],\"output_specs\":[]},"
      "\"module_call_graph\":[{\"fqn\":\"\",\"signature\":{\"inputs\":[],\"outputs\":[],\"in_spec\":\"[1,{\\\"type\\\":"
      "\\\"builtins.tuple\\\",\\\"context\\\":\\\"null\\\",\\\"children_spec\\\":[{\\\"type\\\":\\\"builtins.tuple\\\","
      "\\\"context\\\":\\\"null\\\",\\\"children_spec\\\":[%s]}]}]\",\"out_spec\":\"\",\"forward_arg_names\":[%s]}}]},"
      "\"opset_version\":{},\"range_constraints\":{%s},\"schema_version\":{\"major\":8,\"minor\":20},"
      "\"guards_code\":[%s]}",
      args->str, tensors->str, integers->str, specs->str, leaves->str, names->str, ranges, guards);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return contract (program);
}
