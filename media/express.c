/* The innermost loop in C: what media/lanes.py says in Python, for whole tables of consumers, and sent at once.

   media/lanes.py is the specification; tests/media/test_express.py holds both against each other byte by byte. Nothing here decides:
   tables come packed from media/express.py, and what the kernel refuses is told, not handled. No Python and no OpenSSL headers are needed
   to compile it: it is loaded with ctypes, and libcrypto is found when it is opened.

   One thread at a time: the scratch space is shared. RFC 3550 5.1, RFC 8285, RFC 7714. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define EXPRESS_VERSION 2
#define TAG 16
#define MOST_DATAGRAM 2048
#define MOST_LINES 64
#define MOST_BATCH 32
#define CTRL_GET_TAG 0x10 /* EVP_CTRL_AEAD_GET_TAG */

/* As packed by media/express.py: native byte order and alignment, extension and payload behind each line. */
struct line {
    uint64_t ordinal;
    uint32_t timestamp;
    uint16_t extension_length;
    uint16_t payload_length;
    uint8_t first_byte;
    uint8_t marker_and_type;
    uint8_t unused[6];
};

struct row {
    int64_t shift;   /* out index - ordinal */
    uint64_t prefix; /* extension header and the first element */
    void *cipher;
    uint32_t ssrc;
    uint32_t timestamp_shift;
    uint8_t salt[12];
    uint32_t address_length;
    uint8_t address[28];
    uint8_t unused[4];
};

struct parsed {
    struct line head;
    const uint8_t *extension;
    const uint8_t *payload;
};

static void *(*ctx_new)(void);
static void (*ctx_free)(void *);
static const void *(*aes_128_gcm)(void);
static const void *(*aes_256_gcm)(void);
static int (*encrypt_init)(void *, const void *, void *, const uint8_t *, const uint8_t *);
static int (*encrypt_update)(void *, uint8_t *, int *, const uint8_t *, int);
static int (*encrypt_final)(void *, uint8_t *, int *);
static int (*ctx_ctrl)(void *, int, int, void *);

static uint8_t scratch[MOST_LINES * MOST_DATAGRAM];

/* → EXPRESS_VERSION; 0 where there is no libcrypto with what is needed. */
int express_open(const char *library) {
    void *crypto = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (crypto == NULL) return 0;
    *(void **)&ctx_new = dlsym(crypto, "EVP_CIPHER_CTX_new");
    *(void **)&ctx_free = dlsym(crypto, "EVP_CIPHER_CTX_free");
    *(void **)&aes_128_gcm = dlsym(crypto, "EVP_aes_128_gcm");
    *(void **)&aes_256_gcm = dlsym(crypto, "EVP_aes_256_gcm");
    *(void **)&encrypt_init = dlsym(crypto, "EVP_EncryptInit_ex");
    *(void **)&encrypt_update = dlsym(crypto, "EVP_EncryptUpdate");
    *(void **)&encrypt_final = dlsym(crypto, "EVP_EncryptFinal_ex");
    *(void **)&ctx_ctrl = dlsym(crypto, "EVP_CIPHER_CTX_ctrl");
    if (!ctx_new || !ctx_free || !aes_128_gcm || !aes_256_gcm || !encrypt_init || !encrypt_update || !encrypt_final || !ctx_ctrl) return 0;
    return EXPRESS_VERSION;
}

/* The key schedule of one receiver. → NULL when libcrypto refuses. */
void *express_cipher(const uint8_t *key, int length) {
    void *cipher = ctx_new();
    if (cipher != NULL && encrypt_init(cipher, length == 32 ? aes_256_gcm() : aes_128_gcm(), NULL, key, NULL) == 1) return cipher;
    if (cipher != NULL) ctx_free(cipher);
    return NULL;
}

void express_forget(void *cipher) { ctx_free(cipher); }

static void big(uint8_t *at, uint64_t value, int bytes) {
    for (int n = bytes - 1; n >= 0; n--, value >>= 8) at[n] = (uint8_t)value;
}

static int parse(const uint8_t *lines, int count, struct parsed *found) {
    if (count < 1 || count > MOST_LINES) return 0;
    for (int n = 0; n < count; n++) {
        memcpy(&found[n].head, lines, sizeof(struct line));
        found[n].extension = lines + sizeof(struct line);
        found[n].payload = found[n].extension + found[n].head.extension_length;
        lines = found[n].payload + found[n].head.payload_length;
        if (24 + 4 + found[n].head.extension_length + found[n].head.payload_length + TAG > MOST_DATAGRAM) return 0;
    }
    return 1;
}

/* One datagram. `number`: the transport-wide number, -1 for none. → its length, 0 when libcrypto refuses. */
static int seal(const struct parsed *line, const struct row *row, int32_t number, uint8_t *out) {
    const struct line *head = &line->head;
    uint64_t index = (uint64_t)((int64_t)head->ordinal + row->shift) & 0xFFFFFFFFFFFFull;
    uint8_t nonce[12] = {0};
    int at = 24, written = 0, rest = 0;
    out[0] = head->first_byte;
    out[1] = head->marker_and_type;
    big(out + 2, index, 2);
    big(out + 4, (uint32_t)(head->timestamp + row->timestamp_shift), 4);
    big(out + 8, row->ssrc, 4);
    big(out + 12, row->prefix + ((uint64_t)head->extension_length << 30) + (number < 0 ? 0 : 1ull << 32), 8);
    at = 20;
    if (number >= 0) {
        big(out + at, 0x51000000u | (uint32_t)number << 8, 4);
        at += 4;
    }
    memcpy(out + at, line->extension, head->extension_length);
    at += head->extension_length;
    big(nonce + 2, row->ssrc, 4);
    big(nonce + 6, index, 6);
    for (int n = 0; n < 12; n++) nonce[n] ^= row->salt[n];
    if (encrypt_init(row->cipher, NULL, NULL, NULL, nonce) != 1 || encrypt_update(row->cipher, NULL, &written, out, at) != 1 ||
        encrypt_update(row->cipher, out + at, &written, line->payload, head->payload_length) != 1 ||
        encrypt_final(row->cipher, out + at + written, &rest) != 1 ||
        ctx_ctrl(row->cipher, CTRL_GET_TAG, TAG, out + at + head->payload_length) != 1)
        return 0;
    return at + head->payload_length + TAG;
}

