package io.javisor.oci.layer;

import io.airlift.compress.v3.zstd.ZstdJavaInputStream;
import io.javisor.core.host.NativeLibrary;
import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses frames of zstd, one behind the other, to the input's end (RFC 8878); those that hold no data are passed over. By zstd itself, which aircompressor brings and which is loaded from
 * memory (docs/decisions/0006); where that can't be, by aircompressor's Java code.
 */
final class ZstdStreams {
    private static final String RESOURCE = "/aircompressor/linux-amd64/libzstd.so";

    private ZstdStreams() {}

    /** Loaded when it is needed first. */
    private static final class Zstd {
        private static final @Nullable NativeLibrary LIBRARY = load();

        private static @Nullable NativeLibrary load() {
            try (InputStream resource = ZstdJavaInputStream.class.getResourceAsStream(RESOURCE)) {
                return resource == null ? null : NativeLibrary.load("libzstd.so", resource.readAllBytes());
            } catch (IOException | UnsatisfiedLinkError _) {
                return null;
            }
        }
    }

    static InputStream open(String name, BlobInput input) {
        NativeLibrary zstd = Zstd.LIBRARY;
        return zstd == null ? new JavaStream(name, input) : new NativeStream(name, input, zstd);
    }

    private static OciException damaged(String name, String how) {
        return new OciException(name + ": its zstd data is damaged: " + how);
    }

    /** By ZSTD_decompressStream (zstd 1.5, zstd.h), with its own limit for the window: 128 MiB. */
    private static final class NativeStream extends InputStream {
        private static final int IN_SIZE = 128 << 10;
        private static final int OUT_SIZE = 256 << 10;

        // ZSTD_inBuffer and ZSTD_outBuffer.
        private static final long ADDRESS_OFFSET = 0;
        private static final long SIZE_OFFSET = 8;
        private static final long POSITION_OFFSET = 16;
        private static final long BUFFER_SIZE = 24;

        private final String name;
        private final BlobInput input;
        private final NativeLibrary zstd;
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment in = arena.allocate(IN_SIZE);
        private final MemorySegment out = arena.allocate(OUT_SIZE);
        private final MemorySegment inBuffer = arena.allocate(BUFFER_SIZE, Long.BYTES);
        private final MemorySegment outBuffer = arena.allocate(BUFFER_SIZE, Long.BYTES);
        private final long context;
        private boolean inFrame;

        NativeStream(String name, BlobInput input, NativeLibrary zstd) {
            this.name = name;
            this.input = input;
            this.zstd = zstd;
            inBuffer.set(ValueLayout.JAVA_LONG, ADDRESS_OFFSET, in.address());
            outBuffer.set(ValueLayout.JAVA_LONG, ADDRESS_OFFSET, out.address());
            context = zstd.call("ZSTD_createDCtx");
            if (context == 0) {
                arena.close();
                throw new OciException(name + ": the host's memory does not suffice to decompress it");
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            outBuffer.set(ValueLayout.JAVA_LONG, SIZE_OFFSET, Math.min(length, OUT_SIZE));
            outBuffer.set(ValueLayout.JAVA_LONG, POSITION_OFFSET, 0);
            while (true) {
                boolean more = feed();
                if (!more && !inFrame) {
                    return -1;
                }
                long hint = zstd.call("ZSTD_decompressStream", context, outBuffer.address(), inBuffer.address());
                if ((int) zstd.call("ZSTD_isError", hint) != 0) {
                    throw damaged(name, zstd.text("ZSTD_getErrorName", hint));
                }
                inFrame = hint != 0;
                int count = (int) outBuffer.get(ValueLayout.JAVA_LONG, POSITION_OFFSET);
                if (count > 0) {
                    MemorySegment.copy(out, ValueLayout.JAVA_BYTE, 0, target, offset, count);
                    return count;
                }
                if (!more && inFrame) {
                    throw new OciException(name + ": its zstd data is truncated");
                }
            }
        }

        /** Gives input if all was taken; false if there is none. */
        private boolean feed() throws IOException {
            if (inBuffer.get(ValueLayout.JAVA_LONG, POSITION_OFFSET)
                    < inBuffer.get(ValueLayout.JAVA_LONG, SIZE_OFFSET)) {
                return true;
            }
            inBuffer.set(ValueLayout.JAVA_LONG, POSITION_OFFSET, 0);
            int count = input.more() ? Math.min(input.end - input.at, IN_SIZE) : 0;
            MemorySegment.copy(input.buffer, input.at, in, ValueLayout.JAVA_BYTE, 0, count);
            inBuffer.set(ValueLayout.JAVA_LONG, SIZE_OFFSET, count);
            input.at += count;
            return count > 0;
        }

        @Override
        public void close() {
            long _ = zstd.call("ZSTD_freeDCtx", context);
            arena.close();
        }
    }

    /** By Java code, which takes windows of up to 8 MiB. */
    private static final class JavaStream extends InputStream {
        private final String name;
        private final InputStream decoder;

        JavaStream(String name, BlobInput input) {
            this.name = name;
            decoder = new ZstdJavaInputStream(new InputStream() {
                @Override
                public int read() throws IOException {
                    return input.read();
                }

                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    if (!input.more()) {
                        return -1;
                    }
                    int count = Math.min(length, input.end - input.at);
                    System.arraycopy(input.buffer, input.at, target, offset, count);
                    input.at += count;
                    return count;
                }
            });
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return decoder.read(target, offset, length);
            } catch (RuntimeException e) {
                throw damaged(
                        name,
                        Printable.line(String.valueOf(e.getMessage()))
                                + " (zstd's native library can't be loaded here)");
            }
        }

        @Override
        public void close() throws IOException {
            decoder.close();
        }
    }
}
