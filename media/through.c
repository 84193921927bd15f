/* Cut-through: packets of streams that need no look by Python are received, opened and fanned out here, and told of afterwards.

   Python opens a stream when it is in a steady state (media/through.py) and closes it when anything changes. Taken is only the next packet
   of such a stream, of its usual type, with no padding, and no beginning of a key frame; everything else is handed on as it came, and
   nothing overtakes it: before Python acts, it has gone through all that was done here, in order, by its own methods. Those are the
   specification; tests/media/test_through.py holds both against each other datagram by datagram.

   RFC 3711, RFC 7714 (opening), RFC 8285 (extensions), RFC 7741 (VP8), RFC 6184 (H.264), RFC 2198 (redundant voices). */

#define _GNU_SOURCE
#include "express.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BUCKETS 1024
#define MOST_SOURCES 4096
#define MOST_ELEMENTS 8
#define ELEMENT_ROOM 64
#define MOST_HINT 16
#define BATCH 32
#define RECEIVE_BYTES 2048
#define LONGEST 1500    /* media.forwarder.MAX_DATAGRAM */
#define MOST_SEGMENTS 48 /* media.lanes */
#define MOST_RUN_BYTES 60000
#define NUMBERED_BYTES 28
#define MOST_EQUALISING 12 /* media.fanout; no more than TAG: it takes the place of the tag in the log */
#define MOST_READ 128      /* media.engine */
#define MOST_MADE 1024
#define MOST_RED_BLOCKS 8 /* media.redundancy */
#define NO_TYPE 0xFF

enum { OPUS, VP8, H264 };
enum { RAW, TAKEN, SENT, HELD };
enum { TELL = 1, AGAIN = 2 };

struct lane {
    const struct row *rows;
    int32_t count;
    uint32_t wanted; /* a bit for each router extension id */
    int32_t picture_shift;
    int32_t tl0_shift;
    uint8_t hint[MOST_HINT];
    int32_t hint_length;
    int32_t unused;
};

/* As packed by media/through.py. */
struct spec {
    int64_t burst;
    const uint8_t *key;
    const struct lane *lanes;
    int32_t key_length;
    int32_t lane_count;
    uint32_t ssrc;
    uint32_t address_length;
    uint8_t address[28];
    uint8_t salt[12];
    uint8_t passed[16]; /* client's extension id -> router's, 0: goes no further */
    uint8_t stamped;    /* the router's id of abs-send-time */
    uint8_t codec;
    uint8_t type;     /* as the client numbers it */
    uint8_t red_type; /* NO_TYPE for none */
    uint8_t sent_type;
    uint8_t urgent;   /* somebody waits for what is told */
    uint8_t numbered; /* client's extension id of the transport-wide number, 0: none */
    uint8_t unused;
};

struct staged {
    uint64_t ordinal;
    const uint8_t *payload;
    uint32_t timestamp;
    uint16_t payload_length;
    uint8_t first_byte, marker_and_type;
    int32_t number; /* transport-wide, -1 for none */
    uint8_t count; /* of elements */
    uint8_t ids[MOST_ELEMENTS], starts[MOST_ELEMENTS + 1];
    uint8_t elements[ELEMENT_ROOM];
};

struct source {
    struct spec spec;
    void *opener;
    int64_t expected; /* index of the next packet; -1: Python has the word */
    int32_t next;     /* in its bucket, or among the free */
    int32_t lines;    /* staged */
    struct staged staged[MOST_LINES];
};

/* Behind a packet that was taken: its header, its payload in plain, TAG bytes of room, its elements as consumers get them. */
struct entry {
    uint32_t size;   /* with everything behind it, a multiple of eight */
    uint32_t length; /* of the datagram, without its tag */
    int64_t index;
    double now;
    int32_t source;
    int32_t number;
    uint32_t timestamp;
    uint16_t offset; /* of the payload, of a voice with its past inside of the primary */
    uint16_t octets; /* of the payload, with all that is inside */
    uint8_t kind;
    uint8_t address_length;
    uint8_t marker_and_type;
    uint8_t elements; /* bytes */
    uint8_t unused[4];
};

