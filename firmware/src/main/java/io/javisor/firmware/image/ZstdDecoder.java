package io.javisor.firmware.image;

import io.airlift.compress.v3.zstd.ZstdJavaInputStream;
import io.javisor.core.host.NativeLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * A zstd frame. {@code zstd -22 --ultra} of a pipe says a window of 128 MiB, which the library's Java decoder refuses above 8 MiB; zstd itself
 * decompresses to memory that holds all of it, where the window needs none of its own. The library brings it, and would unpack it to the host's directory for
 * temporary files. The Java decoder is for hosts where native code can't be loaded.
 */
final class ZstdDecoder implements PayloadDecoder {
    // zstd.h: ZSTD_dParameter, with ZSTD_d_experimentalParam2, and the largest window on 64 bits.
    private static final int ZSTD_D_WINDOW_LOG_MAX = 100;
    private static final int ZSTD_D_STABLE_OUT_BUFFER = 1001;
    private static final int WINDOW_LOG_MAX = 31;

    // ZSTD_inBuffer and ZSTD_outBuffer.
    private static final long ADDRESS_OFFSET = 0;
    private static final long SIZE_OFFSET = 8;
    private static final long POSITION_OFFSET = 16;
    private static final long BUFFER_SIZE = 24;

    /** Of the input, between two looks at the clock. */
    private static final long SLICE_SIZE = 1 << 20;

    private static final String RESOURCE = "/aircompressor/linux-amd64/libzstd.so";

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

    @Override
    public long decode(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException {
        NativeLibrary zstd = Zstd.LIBRARY;
        return zstd == null ? decodeInJava(source, target, deadline) : decode(zstd, source, target, deadline);
    }

    static long decodeInJava(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException {
        try (InputStream zstdStream = new ZstdJavaInputStream(new SegmentInput(source, deadline))) {
            return SegmentInput.drain(zstdStream, target, deadline);
        } catch (RuntimeException e) {
            throw new IOException(e.getMessage() + " (zstd's native library can't be loaded here)", e);
        }
    }

    private static long decode(NativeLibrary zstd, MemorySegment source, MemorySegment target, Deadline deadline)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = source.isNative()
                    ? source
                    : arena.allocate(source.byteSize()).copyFrom(source);
            MemorySegment to = target.isNative() ? target : arena.allocate(target.byteSize());
            long written = decodeSlices(zstd, from, to, deadline, arena);
            if (!target.isNative()) {
                MemorySegment.copy(to, 0, target, 0, written);
            }
            return written;
        } finally {
            Reference.reachabilityFence(source);
            Reference.reachabilityFence(target);
        }
    }

    /**
     * By ZSTD_decompressStream (zstd 1.5, zstd.h): it reads and writes within the two only, whatever is in the first. The output is a whole, so it needs
     * no window.
     */
    private static long decodeSlices(
            NativeLibrary zstd, MemorySegment from, MemorySegment to, Deadline deadline, Arena arena)
            throws IOException {
        MemorySegment input = arena.allocate(BUFFER_SIZE, Long.BYTES);
        MemorySegment output = arena.allocate(BUFFER_SIZE, Long.BYTES);
        output.set(ValueLayout.JAVA_LONG, ADDRESS_OFFSET, to.address());
        output.set(ValueLayout.JAVA_LONG, SIZE_OFFSET, to.byteSize());
        long context = zstd.call("ZSTD_createDCtx");
        if (context == 0) {
            throw new IOException("the host's memory does not suffice");
        }
        try {
            check(zstd, zstd.call("ZSTD_DCtx_setParameter", context, ZSTD_D_WINDOW_LOG_MAX, WINDOW_LOG_MAX));
            // Where it is not known (it is experimental), a window is allocated.
            long _ = zstd.call("ZSTD_DCtx_setParameter", context, ZSTD_D_STABLE_OUT_BUFFER, 1);
            long consumed = 0;
            long hint = 1;
            while (consumed < from.byteSize()) {
                deadline.check();
                input.set(ValueLayout.JAVA_LONG, ADDRESS_OFFSET, from.address() + consumed);
                input.set(ValueLayout.JAVA_LONG, SIZE_OFFSET, Math.min(SLICE_SIZE, from.byteSize() - consumed));
                input.set(ValueLayout.JAVA_LONG, POSITION_OFFSET, 0);
                hint = check(zstd, zstd.call("ZSTD_decompressStream", context, output.address(), input.address()));
                consumed += input.get(ValueLayout.JAVA_LONG, POSITION_OFFSET);
            }
            if (hint != 0) { // inside a frame
                throw new IOException("truncated");
            }
            return output.get(ValueLayout.JAVA_LONG, POSITION_OFFSET);
        } finally {
            long _ = zstd.call("ZSTD_freeDCtx", context);
        }
    }

    private static long check(NativeLibrary zstd, long result) throws IOException {
        if ((int) zstd.call("ZSTD_isError", result) != 0) {
            throw new IOException(zstd.text("ZSTD_getErrorName", result));
        }
        return result;
    }
}
