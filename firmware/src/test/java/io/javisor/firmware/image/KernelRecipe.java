package io.javisor.firmware.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.images.ImageFile;
import io.javisor.testkit.junit.HostTool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The commands of the kernel's scripts/Makefile.lib; all of them read a pipe. */
public enum KernelRecipe {
    GZIP(PayloadFormat.GZIP, "gzip -n -f -9"),
    BZIP2(PayloadFormat.BZIP2, "bzip2 -9"),
    LZMA(PayloadFormat.LZMA, "lzma -9"),
    XZ(PayloadFormat.XZ, "xz --check=crc32 --x86 --lzma2=,dict=32MiB"),
    XZ_LARGE(PayloadFormat.XZ, "xz --check=crc32 --x86 --lzma2=,dict=128MiB"),
    LZ4(PayloadFormat.LZ4, "lz4 -l -9 - -"),
    LZO(PayloadFormat.LZO, "lzop -9"),
    ZSTD(PayloadFormat.ZSTD, "zstd -22 --ultra");

    private final PayloadFormat format;
    private final String command;

    KernelRecipe(PayloadFormat format, String command) {
        this.format = format;
        this.command = command;
    }

    /** What the recipe should be taken for. */
    public PayloadFormat format() {
        return format;
    }

    private List<String> words() {
        return List.of(command.split(" ", -1));
    }

    /** {@code data} compressed, with the size trailer; the test is skipped where the tool is not installed. */
    public byte[] compress(byte[] data) {
        String tool = words().getFirst();
        HostTool.require(tool, tool.equals("lzma") || tool.equals("xz") ? "xz-utils" : tool);
        try {
            Process process = new ProcessBuilder(words())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Thread writer = Thread.ofVirtual().start(() -> {
                try (OutputStream input = process.getOutputStream()) {
                    input.write(data);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            byte[] compressed = process.getInputStream().readAllBytes();
            writer.join();
            assertEquals(0, process.waitFor(), words().getFirst());
            return format.sizeAppended() ? withTrailer(compressed, data.length) : compressed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code compressed} and behind it {@code size} (size_append, scripts/Makefile.lib). */
    static byte[] withTrailer(byte[] compressed, int size) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(compressed.length + 4);
        bytes.writeBytes(compressed);
        bytes.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(size)
                .array());
        return bytes.toByteArray();
    }

    /** {@code bytes} as a payload of this recipe's format. */
    CompressedPayload payload(byte[] bytes) {
        return new CompressedPayload(new ImageFile("vmlinuz", MemorySegment.ofArray(bytes)), format, 0, bytes.length);
    }
}
