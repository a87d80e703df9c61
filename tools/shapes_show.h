/* SPDX-License-Identifier: Apache-2.0 */
/* What `pt2 shapes` prints of a program's shape contract. */
#pragma once

#include "command.h"

/* ANSWER NULL: the contract alone. */
void shapes_json (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer);
void shapes_text (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer);
