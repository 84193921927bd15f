/* The innermost loop in C: what media/lanes.py says in Python, for whole tables of consumers, and sent at once.

   media/lanes.py is the specification; tests/media/test_express.py holds both against each other byte by byte. Nothing here decides:
   tables come packed from media/express.py, and what the kernel refuses is told, not handled. No Python and no OpenSSL headers are needed
   to compile it: it is loaded with ctypes, and libcrypto is found when it is opened.

   One thread at a time: the scratch space is shared. RFC 3550 5.1, RFC 8285, RFC 7714. */

#define _GNU_SOURCE
#include "express.h"

#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define EXPRESS_VERSION 3
#define MOST_BATCH 32
#define CTRL_GET_TAG 0x10 /* EVP_CTRL_AEAD_GET_TAG */
#define CTRL_SET_TAG 0x11

static void *(*ctx_new)(void);
static void (*ctx_free)(void *);
static const void *(*aes_128_gcm)(void);
static const void *(*aes_256_gcm)(void);
static int (*encrypt_init)(void *, const void *, void *, const uint8_t *, const uint8_t *);
static int (*encrypt_update)(void *, uint8_t *, int *, const uint8_t *, int);
static int (*encrypt_final)(void *, uint8_t *, int *);
static int (*decrypt_init)(void *, const void *, void *, const uint8_t *, const uint8_t *);
static int (*decrypt_update)(void *, uint8_t *, int *, const uint8_t *, int);
static int (*decrypt_final)(void *, uint8_t *, int *);
static int (*ctx_ctrl)(void *, int, int, void *);

static uint8_t scratch[MOST_LINES * MOST_DATAGRAM];

