/*
 * pkcs11_module.c - see pkcs11_module.h. p11-kit loads; unmanaged, since it is in nobody else's use in this process and
 * p11-kit's own layer would need memory that is both written and run, which the service unit forbids.
 */
#include "secret/pkcs11_module.h"

#include <errno.h>
#include <p11-kit/p11-kit.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

bool pkcs11_failed(const pkcs11_module *m, const char *what, CK_RV rv, failure *f)
{
    return fail(f, EXIT_KEYS, "PKCS#11 module %s: %s: %s (0x%lx)", m->path, what, p11_kit_strerror(rv), rv);
}

/* By its name among the modules that p11-kit is configured with; they are loaded for that, none is initialised. */
static bool find_by_name(const char *name, char out[MODULE_PATH], failure *f)
{
    CK_FUNCTION_LIST **all = p11_kit_modules_load(NULL, 0);
    CK_FUNCTION_LIST *named = all ? p11_kit_module_for_name(all, name) : NULL;
    char *path = named ? p11_kit_module_get_filename(named) : NULL;
    bool good = path && strlen(path) < MODULE_PATH;
    if (good)
        (void)snprintf(out, MODULE_PATH, "%s", path);
    free(path);
    if (all)
        p11_kit_modules_release(all);
    return good || fail(f, EXIT_KEYS,
                        "PKCS#11 module %.60s: p11-kit knows none of that name; install its file NAME.module "
                        "(/usr/share/p11-kit/modules), or give module-path",
                        name);
}

static bool check_file(const char *path, failure *f)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return fail(f, EXIT_KEYS, "PKCS#11 module %s: %s; install it, or mend module-path", path,
                    strerror(errno));
    if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022) != 0)
        return fail(
            f, EXIT_KEYS,
            "PKCS#11 module %s: others can change it; accepted: a regular file of root or the calling "
            "user that nobody else can write",
            path);
    return true;
}

bool pkcs11_module_load(const pkcs11_uri *uri, pkcs11_module *out, failure *f)
{
    *out = (pkcs11_module){.call = NULL};
    if (uri->module_path && strlen(uri->module_path) < MODULE_PATH)
        (void)snprintf(out->path, MODULE_PATH, "%s", uri->module_path);
    else if (uri->module_path)
        return fail(f, EXIT_KEYS, "PKCS#11 module %.60s...: its name is too long", uri->module_path);
    else if (!find_by_name(uri->module_name, out->path, f))
        return false;
    if (!check_file(out->path, f))
        return false;
    out->call = p11_kit_module_load(out->path, P11_KIT_MODULE_UNMANAGED | P11_KIT_MODULE_CRITICAL);
    if (!out->call) {
        const char *why = p11_kit_message();
        return fail(f, EXIT_KEYS, "PKCS#11 module %s: cannot be loaded: %.150s", out->path,
                    why ? why : "it is no PKCS#11 module");
    }
    CK_RV rv = p11_kit_module_initialize(out->call);
    out->initialised = rv == CKR_OK;
    return out->initialised ||
           pkcs11_failed(out, "cannot be initialised; is its own configuration readable by this user?", rv,
                         f);
}

/* SoftHSM and others write to syslog, whose descriptor would stay. */
void pkcs11_module_release(pkcs11_module *m)
{
    if (m->initialised)
        (void)p11_kit_module_finalize(m->call);
    if (m->call)
        p11_kit_module_release(m->call);
    if (m->initialised)
        closelog();
    *m = (pkcs11_module){.call = NULL};
}
