package io.javisor.testkit.guest;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuModel;
import io.javisor.core.cpu.CpuTopology;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.RunState;
import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.MsiSink;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.core.vcpu.Vcpu;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.core.vcpu.VcpuListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A guest of a few instructions on any engine: memory, vCPU threads and buses as in a machine, and nothing else.
 *
 * <pre>{@code
 * try (TinyGuest guest = TinyGuest.realMode(engine).code("""
 *         1000: b0 5a  ; mov al,0x5a
 *         1002: e6 80  ; out 0x80,al
 *         1004: f4     ; hlt
 *         """).build()) {
 *     guest.run();
 *     assertEquals(0x5A, guest.awaitReport());
 *     guest.awaitExit(VcpuExit.HALT);
 * }
 * }</pre>
 *
 * <p>The guest talks to the test by writing to {@link #REPORT_PORT}. Every wait ends after {@link #TIMEOUT_MILLIS} with an
 * assertion error that says where the vCPUs were. {@link #close} ends everything, in whatever state.
 *
 * <p>Memory: 64 KiB from 0 unless the builder is told otherwise. Addresses below {@link #CODE_GPA}, and in 64-bit guests from
 * {@link #PAGE_TABLES_GPA} to {@link #DATA_GPA}, belong to the fixture; what is mapped but not memory is a memory exit.
 */
public final class TinyGuest implements AutoCloseable {
    /** Writes of up to 4 bytes here are reports; reads give 0. */
    public static final int REPORT_PORT = 0x80;

    /** Where listings start, and the guest with them. */
    public static final long CODE_GPA = 0x1000;

    /** Free for the guest's data, up to the stack. */
    public static final long DATA_GPA = 0xA000;

    /** The first stack pointer. */
    public static final long STACK_TOP_GPA = 0xFFF0;

    /** A GDT for every mode: 0x08 64-bit code, 0x10 flat data, 0x18 and 0x20 the same for privilege level 3. */
    public static final long GDT_GPA = 0x500;

    /** What {@code lgdt} wants to load that GDT. */
    public static final long GDTR_GPA = 0x5F0;

    /** How much is mapped in 64-bit mode. */
    public static final int MAPPED_GIB = 5;

    /** How long any wait of this class lasts at most. */
    public static final long TIMEOUT_MILLIS = 20_000;

    static final long PAGE_TABLES_GPA = 0x2000;
    static final long IDT_GPA = 0x9000;

    // Below 4 GiB, away from memory, local APIC and I/O APIC.
    private static final long RESERVED_GPA = 0xFFFB_C000L;

    /** How a vCPU came to stop by itself. */
    public record Outcome(int vcpu, VcpuExit exit) {}

    private final String name;
    private final GuestMemory memory;
    private final AddressBus ports = AddressBus.ports();
    private final AddressBus deviceMemory = AddressBus.deviceMemory();
    private final List<EngineVcpu> engineVcpus = new ArrayList<>();
    private final List<Vcpu> vcpus = new ArrayList<>();
    private final BlockingQueue<Long> reports = new LinkedBlockingQueue<>();
    private final BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
    private final StartState start;
    private final Engine engine;
    private final EngineVm vm;
    private final GuestChips chips;

    private TinyGuest(Builder builder) {
        this.name = builder.name;
        this.start = builder.start;
        this.memory = GuestMemory.allocate(builder.memory, builder.backing, builder.readOnly);
        Engine opened = null;
        EngineVm made = null;
        try {
            opened = builder.provider.open();
            this.engine = opened;
            made = engine.createVm(
                    new VmSpec(name, memory, ports, deviceMemory, builder.interrupts, RESERVED_GPA, Runnable::run));
            this.vm = made;
            this.chips = GuestChips.of(name, vm, ports, deviceMemory);
        } catch (RuntimeException e) {
            if (made != null) {
                made.close();
            }
            if (opened != null) {
                opened.close();
            }
            memory.close();
            throw e;
        }
        try {
            setUp(builder);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A guest that starts in real mode at {@link #CODE_GPA}, every segment at 0, interrupts off. */
    public static Builder realMode(EngineProvider engine) {
        return new Builder(engine, StartState.REAL);
    }

    /** A guest that starts in 64-bit mode at {@link #CODE_GPA}, {@link #MAPPED_GIB} mapped to themselves, interrupts off. */
    public static Builder longMode(EngineProvider engine) {
        return new Builder(engine, StartState.LONG);
    }

    /** As {@link #longMode}, at privilege level 3 with I/O instructions allowed. */
    public static Builder userMode(EngineProvider engine) {
        return new Builder(engine, StartState.USER);
    }

    private void setUp(Builder builder) {
        start.writeTables(memory);
        for (Listing listing : builder.listings) {
            listing.writeTo(memory);
        }
        for (Gate gate : builder.gates) {
            start.writeGate(memory, gate.vector, gate.handlerGpa);
        }
        var _ = ports.register("report", REPORT_PORT, 4, new Reporter(reports));
        VcpuListener listener = new Listener(outcomes);
        for (int i = 0; i < builder.vcpuCount; i++) {
            EngineVcpu engineVcpu = vm.createVcpu(i);
            engineVcpus.add(engineVcpu);
            vcpus.add(new Vcpu(name, i, engineVcpu, listener));
        }
        CpuModel model = CpuModel.of(vm.offer(), CpuConfig.DEFAULT, new CpuTopology(builder.vcpuCount));
        for (EngineVcpu engineVcpu : engineVcpus) {
            engineVcpu.powerOn(model.cpuid(engineVcpu.index()));
        }
        reset();
        for (Vcpu vcpu : vcpus) {
            vcpu.start();
        }
    }

    public EngineVm vm() {
        return vm;
    }

    public GuestMemory memory() {
        return memory;
    }

    /** Where the test puts its devices; {@link #REPORT_PORT} is taken. */
    public AddressBus ports() {
        return ports;
    }

    public AddressBus deviceMemory() {
        return deviceMemory;
    }

    /** A vCPU's thread. */
    public Vcpu vcpu(int index) {
        return vcpus.get(index);
    }

    /** A vCPU as the engine has it; its state may be read and set while its thread is parked. */
    public EngineVcpu engineVcpu(int index) {
        return engineVcpus.get(index);
    }

    /** The general registers of a parked vCPU. */
    public GeneralRegisters registers(int index) {
        return engineVcpus.get(index).registers().general();
    }

    /** Sends messages to the local APICs. */
    public MsiSink messages() {
        return vm.messages();
    }

    /** Connects an edge-triggered line. */
    public ConnectedLine edge(int gsi) {
        return chips.require().connect(GsiInput.isa(gsi));
    }

    /** Connects a level-triggered line. */
    public ConnectedLine level(int gsi) {
        return chips.require().connect(new GsiInput(gsi, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_LOW));
    }

    /** Registers a recording device with {@code length} ports. */
    public RecordingDevice recordPorts(int port, int length) {
        return record(ports, port, length);
    }

    /** Registers a recording device with {@code length} bytes of device memory. */
    public RecordingDevice recordMemory(long gpa, long length) {
        return record(deviceMemory, gpa, length);
    }

    private static RecordingDevice record(AddressBus bus, long start, long length) {
        RecordingDevice device = new RecordingDevice();
        var _ = bus.register("recorder", start, length, device);
        return device;
    }

    /** Lets all vCPUs run, for the first time or after {@link #pause}. Application processors wait for their start-up message. */
    public void run() {
        for (Vcpu vcpu : vcpus) {
            vcpu.resume();
        }
    }

    /** Sets the first vCPU, parked, to where it started. Memory, devices and interrupt controllers stay as they are. */
    public void reset() {
        start.apply(engineVcpus.getFirst(), CODE_GPA);
    }

    /** Parks all vCPUs. */
    public void pause() throws InterruptedException {
        for (Vcpu vcpu : vcpus) {
            vcpu.requestPause();
        }
        for (int i = 0; i < vcpus.size(); i++) {
            awaitParked(i);
        }
    }

    /** Waits until a vCPU that was asked to pause is parked. */
    public void awaitParked(int index) throws InterruptedException {
        if (!vcpus.get(index).awaitParked(TIMEOUT_MILLIS)) {
            throw new AssertionError(name + "/vcpu-" + index + " does not park");
        }
    }

    /** The next value that the guest writes to {@link #REPORT_PORT}. */
    public long awaitReport() throws InterruptedException {
        Long report = reports.poll(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        if (report == null) {
            throw new AssertionError("the guest reports nothing: " + describe());
        }
        return report;
    }

    /** The next {@code count} reports, in order. */
    public List<Long> awaitReports(int count) throws InterruptedException {
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(awaitReport());
        }
        return values;
    }

    /** How many reports have come that nobody took. */
    public int pendingReports() {
        return reports.size();
    }

    /** Whether a vCPU has stopped by itself, and nobody has waited for it. */
    public boolean hasStopped() {
        return !outcomes.isEmpty();
    }

    /** Waits until a vCPU stops by itself, and until it is parked. */
    public Outcome awaitOutcome() throws InterruptedException {
        Object outcome = outcomes.poll(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        if (outcome instanceof Throwable bug) {
            throw new AssertionError("serving an exit threw", bug);
        }
        if (!(outcome instanceof Outcome result)) {
            throw new AssertionError("no vCPU stops: " + describe());
        }
        awaitParked(result.vcpu);
        return result;
    }

    /** As {@link #awaitOutcome}, of the first vCPU, which must be {@code exit}. */
    public void awaitExit(VcpuExit exit) throws InterruptedException {
        Outcome outcome = awaitOutcome();
        if (!outcome.equals(new Outcome(0, exit))) {
            throw new AssertionError("expected " + exit + ", was " + outcome + ": " + describe());
        }
    }

    /**
     * Waits until a vCPU sleeps in HLT with no interrupt for it, and leaves all vCPUs parked. For guests with interrupt controllers:
     * in those, HLT is no exit.
     */
    public void awaitHalted(int index) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
        while (true) {
            pause();
            if (engineVcpus.get(index).runState() == RunState.HALTED) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("vCPU " + index + " does not halt: " + describe());
            }
            run();
            Thread.sleep(1);
        }
    }

    private String describe() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < vcpus.size(); i++) {
            text.append(text.isEmpty() ? "" : ", ").append("vCPU ").append(i);
            try {
                vcpus.get(i).requestPause();
                if (!vcpus.get(i).awaitParked(1000)) {
                    text.append(" does not park");
                    continue;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                continue;
            }
            text.append(" at 0x").append(Long.toHexString(registers(i).rip()));
            text.append(" is ").append(engineVcpus.get(i).runState());
        }
        Object outcome = outcomes.peek();
        return outcome == null ? text.toString() : text + ", outcome " + outcome;
    }

    @Override
    public void close() {
        for (Vcpu vcpu : vcpus) {
            vcpu.requestStop();
        }
        for (Vcpu vcpu : vcpus) {
            vcpu.close();
        }
        for (EngineVcpu engineVcpu : engineVcpus) {
            engineVcpu.close();
        }
        chips.close();
        vm.close();
        engine.close();
        memory.close();
    }

    private record Gate(int vector, long handlerGpa) {}

    private record Reporter(BlockingQueue<Long> reports) implements BusDevice {
        @Override
        public long read(long offset, int size) {
            return 0;
        }

        @Override
        public void write(long offset, int size, long value) {
            reports.add(value);
        }
    }

    private record Listener(BlockingQueue<Object> outcomes) implements VcpuListener {
        @Override
        public void onExit(Vcpu vcpu, VcpuExit exit) {
            outcomes.add(new Outcome(vcpu.index(), exit));
        }

        @Override
        public void onBug(Vcpu vcpu, Throwable failure) {
            outcomes.add(failure);
        }
    }

    /** What a guest is to be made of. */
    public static final class Builder {
        private final EngineProvider provider;
        private final StartState start;
        private final List<Listing> listings = new ArrayList<>();
        private final List<Gate> gates = new ArrayList<>();
        private String name = "tiny";
        private List<GpaRange> memory = List.of(new GpaRange(0, 0x10000));
        private List<GuestMemory.Region> readOnly = List.of();
        private MemoryBackingConfig backing = MemoryBackingConfig.DEFAULT;
        private VmSpec.Interrupts interrupts = VmSpec.Interrupts.NONE;
        private int vcpuCount = 1;

        private Builder(EngineProvider provider, StartState start) {
            this.provider = provider;
            this.start = start;
        }

        /** The prefix of the vCPU threads' names. */
        public Builder name(String value) {
            this.name = value;
            return this;
        }

        /**
         * Puts code in memory.
         *
         * @param listing lines such as {@code 1000: e6 80 ; out 0x80,al}: address, bytes, and the disassembly for the reader
         */
        public Builder code(String listing) {
            listings.add(Listing.parse(listing));
            return this;
        }

        /** Sends a vector to a handler: interrupt vector table in real mode, IDT in 64-bit mode. */
        public Builder gate(int vector, long handlerGpa) {
            gates.add(new Gate(vector, handlerGpa));
            return this;
        }

        /** Memory in pieces; the first holds at least the first 64 KiB. */
        public Builder memory(GpaRange... regions) {
            this.memory = List.of(regions);
            return this;
        }

        /** Memory of the test's that can only be read, above the other. */
        public Builder readOnly(GuestMemory.Region region) {
            this.readOnly = List.of(region);
            return this;
        }

        public Builder backing(MemoryBackingConfig value) {
            this.backing = value;
            return this;
        }

        /** With the interrupt controllers of a PC. */
        public Builder irqchip() {
            this.interrupts = VmSpec.Interrupts.PC;
            return this;
        }

        /** With more than one vCPU, and so with interrupt controllers: only the first runs until it starts the others. */
        public Builder vcpus(int count) {
            this.vcpuCount = count;
            return irqchip();
        }

        /** Makes the guest; its vCPU threads are parked until {@link TinyGuest#run}. */
        public TinyGuest build() {
            return new TinyGuest(this);
        }
    }
}
