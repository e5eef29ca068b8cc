# Flags shared by the daemon, the simulator and the unit tests; ROOT is the project's root.
CC       ?= gcc
WARNINGS := -std=c11 -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror
P11_KIT  ?= /usr/include/p11-kit-1
CPPFLAGS += -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -isystem $(P11_KIT)
CFLAGS   += -O2 -g -fPIE -fstack-protector-strong -pthread -MMD -MP $(WARNINGS)
LDFLAGS  += -pie -Wl,-z,relro,-z,now -pthread
