/* What media/express.c and media/through.c share: how tables are packed by Python, and how they are sent. */

#ifndef BRANCHLINE_EXPRESS_H
#define BRANCHLINE_EXPRESS_H

#include <stdint.h>

#define TAG 16
#define MOST_DATAGRAM 2048
#define MOST_LINES 64
#define MOST_REFUSALS 8

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

/* The head of media.transportcc.SendLog: what was sent to one transport under which transport-wide number. */
struct send_log {
    int64_t next_number;
    int64_t bytes;
    int64_t cluster;
    double *times;
    int32_t *sizes;
    int32_t *clusters;
    int64_t mask;
};

struct row {
    int64_t shift;   /* out index - ordinal */
    uint64_t prefix; /* extension header and the first element */
    void *cipher;
    struct send_log *log; /* NULL: its packets carry no numbers */
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

/* What became of datagrams: as media/express.py reads it. */
struct outcome {
    int64_t packets;
    int64_t octets;
    int64_t calls;
    int32_t segmenting; /* cleared when the kernel does not */
    int32_t refusals;
    struct {
        int32_t number; /* errno */
        int32_t packets;
    } refused[MOST_REFUSALS];
};

void *express_opener(const uint8_t *key, int length);
void express_forget(void *cipher);
int express_open_packet(void *cipher, const uint8_t *salt, uint32_t ssrc, uint64_t index, const uint8_t *packet, int offset, int length,
                        uint8_t *plain);
void express_send_rows(int socket, const struct parsed *lines, int line_count, const struct row *rows, int count, double now,
                       struct outcome *outcome);
int express_seal_rows(const struct parsed *lines, int line_count, const struct row *rows, int count, uint8_t *out, int room);

#endif
