/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes of two graphs belong together.
 *
 * Two ways: by the names that nodes make, or by structure, from what stands once in both graphs. Either is completed
 * from neighbours: a node belongs to the one that does the same with the same operands, that makes the same operand of
 * a matched user, or that stands at the same place between matched nodes. The way that leaves fewer differences is
 * taken. All of it is linear but for sorting. */
#include "diff_private.h"
#include <string.h>

enum
{
  MOST_CANDIDATES = 32, /* users of one value that are looked at for one node */
  COST_LONELY = 8,
  COST_SHAPE = 4,
  COST_USE = 4,
  COST_MOVED = 2,
  COST_NAME = 1,
};

/* Users of each name: a place among the uses, and the node that it belongs to. */
typedef struct
{
  uint32_t *start; /* by name */
  uint32_t *node, *slot;
} Users;

typedef struct
{
  Pt2Diff *diff;
  Pt2DiffSide *old, *new;
  Pt2DiffNames *names;
  Pt2TextIds *shapes;
  Pt2Arena *arena;
  Pt2Align align;
  Users users[2];
} Matcher;

static uint32_t *
new_array (Matcher *m, size_t n)
{
  uint32_t *array = pt2_arena_alloc (m->arena, (n + 1) * sizeof *array);
  if (array == NULL)
    pt2_diff_no_memory (m->diff);
  return array;
}

static bool
find_users (Matcher *m, const Pt2DiffSide *side, Users *users)
{
  uint32_t n_uses = side->use_start[side->n + 1], n_names = m->names->n;
  *users = (Users){ new_array (m, (size_t)n_names + 1), new_array (m, n_uses), new_array (m, n_uses) };
  if (m->diff->failed)
    return false;
  memset (users->start, 0, ((size_t)n_names + 2) * sizeof (uint32_t));
  for (uint32_t k = 0; k < n_uses; k++)
    users->start[side->uses[k] + 2]++;
  for (uint32_t name = 0; name < n_names; name++)
    users->start[name + 2] += users->start[name + 1];
  for (uint32_t i = 0; i <= side->n; i++)
    for (uint32_t k = side->use_start[i]; k < side->use_start[i + 1]; k++)
      {
        uint32_t at = users->start[side->uses[k] + 1]++;
        users->node[at] = i;
        users->slot[at] = k - side->use_start[i];
      }
  return true;
}

/* ---- pairs ---- */

static uint32_t
n_uses (const Pt2DiffSide *side, uint32_t i)
{
  return side->use_start[i + 1] - side->use_start[i];
}

static uint32_t
n_makes (const Pt2DiffSide *side, uint32_t i)
{
  return side->make_start[i + 1] - side->make_start[i];
}

static void
learn_names (Matcher *m, uint32_t i, uint32_t j)
{
  uint32_t n = MIN (n_makes (m->old, i), n_makes (m->new, j));
  for (uint32_t k = 0; k < n; k++)
    pt2_diff_names_pair (m->names, m->old->makes[m->old->make_start[i] + k], m->new->makes[m->new->make_start[j] + k]);
}

static void
pair_nodes (Matcher *m, uint32_t i, uint32_t j)
{
  m->old->partner[i] = j;
  m->new->partner[j] = i;
  learn_names (m, i, j);
}

static bool
are_free (const Matcher *m, uint32_t i, uint32_t j)
{
  return i < m->old->n && j < m->new->n && m->old->partner[i] == PT2_UNPAIRED && m->new->partner[j] == PT2_UNPAIRED;
}

typedef struct
{
  uint32_t same, different, unknown;
} Agreement;

/* How the operands of two nodes fit what is paired. */
static Agreement
compare_uses (const Matcher *m, uint32_t i, uint32_t j)
{
  Agreement found = { 0, 0, 0 };
  uint32_t n = MIN (n_uses (m->old, i), n_uses (m->new, j));
  for (uint32_t k = 0; k < n; k++)
    {
      uint32_t x = m->old->uses[m->old->use_start[i] + k], y = m->new->uses[m->new->use_start[j] + k];
      bool x_known = m->names->new_of[x] != PT2_TEXT_ID_NONE, y_known = m->names->old_of[y] != PT2_TEXT_ID_NONE;
      if (x_known && m->names->new_of[x] == y)
        found.same++;
      else if (x_known || y_known)
        found.different++;
      else if (x == y && m->old->maker[x] == PT2_UNPAIRED && m->new->maker[y] == PT2_UNPAIRED)
        found.same++;
      else
        found.unknown++;
    }
  found.different += MAX (n_uses (m->old, i), n_uses (m->new, j)) - n;
  return found;
}