static int found(void *crypto, const char *name, void *function) {
    void *address = dlsym(crypto, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

/* → EXPRESS_VERSION; 0 where there is no libcrypto with what is needed. */
int express_open(const char *library) {
    void *crypto = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (crypto == NULL) return 0;
    return found(crypto, "EVP_CIPHER_CTX_new", &ctx_new) && found(crypto, "EVP_CIPHER_CTX_free", &ctx_free) &&
                   found(crypto, "EVP_aes_128_gcm", &aes_128_gcm) && found(crypto, "EVP_aes_256_gcm", &aes_256_gcm) &&
                   found(crypto, "EVP_EncryptInit_ex", &encrypt_init) && found(crypto, "EVP_EncryptUpdate", &encrypt_update) &&
                   found(crypto, "EVP_EncryptFinal_ex", &encrypt_final) && found(crypto, "EVP_DecryptInit_ex", &decrypt_init) &&
                   found(crypto, "EVP_DecryptUpdate", &decrypt_update) && found(crypto, "EVP_DecryptFinal_ex", &decrypt_final) &&
                   found(crypto, "EVP_CIPHER_CTX_ctrl", &ctx_ctrl)
               ? EXPRESS_VERSION
               : 0;
}

/* The key schedule of one receiver. → NULL when libcrypto refuses. */
void *express_cipher(const uint8_t *key, int length) {
    void *cipher = ctx_new();
    if (cipher != NULL && encrypt_init(cipher, length == 32 ? aes_256_gcm() : aes_128_gcm(), NULL, key, NULL) == 1) return cipher;
    if (cipher != NULL) ctx_free(cipher);
    return NULL;
}

/* The same of one sender, for opening. */
void *express_opener(const uint8_t *key, int length) {
    void *cipher = ctx_new();
    if (cipher != NULL && decrypt_init(cipher, length == 32 ? aes_256_gcm() : aes_128_gcm(), NULL, key, NULL) == 1) return cipher;
    if (cipher != NULL) ctx_free(cipher);
    return NULL;
}

void express_forget(void *cipher) { ctx_free(cipher); }

static void big(uint8_t *at, uint64_t value, int bytes) {
    for (int n = bytes - 1; n >= 0; n--, value >>= 8) at[n] = (uint8_t)value;
}

/* RFC 7714 8.1: SSRC and index, and the salt over them. */
static void make_nonce(uint8_t *nonce, const uint8_t *salt, uint32_t ssrc, uint64_t index) {
    nonce[0] = nonce[1] = 0;
    big(nonce + 2, ssrc, 4);
    big(nonce + 6, index, 6);
    for (int n = 0; n < 12; n++) nonce[n] ^= salt[n];
}

/* One SRTP packet with its payload from `offset` on. → whether it is authentic; `plain` gets the payload without the tag. */
int express_open_packet(void *cipher, const uint8_t *salt, uint32_t ssrc, uint64_t index, const uint8_t *packet, int offset, int length,
                        uint8_t *plain) {
    uint8_t nonce[12], tag[TAG];
    int written = 0, sealed = length - offset - TAG;
    if (sealed < 0) return 0;
    make_nonce(nonce, salt, ssrc, index);
    memcpy(tag, packet + length - TAG, TAG);
    return decrypt_init(cipher, NULL, NULL, NULL, nonce) == 1 && decrypt_update(cipher, NULL, &written, packet, offset) == 1 &&
           decrypt_update(cipher, plain, &written, packet + offset, sealed) == 1 && ctx_ctrl(cipher, CTRL_SET_TAG, TAG, tag) == 1 &&
           decrypt_final(cipher, plain + written, &written) == 1;
}

/* The next transport-wide number, for a packet of `size` bytes; -1 where none are given. */
static int32_t log_sent(struct send_log *log, int size, double now) {
    int64_t number, slot;
    if (log == NULL) return -1;
    number = log->next_number++;
    slot = number & log->mask;
    log->times[slot] = now;
    log->sizes[slot] = size;
    log->clusters[slot] = (int32_t)log->cluster;
    log->bytes += size;
    return (int32_t)(number & 0xFFFF);
}

static int32_t log_run(struct send_log *log, int count, int size, double now) {
    int32_t first = log_sent(log, size, now);
    for (int n = 1; n < count; n++) log_sent(log, size, now);
    return first;
}

static int fits(const struct line *head) { return 24 + 4 + head->extension_length + head->payload_length + TAG <= MOST_DATAGRAM; }

static int parse(const uint8_t *lines, int count, struct parsed *found_lines) {
    if (count < 1 || count > MOST_LINES) return 0;
    for (int n = 0; n < count; n++) {
        memcpy(&found_lines[n].head, lines, sizeof(struct line));
        found_lines[n].extension = lines + sizeof(struct line);
        found_lines[n].payload = found_lines[n].extension + found_lines[n].head.extension_length;
        lines = found_lines[n].payload + found_lines[n].head.payload_length;
        if (!fits(&found_lines[n].head)) return 0;
    }
    return 1;
}

static int sealed_length(const struct parsed *line, const struct row *row) {
    return (row->log != NULL ? 28 : 24) + line->head.extension_length + line->head.payload_length + TAG;
}

/* One datagram. `number`: the transport-wide number, -1 for none. → its length, 0 when libcrypto refuses. */
static int seal(const struct parsed *line, const struct row *row, int32_t number, uint8_t *out) {
    const struct line *head = &line->head;
    uint64_t index = (uint64_t)((int64_t)head->ordinal + row->shift) & 0xFFFFFFFFFFFFull;
    uint8_t nonce[12];
    int at = 20, written = 0, rest = 0;
    out[0] = head->first_byte;
    out[1] = head->marker_and_type;
    big(out + 2, index, 2);
    big(out + 4, (uint32_t)(head->timestamp + row->timestamp_shift), 4);
    big(out + 8, row->ssrc, 4);
    big(out + 12, row->prefix + ((uint64_t)head->extension_length << 30) + (number < 0 ? 0 : 1ull << 32), 8);
    if (number >= 0) {
        big(out + at, 0x51000000u | (uint32_t)number << 8, 4);
        at += 4;
    }
    memcpy(out + at, line->extension, head->extension_length);
    at += head->extension_length;
    make_nonce(nonce, row->salt, row->ssrc, index);
    if (encrypt_init(row->cipher, NULL, NULL, NULL, nonce) != 1 || encrypt_update(row->cipher, NULL, &written, out, at) != 1 ||
        encrypt_update(row->cipher, out + at, &written, line->payload, head->payload_length) != 1 ||
        encrypt_final(row->cipher, out + at + written, &rest) != 1 ||
        ctx_ctrl(row->cipher, CTRL_GET_TAG, TAG, out + at + head->payload_length) != 1)
        return 0;
    return at + head->payload_length + TAG;
}

/* `count` datagrams of one row, one behind the other. → their sum, 0 when something is refused. */
static int seal_run(const struct parsed *lines, int count, const struct row *row, int32_t number, uint8_t *out, int *lengths) {
    int total = 0;
    for (int n = 0; n < count; n++) {
        lengths[n] = seal(&lines[n], row, number < 0 ? -1 : (number + n) & 0xFFFF, out + total);
        if (lengths[n] == 0) return 0;
        total += lengths[n];
    }
    return total;
}

/* The same of packed lines, with their lengths. For the tests. */
int express_seal(const uint8_t *lines, int count, const uint8_t *row, int32_t number, uint8_t *out, int room, int *lengths) {
    struct parsed parsed[MOST_LINES];
    struct row one;
    if (!parse(lines, count, parsed) || room < count * MOST_DATAGRAM) return 0;
    memcpy(&one, row, sizeof one);
    return seal_run(parsed, count, &one, number, out, lengths);
}

/* What express_send_rows would send, each datagram behind its row (two bytes) and its length (two). → bytes written, -1 for want of room.
   For the tests: numbers are taken from the logs as they are, and left there. */
int express_seal_rows(const struct parsed *lines, int line_count, const struct row *rows, int count, uint8_t *out, int room) {
    int at = 0;
    for (int n = 0; n < count; n++) {
        int32_t number = rows[n].log == NULL ? -1 : (int32_t)(rows[n].log->next_number & 0xFFFF);
        for (int k = 0; k < line_count; k++) {
            int length;
            if (room - at < MOST_DATAGRAM + 4) return -1;
            length = seal(&lines[k], &rows[n], number < 0 ? -1 : (number + k) & 0xFFFF, out + at + 4);
            big(out + at, (uint64_t)n, 2);
            big(out + at + 2, (uint64_t)length, 2);
            at += 4 + length;
        }
        if (rows[n].log != NULL) rows[n].log->next_number += line_count;
    }
    return at;
}

static void refuse(struct outcome *outcome, int number, int packets) {
    int n = 0;
    while (n < outcome->refusals && outcome->refused[n].number != number) n++;
    if (n == MOST_REFUSALS) n--;
    if (n == outcome->refusals) {
        outcome->refused[n].number = number;
        outcome->refused[n].packets = 0;
        outcome->refusals++;
    }
    outcome->refused[n].packets += packets;
}

static void leave(struct outcome *outcome, int packets, int octets, int calls) {
    outcome->packets += packets;
    outcome->octets += octets;
    outcome->calls += calls;
}

/* One datagram for each row, many in one system call. */
static void send_single(int socket, const struct parsed *line, const struct row *rows, int count, double now, struct outcome *outcome) {
    struct mmsghdr messages[MOST_BATCH];
    struct iovec parts[MOST_BATCH];
    for (int done = 0; done < count;) {
        int batch = 0, at = 0;
        memset(messages, 0, sizeof messages);
        for (; done < count && batch < MOST_BATCH; done++) {
            const struct row *row = &rows[done];
            uint8_t *out = scratch + batch * MOST_DATAGRAM;
            int length = seal(line, row, log_sent(row->log, sealed_length(line, row), now), out);
            if (length == 0) {
                refuse(outcome, EBADMSG, 1);
                continue;
            }
            parts[batch].iov_base = out;
            parts[batch].iov_len = (size_t)length;
            messages[batch].msg_hdr.msg_iov = &parts[batch];
            messages[batch].msg_hdr.msg_iovlen = 1;
            messages[batch].msg_hdr.msg_name = (void *)row->address;
            messages[batch].msg_hdr.msg_namelen = row->address_length;
            batch++;
        }
        while (at < batch) {
            int sent = sendmmsg(socket, messages + at, (unsigned)(batch - at), 0);
            if (sent <= 0) {
                refuse(outcome, errno, 1);
                at++;
                continue;
            }
            for (int n = at; n < at + sent; n++) leave(outcome, 1, (int)parts[n].iov_len, 1);
            at += sent;
        }
    }
}

static int refuses_segments(int number) {
    return number == EINVAL || number == EIO || number == EOPNOTSUPP || number == ENOPROTOOPT;
}

/* What was sealed, in one call where the kernel segments it, else one by one: the rest is lost with the first that is refused. */
static void send_sealed(int socket, const struct row *row, const int *lengths, int count, int total, struct outcome *outcome) {
    uint8_t control[CMSG_SPACE(sizeof(uint16_t))] __attribute__((aligned(8))) = {0};
    struct iovec part = {scratch, (size_t)total};
    struct msghdr message = {.msg_name = (void *)row->address, .msg_namelen = row->address_length, .msg_iov = &part, .msg_iovlen = 1};
    if (outcome->segmenting) {
        uint16_t segment = (uint16_t)lengths[0];
        struct cmsghdr *head;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = IPPROTO_UDP;
        head->cmsg_type = UDP_SEGMENT;
        head->cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(head), &segment, sizeof segment);
        if (sendmsg(socket, &message, 0) >= 0) {
            leave(outcome, count, total, 1);
            return;
        }
        if (!refuses_segments(errno)) {
            refuse(outcome, errno, count);
            return;
        }
        outcome->segmenting = 0;
        message.msg_control = NULL;
        message.msg_controllen = 0;
    }
    for (int n = 0, at = 0; n < count; at += lengths[n], n++) {
        part.iov_base = scratch + at;
        part.iov_len = (size_t)lengths[n];
        if (sendmsg(socket, &message, 0) < 0) {
            refuse(outcome, errno, count - n);
            return;
        }
        leave(outcome, 1, lengths[n], 1);
    }
}

/* All lines to all rows; with `segmenting` all lines but the last must come out equal in size. */
void express_send_rows(int socket, const struct parsed *lines, int line_count, const struct row *rows, int count, double now,
                       struct outcome *outcome) {
    int lengths[MOST_LINES];
    if (line_count == 1) {
        send_single(socket, lines, rows, count, now, outcome);
        return;
    }
    for (int n = 0; n < count; n++) {
        int32_t number = log_run(rows[n].log, line_count, sealed_length(&lines[0], &rows[n]), now);
        int total = seal_run(lines, line_count, &rows[n], number, scratch, lengths);
        if (total == 0)
            refuse(outcome, EBADMSG, line_count);
        else
            send_sealed(socket, &rows[n], lengths, line_count, total, outcome);
    }
}

/* The same from Python, with packed lines. */
void express_send(int socket, const uint8_t *lines, int line_count, const uint8_t *rows, int count, double now, struct outcome *outcome) {
    struct parsed parsed[MOST_LINES];
    if (parse(lines, line_count, parsed))
        express_send_rows(socket, parsed, line_count, (const struct row *)rows, count, now, outcome);
    else
        refuse(outcome, EMSGSIZE, line_count * count);
}

int express_sizes(void) { return (int)(sizeof(struct line) << 16 | sizeof(struct row)); }
