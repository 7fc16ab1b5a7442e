package io.javisor.testkit.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Builds Multiboot headers (Multiboot Specification 0.6.96 §3.1). */
public final class MultibootBuilder {
    public static final int MAGIC = 0x1BADB002;

    // Flags.
    public static final int ALIGN_MODULES = 1;
    public static final int MEMORY_INFO = 1 << 1;
    public static final int VIDEO_MODE = 1 << 2;
    public static final int ADDRESSES = 1 << 16;

    /** Of a header with address fields. */
    public static final int HEADER_SIZE = 32;

    private MultibootBuilder() {}

    /**
     * A header with a right checksum.
     *
     * @param fields what follows the checksum; with {@link #ADDRESSES} header, load, load end, bss end and entry address
     */
    public static byte[] header(int flags, int... fields) {
        ByteBuffer header = ByteBuffer.allocate(12 + 4 * fields.length).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(MAGIC).putInt(flags).putInt(-MAGIC - flags);
        for (int field : fields) {
            header.putInt(field);
        }
        return header.array();
    }
}