/* The first part is read by media/through.py. */
struct gate {
    int32_t socket;
    int32_t receive_error;
    uint8_t *log;
    int64_t room;
    int64_t used;
    uint8_t *captured; /* tests: nothing leaves, it is written here */
    int64_t captured_room;
    int64_t captured_used;
    struct outcome outcome;
    /* ours alone */
    int32_t buckets[BUCKETS];
    struct source *sources[MOST_SOURCES];
    int32_t source_count;
    int32_t free;
    int32_t dirty[MOST_SOURCES];
    int32_t dirty_count;
    int32_t urgent;
    int32_t full; /* somebody has staged all that is held at once */
    int32_t at, count; /* of what was received */
    int64_t made;
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    struct sockaddr_in6 addresses[BATCH];
    uint8_t data[BATCH][RECEIVE_BYTES];
};

static uint8_t extensions_made[MOST_LINES][ELEMENT_ROOM + 4 + MOST_HINT];
static uint8_t patched[MOST_LINES][LONGEST];

static uint32_t word(const uint8_t *at) { return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]; }

static int bucket(uint32_t ssrc, const uint8_t *address) {
    return (int)((ssrc ^ (uint32_t)address[2] << 8 ^ address[3]) * 2654435761u >> 22) & (BUCKETS - 1);
}

void *through_new(int socket, uint8_t *log, int64_t room) {
    struct gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) return NULL;
    gate->socket = socket;
    gate->log = log;
    gate->room = room;
    gate->outcome.segmenting = 1;
    gate->free = -1;
    for (int n = 0; n < BUCKETS; n++) gate->buckets[n] = -1;
    for (int n = 0; n < BATCH; n++) {
        gate->parts[n].iov_base = gate->data[n];
        gate->parts[n].iov_len = RECEIVE_BYTES;
        gate->messages[n].msg_hdr.msg_iov = &gate->parts[n];
        gate->messages[n].msg_hdr.msg_iovlen = 1;
        gate->messages[n].msg_hdr.msg_name = &gate->addresses[n];
    }
    return gate;
}

void through_free(struct gate *gate) {
    for (int n = 0; n < gate->source_count; n++) {
        if (gate->sources[n]->opener != NULL) express_forget(gate->sources[n]->opener);
        free(gate->sources[n]);
    }
    free(gate);
}

/* A stream from its packet `expected` on. -> its number; -1: no room, or libcrypto refuses. */
int through_admit(struct gate *gate, const uint8_t *packed, int64_t expected) {
    struct spec spec;
    struct source *source;
    void *opener;
    int number = gate->free, at;
    memcpy(&spec, packed, sizeof spec);
    if (number < 0 && gate->source_count == MOST_SOURCES) return -1;
    opener = express_opener(spec.key, spec.key_length);
    if (opener == NULL) return -1;
    if (number >= 0) {
        source = gate->sources[number];
        gate->free = source->next;
    } else {
        source = malloc(sizeof *source);
        if (source == NULL) {
            express_forget(opener);
            return -1;
        }
        number = gate->source_count++;
        gate->sources[number] = source;
    }
    source->spec = spec;
    source->opener = opener;
    source->expected = expected;
    source->lines = 0;
    at = bucket(spec.ssrc, spec.address);
    source->next = gate->buckets[at];
    gate->buckets[at] = number;
    return number;
}

void through_dismiss(struct gate *gate, int number) {
    struct source *source = gate->sources[number];
    int32_t *at = &gate->buckets[bucket(source->spec.ssrc, source->spec.address)];
    while (*at != number) at = &gate->sources[*at]->next;
    *at = source->next;
    express_forget(source->opener);
    source->opener = NULL;
    source->next = gate->free;
    gate->free = number;
}

void through_expect(struct gate *gate, int number, int64_t expected) { gate->sources[number]->expected = expected; }

