package io.javisor.machine.matrix;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.ProtectedModeStart;
import io.javisor.testkit.guest.TinyGuest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The guest that runs cases: the harness, 16 MiB of memory, and what the test asks for beside. */
final class MatrixGuest implements AutoCloseable {
    /** Which harness. */
    enum Mode {
        PROTECTED,
        LONG
    }

    /** Where level 3 finds the stubs, above where they are. */
    static final long USER_LONG = 0x400_0000;

    static final long USER_PAGED = 0x40_0000;

    /** What is memory from address 0 on. */
    static final long RAM_SIZE = 16 << 20;

    private static final long CASES_GPA = 0x80_0000;
    private static final long RESULTS_GPA = 0xC0_0000;
    private static final int CASES_MAX = (int) ((RESULTS_GPA - CASES_GPA) / MatrixCase.SIZE);
    private static final int DONE = 0x55;
    private static final long GUEST_SECONDS = 200;
    private static final String TO_HARNESS = "1000: e9 fb 8f 00 00 ; jmp 0xa000";

    private final Mode mode;
    private final MatrixImage image;
    private final TinyGuest guest;

    private MatrixGuest(Mode mode, MatrixImage image, TinyGuest guest) {
        this.mode = mode;
        this.image = image;
        this.guest = guest;
    }

    static MatrixGuest of(EngineProvider engine, Mode mode, GpaRange... more) {
        MatrixImage image = MatrixImage.of(mode);
        List<GpaRange> regions = new ArrayList<>(List.of(new GpaRange(0, RAM_SIZE)));
        regions.addAll(List.of(more));
        TinyGuest.Builder builder =
                mode == Mode.LONG ? TinyGuest.longMode(engine).code(TO_HARNESS) : TinyGuest.realMode(engine);
        return new MatrixGuest(
                mode, image, builder.memory(regions.toArray(GpaRange[]::new)).build());
    }

    Mode mode() {
        return mode;
    }

    GuestMemory memory() {
        return guest.memory();
    }

    /** Where a label of the harness is. */
    long address(String label) {
        return image.address(label);
    }

    /** Where a level finds a stub, as long as paging is the harness's own. */
    long address(String stub, int cpl) {
        return address(stub) + (mode == Mode.LONG && cpl == 3 ? USER_LONG : 0);
    }

    long stackTop(int cpl) {
        return address("case_stack_top", cpl);
    }

    /** A leaf of what the processor may be, 0 if there is none. */
    CpuidEntry cpuid(int function) {
        return guest.vm().offer().supported().stream()
                .filter(entry -> entry.answers(function, 0))
                .findFirst()
                .orElse(CpuidEntry.leaf(function, 0, 0, 0, 0));
    }

    boolean isIntel() {
        return cpuid(0).ebx() == 0x756E_6547;
    }

    List<MatrixResult> run(List<MatrixCase> cases) throws InterruptedException {
        List<MatrixResult> results = new ArrayList<>();
        for (int first = 0; first < cases.size(); first += CASES_MAX) {
            runSome(cases.subList(first, Math.min(first + CASES_MAX, cases.size())), results);
        }
        return results;
    }

    private void runSome(List<MatrixCase> cases, List<MatrixResult> results) throws InterruptedException {
        image.writeTo(guest.memory());
        guest.memory().putInt(address("left"), cases.size());
        ByteBuffer bytes = ByteBuffer.allocate(cases.size() * MatrixCase.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        cases.forEach(each -> each.writeTo(bytes));
        guest.memory().copyIn(bytes.array(), 0, CASES_GPA, bytes.capacity());
        guest.memory().fill(RESULTS_GPA, bytes.capacity(), (byte) 0);
        guest.reset();
        if (mode == Mode.PROTECTED) {
            ProtectedModeStart.apply(guest.engineVcpu(0), address("start"));
        }
        guest.run();
        await();
        long report = guest.awaitReport();
        if (report != DONE) {
            throw new AssertionError("the harness reports " + report);
        }
        guest.awaitExit(VcpuExit.HALT);
        guest.memory().copyOut(RESULTS_GPA, bytes.array(), 0, bytes.capacity());
        for (int i = 0; i < cases.size(); i++) {
            results.add(MatrixResult.read(bytes, i * MatrixCase.SIZE));
        }
    }

    private void await() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GUEST_SECONDS);
        while (guest.pendingReports() == 0 && System.nanoTime() < deadline && !guest.hasStopped()) {
            Thread.sleep(1);
        }
        if (guest.pendingReports() == 0) {
            long at = (guest.memory().getInt(address("here")) - CASES_GPA) / MatrixCase.SIZE;
            throw new AssertionError("the harness does not come to its end: case " + at + ", " + guest.awaitOutcome());
        }
    }

    @Override
    public void close() {
        guest.close();
    }
}
