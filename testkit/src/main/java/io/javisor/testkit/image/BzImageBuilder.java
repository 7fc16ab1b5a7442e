package io.javisor.testkit.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPOutputStream;

/** Builds bzImages by hand, with the header of a current kernel; every field can be overwritten. */
public final class BzImageBuilder {
    public static final int SETUP_SIZE = 5 * 512;
    /** Where the payload is in the protected-mode part. */
    public static final int PAYLOAD_OFFSET = 0x2CC;

    private static final int KERNEL_INFO_SIZE = 16;

    private final byte[] image;
    private final ByteBuffer header;

    private BzImageBuilder(byte[] payload) {
        int bodySize = (PAYLOAD_OFFSET + payload.length + KERNEL_INFO_SIZE + 15) / 16 * 16;
        image = new byte[SETUP_SIZE + bodySize];
        for (int i = 0; i < image.length; i++) {
            image[i] = i < 0x290 ? 0 : (byte) (1 + i % 251);
        }
        header = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        header.put(SETUP_SIZE + PAYLOAD_OFFSET, payload);
        int kernelInfo = bodySize - KERNEL_INFO_SIZE;
        header.putInt(SETUP_SIZE + kernelInfo, 0x506F544C)
                .putInt(SETUP_SIZE + kernelInfo + 4, 16)
                .putInt(SETUP_SIZE + kernelInfo + 8, 16)
                .putInt(SETUP_SIZE + kernelInfo + 12, 9);
        put(0x1F1, 1, 4).put(0x1F2, 2, 1).put(0x1F4, 4, bodySize / 16).put(0x1FE, 2, 0xAA55);
        put(0x200, 2, 0x6AEB).put(0x202, 4, 0x53726448).put(0x206, 2, 0x020F);
        put(0x20E, 2, 0x300).put(0x211, 1, 1).put(0x214, 4, 0x100000).put(0x22C, 4, 0x7FFFFFFF);
        put(0x230, 4, 0x200000)
                .put(0x234, 1, 1)
                .put(0x235, 1, 0x15)
                .put(0x236, 2, 0x7F)
                .put(0x238, 4, 0x7FF);
        put(0x248, 4, PAYLOAD_OFFSET).put(0x24C, 4, payload.length);
        put(0x258, 8, 0x1000000).put(0x260, 4, Math.max(bodySize, 0x10_0000));
        put(0x264, 4, 0x10).put(0x268, 4, kernelInfo);
    }

    /** With {@code payload} as it is. */
    public static BzImageBuilder of(byte[] payload) {
        return new BzImageBuilder(payload);
    }

    /** With {@code vmlinux} in gzip. */
    public static BzImageBuilder gzip(byte[] vmlinux) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(vmlinux);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BzImageBuilder(out.toByteArray());
    }

    /** Overwrites {@code size} bytes at {@code offset} of the file. */
    public BzImageBuilder put(int offset, int size, long value) {
        header.put(offset, ElfBuilder.le(value, size));
        return this;
    }

    public byte[] bytes() {
        return image.clone();
    }
}
