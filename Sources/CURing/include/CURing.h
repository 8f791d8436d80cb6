// Many sends with one system call, through io_uring. What liburing has as inline functions Swift cannot import.
#ifndef CURING_H
#define CURING_H

#include <stddef.h>
#include <stdint.h>

typedef struct curing_ring curing_ring;

/// A ring for batches of at most `entries` sends; NULL with errno set where the kernel has or allows no io_uring.
curing_ring *curing_create(unsigned entries);

void curing_destroy(curing_ring *ring);

/// Sends the same bytes on `count` sockets (at most the ring's entries), each as `send` with
/// MSG_DONTWAIT | MSG_NOSIGNAL would, and returns when all have been tried. `results[i]` is what `send` on `sockets[i]`
/// would have returned, or the negative errno. Returns 0, or the negative errno when the kernel did not take all of it:
/// the results of the others are -EAGAIN, and the ring must be destroyed, because it still holds them.
int curing_send_to_all(
    curing_ring *ring, const int32_t *sockets, unsigned count, const void *bytes, size_t length, int32_t *results);

#endif
