#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(epoll, operation, fd, &event);
}

int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t data) {
    return control(epoll, EPOLL_CTL_ADD, fd, events, data);
}

int clinux_epoll_modify(int epoll, int fd, uint32_t events, uint64_t data) {
    return control(epoll, EPOLL_CTL_MOD, fd, events, data);
}

int clinux_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int timeout_ms) {
    return epoll_wait(epoll, events, capacity, timeout_ms);
}

int clinux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int clinux_accept(int fd, struct sockaddr *address, socklen_t *length) {
    return accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// A sanitizer watches the library's functions, not the kernel's.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RECEIVE(fd, buffer, size) recv(fd, buffer, size, 0)
#define SEND(fd, bytes, size) send(fd, bytes, size, MSG_NOSIGNAL)
#else
#define RECEIVE(fd, buffer, size) syscall(SYS_recvfrom, fd, buffer, size, 0, NULL, NULL)
#define SEND(fd, bytes, size) syscall(SYS_sendto, fd, bytes, size, MSG_NOSIGNAL, NULL, 0)
#endif

ssize_t clinux_receive(int fd, void *buffer, size_t size) {
    ssize_t count = RECEIVE(fd, buffer, size);
    return count < 0 ? -errno : count;
}

ssize_t clinux_send(int fd, const void *bytes, size_t size) {
    ssize_t count = SEND(fd, bytes, size);
    return count < 0 ? -errno : count;
}

ssize_t clinux_send_pieces(int fd, struct iovec *pieces, size_t count) {
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

int clinux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

static _Thread_local void *thread_local_value;

void clinux_set_thread_local(void *value) { thread_local_value = value; }
void *clinux_get_thread_local(void) { return thread_local_value; }

int clinux_usable_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void clinux_release_memory(void) { malloc_trim(0); }
