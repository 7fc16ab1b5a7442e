package io.javisor.machine;

import io.javisor.core.engine.DebugRequest;
import io.javisor.core.host.HostException;
import io.javisor.gdb.DebugTarget;
import io.javisor.gdb.GdbServer;
import io.javisor.machine.config.GdbConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.GdbSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a debugger does to a machine. It holds the vCPUs beside the machine's own states: they run if the machine does and the debugger lets
 * them. The methods that take a {@link MachineLife} are called under the machine's lock, as are {@link Life}'s.
 */
final class MachineDebug implements DebugTarget {
    private static final Logger LOG = LoggerFactory.getLogger(MachineDebug.class);

    /** The machine whose guest is debugged. */
    interface Life {
        /** Calls {@code action} with the present life, or null if the machine has ended, and whether the machine runs, under the lock. */
        <R> R call(Action<R> action) throws InterruptedException;

        void powerOff();
    }

    /** Something to do under the lock. */
    @FunctionalInterface
    interface Action<R> {
        R call(@Nullable MachineLife vm, boolean running) throws InterruptedException;
    }

    private final Life life;
    private final int vcpuCount;
    private final GdbConfig config;
    private boolean held; // under the machine's lock
    private List<@Nullable DebugRequest> requests; // under the machine's lock
    private volatile @Nullable Listener listener;

    private MachineDebug(GdbConfig config, Life life, int vcpuCount) {
        this.config = config;
        this.life = life;
        this.vcpuCount = vcpuCount;
        held = config.waits();
        requests = Collections.nCopies(vcpuCount, DebugRequest.NONE);
    }

    /** That of a machine whose configuration has a door for a debugger; null for others. */
    static @Nullable MachineDebug of(MachineConfig config, Life life) {
        GdbConfig gdb = config.debug().gdb();
        return gdb == null ? null : new MachineDebug(gdb, life, config.cpus().count());
    }

    /** Lets a debugger in from now on. */
    GdbServer listen(String machine, GdbSocket door) {
        if (config.waits()) {
            LOG.info("{} waits for a debugger on {}", machine, config.endpoint());
        }
        return GdbServer.start(machine, door, this, config.waits());
    }

    @Override
    public void tell(Listener whom) {
        listener = whom;
    }

    @Override
    public int vcpuCount() {
        return vcpuCount;
    }

    @Override
    public int maxBreakpoints() {
        return under((vm, _) -> vm.engineVcpu(0).maxBreakpoints());
    }

    /** A vCPU has stopped where it was asked to. Any thread; does not wait. */
    void stopped(int vcpu) {
        Listener present = listener;
        if (present != null) {
            present.stopped(vcpu);
        }
    }

    /** The machine has ended. Any thread; does not wait. */
    void ended() {
        Listener present = listener;
        if (present != null) {
            present.ended();
        }
    }

    /** Lets those vCPUs run that the debugger lets. */
    void resume(MachineLife vm) {
        if (!held) {
            for (int i = 0; i < vcpuCount; i++) {
                if (requests.get(i) != null) {
                    vm.resume(i);
                }
            }
        }
    }

    /** A life that begins after a reset has the breakpoints of the last; its vCPUs are parked. */
    void arm(MachineLife vm) {
        List<@Nullable DebugRequest> all = new ArrayList<>();
        for (int i = 0; i < vcpuCount; i++) {
            DebugRequest request = requests.get(i);
            DebugRequest next = request == null ? DebugRequest.NONE : new DebugRequest(false, request.breakpoints());
            if (!next.equals(DebugRequest.NONE)) {
                vm.engineVcpu(i).debug(next);
            }
            all.add(next);
        }
        requests = all;
    }

    @Override
    public boolean stop() throws InterruptedException {
        return life.call((vm, running) -> {
            if (vm == null) {
                return false;
            }
            boolean before = held;
            held = true;
            try {
                vm.pause();
            } catch (HostException e) {
                LOG.warn(
                        "a debugger looks at a guest whose disk has not finished: {}",
                        e.getMessage()); // its vCPUs stand
            } catch (RuntimeException | InterruptedException e) {
                held = before;
                if (running) {
                    resume(vm); // some have stopped
                }
                throw e;
            }
            return true;
        });
    }

    @Override
    public void go(List<@Nullable DebugRequest> wanted) {
        under((vm, running) -> {
            for (int i = 0; i < vcpuCount; i++) {
                DebugRequest request = wanted.get(i);
                if (request != null) {
                    vm.engineVcpu(i).debug(request);
                }
            }
            requests = Collections.unmodifiableList(new ArrayList<>(wanted));
            held = false;
            if (running) {
                resume(vm);
            }
            return running;
        });
    }

    @Override
    public <R> R look(Function<Stopped, R> looker) {
        return under((vm, _) -> looker.apply(new Stopped(vm.engineVcpus(), vm.memory())));
    }

    @FunctionalInterface
    private interface LivingAction<R> {
        R call(MachineLife vm, boolean running);
    }

    private <R> R under(LivingAction<R> action) {
        try {
            return life.call((vm, running) -> {
                if (vm == null) {
                    throw new MachineEndedException();
                }
                return action.call(vm, running);
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MachineEndedException();
        }
    }

    @Override
    public void kill() {
        life.powerOff();
    }
}