/* ---- passes ---- */

/* By the first name that a node makes. */
static void
match_by_names (Matcher *m)
{
  for (uint32_t i = 0; i < m->old->n; i++)
    {
      uint32_t name = n_makes (m->old, i) > 0 ? m->old->makes[m->old->make_start[i]] : PT2_TEXT_ID_NONE;
      uint32_t j = name < m->names->n ? m->new->maker[name] : PT2_UNPAIRED;
      if (j < m->new->n && are_free (m, i, j) && m->new->makes[m->new->make_start[j]] == name)
        pair_nodes (m, i, j);
    }
}

/* Shapes with the inputs that they use: what parameters a node takes is rarely said twice. */
static uint32_t *
anchors (Matcher *m, const Pt2DiffSide *side, const uint32_t *canonical)
{
  uint32_t *anchor = new_array (m, side->n);
  Pt2Buffer text = PT2_BUFFER_INIT;
  for (uint32_t i = 0; i < side->n && !m->diff->failed; i++)
    {
      uint32_t n = n_uses (side, i);
      text.next = text.data;
      if (!pt2_buffer_room (&text, ((size_t)n + 1) * sizeof (uint32_t) + 8))
        pt2_diff_no_memory (m->diff);
      else
        pt2_buffer_put (&text, &side->shape[i], sizeof (uint32_t));
      for (uint32_t k = 0; k < n && !m->diff->failed; k++)
        {
          uint32_t name = side->uses[side->use_start[i] + k];
          uint32_t known = canonical != NULL                            ? canonical[name]
                           : m->names->new_of[name] != PT2_TEXT_ID_NONE ? name
                                                                        : PT2_TEXT_ID_NONE;
          pt2_buffer_put (&text, &known, sizeof known);
        }
      if (!m->diff->failed)
        anchor[i] = pt2_text_ids_add (m->shapes, (Pt2String){ text.data, (uint32_t)pt2_buffer_len (&text) });
      if (!m->diff->failed && anchor[i] == PT2_TEXT_ID_NONE)
        pt2_diff_no_memory (m->diff);
    }
  pt2_buffer_clear (&text);
  return anchor;
}

static void
learn_all_names (Matcher *m)
{
  for (uint32_t i = 0; i < m->old->n; i++)
    if (m->old->partner[i] != PT2_UNPAIRED)
      learn_names (m, i, m->old->partner[i]);
}

/* A node that does the same with the same operands. */
static void
match_forward (Matcher *m)
{
  for (uint32_t i = 0; i < m->old->n; i++)
    {
      uint32_t best = PT2_TEXT_ID_NONE, slot = 0, fewest = UINT32_MAX;
      for (uint32_t k = 0; k < n_uses (m->old, i) && m->old->partner[i] == PT2_UNPAIRED; k++)
        {
          uint32_t y = m->names->new_of[m->old->uses[m->old->use_start[i] + k]];
          uint32_t count = y < m->names->n ? m->users[1].start[y + 1] - m->users[1].start[y] : UINT32_MAX;
          if (count < fewest)
            {
              fewest = count;
              best = y;
              slot = k;
            }
        }
      if (best == PT2_TEXT_ID_NONE)
        continue;
      const Users *users = &m->users[1];
      for (uint32_t u = users->start[best]; u < users->start[best + 1] && u - users->start[best] < MOST_CANDIDATES; u++)
        {
          uint32_t j = users->node[u];
          if (users->slot[u] != slot || !are_free (m, i, j) || m->old->shape[i] != m->new->shape[j]
              || compare_uses (m, i, j).different > 0)
            continue;
          pair_nodes (m, i, j);
          break;
        }
    }
}