/* Datagrams of one row, one behind the other, with their lengths. → their sum, 0 when something is refused. For the tests, and where the
   socket is not ours. */
int express_seal(const uint8_t *lines, int count, const uint8_t *row, int32_t number, uint8_t *out, int room, int *lengths) {
    struct parsed parsed[MOST_LINES];
    struct row one;
    int total = 0;
    if (!parse(lines, count, parsed)) return 0;
    memcpy(&one, row, sizeof one);
    for (int n = 0; n < count; n++) {
        if (room - total < MOST_DATAGRAM) return 0;
        lengths[n] = seal(&parsed[n], &one, number < 0 ? -1 : (number + n) & 0xFFFF, out + total);
        if (lengths[n] == 0) return 0;
        total += lengths[n];
    }
    return total;
}

/* One datagram for each row, many in one system call. → rows done before the first that was refused. */
static int send_single(int socket, const struct parsed *line, const struct row *rows, int count, const uint16_t *numbers) {
    struct mmsghdr messages[MOST_BATCH];
    struct iovec parts[MOST_BATCH];
    int done = 0;
    while (done < count) {
        int batch = count - done < MOST_BATCH ? count - done : MOST_BATCH, sent;
        memset(messages, 0, sizeof(struct mmsghdr) * (size_t)batch);
        for (int n = 0; n < batch; n++) {
            const struct row *row = &rows[done + n];
            uint8_t *out = scratch + n * MOST_DATAGRAM;
            int length = seal(line, row, numbers ? numbers[done + n] : -1, out);
            if (length == 0) {
                errno = EBADMSG;
                if (n == 0) return done;
                batch = n;
                break;
            }
            parts[n].iov_base = out;
            parts[n].iov_len = (size_t)length;
            messages[n].msg_hdr.msg_iov = &parts[n];
            messages[n].msg_hdr.msg_iovlen = 1;
            messages[n].msg_hdr.msg_name = (void *)row->address;
            messages[n].msg_hdr.msg_namelen = row->address_length;
        }
        sent = sendmmsg(socket, messages, (unsigned)batch, 0);
        if (sent <= 0) return done;
        done += sent;
    }
    return done;
}

/* All lines to one row. → datagrams that left: `count` for all, fewer when one of them was refused. */
static int send_run(int socket, const struct parsed *lines, int count, const struct row *row, int32_t number, int segmenting) {
    uint8_t control[CMSG_SPACE(sizeof(uint16_t))] __attribute__((aligned(8))) = {0};
    struct iovec part = {scratch, 0};
    struct msghdr message = {0};
    int lengths[MOST_LINES], total = 0;
    for (int n = 0; n < count; n++) {
        lengths[n] = seal(&lines[n], row, number < 0 ? -1 : (number + n) & 0xFFFF, scratch + total);
        if (lengths[n] == 0) {
            errno = EBADMSG;
            return 0;
        }
        total += lengths[n];
    }
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_name = (void *)row->address;
    message.msg_namelen = row->address_length;
    if (segmenting) {
        struct cmsghdr *head;
        uint16_t segment = (uint16_t)lengths[0];
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = IPPROTO_UDP;
        head->cmsg_type = UDP_SEGMENT;
        head->cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(head), &segment, sizeof segment);
        part.iov_len = (size_t)total;
        return sendmsg(socket, &message, 0) < 0 ? 0 : count;
    }
    for (int n = 0, at = 0; n < count; at += lengths[n], n++) {
        part.iov_base = scratch + at;
        part.iov_len = (size_t)lengths[n];
        if (sendmsg(socket, &message, 0) < 0) return n;
    }
    return count;
}

/* `lines` to `rows` from `from` on; `numbers`: the first transport-wide number of each row, or NULL. With `segmenting` all lines but the
   last must come out equal in size. → rows done: `count` for all; else the row of that number was refused for `*refused` (errno), after
   `*gone` of its datagrams had left. */
int express_send(int socket, const uint8_t *lines, int line_count, const uint8_t *rows, int from, int count, const uint8_t *numbers,
                 int segmenting, int *refused, int *gone) {
    struct parsed parsed[MOST_LINES];
    const struct row *table = (const struct row *)rows;
    const uint16_t *firsts = (const uint16_t *)numbers;
    *refused = *gone = 0;
    errno = 0;
    if (!parse(lines, line_count, parsed)) {
        *refused = EMSGSIZE;
        return from;
    }
    if (line_count == 1) {
        from += send_single(socket, parsed, table + from, count - from, firsts ? firsts + from : NULL);
    } else {
        while (from < count) {
            int left = send_run(socket, parsed, line_count, &table[from], firsts ? firsts[from] : -1, segmenting);
            if (left < line_count) {
                *gone = left;
                break;
            }
            from++;
        }
    }
    if (from < count) *refused = errno;
    return from;
}

int express_sizes(void) { return (int)(sizeof(struct line) << 16 | sizeof(struct row)); }
