package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.HostRegisters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockPlanTest {
    private static final int KERNEL = RunMode.RUNNABLE | RunMode.SUPERVISOR;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment page = arena.allocate(4096, 4096);
    private final BlockPlan plan = new BlockPlan(new Decoder(Feature.all()), new HostRegisters());

    @AfterEach
    void free() {
        arena.close();
    }

    private boolean read(int start, String code) {
        byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
        MemorySegment.copy(bytes, 0, page, ValueLayout.JAVA_BYTE, start, bytes.length);
        return plan.read(page.address(), start, KERNEL);
    }

    /** Else an interrupt that comes after STI is taken before HLT, which then sleeps with work to do. */
    @Test
    void nothingComesBetweenStiAndHalt() {
        assertTrue(read(0, "90 fb f4")); // nop; sti; hlt
        assertEquals(2, plan.count());
        assertEquals(RunForms.STEP, plan.action(1));
    }

    @Test
    void norBetweenStiAndTheNextPage() {
        assertTrue(read(4094, "90 fb")); // nop; sti
        assertEquals(RunForms.STEP, plan.action(1));
    }

    @Test
    void withinABlockStiIsEmitted() {
        assertTrue(read(0, "fb 90 c3")); // sti; nop; ret
        assertEquals(RunForms.STI, plan.action(0));
    }

    @Test
    void whatIsAllStepsIsNoBlock() {
        assertFalse(read(0, "fb f4")); // sti; hlt
        assertFalse(read(0, "0f 05")); // syscall
    }
}
