/* SPDX-License-Identifier: Apache-2.0 */
/* What the thrift compiler wrote for exchange.thrift, as one source. */
#include "Exchange.cpp"
#include "exchange_types.cpp"