/* The node of the new graph that makes operand SLOT of V; PT2_UNPAIRED if none does. */
static uint32_t
maker_of_operand (const Matcher *m, uint32_t v, uint32_t slot)
{
  if (v == PT2_UNPAIRED || slot >= n_uses (m->new, v))
    return PT2_UNPAIRED;
  return m->new->maker[m->new->uses[m->new->use_start[v] + slot]];
}

/* May two nodes that stand at the same place be one that was changed? */
static bool
is_plausible (const Matcher *m, uint32_t i, uint32_t j)
{
  Agreement uses = compare_uses (m, i, j);
  if (m->old->target[i] == m->new->target[j])
    return uses.different == 0 || uses.same > 0;
  return uses.different == 0 && uses.same > 0;
}

/* A node that makes the same operand of a matched user. */
static void
match_backward (Matcher *m)
{
  for (uint32_t i = m->old->n; i-- > 0;)
    for (uint32_t k = m->old->make_start[i]; k < m->old->make_start[i + 1]; k++)
      {
        const Users *users = &m->users[0];
        uint32_t first = users->start[m->old->makes[k]], end = users->start[m->old->makes[k] + 1];
        for (uint32_t u = first; u < end && u - first < MOST_CANDIDATES && m->old->partner[i] == PT2_UNPAIRED; u++)
          {
            uint32_t j = maker_of_operand (m, m->old->partner[users->node[u]], users->slot[u]);
            if (are_free (m, i, j) && is_plausible (m, i, j))
              pair_nodes (m, i, j);
          }
      }
}

/* Nodes BEGIN … END of the old graph and those of the new one, all free: pairs by KEYS what is plausible. */
static void
match_run (Matcher *m, const uint32_t *keys[2], uint32_t old_begin, uint32_t old_end, uint32_t new_begin,
           uint32_t new_end)
{
  if (old_begin >= old_end || new_begin >= new_end)
    return;
  pt2_align_ranges (&m->align, (Pt2AlignRange){ keys[0], m->old->partner, old_begin, old_end },
                    (Pt2AlignRange){ keys[1], m->new->partner, new_begin, new_end });
  for (uint32_t i = old_begin; i < old_end; i++)
    {
      uint32_t j = m->old->partner[i];
      if (j == PT2_UNPAIRED)
        continue;
      m->old->partner[i] = m->new->partner[j] = PT2_UNPAIRED;
      if (is_plausible (m, i, j))
        pair_nodes (m, i, j);
    }
}

static uint32_t
run_end (const Pt2DiffSide *side, uint32_t i)
{
  while (i < side->n && side->partner[i] == PT2_UNPAIRED)
    i++;
  return i;
}

static uint32_t
run_begin (const Pt2DiffSide *side, uint32_t end)
{
  while (end > 0 && side->partner[end - 1] == PT2_UNPAIRED)
    end--;
  return end;
}

/* What stands right behind, then right before, nodes that are paired. */
static void
match_gaps (Matcher *m, const uint32_t *old_keys, const uint32_t *new_keys)
{
  const uint32_t *keys[2] = { old_keys, new_keys };
  match_run (m, keys, 0, run_end (m->old, 0), 0, run_end (m->new, 0));
  for (uint32_t i = 0; i < m->old->n; i++)
    {
      uint32_t j = m->old->partner[i];
      if (j != PT2_UNPAIRED && i + 1 < m->old->n && m->old->partner[i + 1] == PT2_UNPAIRED)
        match_run (m, keys, i + 1, run_end (m->old, i + 1), j + 1, run_end (m->new, j + 1));
    }
  for (uint32_t i = m->old->n + 1; i-- > 0;)
    {
      uint32_t j = i < m->old->n ? m->old->partner[i] : m->new->n;
      if (j != PT2_UNPAIRED && i > 0 && m->old->partner[i - 1] == PT2_UNPAIRED)
        match_run (m, keys, run_begin (m->old, i), i, run_begin (m->new, j), j);
    }
}

static void
complete (Matcher *m)
{
  match_forward (m);
  match_gaps (m, m->old->shape, m->new->shape);
  match_backward (m);
  match_gaps (m, m->old->target, m->new->target);
  match_forward (m);
}

