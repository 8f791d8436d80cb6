// OpenSSL 3, with functions for what its headers have as macros, and the callbacks that only speak to OpenSSL.
#ifndef COPENSSL_H
#define COPENSSL_H

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// Sets what every context of ours has: no compression, no renegotiation, moving and partial writes, released buffers.
void copenssl_prepare(SSL_CTX *context, int minimum_version);

/// Reads as much as the kernel has with one system call.
void copenssl_read_ahead(SSL_CTX *context);

/// Lets the kernel encrypt where it can.
void copenssl_allow_ktls(SSL_CTX *context);

/// Whether the kernel encrypts what this connection sends.
int copenssl_sends_with_ktls(SSL *connection);

typedef int (*copenssl_server_name_callback)(SSL *connection, int *alert, void *argument);
void copenssl_on_server_name(SSL_CTX *context, copenssl_server_name_callback callback, void *argument);

/// The keys that session tickets are encrypted with (RFC 5077, RFC 8446 section 4.6.1), shared by any number of contexts.
typedef struct copenssl_tickets copenssl_tickets;

/// NULL without memory or randomness. A key encrypts for `lifetime` seconds and decrypts for as long again.
copenssl_tickets *copenssl_tickets_create(unsigned lifetime);
void copenssl_tickets_destroy(copenssl_tickets *tickets);

/// Has a context use the keys, which must outlive it.
void copenssl_tickets_use(copenssl_tickets *tickets, SSL_CTX *context);

/// The number of subject alternative names of a certificate.
int copenssl_name_count(X509 *certificate);

/// Copies one of them to `bytes` and returns its kind: GEN_DNS, GEN_URI, GEN_EMAIL, or -1 for any other and for one that
/// is longer than `capacity`.
int copenssl_name(X509 *certificate, int index, unsigned char *bytes, int capacity, int *count);

/// The certificate's subject as RFC 2253 writes it, to be freed with copenssl_free; NULL without memory.
char *copenssl_subject(X509 *certificate);
void copenssl_free(void *memory);

#endif
