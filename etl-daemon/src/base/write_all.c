/* write_all.c - see write_all.h. */
#include "base/write_all.h"

#include <errno.h>
#include <unistd.h>

bool write_all(int fd, span text)
{
    while (text.n > 0) {
        ssize_t done = write(fd, text.p, text.n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        text = (span){text.p + done, text.n - (size_t)done};
    }
    return true;
}
