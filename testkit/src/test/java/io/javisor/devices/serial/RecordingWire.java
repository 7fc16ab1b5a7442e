package io.javisor.devices.serial;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Remembers what was sent; can be told to hold the transmitter. */
final class RecordingWire implements UartWire {
    final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    boolean ready = true;
    int calls;

    String text() {
        return sent.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean transmit(int character) {
        calls++;
        sent.write(character);
        return ready;
    }

    @Override
    public boolean transmit(MemorySegment data, long dataOffset, int count) {
        calls++;
        byte[] bytes = data.asSlice(dataOffset, count).toArray(ValueLayout.JAVA_BYTE);
        sent.write(bytes, 0, bytes.length);
        return ready;
    }
}