static struct source *search(struct gate *gate, uint32_t ssrc, const uint8_t *address, uint32_t length, int *number) {
    for (int n = gate->buckets[bucket(ssrc, address)]; n >= 0; n = gate->sources[n]->next) {
        struct source *source = gate->sources[n];
        if (source->spec.ssrc == ssrc && source->spec.address_length == length && memcmp(source->spec.address, address, length) == 0) {
            *number = n;
            return source;
        }
    }
    return NULL;
}

static struct entry *append(struct gate *gate, int kind, int source, double now, int behind) {
    struct entry *entry = (struct entry *)(gate->log + gate->used);
    memset(entry, 0, sizeof *entry);
    entry->size = (uint32_t)((sizeof *entry + (size_t)behind + 7) & ~(size_t)7);
    entry->kind = (uint8_t)kind;
    entry->source = source;
    entry->now = now;
    gate->used += entry->size;
    return entry;
}

/* Header extensions of the one-byte form as consumers get them. -> whether they are few and whole. */
static int collect(const uint8_t *packet, int at, int end, const struct spec *spec, double now, struct staged *staged) {
    int used = 0, count = 0;
    staged->number = -1;
    while (at < end) {
        int head = packet[at], length = (head & 15) + 1, known, size;
        if (head == 0) {
            at++;
            continue;
        }
        if (head >> 4 == 15 || at + 1 + length > end) break;
        if (head >> 4 == spec->numbered && length == 2) {
            if (staged->number >= 0) return 0;
            staged->number = packet[at + 1] << 8 | packet[at + 2];
        }
        known = spec->passed[head >> 4];
        if (known) {
            size = known == spec->stamped ? 4 : 1 + length;
            if (count == MOST_ELEMENTS || used + size > ELEMENT_ROOM) return 0;
            staged->ids[count] = (uint8_t)known;
            staged->starts[count++] = (uint8_t)used;
            staged->elements[used] = (uint8_t)(known << 4 | (size - 2));
            if (known == spec->stamped) {
                uint64_t stamp = (uint64_t)(now * 262144.0);
                staged->elements[used + 1] = (uint8_t)(stamp >> 16);
                staged->elements[used + 2] = (uint8_t)(stamp >> 8);
                staged->elements[used + 3] = (uint8_t)stamp;
            } else {
                memcpy(staged->elements + used + 1, packet + at + 1, (size_t)length);
            }
            used += size;
        }
        at += 1 + length;
    }
    staged->count = (uint8_t)count;
    staged->starts[count] = (uint8_t)used;
    return 1;
}

/* media.vp8.describe: where picture id and TL0PICIDX are, -1 where not. -> length of the descriptor, 0 when it is cut. */
static int describe(const uint8_t *payload, int length, int *picture_at, int *tl0_at) {
    int at = 2;
    *picture_at = *tl0_at = -1;
    if (!(payload[0] & 0x80)) return 1;
    if (length < 2) return 0;
    if (payload[1] & 0x80) {
        if (length <= at) return 0;
        *picture_at = at;
        at += payload[at] > 127 ? 2 : 1;
    }
    if (payload[1] & 0x40) *tl0_at = at++;
    if (payload[1] & 0x30) at++;
    return at > length ? 0 : at;
}

/* media.keyframes: whether Python must look, because a key frame may begin here. */
static int begins(int codec, const uint8_t *payload, int length) {
    int picture_at, tl0_at, at;
    if (codec == VP8) {
        if ((payload[0] & 0x17) != 0x10) return 0;
        at = describe(payload, length, &picture_at, &tl0_at);
        return at == 0 || at >= length || !(payload[at] & 1);
    }
    if (codec == H264) return !(length > 1 && ((payload[0] & 31) == 1 || ((payload[0] & 31) == 28 && (payload[1] & 31) == 1)));
    return 0;
}

/* media.redundancy.split: where the primary block begins; -1: malformed, or of another type. */
static int primary(const uint8_t *payload, int length, int sent_type) {
    int at = 0, blocks = 0, behind = 0;
    while (at < length && payload[at] & 0x80) {
        if (at + 4 > length || blocks++ == MOST_RED_BLOCKS) return -1;
        behind += (payload[at + 2] & 3) << 8 | payload[at + 3];
        at += 4;
    }
    if (at >= length || payload[at] != sent_type) return -1;
    at += 1 + behind;
    return at < length ? at : -1;
}

