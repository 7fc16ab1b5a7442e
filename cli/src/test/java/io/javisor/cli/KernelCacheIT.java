package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's stock kernel is decompressed once: the first start keeps what came out, the next ones take it, with KASLR too. */
class KernelCacheIT {
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void itsDecompressedKernelIsKept(@TempDir Path cache) throws Exception {
        Path kernel = GuestSession.defaultGuest().resolve("vmlinuz");
        String first = dryRun(cache, "--kernel", kernel);
        // A file that was made this moment is kept from the third second on.
        for (int i = 0; i < 10 && kept(cache).isEmpty(); i++) {
            TimeUnit.SECONDS.sleep(1);
            String _ = dryRun(cache, "--kernel", kernel);
        }
        List<Path> kept = kept(cache);
        assertEquals(1, kept.size());
        FileTime longAgo = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(kept.getFirst(), longAgo);
        assertEquals(first, dryRun(cache, "--kernel", kernel));
        assertEquals(kept, kept(cache));
        assertNotEquals(longAgo, Files.getLastModifiedTime(kept.getFirst()));
        String _ = dryRun(cache, "--kaslr", "--kernel", kernel);
        assertEquals(first, dryRun(cache, "--kernel", kernel));
    }

    private static String dryRun(Path cache, Object... options) throws IOException, InterruptedException {
        Program.Result result = Program.run(
                Root.command("env", "XDG_CACHE_HOME=" + cache, Checkout.LAUNCHER, "run", "--dry-run", options));
        assertEquals(0, result.status(), result::toString);
        return result.out();
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
}
