/* SPDX-License-Identifier: Apache-2.0 */
/* `pt2 expr --batch`: a question a line, an answer a line, each sent off at once. */
#pragma once

#include "command.h"

/* Until the end of standard input; STATUS_FINE. */
int expr_batch (void);
