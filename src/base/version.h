/* base/version.h - the version. The Makefile reads these lines: it is written down nowhere else. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

/* Release, by semantic versioning: MAJOR.MINOR.PATCH. */
#define IFT_VERSION_MAJOR 0
#define IFT_VERSION_MINOR 1
#define IFT_VERSION_PATCH 0

/* Number of the binary interface, the N of libift.so.N; raised only when old programs stop working. */
#define IFT_ABI 1

#endif
