// SPDX-License-Identifier: Apache-2.0
// Every construct that an IDL may have, for the tests of the generator and of the codecs. Means nothing.

typedef i64 Ticks
typedef list<Ticks> TickList
typedef Leaf Foliage

enum Colour {
  RED = 1
  /** The one with a name of torch's. */
  GREEN = 5 (torch = "green")
  BLUE = -3 (since = "8.7")
  _last = 2147483647
}

enum Turned {
  NONE = 0
  LEFT = 10
  RIGHT = 20
} (renumbered = "8.4", old_numbers = "10, 20, 0")

const i32 ANSWER = 42
const i64 FAR = -9000000000
const string GREETING = "hello"
const bool REALLY = true
const double HALF = 0.5
const Colour FAVOURITE = Colour.GREEN
const list<i32> NO_MACRO = [1, 2]

struct Leaf {
  1: string name
  2: optional i32 weight
}

/** Nothing in it: one byte on the wire. */
struct Empty {
}

/** Every scalar, required. */
struct Scalars {
  1: bool yes
  2: i8 tiny
  3: i16 small
  4: i32 medium
  5: i64 large
  6: double real
  7: string text
  8: binary blob
  9: Colour colour
  10: Ticks ticks
}

/** Every scalar, optional, and what a reader assumes in its place. */
struct Maybe {
  1: optional bool yes = true
  2: optional i8 tiny = -5
  3: optional i16 small
  4: optional i32 medium (default = "7")
  5: optional i64 large (json.null_key = "true")
  6: optional double real = 0.5
  7: optional string text = "a \"b\" \\ c"
  8: optional binary blob
  9: optional Colour colour = Colour.GREEN
  10: optional list<i32> numbers = [1, 2]
  11: optional map<string, i32> table = { "one": 1 }
  12: optional Leaf leaf
  13: optional Choice choice
  14: optional Turned turned
}

/** Small and large members, containers, itself, and a bool that only says that it was chosen. */
union Choice {
  1: bool unit (json.unit = "8.3")
  2: i64 number
  3: double real
  4: string text
  5: Colour colour
  6: Leaf leaf
  7: list<Choice> many
  20: Choice inner
  21: Tree tree
  40: Empty empty
  100: map<string, Choice> named
  101: i16 small
  102: i8 tiny
  103: binary blob
}

/** Recursive in every way that ends. */
struct Tree {
  1: Leaf leaf
  2: list<Tree> children
  3: optional Tree left
  4: map<string, Tree> named
  5: optional Choice choice
}

struct Containers {
  1: optional list<bool> bools
  2: optional list<i8> bytes
  3: optional list<i16> shorts
  4: optional list<i32> ints
  5: optional TickList longs
  6: optional list<double> reals
  7: optional list<string> texts
  8: optional list<binary> blobs
  9: optional list<Colour> colours
  10: optional list<Foliage> leaves
  11: optional list<Choice> choices
  12: optional list<Empty> empties
  13: optional list<list<i64>> nested
  14: optional list<map<string, list<Leaf>>> deep
  15: optional set<string> set_of_texts
  16: optional set<i32> set_of_ints
  17: optional map<string, i64> by_text
  18: optional map<i32, string> by_int
  19: optional map<i64, Leaf> by_long
  20: optional map<Colour, double> by_colour
  21: optional map<string, list<list<Choice>>> by_text_deep
  22: optional map<i16, bool> by_short
  23: optional map<i8, set<i64>> by_tiny
  24: optional map<binary, i32> by_blob
  25: optional map<bool, i32> by_bool
  26: optional map<double, i32> by_real
}

/** Ids out of order, with gaps that no short header spans, and the largest. */
struct Scattered {
  300: string last
  2: optional i32 second
  17: i64 far
  1: string first
  32766: optional bool largest
}

/** More fields than one word of presence bits. */
struct Wide {
  1: optional i32 f1
  2: optional i32 f2
  3: optional i32 f3
  4: optional i32 f4
  5: optional i32 f5
  6: optional i32 f6
  7: optional i32 f7
  8: optional i32 f8
  9: optional i32 f9
  10: optional i32 f10
  11: optional i32 f11
  12: optional i32 f12
  13: optional i32 f13
  14: optional i32 f14
  15: optional i32 f15
  16: optional i32 f16
  17: optional i32 f17
  18: optional i32 f18
  19: optional i32 f19
  20: optional i32 f20
  21: optional i32 f21
  22: optional i32 f22
  23: optional i32 f23
  24: optional i32 f24
  25: optional i32 f25
  26: optional i32 f26
  27: optional i32 f27
  28: optional i32 f28
  29: optional i32 f29
  30: optional i32 f30
  31: optional i32 f31
  32: optional i32 f32
  33: optional i32 f33
  34: i64 f34
}

struct Everything {
  1: Scalars scalars
  2: Maybe maybe
  3: Choice choice
  4: Tree tree
  5: Containers containers
  6: Scattered scattered
  7: Wide wide
  8: Empty empty
}
