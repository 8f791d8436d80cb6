#include "COpenSSL.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

void copenssl_prepare(SSL_CTX *context, int minimum_version) {
    SSL_CTX_set_min_proto_version(context, minimum_version);
    SSL_CTX_set_options(
        context,
        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
            SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    // One ticket is what a client that comes back once needs; each costs a key derivation and an encryption.
    SSL_CTX_set_num_tickets(context, 1);
}

void copenssl_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }

void copenssl_allow_ktls(SSL_CTX *context) { SSL_CTX_set_options(context, SSL_OP_ENABLE_KTLS); }

int copenssl_sends_with_ktls(SSL *connection) { return BIO_get_ktls_send(SSL_get_wbio(connection)); }

void copenssl_on_server_name(SSL_CTX *context, copenssl_server_name_callback callback, void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

struct ticket_key {
    unsigned char name[16];
    unsigned char encryption[32];
    unsigned char authentication[32];
};

struct copenssl_tickets {
    pthread_mutex_t lock;
    // Fetched once: a look-up in the provider for each ticket costs more than the encryption.
    EVP_CIPHER *cipher;
    struct ticket_key current;
    struct ticket_key previous;
    time_t made;
    unsigned lifetime;
};

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

copenssl_tickets *copenssl_tickets_create(unsigned lifetime) {
    copenssl_tickets *tickets = OPENSSL_zalloc(sizeof *tickets);
    if (tickets == NULL) return NULL;
    if (RAND_bytes((unsigned char *)&tickets->current, sizeof tickets->current) != 1 ||
        RAND_bytes((unsigned char *)&tickets->previous, sizeof tickets->previous) != 1) {
        OPENSSL_free(tickets);
        return NULL;
    }
    tickets->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    if (tickets->cipher == NULL) {
        OPENSSL_free(tickets);
        return NULL;
    }
    pthread_mutex_init(&tickets->lock, NULL);
    tickets->made = now();
    tickets->lifetime = lifetime;
    return tickets;
}

void copenssl_tickets_destroy(copenssl_tickets *tickets) {
    pthread_mutex_destroy(&tickets->lock);
    EVP_CIPHER_free(tickets->cipher);
    OPENSSL_clear_free(tickets, sizeof *tickets);
}

/// Copies out the key for a new ticket, or the one named `name`. Returns 0 when there is no such key, 2 when the ticket
/// should be replaced by one with the current key.
static int find_key(copenssl_tickets *tickets, const unsigned char *name, struct ticket_key *found) {
    int result = 1;
    pthread_mutex_lock(&tickets->lock);
    if (now() - tickets->made >= (time_t)tickets->lifetime) {
        struct ticket_key fresh;
        if (RAND_bytes((unsigned char *)&fresh, sizeof fresh) == 1) {
            // Twice as long ago, and the current one has had its second life already.
            if (now() - tickets->made >= 2 * (time_t)tickets->lifetime) {
                if (RAND_bytes((unsigned char *)&tickets->previous, sizeof tickets->previous) != 1) result = 0;
            } else {
                tickets->previous = tickets->current;
            }
            tickets->current = fresh;
            tickets->made = now();
        }
        OPENSSL_cleanse(&fresh, sizeof fresh);
    }
    if (name == NULL || CRYPTO_memcmp(name, tickets->current.name, sizeof tickets->current.name) == 0) {
        *found = tickets->current;
    } else if (CRYPTO_memcmp(name, tickets->previous.name, sizeof tickets->previous.name) == 0) {
        *found = tickets->previous;
        result = result == 1 ? 2 : 0;
    } else {
        result = 0;
    }
    pthread_mutex_unlock(&tickets->lock);
    return result;
}

static int ticket_callback(
    SSL *connection, unsigned char *name, unsigned char *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypts) {
    // A connection that switched to another certificate still takes tickets from the context it began with.
    copenssl_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection));
    if (tickets == NULL) return -1;
    struct ticket_key key;
    int result = find_key(tickets, encrypts ? NULL : name, &key);
    if (result == 0) return 0;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.authentication, sizeof key.authentication),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "sha256", 0),
        OSSL_PARAM_construct_end(),
    };
    int is_ready = EVP_MAC_CTX_set_params(mac, parameters);
    if (encrypts) {
        is_ready = is_ready && RAND_bytes(vector, EVP_MAX_IV_LENGTH) == 1 &&
                   EVP_EncryptInit_ex(cipher, tickets->cipher, NULL, key.encryption, vector);
        memcpy(name, key.name, sizeof key.name);
    } else {
        is_ready = is_ready && EVP_DecryptInit_ex(cipher, tickets->cipher, NULL, key.encryption, vector);
    }
    OPENSSL_cleanse(&key, sizeof key);
    return is_ready ? result : -1;
}

void copenssl_tickets_use(copenssl_tickets *tickets, SSL_CTX *context) {
    SSL_CTX_set_app_data(context, tickets);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket_callback);
}

static GENERAL_NAMES *names(X509 *certificate) {
    return X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

int copenssl_name_count(X509 *certificate) {
    GENERAL_NAMES *all = names(certificate);
    int count = all == NULL ? 0 : sk_GENERAL_NAME_num(all);
    GENERAL_NAMES_free(all);
    return count;
}

int copenssl_name(X509 *certificate, int index, unsigned char *bytes, int capacity, int *count) {
    GENERAL_NAMES *all = names(certificate);
    int kind = -1;
    *count = 0;
    if (all != NULL && index < sk_GENERAL_NAME_num(all)) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(all, index);
        if (name->type == GEN_DNS || name->type == GEN_URI || name->type == GEN_EMAIL) {
            // The three kinds share their representation.
            int length = ASN1_STRING_length(name->d.ia5);
            if (length <= capacity) {
                memcpy(bytes, ASN1_STRING_get0_data(name->d.ia5), (size_t)length);
                *count = length;
                kind = name->type;
            }
        }
    }
    GENERAL_NAMES_free(all);
    return kind;
}

char *copenssl_subject(X509 *certificate) {
    BIO *memory = BIO_new(BIO_s_mem());
    if (memory == NULL) return NULL;
    char *subject = NULL;
    if (X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        char *bytes;
        long count = BIO_get_mem_data(memory, &bytes);
        subject = OPENSSL_strndup(bytes, (size_t)count);
    }
    BIO_free(memory);
    return subject;
}

void copenssl_free(void *memory) { OPENSSL_free(memory); }
