package io.javisor.images.grub;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Menus by chance, read by javisor and by GRUB itself: javisor boots what GRUB boots, or says why not. {@code -Dgrub.menus=N} tries more, and
 * {@code -Dgrub.seed=N} others.
 */
class GrubEmuTest {
    private static final int MENUS = Integer.getInteger("grub.menus", 150);
    private static final long SEED = Long.getLong("grub.seed", 1);
    private static final int SHRINK_TRIES = 400;
    private static final String SAME = "the same";
    private static final String REFUSED = "refused, and GRUB boots";
    private static final String TIMED_OUT = "timed out";

    /** Of menus that GRUB boots; 36 to 41 were seen. A change that refuses what it need not is to be seen here. */
    private static final int REFUSED_PERCENT_MAX = 45;

    @TempDir
    private Path directory = Path.of("");

    /**
     * What javisor says.
     *
     * @param boot null if it boots nothing
     * @param reason why it boots nothing, or not the default entry; else null
     */
    private record Answer(
            GrubEmu.@Nullable Boot boot, @Nullable String reason) {
        /** Whether javisor refuses the menu or its default entry and says why; so it may be another answer than GRUB's. */
        boolean refuses() {
            return boot == null || (reason != null && reason.contains("has no kernel that boots"));
        }
    }

    @Test
    void bootsWhatGrubBoots(TestReporter reporter) throws IOException {
        assumeTrue(GrubEmu.isInstalled(), "needs grub-emu (Debian: apt-get install grub-emu)");
        GrubEmu grub = new GrubEmu(directory);
        Map<String, Integer> counts = new TreeMap<>();
        for (long seed = SEED; seed < SEED + MENUS; seed++) {
            GrubScript script = GrubScripts.of(seed);
            String verdict = verdict(grub, script);
            if (verdict.startsWith("WRONG")) {
                GrubScript smallest = script.shrink(each -> verdict(grub, each).startsWith("WRONG"), SHRINK_TRIES);
                fail("seed %d: %s%n%s".formatted(seed, verdict(grub, smallest), smallest));
            }
            counts.merge(verdict, 1, Integer::sum);
        }
        reporter.publishEntry("menus", counts.toString());
        int same = counts.getOrDefault(SAME, 0);
        int refused = counts.getOrDefault(REFUSED, 0);
        assertTrue(same > MENUS / 4, counts::toString);
        assertTrue(refused * 100 <= REFUSED_PERCENT_MAX * (same + refused), counts::toString);
        // Some menus have no end.
        assertTrue(counts.getOrDefault(TIMED_OUT, 0) <= 1 + MENUS / 100, counts::toString);
    }

    static String verdict(GrubEmu grub, GrubScript script) {
        try {
            GrubEmu.Boot expected = grub.boot(script);
            Answer answer = read(script);
            if (answer.refuses()) {
                return expected == null ? "refused, and GRUB boots nothing" : REFUSED;
            }
            if (expected == null && answer.reason != null) {
                return "boots where GRUB waits at its menu";
            }
            return Objects.equals(answer.boot, expected)
                    ? SAME
                    : "WRONG: javisor has %s (%s), GRUB %s".formatted(answer.boot, answer.reason, expected);
        } catch (GrubEmu.TimedOut e) {
            return TIMED_OUT;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer read(GrubScript script) {
        GrubDisk disk = GrubEmu.disk(script);
        Volume first = disk.volumes().getFirst();
        try {
            BootFiles files = GrubConfig.boot(disk, first, GrubScript.MENU);
            return new Answer(
                    new GrubEmu.Boot(
                            text(files.kernel()),
                            files.initrds().stream().map(GrubEmuTest::text).toList(),
                            files.commandLine().replaceAll("[\\r\\n]", "")),
                    files.notes().isEmpty() ? null : String.join("; ", files.notes()));
        } catch (ImageException e) {
            return new Answer(null, e.getMessage());
        }
    }

    private static String text(ByteSource file) {
        byte[] bytes = new byte[(int) file.sizeBytes()];
        file.read(0, MemorySegment.ofArray(bytes));
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
