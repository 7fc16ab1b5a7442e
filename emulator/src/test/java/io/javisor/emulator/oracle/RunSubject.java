package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.CODE_AREA;
import static io.javisor.emulator.oracle.OracleRecord.DATA;
import static io.javisor.emulator.oracle.OracleRecord.DATA_SIZE;
import static io.javisor.emulator.oracle.OracleRecord.PAGE;
import static io.javisor.emulator.oracle.OracleRecord.WRITABLE_SIZE;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.run.CodePages;
import io.javisor.emulator.run.RunFixture;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A run: the record's code is a block from its first execution on, at the oracle's addresses. HLT is behind it and wherever it may jump to. */
final class RunSubject implements Subject {
    private static final int CODE_SIZE = 0x10000;
    private static final byte HLT = (byte) 0xf4;
    private static final long TABLES_GPA = 0x1000;
    private static final long DATA_GPA = 0x10000;
    private static final long CODE_GPA = 0x20000;
    private static final int USER_WRITABLE = 7;
    private static final int USER_READABLE = 5;

    private final MemorySegment ram = Arena.ofAuto().allocate(CODE_GPA + CODE_SIZE, PAGE);
    private final GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
    private final CodePages pages = new CodePages(ram.byteSize());
    private final RunFixture fixture;
    private final CpuBlock cpu;
    private final Decoder decoder;
    private final Instruction instruction = new Instruction();
    private final byte[] initial = new byte[DATA_SIZE];
    private final byte[] bytes;
    private int at;
    private int length;
    private int loads;
    private boolean sequence;
    private final boolean steps;

    RunSubject(Set<Feature> features) {
        this(features, false);
    }

    /** By steps alone, to compare with. */
    static RunSubject ofSteps(Set<Feature> features) {
        return new RunSubject(features, true);
    }

    private RunSubject(Set<Feature> features, boolean steps) {
        this.steps = steps;
        fixture = new RunFixture(memory, pages, features, 1);
        cpu = fixture.cpu;
        decoder = new Decoder(features);
        memory.putLong(TABLES_GPA, 0x2000 | USER_WRITABLE);
        memory.putLong(0x2000, 0x3000 | USER_WRITABLE);
        memory.putLong(0x3000 + 8 * (DATA >>> 21), 0x4000 | USER_WRITABLE);
        for (int i = 0; i < DATA_SIZE / PAGE; i++) {
            long flags = i < WRITABLE_SIZE / PAGE ? USER_WRITABLE : USER_READABLE;
            memory.putLong(0x4000 + 8L * i, DATA_GPA + (long) i * PAGE | flags);
        }
        for (int i = 0; i < CODE_SIZE / PAGE; i++) {
            memory.putLong(0x4000 + 8L * (i + 16), CODE_GPA + (long) i * PAGE | USER_WRITABLE);
        }
        for (int i = 0; i < DATA_SIZE; i++) {
            initial[i] = OracleRecord.initial(i);
        }
        bytes = new byte[CODE_SIZE];
        Arrays.fill(bytes, HLT);
        memory.copyIn(bytes, 0, CODE_GPA, CODE_SIZE);
        memory.observeWrites(pages);
        fixture.start(TABLES_GPA, 3);
        cpu.putLong(StateLayout.XCR0_OFFSET, OracleRecord.COMPONENTS);
    }

    @Override
    public CpuBlock cpu() {
        return cpu;
    }

    @Override
    public MemorySegment data() {
        return ram.asSlice(DATA_GPA, DATA_SIZE);
    }

    @Override
    public void load(MemorySegment record) {
        memory.copyIn(bytes, 0, CODE_GPA + at, length);
        memory.copyIn(initial, 0, DATA_GPA, DATA_SIZE);
        memory.copyIn(record, OracleRecord.WINDOW, DATA_GPA + OracleRecord.WINDOW_AT, OracleRecord.WINDOW_SIZE);
        at = (int) (record.get(ValueLayout.JAVA_LONG, OracleRecord.RIP) - CODE_AREA);
        sequence = OracleRecord.codeOffset(record) == OracleRecord.LONG_CODE;
        length = record.get(ValueLayout.JAVA_INT, OracleRecord.LENGTH);
        memory.copyIn(record, OracleRecord.codeOffset(record), CODE_GPA + at, length);
        int _ = decoder.decode(record.asSlice(OracleRecord.codeOffset(record)), 0, 15, 64, instruction);
        fixture.mmu.flush(true);
        // Mostly what it touches is in the TLB, so that emitted code does it; else a step does.
        if (++loads % 8 != 0) {
            for (int i = 0; i < DATA_SIZE / PAGE; i++) {
                fixture.linear.checkRead(DATA + (long) i * PAGE, 1, false);
                if (i < WRITABLE_SIZE / PAGE) {
                    fixture.linear.checkWrite(DATA + (long) i * PAGE, 1, false);
                }
            }
        }
    }

    @Override
    public void execute() {
        if (sequence && !steps) {
            rehearse();
        }
        long start = cpu.rip();
        try {
            if (steps) {
                stepOn();
            }
            fixture.run();
        } catch (CpuFault fault) {
            boolean fetched = fault.vector() == Vectors.PF && fault.linear() == cpu.rip();
            if (cpu.rip() == start || !(fetched || (fault.vector() == Vectors.GP && atEnd()))) {
                throw fault;
            }
        }
    }

    /** Until a fault, as {@link RunFixture#run}. */
    private void stepOn() {
        while (true) {
            fixture.stepper.step();
        }
    }

    /** So that the second time blocks are linked and in the jump cache. */
    private void rehearse() {
        MemorySegment before = MemorySegment.ofArray(cpu.segment().toArray(ValueLayout.JAVA_BYTE));
        byte[] pages = new byte[DATA_SIZE];
        memory.copyOut(DATA_GPA, pages, 0, DATA_SIZE);
        try {
            fixture.run();
        } catch (CpuFault fault) {
            memory.copyIn(pages, 0, DATA_GPA, DATA_SIZE);
        }
        MemorySegment.copy(before, 0, cpu.segment(), 0, StateLayout.CPL_OFFSET);
        int image = VectorLayout.XSAVE_OFFSET;
        MemorySegment.copy(before, image, cpu.segment(), image, VectorLayout.XSAVE_SIZE);
    }

    private boolean atEnd() {
        long offset = cpu.rip() - CODE_AREA;
        return offset >= 0 && offset < CODE_SIZE && ram.get(ValueLayout.JAVA_BYTE, CODE_GPA + offset) == HLT;
    }

    @Override
    public Instruction instruction() {
        return instruction;
    }

    @Override
    public long emitted() {
        return fixture.runs.counters().emitted();
    }

    @Override
    public void close() {
        fixture.close();
    }
}
