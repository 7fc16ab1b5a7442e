package io.javisor.oci.layer;

import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses members of gzip, one behind the other, to the input's end (RFC 1952). Zeros may fill up what is behind them; anything else is damage. Checksums and sizes are verified.
 */
final class GzipStream extends InputStream {
    private static final int DEFLATE = 8;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int FILE_NAME = 8;
    private static final int COMMENT = 16;

    /** Modification time, extra flags, operating system. */
    private static final int UNUSED_SIZE = 6;

    private final String name;
    private final BlobInput input;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private boolean inMember;
    private boolean later;

    GzipStream(String name, BlobInput input) {
        this.name = name;
        this.input = input;
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
        while (true) {
            if (!inMember && !begin()) {
                return -1;
            }
            int count = inflate(target, offset, length);
            if (count > 0) {
                crc.update(target, offset, count);
                return count;
            }
            if (inflater.finished()) {
                input.at = input.end - inflater.getRemaining();
                end();
            } else if (inflater.needsInput()) {
                if (!input.more()) {
                    throw truncated();
                }
                inflater.setInput(input.buffer, input.at, input.end - input.at);
                input.at = input.end;
            } else {
                throw damaged("a dictionary is asked for");
            }
        }
    }

    private int inflate(byte[] target, int offset, int length) {
        try {
            return inflater.inflate(target, offset, length);
        } catch (DataFormatException e) {
            throw damaged(String.valueOf(e.getMessage()));
        }
    }

    /** Reads a member's header; false if there is none. */
    private boolean begin() throws IOException {
        int first = input.read();
        if (later && first == 0) {
            while (first == 0) {
                first = input.read();
            }
            if (first >= 0) {
                throw damaged("something other than zeros is behind its end");
            }
        }
        if (first < 0) {
            return false;
        }
        if (first != 0x1F || input.read() != 0x8B || input.read() != DEFLATE) {
            throw damaged("what is behind its end is not gzip");
        }
        int flags = next();
        for (int i = 0; i < UNUSED_SIZE; i++) {
            next();
        }
        if ((flags & EXTRA) != 0) {
            for (int left = next() | next() << Byte.SIZE; left > 0; left--) {
                next();
            }
        }
        for (int text = flags & (FILE_NAME | COMMENT); text != 0; text &= text - 1) {
            while (next() != 0) {
                // Neither counts for anything.
            }
        }
        if ((flags & HEADER_CRC) != 0) {
            next();
            next();
        }
        inMember = true;
        later = true;
        inflater.reset();
        crc.reset();
        return true;
    }

    private void end() throws IOException {
        inMember = false;
        if (fourBytes() != crc.getValue()) {
            throw damaged("its checksum is wrong");
        }
        if (fourBytes() != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
            throw damaged("its size is wrong");
        }
    }

    private long fourBytes() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            value |= (long) next() << shift;
        }
        return value;
    }

    private int next() throws IOException {
        int value = input.read();
        if (value < 0) {
            throw truncated();
        }
        return value;
    }

    private OciException truncated() {
        return new OciException(name + ": its gzip data is truncated");
    }

    private OciException damaged(String how) {
        return new OciException(name + ": its gzip data is damaged: " + how);
    }

    @Override
    public void close() {
        inflater.end();
    }
}
