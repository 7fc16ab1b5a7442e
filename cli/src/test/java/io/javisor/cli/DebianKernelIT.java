package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.testing.GuestTest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's stock kernel without an initramfs: to the panic of a kernel that finds no root file system. */
class DebianKernelIT {
    @Test
    @GuestTest
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void bootsUntilItFindsNoRoot() throws Exception {
        String console = output(
                ExitStatus.POWER_OFF,
                Checkout.LAUNCHER.toString(),
                "run",
                "--no-reboot",
                "--memory",
                "256M",
                "--kernel",
                kernel(),
                "--cmdline",
                "console=ttyS0 earlyprintk=ttyS0 panic=-1");
        assertInOrder(console, List.of("Linux version 6.1.", "Kernel panic - not syncing: VFS", "the guest resets"));
    }

    /** The first start keeps the decompressed kernel, the next ones take it, with KASLR too. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void itsDecompressedKernelIsKept(@TempDir Path cache) throws Exception {
        String kernel = kernel();
        String first = dryRun(cache, "--kernel", kernel);
        // A file that was fetched this moment is kept from the third second on.
        for (int i = 0; i < 10 && kept(cache).isEmpty(); i++) {
            Thread.sleep(1000);
            dryRun(cache, "--kernel", kernel);
        }
        List<Path> kept = kept(cache);
        assertEquals(1, kept.size());
        FileTime longAgo = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(kept.getFirst(), longAgo);
        assertEquals(first, dryRun(cache, "--kernel", kernel));
        assertEquals(kept, kept(cache));
        assertNotEquals(longAgo, Files.getLastModifiedTime(kept.getFirst()));
        dryRun(cache, "--kaslr", "--kernel", kernel);
        assertEquals(first, dryRun(cache, "--kernel", kernel));
    }

    private static String kernel() throws IOException, InterruptedException {
        return output(0, Checkout.DIRECTORY.resolve("guest/debian-kernel").toString())
                .strip();
    }

    private static String dryRun(Path cache, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("env", "XDG_CACHE_HOME=" + cache, Checkout.LAUNCHER.toString(), "run", "--dry-run"));
        command.addAll(List.of(options));
        return output(0, command.toArray(String[]::new));
    }

    private static List<Path> kept(Path cache) throws IOException {
        Path directory = cache.resolve("javisor/kernels");
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static void assertInOrder(String text, List<String> parts) {
        int at = 0;
        for (String part : parts) {
            int found = text.indexOf(part, at);
            assertTrue(found >= 0, () -> "no '" + part + "' in its place in:\n" + text);
            at = found + part.length();
        }
    }

    /** What a program prints, on both its outputs. */
    private static String output(int status, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(command.length > 1)
                .start();
        try {
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(status, process.waitFor(), text);
            return text;
        } finally {
            process.destroyForcibly();
        }
    }
}
