/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/buffer: what is put in comes out, whatever the steps; a size that cannot be changes nothing. */
#include "buffer.h"
#include "suite.h"

START_TEST (bytes_come_out)
{
  Pt2Buffer buffer = PT2_BUFFER_INIT;
  GByteArray *wanted = g_byte_array_new ();
  for (unsigned i = 0; i < 1000; i++)
    {
      guint8 piece[1000];
      memset (piece, (int)(i & 255), i);
      ck_assert (pt2_buffer_room (&buffer, i));
      pt2_buffer_put (&buffer, piece, i);
      g_byte_array_append (wanted, piece, i);
    }
  ck_assert_uint_eq (pt2_buffer_len (&buffer), wanted->len);
  g_autoptr (GBytes) found = pt2_buffer_to_bytes (&buffer);
  g_autoptr (GBytes) all = g_byte_array_free_to_bytes (wanted);
  ck_assert (g_bytes_equal (found, all));
  ck_assert_ptr_null (buffer.data);
}
END_TEST

/* Doubling or near it: a byte at a time costs few moves. */
START_TEST (growth_is_geometric)
{
  Pt2Buffer buffer = PT2_BUFFER_INIT;
  unsigned moves = 0;
  for (unsigned i = 0; i < 1 << 20; i++)
    {
      moves += buffer.next == buffer.end;
      if (!pt2_buffer_room (&buffer, 1))
        ck_abort_msg ("no room at %u", i);
      pt2_buffer_put (&buffer, "x", 1);
    }
  ck_assert_uint_le (moves, 20);
  pt2_buffer_clear (&buffer);
}
END_TEST

START_TEST (impossible_sizes)
{
  Pt2Buffer buffer = PT2_BUFFER_INIT;
  ck_assert (!pt2_buffer_room (&buffer, SIZE_MAX));
  ck_assert (pt2_buffer_room (&buffer, 5));
  pt2_buffer_put (&buffer, "abcde", 5);
  const Pt2Buffer before = buffer;
  static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 5, SIZE_MAX / 2, SIZE_MAX / 4 };
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      ck_assert (!pt2_buffer_room (&buffer, sizes[i]));
      ck_assert_int_eq (memcmp (&buffer, &before, sizeof buffer), 0);
    }
  pt2_buffer_clear (&buffer);
}
END_TEST

START_TEST (empty_buffer)
{
  Pt2Buffer buffer = PT2_BUFFER_INIT;
  ck_assert (pt2_buffer_room (&buffer, 0));
  ck_assert_uint_eq (pt2_buffer_len (&buffer), 0);
  g_autoptr (GBytes) bytes = pt2_buffer_to_bytes (&buffer);
  ck_assert_uint_eq (g_bytes_get_size (bytes), 0);
  pt2_buffer_clear (&buffer);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { bytes_come_out, 1 },
    { growth_is_geometric, 1 },
    { impossible_sizes, 1 },
    { empty_buffer, 1 },
  };
  return RUN_SUITE ("buffer", cases);
}
