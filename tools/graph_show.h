/* SPDX-License-Identifier: Apache-2.0 */
/* Ways in which the `graph` verb shows a program's graph. */
#pragma once

#include "command.h"

/* PyTorch's own code of the root and every subgraph; FALSE with an error if memory ran out. */
gboolean graph_python (Pt2FxModule *module, const Pt2Ops *ops, GError **error);
