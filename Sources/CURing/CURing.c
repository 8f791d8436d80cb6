#include "CURing.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>

struct curing_ring {
    struct io_uring ring;
};

curing_ring *curing_create(unsigned entries) {
    curing_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL) return NULL;
    struct io_uring_params params = {.flags = IORING_SETUP_CLAMP};
    int code = io_uring_queue_init_params(entries, &ring->ring, &params);
    if (code < 0) {
        free(ring);
        errno = -code;
        return NULL;
    }
    if (params.sq_entries < entries) {
        curing_destroy(ring);
        errno = ENOMEM;
        return NULL;
    }
    // Saves the kernel a look-up for each batch; a kernel that cannot is as good.
    io_uring_register_ring_fd(&ring->ring);
    return ring;
}

void curing_destroy(curing_ring *ring) {
    io_uring_queue_exit(&ring->ring);
    free(ring);
}

int curing_send_to_all(
    curing_ring *ring, const int32_t *sockets, unsigned count, const void *bytes, size_t length, int32_t *results) {
    for (unsigned index = 0; index < count; index++) {
        results[index] = -EAGAIN;
        struct io_uring_sqe *entry = io_uring_get_sqe(&ring->ring);
        // Cannot be: the ring was empty and is as large as the batch.
        if (entry == NULL) return -EINVAL;
        io_uring_prep_send(entry, sockets[index], bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        io_uring_sqe_set_data64(entry, index);
    }
    unsigned submitted = 0;
    unsigned completed = 0;
    int failure = 0;
    while (completed < count) {
        int code = io_uring_submit_and_wait(&ring->ring, 1);
        if (code >= 0) {
            submitted += (unsigned)code;
        } else if (code != -EINTR) {
            failure = code;
        }
        struct io_uring_cqe *done;
        unsigned head;
        unsigned seen = 0;
        io_uring_for_each_cqe(&ring->ring, head, done) {
            results[io_uring_cqe_get_data64(done)] = done->res;
            seen++;
        }
        io_uring_cq_advance(&ring->ring, seen);
        completed += seen;
        // The kernel must have let go of the bytes before the caller does.
        if (failure != 0 && completed >= submitted) return failure;
    }
    return failure;
}
