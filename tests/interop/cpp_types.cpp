/* SPDX-License-Identifier: Apache-2.0 */
/* What the thrift compiler wrote for C++, as a unit of its own: like a user builds it. */
#include "export_schema_types.cpp"
