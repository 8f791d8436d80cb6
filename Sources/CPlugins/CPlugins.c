#include "CPlugins.h"

/* The linker defines these two for every section whose name could be a C identifier; for none when it is not there. */
extern const cplugins_record __start_signalbox_plugins[] __attribute__((weak, visibility("hidden")));
extern const cplugins_record __stop_signalbox_plugins[] __attribute__((weak, visibility("hidden")));

const cplugins_record *cplugins_records(void) { return __start_signalbox_plugins; }

size_t cplugins_count(void) { return (size_t)(__stop_signalbox_plugins - __start_signalbox_plugins); }
