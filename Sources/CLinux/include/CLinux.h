// What `import Glibc` leaves out: the epoll family, accept4 and a thread-local slot.
// _GNU_SOURCE is defined in the .c file only; in a header that Swift imports it clashes with the Glibc module.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t data);
int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t data);
int clinux_epoll_remove(int epoll, int fd);
int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int timeout_ms);

/// A non-blocking, close-on-exec eventfd with the count 0.
int clinux_eventfd(void);

/// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC.
int clinux_accept(int fd, struct sockaddr *address, socklen_t *length);

/// socket with SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC.
int clinux_stream_socket(int family);

/// recv and send without flags but MSG_NOSIGNAL: bytes moved, or -errno. Not points of cancellation, which cost in each
/// call what a short message costs altogether.
ssize_t clinux_receive(int fd, void *buffer, size_t size);
ssize_t clinux_send(int fd, const void *bytes, size_t size);

/// sendmsg without flags but MSG_NOSIGNAL: bytes moved, or -errno.
ssize_t clinux_send_pieces(int fd, struct iovec *pieces, size_t count);

int clinux_set_thread_name(const char *name);

/// One pointer for each thread, NULL at first.
void clinux_set_thread_local(void *value);
void *clinux_get_thread_local(void);

/// The processors this thread may run on; 1 where the kernel does not say.
int clinux_usable_processors(void);

/// Gives memory that is not in use back to the system. Takes milliseconds for each hundred MiB.
void clinux_release_memory(void);

#endif
