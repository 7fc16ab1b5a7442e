package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs code, page tables and descriptor tables that an input makes up, in any mode, on a vCPU of the engine for some milliseconds.
 *
 * <p>Before and behind the guest's RAM lie 64 MiB each in which every access, of emitted code or of the JVM, is a SIGBUS, and ends the run with
 * {@link VcpuExit#INTERNAL_ERROR}. What is not used of the vCPU's block has a pattern.
 *
 * <p>An input: mode, and twice as many for that with blocks that are checked; options, how many changes of tables follow; each a kind, a place
 * and what it needs; then code for {@link #CODE_GPA}. A handler of all exceptions goes on in that code, by turns in one of four places.
 */
final class HostileGuest implements AutoCloseable {
    static final int MODES = 6;
    static final int RAM_SIZE = 0x4_0000;
    static final int CODE_GPA = 0x1_0000;
    static final int MAX_CODE = 0x1000;
    static final int MAX_CHANGES = 16;

    /** Options. */
    static final int APIC = 0x80;

    private static final int REAL = 0;
    private static final int PROTECTED = 1;
    private static final int PAGING = 2;
    private static final int LONG = 3;
    private static final int USER = 4;
    // 5: 64-bit code that starts just before the end of RAM

    /** Who does not come back to its loop for so long is kicked out. */
    private static final long KICK_NANOS = 4_000_000;

    private static final int MAX_CALLS = 100;

    private static final long GUARD_SIZE = 64L << 20;
    private static final long DEVICE_GPA = 0xD000_0000L;

    // Tables: 4 levels for 64-bit mode, 2 for 32-bit mode, descriptors. All of them in what changes reach.
    private static final long PML4 = 0x1000;
    private static final long PDPT = 0x2000;
    private static final long DIRECTORY = 0x3000;
    private static final long TABLE = 0x4000;
    private static final long GDT = 0x5000;
    private static final long IDT = 0x6000;
    private static final long TSS = 0x7000;
    private static final long DIRECTORY_32 = 0xA000;
    private static final long TABLE_32 = 0xB000;
    private static final int CHANGED_SLOTS = 0x8000 / 8;
    private static final long STACK = 0x8F00;
    private static final int INTERRUPT_STACK = 0x7F00;
    private static final int CANARY_OFFSET = VectorLayout.UPPERS_OFFSET + 4;
    private static final long CANARY = 0x5AA5_C33C_0FF0_9669L;

    private static final int LONG_HANDLER = 0x9000;
    private static final int PROTECTED_HANDLER = 0x9100;
    private static final int REAL_HANDLER = 0x9200;

    // mov esi,0x12000; mov edi,0x13ff8; mov ebx,0x12100; mov ebp,0x3fffc; mov ecx,0x41; mov eax,[0x9800]; inc eax;
    // mov [0x9800],eax; and eax,12; lea eax,[rax+0x10000]; mov [0x7ed8],eax; mov esp,0x7ed8; iretq
    private static final String LONG_CODE = "be00200100bff83f0100bb00210100bdfcff0300b9410000008b042500980000ffc0"
            + "8904250098000083e00c8d8000000100890425d87e0000bcd87e000048cf";
    // The same, but: mov esp,0x8f00; ...; jmp eax
    private static final String PROTECTED_CODE = "be00200100bff83f0100bb00210100bdfcff0300b941000000bc008f0000"
            + "a10098000040a30098000083e00c8d8000000100ffe0";
    // The same in 16 bits, with cs 0x400 and ds 0x1000.
    private static final String REAL_CODE = "be0020bff83fbb0021b94100bc008f2ea10098402ea3009883e00c0500c0ffe0";

    private final long mappedHva;
    private final long ramHva;
    private final GuestMemory memory;
    private final SoftwareEngine engine = engine(Translation.ON);
    private final SoftwareEngine checks = engine(Translation.CHECK);
    private final EngineVm idle;
    private final Thread kicker;
    private volatile SoftwareVcpu running;
    private final Map<String, Long> counters = new TreeMap<>();
    private final AtomicLong calls = new AtomicLong();
    private volatile boolean closed;

    HostileGuest() {
        int shared = HostConstants.MAP_SHARED;
        int rw = HostConstants.PROT_READ | HostConstants.PROT_WRITE;
        long size = 2 * GUARD_SIZE + RAM_SIZE;
        try (Fd empty = Fd.own("memfd", Libc.memfdCreate("empty", HostConstants.MFD_CLOEXEC))) {
            mappedHva = Libc.check("mmap", Libc.mmap(0, size, rw, shared, empty.value(), 0));
        }
        int fixed = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS | HostConstants.MAP_FIXED;
        ramHva = Libc.check("mmap", Libc.mmap(mappedHva + GUARD_SIZE, RAM_SIZE, rw, fixed, -1, 0));
        memory = new GuestMemory(List.of(new GuestMemory.Region(0, Libc.segmentAt(ramHva, RAM_SIZE))));
        idle = vm(engine, false);
        running = vcpu(idle);
        kicker = Thread.ofPlatform().daemon().name("kicker").start(() -> {
            while (!closed) {
                long before = calls.get();
                LockSupport.parkNanos(KICK_NANOS);
                if (calls.get() == before) {
                    running.kick();
                }
            }
        });
    }

    private static SoftwareEngine engine(Translation translation) {
        return new SoftwareEngine(new EngineTraits(false, true), HostFeatures.ofHost(), translation);
    }

    private EngineVm vm(SoftwareEngine by, boolean apic) {
        AddressBus devices = AddressBus.deviceMemory();
        BusDevice device = new BusDevice() {
            @Override
            public long read(long offset, int size) {
                return 0x1122_3344_5566_7788L ^ offset;
            }

            @Override
            public void write(long offset, int size, long value) {}
        };
        var _ = devices.register("device", DEVICE_GPA, 1 << 20, device);
        return by.createVm(new VmSpec(
                "hostile",
                memory,
                AddressBus.ports(),
                devices,
                apic ? VmSpec.Interrupts.PC : VmSpec.Interrupts.NONE,
                0xFFFB_C000L,
                Runnable::run));
    }

    private static SoftwareVcpu vcpu(EngineVm vm) {
        return (SoftwareVcpu) vm.createVcpu(0);
    }

    /** Runs one input; what should not be is an {@link AssertionError}. */
    void run(byte[] input) {
        run(input, null);
    }

    /** As {@link #run(byte[])}, from a state that has been changed on its way into the vCPU. That may refuse it. */
    void run(byte[] input, @Nullable StateMutator mutator) {
        Libc.segmentAt(ramHva, RAM_SIZE).fill((byte) 0);
        int at = 0;
        int mode = at(input, at) % MODES;
        SoftwareEngine by = (at(input, at++) / MODES & 1) == 0 ? engine : checks;
        int options = at(input, at++);
        writeTables(mode);
        int changes = at(input, at++) % (MAX_CHANGES + 1);
        for (int i = 0; i < changes; i++) {
            at = change(input, at);
        }
        int codeGpa = mode == MODES - 1 ? RAM_SIZE - 32 : CODE_GPA;
        for (int i = 0; i < MAX_CODE && at < input.length; i++) {
            memory.putByte(codeGpa + i % (RAM_SIZE - codeGpa), input[at++]);
        }
        try (EngineVm vm = vm(by, (options & APIC) != 0)) {
            SoftwareVcpu vcpu = vcpu(vm);
            vcpu.powerOn(vm.offer().supported());
            fillCanaries(vcpu.block());
            vcpu.setRegisters(registers(mode, options, codeGpa, vcpu.registers().system()));
            try {
                if (mutator == null || restored(vm, mutator)) {
                    execute(vcpu);
                }
            } finally {
                running.clearKick();
                vcpu.close();
            }
        }
    }

    /** Whether a changed state was taken. */
    private boolean restored(EngineVm vm, StateMutator mutator) {
        try {
            vm.restore(mutator.change(vm.save()));
            counters.merge("states_taken", 1L, Long::sum);
            return true;
        } catch (IllegalArgumentException | HostException e) {
            counters.merge("states_refused", 1L, Long::sum);
            return false;
        }
    }

    private void execute(SoftwareVcpu vcpu) {
        SoftwareVcpu before = running;
        running = vcpu;
        VcpuExit exit = VcpuExit.CONTINUE;
        try {
            for (int i = 0; i < MAX_CALLS && exit == VcpuExit.CONTINUE; i++) {
                exit = vcpu.run();
                calls.getAndIncrement();
            }
        } finally {
            running = before;
        }
        VcpuExit last = exit;
        counters.merge(last.name(), 1L, Long::sum);
        vcpu.counters().forEach((name, count) -> counters.merge(name, count, Long::sum));
        assertTrue(
                last == VcpuExit.CONTINUE
                        || last == VcpuExit.KICKED
                        || last == VcpuExit.HALT
                        || last == VcpuExit.TRIPLE_FAULT,
                () -> vcpu.failure(last).toString());
        checkState(vcpu);
    }

    private static void checkState(SoftwareVcpu vcpu) {
        CpuBlock cpu = vcpu.block();
        for (int offset = CANARY_OFFSET; offset < 0x1000; offset += 8) {
            assertEquals(CANARY, cpu.getLong(offset), "the vCPU's block has changed");
        }
        assertEquals(Bits.RFLAGS_FIXED, cpu.rflags() & (Bits.RFLAGS_FIXED | 1 << 3 | 1 << 5 | 1 << 15 | -1L << 22));
        if (cpu.code64()) {
            assertTrue(CpuBlock.isCanonical(cpu.rip()), () -> "rip " + Long.toHexString(cpu.rip()));
        } else {
            assertEquals(0, cpu.rip() >>> 32);
        }
        vcpu.restore(vcpu.save());
    }

    private static void fillCanaries(CpuBlock cpu) {
        for (int offset = CANARY_OFFSET; offset < 0x1000; offset += 8) {
            cpu.putLong(offset, CANARY);
        }
    }

    private static int at(byte[] input, int index) {
        return index < input.length ? input[index] & 0xFF : 0;
    }

    private static long value(byte[] input, int from) {
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | at(input, from + i);
        }
        return value;
    }

    /** One change of the tables; returns where the input goes on. */
    private int change(byte[] input, int from) {
        int kind = at(input, from);
        int slot = (at(input, from + 1) | at(input, from + 2) << 8) % CHANGED_SLOTS;
        long gpa = PML4 + 8L * slot;
        int page = at(input, from + 3);
        int flags = at(input, from + 4);
        switch (kind & 3) {
            case 0 -> { // anything
                memory.putLong(gpa, value(input, from + 3));
                return from + 11;
            }
            case 1 -> memory.putLong(gpa, (long) page << 12 | flags | 1); // a page near by, RAM or just not
            case 2 -> memory.putLong(gpa, DEVICE_GPA + ((long) page << 12) | flags | 1);
            default -> memory.putByte(gpa + (flags & 7), (byte) page);
        }
        return from + 5;
    }

    private void writeTables(int mode) {
        int flags = 0x07;
        memory.putLong(PML4, PDPT | flags);
        memory.putLong(PDPT, DIRECTORY | flags);
        memory.putLong(PDPT + 8 * 3, 0xC000_0083L); // 1 GiB with the local APIC and the device
        memory.putLong(DIRECTORY, TABLE | flags);
        memory.putLong(DIRECTORY + 8, 0x87); // RAM and more in one page of 2 MiB
        memory.putLong(DIRECTORY_32, TABLE_32 | flags);
        memory.putLong(DIRECTORY_32 + 4 * (DEVICE_GPA >>> 22), DEVICE_GPA | 0x87);
        for (int i = 0; i < 512; i++) {
            memory.putLong(TABLE + 8L * i, (long) i << 12 | flags);
            memory.putInt(TABLE_32 + 4L * i, i << 12 | flags);
        }
        SegmentState[] segments = {
            SegmentState.none(),
            SegmentState.code64(0x08),
            SegmentState.data(0x10),
            level3(SegmentState.code64(0x1B)),
            level3(SegmentState.data(0x23)),
            SegmentState.code32(0x28),
            level3(SegmentState.code32(0x33)),
        };
        for (int i = 1; i < segments.length; i++) {
            memory.putLong(GDT + 8L * i, segments[i].descriptor());
        }
        memory.putLong(GDT + 0x40, TSS << 16 | 0x67L | 0x89L << 40); // an available TSS, of 64 bits too
        memory.putLong(GDT + 0x50, 0x9000_0010_FFFFL | 0x8CL << 40); // call gates
        memory.putInt(TSS + 4, INTERRUPT_STACK); // ESP0, RSP0
        memory.putInt(TSS + 8, mode >= LONG ? 0 : 0x10);
        memory.putLong(TSS + 0x24, INTERRUPT_STACK); // IST1
        for (int vector = 0; vector < 256; vector++) {
            if (mode >= LONG) {
                memory.putLong(IDT + 16L * vector, LONG_HANDLER | 8L << 16 | 0xEE01L << 32);
            } else {
                memory.putLong(IDT + 8L * vector, PROTECTED_HANDLER | 0x28L << 16 | 0xEE00L << 32);
            }
            if (mode == REAL) {
                memory.putInt(4L * vector, REAL_HANDLER - 0x4000 | 0x400 << 16);
            }
        }
        code(LONG_HANDLER, LONG_CODE);
        code(PROTECTED_HANDLER, PROTECTED_CODE);
        code(REAL_HANDLER, REAL_CODE);
    }

    private void code(int gpa, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        memory.copyIn(bytes, 0, gpa, bytes.length);
    }

    private static CpuRegisters registers(int mode, int options, int codeGpa, SystemRegisters now) {
        long flags = Bits.RFLAGS_FIXED | ((options & 1) != 0 ? Bits.IF : 0) | ((options & 2) != 0 ? Bits.AC : 0);
        long cr4 = ((options & 4) != 0 ? 1 << 20 | 1 << 7 : 0) // SMEP, PGE
                | ((options & 8) != 0 ? 1 << 21 : 0) // SMAP
                | ((options & 16) != 0
                        ? 0
                        : 1 << 9 | 1 << 10 | 1 << 18 | 1 << 16) // OSFXSR, OSXMMEXCPT, OSXSAVE, FSGSBASE
                | ((options & 32) != 0 ? 1 << 11 : 0); // UMIP
        long cr0 = 0x31 | ((options & 64) != 0 ? 1 << 16 : 0) | ((options & 2) != 0 ? 1 << 18 : 0); // WP, AM
        boolean real = mode == REAL;
        boolean wide = mode >= LONG;
        boolean user = mode == USER;
        SegmentState data = real
                ? SegmentState.realModeData(0x1000)
                : user ? level3(SegmentState.data(0x23)) : SegmentState.data(0x10);
        SegmentState code = real
                ? SegmentState.realModeCode(0x400)
                : user
                        ? level3(SegmentState.code64(0x1B))
                        : wide ? SegmentState.code64(0x08) : SegmentState.code32(0x28);
        SegmentState tss = new SegmentState(
                TSS, 0x67, 0x40, SegmentState.TYPE_TSS_BUSY, false, 0, true, false, false, false, false, false);
        GeneralRegisters general = new GeneralRegisters(
                0x1234,
                0x1_2100,
                0x41,
                0x3F8,
                real ? 0x2000 : 0x1_2000,
                real ? 0x3FF8 : 0x1_3FF8,
                STACK,
                RAM_SIZE - 4,
                DEVICE_GPA,
                0x8000_0000_0000_0000L,
                -4096,
                0x0000_7FFF_FFFF_FFFAL,
                0xFEE0_0000L,
                RAM_SIZE,
                0x1_2FFD,
                -1,
                real ? codeGpa - 0x4000 : codeGpa,
                flags | (user ? 3 << 12 : 0));
        SystemRegisters system = new SystemRegisters(
                code,
                data,
                data,
                data,
                data,
                data,
                tss,
                now.ldt(),
                new TableState(GDT, 0x5F),
                real ? new TableState(0, 0x3FF) : new TableState(IDT, wide ? 0xFFF : 0x7FF),
                real ? cr0 & ~1 : wide || mode == PAGING ? cr0 | 1L << 31 : cr0,
                0,
                wide ? PML4 : DIRECTORY_32,
                (wide ? cr4 | 1 << 5 : cr4 | 1 << 4) | (mode == PROTECTED ? 1 : 0), // PAE, PSE, VME
                0,
                wide ? 0xD01 : 0, // NXE, LMA, LME, SCE
                now.apicBase());
        return new CpuRegisters(general, system);
    }

    private static SegmentState level3(SegmentState s) {
        return new SegmentState(
                s.base(),
                s.limit(),
                s.selector(),
                s.type(),
                s.codeOrData(),
                3,
                s.present(),
                s.available(),
                s.longMode(),
                s.defaultBig(),
                s.granular(),
                s.unusable());
    }

    /** How the runs ended, and what the engine counted, of all of them together. */
    Map<String, Long> counters() {
        return counters;
    }

    @Override
    public void close() {
        closed = true;
        try {
            kicker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        idle.close();
        int _ = Libc.munmap(mappedHva, 2 * GUARD_SIZE + RAM_SIZE);
    }
}
