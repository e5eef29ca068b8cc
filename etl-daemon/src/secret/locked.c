/*
 * locked.c - see locked.h.
 */
#include "secret/locked.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret/seal.h"

void *locked_new(size_t size, failure *f)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        (void)fail(f, EXIT_INTERNAL, "no memory for a secret");
        return NULL;
    }
    (void)madvise(memory, size, MADV_DONTDUMP);
    if (mlock(memory, size) == 0)
        return memory;
    (void)fail(f, EXIT_INTERNAL, "a secret can't be locked in memory; raise LimitMEMLOCK");
    (void)munmap(memory, size);
    return NULL;
}

void locked_free(void *memory, size_t size)
{
    if (!memory)
        return;
    wipe(memory, size);
    (void)munmap(memory, size);
}

bool locked_file_check(int fd, const char *path, size_t most, bool handed_over, failure *f)
{
    struct stat s;
    if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
        return fail(f, EXIT_CONFIG, "%s: is not a regular file", path);
    if (!handed_over && (s.st_uid != geteuid() || (s.st_mode & 0177) != 0))
        return fail(f, EXIT_CONFIG, "%s: others could read it; it must be yours, with mode 0600 or 0400",
                    path);
    return s.st_size <= (off_t)most || fail(f, EXIT_CONFIG, "%s: is longer than %zu bytes", path, most);
}