/* Whether a datagram could be the next of a stream that is open. */
static struct source *next_of(struct gate *gate, const uint8_t *data, int length, const uint8_t *address, uint32_t address_length,
                              int *number) {
    struct source *source;
    if (length < 12 + TAG || length > LONGEST || data[0] >> 6 != 2 || data[0] & 0x20 || address_length > 28) return NULL;
    source = search(gate, word(data + 8), address, address_length, number);
    return source != NULL && source->expected >= 0 && (uint16_t)source->expected == (uint16_t)(data[2] << 8 | data[3]) ? source : NULL;
}

/* One datagram of a stream that is open. -> whether it was taken; nothing has changed otherwise. */
static int take(struct gate *gate, const uint8_t *data, int length, const uint8_t *address, uint32_t address_length, double now) {
    int number = 0, offset, type, at = 0, end = 0, plain;
    struct source *source = next_of(gate, data, length, address, address_length, &number);
    struct staged *staged;
    struct entry *entry;
    uint8_t *room;
    const struct spec *spec;
    if (source == NULL) return 0;
    spec = &source->spec;
    type = data[1] & 0x7F;
    if (type != spec->type && type != spec->red_type) return 0;
    offset = 12 + 4 * (data[0] & 15);
    if (data[0] & 0x10) {
        if (length < offset + 4 || data[offset] != 0xBE || data[offset + 1] != 0xDE) return 0;
        at = offset + 4;
        offset = end = at + 4 * (data[offset + 2] << 8 | data[offset + 3]);
    }
    plain = length - offset - TAG;
    if (plain <= 0) return 0;
    staged = &source->staged[source->lines];
    if (!collect(data, at, end, spec, now, staged)) return 0;
    room = gate->log + gate->used + sizeof *entry;
    if (!express_open_packet(source->opener, spec->salt, spec->ssrc, (uint64_t)source->expected, data, offset, length, room + offset))
        return 0;
    staged->payload = room + offset;
    staged->payload_length = (uint16_t)plain;
    if (type == spec->red_type) {
        int inside = primary(staged->payload, plain, spec->type);
        if (inside < 0) return 0;
        staged->payload += inside;
        staged->payload_length = (uint16_t)(plain - inside);
    }
    if (begins(spec->codec, staged->payload, staged->payload_length)) return 0;
    memcpy(room, data, (size_t)offset);
    end = staged->starts[staged->count];
    memcpy(room + length, staged->elements, (size_t)end); /* where the tag was is room for equal sizes */
    entry = append(gate, TAKEN, number, now, length + end);
    entry->length = (uint32_t)(length - TAG);
    entry->offset = (uint16_t)(staged->payload - room);
    entry->octets = (uint16_t)plain;
    entry->index = source->expected;
    entry->number = staged->number;
    entry->timestamp = word(data + 4);
    entry->marker_and_type = (uint8_t)((data[1] & 0x80) | spec->sent_type);
    entry->elements = (uint8_t)end;
    staged->ordinal = (uint64_t)source->expected++;
    staged->timestamp = entry->timestamp;
    staged->first_byte = 0x90;
    staged->marker_and_type = entry->marker_and_type;
    if (source->lines++ == 0) gate->dirty[gate->dirty_count++] = number;
    gate->full |= source->lines == MOST_LINES;
    return 1;
}

/* media.fanout: packets of one burst that differ by a few bytes get one size. -> bytes of all payloads. */
static int64_t equalise(struct source *source) {
    int largest = 0, sizes[MOST_LINES];
    int64_t octets = 0;
    for (int n = 0; n < source->lines; n++) {
        struct staged *one = &source->staged[n];
        sizes[n] = one->payload_length + ((one->starts[one->count] + 3) & ~3);
        if (sizes[n] > largest) largest = sizes[n];
    }
    for (int n = 0; n < source->lines; n++) {
        struct staged *one = &source->staged[n];
        int missing = largest - sizes[n];
        if (source->lines > 1 && 0 < missing && missing <= MOST_EQUALISING) {
            uint8_t *behind = (uint8_t *)one->payload + one->payload_length;
            memset(behind, 0, (size_t)missing);
            behind[missing - 1] = (uint8_t)missing;
            one->payload_length = (uint16_t)(one->payload_length + missing);
            one->first_byte |= 0x20;
        }
        octets += one->payload_length;
    }
    return octets;
}

