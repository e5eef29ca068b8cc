/*
 * write_all.h - all of a text onto a descriptor, whatever pieces the kernel takes it in.
 */
#ifndef ETL_BASE_WRITE_ALL_H
#define ETL_BASE_WRITE_ALL_H

#include "base/span.h"

/* False with errno set; what was written until then stays. */
MUST_CHECK bool write_all(int fd, span text);

#endif
