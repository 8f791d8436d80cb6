// libpq, with the character constants that Swift cannot import as macros.
#include <libpq-fe.h>