/* media.vp8.patched. */
static const uint8_t *patch(const struct staged *one, const struct lane *lane, uint8_t *room) {
    int picture_at, tl0_at;
    if (describe(one->payload, one->payload_length, &picture_at, &tl0_at) < 3) return one->payload;
    memcpy(room, one->payload, one->payload_length);
    if (picture_at >= 0) {
        if (room[picture_at] > 127) {
            int picture = (((room[picture_at] & 0x7F) << 8 | room[picture_at + 1]) + lane->picture_shift) & 0x7FFF;
            room[picture_at] = (uint8_t)(0x80 | picture >> 8);
            room[picture_at + 1] = (uint8_t)picture;
        } else {
            room[picture_at] = (uint8_t)((room[picture_at] + lane->picture_shift) & 0x7F);
        }
    }
    if (tl0_at >= 0) room[tl0_at] = (uint8_t)(room[tl0_at] + lane->tl0_shift);
    return room;
}

/* media.lanes.Lane._line, and media.packet.extension_block. -> the size by which runs are cut. */
static int shape(const struct staged *one, const struct lane *lane, int n, struct parsed *line) {
    uint8_t *made = extensions_made[n];
    int used = 0, block;
    for (int k = 0; k < one->count; k++) {
        int size = one->starts[k + 1] - one->starts[k];
        if (!(lane->wanted >> one->ids[k] & 1)) continue;
        memcpy(made + used, one->elements + one->starts[k], (size_t)size);
        used += size;
    }
    while (used & 3) made[used++] = 0;
    block = used;
    memcpy(made + used, lane->hint, (size_t)lane->hint_length);
    line->head.ordinal = one->ordinal;
    line->head.timestamp = one->timestamp;
    line->head.extension_length = (uint16_t)(used + lane->hint_length);
    line->head.payload_length = one->payload_length;
    line->head.first_byte = one->first_byte;
    line->head.marker_and_type = one->marker_and_type;
    line->extension = made;
    line->payload = lane->picture_shift || lane->tl0_shift ? patch(one, lane, patched[n]) : one->payload;
    return block + one->payload_length;
}

static void send_run(struct gate *gate, const struct parsed *lines, int count, const struct lane *lane, double now) {
    gate->made += (int64_t)count * lane->count;
    if (gate->captured != NULL) {
        int written = express_seal_rows(lines, count, lane->rows, lane->count, gate->captured + gate->captured_used,
                                        (int)(gate->captured_room - gate->captured_used));
        if (written >= 0) gate->captured_used += written;
        return;
    }
    express_send_rows(gate->socket, lines, count, lane->rows, lane->count, now, &gate->outcome);
}

/* media.lanes.runs: packets of equal size leave together, of which only the last may be shorter. */
static void fan_out(struct gate *gate, const struct source *source, const struct lane *lane, double now) {
    struct parsed lines[MOST_LINES];
    int begin = 0, segment = 0, closed = 0, most = 0;
    for (int n = 0; n < source->lines; n++) {
        int size = shape(&source->staged[n], lane, n, &lines[n]);
        if (n > begin && !closed && size <= segment && n - begin < most) {
            closed = size < segment;
            continue;
        }
        if (n > begin) send_run(gate, lines + begin, n - begin, lane, now);
        begin = n;
        segment = size;
        closed = 0;
        most = MOST_RUN_BYTES / (segment + NUMBERED_BYTES + TAG + 4);
        if (most > MOST_SEGMENTS) most = MOST_SEGMENTS;
    }
    send_run(gate, lines + begin, source->lines - begin, lane, now);
}

