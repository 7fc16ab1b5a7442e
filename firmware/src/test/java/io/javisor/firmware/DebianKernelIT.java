package io.javisor.firmware;

import static io.javisor.firmware.testing.TestMachine.LAYOUT;
import static io.javisor.firmware.testing.TestMachine.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.image.KernelCache;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageFile;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With a distribution's kernel as it is shipped: Debian's linux-image-cloud-amd64, fetched by {@code guest/make-guest}. */
class DebianKernelIT {
    private static final long RAM = 512 * MIB;

    private static Path path = Path.of("");

    @BeforeAll
    static void fetch() throws IOException, InterruptedException {
        HostTool.require("apt-get", "apt: this test is for Debian");
        Process script = new ProcessBuilder("../guest/make-guest")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        path = Path.of(new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip(), "vmlinuz");
        assertEquals(0, script.waitFor(), "guest/make-guest");
    }

    private static ImageFile vmlinuz() throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            return new ImageFile(path.toString(), channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
        }
    }

    private static BootPlan plan(boolean kaslr) throws IOException {
        BootRequest request = new BootRequest(vmlinuz(), null, null, "", kaslr);
        return BootPlan.of(
                request, LAYOUT, TestMachine.e820(RAM), Arena.ofAuto(), KernelCache.NONE, new SplittableRandom(5));
    }

    @Test
    void isEnteredDirectly() throws IOException {
        BootPlan plan = plan(false);
        assertEquals(BootProtocol.LINUX64, plan.protocol());
        assertEquals(16 * MIB, plan.entryGpa());
        assertTrue(plan.kernel().ranges().size() >= 3);
    }

    @Test
    void kaslrChangesNothingButThePlacesToMend() throws IOException {
        BootPlan linked = plan(false);
        BootPlan moved = plan(true);
        long offset = moved.entryGpa() - linked.entryGpa();
        assertNotEquals(0, offset);
        GuestMemory linkedMemory = TestMachine.memory(RAM);
        GuestMemory movedMemory = TestMachine.memory(RAM);
        linked.write(linkedMemory);
        moved.write(movedMemory);
        long words = 0;
        long changed = 0;
        for (GpaRange range : linked.kernel().ranges()) {
            for (long gpa = range.startGpa(); gpa + 8 <= range.endGpa(); gpa += 8) {
                words++;
                changed += linkedMemory.getLong(gpa) == movedMemory.getLong(gpa + offset) ? 0 : 1;
            }
        }
        assertTrue(changed > 50_000 && changed < words / 10, changed + " of " + words);
    }

    @Test
    void itsOwnEntryIsThe64BitOne() throws IOException {
        BootRequest request = new BootRequest(vmlinuz(), BootProtocol.BZIMAGE, null, "");
        BootPlan plan = BootPlan.of(request, LAYOUT, TestMachine.e820(RAM));
        assertEquals(BootProtocol.BZIMAGE64, plan.protocol());
        assertEquals(16 * MIB + 0x200, plan.entryGpa());
    }
}
