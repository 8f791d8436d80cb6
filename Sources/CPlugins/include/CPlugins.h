/* Where the linker put the records of plugins. Its symbols for that are weak, which Swift has no word for. */
#ifndef CPLUGINS_H
#define CPLUGINS_H

#include <stddef.h>

/* Writes the metatype of a plugin to the place it is given. */
typedef void (*cplugins_record)(void *_Nonnull place);

/* The records of all plugins that this program is linked with, in the order of the linker; NULL when there are none. */
const cplugins_record _Nonnull *_Nullable cplugins_records(void);

/* How many there are. */
size_t cplugins_count(void);

#endif