static void flush_source(struct gate *gate, int number, double now) {
    struct source *source = gate->sources[number];
    int64_t octets = equalise(source);
    int held = octets > source->spec.burst;
    for (int n = 0; n < source->spec.lane_count && !held; n++) fan_out(gate, source, &source->spec.lanes[n], now);
    append(gate, held ? HELD : SENT, number, now, 0);
    if (held) source->expected = -1; /* what follows must not overtake it */
    gate->urgent |= held || source->spec.urgent;
    source->lines = 0;
}

static void flush(struct gate *gate, double now) {
    for (int n = 0; n < gate->dirty_count; n++) flush_source(gate, gate->dirty[n], now);
    gate->dirty_count = gate->full = 0;
}

/* Room for one more datagram, and for what `flush` tells. */
static int has_room(const struct gate *gate) {
    return gate->room - gate->used > (int64_t)(RECEIVE_BYTES + ELEMENT_ROOM + 128 + sizeof(struct entry) * (size_t)(gate->dirty_count + 2));
}

static void hand_on(struct gate *gate, const uint8_t *data, int length, const void *address, uint32_t address_length, double now) {
    struct entry *entry = append(gate, RAW, -1, now, 32 + length);
    uint8_t *behind = (uint8_t *)(entry + 1);
    memset(behind, 0, 32);
    memcpy(behind, address, address_length < 32 ? address_length : 32);
    memcpy(behind + 32, data, (size_t)length);
    entry->length = (uint32_t)length;
    entry->address_length = (uint8_t)address_length;
}

/* One datagram by hand, for the tests. -> whether it was taken; else it is Python's, after `through_flush`. */
int through_take(struct gate *gate, const uint8_t *data, int length, const uint8_t *address, int address_length, double now) {
    int taken;
    if (!has_room(gate)) return 0;
    taken = take(gate, data, length, address, (uint32_t)address_length, now);
    if (gate->full) flush(gate, now);
    return taken;
}

void through_flush(struct gate *gate, double now) { flush(gate, now); }

static int receive(struct gate *gate) {
    for (int n = 0; n < BATCH; n++) gate->messages[n].msg_hdr.msg_namelen = sizeof gate->addresses[n];
    gate->at = 0;
    gate->count = recvmmsg(gate->socket, gate->messages, BATCH, MSG_DONTWAIT, NULL);
    if (gate->count > 0) return gate->count;
    if (gate->count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) gate->receive_error = errno;
    gate->count = 0;
    return 0;
}

/* Read until the socket is empty, or until Python must go on: what it is handed is never overtaken by something that is sent here.
   -> TELL: go through the log now; AGAIN: then call once more. */
int through_drain(struct gate *gate, double now) {
    int read = 0, handed = 0;
    gate->made = 0;
    gate->urgent = 0;
    for (;;) {
        if (gate->at == gate->count) {
            if (read >= MOST_READ || gate->made > MOST_MADE || receive(gate) == 0) break;
            read += gate->count;
        }
        for (; gate->at < gate->count; gate->at++) {
            const struct msghdr *head = &gate->messages[gate->at].msg_hdr;
            const uint8_t *data = gate->data[gate->at];
            int length = (int)gate->messages[gate->at].msg_len, number;
            if (!has_room(gate) || (handed && next_of(gate, data, length, head->msg_name, head->msg_namelen, &number))) {
                flush(gate, now);
                return TELL | AGAIN;
            }
            if (handed || !take(gate, data, length, head->msg_name, head->msg_namelen, now)) {
                flush(gate, now);
                hand_on(gate, data, length, head->msg_name, head->msg_namelen, now);
                handed = 1;
            } else if (gate->full) {
                flush(gate, now);
            }
        }
    }
    flush(gate, now);
    if (gate->receive_error) return TELL | AGAIN;
    return handed || gate->urgent ? TELL : 0;
}

int through_sizes(void) { return (int)(sizeof(struct spec) << 20 | sizeof(struct lane) << 10 | sizeof(struct entry)); }
