package io.javisor.emulator.decode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Debian's kernel, as the ELF file in a bzImage that some other test or a user's first run has left in javisor's cache. */
final class KernelFile {
    private KernelFile() {}

    /** Unpacks it into {@code directory}; null if there is none or lz4 is missing. */
    static @Nullable Path find(Path directory) throws IOException, InterruptedException {
        Optional<Path> image = image();
        if (image.isEmpty()) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(image.get())).order(ByteOrder.LITTLE_ENDIAN);
        // Linux's Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length
        int start = ((bytes.get(0x1f1) & 0xff) + 1) * 512 + bytes.getInt(0x248);
        int end = start + bytes.getInt(0x24c) - 4; // the unpacked size follows the payload
        Path packed = directory.resolve("payload.lz4");
        Files.write(packed, Arrays.copyOfRange(bytes.array(), start, end));
        Path kernel = directory.resolve("vmlinux");
        try {
            Process process = new ProcessBuilder("lz4", "-dc", packed.toString())
                    .redirectOutput(kernel.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0 ? kernel : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Optional<Path> image() throws IOException {
        String home = System.getenv("XDG_CACHE_HOME");
        Path cache =
                home == null || home.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(home);
        Path kernels = cache.resolve("javisor");
        if (!Files.isDirectory(kernels)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.find(kernels, 3, (path, attributes) -> path.endsWith("vmlinuz"))) {
            return files.sorted().findFirst();
        }
    }
}
