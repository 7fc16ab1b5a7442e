package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a guest's header may reach the host (virtio 1.2 §5.1.6.2). */
class NetHeaderTest {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final long ALL = HOST_OFFLOADS;

    private final NetHeader header = new NetHeader(Arena.ofAuto());

    private void set(int flags, int gsoType, int hdrLen, int gsoSize, int csumStart, int csumOffset) {
        header.bytes().set(ValueLayout.JAVA_BYTE, 0, (byte) flags);
        header.bytes().set(ValueLayout.JAVA_BYTE, 1, (byte) gsoType);
        header.bytes().set(SHORT, 2, (short) hdrLen);
        header.bytes().set(SHORT, 4, (short) gsoSize);
        header.bytes().set(SHORT, 6, (short) csumStart);
        header.bytes().set(SHORT, 8, (short) csumOffset);
        header.bytes().set(SHORT, 10, (short) 0x1234);
    }

    private int field(int offset) {
        return Short.toUnsignedInt(header.bytes().get(SHORT, offset));
    }

    @ParameterizedTest
    @CsvSource({
        // flags, type, hdr_len, gso_size, start, offset, frame, good
        "0, 0, 0, 0, 0, 0, 60, true",
        "0, 0, 65535, 65535, 65535, 65535, 14, true", // without meaning
        "1, 0, 0, 0, 34, 16, 60, true",
        "1, 0, 0, 0, 34, 24, 60, true", // just fits
        "1, 0, 0, 0, 34, 25, 60, false",
        "1, 0, 0, 0, 65535, 65535, 65550, false",
        "1, 0, 0, 0, 0, 65535, 60, false",
        "1, 1, 54, 1448, 34, 16, 4000, true",
        "1, 1, 0, 1448, 34, 16, 4000, true", // drivers may leave the hint out
        "1, 1, 4000, 1448, 34, 16, 4000, true",
        "1, 1, 4001, 1448, 34, 16, 4000, false",
        "1, 1, 54, 0, 34, 16, 4000, false",
        "0, 1, 54, 1448, 34, 16, 4000, false", // segmentation without a checksum to make
        "1, 129, 54, 1448, 34, 16, 4000, true",
        "1, 4, 74, 1428, 54, 16, 4000, true",
        "1, 5, 42, 1472, 34, 6, 4000, true",
        "1, 133, 42, 1472, 34, 6, 4000, false", // ECN is TCP's
        "1, 128, 54, 1448, 34, 16, 4000, false",
        "1, 3, 42, 1480, 34, 6, 4000, false", // UFO is not offered
        "1, 2, 54, 1448, 34, 16, 4000, false",
        "1, 127, 54, 1448, 34, 16, 4000, false",
    })
    void onlyWhatIsTrueIsPassedOn(
            int flags, int type, int hdrLen, int gsoSize, int start, int offset, int frame, boolean good) {
        set(flags, type, hdrLen, gsoSize, start, offset);
        assertEquals(good, header.sanitize(frame, ALL));
    }

    @Test
    void whatHasNoMeaningIsCleared() {
        set(0xFE, 0, 1, 2, 3, 4);
        assertEquals(true, header.sanitize(60, ALL));
        for (long i = 0; i < HEADER_SIZE; i++) {
            assertEquals(0, header.bytes().get(ValueLayout.JAVA_BYTE, i));
        }
    }

    @Test
    void theHeadersHoldTheChecksum() {
        set(1, 1, 10, 1448, 34, 16);
        assertEquals(true, header.sanitize(4000, ALL));
        assertEquals(52, field(2));
        assertEquals(1448, field(4));
        assertEquals(34, field(6));
        assertEquals(16, field(8));
        assertEquals(0, field(10));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 11", "4, 12", "5, 56", "129, 13"})
    void whatWasNotNegotiatedIsRefused(int type, int feature) {
        set(1, type, 54, 1448, 34, 16);
        assertEquals(true, header.sanitize(4000, ALL));
        set(1, type, 54, 1448, 34, 16);
        assertEquals(false, header.sanitize(4000, ALL & ~mask(feature)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, true",
        "1, 0, 0, false",
        "1, 0, 0x2, true",
        "2, 0, 0, true",
        "1, 1, 0x82, true",
        "1, 1, 0x2, false",
        "1, 129, 0x82, false",
        "1, 129, 0x282, true",
        "1, 4, 0x102, true",
        "1, 4, 0x82, false",
        "1, 3, 0x382, false"
    })
    void theHostsFramesNeedOffloadsOfTheGuest(int flags, int type, String offloads, boolean wanted) {
        assertEquals(wanted, NetHeader.isWanted(flags, type, Long.decode(offloads)));
    }

    @Test
    void udpSegmentsNeedEitherOfTheirFeatures() {
        assertEquals(false, NetHeader.isWanted(1, 5, mask(VIRTIO_NET_F_GUEST_CSUM)));
        assertEquals(true, NetHeader.isWanted(1, 5, mask(VIRTIO_NET_F_GUEST_CSUM) | mask(VIRTIO_NET_F_GUEST_USO6)));
    }
}
