package io.javisor.testkit.guest;

import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Assembly source from a test's resources as GNU's assembler and linker make bytes of it, and where its labels are. */
public final class Assembly {
    private final byte[] bytes;
    private final Map<String, Long> labels;

    private Assembly(byte[] bytes, Map<String, Long> labels) {
        this.bytes = bytes;
        this.labels = labels;
    }

    /**
     * Assembles; skips the test where there are no binutils.
     *
     * @param beside the class whose package has the sources
     * @param address where the first byte is to lie
     * @param source the name of the file
     * @param included the names of those that it includes
     */
    public static Assembly of(Class<?> beside, long address, String source, String... included) {
        HostTool.require("as", "binutils");
        HostTool.require("ld", "binutils");
        HostTool.require("nm", "binutils");
        try {
            Path directory = Files.createTempDirectory("assembly");
            try {
                copy(beside, source, directory);
                for (String name : included) {
                    copy(beside, name, directory);
                }
                return make(directory, address, source);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Assembly make(Path directory, long address, String source) throws IOException {
        String _ = HostTool.run(directory, "", "as", "--64", "-o", "object", source);
        String _ = HostTool.run(
                directory,
                "",
                "ld",
                "--no-warn-rwx-segments",
                "-Ttext=0x" + Long.toHexString(address),
                "-e",
                "0",
                "--oformat=binary",
                "-o",
                "binary",
                "object");
        Map<String, Long> labels = new HashMap<>();
        for (String line : HostTool.run(directory, "", "nm", "object").lines().toList()) {
            String[] words = line.strip().split(" ", -1);
            if (words.length == 3 && words[1].equals("t")) {
                labels.put(words[2], address + Long.parseLong(words[0], 16));
            }
        }
        return new Assembly(Files.readAllBytes(directory.resolve("binary")), labels);
    }

    private static void copy(Class<?> beside, String resource, Path directory) throws IOException {
        try (InputStream source = Objects.requireNonNull(beside.getResourceAsStream(resource), resource)) {
            Files.write(directory.resolve(resource), source.readAllBytes());
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** Where a label lies; of labels in the text section alone. */
    public long address(String label) {
        return Objects.requireNonNull(labels.get(label), label);
    }
}
