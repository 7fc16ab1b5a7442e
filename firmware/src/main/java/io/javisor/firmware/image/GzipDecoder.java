package io.javisor.firmware.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * One gzip member (RFC 1952). The JDK's inflater goes from memory to memory; its {@code GZIPInputStream} would copy everything through the
 * heap and read on into whatever follows.
 */
final class GzipDecoder implements PayloadDecoder {
    private static final int HEADER_SIZE = 10;
    private static final int TRAILER_SIZE = 8;
    private static final int METHOD_DEFLATE = 8;
    private static final int FHCRC = 1 << 1;
    private static final int FEXTRA = 1 << 2;
    private static final int FNAME = 1 << 3;
    private static final int FCOMMENT = 1 << 4;
    private static final int FLAGS_RESERVED = 0xE0;

    /** Between two looks at the clock. */
    private static final long SLICE_SIZE = 4 << 20;

    @Override
    public long decode(MemorySegment source, MemorySegment target, Deadline deadline) throws IOException {
        long dataOffset = dataOffset(source);
        long trailerOffset = source.byteSize() - TRAILER_SIZE;
        if (trailerOffset < dataOffset) {
            throw truncated();
        }
        CRC32 crc = new CRC32();
        long written = inflate(source.asSlice(dataOffset, trailerOffset - dataOffset), target, crc, deadline);
        int expectedCrc = source.get(ValueLayout.JAVA_INT_UNALIGNED, trailerOffset);
        if ((int) crc.getValue() != expectedCrc) {
            throw new IOException("wrong checksum: 0x%08x instead of 0x%08x".formatted(crc.getValue(), expectedCrc));
        }
        int isize = source.get(ValueLayout.JAVA_INT_UNALIGNED, trailerOffset + 4);
        if ((int) written != isize) {
            throw new IOException(
                    "its trailer says %d bytes, but there are %d".formatted(Integer.toUnsignedLong(isize), written));
        }
        return written;
    }

    private static long inflate(MemorySegment source, MemorySegment target, CRC32 crc, Deadline deadline)
            throws IOException {
        Inflater inflater = new Inflater(true);
        try {
            long written = 0;
            long consumed = 0;
            while (true) {
                deadline.check();
                ByteBuffer input = slice(source, consumed);
                ByteBuffer output = slice(target, written);
                inflater.setInput(input);
                inflater.inflate(output);
                consumed += input.position();
                written += output.position();
                crc.update(output.flip());
                if (inflater.finished()) {
                    break;
                }
                if (input.position() == 0 && output.limit() == 0) {
                    throw stuck(source, consumed, target, inflater);
                }
            }
            if (consumed != source.byteSize()) {
                throw new IOException("%d bytes follow the end of the data".formatted(source.byteSize() - consumed));
            }
            return written;
        } catch (DataFormatException e) {
            throw new IOException("damaged data: " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }

    private static IOException stuck(MemorySegment source, long consumed, MemorySegment target, Inflater inflater) {
        if (inflater.needsDictionary()) {
            return new IOException("damaged data: a preset dictionary");
        }
        return consumed == source.byteSize() ? truncated() : SegmentInput.tooLong(target);
    }

    private static ByteBuffer slice(MemorySegment segment, long offset) {
        return segment.asSlice(offset, Math.min(SLICE_SIZE, segment.byteSize() - offset))
                .asByteBuffer();
    }

    private static long dataOffset(MemorySegment source) throws IOException {
        if (source.byteSize() < HEADER_SIZE) {
            throw truncated();
        }
        int method = u8(source, 2);
        if (method != METHOD_DEFLATE) {
            throw new IOException("unknown method " + method);
        }
        int flags = u8(source, 3);
        if ((flags & FLAGS_RESERVED) != 0) {
            throw new IOException("unknown flags 0x%x".formatted(flags));
        }
        long offset = HEADER_SIZE;
        if ((flags & FEXTRA) != 0) {
            offset += 2 + u8(source, offset) + ((long) u8(source, offset + 1) << 8);
        }
        if ((flags & FNAME) != 0) {
            offset = afterText(source, offset);
        }
        if ((flags & FCOMMENT) != 0) {
            offset = afterText(source, offset);
        }
        return (flags & FHCRC) != 0 ? offset + 2 : offset;
    }

    private static long afterText(MemorySegment source, long startOffset) throws IOException {
        long offset = startOffset;
        while (u8(source, offset) != 0) {
            offset++;
        }
        return offset + 1;
    }

    private static int u8(MemorySegment source, long offset) throws IOException {
        if (offset >= source.byteSize()) {
            throw truncated();
        }
        return source.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    private static IOException truncated() {
        return new IOException("truncated");
    }
}