/* ---- the better way ---- */

static uint64_t
cost (Matcher *m, bool *in_order)
{
  uint64_t sum = 0;
  for (uint32_t j = 0; j < m->new->n; j++)
    sum += m->new->partner[j] == PT2_UNPAIRED ? COST_LONELY : 0;
  pt2_align_longest_run (&m->align, m->old->partner, m->old->n, in_order);
  for (uint32_t i = 0; i < m->old->n; i++)
    {
      uint32_t j = m->old->partner[i];
      if (j == PT2_UNPAIRED)
        {
          sum += COST_LONELY;
          continue;
        }
      Agreement uses = compare_uses (m, i, j);
      bool renamed = n_makes (m->old, i) > 0 && n_makes (m->new, j) > 0
                     && m->old->makes[m->old->make_start[i]] != m->new->makes[m->new->make_start[j]];
      sum += (uint64_t)COST_USE * (uses.different + uses.unknown)
             + (m->old->shape[i] != m->new->shape[j] ? COST_SHAPE : 0) + (in_order[i] ? 0 : COST_MOVED)
             + (renamed ? COST_NAME : 0);
    }
  return sum;
}

/* What a way has found, to be taken back or put in place again. */
typedef struct
{
  uint32_t *old_partner, *new_partner, *new_of, *old_of;
} Found;

static void
copy_found (const Matcher *m, Found to, Found from)
{
  memcpy (to.old_partner, from.old_partner, ((size_t)m->old->n + 1) * sizeof (uint32_t));
  memcpy (to.new_partner, from.new_partner, ((size_t)m->new->n + 1) * sizeof (uint32_t));
  memcpy (to.new_of, from.new_of, m->names->n * sizeof (uint32_t));
  memcpy (to.old_of, from.old_of, m->names->n * sizeof (uint32_t));
}

static Found
new_found (Matcher *m)
{
  return (Found){ new_array (m, m->old->n), new_array (m, m->new->n), new_array (m, m->names->n),
                  new_array (m, m->names->n) };
}

static bool
match_by_structure (Matcher *m)
{
  uint32_t *old_anchor = anchors (m, m->old, NULL), *new_anchor = anchors (m, m->new, m->names->old_of);
  if (m->diff->failed || !pt2_align_init (&m->align, m->arena, m->shapes->n, MAX (m->old->n, m->new->n)))
    return pt2_diff_no_memory (m->diff);
  pt2_align_ranges (&m->align, (Pt2AlignRange){ old_anchor, m->old->partner, 0, m->old->n },
                    (Pt2AlignRange){ new_anchor, m->new->partner, 0, m->new->n });
  learn_all_names (m);
  complete (m);
  return true;
}

bool
pt2_diff_match (Pt2Diff *diff, Pt2DiffSide sides[2], Pt2DiffNames *names, Pt2TextIds *shapes, Pt2Arena *arena)
{
  Matcher m = { diff, &sides[0], &sides[1], names, shapes, arena, { 0 }, { { 0 } } };
  uint32_t longest = MAX (sides[0].n, sides[1].n);
  bool *in_order = (bool *)new_array (&m, longest / sizeof (uint32_t) + 1);
  Found at_first = new_found (&m), by_names = new_found (&m);
  Found now = { sides[0].partner, sides[1].partner, names->new_of, names->old_of };
  if (diff->failed || !find_users (&m, &sides[0], &m.users[0]) || !find_users (&m, &sides[1], &m.users[1])
      || !pt2_align_init (&m.align, arena, shapes->n, longest))
    return pt2_diff_no_memory (diff);
  sides[0].partner[sides[0].n] = sides[1].n;
  sides[1].partner[sides[1].n] = sides[0].n;
  copy_found (&m, at_first, now);
  match_by_names (&m);
  complete (&m);
  uint64_t cost_by_names = cost (&m, in_order);
  if (cost_by_names == 0)
    return true;
  copy_found (&m, by_names, now);
  copy_found (&m, now, at_first);
  if (!match_by_structure (&m))
    return false;
  if (cost (&m, in_order) >= cost_by_names)
    copy_found (&m, now, by_names);
  return true;
}
