// hiredis 0.14, of which we use what needs no socket: the reader of replies and the writer of commands.
#include <hiredis/hiredis.h>
