package io.javisor.machine;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.MachineClock;
import io.javisor.core.host.Cleanup;
import io.javisor.core.log.LogLimit;
import io.javisor.core.vcpu.Vcpu;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.gdb.GdbServer;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.GdbSocket;
import io.javisor.machine.host.HostDisks;
import io.javisor.machine.host.HostResources;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.machine.wiring.DeviceSet;
import io.javisor.machine.wiring.SerialPortStatus;
import io.javisor.machine.wiring.SerialPorts;
import io.javisor.machine.wiring.VirtioDevices;
import io.javisor.machine.wiring.VirtioSources;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A machine: built, started, paused, resumed, stopped. All methods may be called from any thread.
 *
 * <p>It ends by itself when the guest powers off, panics, exits or cannot go on; {@link #await} gives the {@link Outcome}. A reset by
 * the guest starts it again with fresh memory and devices, unless the configuration says otherwise. {@link #close} gives back
 * everything, and leaves the process as it was.
 */
public final class Machine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Machine.class);

    private final MachineConfig config;
    private volatile MachinePlan plan; // of the present life; written under lock
    private final BootObserver observer;
    private final LogLimit crashLines = new LogLimit();
    private final Cleanup cleanup = new Cleanup();
    private final HostResources host;
    private final EventLoop loop;
    private final MachineWorkers workers;
    private final MachineClock clock;
    private final SerialPorts serial;
    private final VirtioSources virtio;
    private final MachineTotals totals = new MachineTotals();
    private final MachineDisks disks = new MachineDisks(this::change);
    private final MachineBalloon balloon = new MachineBalloon(this::change, this::present);
    private final @Nullable MachineDebug debug; // null if nobody may connect
    private final AtomicBoolean poweringOff = new AtomicBoolean();
    private final Ending ending = new Ending();
    private final Object lock = new Object();

    private volatile Lifecycle state = Lifecycle.CREATED; // written under lock
    private volatile @Nullable MachineLife vm; // written under lock
    private final StateChanges changes = new StateChanges();
    private final ResetPace pace = new ResetPace(); // guarded by lock
    private int lives; // guarded by lock; counts resets, so that a late event of an earlier life is told apart

    private Machine(MachineConfig config, HostDisks disks, Console ends, BootObserver observer) {
        this.config = config;
        this.observer = observer;
        try {
            host = cleanup.add(HostResources.open(config, disks));
            plan = MachinePlan.resolve(config, host);
            observer.reached(BootStep.IMAGES_READ);
            loop = cleanup.add(EventLoop.start(config.name() + "/io-loop"));
            workers = cleanup.add(new MachineWorkers(config.name(), loop));
            clock = new MachineClock(System::nanoTime, loop);
            serial = cleanup.add(new SerialPorts(
                    config.serial(), host.serialEnds(), ends, workers.ports(), workers.standardInput()));
            virtio = cleanup.add(
                    new VirtioSources(config, host, workers.surroundings(config.name(), clock, plan.memories())));
            debug = MachineDebug.of(config, new DebuggedLife());
            vm = newLife();
            GdbSocket door = host.gdb();
            if (debug != null && door != null) {
                GdbServer _ = cleanup.add(debug.listen(config.name(), door));
            }
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
    }

    /**
     * Opens the host's resources, checks the images and builds the machine; no guest instruction runs yet.
     *
     * @throws ConfigException if the configuration can't be met
     * @throws io.javisor.images.ImageException if an image can't be booted
     * @throws io.javisor.core.host.HostException if the host refuses something
     */
    public static Machine create(MachineConfig config, Console console) {
        return create(config, console, BootObserver.NONE);
    }

    /** As {@link #create(MachineConfig, Console)}, watched by {@code observer}. */
    public static Machine create(MachineConfig config, Console console, BootObserver observer) {
        return create(config, HostDisks.open(config.disks()), console, observer);
    }

    /**
     * As {@link #create(MachineConfig, Console, BootObserver)}, with disks that are open, for who has to see what is on them first.
     *
     * @param disks those of {@code config}; the machine closes them, also if this fails
     */
    public static Machine create(MachineConfig config, HostDisks disks, Console console, BootObserver observer) {
        return new Machine(config, disks, console, observer);
    }

    /** The resolved machine; after a reset by the guest, with the kernel that is on its disk by then. */
    public MachinePlan plan() {
        return plan;
    }

    /** The name of the engine that it runs by. */
    public String engine() {
        return host.engine().name();
    }

    /** The serial ports and what has passed them, COM1 first. */
    public List<SerialPortStatus> serialPorts() {
        return serial.status();
    }

    /** What was counted so far, over all lives; after the machine's end too. */
    public MachineStatistics statistics() {
        return totals.snapshot(engine(), serial);
    }

    /** What passed the virtio devices, by id and in the guest's order, over all lives. */
    public Map<String, VirtioCounters> virtioCounters() {
        return virtio.counters();
    }

    /**
     * Takes standard input and output off the serial port that they are on, for a machine that goes on without them; its other ends
     * go on. Neither is used any more when this returns. Not to be called on the machine's event loop.
     *
     * @return false if no port is on them that has another end too
     */
    public boolean leaveStandard() {
        return serial.leaveStandard();
    }

    /**
     * The host's error number with which standard output, a file then, refused some of a guest's output first: {@code ENOSPC} of a full disk. 0
     * if it did not, or its reader has gone. Any thread, also after the end.
     */
    public int standardOutputErrno() {
        return serial.standardOutputErrno();
    }

    /** Its disks, as they are changed while it runs. */
    public MachineDisks disks() {
        return disks;
    }

    /** Its balloon, if it has one, as it is changed while it runs. */
    public MachineBalloon balloon() {
        return balloon;
    }

    /**
     * Has somebody told of each state that the machine enters from now on, in their order and one at a time, before what brought it there
     * returns: {@link #start}, {@link #pause}, {@link #resume}, for the end {@link #await}. It must not call the machine and must
     * throw nothing.
     */
    public void onStateChange(Consumer<Lifecycle> listener) {
        changes.listener(listener);
    }

    private void enter(Lifecycle next) {
        state = next;
        changes.add(next);
    }

    /** The lifecycle's present state. Waits for nothing. */
    public Lifecycle state() {
        return state;
    }

    /**
     * Lets the guest run.
     *
     * @throws IllegalStateException if it was started before
     */
    public void start() {
        synchronized (lock) {
            Lifecycle next = state.on(Lifecycle.Event.START);
            resume(current());
            enter(next);
        }
        changes.tell(); // who is told takes his time, while the guest runs
    }

    /**
     * Stops every virtual CPU between two instructions, then the devices and their clock, within milliseconds and what the host takes to finish what it has
     * begun for a disk. When this returns nothing changes the guest's memory any more. What comes from the network, the terminal or a button meanwhile
     * waits for {@link #resume}. Not to be called on the machine's event loop.
     *
     * @throws IllegalStateException if the machine does not run
     * @throws io.javisor.core.host.HostException if the host does not finish in time what it has begun for a disk; the machine runs on then
     */
    public void pause() throws InterruptedException {
        synchronized (lock) {
            Lifecycle next = state.on(Lifecycle.Event.PAUSE);
            try {
                current().pause();
            } catch (RuntimeException | InterruptedException e) {
                resume(current()); // some have stopped
                throw e;
            }
            enter(next);
        }
        changes.tell();
    }

    /**
     * Lets a paused guest go on.
     *
     * @throws IllegalStateException if the machine is not paused
     */
    public void resume() {
        synchronized (lock) {
            Lifecycle next = state.on(Lifecycle.Event.RESUME);
            resume(current());
            enter(next);
        }
        changes.tell();
    }

    /** What is done with a life that does not run. */
    @FunctionalInterface
    interface StandingAction<R> {
        R apply(MachineLife life) throws InterruptedException;
    }

    /**
     * Does something to the present life, which does not run meanwhile.
     *
     * @throws IllegalStateException if the machine runs, or has ended
     */
    <R> R whileStanding(StandingAction<R> action) throws InterruptedException {
        synchronized (lock) {
            if (state == Lifecycle.RUNNING) {
                throw new IllegalStateException("machine " + config.name() + " runs");
            }
            return action.apply(current());
        }
    }

    /**
     * Presses the machine's power button: a guest that listens shuts itself down.
     *
     * @return whether it listens, by ACPI or as our own kernel does without. If not, the press waits until it does
     */
    public boolean pressPowerButton() {
        MachineLife present = vm;
        return present != null && present.devices().pressPowerButton();
    }

    /** Ends the machine as if its plug were pulled; the outcome is a power-off. Does nothing for one that has ended. */
    public void powerOff() {
        // Whatever life it is in by then: a guest may reset at this moment.
        if (poweringOff.compareAndSet(false, true)) {
            workers.runEnd("power-off of " + config.name(), () -> {
                synchronized (lock) {
                    finish(new Outcome.PowerOff());
                }
            });
        }
    }

    /**
     * Waits for the machine's end. Its output has been written by then.
     *
     * @throws InterruptedException if the calling thread is interrupted; the machine runs on
     */
    public Outcome await() throws InterruptedException {
        return ending.await();
    }

    /** As {@link #await()}, for at most {@code timeoutMillis}; null if the machine has not ended by then. */
    public @Nullable Outcome await(long timeoutMillis) throws InterruptedException {
        return ending.await(timeoutMillis);
    }

    /** Ends the machine if it runs, and gives back everything that it holds. Does nothing the second time. */
    @Override
    public void close() {
        synchronized (lock) {
            finish(new Outcome.Stopped());
        }
        // Without the lock: a worker that waits for it must be able to finish.
        synchronized (cleanup) {
            cleanup.close();
        }
    }

    private void change(VirtioChange change) throws InterruptedException {
        synchronized (lock) {
            change.apply(current().virtio());
        }
    }

    private @Nullable VirtioDevices present() {
        MachineLife present = vm;
        return present == null ? null : present.virtio();
    }

    /**
     * The present life, which a reset ends at any moment unless the machine is paused.
     *
     * @throws IllegalStateException if the machine has ended
     */
    MachineLife current() {
        MachineLife present = vm;
        if (present == null) {
            throw new IllegalStateException("machine " + config.name() + " has ended");
        }
        return present;
    }

    private void resume(MachineLife present) {
        if (debug == null) {
            present.resume();
        } else {
            debug.resume(present);
        }
    }

    private MachineLife newLife() {
        NumberedLife life = new NumberedLife(++lives);
        LifeEvents reports = new LifeEvents(config.name(), life, observer, debug, crashLines);
        MachineLife born = new MachineLife(
                plan,
                host,
                new DeviceSet.Wiring(
                        serial,
                        loop,
                        clock,
                        reports,
                        observer.equals(BootObserver.NONE) ? null : observer::consoleOutput,
                        virtio,
                        totals.devices()),
                observer,
                reports,
                totals.vcpus(),
                task -> workers.runEnd("end of the VM of " + config.name(), task));
        host.imagesAreLoaded();
        if (debug != null) {
            try {
                debug.arm(born);
            } catch (RuntimeException | Error e) {
                born.close();
                throw e;
            }
        }
        return born;
    }

    private void endLife(int number, Outcome outcome) {
        synchronized (lock) {
            if (isPresent(number) && restarts(outcome)) {
                pace.awaitTurn(lock, () -> isPresent(number), current()::pause);
            }
            if (isPresent(number)) {
                endLife(outcome);
            }
        }
    }

    private boolean isPresent(int number) {
        return number == lives && vm != null;
    }

    private boolean restarts(Outcome outcome) {
        return outcome instanceof Outcome.Reset && config.restartOnReset();
    }

    private void endLife(Outcome outcome) {
        if (restarts(outcome)) {
            try {
                LOG.debug("guest of {} resets: {}", config.name(), outcome);
                closeLife();
                if (host.readBootDiskAgain(config)) {
                    plan = MachinePlan.resolve(config, host);
                }
                vm = newLife();
                if (state == Lifecycle.RUNNING) {
                    resume(current());
                }
                return;
            } catch (RuntimeException | Error e) { // such as no memory for a thread: nobody else ends the machine
                finish(new Outcome.Failure(e));
                return;
            }
        }
        finish(outcome);
    }

    private void finish(Outcome outcome) {
        if (state == Lifecycle.STOPPED) {
            return;
        }
        Outcome last = outcome;
        try {
            closeLife();
            serial.flush();
        } catch (RuntimeException | Error e) {
            last = new Outcome.Failure(e);
        }
        enter(state.on(Lifecycle.Event.STOP));
        changes.tell(); // with the lock, for nothing is told after the end
        lock.notifyAll(); // who waits for a reset's turn
        if (debug != null) {
            debug.ended();
        }
        ending.tell(last);
    }

    private void closeLife() {
        MachineLife ending = vm;
        vm = null;
        if (ending != null) {
            observer.reached(BootStep.LIFE_ENDED);
            ending.close();
        }
    }

    /** The machine for a debugger. */
    private final class DebuggedLife implements MachineDebug.Life {
        @Override
        public <R> R call(MachineDebug.Action<R> action) throws InterruptedException {
            synchronized (lock) {
                return action.call(vm, state == Lifecycle.RUNNING);
            }
        }

        @Override
        public void powerOff() {
            Machine.this.powerOff();
        }
    }

    /** One life, told apart from later ones by its number. */
    private final class NumberedLife implements LifeEvents.Life {
        private final int number;

        NumberedLife(int number) {
            this.number = number;
        }

        @Override
        public void end(Outcome outcome) {
            workers.runEnd("end of " + config.name(), () -> endLife(number, outcome));
        }

        @Override
        public String crashReport(Vcpu vcpu, VcpuExit exit) {
            MachineLife present = vm; // no lock, for the machine may be pausing
            return present == null
                    ? "vCPU " + vcpu.index() + " cannot go on: " + exit
                    : CrashReport.of(engine(), present.engineVcpu(vcpu.index()), exit);
        }
    }
}
