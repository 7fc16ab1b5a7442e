package io.javisor.gdb;

import io.javisor.core.cpu.Bytes;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Takes packets out of what a client sends, byte by byte. Not thread-safe. */
final class PacketParser {
    /** The longest packet that is taken: that of {@code PacketSize}, and its binary data may be escaped. */
    static final int MAX_DATA = 2 * Session.PACKET_SIZE;

    /** Bytes between packets that are let pass: no GDB sends more than a few. */
    static final int MAX_NOISE = 1024;

    /** What came. */
    sealed interface Item {}

    record Packet(Bytes data) implements Item {}

    /** A packet whose checksum does not fit. */
    record Damaged() implements Item {}

    /** The client wants the guest to stop. */
    record Interrupt() implements Item {}

    /** The client did not get what was sent last. */
    record Again() implements Item {}

    /** Not GDB's protocol: the connection is of no use. */
    record Nonsense(String why) implements Item {}

    private enum State {
        BETWEEN,
        DATA,
        SUM_HIGH,
        SUM_LOW
    }

    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private State state = State.BETWEEN;
    private int sum;
    private int noise;

    /** Takes the next byte, 0 to 255; null if nothing is complete with it. */
    @Nullable
    Item take(int b) {
        return switch (state) {
            case BETWEEN -> between(b);
            case DATA -> data(b);
            case SUM_HIGH -> {
                sum = Character.digit(b, 16) << 4;
                state = State.SUM_LOW;
                yield null;
            }
            case SUM_LOW -> {
                state = State.BETWEEN;
                int low = Character.digit(b, 16);
                byte[] bytes = data.toByteArray();
                // A digit that is none is negative, and so is what is made of it.
                yield sum >= 0 && low >= 0 && Packets.checksum(bytes) == sum + low
                        ? new Packet(Bytes.of(bytes))
                        : new Damaged();
            }
        };
    }

    private @Nullable Item between(int b) {
        switch (b) {
            case '$' -> begin();
            case Packets.INTERRUPT -> {
                noise = 0;
                return new Interrupt();
            }
            case '-' -> {
                return noisy(new Again());
            }
            default -> { // '+' and whatever a line adds
                return noisy(null);
            }
        }
        return null;
    }

    private @Nullable Item noisy(@Nullable Item item) {
        noise++;
        return noise > MAX_NOISE ? new Nonsense(noise + " bytes and no packet among them") : item;
    }

    private @Nullable Item data(int b) {
        switch (b) {
            case '#' -> state = State.SUM_HIGH;
            case '$' -> begin(); // the last one was cut off
            default -> {
                data.write(b);
                if (data.size() > MAX_DATA) {
                    return new Nonsense("a packet of more than " + MAX_DATA + " bytes");
                }
            }
        }
        return null;
    }

    private void begin() {
        data.reset();
        noise = 0;
        state = State.DATA;
    }
}
